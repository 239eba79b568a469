"""Moves past an open gate are told to BD and PS once; old hints and readings are forgotten."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.factories import NOON, make_deal, make_person
from throughline.intake.hubspot.actions.telling import tell_of_exceptions
from throughline.intake.hubspot.jobs import forget_what_is_old
from throughline.intake.models import HubSpotHint, HubSpotReading
from throughline.mail.models import Message
from throughline.people.models import User
from throughline.people.words import RoleName
from throughline.sales.models import GateException

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    for name, role in (("bea", RoleName.BD), ("pia", RoleName.PS), ("sue", RoleName.SPONSOR)):
        make_person(name, role)
        User.objects.filter(username=name).update(email=f"{name}@example.org")
    make_person("without-address", RoleName.PS)


def moved(name):
    return GateException.objects.create(
        deal=make_deal(name=name), from_stage="lead", to_stage="negotiation",
        conditions=["ps.reviewed"], found_at=NOON, found_by="HubSpot",
    )  # fmt: skip


def told():
    return sorted((one.to[0], one.subject) for one in Message.objects.all())


@pytest.mark.usefixtures("people")
def test_a_move_is_told_to_bd_and_ps_once(playbook):
    moved("Coral")
    for hour in range(3):
        tell_of_exceptions(playbook=playbook, by="worker", at=NOON + timedelta(hours=hour))

    subject = "Coral was moved past an open gate"
    assert told() == [("bea@example.org", subject), ("pia@example.org", subject)]
    assert "to Negotiation, past ps.reviewed" in Message.objects.first().text


@pytest.mark.usefixtures("people")
def test_many_moves_at_once_are_one_mail_and_a_later_one_is_another(playbook):
    for number in range(30):
        moved(f"Deal {number}")
    assert tell_of_exceptions(playbook=playbook, by="worker", at=NOON) == 30
    assert Message.objects.count() == 2
    assert "and 10 more" in Message.objects.first().text

    moved("Late")
    assert tell_of_exceptions(playbook=playbook, by="worker", at=NOON) == 1
    assert Message.objects.count() == 4


@pytest.mark.usefixtures("people")
def test_html_of_the_playbooks_own_is_what_goes_out_with_names_escaped(playbook):
    """And at its foot stands where to choose otherwise, as in the plain text."""
    moved("<b>Coral")
    mails = tuple(
        replace(one, html="<h1>$what moved</h1>$moves") if one.code == "exceptions_told" else one
        for one in playbook.mails
    )

    tell_of_exceptions(playbook=replace(playbook, mails=mails), by="worker", at=NOON)

    html = Message.objects.first().html
    assert html.startswith("<h1>&lt;b&gt;Coral was moved</h1>- &lt;b&gt;Coral: to Negotiation")
    assert html.endswith('/preferences/">Change that</a>.</p>')


def test_what_was_explained_before_anybody_was_told_is_not_told(playbook, people):
    moved("Coral")
    GateException.objects.update(state="explained", closed_by="bea", closed_at=NOON)

    assert (tell_of_exceptions(playbook=playbook, by="worker", at=NOON), told()) == (0, [])


def test_old_hints_and_readings_go_and_what_is_needed_stays():
    old = NOON - timedelta(days=31)
    for number, read_at in enumerate((old, NOON, None)):
        HubSpotHint.objects.create(
            key=str(number), deal_id="7", happened_at=old, kept_at=old, read_at=read_at
        )
    for days in (40, 35, 1):
        started = NOON - timedelta(days=days)
        HubSpotReading.objects.create(kind="all", started_at=started, finished_at=started)
    HubSpotReading.objects.create(kind="changes", started_at=old, finished_at=old)

    forget_what_is_old(at=NOON)

    assert sorted(HubSpotHint.objects.values_list("key", flat=True)) == ["1", "2"]
    kinds = HubSpotReading.objects.values_list("kind", "started_at")
    assert sorted(kinds) == [("all", NOON - timedelta(days=1)), ("changes", old)]
