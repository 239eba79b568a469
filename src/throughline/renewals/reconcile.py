"""Agreements against what runs: each difference is a finding, for a person to settle.

What runs is given as values, so that files nobody has imported can be held against the agreements
just as well.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from throughline.budgets.queries import unarmed_clusters
from throughline.communities.queries import ID_FORM
from throughline.delivery.models import Engagement
from throughline.delivery.payers import EVENTUALLY, payers_by_cluster
from throughline.delivery.queries import engagements
from throughline.infrastructure.models import Cluster, Hub
from throughline.infrastructure.words import Payer
from throughline.playbook.model import Playbook
from throughline.renewals.reconcile_words import KINDS
from throughline.sales.models import AgreementPayer, Deal, DealAlias
from throughline.sales.words import UNMAPPED

HUBS_NAMED = 3  # in one sentence; more are counted


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference between agreements and infrastructure."""

    code: str
    cluster: str | None
    deal_id: str | None
    message: str

    @property
    def remedy(self) -> str:
        """What a person does about it."""
        return KINDS[self.code].remedy


@dataclass(frozen=True, slots=True)
class Running:
    """A cluster as it runs, or as a file says that it will."""

    name: str
    deal_id: str
    paid_by: Payer
    account: str  # "" where we know of none
    is_unarmed: bool  # we pay for its account, and nothing says that an alert is armed
    is_switched_off: bool  # the files say so
    hubs: tuple[str, ...]  # by domain, else by name


@dataclass(frozen=True, slots=True)
class _Facts:
    """What agreements say, for all clusters that are looked at."""

    on: date
    deals: Mapping[str, Deal]  # by the numbers that files name them by
    payers: Mapping[str, Sequence[AgreementPayer]]  # in force, by the cluster's name
    elsewhere: Mapping[str, Sequence[str]]  # by domain: every cluster that claims it
    playbook: Playbook


def findings(*, on: date, playbook: Playbook) -> list[Finding]:
    """Return every difference on a day, by cluster and code.

    Source: design §8 and §12; requirements F6, F10, F12, F15, E15, E31, E37.
    """
    running = running_clusters(on=on)
    found = [*_of_clusters(running, on=on, playbook=playbook), *_without_cluster(on=on)]
    return _sorted(found)


def findings_of(running: Sequence[Running], *, on: date, playbook: Playbook) -> list[Finding]:
    """Return what would differ on a day if these clusters ran as they are given here."""
    return _sorted(_of_clusters(running, on=on, playbook=playbook))


def running_clusters(names: Iterable[str] | None = None, *, on: date = EVENTUALLY) -> list[Running]:
    """Return the clusters as they were imported; all of them where no names are given."""
    unarmed = set(unarmed_clusters(on=on).values_list("pk", flat=True))
    found = Cluster.objects.select_related("account").prefetch_related("hubs").order_by("name")
    if names is not None:
        found = found.filter(name__in=list(names))
    return [
        Running(
            one.name,
            one.deal_id,
            Payer(one.paid_by),
            str(one.account) if one.account else "",
            one.pk in unarmed,
            one.budget_alert is False,
            tuple(sorted(hub.domain or hub.name for hub in one.hubs.all())),
        )
        for one in found
    ]


def _sorted(found: Iterable[Finding]) -> list[Finding]:
    return sorted(found, key=lambda one: (one.cluster or "", one.code, one.deal_id or ""))


def _of_clusters(running: Sequence[Running], *, on: date, playbook: Playbook) -> Iterator[Finding]:
    names = [one.name for one in running]
    facts = _Facts(
        on,
        _named({one.deal_id for one in running if one.deal_id}),
        _payers(names, on=on),
        _claims(running),
        playbook,
    )
    for one in running:
        if finding := _about_deal(one, facts):
            yield finding
        yield from _about_payers(one, facts)
        yield from _about_hubs(one, facts)
        if one.is_unarmed:
            known = "switched off" if one.is_switched_off else "not known to be armed"
            message = f"We pay for {one.account}, and its budget alert is {known}."
            yield Finding("alert_missing", one.name, one.deal_id or None, message)
        if not ID_FORM.match(one.name):
            message = (
                "The name breaks the rule for community ids (one lowercase word); it stays valid."
            )
            yield Finding("community_id_legacy", one.name, one.deal_id or None, message)


