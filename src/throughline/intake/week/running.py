"""Parts of the week from delivery on: verdicts, ends, what runs without agreement, alerts."""

from throughline.budgets.models import Alert
from throughline.budgets.queries import waiting_alerts
from throughline.delivery.models import Deliverable
from throughline.delivery.waiting import to_verify
from throughline.intake.week.look import Look
from throughline.intake.week.parts import Line, Listed, Part, Rows
from throughline.journal.remembering import remembered
from throughline.renewals.known import COVERING
from throughline.renewals.lapse import Running
from throughline.renewals.steps_due import StepDue, steps_due
from throughline.sales.shapes import name_of


def verifications(look: Look) -> list[Part]:
    """Return what PS says is done and BD has not judged."""
    return [Rows(look, to_verify(), lambda one: _to_verify(one, look), "done_at", "due_on")]


def _to_verify(one: Deliverable, look: Look) -> Line:
    what = f"{name_of(one.project.engagement.deal)}; done by {one.done_by}"
    since_on = look.day(one.done_at)
    return Line("verdict", str(one.pk), one.title, what, "BD", since_on, one.due_on)


def renewals_due(look: Look) -> list[Part]:
    """Return the steps of ladders that fall into the week and have not been taken."""
    found = remembered(
        ("steps due", *look.key), COVERING, lambda: steps_due(look.standings, last_on=look.last_on)
    )
    return [Listed([_step(one) for one in found])]


def _step(one: StepDue) -> Line:
    deal, notice = one.standing.deal, one.notice
    to = f", to {', '.join(notice.to)}" if notice.to else ""
    what = f"Step {notice.step}{to}; ends {deal.end_on}"
    return Line(
        "renewal", str(deal.pk), name_of(deal), what, deal.owner or "BD", None, notice.due_on
    )


def lapses(look: Look) -> list[Part]:
    """Return what runs without an agreement in force."""
    return [Listed([_running(one) for one in look.running])]


def _running(one: Running) -> Line:
    name = name_of(one.deal) if one.deal else one.name
    due_on = one.plan.planned_on if one.plan else one.decide_on
    what = f"{one.kind.label}. {one.remedy}"
    return Line("running", one.subject, name, what, one.ball, one.since_on, due_on)


def alerts_open(look: Look) -> list[Part]:
    """Return the alerts about costs that nobody has decided about."""
    return [Rows(look, waiting_alerts(), lambda one: _alert(one, look), "opened_at")]


def _alert(one: Alert, look: Look) -> Line:
    whose = name_of(one.engagement.deal) if one.engagement else "Nobody knows yet whose it is"
    ball = one.owner or "nobody yet"
    return Line("alert", str(one.pk), str(one), whose, ball, look.day(one.opened_at))
