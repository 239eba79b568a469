"""Views of the pipeline that a person keeps."""

from django.http import HttpResponse, QueryDict
from django.views.decorators.http import require_POST

from throughline.people.words import Permission
from throughline.web.access import PageRequest, require
from throughline.web.sales.filters import PAGE, query_of
from throughline.web.saved_views import drop_view, keep_view


@require_POST
@require(Permission.READ)
def save(request: PageRequest) -> HttpResponse:
    """Keep the filters in force under a name."""
    query = query_of(QueryDict(request.POST.get("query", "")))
    return keep_view(request, PAGE, query, shown_at="web:pipeline")


@require_POST
@require(Permission.READ)
def delete(request: PageRequest, pk: int) -> HttpResponse:
    """Delete a view of one's own."""
    return drop_view(request, pk, of="deal", shown_at="web:pipeline")
