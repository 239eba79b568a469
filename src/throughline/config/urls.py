"""Every address of the installation."""

from django.urls import include, path

from throughline.api.v1 import api

urlpatterns = [
    path("api/v1/", api.urls),
    path("door/", include("throughline.web.people.door_urls")),
    path("", include("throughline.web.urls")),
]
