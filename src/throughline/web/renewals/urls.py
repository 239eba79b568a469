"""Addresses of renewals, of what runs on and is taken down, and of the comparison with what runs."""

from django.urls import path

from throughline.web.renewals import course, endings, feeds, views

urlpatterns = [
    path("renewals/", views.renewal_list, name="renewals"),
    path("renewals.ics", feeds.calendar, name="calendar"),
    path("renewals/calendars/", feeds.calendars, name="calendars"),
    path("renewals/calendars/new/", feeds.subscribe_calendar, name="calendar-new"),
    path("renewals/calendars/<int:pk>/revoke/", feeds.revoke_calendar, name="calendar-revoke"),
    path("renewals/running/", endings.running, name="running"),
    path("renewals/running/allow/", endings.allow, name="running-allow"),
    path("renewals/running/decide/", endings.decide, name="running-decide"),
    path("renewals/<int:number>/", course.one_renewal, name="renewal"),
    path("renewals/<int:number>/renew/", course.renew, name="renewal-renew"),
    path("renewals/<int:number>/extend/", course.extend, name="renewal-extend"),
    path("renewals/<int:number>/amend/", course.amend, name="renewal-amend"),
    path("renewals/<int:number>/end/", course.end, name="renewal-end"),
    path("renewals/<int:number>/take-back/", course.take_back, name="renewal-take-back"),
    path("renewals/<int:number>/pack.pdf", course.pack_file, name="renewal-pack"),
    path("renewals/<int:number>/clusters.patch", course.patch_file, name="renewal-patch"),
    path("offboarding/<int:number>/", endings.offboarding, name="offboarding"),
    path("offboarding/<int:number>/ask/", endings.ask_data, name="offboarding-ask"),
    path("offboarding/<int:number>/<str:code>/", endings.finish, name="offboarding-done"),
    path("s/data/<str:token>/", endings.data_question, name="data-question"),
    path("s/data/<str:token>/answer/", endings.data_answer, name="data-answer"),
    path("s/calendar/<str:token>/renewals.ics", feeds.calendar_of_link, name="calendar-link"),
    path("reconcile/", views.reconcile, name="reconcile"),
]
