"""Six years of 200 engagements and two workers: every notice that the rules demand, and no other.

`make chaos` plays the same with ten thousand, and kills workers.
"""

from dataclasses import replace
from datetime import date

import pytest

from tests.renewals.simulation import Simulation
from throughline.playbook.loader import shipped

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.HOME = tmp_path
    settings.EMAIL_BACKEND = "tests.renewals.flaky.FlakyBackend"
    return tmp_path


def test_six_years_bring_each_notice_exactly_once_and_no_other(home):
    found = Simulation(200, 20270700, home=home, kills=False).play()

    assert (found.missing, found.forbidden, found.doubled) == ([], [], [])
    assert found.zone == "America/St_Johns"
    assert found.notices > 200
    assert found.corrections > 40
    assert found.repeats > 3
    assert found.rehearsed > 10


def test_judge_tells_a_ladder_of_59_days_from_one_of_60(home):
    rules = shipped()
    ladder = tuple(replace(step, days=59) if step.code == "60" else step for step in rules.ladder)
    wrong = replace(rules, ladder=ladder)

    found = Simulation(40, 1, home=home, kills=False, rules=wrong, last=date(2027, 12, 31)).play()

    assert (len(found.missing) > 0, len(found.forbidden) > 0) == (True, True)
