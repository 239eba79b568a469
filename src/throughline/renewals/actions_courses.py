"""Deciding what becomes of an engagement at its end: renew, extend, amend or end. Source: R45, E28."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction

from throughline.delivery.actions.engagements import (
    decide_to_end,
    locked_engagement,
    name_successor,
    take_back_end,
)
from throughline.delivery.models import Engagement
from throughline.delivery.queries import engagements
from throughline.journal.actions import record
from throughline.kernel.errors import Refused
from throughline.people.gates import require_permission
from throughline.people.words import Permission
from throughline.playbook.model import Playbook
from throughline.renewals.actions_in_part import tell_of_parts_that_go_on
from throughline.renewals.actions_offboarding import call_off_offboarding, open_offboarding
from throughline.renewals.courses import awaited_courses, following_of, standing_course
from throughline.renewals.models import Course
from throughline.renewals.offboarding import own_hubs
from throughline.renewals.words import CourseKind
from throughline.sales.actions.agreements import amend_agreement
from throughline.sales.actions.lock import locked_deal
from throughline.sales.actions.renewing import (
    Next,
    ask_context_again,
    carry_people,
    create_next_deal,
)
from throughline.sales.models import Deal
from throughline.sales.queries import find_deal


@dataclass(frozen=True, slots=True)
class Renewal:
    """How an engagement is renewed: by a deal that is there, or one that is to be made."""

    deal: str = ""  # HubSpot's id or our number; "": there is none yet
    name: str = ""  # of the deal to be made; "": as the old one is called
    start_on: date | None = None  # None stays unknown: no gap and no overlap is invented
    end_on: date | None = None
    amount: Decimal | None = None
    hubs_that_end: tuple[str, ...] = field(default_factory=tuple)  # of a renewal in part
    why: str = ""


@transaction.atomic
def renew_engagement(
    number: int, renewal: Renewal, *, playbook: Playbook, by: str, at: datetime
) -> Course:
    """Renew an engagement by a deal of its own, which is linked as its successor.

    Where HubSpot has the deals, the new one is asked to be made there, and linked when it arrives.
    Hubs that do not go on get a check list; those that do lose nothing.

    Raises:
        Refused: it is renewed already, the deal cannot be its successor, a hub is not its own, or
            the person may not edit deals.
    """
    engagement = _locked(number, by=by)
    _check_not_renewed(engagement, renewal)
    hubs = _hubs_that_end(engagement, renewal.hubs_that_end)
    name = renewal.name.strip() or _next_name(engagement.deal)
    successor = _successor(engagement, renewal, name, playbook=playbook, by=by, at=at)
    _go_on(engagement, by=by, at=at)
    if successor is not None:
        name_successor(number, successor, by=by, at=at)
    course = _keep(
        Course(
            engagement=engagement, kind=CourseKind.RENEW, why=renewal.why, successor=successor,
            awaited="" if successor else name[:255], hubs_that_end=hubs, by=by, at=at,
        )
    )  # fmt: skip
    if hubs:
        _end_in_part(engagement, hubs, by=by, at=at)
    return course


def _check_not_renewed(engagement: Engagement, renewal: Renewal) -> None:
    found = following_of(engagement)
    if found is not None and found.is_executed:
        raise Refused(
            f"{engagement.deal.name} is renewed by {found.deal}, which is signed.",
            remedy="Renew that one, when its time comes.",
        )
    if found is not None and not renewal.deal:
        raise Refused(
            f"{found.deal} is to renew it already, and is not signed yet.",
            remedy="Carry that deal on, or name another one instead (--deal D).",
        )


def _next_name(deal: Deal) -> str:
    return f"{deal.name[:230]} (renewal)"


def _successor(
    engagement: Engagement,
    renewal: Renewal,
    name: str,
    *,
    playbook: Playbook,
    by: str,
    at: datetime,
) -> Deal | None:
    """Return the deal that renews: the one that is named, a new one of ours, or none yet."""
    if renewal.deal:
        found = find_deal(renewal.deal)
        _check_successor(engagement, found, playbook)
        return found
    if settings.HUBSPOT_CONNECTED and engagement.deal.hubspot_id:
        return None
    following = Next(name, renewal.start_on, renewal.end_on, renewal.amount)
    return create_next_deal(engagement.deal, following, playbook=playbook, by=by, at=at)


def _check_successor(engagement: Engagement, successor: Deal, playbook: Playbook) -> None:
    """Pass if a deal can renew an engagement.

    Raises:
        Refused: it is the same, lost, of another community, or is itself renewed by this one.
    """
    deal = engagement.deal
    if successor.pk == deal.pk:
        raise Refused("A deal cannot renew itself.", remedy="Name the renewal's own deal.")
    lost = {stage.code for stage in playbook.stages if stage.kind == "lost"}
    if successor.stage in lost or successor.deleted_at is not None:
        raise Refused(f"{successor} is lost or gone.", remedy="Name a deal that is open or won.")
    both = deal.community_id is not None and successor.community_id is not None
    if both and deal.community_id != successor.community_id:
        raise Refused(
            f"{successor} serves another community.",
            remedy="Name a deal of the same community, or correct the community first.",
        )
    if deal.pk in _chain(successor):
        raise Refused(
            f"{successor} is renewed by {deal.name} itself.", remedy="Name the deal that follows."
        )


def _chain(deal: Deal) -> set[int]:
    """Return the numbers of all that renews a deal, one after the other."""
    following = dict(
        Engagement.objects.filter(successor__isnull=False).values_list("pk", "successor")
    )
    seen: set[int] = set()
    current = following.get(deal.pk)
    while current is not None and current not in seen:
        seen.add(current)
        current = following.get(current)
    return seen


def _hubs_that_end(engagement: Engagement, wanted: tuple[str, ...]) -> list[str]:
    if not wanted:
        return []
    own, _clusters = own_hubs(engagement.deal)
    if strange := sorted(set(wanted) - set(own)):
        raise Refused(
            f"{', '.join(strange)} is no hub of this engagement's own.",
            remedy=f"Name some of {', '.join(own)}." if own else "It has no hub of its own.",
        )
    if set(wanted) == set(own):
        raise Refused("Then no hub goes on.", remedy="Decide that it ends instead.")
    return sorted(set(wanted))


def _end_in_part(engagement: Engagement, hubs: list[str], *, by: str, at: datetime) -> None:
    """Begin the check list of the hubs that do not go on; their clusters stay."""
    found = open_offboarding(engagement.deal, why="Renewed in part.", by=by, at=at)
    whole = {hub.partition("/")[0] for hub in set(found.hubs) - set(hubs)}
    found.hubs = hubs
    found.clusters = [one for one in found.clusters if one not in whole]
    found.save(update_fields=["hubs", "clusters"])


@transaction.atomic
def extend_engagement(
    number: int, end_on: date, *, why: str = "", title: str = "", playbook: Playbook, by: str,
    at: datetime,
) -> Course:  # fmt: skip
    """Move the end of the same deal by an amendment; it counts once the amendment is executed.

    Raises:
        Refused: no executed agreement can be amended, the day is no later one, or the person may not
            edit deals.
    """
    value: dict[str, Any] = {"kind": "extension", "end_on": end_on.isoformat()}
    if title.strip():
        value["title"] = title.strip()
    return _amend(number, CourseKind.EXTEND, value, why, playbook=playbook, by=by, at=at)


@transaction.atomic
def amend_engagement(
    number: int, value: dict[str, Any], *, why: str = "", playbook: Playbook, by: str, at: datetime
) -> Course:
    """Change scope, price or tier of the same deal from a day on, by an amendment.

    `value` is what `throughline agreement amend` takes. It counts once it is executed.

    Raises:
        Refused: it does not say from when, nothing would change, or no executed agreement is there.
    """
    if not value.get("effective_on"):
        raise Refused("From which day on?", remedy="Name the first day of what changes (--from).")
    amended = value | {"kind": "amendment"}
    return _amend(number, CourseKind.AMEND, amended, why, playbook=playbook, by=by, at=at)


def _amend(
    number: int, kind: CourseKind, value: dict[str, Any], why: str, *, playbook: Playbook, by: str,
    at: datetime,
) -> Course:  # fmt: skip
    engagement = _locked(number, by=by)
    made = amend_agreement(number, value, playbook=playbook, by=by, at=at)
    if kind == CourseKind.EXTEND:
        _go_on(engagement, by=by, at=at)
    return _keep(Course(engagement=engagement, kind=kind, why=why, amendment=made, by=by, at=at))


@transaction.atomic
def end_engagement(number: int, *, why: str = "", by: str, at: datetime) -> Course:
    """Decide that an engagement ends: its people are told, and its check list begins.

    Only hubs of its own are on the list; what serves others stays (E30).

    Raises:
        Refused: it is renewed by a signed deal, or the person may not edit deals.
    """
    engagement = _locked(number, by=by)
    standing = standing_course(engagement)
    if standing is not None and standing.kind == CourseKind.END:
        return standing
    found = following_of(engagement)
    if found is not None and found.is_executed:
        raise Refused(
            f"It is renewed by {found.deal}, which is signed.",
            remedy="End that one when its time comes, or renew in part.",
        )
    decide_to_end(number, by=by, at=at)
    open_offboarding(engagement.deal, why=why, by=by, at=at)
    return _keep(Course(engagement=engagement, kind=CourseKind.END, why=why, by=by, at=at))


@transaction.atomic
def withdraw_course(number: int, *, why: str, playbook: Playbook, by: str, at: datetime) -> Course:
    """Take back what was decided about the end; an amendment is withdrawn on its own page.

    Whoever was told that hubs end hears, once, that it was taken back.

    Raises:
        Refused: nothing is decided, it is carried out, or nobody says why.
    """
    engagement = _locked(number, by=by)
    course = standing_course(engagement)
    if course is None:
        raise Refused("Nothing is decided about its end.", remedy="There is nothing to take back.")
    if not why.strip():
        raise Refused("Why is it taken back?", remedy="Say it in one sentence.")
    found = following_of(engagement)
    if course.kind == CourseKind.RENEW and found is not None and found.is_executed:
        raise Refused(
            f"{found.deal} is signed: it renews the engagement.", remedy="It stays as it is."
        )
    tell_of_parts_that_go_on(course, playbook=playbook, by=by, at=at)
    course.withdrawn_by, course.withdrawn_at = by, at
    course.save(update_fields=["withdrawn_by", "withdrawn_at"])
    _go_on(engagement, by=by, at=at)
    if course.kind == CourseKind.RENEW and engagement.successor_id is not None:
        engagement.successor = None
        engagement.save(update_fields=["successor"])
    record("renewals.course.withdrawn", engagement, by=by, at=at, kind=course.kind, why=why.strip())
    return course


def _locked(number: int, *, by: str) -> Engagement:
    """Return the engagement with its deal and successor, both locked: the deal first, as all do."""
    require_permission(by, Permission.EDIT_DEALS, to="decide what becomes of an engagement")
    locked_deal(number)
    locked_engagement(number)
    return engagements().select_related("successor").get(pk=number)


def _go_on(engagement: Engagement, *, by: str, at: datetime) -> None:
    """Take back an end that was decided before, with its check list."""
    if engagement.is_ending:
        take_back_end(engagement.number, by=by, at=at)
    call_off_offboarding(engagement.number, by=by, at=at)


def _keep(course: Course) -> Course:
    """Write down what was decided, for the end date that holds now."""
    course.end_on, course.why = course.engagement.deal.end_on, course.why.strip()
    course.save()
    record(
        "renewals.course.taken", course.engagement, by=course.by, at=course.at, kind=course.kind,
        why=course.why, successor=course.successor_id, awaited=course.awaited,
        hubs_that_end=course.hubs_that_end,
    )  # fmt: skip
    return course


def link_arrived(*, playbook: Playbook, by: str, at: datetime) -> list[Course]:
    """Link the renewals that were asked for in HubSpot and have arrived; again, nothing is new.

    A deal is known by the name that was asked for, and by its community where both have one. Two of
    that name are a person's to choose from.
    """
    linked = []
    for course in awaited_courses():
        arrived = _arrived(course)
        if len(arrived) == 1:
            linked.append(_link(course.pk, arrived[0], playbook=playbook, by=by, at=at))
    return [one for one in linked if one is not None]


def _arrived(course: Course) -> list[Deal]:
    found = Deal.objects.filter(
        name__iexact=course.awaited, hubspot_id__isnull=False, deleted_at=None,
        created_at__gte=course.at,
    ).exclude(pk=course.engagement_id)  # fmt: skip
    community = course.engagement.deal.community_id
    return [one for one in found if one.community_id in {None, community} or community is None]


@transaction.atomic
def _link(pk: int, successor: Deal, *, playbook: Playbook, by: str, at: datetime) -> Course | None:
    number = Course.objects.values_list("engagement", flat=True).get(pk=pk)
    locked_deal(number)
    locked_engagement(number)
    course = Course.objects.select_for_update(of=("self",)).get(pk=pk)
    engagement = engagements().get(pk=number)
    if course.successor_id is not None or course.withdrawn_at is not None:
        return None  # another worker was quicker
    name_successor(number, successor, by=by, at=at)
    carry_people(engagement.deal, successor, playbook=playbook, by=by, at=at)
    ask_context_again(successor, playbook=playbook, by=by, at=at)
    course.successor = successor
    course.save(update_fields=["successor"])
    record("renewals.successor.arrived", engagement, by=by, at=at, successor=successor.pk)
    return course
