"""Parts of the week before delivery: closed gates, and what PS is asked."""

from django.db.models import Q

from throughline.intake.week.look import Look
from throughline.intake.week.parts import Line, Listed, Part, Rows
from throughline.journal.remembering import remembered
from throughline.sales.judging import JUDGED
from throughline.sales.models import Review
from throughline.sales.reviews import open_reviews
from throughline.sales.shapes import name_of
from throughline.sales.unanswered import Unanswered, unanswered_deals
from throughline.sales.waiting import HELD, HeldDeal, deals_held, deals_in_progress


def closed_gates(look: Look) -> list[Part]:
    """Return the deals whose next gate lacks something, the longest first."""
    found = remembered(("held", *look.key), JUDGED, lambda: deals_held(look.judging))
    return [Listed([_held(one, look) for one in found])]


def gates_not_looked_at(look: Look) -> str:
    """Return what the number of closed gates leaves out, in words; "" where that is nothing."""
    left = deals_in_progress(look.playbook).count() - HELD
    if left <= 0:
        return ""
    return f"Of the {HELD} deals that have stood longest; {left} more are not looked at here."


def _held(one: HeldDeal, look: Look) -> Line:
    in_the_way = one.gate.in_the_way
    more = f" (and {len(in_the_way) - 1} more)" if len(in_the_way) > 1 else ""
    what = f"To {one.to.name}: {in_the_way[0].message}{more}"
    return Line(
        "deal", str(one.deal.pk), name_of(one.deal), what, one.ball.party.value,
        look.day(one.ball.since), one.deal.close_on,
    )  # fmt: skip


def answers_due(look: Look) -> list[Part]:
    """Return what PS is to answer within the week, or by no day that anybody named; then capacity."""
    asked = open_reviews().filter(Q(needed_by=None) | Q(needed_by__lte=look.last_on))
    capacity = remembered(("unanswered", *look.key), JUDGED, lambda: unanswered_deals(look.judging))
    return [
        Rows(look, asked, lambda one: _asked(one, look), since="asked_at", due="needed_by"),
        Listed([_unanswered(one, look) for one in capacity]),
    ]


def _asked(one: Review, look: Look) -> Line:
    what = f"{one.get_kind_display()}: {one.question} (asked by {one.asked_by})"
    since_on = look.day(one.ball_since)
    return Line("review", str(one.pk), name_of(one.deal), what, one.ball, since_on, one.needed_by)


def _unanswered(one: Unanswered, look: Look) -> Line:
    hours = f" ({one.hours})" if one.hours else ""
    return Line(
        "capacity", str(one.deal.pk), name_of(one.deal), f"{one.condition.message}{hours}", "PS",
        look.day(one.since),
    )  # fmt: skip
