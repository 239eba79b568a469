"""Addresses of the handoff."""

from django.urls import path

from throughline.web.handoff import accepting, drifting, planning, views

urlpatterns = [
    path("handoff/<int:number>/", views.handoff, name="handoff"),
    path("handoff/<int:number>/apply/", planning.apply, name="handoff-apply"),
    path("handoff/<int:number>/verify/", planning.look_again, name="handoff-verify"),
    path("handoff/<int:number>/propose/", planning.propose, name="handoff-propose"),
    path("handoff/<int:number>/field/", accepting.field, name="handoff-field"),
    path("handoff/<int:number>/return/", accepting.send_back, name="handoff-return"),
    path("handoff/<int:number>/drift/", drifting.drift, name="handoff-drift"),
    path("handoff/plans/<int:pk>/approve/", planning.approve, name="plan-approve"),
    path("handoff/plans/<int:pk>/reject/", planning.reject, name="plan-reject"),
    path("handoff/returns/<int:pk>/answer/", accepting.answer, name="handoff-answer"),
    path("drift/", drifting.everything, name="drift"),
    path("drift/<int:pk>/adopt/", drifting.adopt, name="drift-adopt"),
    path("drift/<int:pk>/restore/", drifting.restore, name="drift-restore"),
    path("drift/<int:pk>/ignore/", drifting.ignore, name="drift-ignore"),
    path("drift/<int:pk>/mind/", drifting.mind, name="drift-mind"),
]
