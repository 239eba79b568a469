"""The pipeline's filters as sentences: each leaves the deals of which it is true."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.db.models import CharField, Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Cast, Concat

from throughline.capacity.models import CapacityAnswer
from throughline.kernel.days import day_in_zone
from throughline.playbook.model import Playbook
from throughline.sales.gates.ball import Party, parties_to_act
from throughline.sales.gates.gate import judge
from throughline.sales.loading import facts_of_many
from throughline.sales.models import Deal

SOON_DAYS: Final = 60
JUDGED: Final = 500  # judging thousands for one page would take seconds: the newest are judged


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks, when, and by whose rules."""

    by: str
    at: datetime
    playbook: Playbook

    @property
    def on(self) -> date:
        """The organisation's calendar day."""
        return day_in_zone(self.at, self.playbook.organisation.zone)


Narrow = Callable[[QuerySet[Deal], Asking], QuerySet[Deal]]


@dataclass(frozen=True, slots=True)
class Sentence:
    """One filter: what it says of a deal, and how it finds those."""

    words: str  # after "Deals that …"
    narrow: Narrow


def deals_that(deals: QuerySet[Deal], codes: Iterable[str], asking: Asking) -> QuerySet[Deal]:
    """Return the deals of which every sentence is true; a code that is none leaves all."""
    for code in codes:
        if code in SENTENCES:
            deals = SENTENCES[code].narrow(deals, asking)
    return deals


def said_of(codes: Iterable[str], *, also: str = "") -> str:
    """Return the filters in force as one sentence, with what else is true; "" where there is none."""
    parts = [SENTENCES[code].words for code in codes if code in SENTENCES]
    parts += [also] if also else []
    if not parts:
        return ""
    listed = " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
    return f"Deals that {listed}."


def looks_at_some(deals: QuerySet[Deal], codes: Iterable[str], asking: Asking) -> bool:
    """Return whether a sentence that needs judging leaves deals out unjudged, to be said so."""
    judged = any(code.startswith("waits-") for code in codes)
    return judged and _open(deals, asking).count() > JUDGED


def _mine(deals: QuerySet[Deal], asking: Asking) -> QuerySet[Deal]:
    return deals.filter(owner__iexact=asking.by)


def _unanswered(deals: QuerySet[Deal], asking: Asking) -> QuerySet[Deal]:
    subject = Concat(Value("deal:"), Cast(OuterRef("pk"), CharField()), output_field=CharField())
    return _open(deals, asking).filter(~Exists(CapacityAnswer.objects.filter(subject=subject)))


def _closing(deals: QuerySet[Deal], asking: Asking) -> QuerySet[Deal]:
    last = asking.on + timedelta(days=SOON_DAYS)
    return _open(deals, asking).filter(close_on__range=(asking.on, last))


def _overdue(deals: QuerySet[Deal], asking: Asking) -> QuerySet[Deal]:
    return _open(deals, asking).filter(close_on__lt=asking.on)


def _open(deals: QuerySet[Deal], asking: Asking) -> QuerySet[Deal]:
    stages = [stage.code for stage in asking.playbook.stages if stage.kind == "open"]
    return deals.filter(stage__in=stages)


def _waits_for(party: Party) -> Narrow:
    def narrow(deals: QuerySet[Deal], asking: Asking) -> QuerySet[Deal]:
        looked_at = _open(deals, asking).order_by("-stage_since", "-pk")
        numbers = list(looked_at.values_list("pk", flat=True)[:JUDGED])
        return deals.filter(pk__in=_waiting(numbers, party, asking))

    return narrow


def _waiting(numbers: list[int], party: Party, asking: Asking) -> list[int]:
    """Return those of some deals whose next gate waits for a party."""
    found = []
    for facts in facts_of_many(numbers, on=asking.on):
        following = asking.playbook.next_stage(facts.deal.stage)
        if following is None:
            continue
        gate = judge(facts, to=following, playbook=asking.playbook, at=asking.at)
        if party in parties_to_act(gate, facts):
            found.append(facts.deal.pk)
    return found


SENTENCES: Final[Mapping[str, Sentence]] = {
    "mine": Sentence("are mine", _mine),
    "closing": Sentence(f"close within {SOON_DAYS} days", _closing),
    "unanswered": Sentence("have no answer from PS", _unanswered),
    "overdue": Sentence("should have closed already", _overdue),
    "waits-bd": Sentence("wait for BD", _waits_for(Party.BD)),
    "waits-ps": Sentence("wait for PS", _waits_for(Party.PS)),
    "waits-sponsor": Sentence("wait for the Sponsor", _waits_for(Party.SPONSOR)),
}
