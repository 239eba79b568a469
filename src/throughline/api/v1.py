"""Version 1 of the REST API: read-only so far, for signed-in people."""

from ninja import NinjaAPI
from ninja.security import django_auth

api = NinjaAPI(title="Throughline", version="1", auth=django_auth, urls_namespace="api")
