"""Renewals as calendars read them: two independent readers, moved dates, cancelled ones."""

import pytest
import vobject
from icalendar import Calendar

from tests.factories import BD, make_person
from tests.renewals.endings import make_running, make_signed, renew
from tests.renewals.world import day, make_term, move_end, nine
from throughline.kernel.errors import Refused
from throughline.people.actions import revoke_link
from throughline.people.models import RoleGrant
from throughline.people.words import RoleName
from throughline.playbook.loader import shipped
from throughline.renewals.actions_calendar import calendar_by_link, publish_calendar, subscribe

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

TOKEN = "k" * 43


def publish(on):
    return publish_calendar(playbook=shipped(), at=nine(on))


def events(content):
    """Return the events as icalendar reads them: UID, day, sequence, status, what they say."""
    return {
        str(one["UID"]).removeprefix("renewal-").removesuffix("@throughline"): (
            one["DTSTART"].dt.isoformat(), int(one["SEQUENCE"]), str(one["STATUS"]),
            str(one["SUMMARY"]),
        )
        for one in Calendar.from_ical(content).walk("VEVENT")
    }  # fmt: skip


def test_ends_and_steps_are_whole_days_and_two_readers_agree():
    name = "Tide; hubs, and\nmore: " + "a name of many words " * 6
    engagement = make_term("2026-06-30", name=name)
    number = engagement.number

    content = publish("2026-01-15")

    said = f"Ends: {' '.join(name.split())}"
    found = events(content)
    assert found[f"{number}-end"] == ("2026-06-30", 0, "CONFIRMED", said)
    assert found[f"{number}-step-60"][0] == "2026-05-01"
    assert found[f"{number}-step-180"][0] == "2026-01-01"
    by_other = vobject.readOne(content.decode())
    (end,) = [one for one in by_other.vevent_list if one.uid.value.endswith("end@throughline")]
    assert end.summary.value == said  # unfolded and unescaped by somebody else's reader
    assert (end.dtstart.value, end.dtend.value) == (day("2026-06-30"), day("2026-07-01"))
    assert max(len(line) for line in content.split(b"\r\n")) <= 75


def test_the_same_state_makes_the_same_bytes():
    make_term("2026-06-30")

    assert publish("2026-01-15") == publish("2026-01-16")


def test_a_date_that_moves_keeps_its_name_and_counts_the_change():
    engagement = make_term("2026-06-30")
    publish("2026-01-15")
    move_end(engagement, "2026-09-30")

    found = events(publish("2026-02-01"))

    assert found[f"{engagement.number}-end"][:3] == ("2026-09-30", 1, "CONFIRMED")
    assert found[f"{engagement.number}-step-60"][:3] == ("2026-08-01", 1, "CONFIRMED")
    assert events(publish("2026-02-02")) == found


def test_what_falls_away_is_cancelled_once_and_comes_back_as_a_change():
    engagement = make_running()
    number = engagement.number
    publish("2026-01-15")
    signed = make_signed("2026-07-01", "2027-06-30", community=engagement.deal.community)
    renew(engagement, "2026-04-01", deal=str(signed.pk))

    cancelled = events(publish("2026-04-01"))
    again = events(publish("2026-04-02"))

    assert cancelled[f"{number}-step-60"][:3] == ("2026-05-01", 1, "CANCELLED")
    assert cancelled[f"{number}-step-180"][:3] == ("2026-01-01", 0, "CONFIRMED")  # that has been
    assert cancelled[f"{number}-end"][2] == "CONFIRMED"
    assert again == cancelled
    type(engagement).objects.filter(pk=number).update(successor=None)
    assert events(publish("2026-04-03"))[f"{number}-step-60"][:3] == ("2026-05-01", 2, "CONFIRMED")


def test_a_lapse_and_a_plan_are_days_as_well():
    engagement = make_running()

    found = events(publish("2026-07-05"))

    assert found[f"{engagement.number}-decide"][0] == "2026-08-12"


def test_a_link_is_of_one_person_and_closes_with_their_role_or_by_hand():
    person = make_person(BD, RoleName.BD)
    make_person("nobody")
    make_term("2026-06-30")
    link, address = subscribe(BD, TOKEN, at=nine("2026-01-15"))

    def read(on="2026-01-16"):
        return calendar_by_link(TOKEN, playbook=shipped(), at=nine(on))

    assert address.endswith(f"/s/calendar/{TOKEN}/renewals.ics")
    assert read() == publish("2026-01-16")
    with pytest.raises(Refused):
        subscribe("nobody", "n" * 43, at=nine("2026-01-15"))
    with pytest.raises(Refused) as expired:
        read("2027-01-17")
    RoleGrant.objects.filter(user=person).delete()
    with pytest.raises(Refused) as left:
        read()
    RoleGrant.objects.create(user=person, role=RoleName.PS)
    revoke_link(link.pk, by=BD, at=nine("2026-01-17"))
    with pytest.raises(Refused) as revoked:
        read()

    assert [one.value.message for one in (expired, left, revoked)] == [
        "This link expired on 16 January 2027.",
        "This link was revoked.",
        "This link was revoked.",
    ]
