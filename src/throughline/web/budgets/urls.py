"""Addresses of budgets and alerts."""

from django.urls import path

from throughline.web.budgets import alerts, views

urlpatterns = [
    path("budgets/", views.budgets, name="budgets"),
    path("budgets/alerts/", alerts.inbox, name="alerts"),
    path("budgets/alerts/add/", alerts.add, name="alert-add"),
    path("budgets/alerts/<int:pk>/", alerts.alert, name="alert"),
    path("budgets/alerts/<int:pk>/<slug:step>/", alerts.step, name="alert-step"),
    path("budgets/words/<int:pk>/settle/", alerts.settle, name="word-settle"),
    path("budgets/<int:number>/", views.budget, name="budget"),
    path("budgets/<int:number>/watch/", views.watch, name="budget-watch"),
    path("budgets/<int:number>/burn/<str:theme>.svg", views.chart, name="budget-chart"),
]
