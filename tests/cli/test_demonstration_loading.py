from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from django.db import transaction
from django.test import override_settings

from throughline.cli.demonstration import load_demonstration
from throughline.delivery.queries import engagements
from throughline.journal.models import Entry
from throughline.kernel.days import day_in_zone
from throughline.kernel.errors import Refused
from throughline.people.actions import add_user
from throughline.people.models import User
from throughline.people.words import RoleName
from throughline.playbook.loader import shipped
from throughline.renewals.queries import mails_due, renewals
from throughline.sales.models import Deal

AT = datetime(2026, 8, 24, 9, 0, tzinfo=UTC)
PLAYBOOK = shipped()
PASSWORD = "a long enough one"


@pytest.fixture(autouse=True)
def empty(db, settings, tmp_path):
    """Give each test an empty database and a home of its own."""
    settings.HOME = tmp_path


def telling():
    return list(Entry.objects.order_by("pk").values_list("act", "by", "at"))


def tell():
    """Load the demonstration where there is an Admin already, and give its people a password."""
    add_user("admin", roles=frozenset({RoleName.ADMIN}), by="up", at=AT, password="another one")
    load_demonstration(at=AT, playbook=PLAYBOOK, password=PASSWORD)


@pytest.fixture(scope="module")
def told_before(django_db_setup, django_db_blocker, tmp_path_factory):
    """What the demonstration told and whom its password lets in; loading it takes seconds."""
    home = tmp_path_factory.mktemp("home")
    with django_db_blocker.unblock(), override_settings(HOME=home), transaction.atomic():
        tell()
        opened = {one.username for one in User.objects.all() if one.check_password(PASSWORD)}
        told = SimpleNamespace(telling=telling(), opened=opened)
        transaction.set_rollback(True)
    return told


def test_demonstration_told_twice_is_told_the_same(told_before):
    assert Entry.objects.count() == 0

    tell()

    assert telling() == told_before.telling


def test_password_that_is_given_opens_the_new_accounts_only(told_before):
    assert told_before.opened == {"ada", "ben", "pia", "noor", "sam", "lea"}


@pytest.mark.parametrize(
    ("at", "zone"),
    [
        (datetime(2028, 2, 29, 23, 59, tzinfo=UTC), "UTC"),
        (datetime(2026, 3, 8, 4, 30, tzinfo=UTC), "America/New_York"),  # the night clocks change
    ],
)
def test_demonstration_at_any_instant_is_as_alive(at, zone):
    playbook = replace(PLAYBOOK, organisation=replace(PLAYBOOK.organisation, zone=zone))
    on = day_in_zone(at, zone)

    load_demonstration(at=at, playbook=playbook)

    found = renewals(engagements(), on=on, playbook=playbook)
    due = [one.step for line in found for one in mails_due(line.standing, on=on, playbook=playbook)]
    assert due == ["60"]
    assert Counter(str(one.state) for one in found) == {
        "running": 6,
        "flagged": 2,
        "expiring": 2,
        "renewed": 1,
        "lapsed": 1,
    }


def test_mail_that_would_leave_the_machine_is_refused_and_nothing_is_written(settings):
    settings.MAIL_LEAVES_THROUGH = "mail.example"

    with pytest.raises(Refused, match="go out to real addresses"):
        load_demonstration(at=AT, playbook=PLAYBOOK)

    assert (Deal.objects.count(), User.objects.count(), Entry.objects.count()) == (0, 0, 0)
