"""Deals that HubSpot has no longer under the number we know: merged, deleted, restored (E1, E3).

Where a merge brings two engagements together nothing is changed: a person says what goes on (E17).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from throughline.communities.actions import carry_roles
from throughline.connectors.hubspot.shapes import Record
from throughline.delivery.actions.engagements import link_clusters
from throughline.delivery.actions.joining import follow_on, join_engagements
from throughline.delivery.models import Engagement
from throughline.handoff.actions.joining import carry_outcomes, check_nobody_is_at_it
from throughline.intake.hubspot.cells import merged_into
from throughline.intake.models import HowSettled, HubSpotMerge
from throughline.journal.actions import record
from throughline.kernel.days import day_in_zone
from throughline.kernel.errors import Refused
from throughline.people.gates import require_permission
from throughline.people.words import Permission
from throughline.playbook.model import Playbook
from throughline.sales.actions.carrying import carry_over_open
from throughline.sales.actions.merged_elsewhere import follow_merge, part_from_hubspot
from throughline.sales.models import Deal, DealAlias


def follow_merges(
    records: Iterable[Record], *, by: str, at: datetime
) -> tuple[list[tuple[str, str]], dict[str, str]]:
    """Let deals that became one become one here.

    Returns the old numbers with what they became, and the survivors that a person must look at,
    with the reason.
    """
    became = {old: one.id for one in records for old in merged_into(one)}
    if not became:
        return [], {}
    by_survivor: dict[str, list[Deal]] = {}
    for deal in _concerned(became):
        number = str(deal.hubspot_id)
        by_survivor.setdefault(became.get(number, number), []).append(deal)
    merged: list[tuple[str, str]] = []
    stopped: dict[str, str] = {}
    for survivor, deals in by_survivor.items():
        if [str(deal.hubspot_id) for deal in deals] == [survivor]:
            continue  # followed before
        delivered = _delivered(deals)
        if len(delivered) > 1:
            stopped[survivor] = _ask(survivor, delivered, by=by, at=at)
            continue
        heir = delivered[0] if delivered else _heir(deals, survivor)
        merged += _follow(survivor, heir, deals, by=by, at=at)
    return merged, stopped


def _concerned(became: Mapping[str, str]) -> QuerySet[Deal]:
    """Return the deals that a merge may concern: survivors, and old ones that were not followed.

    One that was deleted there and came back before it was merged is still a tombstone here.
    """
    aliases = DealAlias.objects.filter(old_id__in=became)
    left = set(became) - set(aliases.values_list("old_id", flat=True))
    concerned = Q(hubspot_id__in={*became.values(), *left})
    standing = Q(hubspot_id__in=became, deleted_at=None)
    return Deal.objects.filter(concerned | standing).order_by("pk")


@transaction.atomic
def keep_old_numbers(records: Iterable[Record], *, at: datetime) -> None:
    """Let the numbers of deals that were merged before anybody read them find what they became."""
    became = {old: one.id for one in records for old in merged_into(one)}
    if not became:
        return
    aliases = DealAlias.objects.filter(old_id__in=became).values_list("old_id", flat=True)
    own = Deal.objects.filter(hubspot_id__in=became).values_list("hubspot_id", flat=True)
    unknown = set(became) - set(aliases) - {str(number) for number in own}
    heirs = Deal.objects.filter(hubspot_id__in={became[old] for old in unknown})
    deals = {str(deal.hubspot_id): deal for deal in heirs}
    DealAlias.objects.bulk_create(
        DealAlias(old_id=old, deal=deals[became[old]], at=at)
        for old in sorted(unknown)
        if became[old] in deals
    )


def _delivered(deals: Sequence[Deal]) -> list[Deal]:
    engaged = Engagement.objects.filter(deal__in=[deal.pk for deal in deals])
    numbers = set(engaged.values_list("deal", flat=True))
    return [deal for deal in deals if deal.pk in numbers]


def _heir(deals: Sequence[Deal], survivor: str) -> Deal:
    return min(
        deals, key=lambda one: (one.deleted_at is not None, one.hubspot_id != survivor, one.pk)
    )


def _follow(
    survivor: str, heir: Deal, deals: Sequence[Deal], *, by: str, at: datetime
) -> list[tuple[str, str]]:
    """Let one deal go on under the survivor's number."""
    others = [one.pk for one in deals if one != heir]
    old = [str(one.hubspot_id) for one in deals if one.hubspot_id not in {survivor, None}]
    follow_merge(heir.pk, survivor_id=survivor, others=others, by=by, at=at)
    return [(one, survivor) for one in old]


def _ask(survivor: str, delivered: Sequence[Deal], *, by: str, at: datetime) -> str:
    """Write down that a person must say which engagement goes on, and return why (E17)."""
    row, is_new = HubSpotMerge.objects.get_or_create(
        survivor_id=survivor,
        defaults={"deals": [deal.pk for deal in delivered], "found_at": at},
    )
    numbers = [deal.pk for deal in delivered]
    if not is_new and (row.settled_at is not None or row.deals != numbers):
        row.deals, row.found_at = numbers, at
        row.how, row.kept, row.settled_by, row.settled_at = "", None, "", None
        row.save()
        is_new = True
    if is_new:
        record("intake.hubspot.merge_stopped", row, by=by, at=at, deals=numbers, survivor=survivor)
    return (
        f"{' and '.join(str(deal) for deal in delivered)} were merged in HubSpot, and each has an"
        " engagement here. Nothing was changed: settle which goes on, on the page HubSpot or by"
        f" throughline hubspot settle {survivor}."
    )


