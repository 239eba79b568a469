"""Addresses of engagements, deliverables and verification."""

from django.urls import path

from throughline.web.delivery import asking, champions, value, verdicts, views, working

urlpatterns = [
    path("engagements/", views.engagement_list, name="engagements"),
    path("engagements/<int:number>/", views.engagement, name="engagement"),
    path("engagements/<int:number>/accept/", views.accept, name="engagement-accept"),
    path("engagements/<int:number>/health/", views.health, name="engagement-health"),
    path("engagements/<int:number>/end/", views.end, name="engagement-end"),
    path("engagements/<int:number>/link/", views.send_link, name="engagement-link"),
    path("deliverables/<int:pk>/done/", verdicts.done, name="deliverable-done"),
    path("deliverables/<int:pk>/verify/", verdicts.verify, name="deliverable-verify"),
    path("deliverables/<int:pk>/return/", verdicts.send_back, name="deliverable-return"),
    path("deliverables/<int:pk>/own/", working.own, name="deliverable-own"),
    path("deliverables/<int:pk>/tick/", working.tick, name="deliverable-tick"),
    path("deliverables/<int:pk>/hours/", working.hours, name="deliverable-hours"),
    path("deliverables/<int:pk>/replan/", working.replan, name="deliverable-replan"),
    path("services/<int:pk>/check/", working.check, name="service-check"),
    path("verification/", verdicts.verification, name="verification"),
    path("deliverables/<int:pk>/ask/", asking.ask, name="deliverable-ask"),
    path("engagements/<int:number>/look/", asking.look, name="engagement-look"),
    path("engagements/<int:number>/certificate/", asking.certificate, name="certificate"),
    path("engagements/<int:number>/value/", value.value, name="engagement-value"),
    path("engagements/<int:number>/value/<str:theme>.svg", value.chart, name="value-chart"),
    path("s/champion/<str:token>/", champions.question, name="champion"),
    path("s/champion/<str:token>/answer/", champions.answer, name="champion-answer"),
]
