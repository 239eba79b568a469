"""What PS does on the way to "done": own, tick, count hours, say what waits for what, re-plan."""

from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from django.db import transaction

from throughline.delivery.actions.agreeing import agree_deliverable
from throughline.delivery.actions.engagements import locked_engagement
from throughline.delivery.actions.ticking import put_ticks
from throughline.delivery.checklists import digest, points_of
from throughline.delivery.models import Deliverable, DoneTick, Need, SpentHours
from throughline.delivery.queries import NoSuchDeliverable
from throughline.delivery.words import DeliverableState
from throughline.journal.actions import record
from throughline.kernel.errors import Refused
from throughline.people.gates import require_hat

WORKS = ["PS", "Admin"]
PLANS = ["BD", "PS", "Admin"]
MOST_HOURS = Decimal(1000)
SEE_LIST = "See `throughline deliverable list`."


@transaction.atomic
def own_deliverable(pk: int, owner: str, *, by: str, at: datetime) -> Deliverable:
    """Name who of PS sees to a deliverable; "" names nobody.

    Raises:
        NoSuchDeliverable: there is none of that number.
        Refused: it is settled already, or the person is not of PS.
    """
    deliverable = locked_deliverable(pk)
    require_hat(by, any_of=WORKS, to="say who owns a deliverable")
    check_open(deliverable)
    before, deliverable.owner = deliverable.owner, owner.strip()[:160]
    deliverable.save(update_fields=["owner"])
    record("delivery.deliverable.owned", deliverable, by=by, at=at, before=before,
           after=deliverable.owner)  # fmt: skip
    return deliverable


@transaction.atomic
def tick_point(pk: int, number: int, *, by: str, at: datetime, is_done: bool = True) -> Deliverable:
    """Say that point `number` (from 1) of a definition of done holds, or take that back.

    Raises:
        NoSuchDeliverable: there is none of that number.
        Refused: there is no such point, nothing would change, the deliverable is done or settled,
            or the person is not of PS.
    """
    deliverable = locked_deliverable(pk)
    require_hat(by, any_of=WORKS, to="tick a point")
    check_open(deliverable)
    points = points_of(deliverable)
    if not 1 <= number <= len(points):
        raise Refused(
            f"“{deliverable.title}” has {len(points)} points, and no number {number}.",
            remedy="Count them from 1.",
        )
    point = points[number - 1]
    if point.is_ticked == is_done:
        raise Refused(
            f"{point.by} has ticked this already." if is_done else "Nobody has ticked this.",
            remedy="Nothing is left to do.",
        )
    if not is_done:
        DoneTick.objects.filter(deliverable=deliverable, point_sha256=digest(point.text)).delete()
        record("delivery.point.unticked", deliverable, by=by, at=at, point=point.text)
    else:
        put_ticks(deliverable, [point.text], by=by, at=at)
    return deliverable


@transaction.atomic
def spend_hours(
    pk: int, hours: str | Decimal, *, on: date, note: str = "", by: str, at: datetime
) -> SpentHours:
    """Count hours that were worked on a deliverable; negative ones take back what was too much.

    Raises:
        NoSuchDeliverable: there is none of that number.
        Refused: these are no hours, the day has not come, more would be taken back than was spent,
            or the person is not of PS.
    """
    deliverable = locked_deliverable(pk)
    require_hat(by, any_of=WORKS, to="count hours")
    amount = _hours(hours)
    if on > at.date():
        raise Refused(f"{on} has not come yet.", remedy="Count hours once they are worked.")
    spent = sum((one.hours for one in deliverable.spent.all()), Decimal(0))
    if spent + amount < 0:
        raise Refused(
            f"Only {spent:f} h were counted.", remedy="Take back no more than was counted."
        )
    kept = SpentHours.objects.create(
        deliverable=deliverable, hours=amount, on=on, note=note.strip()[:250], by=by, at=at
    )
    record("delivery.hours.spent", deliverable, by=by, at=at, hours=f"{amount:f}", on=on)
    return kept


def _hours(text: str | Decimal) -> Decimal:
    try:
        amount = Decimal(str(text)).quantize(Decimal("0.01"))
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or not amount or abs(amount) > MOST_HOURS:
        raise Refused(f"{text} is no number of hours.", remedy="Write hours such as 1.5.")
    return amount


