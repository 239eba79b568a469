"""What other systems call: answered at once, without a page."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from throughline.intake.hubspot.actions.reading import receive
from throughline.intake.hubspot.hooks import NotGenuine
from throughline.intake.mail_hooks import NotProved, take_mail_events
from throughline.kernel.errors import Refused
from throughline.playbook.current import current


@login_not_required  # HubSpot signs what it sends; it has no session here
@csrf_exempt
@require_POST
def hubspot(request: HttpRequest) -> HttpResponse:
    """Keep what HubSpot says has happened; the deals are looked at by the worker."""
    method, path = str(request.method), request.get_full_path()
    try:
        receive(request.body, headers=request.headers, method=method, path=path, at=timezone.now())
    except NotGenuine as refused:
        return HttpResponse(str(refused), status=401, content_type="text/plain")
    except Refused as refused:
        return HttpResponse(str(refused), status=422, content_type="text/plain")
    return HttpResponse(status=204)


@login_not_required  # the provider proves itself by the secret of its webhooks
@csrf_exempt
@require_POST
def mail(request: HttpRequest) -> HttpResponse:
    """Keep what a provider says of mails that left: delivered, came back, called spam."""
    return _told(request, inbound=False)


@login_not_required  # the same
@csrf_exempt
@require_POST
def mail_in(request: HttpRequest) -> HttpResponse:
    """Keep what a provider took in: replies at their mails, alerts about costs with the alerts."""
    return _told(request, inbound=True)


def _told(request: HttpRequest, *, inbound: bool) -> HttpResponse:
    try:
        take_mail_events(request, inbound=inbound, playbook=current(), at=timezone.now())
    except NotProved as refused:
        return HttpResponse(str(refused), status=401, content_type="text/plain")
    except Refused as refused:
        return HttpResponse(str(refused), status=422, content_type="text/plain")
    return HttpResponse(status=200)
