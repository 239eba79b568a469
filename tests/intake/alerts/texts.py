"""Alerts as providers send them."""

import base64
import json

SNS = """\
AWS Budget Notification January 28, 2026
AWS Account 012345678901

Dear AWS Customer,

You requested that we alert you when the FORECASTED Cost associated with your test budget is greater than $0.00 for the current month. The FORECASTED Cost associated with this budget is $0.95. You can find additional details below and by accessing the AWS Budgets dashboard [1].

Budget Name: test
Budget Type: Cost
Budgeted Amount: $0.02
Alert Type: FORECASTED
Alert Threshold: > $0.00
FORECASTED Amount: $0.95

[1] https://console.aws.amazon.com/costmanagement/home#/budgets
"""
OLDER_FOOTER = SNS.replace(
    "https://console.aws.amazon.com/costmanagement/home#/budgets",
    "https://console.aws.amazon.com/billing/home#/budgets",
)
MAIL = """\
From: budgets@costalerts.amazonaws.com
To: support+earthscope@2i2c.org
Date: Mon, 02 Mar 2026 09:15:00 +0000
Subject: AWS Budgets: community-earthscope-monthly has exceeded your alert threshold
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

You requested that we alert you when the actual cost associated with your community-earthscope-monthly budget exceeds $1,600.00 for the current month. The month actual cost associated with this budget is $1,712.35.

Budget Name | Budget Type | Budgeted Amount | Alert Type | Alert Threshold | ACTUAL Amount
community-earthscope-monthly | Cost | $2,000.00 | ACTUAL | > $1,600.00 | $1,712.35
"""
PAGE = """\
<html><head><style>td { color: red }</style></head><body><p>You requested that we alert you when the
actual cost exceeds $0.01 per day.</p><table><tr><th>Budget Name</th><th>Budget Type</th>
<th>Budgeted Amount</th><th>Alert Type</th><th>Alert Threshold</th><th>ACTUAL Amount</th></tr>
<tr><td>My Zero-Spend Budget</td><td>Cost</td><td>$1.00</td><td>ACTUAL</td><td>&gt; $0.01</td>
<td>$0.60</td></tr></table></body></html>
"""


def as_page(page=PAGE, to="support+earthscope@2i2c.org"):
    """Return a mail that has nothing but a page, as AWS sends it."""
    body = base64.b64encode(page.encode()).decode()
    return (
        f"From: budgets@costalerts.amazonaws.com\nTo: {to}\n"
        "Date: Mon, 02 Mar 2026 09:15:00 +0000\nSubject: AWS Budgets: My Zero-Spend Budget\n"
        "MIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n"
        f"Content-Transfer-Encoding: base64\n\n{body}\n"
    )


def pubsub(**changed):
    """Return what Google posts; a field that is None is left out."""
    data = {
        "budgetDisplayName": "Auto-adjusting budget for earth-gee", "alertThresholdExceeded": 1.0,
        "costAmount": 100.01, "costIntervalStart": "2026-03-01T00:00:00Z", "budgetAmount": 100.00,
        "budgetAmountType": "SPECIFIED_AMOUNT", "currencyCode": "USD",
    } | changed  # fmt: skip
    told = {name: value for name, value in data.items() if value is not None}
    return json.dumps({
        "message": {
            "data": base64.b64encode(json.dumps(told).encode()).decode(),
            "attributes": {
                "billingAccountId": "01D4EE-079462-DFD6EC", "budgetId": "b-7", "schemaVersion": "1.0",
            },
            "messageId": "1", "publishTime": "2026-03-02T10:00:00Z",
        },
        "subscription": "projects/p/subscriptions/s",
    })  # fmt: skip


def azure(**changed):
    data = {
        "SubscriptionName": "CCM - Microsoft Azure Enterprise - 1",
        "SubscriptionId": "2f1f2a58-8f31-4c2c-ab48-bfd91ed54e09", "SpendingAmount": "100",
        "BudgetStartDate": "6/1/2018", "Budget": "50", "Unit": "USD",
        "BudgetCreator": "email@contoso.com", "BudgetName": "BudgetName", "BudgetType": "Cost",
        "ResourceGroup": "", "NotificationThresholdAmount": "0.8",
    } | changed  # fmt: skip
    return json.dumps({"schemaId": "AIP Budget Notification", "data": data})
