"""Each provider's alert in our words; what is none is refused, never guessed at."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from tests.factories import NOON
from tests.intake.alerts.texts import MAIL, OLDER_FOOTER, SNS, as_page, azure, pubsub
from throughline.budgets.told import Told
from throughline.budgets.words import Source, Spend
from throughline.intake.alerts.amounts import read_amount
from throughline.intake.alerts.aws_text import read_aws_text
from throughline.intake.alerts.json_calls import read_azure, read_pubsub
from throughline.intake.alerts.mail_text import read_mail
from throughline.kernel.errors import Refused


def read(text, source=Source.SNS):
    return read_aws_text(text, source=source, at=NOON)


def read_as_mail(text):
    mail = read_mail(text)
    return read_aws_text(
        mail.text, source=Source.MAIL, at=mail.sent_at or NOON, addresses=mail.addresses
    )


@pytest.mark.parametrize("text", [SNS, OLDER_FOOTER, SNS.replace("\n", "\r\n")])
def test_text_of_sns_tells_account_budget_threshold_and_amounts(text):
    assert read(text) == Told(
        source=Source.SNS, provider="aws", budget="test", spend=Spend.FORECAST,
        threshold="> $0.00", at=datetime(2026, 1, 28, tzinfo=UTC), amount=Decimal("0.95"),
        limit=Decimal("0.02"), currency="USD", account="012345678901",
    )  # fmt: skip


def test_thousands_are_parted_by_commas_and_the_actual_amount_has_its_own_line():
    text = (
        SNS.replace("FORECASTED Amount: $0.95", "ACTUAL Amount: $1,234,567.89")
        .replace("Alert Type: FORECASTED", "Alert Type: ACTUAL")
        .replace("$0.02", "$1,000.00")
    )

    told = read(text)

    assert (told.spend, told.amount, told.limit) == (
        Spend.ACTUAL, Decimal("1234567.89"), Decimal(1000),
    )  # fmt: skip


def test_mail_tells_of_the_address_it_was_sent_to_and_of_no_account():
    assert read_as_mail(MAIL) == Told(
        source=Source.MAIL, provider="aws", budget="community-earthscope-monthly",
        spend=Spend.ACTUAL, threshold="> $1,600.00", at=datetime(2026, 3, 2, 9, 15, tzinfo=UTC),
        amount=Decimal("1712.35"), limit=Decimal(2000), currency="USD", account="",
        addresses=("support+earthscope@2i2c.org",),
    )  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        as_page(),
        (
            "Budget Name\nBudget Type\nBudgeted Amount\nAlert Type\nAlert Threshold\nACTUAL Amount\n"
            "My Zero-Spend Budget\nCost\n$1.00\nACTUAL\n> $0.01\n$0.60\n"
        ),
        (
            "Budget Name\tBudget Type\tBudgeted Amount\tAlert Type\tAlert Threshold\tACTUAL Amount\n"
            "My Zero-Spend Budget\tCost\t$1.00\tACTUAL\t> $0.01\t$0.60"
        ),
    ],
)
def test_table_is_read_however_its_cells_come(text):
    told = read_as_mail(text)

    assert (told.budget, told.spend, told.threshold, told.amount, told.limit) == (
        "My Zero-Spend Budget", Spend.ACTUAL, "> $0.01", Decimal("0.60"), Decimal(1),
    )  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "Hello, your invoice is attached.",
        SNS.replace("Budget Name: test\n", ""),
        SNS.replace("Budget Name: test", "Budget Name:"),
        SNS.replace("Alert Threshold: > $0.00\n", ""),
        SNS.replace("FORECASTED Amount: $0.95", "FORECASTED Amount: a lot"),
        SNS.replace("FORECASTED Amount", "GUESSED Amount"),
        SNS[: SNS.index("Alert Threshold:")],
        MAIL.replace("| $1,712.35", ""),
        (
            "Budget Name | Budget Type | Budgeted Amount | Alert Type | Alert Threshold | Sum\n"
            "a | Cost | $1 | ACTUAL | > $1 | $2"
        ),
    ],
)
def test_text_that_lacks_something_is_refused_with_what_to_do(text):
    with pytest.raises(Refused) as refused:
        read_as_mail(text)

    assert refused.value.remedy != ""


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("$0.60", "0.60"), ("$1,234.5", "1234.5"), ("-$3.00", "-3.00"), ("USD 12.00", "12.00"),
        ("12 USD", "12"), ("€1,000", "1000"),
    ],
)  # fmt: skip
def test_amount_is_read_as_it_is_written(text, amount):
    assert read_amount(text)[0] == Decimal(amount)


@pytest.mark.parametrize("text", ["", "$", "1.234,56", "$1,23", "1e9", "$" + "9" * 30, "NaN"])
def test_amount_that_is_none_is_refused(text):
    with pytest.raises(Refused):
        read_amount(text)


def test_message_of_google_tells_threshold_and_series():
    assert read_pubsub(pubsub(), at=NOON) == [
        Told(
            source=Source.PUBSUB, provider="gcp", budget="Auto-adjusting budget for earth-gee",
            spend=Spend.ACTUAL, threshold="100 %", at=datetime(2026, 3, 2, 10, tzinfo=UTC),
            amount=Decimal("100.01"), limit=Decimal(100), currency="USD",
            series="b-7:2026-03-01",
        )
    ]  # fmt: skip


def test_message_of_google_may_tell_of_both_or_of_nothing():
    both = read_pubsub(pubsub(forecastThresholdExceeded=1.2), at=NOON)
    assert [(one.spend, one.threshold) for one in both] == [
        (Spend.ACTUAL, "100 %"), (Spend.FORECAST, "120 %"),
    ]  # fmt: skip
    assert read_pubsub(pubsub(alertThresholdExceeded=None), at=NOON) == []


def test_call_of_azure_tells_figures_that_are_text():
    assert read_azure(azure(), at=NOON) == Told(
        source=Source.AZURE, provider="azure", budget="BudgetName", spend=Spend.ACTUAL,
        threshold="80 %", at=NOON, amount=Decimal(100), limit=Decimal(50), currency="USD",
        account="2f1f2a58-8f31-4c2c-ab48-bfd91ed54e09",
    )  # fmt: skip


@pytest.mark.parametrize(
    "body",
    ["", "[]", "{}", "null", "7", pubsub(costAmount="x"), pubsub(costIntervalStart="soon")],
)
def test_what_is_no_message_of_google_is_refused(body):
    with pytest.raises(Refused):
        read_pubsub(body, at=NOON)


@pytest.mark.parametrize("body", ["", "{}", azure(NotificationThresholdAmount="x"), pubsub()])
def test_what_is_no_call_of_azure_is_refused(body):
    with pytest.raises(Refused):
        read_azure(body, at=NOON)