def _named(numbers: set[str]) -> dict[str, Deal]:
    """Return deals by the numbers that files name them by, those from before a merge included."""
    aliases = DealAlias.objects.filter(old_id__in=numbers).select_related("deal__engagement")
    found = {one.old_id: one.deal for one in aliases}
    own = Deal.objects.filter(hubspot_id__in=numbers).select_related("engagement")
    return {str(deal.hubspot_id): deal for deal in own} | found


def _payers(names: Sequence[str], *, on: date) -> dict[str, list[AgreementPayer]]:
    clusters = Cluster.objects.filter(name__in=names).values_list("pk", flat=True)
    holding = payers_by_cluster(on=on, clusters=clusters)
    return {rows[0].cluster.name: rows for rows in holding.values()}


def _claims(running: Sequence[Running]) -> dict[str, list[str]]:
    """Return every cluster that has a hub of a domain, these and those that were imported."""
    claims = {(hub, one.name) for one in running for hub in one.hubs if "." in hub}
    others = Hub.objects.filter(domain__in={hub for hub, _name in claims}).exclude(
        cluster__name__in=[one.name for one in running]
    )
    claims |= set(others.values_list("domain", "cluster__name"))
    found: dict[str, list[str]] = {}
    for hub, name in sorted(claims):
        found.setdefault(hub, []).append(name)
    return found


def _about_deal(one: Running, facts: _Facts) -> Finding | None:
    """Return what is wrong with the deal that a cluster names; a cluster names one at most."""
    if not one.deal_id:
        message = f"The cluster's file names no deal; {_hubs(one)}."
        return Finding("deal_missing", one.name, None, message)
    deal = facts.deals.get(one.deal_id)
    if deal is None:
        message = f"The deal it names is not known here; {_hubs(one)}."
        return Finding("deal_unknown", one.name, one.deal_id, message)
    if deal.deleted_at is not None:
        message = f"{deal.name} was deleted on {deal.deleted_at:%Y-%m-%d}; {_hubs(one)}."
        return Finding("deal_unknown", one.name, one.deal_id, message)
    return _about_known(one, deal, facts)


def _about_known(one: Running, deal: Deal, facts: _Facts) -> Finding | None:
    kind = "" if deal.stage == UNMAPPED else facts.playbook.stage(deal.stage).kind
    if kind == "lost":
        why = f" ({deal.lost_reason})" if deal.lost_reason else ""
        message = f"{deal.name} was lost{why}, and {_hubs(one)}."
        return Finding("deal_lost", one.name, one.deal_id, message)
    if deal.end_on is not None and deal.end_on < facts.on:
        days = (facts.on - deal.end_on).days
        message = (
            f"{deal.name} ended on {deal.end_on}, {_count(days, 'day')} ago, and {_hubs(one)}."
            f"{_taken_over(one, deal, facts)}"
        )
        return Finding("agreement_lapsed", one.name, one.deal_id, message)
    if kind == "open" and not hasattr(deal, "engagement"):
        stage = facts.playbook.stage(deal.stage).name
        message = f"{deal.name} is at {stage} and has no order, and {_hubs(one)}."
        return Finding("deal_not_won", one.name, one.deal_id, message)
    return None


def _taken_over(one: Running, deal: Deal, facts: _Facts) -> str:
    """Say which deals in force cover the cluster by their agreement, though no file names them."""
    others = {
        payer.agreement.deal
        for payer in facts.payers.get(one.name, ())
        if payer.agreement.deal != deal
        and (payer.agreement.deal.end_on is None or payer.agreement.deal.end_on >= facts.on)
    }
    named = ", ".join(
        f"{other.name} ({other.reference})" for other in sorted(others, key=lambda deal: deal.pk)
    )
    return f" The agreement of {named} covers it now: name that deal in the file." if named else ""


