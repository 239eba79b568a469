"""Where every engagement stands towards its end, and which mails a day brings."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery

from throughline.communities.models import RoleAssignment
from throughline.communities.queries import roles_by_subject
from throughline.delivery.models import Engagement, EngagementCluster
from throughline.delivery.queries import engagements
from throughline.mail.models import Message
from throughline.mail.words import MessageState
from throughline.playbook.model import Playbook
from throughline.renewals.ladder import HALF_TERM, Rung, due, farthest_days, rungs
from throughline.renewals.models import Correction, Course, Notice
from throughline.renewals.words import CourseKind, NoticeState, TermState
from throughline.sales.models import Deal
from throughline.sales.queries import with_executed_agreement

# What stands of an end is the newest that nobody took back; an amendment changes no end.
STANDING_COURSES = (
    Course.objects.filter(withdrawn_at=None).exclude(kind=CourseKind.AMEND).order_by("-at", "-pk")
)
REPRESENTATIVE = "representative"  # the role that notices to a community go to
ENDS_IN_PART = "expiring_part"  # the mail about hubs that a renewal leaves out


@dataclass(frozen=True, slots=True)
class PlannedMail:
    """A mail that the rules demand on a day: a notice, or the correction of what was said."""

    engagement: Engagement
    kind: str  # "notice" or "correction"
    step: str
    due_on: date
    to: tuple[str, ...]
    mail: str  # code of the text
    was_on: date | None  # of a correction: the end date that people were told
    skipped: tuple[Rung, ...] = ()  # earlier steps that this one makes up for

    @property
    def key(self) -> tuple[int, str, str, date | None]:
        """What makes two plans the same mail."""
        return (self.engagement.number, self.kind, self.step, self.engagement.deal.end_on)


@dataclass(frozen=True, slots=True)
class Standing:
    """An engagement with all that its ladder depends on."""

    engagement: Engagement
    notices: tuple[Notice, ...]
    corrections: tuple[Correction, ...]
    representatives: tuple[str, ...]
    is_renewed: bool
    runs: bool
    hubs_that_end: tuple[str, ...] = ()  # of a renewal in part: "cluster/hub"

    @property
    def deal(self) -> Deal:
        """The engagement's deal."""
        return self.engagement.deal

    def ladder(self, playbook: Playbook) -> tuple[Rung, ...]:
        """Return the ladder of the current end date; none where it is unknown."""
        if self.deal.end_on is None:
            return ()
        return rungs(
            self.deal.start_on,
            self.deal.end_on,
            playbook.ladder,
            is_ending=self.engagement.is_ending or bool(self.hubs_that_end),
            closures=playbook.capacity.closures,
        )

    def is_silenced(self, rung: Rung) -> bool:
        """Return whether an executed successor makes a step needless: not for hubs that end (E24)."""
        for_ending = rung.to == "representatives" and bool(self.hubs_that_end)
        return self.is_renewed and not for_ending

    def told_on(self) -> date | None:
        """Return the end date that people were told last; None if they were told nothing."""
        # In the order of the outbox: two runs may be of one instant, and it counts both tables.
        told = [(one.message_id, one.end_on) for one in self.notices if one.message_id]
        told += [(one.message_id, one.now_on) for one in self.corrections]
        return max(told)[1] if told else None

    def settled(self, playbook: Playbook) -> frozenset[str]:
        """Return the steps of the current end date that are not to be sent any more."""
        steps = {
            one.step
            for one in self.notices
            if one.end_on == self.deal.end_on and one.state != NoticeState.SILENCED
        }
        # A start date that moves may turn one into the other: still one reminder for one end date.
        renewal = {step.code for step in playbook.ladder if step.to == "renewals"}
        if HALF_TERM in steps:
            return frozenset(steps | renewal)
        return frozenset(steps | {HALF_TERM} if steps & renewal else steps)


def standings(found: QuerySet[Engagement], *, on: date) -> list[Standing]:
    """Return engagements with what their ladders depend on, in a constant number of queries."""
    # What a mail says is long, and no ladder depends on it.
    notices = Notice.objects.select_related("message").defer("message__text", "message__html")
    mails = Prefetch("corrections__message", Message.objects.defer("text", "html"))
    listed = untold(found.prefetch_related(mails, Prefetch("notices", notices.order_by("pk"))))
    roles = roles_by_subject([one.deal.subject for one in listed], on=on)
    return [
        replace(
            one,
            notices=tuple(one.engagement.notices.all()),
            corrections=tuple(one.engagement.corrections.all()),
            representatives=_addresses(roles.get(one.deal.subject, [])),
        )
        for one in listed
    ]


