"""Addresses of the process."""

from django.urls import path

from throughline.web.process import views

urlpatterns = [
    path("process/", views.process, name="process"),
    path("process/flow/", views.flow_page, name="process-flow"),
    path("process/months/", views.months_page, name="process-months"),
    path("process/<str:table>.csv", views.table_file, name="process-file"),
    path("process/dwell/<str:theme>.svg", views.dwell_chart, name="process-dwell-chart"),
    path(
        "process/conversion/<str:theme>.svg",
        views.conversion_chart,
        name="process-conversion-chart",
    ),
    path("process/money/<str:theme>.svg", views.money_chart, name="process-money-chart"),
    path("process/load/<str:theme>.svg", views.load_chart, name="process-load-chart"),
]
