"""Writing down the fact that a condition reads: one form and one verb for each code.

The forms are the only description of a fact's fields: the command line, its help, the pages and
the reference are made from them.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from django.db import transaction
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from throughline.kernel.days import FIRST_YEAR, LAST_YEAR, day_in_zone
from throughline.kernel.errors import Refused
from throughline.playbook.model import Playbook
from throughline.playbook.registry import did_you_mean
from throughline.sales.actions.conflicts import check_fact_unchanged
from throughline.sales.actions.lock import locked_deal
from throughline.sales.models import Deal
from throughline.sales.ownership import check_fact_is_ours


class Form(BaseModel):
    """The fields of a fact; a field that no form has is refused, not ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    @field_validator("*")
    @classmethod
    def _can_be_kept(cls, value: Any) -> Any:
        """Return the value, if every database can hold it and every calendar can reckon with it.

        Raises:
            ValueError: a text holds a NUL character, or a day is in no year of ours.
        """
        parts = value if isinstance(value, list) else [value]
        parts = [*value, *value.values()] if isinstance(value, dict) else parts
        for part in parts:
            if isinstance(part, str) and "\0" in part:
                raise ValueError("a text cannot hold a NUL character")
            if isinstance(part, date) and not FIRST_YEAR <= part.year <= LAST_YEAR:
                raise ValueError(f"{part} is not a day between {FIRST_YEAR} and {LAST_YEAR}")
        return value


AnyForm = TypeVar("AnyForm", bound=Form)


@dataclass(frozen=True, slots=True)
class Writing:
    """Who writes a fact down, when, and under which playbook."""

    deal: Deal  # locked
    playbook: Playbook
    by: str
    at: datetime

    @property
    def on(self) -> Any:
        """The organisation's calendar day."""
        return day_in_zone(self.at, self.playbook.organisation.zone)


@dataclass(frozen=True, slots=True)
class Fact(Generic[AnyForm]):
    """How the fact of one code is written down."""

    code: str
    form: type[AnyForm]
    write: Callable[[AnyForm, Writing], None]


FACTS: dict[str, Fact[Any]] = {}


def fact(code: str, form: type[AnyForm]) -> Callable[[Callable[[AnyForm, Writing], None]], Any]:
    """Return a decorator that makes a function the way to write down a code's fact."""

    def keep(write: Callable[[AnyForm, Writing], None]) -> Callable[[AnyForm, Writing], None]:
        FACTS[code] = Fact(code, form, write)
        return write

    return keep


class FieldProblem(Refused):
    """A value does not fit the form."""


@transaction.atomic
def record_fact(
    deal_id: int,
    code: str,
    value: dict[str, Any],
    *,
    playbook: Playbook,
    by: str,
    at: datetime,
    seen: int | None = None,
) -> Deal:
    """Write down the fact that a condition reads, and return the deal as it now is.

    `seen` is the newest entry of the journal that the person knew of; None compares nothing.

    Raises:
        Conflict: somebody has written another value down since.
        FieldProblem: a field is missing, unknown, or holds the wrong kind of value.
        OwnedElsewhere: it would change what is changed in HubSpot alone.
        Refused: no condition has that code, or its rules say no.
    """
    deal = locked_deal(deal_id)
    if code not in FACTS:
        raise Refused(f"No fact is called {code!r}.", remedy=did_you_mean(code, list(FACTS)))
    found: Fact[Any] = FACTS[code]
    form = filled(found.form, value, what=found.code)
    wanted = form.model_dump(mode="json", exclude_unset=True)
    check_fact_is_ours(deal, code, form.model_dump(exclude_unset=True), playbook=playbook)
    check_fact_unchanged(deal, code, wanted, seen=seen, playbook=playbook)
    found.write(form, Writing(deal, playbook, by, at))
    deal.refresh_from_db()
    return deal


def filled(form: type[AnyForm], value: dict[str, Any], *, what: str) -> AnyForm:
    """Return a form filled with a value; `what` is what messages call it.

    Raises:
        FieldProblem: a field is missing, unknown, or holds the wrong kind of value.
    """
    try:
        return form.model_validate(value)
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(str(part) for part in problem['loc']) or 'value'}: {problem['msg']}"
            for problem in error.errors()
        )
        raise FieldProblem(
            f"{what}: {problems}.", remedy=f"Its fields: {describe_form(form)}."
        ) from error


def describe_form(form: type[Form]) -> str:
    """Return a form's fields in one line: name, what it is, and whether it may be left out."""
    parts = []
    for name, info in form.model_fields.items():
        words = f" ({info.description})" if info.description else ""
        parts.append(f"{name}{words}" if info.is_required() else f"[{name}{words}]")
    return ", ".join(parts) or "none"


def parse_value(text: str) -> dict[str, Any]:
    """Return the object that a JSON text holds.

    Raises:
        Refused: it is no JSON object.
    """
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise Refused(
            f"--value is not JSON: {error.msg} at character {error.pos + 1}.",
            remedy="""Write an object such as '{"owner": "ada"}'.""",
        ) from error
    if not isinstance(value, dict):
        raise Refused("--value is not a JSON object.", remedy="""Write '{"field": "value"}'.""")
    return value
