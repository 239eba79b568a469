"""A renewal in part: the hubs that do not go on are told of, once each step, and free their hours."""

import pytest

from tests.factories import BD, make_cluster
from tests.renewals.endings import make_people, make_running, make_signed, renew
from tests.renewals.world import (
    day,
    make_representative,
    move_end,
    nine,
    notices,
    outbox,
    run,
)
from throughline.delivery.actions.engagements import link_clusters
from throughline.mail.models import Message
from throughline.playbook.loader import shipped
from throughline.renewals.actions_courses import withdraw_course
from throughline.renewals.jobs import rehearse_ladders
from throughline.renewals.queries import hubs_ending

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
REP = ["rae@example.org"]


@pytest.fixture
def engagement():
    """Return an engagement until 30 June 2026 with the hubs prod and lab."""
    make_people()
    engagement = make_running()
    make_cluster(
        "tide", deal_id=engagement.deal.reference,
        hubs={name: (name, f"{name}.tide.example") for name in ("prod", "lab")},
    )  # fmt: skip
    link_clusters(by=BD, at=nine("2026-01-01"))
    make_representative(engagement, REP[0])
    return engagement


def renew_in_part(engagement):
    signed = make_signed("2026-07-01", "2027-06-30", community=engagement.deal.community)
    renew(engagement, "2026-03-01", deal=str(signed.pk), hubs_that_end=("tide/lab",))


def test_the_representatives_of_hubs_that_end_are_told_at_14_and_2_days_and_nobody_else(engagement):
    renew_in_part(engagement)

    for on in ("05-01", "06-15", "06-16", "06-16", "06-17", "06-28", "06-28", "06-30", "07-01"):
        run(f"2026-{on}")

    assert outbox() == [
        (REP, "Hubs of Tide end in 14 days"),
        (REP, "Hubs of Tide end in 2 days"),
    ]
    assert notices(engagement) == [
        ("2026-06-30", "60", "silenced"),
        ("2026-06-30", "14", "sent"),
        ("2026-06-30", "2", "sent"),
    ]
    text = Message.objects.first().text
    assert "- tide/lab\n" in text
    assert "tide/prod" not in text


def test_a_renewal_in_part_that_is_not_signed_yet_asks_partnerships_and_tells_of_the_hubs(
    engagement,
):
    renew(engagement, "2026-03-01", name="Next", hubs_that_end=("tide/lab",))

    for on in ("05-01", "06-16", "06-28"):
        run(f"2026-{on}")

    assert [to for to, _subject in outbox()] == [["partnerships@2i2c.org"], REP, REP]


def test_of_a_renewal_of_the_whole_nobody_is_told_and_its_rehearsal_says_so(engagement):
    signed = make_signed("2026-07-01", "2027-06-30", community=engagement.deal.community)
    renew(engagement, "2026-03-01", deal=str(signed.pk))

    run("2026-06-16")
    assert outbox() == []
    assert rehearse_ladders(on=day("2026-06-28"), today=day("2026-06-16"), playbook=shipped()) == []


def test_hubs_end_only_on_the_day_for_which_it_was_decided_and_while_it_stands(engagement):
    renew(engagement, "2026-03-01", name="Next", hubs_that_end=("tide/lab",))
    assert hubs_ending() == {"tide/lab": day("2026-06-30")}

    move_end(engagement, day("2026-12-31"))
    assert hubs_ending() == {}
    move_end(engagement, day("2026-06-30"))
    withdraw_course(
        engagement.number, why="All goes on.", playbook=shipped(), by=BD, at=nine("2026-03-02")
    )
    assert hubs_ending() == {}


def take_back(engagement, on):
    why = "They found money."
    withdraw_course(engagement.number, why=why, playbook=shipped(), by=BD, at=nine(on))


def test_whoever_was_told_that_hubs_end_is_told_once_that_it_was_taken_back(engagement):
    renew(engagement, "2026-03-01", name="Next", hubs_that_end=("tide/lab",))
    run("2026-06-16")

    take_back(engagement, "2026-06-17")
    run("2026-06-17")
    run("2026-06-18")

    told = [(to, subject) for to, subject in outbox() if to == REP]
    assert told == [
        (REP, "Hubs of Tide end in 14 days"),
        (REP, "Correction: hubs of Tide are not shut down after 30 June 2026"),
    ]
    message = Message.objects.get(subject__startswith="Correction")
    assert "- tide/lab\n" in message.text


def test_of_a_renewal_in_part_that_nobody_was_told_of_no_correction_goes_out(engagement):
    renew(engagement, "2026-03-01", name="Next", hubs_that_end=("tide/lab",))

    take_back(engagement, "2026-03-02")

    assert outbox() == []
