"""Addresses of a deal's agreement."""

from django.urls import path

from throughline.web.agreements import edit, steps, views

AT = "deals/<int:number>/agreement/"
urlpatterns = [
    path(AT, views.agreement, name="agreement"),
    path(f"{AT}files/<int:pk>/", views.file, name="agreement-file"),
    path(f"{AT}terms/", edit.terms, name="agreement-terms"),
    path(f"{AT}amend/", edit.amend, name="agreement-amend"),
    path(f"{AT}withdraw/", steps.withdraw, name="agreement-withdraw"),
    path(f"{AT}party/", steps.party, name="agreement-party"),
    path(f"{AT}sign/", steps.sign, name="agreement-sign"),
    path(f"{AT}accept/", steps.accept, name="agreement-accept"),
    path(f"{AT}upload/", steps.upload, name="agreement-upload"),
    path(f"{AT}confirm/", steps.confirm, name="agreement-confirm"),
    path(f"{AT}reject/", steps.reject, name="agreement-reject"),
    path(f"{AT}payer/", steps.payer, name="agreement-payer"),
]
