"""What browsers report that our policy kept from loading: a line in the log, and nothing more."""

import json
import logging
from typing import Any, Final

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from throughline.people.actions_tallies import MINUTE, TooOften, take

logger = logging.getLogger(__name__)
LARGEST: Final = 16 * 1024  # bytes
MOST: Final = 20  # a minute from one address: a log is not filled by strangers
LONGEST: Final = 200
FIELDS: Final = ("effective-directive", "violated-directive", "blocked-uri")


@login_not_required
@csrf_exempt  # browsers send it by themselves
@require_POST
def csp_report(request: HttpRequest) -> HttpResponse:
    """Write down what a page of ours was not allowed to load; which page is not said.

    Its address may hold the token of a signed link.
    """
    at = timezone.now()
    try:
        take(f"csp:{request.META['REMOTE_ADDR']}", most=MOST, span=MINUTE, what="reports", at=at)
    except TooOften:
        return HttpResponse(status=429)
    if told := _told(request.body[: LARGEST + 1]):
        logger.warning("The content security policy kept something out: %s", told)
    return HttpResponse(status=204)


def _told(body: bytes) -> str:
    """Return what a report says, in one line; "" where it is none."""
    try:
        report: Any = json.loads(body)["csp-report"] if len(body) <= LARGEST else {}
        said = {name: report[name] for name in FIELDS if name in report}
    except (ValueError, KeyError, TypeError):
        return ""
    return ", ".join(f"{name} {_line(value)}" for name, value in said.items())


def _line(value: object) -> str:
    return " ".join(str(value).split())[:LONGEST]
