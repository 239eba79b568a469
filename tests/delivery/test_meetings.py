"""The weekly Engagement Review: what it looks at, its decisions, its minutes."""

from datetime import timedelta

import pytest

from tests.factories import BD, NOON, PS, TODAY, make_deal, make_deliverable, make_person
from throughline.delivery.actions.deliverables import mark_done, verify_deliverable
from throughline.delivery.actions.engagements import open_imported, report_health
from throughline.delivery.actions.meetings import (
    close_meeting,
    decide,
    open_meeting,
    settle_decision,
)
from throughline.delivery.meetings import (
    NoSuchMeeting,
    agenda_for,
    minutes_of,
    standing_decisions,
)
from throughline.delivery.models import Decision, Engagement, Meeting
from throughline.delivery.words import Health
from throughline.journal.models import Entry
from throughline.kernel.errors import Refused
from throughline.people.gates import NotEntitled
from throughline.people.words import RoleName
from throughline.playbook.loader import shipped

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def opened(name, *, ago=60, health=None, said=0, end_on=TODAY + 90 * DAY):
    make_deal(name=name, stage="closed_won", end_on=end_on)
    found = open_imported(playbook=shipped(), by="t", at=NOON - ago * DAY)[0]
    if health:
        why = "No account yet."
        report_health(found.number, health, why=why, by=PS, at=NOON - said * DAY)
    return Engagement.objects.get(pk=found.number)


def opened_meeting(*, on=TODAY, at=NOON):
    return open_meeting(on=on, by=BD, at=at)


def decided(meeting, text="Ask again.", *, number=None, at=NOON):
    return decide(meeting.pk, text, number=number, owner=PS, due_on=TODAY, by=BD, at=at)


def closed(meeting, *, at=NOON):
    return close_meeting(meeting.pk, playbook=shipped(), on=at.date(), by=BD, at=at)


def talked_about(meeting=None, *, at=NOON):
    agenda = agenda_for(meeting, on=at.date(), at=at, playbook=shipped())
    return {code: [one.deal.name for one in found] for code, _title, found in agenda.parts}


def test_agenda_has_new_ones_then_off_track_at_risk_and_those_nobody_spoke_of():
    opened("new", ago=2, health=Health.OFF_TRACK)
    opened("off", health=Health.OFF_TRACK, said=40)
    opened("risk", health=Health.AT_RISK, said=40)
    opened("old word", health=Health.ON_TRACK, said=31)
    opened("never", ago=31)
    opened("fresh word", health=Health.ON_TRACK, said=30)
    opened("over", health=Health.OFF_TRACK, end_on=TODAY - DAY)

    assert talked_about() == {
        "new": ["new"], "off": ["off"], "risk": ["risk"], "stale": ["never", "old word"],
    }  # fmt: skip


def test_agenda_calls_new_what_came_since_the_last_review():
    closed(opened_meeting(on=TODAY - 20 * DAY, at=NOON - 20 * DAY), at=NOON - 20 * DAY)
    opened("in between", ago=15)
    opened("before it", ago=21)

    assert talked_about()["new"] == ["in between"]


def test_agenda_takes_as_many_queries_for_nine_engagements_as_for_three(django_assert_num_queries):
    for name in ("one", "two", "three"):
        opened(name)
    with django_assert_num_queries(7):
        talked_about()
    for health in Health:
        opened(f"{health} new", ago=1, health=health)
        opened(f"{health} old", health=health)

    with django_assert_num_queries(7):
        talked_about()


def test_agenda_counts_promises_and_what_is_verified():
    found = opened("counted", health=Health.AT_RISK)
    first, _second = make_deliverable(found), make_deliverable(found, "phase-2")
    mark_done(first.pk, evidence="", link="", by=PS, at=NOON)
    verify_deliverable(first.pk, by=BD, at=NOON)

    one = agenda_for(None, on=TODAY, at=NOON, playbook=shipped()).at_risk[0]

    assert (one.promised, one.verified) == (2, 1)


def test_review_of_a_day_is_opened_once_and_no_other_beside_it():
    first = opened_meeting()

    assert (opened_meeting(), Meeting.objects.count()) == (first, 1)
    with pytest.raises(Refused, match="is still open"):
        opened_meeting(on=TODAY + DAY)
    assert Entry.objects.filter(act="delivery.meeting.opened").count() == 1


