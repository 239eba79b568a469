"""Version 1 of the REST API: what pages and commands say and do, for programs.

A router of a room is a file here: every address with `@router.get` (or post …), `response=` in
`schemas.py`, and `@needs(Permission.…)` below it, and one query or one action in its body. It is
named at the end of this file, and in the tables of `tests/api/table.py`.
"""

import re
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, re_path
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

from throughline.api import (
    billing,
    budgets,
    capacity,
    communities,
    deal_steps,
    deals,
    deliverables,
    desk,
    engagements,
    handoffs,
    meetings,
    problems,
    process,
    renewals,
    schemas,
    search,
)
from throughline.api.access import BySession, ByToken, needed_by, operations
from throughline.api.governing import HEADER, governed
from throughline.people.words import scopes_with

STEPS = (deal_steps,)  # importing it hangs its addresses on the router of `deals`
REFUSALS = (401, 403, 404, 422, 429)
KEY = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": "Of your making, such as a UUID: the same call sent again is made once only.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[ -~]+$"},
}


def nothing_here(request: HttpRequest) -> HttpResponse:
    """Say that the API has nothing at an address."""
    detail = f"There is nothing at {request.path}."
    return problems.problem(404, detail, remedy=f"{problems.SEE_DOCUMENT}.")


class ThroughlineAPI(NinjaAPI):
    """An API that answers for itself: a program is told 401, not sent to a page to sign in."""

    @property
    def urls(self) -> tuple[list[URLResolver | URLPattern], str, str]:
        patterns, app_name, namespace = super().urls
        # The last one is the root, which other addresses are reversed from and nobody reads.
        patterns.insert(-1, re_path("", nothing_here, name="nothing-here"))
        for pattern in patterns:
            if isinstance(pattern, URLPattern):
                # An exempt view stays exempt: a session's CSRF token is asked for by `BySession`.
                pattern.callback = login_not_required(governed(pattern.callback))
        return patterns, app_name, namespace

    def get_openapi_operation_id(self, operation: Operation) -> str:
        return operation.view_func.__name__

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        """Return the OpenAPI document, with every refusal as what it is: a problem."""
        document = super().get_openapi_schema(**options)
        document["components"]["schemas"]["Problem"] = schemas.Problem.model_json_schema()
        for path, operation in operations(self):
            if operation.include_in_schema:
                for method in operation.methods:
                    _complete(document["paths"][_address(path)][method.lower()], operation)
        return document


def _address(path: str) -> str:
    """Return a router's address as the document has it."""
    return "/api/v1" + re.sub(r"{[a-z]+:", "{", path)


def _complete(described: dict[str, Any], operation: Operation) -> None:
    """Add to a described address what holds for all: refusals, permission, the key of a write."""
    needed = needed_by(operation)
    described["x-permission"] = [one.value for one in needed]
    described["x-scope"] = sorted({scope for one in needed for scope in scopes_with(one)})
    writes = operation.methods != ["GET"]
    if writes:
        described.setdefault("parameters", []).append(KEY)
    shape = {"schema": {"$ref": "#/components/schemas/Problem"}}
    for status in (*REFUSALS, *((409,) if writes else ())):
        described["responses"][status] = {
            "description": problems.TITLES[status][1],
            "content": {problems.MEDIA_TYPE: shape},
        }


# No page with the documentation: it would load scripts from elsewhere, which our policy forbids.
api = ThroughlineAPI(
    title="Throughline",
    version="1",
    description="From deal to delivery to renewal: what pages show and do, for programs.",
    auth=[ByToken(), BySession()],
    urls_namespace="api",
    docs_url=None,
)
problems.install(api)
api.add_router("/billing", billing.router)
api.add_router("/deals", deals.router)
api.add_router("/deliverables", deliverables.router)
api.add_router("/engagements", engagements.router)
api.add_router("/meetings", meetings.router)
for one in (budgets, capacity, handoffs, renewals, communities, desk, search, process):
    api.add_router("", one.router)
