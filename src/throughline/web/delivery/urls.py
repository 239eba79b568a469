"""Addresses of engagements, deliverables and verification."""

from django.urls import path

from throughline.web.delivery import verdicts, views

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
    path("verification/", verdicts.verification, name="verification"),
]
