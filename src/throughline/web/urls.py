"""The table of pages."""

from django.urls import include, path

app_name = "web"
urlpatterns = [
    path("", include("throughline.web.people.urls")),
    path("", include("throughline.web.today.urls")),
    path("", include("throughline.web.search.urls")),
    path("", include("throughline.web.sales.urls")),
    path("", include("throughline.web.process.urls")),
    path("", include("throughline.web.capacity.urls")),
    path("", include("throughline.web.statements.urls")),
    path("", include("throughline.web.agreements.urls")),
    path("", include("throughline.web.sponsor.urls")),
    path("", include("throughline.web.reviews.urls")),
    path("", include("throughline.web.notes.urls")),
    path("", include("throughline.web.setaside.urls")),
    path("", include("throughline.web.communities.urls")),
    path("", include("throughline.web.delivery.urls")),
    path("", include("throughline.web.handoff.urls")),
    path("", include("throughline.web.billing.urls")),
    path("", include("throughline.web.budgets.urls")),
    path("", include("throughline.web.renewals.urls")),
    path("", include("throughline.web.mail.urls")),
    path("", include("throughline.web.journal.urls")),
    path("", include("throughline.web.hubspot.urls")),
    path("", include("throughline.web.hooks.urls")),
    path("", include("throughline.web.help.urls")),
    path("", include("throughline.web.beginning.urls")),
    path("", include("throughline.web.care.urls")),
]