def untold(found: QuerySet[Engagement]) -> list[Standing]:
    """Return where engagements stand, without whom anybody was told or is to be told."""
    hubs = EngagementCluster.objects.filter(engagement=OuterRef("pk"), cluster__hubs__isnull=False)
    listed = list(
        found.defer("deal__source", "deal__extra")
        .prefetch_related(Prefetch("courses", STANDING_COURSES))
        .annotate(runs=Exists(hubs))
    )
    nobody: dict[str, tuple[()]] = {"notices": (), "corrections": (), "representatives": ()}
    signed = with_executed_agreement({one.successor_id for one in listed if one.successor_id})
    return [
        Standing(
            engagement=one,
            **nobody,
            is_renewed=one.successor_id in signed,
            runs=one.runs,
            hubs_that_end=_hubs_that_end(one),
        )
        for one in listed
    ]


def _hubs_that_end(engagement: Engagement) -> tuple[str, ...]:
    """Return the hubs that a renewal leaves out, as it was decided for the present end date."""
    decided = [one for one in engagement.courses.all() if one.end_on == engagement.deal.end_on]
    if not decided or decided[0].kind != CourseKind.RENEW:
        return ()
    return tuple(decided[0].hubs_that_end)


def reached(roles: QuerySet[RoleAssignment]) -> QuerySet[RoleAssignment]:
    """Return the roles of which `_addresses` makes an address, by the database."""
    return roles.filter(role=REPRESENTATIVE, contact__email__gt="")


def _addresses(assignments: Iterable[RoleAssignment]) -> tuple[str, ...]:
    return tuple(
        sorted({
            one.contact.email
            for one in assignments
            if one.role == REPRESENTATIVE and one.contact.email
        })
    )  # fmt: skip


def engagements_to_look_at(*, on: date, playbook: Playbook) -> QuerySet[Engagement]:
    """Return the engagements for which a day can bring mail: near their end, or told otherwise."""
    farthest = timedelta(days=farthest_days(playbook.ladder))
    near = Q(deal__end_on__gte=on, deal__end_on__lte=on + farthest)
    corrections = Correction.objects.filter(engagement=OuterRef("pk")).order_by("-pk")
    notices = Notice.objects.filter(engagement=OuterRef("pk"), message__isnull=False)
    # What was said last: by the newest correction, and where there is none, by all notices alike.
    found = engagements().annotate(said_on=Subquery(corrections.values("now_on")[:1]))
    corrected = Q(said_on__isnull=False) & ~Q(said_on=F("deal__end_on"))
    told = Q(said_on__isnull=True) & Exists(notices.exclude(end_on=OuterRef("deal__end_on")))
    # One whose deal was merged goes on as another one.
    return found.filter(near | corrected | told).filter(deal__merged_into=None)


def mails_due(standing: Standing, *, on: date, playbook: Playbook) -> list[PlannedMail]:
    """Return the mails that a day demands for one engagement and that have not gone out."""
    found = []
    if correction := _correction(standing):
        found.append(correction)
    if notice := _notice(standing, on=on, playbook=playbook):
        found.append(notice)
    return found


def silenced(standing: Standing, *, on: date, playbook: Playbook) -> tuple[Rung, ...]:
    """Return the mails that an executed successor makes needless by a day, and no row says so."""
    end_on = standing.deal.end_on
    if not standing.is_renewed or end_on is None:
        return ()
    kept = {one.step for one in standing.notices if one.end_on == end_on}
    return tuple(
        rung
        for rung in standing.ladder(playbook)
        if rung.kind == "mail"
        and standing.is_silenced(rung)
        and not rung.is_dropped
        and rung.due_on <= on
        and rung.step not in kept
    )


def _correction(standing: Standing) -> PlannedMail | None:
    told_on, end_on = standing.told_on(), standing.deal.end_on
    if told_on is None or end_on is None or told_on == end_on:
        return None
    # Somebody who was erased since is a pseudonym, and no address.
    to = {
        address
        for one in standing.notices
        if one.message
        for address in one.message.to
        if "@" in address
    }
    return PlannedMail(
        standing.engagement,
        "correction",
        "correction",
        end_on,
        tuple(sorted(to)),
        "end_date_changed",
        told_on,
    )


def _notice(standing: Standing, *, on: date, playbook: Playbook) -> PlannedMail | None:
    end_on = standing.deal.end_on
    if end_on is None:
        return None
    speaking = [one for one in standing.ladder(playbook) if not standing.is_silenced(one)]
    come = due(speaking, end_on=end_on, on=on)
    settled = standing.settled(playbook)
    # Of several missed steps only the latest is sent; once it is, the earlier ones stay unsent.
    if not come or come[-1].step in settled:
        return None
    latest = come[-1]
    in_part = bool(standing.hubs_that_end) and not standing.engagement.is_ending
    return PlannedMail(
        standing.engagement,
        "notice",
        latest.step,
        latest.due_on,
        recipients(latest, standing, playbook),
        latest.mail if not in_part or latest.to != "representatives" else ENDS_IN_PART,
        None,
        tuple(rung for rung in come[:-1] if rung.step not in settled),
    )


def recipients(rung: Rung, standing: Standing, playbook: Playbook) -> tuple[str, ...]:
    """Return who a step is mailed to."""
    match rung.to:
        case "renewals":
            return (playbook.addresses.renewals,)
        case "representatives":
            return standing.representatives
        case _:
            return ()


