"""The public part of a statement of work as a file."""

import re

from throughline.kernel.days import day_in_zone
from throughline.playbook.model import Playbook
from throughline.sales.models import Deal, StatementOfWork
from throughline.sales.statements.render import markdown
from throughline.sales.statements.typeset import day_words, statement_pdf
from throughline.sales.versions import sign_offs_of

MEDIA_TYPES = {"md": "text/markdown; charset=utf-8", "pdf": "application/pdf"}


def statement_file(
    deal: Deal, statement: StatementOfWork, kind: str, *, playbook: Playbook
) -> bytes:
    """Return a version as MyST Markdown ("md") or PDF ("pdf"); the private note is in neither.

    The same version with the same dates and sign-offs gives the same bytes.
    """
    if kind == "md":
        return markdown(statement.content, version=statement.version).encode()
    zone = playbook.organisation.zone
    made_on = day_words(day_in_zone(statement.imported_at, zone).isoformat())
    return statement_pdf(
        statement.content,
        about={
            "For": deal.community.short_name if deal.community else "",
            "By": playbook.organisation.name,
            "Version": f"{statement.version}, of {made_on}",
        },
        due=deal.deliverable_dates,
        signed=[
            (
                one.name,
                f"{one.by}, {day_words(day_in_zone(one.at, zone).isoformat())}" if one.by else "",
            )
            for one in sign_offs_of(statement, playbook=playbook)
        ],
        at=statement.imported_at,
    )


def file_name(deal: Deal, statement: StatementOfWork, kind: str) -> str:
    """Return what a version is called as a file, in plain letters only."""
    name = re.sub(r"[^A-Za-z0-9]+", "-", deal.reference)
    return f"statement-of-work-{name}-{statement.version}.{kind}"
