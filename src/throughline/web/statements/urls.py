"""Addresses of statements of work."""

from django.urls import path

from throughline.web.statements import scope, views, writing

urlpatterns = [
    path("statements/", views.statement_list, name="statements"),
    path("deals/<int:number>/statement/", views.statement, name="statement"),
    path("deals/<int:number>/statement/edit/", writing.edit, name="statement-edit"),
    path("deals/<int:number>/statement/link/", scope.send_link, name="scope-link"),
    path("s/scope/<str:token>/", scope.scope, name="scope"),
    path("deals/<int:number>/statement/changes/", views.changes, name="statement-changes"),
    path("deals/<int:number>/statement/<int:version>/", views.statement, name="statement-version"),
    path("deals/<int:number>/statement/<int:version>/sign/", writing.sign, name="statement-sign"),
    path(
        "deals/<int:number>/statement/<int:version>.<str:kind>", views.file, name="statement-file"
    ),
]