@transaction.atomic
def need_deliverable(pk: int, needed: int, *, by: str, at: datetime) -> Need:
    """Say that a deliverable cannot be done before another one is.

    Raises:
        NoSuchDeliverable: there is none of one of the numbers.
        Refused: they belong to different engagements, one would wait for itself, it is said
            already, or the person is of neither BD nor PS.
    """
    deliverable, other = locked_deliverable(pk), _found(needed)
    require_hat(by, any_of=PLANS, to="say what a deliverable needs")
    check_open(deliverable)
    if deliverable.project.engagement_id != other.project.engagement_id:
        raise Refused(
            "They belong to different engagements.", remedy="Name one of the same engagement."
        )
    if pk in reached_from(needed):
        raise Refused(
            f"“{other.title}” already waits for “{deliverable.title}”: nothing could begin.",
            remedy="Take one of the two back first.",
        )
    made, is_new = Need.objects.get_or_create(deliverable=deliverable, needed=other)
    if not is_new:
        raise Refused("That is said already.", remedy="Nothing is left to do.")
    record("delivery.need.added", deliverable, by=by, at=at, needed=other.title, number=other.pk)
    return made


@transaction.atomic
def need_no_more(pk: int, needed: int, *, by: str, at: datetime) -> Deliverable:
    """Take back that a deliverable waits for another one.

    Raises:
        NoSuchDeliverable: there is none of that number.
        Refused: nobody said so, or the person is of neither BD nor PS.
    """
    deliverable = locked_deliverable(pk)
    require_hat(by, any_of=PLANS, to="say what a deliverable needs")
    gone, _each = Need.objects.filter(deliverable=deliverable, needed=needed).delete()
    if not gone:
        raise Refused(
            f"“{deliverable.title}” does not wait for deliverable {needed}.", remedy=SEE_LIST
        )
    record("delivery.need.removed", deliverable, by=by, at=at, number=needed)
    return deliverable


def reached_from(start: int) -> set[int]:
    """Return a deliverable and all that it waits for, near and far."""
    number = Deliverable.objects.filter(pk=start).values("project__engagement")
    edges: dict[int, set[int]] = {}
    found = Need.objects.filter(deliverable__project__engagement__in=number)
    for one, needed in found.values_list("deliverable", "needed"):
        edges.setdefault(one, set()).add(needed)
    reached, ahead = set(), [start]
    while ahead:
        here = ahead.pop()
        if here not in reached:
            reached.add(here)
            ahead += edges.get(here, ())
    return reached


@transaction.atomic
def replan_deliverable(pk: int, due_on: date, *, why: str, by: str, at: datetime) -> Deliverable:
    """Move a due date, with a reason; plans leave it so while what it replaced stays the same.

    Raises:
        NoSuchDeliverable: there is none of that number.
        Refused: no reason is given, the day is the same or after the engagement's end, it is
            settled already, or the person is of neither BD nor PS.
    """
    deliverable = locked_deliverable(pk)
    check_open(deliverable)
    if not why.strip():
        raise Refused("Why is it moved?", remedy="Say it in one sentence.")
    before = deliverable.due_on
    if before == due_on:
        raise Refused(f"It is due on {due_on} already.", remedy="Nothing is left to do.")
    changed = agree_deliverable(
        pk,
        {"due_on": due_on.isoformat()},
        instead_of={"due_on": before.isoformat() if before else None},
        by=by,
        at=at,
    )
    record("delivery.deliverable.replanned", changed, by=by, at=at, before=before, after=due_on,
           why=why.strip())  # fmt: skip
    return changed


def locked_deliverable(pk: int) -> Deliverable:
    """Return a deliverable with its project, its engagement locked until the transaction ends.

    Raises:
        NoSuchDeliverable: there is none of that number.
    """
    locked_engagement(_found(pk).project.engagement_id)
    found = Deliverable.objects.select_for_update(of=("self",))
    return found.select_related("project__engagement__deal").get(pk=pk)


def _found(pk: int) -> Deliverable:
    found = Deliverable.objects.select_related("project").filter(pk=pk).first()
    if found is None:
        raise NoSuchDeliverable(f"There is no deliverable {pk}.", remedy=SEE_LIST)
    return found


def check_open(deliverable: Deliverable) -> None:
    """Pass while PS works on a deliverable.

    Raises:
        Refused: it waits for BD's verdict, is verified, or was taken out.
    """
    if deliverable.state == DeliverableState.DROPPED:
        raise Refused(
            f"An amendment took “{deliverable.title}” out.", remedy="Nothing is left to do."
        )
    if deliverable.state in {DeliverableState.DONE, DeliverableState.VERIFIED}:
        who = deliverable.verdict_by if deliverable.state == "verified" else deliverable.done_by
        raise Refused(
            f"{who} called this {deliverable.state} already.",
            remedy="BD returns it first, if something is missing.",
        )
