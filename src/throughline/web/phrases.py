"""Words that the sentences of the journal have in common."""

from collections.abc import Mapping
from typing import Any

from throughline.web.fact_words import condition_name

Facts = Mapping[str, Any]


def words(value: Any) -> str:
    """Return a code as people say it: "contract_admin" is "Contract Admin"."""
    return str(value).replace("_", " ").replace("-", " ").title() if value else "nothing"


def people(facts: Mapping[str, Any]) -> str:
    """Return to how many a mail goes; the journal does not say to whom."""
    count = facts.get("count", 1)
    return f"{count} people" if count != 1 else "1 person"


def listed(values: Any) -> str:
    """Return several values as a list in a sentence."""
    return ", ".join(str(one) for one in values or ()) or "nothing"


def field_names(values: Any) -> str:
    """Return the names of fields as words."""
    return listed(str(one).replace("_", " ") for one in values or ())


def tail(words_before: str, text: Any) -> str:
    """Return the end of a sentence; nothing where there is nothing to say."""
    return f"{words_before}{text}" if text else ""


def named(codes: Any) -> str:
    """Return conditions by what people call them."""
    return listed(condition_name(str(code)) for code in codes or ())


def name(facts: Facts) -> str:
    """Return whom an entry is about, as they are called after it."""
    return str((facts.get("after") or {}).get("name", "somebody"))


def note(what: str, facts: Facts, said: str = "text") -> str:
    """Return what was said to a note; the journal has no words of a private one."""
    return f"{what}: {facts[said]}" if facts.get(said) else f"{what}; it is private"
