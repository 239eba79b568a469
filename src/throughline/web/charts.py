"""Pictures of charts on pages: their addresses, and the answer that draws one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.urls import reverse

from throughline.documents.charts import PALETTES, Spec, as_svg, tag_of

# A browser keeps the picture and asks each time whether it still holds: numbers change any moment.
ASK_AGAIN: Final = "private, no-cache"


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart on a page: where each theme's picture is, its size in pixels, and what it says."""

    urls: dict[str, str]
    width: int
    height: int
    described: str
    caption: str = ""
    label: str = "The numbers as a picture"


def addresses(name: str, **arguments: Any) -> dict[str, str]:
    """Return the address of a chart in each theme."""
    return {theme: reverse(name, kwargs=arguments | {"theme": theme}) for theme in PALETTES}


def picture_answer(
    request: HttpRequest,
    theme: str,
    make: Callable[[str], Spec],
    *,
    draw: Callable[[Spec], str] = as_svg,
) -> HttpResponse:
    """Answer with a picture in the colours of a theme, or that the one a browser has still holds.

    What is compared is what would be drawn, so an unchanged picture costs its numbers and no drawing.

    Raises:
        Http404: there is no such theme.
    """
    if theme not in PALETTES:
        raise Http404(f"There is no theme {theme}.")
    spec = make(theme)
    tag = f'"{tag_of(spec)}"'
    if request.headers.get("If-None-Match", "").removeprefix("W/") == tag:
        answer: HttpResponse = HttpResponseNotModified()
    else:
        answer = HttpResponse(draw(spec), content_type="image/svg+xml")
    answer["ETag"] = tag
    answer["Cache-Control"] = ASK_AGAIN
    return answer