def test_review_that_is_closed_is_not_opened_again_and_takes_no_decision():
    meeting = closed(opened_meeting())

    with pytest.raises(Refused, match="its minutes stand"):
        opened_meeting()
    with pytest.raises(Refused, match="This review is closed"):
        decided(meeting)
    with pytest.raises(Refused, match="has closed this already"):
        closed(meeting)
    assert not Decision.objects.exists()


def test_decision_is_typed_once_and_stands_with_the_engagement_and_in_the_journal():
    found = opened("decided of")
    made = decided(opened_meeting(), "Move the go-live.", number=found.number)

    assert standing_decisions(found) == [made]
    entry = Entry.objects.get(act="delivery.decision.taken")
    assert (entry.subject_type, entry.subject_id, entry.facts["text"]) == (
        "delivery.engagement", str(found.number), "Move the go-live.",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "number", "refused"),
    [(" ", None, "Nothing is decided"), ("Ask.", 999, "There is no engagement 999")],
)
def test_decision_of_nothing_or_of_nobody_is_refused_and_nothing_is_written(text, number, refused):
    meeting, entries = opened_meeting(), Entry.objects.count()

    with pytest.raises(Refused, match=refused):
        decided(meeting, text, number=number)

    assert (Decision.objects.count(), Entry.objects.count()) == (0, entries)


def test_decision_settled_is_asked_about_no_more():
    found = opened("settled")
    made = decided(opened_meeting(), number=found.number)

    settle_decision(made.pk, by=PS, at=NOON)

    assert standing_decisions(found) == []
    with pytest.raises(Refused, match=f"{PS} has settled this already"):
        settle_decision(made.pk, by=BD, at=NOON)
    with pytest.raises(Refused, match="There is no decision 999"):
        settle_decision(999, by=BD, at=NOON)


def test_decision_nobody_settled_is_asked_about_in_the_next_review():
    made = decided(opened_meeting())
    closed(made.meeting)
    later = opened_meeting(on=TODAY + 7 * DAY, at=NOON + 7 * DAY)

    agenda = agenda_for(later, on=TODAY, at=NOON + 7 * DAY, playbook=shipped())

    assert list(agenda.standing) == [made]


def test_minutes_are_markdown_with_each_decision_below_its_engagement():
    found = opened("Tide *pool*", health=Health.OFF_TRACK)
    meeting = opened_meeting()
    decided(meeting, "Ask\nagain.", number=found.number)
    decided(meeting, "Meet on Mondays.")

    assert minutes_of(meeting, on=TODAY, at=NOON, playbook=shipped()) == (
        "# Engagement Review, 2026-03-02\n"
        "\n"
        "## Newly closed\n"
        "\n"
        "None.\n"
        "\n"
        "## Off track\n"
        "\n"
        f"- **Tide \\*pool\\*** ({found.number}): off track: No account yet. (said 2026-03-02)\n"
        f"  - Decided: Ask again. – {PS}, until 2026-03-02\n"
        "\n"
        "## At risk\n"
        "\n"
        "None.\n"
        "\n"
        "## Nobody has said anything lately\n"
        "\n"
        "None.\n"
        "\n"
        "## Of all engagements\n"
        "\n"
        f"- Decided: Meet on Mondays. – {PS}, until 2026-03-02\n"
    )


def test_minutes_of_a_closed_review_stay_as_they_were():
    found = opened("later better", health=Health.OFF_TRACK)
    meeting = closed(opened_meeting())
    report_health(found.number, Health.ON_TRACK, why="", by=PS, at=NOON + DAY)

    later = minutes_of(meeting, on=TODAY + DAY, at=NOON + DAY, playbook=shipped())

    assert (later, "off track: No account yet." in later) == (meeting.minutes, True)


def test_each_step_of_a_review_asks_for_a_hat():
    make_person("sid", RoleName.SPONSOR)
    meeting = opened_meeting()
    made = decided(meeting)

    for act in (
        lambda: open_meeting(on=TODAY, by="sid", at=NOON),
        lambda: decide(meeting.pk, "No.", number=None, owner="", due_on=None, by="sid", at=NOON),
        lambda: settle_decision(made.pk, by="sid", at=NOON),
        lambda: close_meeting(meeting.pk, playbook=shipped(), on=TODAY, by="sid", at=NOON),
    ):
        with pytest.raises(NotEntitled, match="sid may not"):
            act()
    made.refresh_from_db()
    assert (made.settled_at, Decision.objects.count()) == (None, 1)


def test_review_that_is_none_says_where_to_look():
    with pytest.raises(NoSuchMeeting, match="There is no review 999"):
        close_meeting(999, playbook=shipped(), on=TODAY, by=BD, at=NOON)