def term_state(standing: Standing, *, on: date, playbook: Playbook) -> TermState:
    """Return where an engagement stands on a day."""
    end_on = standing.deal.end_on
    if end_on is None:
        return TermState.UNKNOWN_END
    if standing.is_renewed:
        return TermState.RENEWED
    if end_on < on:
        return TermState.LAPSED if standing.runs else TermState.ENDED
    reached = {rung.kind for rung in standing.ladder(playbook) if rung.due_on <= on}
    if "mail" in reached:
        return TermState.EXPIRING
    return TermState.FLAGGED if "flag" in reached else TermState.RUNNING


def days_left(standing: Standing, *, on: date) -> int | None:
    """Return how many days an engagement still has; below zero after its end, None without one."""
    return (standing.deal.end_on - on).days if standing.deal.end_on else None


def hubs_ending() -> dict[str, date]:
    """Return the hubs that end though their engagement is renewed, with their last day; one query."""
    found = STANDING_COURSES.filter(end_on=F("engagement__deal__end_on"))
    newest: dict[int, Course] = {}
    for one in found:
        newest.setdefault(one.engagement_id, one)
    return {
        hub: one.end_on
        for one in newest.values()
        if one.kind == CourseKind.RENEW and one.end_on is not None
        for hub in one.hubs_that_end
    }


@dataclass(frozen=True, slots=True)
class NoticeLine:
    """One line of the ladder as people read it."""

    step: str
    due_on: date
    state: NoticeState
    sent_at: datetime | None
    to: tuple[str, ...]
    days: int | None = None  # before the end; None at half term, and of an older end date
    counted_on: date | None = None  # that day, where nobody works on it and another one is due
    trouble: str = ""  # where its mail stands while it has not left: "Queued", "Failed", "Unsure"


def notice_lines(standing: Standing, *, on: date, playbook: Playbook) -> tuple[NoticeLine, ...]:
    """Return the ladder of the current end date, then what was voided with older ones."""
    end_on = standing.deal.end_on
    kept = {one.step: one for one in standing.notices if one.end_on == end_on}
    lines = [
        _line(rung, kept.get(rung.step), standing, on=on, playbook=playbook)
        for rung in standing.ladder(playbook)
    ]
    void = [
        NoticeLine(
            one.step,
            one.due_on,
            NoticeState.VOID,
            one.message.sent_at if one.message else None,
            tuple(one.message.to) if one.message else (),
        )
        for one in standing.notices
        if one.end_on != end_on
    ]
    return (*lines, *void)


def _line(
    rung: Rung, kept: Notice | None, standing: Standing, *, on: date, playbook: Playbook
) -> NoticeLine:
    to = recipients(rung, standing, playbook)
    if kept is not None and (kept.state != NoticeState.SILENCED or standing.is_silenced(rung)):
        message = kept.message
        sent_at = message.sent_at if message else None
        to = tuple(message.to) if message else to
        state, trouble = NoticeState(kept.state), _trouble(message)
    else:
        sent_at, state, trouble = None, _computed(rung, standing, on=on), ""
    return NoticeLine(
        rung.step, rung.due_on, state, sent_at, to, rung.days, rung.counted_on, trouble
    )


def _trouble(message: Message | None) -> str:
    if message is None or message.state == MessageState.SENT:
        return ""
    return message.get_state_display()


def _computed(rung: Rung, standing: Standing, *, on: date) -> NoticeState:
    """Return the state of a step that no row speaks about."""
    if rung.is_dropped:
        return NoticeState.DROPPED
    if standing.is_silenced(rung):
        return NoticeState.SILENCED
    if rung.kind == "flag":
        return NoticeState.FLAGGED if rung.due_on <= on else NoticeState.PLANNED
    ended = standing.deal.end_on is not None and standing.deal.end_on < on
    return NoticeState.MISSED if ended else NoticeState.PLANNED


@dataclass(frozen=True, slots=True)
class Renewal:
    """One line of the renewals page."""

    standing: Standing
    state: TermState
    notices: Sequence[NoticeLine]
    days_left: int | None  # negative once the end is past


def renewals(found: QuerySet[Engagement], *, on: date, playbook: Playbook) -> list[Renewal]:
    """Return where engagements stand, the one that ends first at the top."""
    return renewals_from(standings(found, on=on), on=on, playbook=playbook)


def renewals_from(found: Iterable[Standing], *, on: date, playbook: Playbook) -> list[Renewal]:
    """Return the same of engagements that were read already."""
    listed = [
        Renewal(
            standing,
            term_state(standing, on=on, playbook=playbook),
            notice_lines(standing, on=on, playbook=playbook),
            days_left(standing, on=on),
        )
        for standing in found
    ]
    return sorted(
        listed, key=lambda one: (one.standing.deal.end_on or date.min, one.standing.deal.pk)
    )
