"""The text of an AWS budget alert: as SNS sends it, and as the e-mail has it.

The lines "Budget Name: …" have been stable since 2019; the e-mail has the same words as a table,
whose cells come in a row, or each on a line of its own. Percentages are told as dollars.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from throughline.budgets.told import Told
from throughline.budgets.words import Source, Spend
from throughline.intake.alerts.amounts import read_amount
from throughline.kernel.errors import Refused

NAME, TYPE, LIMIT = "Budget Name", "Budget Type", "Budgeted Amount"
KIND, THRESHOLD = "Alert Type", "Alert Threshold"
AMOUNT = re.compile(r"(ACTUAL|FORECASTED) Amount", re.IGNORECASE)
LINE = re.compile(
    rf"\s*({NAME}|{TYPE}|{LIMIT}|{KIND}|{THRESHOLD}|(?:ACTUAL|FORECASTED) Amount)\s*:\s*(.*?)\s*",
    re.IGNORECASE,
)
ACCOUNT = re.compile(r"AWS Account:?\s+(\d{12})\b", re.IGNORECASE)
DAY = re.compile(r"AWS Budget Notification\s+([A-Z][a-z]+ \d{1,2}, \d{4})")
PARTS = re.compile(r"[|\t]")
SPENDS = {"ACTUAL": Spend.ACTUAL, "FORECASTED": Spend.FORECAST}
FIELDS = 6


def read_aws_text(
    text: str, *, source: Source, at: datetime, account: str = "", addresses: tuple[str, ...] = ()
) -> Told:
    """Return what the text of an AWS budget alert tells.

    `at` is when it came, which counts where the text says no day.

    Raises:
        Refused: it is no such text.
    """
    said = _lines(text) or _table(text)
    if not said:
        raise Refused(
            "It has no line “Budget Name”, and no table that begins with it.",
            remedy="Read it, and say who has seen to it.",
        )
    missing = [name for name in (NAME, LIMIT, THRESHOLD, "Amount") if not said.get(name)]
    if missing:
        raise Refused(f"It does not say: {', '.join(missing)}.", remedy="Read it yourself.")
    amount, currency = read_amount(said["Amount"])
    found = ACCOUNT.search(text)
    return Told(
        source=source, provider="aws", budget=said[NAME], spend=_spend(said),
        threshold=said[THRESHOLD], at=_day(text, at), amount=amount,
        limit=read_amount(said[LIMIT])[0], currency=currency,
        account=found[1] if found else account, addresses=addresses,
    )  # fmt: skip


def _spend(said: Mapping[str, str]) -> Spend:
    """Return what the line of the amount is called: the alert's type is not always told.

    Raises:
        Refused: it is neither.
    """
    named = (said.get("Kind") or said.get(KIND, "")).upper()
    if named not in SPENDS:
        raise Refused("Its kind is neither actual nor forecast.", remedy="Read it yourself.")
    return SPENDS[named]


def _lines(text: str) -> dict[str, str]:
    """Return what lines of the form "Key: value" say; nothing where there are none."""
    said: dict[str, str] = {}
    for line in text.splitlines():
        if found := LINE.fullmatch(line):
            _put(said, found[1], found[2])
    return said if said.get(NAME) else {}


def _table(text: str) -> dict[str, str]:
    """Return what a table says: its headings one after the other, then as many values."""
    cells = [one.strip() for line in text.splitlines() for one in PARTS.split(line)]
    filled = [one for one in cells if one]
    starts = [place for place, one in enumerate(filled) if one.casefold() == NAME.casefold()]
    for start in starts:
        headings = filled[start : start + FIELDS]
        values = filled[start + FIELDS : start + 2 * FIELDS]
        if len(values) == FIELDS and AMOUNT.fullmatch(headings[-1]):
            said: dict[str, str] = {}
            for heading, value in zip(headings, values, strict=True):
                _put(said, heading, value)
            return said
    return {}


def _put(said: dict[str, str], name: str, value: str) -> None:
    if found := AMOUNT.fullmatch(name):
        said["Amount"], said["Kind"] = value, found[1]
        return
    known = {one.casefold(): one for one in (NAME, TYPE, LIMIT, KIND, THRESHOLD)}
    said[known.get(name.casefold(), name)] = value


def _day(text: str, at: datetime) -> datetime:
    """Return when it was told: the day that the text names, else when it came."""
    found = DAY.search(text)
    if found is None:
        return at
    try:
        day = datetime.strptime(found[1], "%B %d, %Y").replace(tzinfo=UTC)
    except ValueError:
        return at
    return at if day.date() == at.astimezone(UTC).date() else day
