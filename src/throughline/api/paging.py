"""Long lists in parts."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.db.models import Model, QuerySet

from throughline.api.schemas import Span

Row = TypeVar("Row", bound=Model)


def page(
    found: QuerySet[Row], span: Span, shape: Callable[[Row], dict[str, Any]]
) -> dict[str, Any]:
    """Return the wanted part of an ordered list, and how much there is in all."""
    rows = found[span.offset : span.offset + span.limit]
    return enveloped([shape(row) for row in rows], count=found.count(), span=span)


def enveloped(items: list[dict[str, Any]], *, count: int, span: Span) -> dict[str, Any]:
    """Return one part of a list as it goes out."""
    return {"count": count, "limit": span.limit, "offset": span.offset, "items": items}
