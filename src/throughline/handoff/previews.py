"""What would be there, as a person reads it: a mail's text, an issue's text, a list of fields."""

from typing import Any

from throughline.handoff.outcomes.mails import MailQueued
from throughline.handoff.wanted import Wanted, bare


def preview_of(wanted: Wanted) -> str:
    """Return the text of a mail or an issue, or the fields of anything else, one below the other."""
    one = bare(wanted)
    if isinstance(one, MailQueued):
        to = ", ".join(one.draft.to) or "nobody yet"
        return f"To: {to}\nSubject: {one.draft.subject}\n\n{one.draft.text.strip()}"
    return fields_as_text(one.wanted)


def said_by(wanted: Wanted) -> str:
    """Return every word that an outcome says to whoever can read it; not whom it is sent to."""
    one = bare(wanted)
    if isinstance(one, MailQueued):
        return f"{one.draft.subject}\n{one.draft.text}"
    return f"{one.summary}\n{_words(one.wanted)}"


def _words(value: Any) -> str:
    if isinstance(value, dict):
        return "\n".join(_words(part) for part in value.values())
    if isinstance(value, list | tuple):
        return "\n".join(_words(part) for part in value)
    return str(value)


def fields_as_text(fields: dict[str, Any]) -> str:
    """Return fields one below the other, without those that hold nothing."""
    return "\n".join(
        f"{name.replace('_', ' ')}: {_value(value)}"
        for name, value in fields.items()
        if value not in (None, "", [])
    )


def _value(value: Any) -> str:
    if isinstance(value, list):
        return "".join(f"\n  - {_value(part)}" for part in value)
    if isinstance(value, dict):
        return ", ".join(f"{name.replace('_', ' ')}: {part}" for name, part in value.items())
    return str(value)
