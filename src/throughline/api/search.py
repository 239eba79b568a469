"""Searching everything."""

from typing import Any, Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema

from throughline.api import schemas
from throughline.api.access import may, needs
from throughline.api.dates import at
from throughline.api.paging import enveloped
from throughline.people.words import Permission
from throughline.playbook.current import current
from throughline.search.actions.asking import ask
from throughline.search.shapes import found_shape
from throughline.search.words import Kind, sight_of

router = Router(tags=["search"])
P = Permission


class WordsWanted(schemas.Span):
    """What is looked for, and of which kind."""

    q: schemas.Text
    kind: Literal[tuple(Kind.values)] | None = None  # type: ignore[valid-type]  # the kinds are data


class Found(Schema):
    """A thing that was found."""

    kind: str
    number: int
    title: str
    about: str | None
    quotation: str | None
    exact: bool
    address: str


class FoundPage(schemas.Page[Found]):
    """A part of what was found, the best first."""

    behind: int


@router.get("/search", response=FoundPage)
@needs(P.READ, P.SPONSOR_WORK)
def search(request: HttpRequest, wanted: Query[WordsWanted]) -> dict[str, Any]:
    """Find things of all kinds by words, ids or addresses, the best first.

    Every thing has all words, the last of which may go on. `behind` says how many changes are not
    in the index yet.
    """
    answer = ask(
        wanted.q,
        sight=sight_of(lambda permission: may(request, permission)),
        kind=Kind(wanted.kind) if wanted.kind else None,
        part=slice(wanted.offset, wanted.offset + wanted.limit),
        by_kind=False,
        playbook=current(),
        at=at(),
    )
    items = [found_shape(one) for one in answer.findings.found]
    return enveloped(items, count=answer.findings.count, span=wanted) | {"behind": answer.behind}
