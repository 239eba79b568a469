"""Addresses of capacity."""

from django.urls import path

from throughline.web.capacity import answer_views, map_views, team_views

AT = "deals/<int:number>/capacity/"
urlpatterns = [
    path("capacity/", map_views.capacity, name="capacity"),
    path("capacity/map-<str:theme>.svg", map_views.chart, name="capacity-chart"),
    path("capacity/team/", team_views.team, name="capacity-team"),
    path("capacity/team/new/", team_views.new, name="capacity-team-new"),
    path("capacity/team/import/", team_views.import_file, name="capacity-team-import"),
    path("capacity/team/<int:pk>/", team_views.colleague, name="capacity-colleague"),
    path("capacity/team/<int:pk>/away/", team_views.away, name="capacity-away"),
    path("capacity/time-off/<int:pk>/back/", team_views.give_back, name="capacity-back"),
    path(AT, answer_views.answer, name="deal-capacity"),
    path(f"{AT}again/", answer_views.look_again, name="deal-capacity-look-again"),
    path(f"{AT}confirm/", answer_views.confirm, name="deal-capacity-confirm"),
    path(f"{AT}counter/", answer_views.counter, name="deal-capacity-counter"),
    path(f"{AT}refuse/", answer_views.refuse, name="deal-capacity-refuse"),
]
