"""What holds for every call, whatever its address: how often, once only, and whether it is news."""

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import conditional_page

from throughline.api import problems
from throughline.api.access import READING, Caller, caller_of
from throughline.people import actions_calls
from throughline.people.actions_calls import OtherCall, StillAtWork
from throughline.people.actions_tallies import MINUTE, TooOften, take
from throughline.people.actions_tokens import NoToken

View = Callable[..., HttpResponse]
HEADER: Final = "Idempotency-Key"
LONGEST_KEY: Final = 200


def governed(view: View) -> View:
    """Return a view under the rules that hold for every call."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            caller = caller_of(request)
        except NoToken as refused:
            return problems.unknown_caller(refused)
        if caller is None:
            return _private(view(request, *args, **kwargs))  # it says 401 itself, or is public
        try:
            _count(caller)
        except TooOften as refused:
            return problems.too_often(refused)
        if request.method in READING:
            return _private(conditional_page(view)(request, *args, **kwargs))
        try:
            return _private(_once(request, caller, lambda: view(request, *args, **kwargs)))
        except RequestDataTooBig:
            most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
            return problems.problem(413, f"More than {most} bytes.", remedy="Send less at once.")

    return answer


def _count(caller: Caller) -> None:
    most = settings.API_CALLS_PER_MINUTE
    take(f"api:{caller.name}", most=most, span=MINUTE, what="calls", at=timezone.now())


def _private(response: HttpResponse) -> HttpResponse:
    """Keep an answer out of shared caches: it is for one caller."""
    response.headers.setdefault("Cache-Control", "private, no-cache")
    return response


def _once(request: HttpRequest, caller: Caller, call: Callable[[], HttpResponse]) -> HttpResponse:
    key = request.headers.get(HEADER)
    if key is None:
        return call()
    if not (0 < len(key) <= LONGEST_KEY and key.isascii() and key.isprintable()):
        detail = f"{HEADER} must be 1 to {LONGEST_KEY} printable ASCII characters."
        return problems.problem(422, detail, remedy="Use a UUID.")
    made: list[HttpResponse] = []

    def work() -> actions_calls.Answer:
        made.append(call())
        return actions_calls.Answer(made[-1].status_code, made[-1].content.decode())

    try:
        answer, is_old = actions_calls.once(
            caller.name, key, request_sha256=_digest(request), work=work, at=timezone.now()
        )
    except OtherCall as refused:
        return problems.problem(422, refused.message, remedy=refused.remedy)
    except StillAtWork as refused:
        return problems.problem(409, refused.message, remedy=refused.remedy, retry_after_s=1)
    if not is_old:
        return made[-1]
    replayed = HttpResponse(answer.body, status=answer.status, content_type=problems.JSON)
    replayed.headers["Idempotency-Replayed"] = "true"
    return replayed


def _digest(request: HttpRequest) -> str:
    """Return what stands for a call: its method, its address, and its body, byte for byte."""
    what = f"{request.method} {request.get_full_path()}\n".encode() + request.body
    return hashlib.sha256(what).hexdigest()
