"""Addresses of the pipeline and of deals."""

from django.urls import path

from throughline.web.sales import saved, steps, views

urlpatterns = [
    path("pipeline/", views.pipeline, name="pipeline"),
    path("pipeline/views/", saved.save, name="view-save"),
    path("pipeline/views/<int:pk>/delete/", saved.delete, name="view-delete"),
    path("deals/new/", steps.deal_new, name="deal-new"),
    path("deals/<int:number>/", views.deal, name="deal"),
    path("deals/<int:number>/advance/", steps.advance, name="deal-advance"),
    path("deals/<int:number>/moves/", views.moves, name="deal-moves"),
    path("deals/<int:number>/record/<str:code>/", steps.record, name="deal-record"),
    path("deals/<int:number>/waive/<str:code>/", steps.waive, name="deal-waive"),
    path("deals/<int:number>/early-start/", steps.early_start, name="deal-early-start"),
    path("deals/<int:number>/explain/", steps.explain, name="deal-explain"),
    path("deals/<int:number>/summary/", steps.summary, name="deal-summary"),
    path("deals/<int:number>/order/", steps.order, name="deal-order"),
]
