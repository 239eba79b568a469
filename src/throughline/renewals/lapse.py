"""What runs on a day without an agreement in force, for whom, since when, and who decides."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q, prefetch_related_objects

from throughline.delivery.models import Engagement, EngagementCluster
from throughline.infrastructure.models import Cluster, Hub
from throughline.kernel.days import ONE_DAY, day_in_zone
from throughline.playbook.model import Playbook
from throughline.renewals.models import Decommission, LapseDecision, LapseToken
from throughline.renewals.words import LapseVerdict, RunsKind
from throughline.sales.models import Agreement, Deal, DealAlias
from throughline.sales.queries import chain_of, is_executed

WAITS = frozenset({RunsKind.LAPSED, RunsKind.GAP, RunsKind.EARLY_OVER})  # a token keeps these up
NO_DEAL = "cluster:"


@dataclass(frozen=True, slots=True)
class Running:
    """Hubs that run while no agreement is in force for them."""

    kind: RunsKind
    subject: str  # "deal:12", or "cluster:name" where no deal is known
    name: str
    deal: Deal | None
    hubs: tuple[str, ...]  # "cluster/hub"
    clusters: tuple[str, ...]
    on: date
    since_on: date | None  # first day without agreement; None: nothing tells
    allowed_until_on: date | None = None  # of an early start: the last day of its leave
    decide_on: date | None = None  # from this day on the BD lead decides
    tokens: tuple[LapseToken, ...] = field(default_factory=tuple)
    decision: LapseDecision | None = None
    plan: Decommission | None = None

    @property
    def days(self) -> int | None:
        """Days without agreement, today included."""
        return None if self.since_on is None else (self.on - self.since_on).days + 1

    @property
    def kept_until_on(self) -> date | None:
        """The last day for which somebody has allowed it; None where nobody has."""
        allowed = [one.until_on for one in self.tokens if one.until_on >= self.on]
        decision = self.decision
        if decision is not None and decision.until_on is not None:
            allowed += [decision.until_on] if decision.until_on >= self.on else []
        if self.allowed_until_on is not None and self.allowed_until_on >= self.on:
            allowed.append(self.allowed_until_on)
        return max(allowed, default=None)

    @property
    def must_be_decided(self) -> bool:
        """Whether the BD lead has to decide, and has not."""
        if self.kind == RunsKind.EARLY or self.plan is not None:
            return False
        decision = self.decision
        if decision is not None and decision.verdict == LapseVerdict.KEEP:
            return decision.until_on is not None and decision.until_on < self.on
        return self.decide_on is None or self.decide_on <= self.on

    @property
    def is_for_tokens(self) -> bool:
        """Whether somebody of BD may still let it run on."""
        if self.kind not in WAITS or self.plan is not None:
            return False
        return self.decide_on is None or self.on < self.decide_on

    @property
    def ball(self) -> str:
        """Whose move it is."""
        return "PS" if self.plan else "Lead" if self.must_be_decided else "BD"

    @property
    def remedy(self) -> str:
        """What a person does about it."""
        if self.plan is not None:
            return (
                f"It is planned to be taken down on {self.plan.planned_on}: settle the data first."
            )
        if self.kind == RunsKind.NO_AGREEMENT and self.must_be_decided:
            return (
                "Name its deal in the cluster's file and import both; or the BD lead decides until"
                " when it is kept, or that it is taken down."
            )
        if self.must_be_decided:
            return "The BD lead decides: keep it running until a day, or take it down."
        if self.kind == RunsKind.EARLY:
            return f"Have the agreement signed by {self.allowed_until_on}."
        if self.kept_until_on is not None:
            return f"It may run until {self.kept_until_on}: renew, extend or end it until then."
        return "Nobody has allowed it: renew, extend or end it, or give a token with the reason."


def running_without_agreement(*, on: date, playbook: Playbook) -> list[Running]:
    """Return everything that runs without an agreement on a day; a constant number of queries.

    The longest first, and those of which nobody knows since when at the end.
    """
    looked = _Looked(on, playbook)
    found = [*_of_engagements(looked), *_of_unserved(looked)]
    return sorted(
        _with_what_was_decided(found), key=lambda one: (one.since_on or date.max, one.name)
    )


def running_one(subject: str, *, on: date, playbook: Playbook) -> Running | None:
    """Return what runs without agreement under a subject; None where nothing does."""
    found = running_without_agreement(on=on, playbook=playbook)
    return next((one for one in found if one.subject == subject), None)


@dataclass(frozen=True, slots=True)
class _Looked:
    """A day and the rules it is looked at with."""

    on: date
    playbook: Playbook

    @property
    def lost(self) -> list[str]:
        return [stage.code for stage in self.playbook.stages if stage.kind == "lost"]

    def day(self, at: datetime) -> date:
        return day_in_zone(at, self.playbook.organisation.zone)

    def decide_on(self, kind: RunsKind, since_on: date | None) -> date | None:
        """Return from which day on the BD lead decides; at once where nothing is over first."""
        if since_on is None or kind not in WAITS:
            return since_on
        return since_on + timedelta(days=self.playbook.periods.lapse_decision_days)


def _of_engagements(looked: _Looked) -> list[Running]:
    """Return what runs for engagements whose agreement is over, lost, or never signed."""
    over = Q(engagement__deal__end_on__lt=looked.on)
    over |= Q(engagement__deal__stage__in=looked.lost)
    over |= Q(engagement__deal__order__early_start__isnull=False)
    runs = Exists(Hub.objects.filter(cluster=OuterRef("cluster")))
    links = (
        EngagementCluster.objects.filter(over, runs)
        .select_related("engagement__deal__order", "engagement__deal__community", "cluster")
        .prefetch_related("cluster__hubs")
        .order_by("engagement_id", "cluster__name")
    )
    clusters: dict[int, list[Cluster]] = defaultdict(list)
    found: dict[int, Engagement] = {}
    for link in links:
        found[link.engagement_id] = link.engagement
        clusters[link.engagement_id].append(link.cluster)
    early = [one.deal for one in found.values() if _is_early(one.deal)]
    prefetch_related_objects(early, "early_starts", _signed())
    following = _successors(found.values())
    running = []
    for number, one in found.items():
        if (state := _state(one, following, looked)) is not None:
            kind, since_on, until_on = state
            running.append(_running(one.deal, clusters[number], kind, since_on, looked, until_on))
    return running


def _signed(prefix: str = "") -> Any:
    agreements = Agreement.objects.prefetch_related("signatories")
    return Prefetch(f"{prefix}agreements", agreements)


def _is_early(deal: Deal) -> bool:
    """Return whether a deal was ordered before signature."""
    order = getattr(deal, "order", None)
    return order is not None and order.early_start_id is not None


def _successors(found: Iterable[Engagement]) -> dict[int, Deal]:
    """Return the executed successor of each engagement, and of each successor; two queries."""
    if not any(one.successor_id for one in found):
        return {}
    renewed = (
        Engagement.objects.filter(successor__isnull=False)
        .select_related("successor")
        .prefetch_related(_signed("successor__"))
    )
    return {
        one.number: one.successor
        for one in renewed
        if one.successor is not None and _is_signed(one.successor)
    }


def _is_signed(deal: Deal) -> bool:
    chain = chain_of(deal.agreements.all())
    return is_executed(chain[0] if chain else None)


State = tuple[RunsKind, date, date | None]


def _state(engagement: Engagement, following: dict[int, Deal], looked: _Looked) -> State | None:
    """Return why an engagement runs without agreement, since when, and its early start's leave."""
    deal = engagement.deal
    if deal.stage in looked.lost:
        return RunsKind.LOST, looked.day(deal.stage_since), None
    if _is_early(deal) and not _is_signed(deal):
        until_on = max(one.until_on for one in deal.early_starts.all())
        if until_on >= looked.on:
            return RunsKind.EARLY, looked.day(deal.order.at), until_on
        return RunsKind.EARLY_OVER, until_on + ONE_DAY, until_on
    return _over(deal, following, looked.on)


