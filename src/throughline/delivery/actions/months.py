"""Services, looked at month by month."""

from datetime import date, datetime

from django.db import transaction

from throughline.delivery.meeting_models import ServiceMonth
from throughline.delivery.models import Service
from throughline.journal.actions import record
from throughline.kernel.errors import Refused
from throughline.people.gates import require_hat


class NoSuchService(Refused):
    """Nothing goes by that number."""


@transaction.atomic
def check_service(
    pk: int, month: date, *, is_given: bool, note: str, on: date, by: str, at: datetime
) -> ServiceMonth:
    """Say whether a service was given in the month of a day; what was said before is replaced.

    Raises:
        NoSuchService: there is none of that number.
        Refused: the month has not begun or is outside the term, it was not given and nobody says
            why, or the person is not of PS.
    """
    service = Service.objects.select_for_update(of=("self",)).select_related("engagement__deal")
    found = service.filter(pk=pk).first()
    if found is None:
        raise NoSuchService(f"There is no service {pk}.", remedy="See the engagement's page.")
    require_hat(by, any_of=["PS", "Admin"], to="say whether a service was given")
    first = month.replace(day=1)
    _check_month(found, first, on=on)
    if not is_given and not note.strip():
        raise Refused("Why was it not given?", remedy="Say it in one sentence.")
    said, _is_new = ServiceMonth.objects.update_or_create(
        service=found, month=first,
        defaults={"is_given": is_given, "note": note.strip()[:250], "by": by, "at": at},
    )  # fmt: skip
    record(
        "delivery.service.checked", found.engagement, by=by, at=at, title=found.title,
        month=f"{first:%Y-%m}", given=is_given, note=said.note,
    )  # fmt: skip
    return said


def _check_month(service: Service, first: date, *, on: date) -> None:
    if first > on:
        raise Refused(f"{first:%Y-%m} has not begun.", remedy="Say it once the month is there.")
    deal = service.engagement.deal
    start, end = deal.start_on, deal.end_on
    if (start and first < start.replace(day=1)) or (end and first > end):
        raise Refused(
            f"{first:%Y-%m} is outside the engagement's term.", remedy="Choose a month of its term."
        )
