"""Where clouds tell of costs: proved, kept, answered at once; the worker reads it."""

from collections.abc import Callable

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from throughline.budgets.words import Source
from throughline.intake.alerts.doors import NotProved, take_call, take_sns
from throughline.kernel.errors import Refused, Transient


@login_not_required  # SNS signs what it sends; it has no session here
@csrf_exempt
@require_POST
def sns(request: HttpRequest) -> HttpResponse:
    """Keep a message of SNS."""
    return _answered(lambda: take_sns(request.body, at=timezone.now()))


@login_not_required  # it brings our token
@csrf_exempt
@require_POST
def pubsub(request: HttpRequest) -> HttpResponse:
    """Keep a message that Google's Pub/Sub pushes."""
    return _call(request, Source.PUBSUB)


@login_not_required  # as above
@csrf_exempt
@require_POST
def azure(request: HttpRequest) -> HttpResponse:
    """Keep what an Azure action group posts."""
    return _call(request, Source.AZURE)


def _call(request: HttpRequest, source: Source) -> HttpResponse:
    token = request.GET.get("token", "")
    return _answered(lambda: take_call(source, request.body, token=token, at=timezone.now()))


def _answered(keep: Callable[[], object]) -> HttpResponse:
    try:
        keep()
    except NotProved as refused:
        return HttpResponse(str(refused), status=401, content_type="text/plain")
    except Refused as refused:
        return HttpResponse(str(refused), status=422, content_type="text/plain")
    except Transient as error:  # whoever sends, sends again
        return HttpResponse(str(error), status=503, content_type="text/plain")
    return HttpResponse(status=204)
