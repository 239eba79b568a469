"""Version 1 of the REST API: read-only so far, for signed-in people."""

from typing import Any, NoReturn

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest
from django.urls import URLPattern, URLResolver
from ninja import NinjaAPI, Router
from ninja.openapi.schema import OpenAPISchema
from ninja.security import django_auth

from throughline.api import deals, engagements, problems, renewals, schemas

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
REFUSALS = (401, 403, 404, 422)


class ThroughlineAPI(NinjaAPI):
    """An API that answers for itself: a program is told 401, not sent to a page to sign in."""

    @property
    def urls(self) -> tuple[list[URLResolver | URLPattern], str, str]:
        patterns, app_name, namespace = super().urls
        for pattern in patterns:
            if isinstance(pattern, URLPattern):
                login_not_required(pattern.callback)
        return patterns, app_name, namespace

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
api.add_router("", renewals.router)

elsewhere = Router()


@elsewhere.api_operation(METHODS, "/", include_in_schema=False)
@elsewhere.api_operation(METHODS, "/{path:address}", include_in_schema=False)
def nothing_here(_request: HttpRequest, address: str = "") -> NoReturn:
    """Say that the API has nothing at an address.

    Raises:
        NoSuchAddress: always.
    """
    raise problems.NoSuchAddress(
        f"There is nothing at /api/v1/{address}.", remedy="See /api/v1/openapi.json."
    )


api.add_router("", elsewhere)
