"""Addresses of the billing sheet, its months, and what is not billed yet."""

from django.urls import path

from throughline.web.billing import changing, views, workbook

urlpatterns = [
    path("billing/", views.billing, name="billing"),
    path("billing/month/", views.month, name="billing-month"),
    path("billing/cell/", views.cell, name="billing-cell"),
    path("billing/waiting/", views.waiting, name="billing-waiting"),
    path("billing/charges.csv", views.charges_file, name="billing-charges"),
    path("billing/invoices.csv", changing.invoices_file, name="billing-invoices"),
    path("billing/workbook.xlsx", workbook.workbook_file, name="billing-workbook"),
    path("billing/workbook/", workbook.bring, name="billing-workbook-bring"),
    path("billing/import/", changing.import_file, name="billing-import"),
    path("billing/step/", changing.step, name="billing-step"),
    path("billing/receipt/", changing.receipt, name="billing-receipt"),
    path("billing/customer/", changing.customer, name="billing-customer"),
    path("billing/correct/", changing.correction, name="billing-correct"),
    path("billing/count/", changing.count, name="billing-count"),
    path("billing/assign/", changing.assign, name="billing-assign"),
    path("billing/split/", changing.split, name="billing-split"),
    path("billing/bear/", changing.bear, name="billing-bear"),
]