def _over(deal: Deal, following: dict[int, Deal], on: date) -> State | None:
    """Return since when no agreement of the chain covers a day. Source: E26, E27."""
    if deal.end_on is None or deal.end_on >= on:
        return None
    covered_to, current, seen = deal.end_on, deal, {deal.pk}
    while (successor := following.get(current.pk)) is not None and successor.pk not in seen:
        if successor.start_on is not None and successor.start_on > on:
            return RunsKind.GAP, covered_to + ONE_DAY, None
        if successor.end_on is None or successor.end_on >= on:
            return None
        covered_to, current = max(covered_to, successor.end_on), successor
        seen.add(successor.pk)
    return RunsKind.LAPSED, covered_to + ONE_DAY, None


def _of_unserved(looked: _Looked) -> list[Running]:
    """Return what runs on clusters that serve no engagement: lost leads, and nobody's hubs."""
    clusters = list(
        Cluster.objects.filter(hubs__isnull=False, serves=None)
        .prefetch_related(Prefetch("hubs", Hub.objects.order_by("name")))
        .order_by("name")
        .distinct()
    )
    deals = _named({one.deal_id for one in clusters if one.deal_id})
    by_deal: dict[int, list[Cluster]] = defaultdict(list)
    found = []
    for one in clusters:
        if (deal := deals.get(one.deal_id)) is None:
            kind = RunsKind.NO_AGREEMENT
            found.append(
                Running(kind, f"{NO_DEAL}{one.name}", one.name, None, _hubs([one]), (one.name,), looked.on, None)
            )  # fmt: skip
        else:
            by_deal[deal.pk].append(one)
    for deal in {deal.pk: deal for deal in deals.values()}.values():
        is_lost = deal.stage in looked.lost
        kind = RunsKind.LOST if is_lost else RunsKind.NO_AGREEMENT
        since_on = looked.day(deal.stage_since) if is_lost else None
        found.append(_running(deal, by_deal[deal.pk], kind, since_on, looked))
    return found


