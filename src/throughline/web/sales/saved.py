"""Views of the pipeline that a person keeps."""

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from throughline.kernel.errors import Refused
from throughline.people.actions_saved_views import delete_view, save_view
from throughline.people.words import Permission
from throughline.web.access import PageRequest, require
from throughline.web.sales.filters import PAGE, query_of


@require_POST
@require(Permission.READ)
def save(request: PageRequest) -> HttpResponse:
    """Keep the filters in force under a name."""
    query = query_of(QueryDict(request.POST.get("query", "")))
    try:
        view = save_view(request.user, page=PAGE, name=request.POST.get("name", ""), query=query)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"The view “{view.name}” is saved; only you see it.")
    return redirect(f"{reverse('web:pipeline')}?{query}")


@require_POST
@require(Permission.READ)
def delete(request: PageRequest, pk: int) -> HttpResponse:
    """Delete a view of one's own."""
    delete_view(request.user, pk)
    messages.success(request, "The view is deleted; no deal is.")
    return redirect("web:pipeline")
