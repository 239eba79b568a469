"""Random life in a HubSpot account, and what must be true here once it was read again."""

from collections.abc import Callable
from datetime import timedelta
from random import Random

from tests.intake.hubspot.conftest import SECRET, STAGES, Clock
from throughline.intake.hubspot.actions.reading import Source, receive
from throughline.intake.hubspot.jobs import read_what_is_due
from throughline.kernel.errors import Refused
from throughline.sales.models import Deal
from throughline.sales.queries import find_deal
from throughline.simulators.hubspot.records import Record
from throughline.simulators.hubspot.server import HubSpotSimulator
from throughline.simulators.hubspot.webhooks import Weather, WebhookSender
from throughline.simulators.server import (
    Call,
    Reply,
    answering,
    dropping,
    losing_the_answer,
    too_many,
)

DEALS, COMPANIES = "0-3", "0-2"
FEWEST = 40
PATH = "/hooks/hubspot"
FAULTS = (too_many("1"), answering(503), answering(502), dropping(), losing_the_answer())
Facts = tuple[str, str, str, str]


class Storm:
    """People at work in HubSpot, webhooks on bad roads, and a worker here who looks now and then.

    Deals that were won once are never merged with one another: that is for a person to settle, and
    stops (E17).
    """

    def __init__(self, simulator: HubSpotSimulator, source: Source, clock: Clock, seed: int):
        self.simulator, self.account, self.clock = simulator, simulator.account, clock
        self.source, self.chance = source, Random(seed)
        self.ever: set[str] = set()  # every id that a deal ever had
        self.won: set[str] = set()
        self.looks = self.failed = 0
        self._calls_left = -1
        self._healthy = simulator.take
        simulator.take = self._take  # type: ignore[method-assign]
        self.account.index.lag = timedelta(minutes=2)
        address = f"https://throughline.example.org{PATH}"
        self.sender = WebhookSender(
            self.account, address, SECRET, self._receive, self.chance,
            weather=Weather(twice=0.3, never=0.2, shuffled=True, late=timedelta(hours=1)),
        )  # fmt: skip
        for kind in ("creation", "deletion", "restore", "merge"):
            self.sender.subscribe(f"deal.{kind}")
        for name in ("dealname", "amount", "dealstage"):
            self.sender.subscribe("deal.propertyChange", name)
        self.companies = [
            self.account.create(COMPANIES, {"name": f"Company {n}"}) for n in range(5)
        ]
        for number in range(60):
            self._add(None, number)

    def _receive(self, _uri: str, body: bytes, headers: dict[str, str]) -> int:
        if self.chance.random() < 0.1:
            return 0  # our side is down
        try:
            receive(body, headers=headers, method="POST", path=PATH, at=self.clock.at)
        except Refused:
            return 401
        return 204

    def rage(self, steps: int) -> None:
        """Play so many changes; webhooks come as they can, and every so often the worker looks."""
        kinds: list[tuple[Callable[[Record, int], None], int]] = [
            (self._change, 50), (self._move, 20), (self._company, 10), (self._add, 8),
            (self._merge, 3), (self._bin, 5), (self._restore, 4),
        ]  # fmt: skip
        played = self.chance.choices(
            [one for one, _ in kinds], [weight for _, weight in kinds], k=steps
        )
        for step, play in enumerate(played):
            play(self.chance.choice(self.account.records(DEALS)), step)
            self.clock.move(seconds=self.chance.randrange(120))
            if self.chance.random() < 0.1:
                self.sender.send()
            if self.chance.random() < 0.05:
                self._look()

    def _look(self) -> None:
        self._calls_left = self.chance.randrange(12)
        read_what_is_due(playbook=self.source.playbook, at=self.clock.at)
        self._calls_left = -1
        self.looks += 1

    def _take(self, call: Call) -> Reply | None:
        """Have some call of a look fail, whichever it is."""
        if self._calls_left == 0:
            self.simulator.fail_next(self.chance.choice(FAULTS))
            self.failed += 1
        self._calls_left -= 1
        return self._healthy(call)

    def calm(self) -> None:
        """Let the index catch up."""
        self.clock.move(minutes=10)

    def _change(self, one: Record, step: int) -> None:
        told = {"amount": str(self.chance.randrange(10_000)), "dealname": f"Deal {step}"}
        self.account.change(one, told)

    def _move(self, one: Record, _step: int) -> None:
        stage = self.chance.choice(["Lead", "Qualified", "Proposal", "Parked", "Closed Won"])
        if stage == "Closed Won":
            self.won.add(one.id)
        self.account.change(one, {"dealstage": STAGES[stage]})

    def _company(self, one: Record, _step: int) -> None:
        for other, _ways in self.account.linked(one, COMPANIES):
            self.account.part(one, other)
        company = self.chance.choice(self.companies)
        self.account.associate(one, company, [("HUBSPOT_DEFINED", 5)])

    def _add(self, _one: Record | None, step: int) -> None:
        made = self.account.create(
            DEALS, {"dealname": f"New {step}", "dealstage": STAGES["Lead"], "amount": "1"}
        )
        self.ever.add(made.id)

    def _merge(self, one: Record, _step: int) -> None:
        others = [
            each for each in self.account.records(DEALS)
            if each is not one and not {each.id, one.id} <= self.won
        ]  # fmt: skip
        other = self.chance.choice(others)
        self.account.merges_into_a_new_one = self.chance.choice([{DEALS}, set()])
        survivor = self.account.merge(DEALS, one.id, other.id)
        self.ever.add(survivor.id)
        if {one.id, other.id} & self.won:
            self.won.add(survivor.id)
        if len(self.account.linked(survivor, COMPANIES)) > 1:  # which one buys is for people to say
            self._company(survivor, _step)

    def _bin(self, one: Record, _step: int) -> None:
        if len(self.account.records(DEALS)) > FEWEST:
            self.account.archive(one)

    def _restore(self, _one: Record, _step: int) -> None:
        if binned := self.account.records(DEALS, archived=True):
            self.account.restore(DEALS, self.chance.choice(binned).id)

    def theirs(self) -> dict[str, Facts]:
        """Return what HubSpot says of each deal."""
        labels = {number: label for label, number in STAGES.items()}
        return {
            one.id: (
                one.properties["dealname"],
                one.properties["amount"],
                labels[one.properties["dealstage"]],
                next((c.properties["name"] for c, _w in self.account.linked(one, COMPANIES)), ""),
            )
            for one in self.account.records(DEALS)
        }

    def lost(self) -> list[str]:
        """Return the ids that somebody may still have in a bookmark, and that lead nowhere right."""
        wrong = []
        for number in sorted(self.ever):
            now = self.account.find(DEALS, number)
            if now is not None and find_deal(number).hubspot_id != now.id:
                wrong.append(number)
        return wrong


def ours() -> dict[str, Facts]:
    """Return what is known here of each deal that stands."""
    return {
        str(one.hubspot_id): (
            one.name,
            "" if one.amount is None else f"{one.amount.normalize():f}",
            one.stage_elsewhere,
            one.buyer,
        )
        for one in Deal.objects.filter(deleted_at=None)
    }
