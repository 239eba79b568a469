"""The check list of an offboarding: what is done, by whom, what stands in its way, whose move it is."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import QuerySet

from throughline.communities.models import Community
from throughline.delivery.models import Engagement, EngagementCluster
from throughline.delivery.queries import engagements
from throughline.delivery.seasons import others_running
from throughline.delivery.value import hubs_of
from throughline.infrastructure.models import Cluster, Hub
from throughline.playbook.model import Playbook
from throughline.renewals.models import DataQuestion, Notice, Offboarding, OffboardingStep
from throughline.renewals.words import DataAnswer, NoticeState, StepCode
from throughline.sales.models import Deal

BALL = {  # who does a line
    StepCode.TOLD: "BD", StepCode.DATA: "Community", StepCode.NUMBERS: "PS", StepCode.HUBS: "PS",
    StepCode.CLUSTERS: "PS", StepCode.ACCOUNT: "PS", StepCode.KEPT: "PS", StepCode.COSTS: "Sponsor",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the check list as it stands."""

    code: StepCode
    how: str  # what shows it, or what is missing
    by: str = ""  # who says so, and when; "" while it is not done
    ball: str = ""
    waits_for: str = ""  # the line before it that must be done first

    @property
    def is_done(self) -> bool:
        """Whether somebody, or something, says that it is done."""
        return bool(self.by)

    @property
    def label(self) -> str:
        """What the line is called."""
        return str(self.code.label)


@dataclass(frozen=True, slots=True)
class CheckList:
    """An offboarding with its lines."""

    offboarding: Offboarding
    lines: tuple[Line, ...]
    question: DataQuestion | None  # the newest to the community
    keep_until_on: date | None  # what is kept is kept at least until then
    others: tuple[Engagement, ...]  # who else has hubs on its clusters or for its community

    @property
    def deal(self) -> Deal:
        """Whose end it is."""
        return self.offboarding.deal

    @property
    def is_over(self) -> bool:
        """Whether every line is done."""
        return all(one.is_done for one in self.lines)

    @property
    def next(self) -> Line | None:
        """The first line that can be done now."""
        return next((one for one in self.lines if not one.is_done and not one.waits_for), None)


def offboardings() -> QuerySet[Offboarding]:
    """Return the offboardings that were not called off, the one that ends first at the top."""
    return (
        Offboarding.objects.filter(called_off_at=None)
        .select_related("deal__community")
        .prefetch_related("steps", "asked")
        .order_by("deal__end_on", "pk")
    )


def check_lists(found: QuerySet[Offboarding], *, playbook: Playbook) -> list[CheckList]:
    """Return offboardings as check lists, by a constant number of queries."""
    listed = list(found)
    numbers = [one.deal_id for one in listed]
    told: dict[int, list[Notice]] = {number: [] for number in numbers}
    notices = Notice.objects.filter(engagement__in=numbers).select_related("message")
    for notice in notices.order_by("due_on", "pk"):
        told[notice.engagement_id].append(notice)
    standing = _standing_hubs(listed)
    ladder = {step.code for step in playbook.ladder if step.to == "representatives"}
    return [
        _list(
            one,
            [n for n in told[one.deal_id] if n.step in ladder and n.end_on == one.deal.end_on],
            [hub for hub in one.hubs if hub in standing],
            playbook,
        )
        for one in listed
    ]


def check_list_of(number: int, *, on: date, playbook: Playbook) -> CheckList | None:
    """Return the check list of one deal with who else is concerned; None where none is open."""
    found = check_lists(offboardings().filter(deal=number), playbook=playbook)
    if not found:
        return None
    engagement = engagements().filter(pk=number).first()
    others = others_concerned(engagement, on) if engagement else ()
    one = found[0]
    return CheckList(one.offboarding, one.lines, one.question, one.keep_until_on, others)


def others_concerned(engagement: Engagement, on: date) -> tuple[Engagement, ...]:
    """Return who else runs for the community or on the clusters: their hubs stay (E30)."""
    return tuple(others_running(engagement, on))


def own_hubs(deal: Deal) -> tuple[list[str], list[str]]:
    """Return the hubs that are a deal's own, and the clusters on which nobody else is.

    What several engagements share is told apart by the community's id; what cannot be told apart
    stays (E21, E30).
    """
    engagement = engagements().filter(pk=deal.pk).first()
    if engagement is None:
        clusters = list(
            Cluster.objects.filter(deal_id=deal.hubspot_id or "-", serves=None)
            .prefetch_related("hubs")
            .order_by("name")
        )
        hubs = [f"{one.name}/{hub.name}" for one in clusters for hub in one.hubs.all()]
        return sorted(hubs), [one.name for one in clusters]
    found, _why = hubs_of(engagement)
    links = EngagementCluster.objects.filter(engagement=engagement).select_related("cluster")
    shared = set(
        EngagementCluster.objects.filter(cluster__in=[one.cluster_id for one in links])
        .exclude(engagement=engagement)
        .values_list("cluster_id", flat=True)
    )
    mine = [one for one in found if not _is_anothers(one, engagement)]
    theirs = {one.cluster_id for one in found if one not in mine} | shared
    alone = [one.cluster.name for one in links if one.cluster_id not in theirs]
    return [f"{one.cluster.name}/{one.name}" for one in mine], sorted(alone)


