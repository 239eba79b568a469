"""One thing that waits, as a line: drawn once for as long as it says the same."""

from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final, Protocol

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from throughline.web.templatetags.ui import days_since

LINE: Final = "today/_item.html"

register = template.Library()


class Waiting(Protocol):
    """What a line is drawn of: a value, so that two that are equal read the same."""

    def __hash__(self) -> int:
        """Return the same for values that read the same."""

    @property
    def since(self) -> date | datetime | None:
        """Since when it waits; None: nothing tells."""

    @property
    def work(self) -> object:
        """What the reader can close right here; None for most."""


@register.simple_tag(takes_context=True)
def waiting_line(context: template.Context, item: Waiting, look: Any, kind: str = "") -> SafeString:
    """Return what waits as a line; `look` knows today and the zone.

    A line with a form in it is the reader's own, and drawn for them.
    """
    waited = days_since(item.since, look)
    if item.work is None:
        return _drawn(item, kind, waited)
    own = {"item": item, "kind": kind, "waited": waited}
    return render_to_string(LINE, {str(name): it for name, it in context.flatten().items()} | own)


@lru_cache(maxsize=2048)  # lines: a full page has a hundred, and they differ little between readers
def _drawn(item: Waiting, kind: str, waited: str) -> SafeString:
    return render_to_string(LINE, {"item": item, "kind": kind, "waited": waited})
