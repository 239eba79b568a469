"""Two years of 200 engagements: ends that move, outages, successors, people who come late.

Chance (with a fixed seed) writes the history. A model that counts days one by one, and shares
nothing with ours but the words, says what must have gone out.
"""

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest

from tests.factories import NOON
from tests.renewals.slow_ladder import days_left, mails_by
from tests.renewals.world import (
    make_ending,
    make_representative,
    make_successor,
    move_end,
    nine,
    run,
)
from throughline.delivery.actions.engagements import open_imported
from throughline.delivery.models import Engagement
from throughline.mail.models import Message
from throughline.playbook.loader import shipped
from throughline.renewals.jobs import DueMail, rehearse_ladders
from throughline.renewals.models import Correction, Notice
from throughline.sales.models import Deal

FIRST, LAST = date(2027, 7, 1), date(2029, 6, 30)  # over 29 February 2028
ENGAGEMENTS, EVENTS, OUTAGES = 200, 500, 14
ONE_DAY = timedelta(days=1)


@dataclass
class Case:
    """One engagement as the model knows it."""

    number: int
    name: str
    start_on: date
    end_on: date | None
    is_ending: bool = False
    is_renewed: bool = False
    representative: str = ""
    told: date | None = None
    reached: list[str] = field(default_factory=list)  # everybody who was ever told
    over: set[tuple[date, str]] = field(default_factory=set)  # sent, or passed over for a later one

    def on_a_day_that_runs(self, on: date) -> list[tuple[int, tuple[str, ...], str]]:
        """Return what must go out on a day on which the system runs."""
        sent = []
        if self.told and self.end_on and self.told != self.end_on:
            words = f"{self.end_on.day} {self.end_on:%B %Y}"
            subject = f"Agreement end date changed: {self.name} now ends on {words}"
            sent.append((self.number, tuple(sorted(self.reached)), subject))
            self.told = self.end_on
        if self.end_on is None or self.is_renewed:
            return sent
        come = mails_by(on, self.start_on, self.end_on, is_ending=self.is_ending)
        if not come or (self.end_on, come[-1]) in self.over:
            return sent
        to = {"14": self.representative, "2": self.representative}.get(
            come[-1], "partnerships@2i2c.org"
        )
        if to:
            self.over |= {(self.end_on, step) for step in come}
            self.told, self.reached = self.end_on, [*{*self.reached, to}]
            left = days_left(on, self.end_on)
            sent.append((self.number, (to,), f"Agreement expiring in {left} days"))
        return sent


def populate(chance: random.Random) -> list[Case]:
    """Make the engagements; a third has a term under 60 days, some no end yet."""
    deals = []
    for number in range(ENGAGEMENTS):
        start = FIRST + timedelta(days=chance.randint(-400, 600))
        length = chance.choice([chance.randint(0, 59), 60, chance.randint(61, 400), 365])
        end = None if number % 25 == 0 else start + timedelta(days=length)
        deals.append(
            Deal(
                name=f"Deal {number}", hubspot_id=f"7{number:04}", stage="closed_won",
                currency="USD", stage_since=NOON, created_at=NOON, start_on=start, end_on=end,
            )
        )  # fmt: skip
    Deal.objects.bulk_create(deals)
    open_imported(playbook=shipped(), by="factory", at=NOON)
    return [Case(deal.pk, deal.name, deal.start_on, deal.end_on) for deal in deals]


def history(chance: random.Random, cases: list[Case]) -> dict[date, list[tuple[str, Case]]]:
    """Return what happens on which day: mostly close to an end, where it matters."""
    happens: dict[date, list[tuple[str, Case]]] = {}
    kinds = ["move"] * 6 + ["back"] * 2 + ["end"] * 3 + ["name"] * 3 + ["renew"]
    for _ in range(EVENTS):
        case = chance.choice(cases)
        around = case.end_on or FIRST + timedelta(days=chance.randint(0, 700))
        on = min(max(around - timedelta(days=chance.randint(-20, 70)), FIRST), LAST)
        happens.setdefault(on, []).append((chance.choice(kinds), case))
    return happens


def befall(kind: str, case: Case, on: date, chance: random.Random) -> None:
    """Let one thing happen, in the database and in the model."""
    engagement = Engagement.objects.select_related("deal").get(pk=case.number)
    if kind in {"move", "back"}:
        known = sorted({end for end, _step in case.over})
        fresh = on + timedelta(days=chance.choice([0, 1, 10, 30, 61, 90, 200]))
        case.end_on = max(
            case.start_on, chance.choice(known) if kind == "back" and known else fresh
        )
        move_end(engagement, case.end_on)
    elif kind == "end":
        case.is_ending = True
        make_ending(engagement)
    elif kind == "name" and not case.representative:
        case.representative = f"rep{case.number}@example.org"
        make_representative(engagement, case.representative)
    elif kind == "renew" and not case.is_renewed:
        case.is_renewed = True
        make_successor(engagement)


def outages(chance: random.Random) -> set[date]:
    down: set[date] = set()
    for _ in range(OUTAGES):
        begins = FIRST + timedelta(days=chance.randint(0, 720))
        down |= {
            begins + timedelta(days=later) for later in range(chance.choice([1, 2, 5, 20, 65]))
        }
    return down


@pytest.mark.django_db
def test_two_years_of_chance_bring_each_mail_exactly_once_and_no_other():
    chance = random.Random(20270701)
    cases = populate(chance)
    happens, down = history(chance, cases), outages(chance)
    expected, sent, rehearsed_days = [], [], 0

    on = FIRST
    while on <= LAST:
        for kind, case in happens.get(on, []):
            befall(kind, case, on, chance)
        if on not in down:
            quiet = on not in happens and on - ONE_DAY not in down and on > FIRST
            wanted = [mail for case in cases for mail in case.on_a_day_that_runs(on)]
            if wanted or on.day % 7 == 0:  # on the other days nothing is due; some are tried
                rehearsed = rehearse(on) if quiet and on.day % 3 == 0 else None
                found = run(nine(on))
                assert found.failed == []
                assert not wanted or run(nine(on) + timedelta(hours=3)).queued == []
                assert rehearsed in {None, tuple(found.queued)}
                rehearsed_days += rehearsed is not None
                sent += [(on, mail.engagement, mail.to, mail.subject) for mail in found.queued]
            expected += [(on, *mail) for mail in sorted(wanted, key=lambda mail: mail[0])]
        on += ONE_DAY

    assert sent == expected
    judge_the_rows(sent)
    assert len(sent) > 250
    assert rehearsed_days > 20


def rehearse(on: date) -> tuple[DueMail, ...]:
    return tuple(rehearse_ladders(on=on, today=on - ONE_DAY, playbook=shipped()))


def judge_the_rows(sent: list[tuple[date, int, tuple[str, ...], str]]) -> None:
    """Look at the outcome once more, without any model: rows, mails and days fit each other."""
    assert Message.objects.count() == len(sent)
    assert Notice.objects.filter(message=None, state__in=["sent", "void"]).count() == 0
    by_key = Counter(Message.objects.values_list("key", flat=True))
    assert set(by_key.values()) == {1}
    for notice in Notice.objects.exclude(message=None).select_related("message", "engagement"):
        on = notice.at.date()
        left = days_left(on, notice.end_on)
        assert notice.message.subject == f"Agreement expiring in {left} days"
        assert notice.due_on <= on <= notice.end_on
    for correction in Correction.objects.all():
        assert correction.was_on != correction.now_on
    subjects = Counter(subject.split(":")[0] for _on, _number, _to, subject in sent)
    assert subjects["Agreement end date changed"] > 30
