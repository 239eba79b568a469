"""Statements of work as they are: the list, one version, two compared, as a file."""

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from throughline.kernel.errors import Refused
from throughline.people.words import Permission
from throughline.sales.export import MEDIA_TYPES, file_name, statement_file
from throughline.sales.models import Deal
from throughline.sales.queries import facts_of
from throughline.sales.versions import (
    NoSuchVersion,
    newest_statements,
    sign_offs_of,
    version_of,
    versions_of,
)
from throughline.web.access import PageRequest, require
from throughline.web.letters import letter_with
from throughline.web.moment import moment
from throughline.web.statements.shown import changes_shown, may_write, statement_page

A_PAGE = 50


@require_GET
@require(Permission.READ)
def statement_list(request: PageRequest) -> HttpResponse:
    """List the newest statement of work of each deal, 50 a page."""
    playbook = moment().playbook
    page = Paginator(newest_statements(), A_PAGE).get_page(request.GET.get("page"))
    rows = [
        {"statement": one, "sign_offs": signed, "complete": all(role.by for role in signed)}
        for one in page.object_list
        for signed in [sign_offs_of(one, playbook=playbook)]
    ]
    return render(request, "statements/statements.html", {"rows": rows, "page": page})


@never_cache
@require_GET
@require(Permission.READ)
def statement(request: PageRequest, number: int, version: int | None = None) -> HttpResponse:
    """Show a version of a deal's statement of work; the newest where none is named."""
    return show_statement(request, number, version)


def show_statement(
    request: PageRequest,
    number: int,
    version: int | None,
    *,
    refused: Refused | None = None,
    fresh_link: str = "",
) -> HttpResponse:
    """Return the page of a version; after a refusal with what is wrong (status 422).

    Raises:
        Http404: there is no such version.
    """
    deal, now = get_object_or_404(Deal, pk=number), moment()
    try:
        found = version_of(deal, version)
    except NoSuchVersion as none:
        if version is not None:
            raise Http404(none.message) from none
        context = {"deal": deal, "may_write": may_write(request.user)}
        return render(request, "statements/none.html", context)
    page = statement_page(request.user, facts_of(deal, on=now.on), found, now)
    status = 422 if refused else 200
    page |= {"refused": refused, "fresh_link": fresh_link}
    if fresh_link:
        page["letter"] = letter_with(fresh_link, about=f"What we plan: {found.title}")
    return render(request, "statements/statement.html", page, status=status)


@require_GET
@require(Permission.READ)
def changes(request: PageRequest, number: int) -> HttpResponse:
    """Show what changed from one version to another; the newest two where none are named.

    Raises:
        Http404: there is no such version.
    """
    deal = get_object_or_404(Deal, pk=number)
    numbers = list(versions_of(deal).values_list("version", flat=True))
    last_two = [*numbers[:2], *numbers[:1], 0]  # of one version alone, both are that one
    before = _number(request.GET.get("from", ""), last_two[1])
    after = _number(request.GET.get("to", ""), last_two[0])
    try:
        shown = changes_shown(deal, before, after)
    except NoSuchVersion as none:
        raise Http404(none.message) from none
    context = {"deal": deal, "shown": shown, "numbers": numbers}
    return render(request, "statements/changes.html", context)


def _number(text: str, otherwise: int) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else otherwise  # noqa: PLR2004 -- what the column holds


@require_GET
@require(Permission.READ)
def file(_request: PageRequest, number: int, version: int, kind: str) -> HttpResponse:
    """Send the public part of a version as a file.

    Raises:
        Http404: there is no such version, or no such kind of file.
    """
    deal = get_object_or_404(Deal.objects.select_related("community"), pk=number)
    if kind not in MEDIA_TYPES:
        raise Http404(f"A statement of work is sent as {' or '.join(MEDIA_TYPES)}.")
    try:
        found = version_of(deal, version)
    except NoSuchVersion as none:
        raise Http404(none.message) from none
    content = statement_file(deal, found, kind, playbook=moment().playbook)
    answer = HttpResponse(content, content_type=MEDIA_TYPES[kind])
    answer["Content-Disposition"] = f'attachment; filename="{file_name(deal, found, kind)}"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