def _is_anothers(hub: Hub, engagement: Engagement) -> bool:
    """Return whether a hub is named after another community that is served: its file may say less."""
    address = f"{hub.name}.{hub.domain}".casefold()
    community = engagement.deal.community
    own = (community.community_id or "") if community else ""
    if own and own in address:
        return False
    served = Community.objects.filter(community_id__isnull=False, deals__engagement__isnull=False)
    if community is not None:
        served = served.exclude(pk=community.pk)
    names = served.values_list("community_id", flat=True)
    return any(name and name in address for name in set(names))


def _standing_hubs(listed: list[Offboarding]) -> set[str]:
    """Return which of their hubs the files still describe; one query."""
    names = {hub.partition("/")[0] for one in listed for hub in one.hubs}
    found = Hub.objects.filter(cluster__name__in=names).values_list("cluster__name", "name")
    return {f"{cluster}/{hub}" for cluster, hub in found}


def _list(
    one: Offboarding, notices: list[Notice], standing: list[str], playbook: Playbook
) -> CheckList:
    steps = {StepCode(step.code): step for step in one.steps.all()}
    questions = sorted(one.asked.all(), key=lambda asked: (asked.asked_at, asked.pk))
    question = questions[-1] if questions else None
    data = _data(steps.get(StepCode.DATA), question)
    before_hubs = "" if data.is_done else StepCode.DATA.label
    hubs = _stepped(StepCode.HUBS, steps, _hubs_missing(one, standing), str(before_hubs))
    before_clusters = "" if hubs.is_done else str(StepCode.HUBS.label)
    lines = (
        _told(steps.get(StepCode.TOLD), notices),
        data,
        _numbers(one, steps.get(StepCode.NUMBERS)),
        hubs,
        _stepped(StepCode.CLUSTERS, steps, _clusters_missing(one), before_clusters),
        _stepped(StepCode.ACCOUNT, steps, "Closed, or handed to whom it belongs?", before_clusters),
        _stepped(StepCode.KEPT, steps, "What is kept, where, and until when?", ""),
        _stepped(
            StepCode.COSTS, steps,
            f"What is spent after the end is booked to {playbook.cost_accounts.not_recoverable}.",
            before_clusters,
        ),
    )  # fmt: skip
    end_on = one.deal.end_on
    kept = None if end_on is None else end_on + timedelta(days=playbook.offboarding.keep_days)
    return CheckList(one, lines, question, kept, ())


def _stepped(
    code: StepCode, steps: dict[StepCode, OffboardingStep], missing: str, waits_for: str
) -> Line:
    if (step := steps.get(code)) is None:
        return Line(code, missing, ball=BALL[code], waits_for=waits_for)
    until = f"; until {step.until_on}" if step.until_on else ""
    return Line(code, f"{step.note}{until}".strip("; "), f"{step.by}, {step.at:%Y-%m-%d}")


def _told(step: OffboardingStep | None, notices: list[Notice]) -> Line:
    """Return whether the mails of the ladder went to the representatives, or a person told them."""
    if step is not None:
        return _stepped(StepCode.TOLD, {StepCode.TOLD: step}, "", "")
    sent = [one for one in notices if one.state == NoticeState.SENT and one.message]
    said = [f"{one.step} days before: mail of {one.at:%Y-%m-%d}" for one in sent]
    if not said:
        missing = "No mail has gone to the representatives yet: 14 and 2 days before the end."
        return Line(StepCode.TOLD, missing, ball=BALL[StepCode.TOLD])
    return Line(StepCode.TOLD, "; ".join(said), "the ladder")


def _data(step: OffboardingStep | None, question: DataQuestion | None) -> Line:
    """Return whether the data are settled: by the community's word, or by a person's for a reason."""
    if question is not None and question.answer == DataAnswer.SAVED:
        said = f"{question.name}: {question.get_answer_display()}"
        return Line(StepCode.DATA, said, f"{question.name}, {question.answered_at:%Y-%m-%d}")
    if step is not None:
        return _stepped(StepCode.DATA, {StepCode.DATA: step}, "", "")
    if question is None:
        missing = "Nobody of the community has been asked."
        return Line(StepCode.DATA, missing, ball="BD")
    if question.answer == DataAnswer.NOT_YET:
        return Line(StepCode.DATA, f"{question.name}: not yet. {question.text}", ball="PS")
    missing = f"{question.name} was asked on {question.asked_at:%Y-%m-%d}; silence is no yes."
    return Line(StepCode.DATA, missing, ball=BALL[StepCode.DATA])


def _numbers(one: Offboarding, step: OffboardingStep | None) -> Line:
    if step is None:
        missing = "Neither the final cost nor the active users are recorded."
        return Line(StepCode.NUMBERS, missing, ball=BALL[StepCode.NUMBERS])
    # No amount here: not everybody who reads the list may see money.
    users = "unknown" if one.final_users is None else str(one.final_users)
    cost = "unknown" if one.final_cost is None else "recorded"
    why = f" ({one.unknown_because})" if one.unknown_because else ""
    said = f"Cost {cost}, active users {users}{why}"
    return Line(StepCode.NUMBERS, said, f"{step.by}, {step.at:%Y-%m-%d}")


def _hubs_missing(one: Offboarding, standing: list[str]) -> str:
    if not one.hubs:
        return "No hub of its own is known: say what became of it."
    if not standing:
        return "The files describe it no more: say when it was deleted."
    return f"{', '.join(standing)} {'is' if len(standing) == 1 else 'are'} in the files."


def _clusters_missing(one: Offboarding) -> str:
    if not one.clusters:
        return "Others are on its clusters: they stay. Write that down."
    return f"{', '.join(one.clusters)}: deleted, or why it stays."
