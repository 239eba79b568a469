"""Views that a person keeps of a list: what each page that has them does when one is kept or goes."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from throughline.kernel.errors import Refused
from throughline.people.actions_saved_views import delete_view, save_view
from throughline.web.access import PageRequest


def keep_view(request: PageRequest, page: str, query: str, *, shown_at: str) -> HttpResponse:
    """Keep the filters in force under the name that was written, and show the list with them."""
    try:
        view = save_view(request.user, page=page, name=request.POST.get("name", ""), query=query)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"The view “{view.name}” is saved; only you see it.")
    return redirect(f"{reverse(shown_at)}?{query}")


def drop_view(request: PageRequest, pk: int, *, of: str, shown_at: str) -> HttpResponse:
    """Delete a view of one's own and show the whole list; `of` is one of what it lists: "deal"."""
    delete_view(request.user, pk)
    messages.success(request, f"The view is deleted; no {of} is.")
    return redirect(shown_at)
