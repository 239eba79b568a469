"""What runs out by itself: waivers, capacity answers, reserved ids."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from throughline.capacity.models import CapacityAnswer
from throughline.communities.models import Community
from throughline.communities.words import IdState
from throughline.kernel.days import ONE_DAY
from throughline.playbook.model import Playbook
from throughline.sales.models import Deal, Waiver


@dataclass(frozen=True, slots=True)
class GateChange:
    """A condition that stops counting on a day."""

    deal: str  # what people call the deal by
    code: str
    message: str


def gates_closing(*, on: date, playbook: Playbook) -> list[GateChange]:
    """Return the conditions that counted until the day before and do not count on this one."""
    over = on - ONE_DAY  # the last day on which they counted
    is_open = [stage.code for stage in playbook.stages if stage.kind == "open"]
    deals = Deal.objects.filter(stage__in=is_open)
    return [*_waivers(over, deals), *_answers(over), *_reservations(over)]


def _waivers(over: date, deals: QuerySet[Deal]) -> Iterator[GateChange]:
    found = Waiver.objects.filter(until_on=over, withdrawn_at=None, deal__in=deals).select_related(
        "deal"
    )
    for waiver in found.order_by("pk"):
        yield GateChange(
            waiver.deal.reference, waiver.code, f"{waiver.by}'s waiver ended on {over}."
        )


def _answers(over: date) -> Iterator[GateChange]:
    answers = CapacityAnswer.objects.filter(expires_on=over).order_by("pk")
    by_subject = {answer.subject: answer for answer in answers}
    numbers = [int(subject.removeprefix("deal:")) for subject in by_subject]
    for deal in Deal.objects.filter(pk__in=numbers).order_by("pk"):
        answer = by_subject[deal.subject]
        yield GateChange(
            deal.reference, "capacity.answered", f"{answer.by}'s answer expired on {over}."
        )


def _reservations(over: date) -> Iterator[GateChange]:
    lapsed = Community.objects.filter(id_state=IdState.RESERVED, id_reserved_until=over)
    for deal in Deal.objects.filter(community__in=lapsed).select_related("community"):
        if deal.community is not None:
            yield GateChange(
                deal.reference,
                "community.id",
                f"The id {deal.community.community_id} was reserved until {over}.",
            )
