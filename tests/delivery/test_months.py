"""Services, month by month."""

from datetime import date

import pytest

from tests.factories import BD, NOON, PS, TODAY, make_engagement, make_person
from throughline.delivery.actions.months import NoSuchService, check_service
from throughline.delivery.actions.structure import put_service
from throughline.delivery.models import ServiceMonth
from throughline.journal.models import Entry
from throughline.kernel.errors import Refused
from throughline.people.gates import NotEntitled
from throughline.people.words import RoleName

pytestmark = pytest.mark.django_db
FEBRUARY, MARCH = date(2026, 2, 1), date(2026, 3, 1)


@pytest.fixture
def service(db):
    engagement = make_engagement()
    deal = engagement.deal
    deal.start_on, deal.end_on = date(2026, 2, 15), date(2026, 9, 30)
    deal.save(update_fields=["start_on", "end_on"])
    put_service(engagement.number, "support", title="Support", rhythm="monthly", by=PS, at=NOON)
    return engagement.services.get()


def check(service, month=FEBRUARY, *, is_given=True, note="", by=PS):
    told = {"is_given": is_given, "note": note, "on": TODAY, "by": by, "at": NOON}
    return check_service(service.pk, month, **told)


def test_month_is_said_by_whom_and_when_and_any_day_names_it(service):
    check(service, date(2026, 2, 28))

    said = ServiceMonth.objects.get()
    assert (said.service, said.month, said.is_given, said.by, said.at) == (
        service, FEBRUARY, True, PS, NOON,
    )  # fmt: skip


def test_month_said_again_is_replaced_and_both_are_in_the_journal(service):
    check(service)
    check(service, is_given=False, note="Nobody was there.")

    said = ServiceMonth.objects.get()
    told = Entry.objects.filter(act="delivery.service.checked").order_by("pk")
    assert (said.is_given, said.note) == (False, "Nobody was there.")
    assert [one.facts["given"] for one in told] == [True, False]


@pytest.mark.parametrize(
    ("month", "fields", "refused"),
    [
        (FEBRUARY, {"is_given": False, "note": " "}, "Why was it not given"),
        (date(2026, 4, 1), {}, "has not begun"),
        (date(2026, 1, 1), {}, "outside the engagement's term"),
    ],
)
def test_month_without_a_reason_ahead_or_outside_is_refused_and_nothing_is_written(
    month, fields, refused, service
):
    with pytest.raises(Refused, match=refused):
        check(service, month, **fields)

    assert not ServiceMonth.objects.exists()


def test_month_that_has_begun_may_be_said(service):
    assert check(service, MARCH).month == MARCH


def test_month_is_said_by_ps(service):
    make_person(BD, RoleName.BD)

    with pytest.raises(NotEntitled, match="may not say whether a service was given"):
        check(service, by=BD)


def test_service_that_is_none_says_where_to_look():
    with pytest.raises(NoSuchService, match="There is no service 999"):
        check_service(999, FEBRUARY, is_given=True, note="", on=TODAY, by=PS, at=NOON)
