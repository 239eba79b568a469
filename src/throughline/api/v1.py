"""Version 1 of the REST API: read-only so far, for signed-in people."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, re_path
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation
from ninja.security import django_auth

from throughline.api import deals, engagements, meetings, problems, renewals, schemas

REFUSALS = (401, 403, 404, 422)


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
                login_not_required(pattern.callback)
        return patterns, app_name, namespace

    def get_openapi_operation_id(self, operation: Operation) -> str:
        return operation.view_func.__name__

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        """Return the OpenAPI document, with every refusal as what it is: a problem."""
        document = super().get_openapi_schema(**options)
        document["components"]["schemas"]["Problem"] = schemas.Problem.model_json_schema()
        shape = {"schema": {"$ref": "#/components/schemas/Problem"}}
        for operations in document["paths"].values():
            for operation in operations.values():
                for status in REFUSALS:
                    operation["responses"][status] = {
                        "description": problems.TITLES[status][1],
                        "content": {problems.MEDIA_TYPE: shape},
                    }
        return document


# No page with the documentation: it would load scripts from elsewhere, which our policy forbids.
api = ThroughlineAPI(
    title="Throughline",
    version="1",
    description="From deal to delivery to renewal: what the pages show, for programs.",
    auth=django_auth,
    urls_namespace="api",
    docs_url=None,
)
problems.install(api)
api.add_router("/deals", deals.router)
api.add_router("/engagements", engagements.router)
api.add_router("/meetings", meetings.router)
api.add_router("", renewals.router)