def _about_payers(one: Running, facts: _Facts) -> Iterator[Finding]:
    agreed = facts.payers.get(one.name, ())
    for payer in agreed:
        if one.paid_by not in {Payer.UNKNOWN, payer.payer}:
            until = f" until {payer.to_on} (excluded)" if payer.to_on else ""
            yield Finding(
                "payer_mismatch",
                one.name,
                payer.agreement.deal.reference,
                f"The agreement says “{payer.get_payer_display()}” from {payer.from_on}{until}, the"
                f" cluster's file says “{one.paid_by.label}”.",
            )
    if len({payer.payer for payer in agreed}) > 1:
        said = "; ".join(
            f"{payer.agreement.deal.name}: “{payer.get_payer_display()}” from {payer.from_on}"
            for payer in agreed
        )
        message = f"Agreements contradict each other about who pays. {said}."
        yield Finding("payer_mismatch", one.name, one.deal_id or None, message)


def _about_hubs(one: Running, facts: _Facts) -> Iterator[Finding]:
    for hub in one.hubs:
        others = [name for name in facts.elsewhere.get(hub, ()) if name != one.name]
        if others:
            message = f"{hub} stands in the file of {', '.join(others)}, too."
            yield Finding("hub_twice", one.name, one.deal_id or None, message)
    deal = facts.deals.get(one.deal_id)
    engagement = getattr(deal, "engagement", None)
    if deal is None or engagement is None or one.hubs or not _is_in_force(deal, facts.on):
        return
    if _needs_cluster(engagement):
        message = f"{deal.name} is in force, and no hub runs on its cluster."
        yield Finding("agreement_without_hub", one.name, one.deal_id, message)


def _hubs(one: Running) -> str:
    """Say which hubs run: "2 hubs run on it (a.example, b.example)"."""
    if not one.hubs:
        return "no hub runs on it"
    more = len(one.hubs) - HUBS_NAMED
    named = ", ".join(one.hubs[:HUBS_NAMED]) + (f" and {more} more" if more > 0 else "")
    runs = "runs" if len(one.hubs) == 1 else "run"
    return f"{_count(len(one.hubs), 'hub')} {runs} on it ({named})"


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _without_cluster(*, on: date) -> Iterator[Finding]:
    covered = AgreementPayer.objects.filter(from_on__lte=on).filter(
        Q(to_on__isnull=True) | Q(to_on__gt=on)
    )
    running = (
        engagements()
        .filter(on_clusters=None)
        .filter(Q(deal__end_on__isnull=True) | Q(deal__end_on__gte=on))
        .filter(Q(deal__start_on__isnull=True) | Q(deal__start_on__lte=on))
        # A cluster's file names one deal; the agreement of another may cover it all the same.
        .exclude(deal__in=covered.values("agreement__deal"))
    )
    for engagement in running:
        if _needs_cluster(engagement):
            message = f"{engagement.deal.name} is in force and no cluster serves it."
            yield Finding("agreement_without_cluster", None, engagement.deal.reference, message)


def _is_in_force(deal: Deal, on: date) -> bool:
    return (deal.start_on is None or deal.start_on <= on) and (
        deal.end_on is None or deal.end_on >= on
    )


def _needs_cluster(engagement: Engagement) -> bool:
    """Return whether the deal sells a hub: one with a tier does, a project need not."""
    return bool(engagement.deal.tier) or engagement.deal.revenue_type.startswith("membership")


def counted(found: Sequence[Finding]) -> dict[str, int]:
    """Return how many findings there are of each code, in the order of their kinds."""
    counts = Counter(one.code for one in found)
    return {code: counts[code] for code in KINDS if counts[code]}
