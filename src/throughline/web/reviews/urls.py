"""Addresses of reviews."""

from django.urls import path

from throughline.web.reviews import steps, views

urlpatterns = [
    path("reviews/", views.reviews, name="reviews"),
    path("reviews/<int:pk>/", views.review, name="review"),
    path("reviews/<int:pk>/accept/", steps.accept, name="review-accept"),
    path("reviews/<int:pk>/answer/", steps.answer, name="review-answer"),
    path("reviews/<int:pk>/decline/", steps.decline, name="review-decline"),
    path("reviews/<int:pk>/hand-on/", steps.hand_on, name="review-hand-on"),
    path("reviews/<int:pk>/comment/", steps.comment, name="review-comment"),
    path("deals/<int:number>/ask/", steps.ask, name="review-ask"),
    path("deals/<int:number>/spoken/", steps.spoken, name="review-spoken"),
]
