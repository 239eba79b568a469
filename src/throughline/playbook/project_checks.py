"""What must hold of projects: when their parts fall due, and what they ask for before they begin."""

import re

from throughline.playbook.lines import Path
from throughline.playbook.registry import did_you_mean
from throughline.playbook.source import Source
from throughline.playbook.words import PEOPLE_PREFIX, PROJECT_PREFIX, READY_FIELDS
from throughline.playbook.written import Written

_OWN = re.compile(rf"{re.escape(PROJECT_PREFIX)}[a-z][a-z0-9_]*")


def check_projects(written: Written, source: Source) -> None:
    """Refuse a due date that has nothing to count from, and a table that asks for the unknowable.

    Raises:
        PlaybookError: the first such line.
    """
    of_templates = {code for template in written.templates for code in template.projects}
    for index, project in enumerate(written.projects):
        for number, part in enumerate(project.deliverables):
            at: Path = ("projects", index, "deliverables", number)
            if part.anchor == "day" and project.code in of_templates:
                source.refuse(
                    (*at, "anchor"),
                    f"{part.code!r} counts from a day, and the project {project.code!r} begins by"
                    " itself, without one.",
                    remedy='Use "order", "start" or "end", or take the project out of the templates.',
                )
            _check_table(written, at, [one.field for one in part.ready], source)


def _check_table(written: Written, at: Path, fields: list[str], source: Source) -> None:
    people = {f"{PEOPLE_PREFIX}{role.code}" for role in written.people.engagement_roles}
    for place, name in enumerate(fields):
        here = (*at, "ready", place)
        if name in fields[:place]:
            source.refuse(here, f"{name!r} is asked for twice.", remedy="Keep one of them.")
        if name.startswith(PROJECT_PREFIX):
            if not _OWN.fullmatch(name):
                source.refuse(
                    here,
                    f"{name!r} is no name of a field.",
                    remedy=f"Write {PROJECT_PREFIX} and one lowercase word, as in 'project.gpus'.",
                )
        elif name not in READY_FIELDS | people:
            source.refuse(
                here,
                f"nothing here knows {name!r}.",
                remedy=did_you_mean(name, READY_FIELDS | people),
            )