def _named(numbers: set[str]) -> dict[str, Deal]:
    aliases = DealAlias.objects.filter(old_id__in=numbers).select_related("deal__community")
    found = {one.old_id: one.deal for one in aliases}
    own = Deal.objects.filter(hubspot_id__in=numbers).select_related("community")
    return {str(deal.hubspot_id): deal for deal in own} | found


def _running(
    deal: Deal, clusters: list[Cluster], kind: RunsKind, since_on: date | None, looked: _Looked,
    until_on: date | None = None,
) -> Running:  # fmt: skip
    return Running(
        kind,
        deal.subject,
        deal.name,
        deal,
        _hubs(clusters),
        tuple(one.name for one in clusters),
        looked.on,
        since_on,
        until_on,
        looked.decide_on(kind, since_on),
    )


def _hubs(clusters: Iterable[Cluster]) -> tuple[str, ...]:
    return tuple(sorted(f"{one.name}/{hub.name}" for one in clusters for hub in one.hubs.all()))


def _with_what_was_decided(found: list[Running]) -> list[Running]:
    """Return them with tokens, the newest decision and the plan to take them down; three queries."""
    subjects = [one.subject for one in found]
    tokens: dict[str, list[LapseToken]] = defaultdict(list)
    for token in LapseToken.objects.filter(subject__in=subjects).order_by("from_on"):
        tokens[token.subject].append(token)
    decisions = {
        one.subject: one
        for one in LapseDecision.objects.filter(subject__in=subjects).order_by("at", "pk")
    }
    plans = {
        one.subject: one
        for one in Decommission.objects.filter(subject__in=subjects, called_off_at=None)
    }
    return [
        _decided(
            one,
            [token for token in tokens[one.subject] if _counts(token.until_on, one)],
            decisions.get(one.subject),
            plans.get(one.subject),
        )
        for one in found
    ]


def _counts(until_on: date, one: Running) -> bool:
    """Return whether leave was given for this lapse, and not for one before it."""
    return one.since_on is None or until_on >= one.since_on


def _decided(
    one: Running,
    tokens: list[LapseToken],
    decision: LapseDecision | None,
    plan: Decommission | None,
) -> Running:
    if decision is not None and decision.until_on and not _counts(decision.until_on, one):
        decision = None
    return replace(one, tokens=tuple(tokens), decision=decision, plan=plan)