def open_merges(*, on: date) -> QuerySet[HubSpotMerge]:
    """Return the merges that wait for a person: never settled, or kept apart until a day gone by."""
    return HubSpotMerge.objects.filter(Q(settled_at=None) | Q(how=HowSettled.BOTH, until_on__lt=on))


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person says of engagements whose deals became one."""

    how: HowSettled
    keep: int  # our number of the deal that goes on under HubSpot's
    reason: str
    until_on: date | None = None  # the last day on which both are kept


@transaction.atomic
def settle_merge(
    survivor_id: str, decision: Decision, *, playbook: Playbook, by: str, at: datetime
) -> HubSpotMerge:
    """Say what becomes of engagements whose deals became one in HubSpot.

    Joined, the one that is kept gets the work of the others, what was made of it outside, their
    people, notes and what is open; kept alone, the others end as they are. Both kept, the others go
    on beside it under our own numbers, until the last day of that leave.

    Raises:
        Leased: a handoff of one of them is being carried out.
        Refused: nothing waits, the deal is none of them, the reason or a last day is missing, the
            answer to something sent is still unknown, or the person may not.
    """
    require_permission(by, Permission.ADVANCE_DEALS, to="settle merged deals")
    on = day_in_zone(at, playbook.organisation.zone)
    row = open_merges(on=on).select_for_update().filter(survivor_id=survivor_id).first()
    if row is None:
        raise Refused(
            f"No merge into {survivor_id} waits for anybody.",
            remedy="Look at those that wait: throughline hubspot merges.",
        )
    _check(row, decision, on=on)
    deals = list(Deal.objects.filter(pk__in=row.deals).order_by("pk"))
    heir = next(deal for deal in deals if deal.pk == decision.keep)
    others = [deal for deal in deals if deal != heir]
    if decision.how == HowSettled.BOTH:
        _keep_both(heir, others, survivor_id, by=by, at=at)
    else:
        is_joined = decision.how == HowSettled.JOIN
        _keep_one(heir, others, survivor_id, is_joined=is_joined, by=by, at=at)
        if is_joined:
            for one in others:
                carry_roles(one.subject, to=heir.subject, on=on, by=by, at=at)
    row.how, row.kept, row.reason = decision.how, heir.pk, decision.reason.strip()
    row.until_on = decision.until_on if decision.how == HowSettled.BOTH else None
    row.settled_by, row.settled_at = by, at
    row.save()
    record("intake.hubspot.merge_settled", row, by=by, at=at, how=row.how, kept=heir.pk,
           survivor=survivor_id, reason=row.reason, until=row.until_on)  # fmt: skip
    link_clusters(by=by, at=at)
    return row


def _check(row: HubSpotMerge, decision: Decision, *, on: date) -> None:
    if decision.keep not in row.deals:
        known = ", ".join(str(number) for number in row.deals)
        raise Refused(
            f"{decision.keep} is none of the merged deals.", remedy=f"Keep one of {known}."
        )
    if not decision.reason.strip():
        raise Refused("Settling needs a reason.", remedy="Say why, in one sentence.")
    until_on = decision.until_on
    if decision.how == HowSettled.BOTH and (until_on is None or until_on < on):
        raise Refused(
            "Two engagements on one deal need a last day that is not over.",
            remedy="Say until when both are kept; after it you are asked again.",
        )


def _all_of(survivor: str, deals: Sequence[Deal]) -> list[Deal]:
    """Return the merged deals, and the row that HubSpot's new number may have got meanwhile."""
    fresh = Deal.objects.filter(hubspot_id=survivor, deleted_at=None)
    return [*deals, *fresh.exclude(pk__in=[deal.pk for deal in deals])]


def _keep_both(heir: Deal, others: Sequence[Deal], survivor: str, *, by: str, at: datetime) -> None:
    """Let one deal go on under HubSpot's number, and the others as deals of our own."""
    for one in others:
        part_from_hubspot(one.pk, by=by, at=at)
    _follow(survivor, heir, _all_of(survivor, [heir]), by=by, at=at)


def _keep_one(
    heir: Deal, others: Sequence[Deal], survivor: str, *, is_joined: bool, by: str, at: datetime
) -> None:
    """Let one deal go on, with what the others were to deliver or without it."""
    whole = Engagement.objects.select_related("deal").get(deal=heir)
    for one in (heir, *others):
        check_nobody_is_at_it(one.pk, by=by, at=at)
    for one in others:
        if is_joined:
            join_engagements(one.pk, into=whole.pk, by=by, at=at)
            carry_outcomes(one.pk, into=whole.pk, by=by, at=at)
            carry_over_open(one.pk, into=whole.pk, by=by, at=at)
        else:
            follow_on(one.pk, into=whole, by=by, at=at)
    _follow(survivor, heir, _all_of(survivor, [heir, *others]), by=by, at=at)


def gone_without_trace(
    missing: Mapping[str | None, int], survivors: Sequence[Record], known: set[str]
) -> list[tuple[str, int]]:
    """Return the deals that are neither there, nor went on as another, nor wait for a person."""
    there = {one.id for one in survivors}
    return [
        (number, deal)
        for number, deal in missing.items()
        if number is not None and number not in there | known
    ]
