"""The documents, for everybody who is signed in."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from throughline.web.help.manual import INDEX, document


@require_GET
def contents(request: HttpRequest) -> HttpResponse:
    """Show what there is to read."""
    return _show(request, INDEX)


@require_GET
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one document.

    Raises:
        Http404: there is none of that name.
    """
    return _show(request, slug)


def _show(request: HttpRequest, slug: str) -> HttpResponse:
    found = document(slug)
    if found is None:
        raise Http404(f"There is no document {slug}.")
    return render(request, "help/page.html", {"document": found, "is_index": slug == INDEX})
