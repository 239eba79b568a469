"""The team as rows, and how an answer notices that it changed."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from tests.factories import NOON, PS, make_person
from throughline.capacity.actions.demand import assign_work, put_demand
from throughline.capacity.actions.team import (
    ColleagueSeen,
    give_back_time_off,
    keep_colleague,
    keep_team,
    take_time_off,
)
from throughline.capacity.engine.work import Work
from throughline.capacity.models import Colleague, TimeOff
from throughline.capacity.queries import team_changes, team_fingerprint, time_off_between
from throughline.journal.models import Entry
from throughline.kernel.errors import Refused
from throughline.people.gates import NotEntitled
from throughline.people.words import RoleName

pytestmark = pytest.mark.django_db

ADA = ColleagueSeen("Ada", ("infrastructure_engineer",), Decimal(40), Decimal("0.45"))
DAYS = {"from_on": date(2026, 3, 9), "to_on": date(2026, 3, 13), "reason": "leave"}
BO = ColleagueSeen("Bo", ("app_engineer",), Decimal(40), Decimal("0.45"))


def keep(*seen):
    return keep_team(seen, by=PS, at=NOON)


def counts(kept):
    return len(kept.created), len(kept.updated), len(kept.unchanged)


def test_team_is_created_then_unchanged_then_updated_and_the_journal_says_so():
    first, again = keep(ADA, BO), keep(ADA, BO)
    changed = keep(replace(ADA, to_on=date(2026, 6, 30)))

    assert [counts(one) for one in (first, again, changed)] == [(2, 0, 0), (0, 0, 2), (0, 1, 0)]
    assert list(Entry.objects.order_by("pk").values_list("act", flat=True)) == [
        "capacity.colleague.added", "capacity.colleague.added", "capacity.colleague.changed",
    ]  # fmt: skip
    assert Colleague.objects.count() == 2


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"to_on": date(2026, 6, 30)}, "Ada leaves on 2026-06-30"),
        ({"from_on": date(2026, 6, 1)}, "Ada starts on 2026-06-01"),
        ({"roles": ("tech_lead",)}, "Ada has other roles"),
        ({"weekly_hours": Decimal(20)}, "Ada has 9 h a week instead of 18"),
        ({"country": "DE"}, None),
    ],
)
def test_team_change_is_said_in_words(change, said):
    keep(ADA)
    before = team_fingerprint()

    keep(replace(ADA, **change))

    assert team_changes(before, team_fingerprint()) == ([said] if said else [])


def test_team_change_names_who_joined_who_is_gone_and_who_stays():
    leaving = {"Ada": {"roles": [], "hours": 1, "from_on": None, "to_on": "2026-06-30"}}
    staying = {"Ada": {"roles": [], "hours": 1, "from_on": None, "to_on": None}}

    assert team_changes(leaving, staying) == ["Ada stays"]
    assert team_changes({}, staying) == ["Ada joined"]
    assert team_changes(staying, {}) == ["Ada is gone"]


def test_time_off_is_taken_once_by_name_in_any_spelling():
    keep(ADA)
    days = {"from_on": date(2026, 3, 9), "to_on": date(2026, 3, 13), "by": PS, "at": NOON}

    for name in ("ada", "Ada "):
        take_time_off(name, reason="leave", **days)

    [off] = time_off_between(date(2026, 3, 13), date(2026, 3, 20))
    assert (off.colleague.name, off.reason) == ("Ada", "leave")
    assert time_off_between(date(2026, 3, 14), date(2026, 3, 20)) == []


@pytest.mark.parametrize(
    ("name", "first", "message"),
    [("Eve", 9, "The team has no 'Eve'."), ("Ada", 14, "2026-03-13 is before 2026-03-14.")],
)
def test_time_off_that_makes_no_sense_is_refused(name, first, message):
    keep(ADA)

    with pytest.raises(Refused) as refused:
        take_time_off(
            name, from_on=date(2026, 3, first), to_on=date(2026, 3, 13), reason="", by=PS, at=NOON
        )

    assert refused.value.message == message
    assert TimeOff.objects.count() == 0


def test_name_in_other_letters_is_the_same_person():
    keep(ADA)

    kept = keep(replace(ADA, name="ADA", weekly_hours=Decimal(20)))

    assert counts(kept) == (0, 1, 0)
    assert list(Colleague.objects.values_list("name", "weekly_hours")) == [("Ada", 20)]


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda by: keep_team([BO], **by), "ada may not keep the team."),
        (lambda by: keep_colleague(BO, **by), "ada may not keep the team."),
        (lambda by: take_time_off("Ada", **DAYS, **by), "ada may not keep the team."),
        (
            lambda by: give_back_time_off(TimeOff.objects.get().pk, **by),
            "ada may not keep the team.",
        ),
        (
            lambda by: assign_work("deal:1", "1.1", "tech_lead", **by),
            "ada may not say which role does a piece of work.",
        ),
    ],
)
def test_only_those_who_keep_the_team_change_it_wherever_they_ask(act, message):
    make_person("ada", RoleName.BD)
    make_person("noor", RoleName.PS)
    keep(ADA)
    take_time_off("Ada", **DAYS, by="noor", at=NOON)
    put_demand("deal:1", [Work("Do it", ("tech_lead",), 1, 2, NOON.date(), code="1.1")],
               by=PS, at=NOON)  # fmt: skip
    before = Entry.objects.count()

    with pytest.raises(NotEntitled) as refused:
        act({"by": "ada", "at": NOON})

    assert refused.value.message == message
    assert (Entry.objects.count(), Colleague.objects.count()) == (before, 1)
