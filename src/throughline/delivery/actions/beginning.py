"""Beginning a project of the playbook beside the template's, and filling what its phases ask."""

from datetime import date, datetime

from django.db import transaction

from throughline.delivery.actions.engagements import locked_engagement
from throughline.delivery.actions.structure import put_deliverable, put_project
from throughline.delivery.models import BegunProject, Engagement, Project, ProjectFact
from throughline.delivery.planned import PlannedDeliverable, PlannedProject, begun_parts
from throughline.delivery.queries import engagements
from throughline.delivery.readiness import projects_of
from throughline.delivery.seasons import others_running
from throughline.journal.actions import record
from throughline.kernel.errors import Refused
from throughline.people.gates import require_hat
from throughline.playbook.model import Playbook
from throughline.playbook.parts import ProjectTemplate
from throughline.playbook.registry import did_you_mean

BEGINS = ["BD", "PS", "Admin"]


@transaction.atomic
def begin_project(
    number: int, template: str, *, about_on: date, why: str = "", playbook: Playbook,
    by: str, at: datetime,
) -> Project:  # fmt: skip
    """Begin an event, the wake-up of a seasonal hub, a decommissioning, or what the playbook has.

    Its deliverables stand at once, due on working days counted from `about_on`; the handoff makes
    the rest, such as issues, when it is next applied.

    Raises:
        Refused: the playbook has no such project to begin, the day is after the engagement's end,
            something else runs that would lose its hub and no reason is given, or the person is of
            neither BD nor PS.
    """
    locked_engagement(number)
    engagement = engagements().get(pk=number)
    require_hat(by, any_of=BEGINS, to="begin a project")
    found = _template(template, playbook)
    _check_day(found, about_on, engagement)
    if found.kind == "offboarding" and not why.strip():
        _check_nobody_loses_it(engagement, about_on)
    count = BegunProject.objects.filter(engagement=engagement, template=found.code).count()
    again = f"-{count + 1}" if count else ""
    begun = BegunProject.objects.create(
        engagement=engagement, template=found.code, code=f"{found.code}{again}",
        title=f"{found.title} ({about_on:%-d %B %Y})", about_on=about_on, why=why.strip(), by=by,
        at=at,
    )  # fmt: skip
    record("delivery.project.begun", engagement, by=by, at=at, title=begun.title, why=begun.why)
    for one in begun_parts(begun, engagement, engagement.deal, playbook):
        if isinstance(one, PlannedProject):
            put_project(number, one.code, title=one.title, kind=one.kind, by=by, at=at)
        elif isinstance(one, PlannedDeliverable):
            put_deliverable(number, one.project, one.code, wanted=one.fields, by=by, at=at)
    return Project.objects.get(engagement=engagement, code=begun.code)


@transaction.atomic
def write_ready_field(
    number: int, project: str, field: str, value: str, *, playbook: Playbook, by: str, at: datetime
) -> ProjectFact:
    """Write down what a phase asks for and no other room keeps, such as whether GPUs are needed.

    Raises:
        Refused: no table of the project asks for it, it is read from elsewhere, nothing is said, or
            the person is of neither BD nor PS.
    """
    engagement = locked_engagement(number)
    require_hat(by, any_of=BEGINS, to="fill a phase's table")
    asked = {
        line.field
        for code, one in projects_of(engagement, playbook)
        if code == project
        for part in one.deliverables
        for line in part.ready
    }
    if field not in asked:
        raise Refused(
            f"Nothing in the project {project!r} asks for {field!r}.",
            remedy=did_you_mean(field, asked) or "See `throughline deliverable ready`.",
        )
    if not field.startswith("project."):
        raise Refused(
            f"{field} is read from where it is kept.",
            remedy="Fill it in there: on the page of the community, the agreement or the deal.",
        )
    if not value.strip():
        raise Refused("What is it?", remedy="Say it; “none” and “no” are answers, too.")
    kept, _is_new = ProjectFact.objects.update_or_create(
        engagement=engagement, project=project, field=field,
        defaults={"value": value.strip()[:500], "by": by, "at": at},
    )  # fmt: skip
    record("delivery.project.told", engagement, by=by, at=at, project=project, field=field,
           value=kept.value)  # fmt: skip
    return kept


def _template(code: str, playbook: Playbook) -> ProjectTemplate:
    known = {one.code: one for one in playbook.begun_by_people()}
    if code not in known:
        raise Refused(
            f"The playbook has no project {code!r} that a person begins.",
            remedy=did_you_mean(code, known) or "Add it to the playbook.",
        )
    return known[code]


def _check_day(template: ProjectTemplate, about_on: date, engagement: Engagement) -> None:
    end_on = engagement.deal.end_on
    if template.kind != "offboarding" and end_on is not None and about_on > end_on:
        raise Refused(
            f"{about_on} is after the engagement's end, {end_on}.",
            remedy="Move the end first (an amendment), or choose an earlier day.",
        )


def _check_nobody_loses_it(engagement: Engagement, on: date) -> None:
    others = list(others_running(engagement, on))
    if others:
        names = ", ".join(f"{one.number} {one.deal.name}" for one in others)
        raise Refused(
            f"Others still run for this community or on its clusters on {on}: {names}.",
            remedy="Make sure that none of them loses its hub, and say so as the reason.",
        )
