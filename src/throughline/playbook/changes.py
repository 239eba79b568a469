"""What differs between two playbooks, part by part, in words that their author knows."""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from throughline.playbook.model import Playbook
from throughline.playbook.parts import Stage

Verb = Literal["added", "removed", "changed"]

# Parts that go by a code: what one is called, and where the playbook keeps them.
CODED = {
    "stage": "stages",
    "tier": "tiers",
    "template": "templates",
    "project": "projects",
    "role": "engagement_roles",
    "team role": "team_roles",
    "sign-off role": "signoff_roles",
    "context question": "context_questions",
    "price account": "price_accounts",
    "ladder step": "ladder",
    "mail": "mails",
}
SINGLE = (
    "organisation",
    "addresses",
    "capacity",
    "periods",
    "legal",
    "verification",
    "budgets",
    "offboarding",
    "notifications",
)
TABLES = {"waiver": "waivers", "revenue type": "revenue_types"}
LISTS = {"community record": "community_record", "reserved id": "reserved_ids"}


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that another playbook has otherwise."""

    part: str  # "stage", "condition", "tier", …
    code: str
    verb: Verb
    before: str = ""
    after: str = ""

    def __str__(self) -> str:
        arrow = f": {self.before} → {self.after}" if self.verb == "changed" else ""
        return f"{self.part} {self.code} {self.verb}{arrow}"


def compare(old: Playbook, new: Playbook) -> tuple[Change, ...]:
    """Return what differs in another playbook; nothing where only remarks or layout do."""
    return (*_header(old, new), *_coded(old, new), *_tables(old, new), *_single(old, new))


def _header(old: Playbook, new: Playbook) -> Iterator[Change]:
    for name in ("name", "version"):
        yield from _field("playbook", name, getattr(old, name), getattr(new, name))


def _coded(old: Playbook, new: Playbook) -> Iterator[Change]:
    for part, attribute in CODED.items():
        before = {one.code: one for one in getattr(old, attribute)}
        after = {one.code: one for one in getattr(new, attribute)}
        for code in [*before, *(one for one in after if one not in before)]:
            yield from _one(part, code, before.get(code), after.get(code))
        shared = [code for code in before if code in after]
        if attribute == "stages" and shared != [code for code in after if code in before]:
            yield Change("stage", "order", "changed", ", ".join(before), ", ".join(after))
    yield from _one_each("ledger rule", _by(old.ledger, "field"), _by(new.ledger, "field"))


def _by(parts: Iterable[Any], key: str) -> dict[str, Any]:
    return {getattr(one, key): one for one in parts}


def _one_each(part: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    for code in [*before, *(one for one in after if one not in before)]:
        yield from _one(part, code, before.get(code), after.get(code))


def _one(part: str, code: str, before: Any, after: Any) -> Iterator[Change]:
    if before is None or after is None:
        verb: Verb = "added" if before is None else "removed"
        yield Change(part, code, verb)
    elif isinstance(before, Stage):
        yield from _stage(before, after)
    else:
        for name in _names(before):
            yield from _field(part, f"{code}.{name}", getattr(before, name), getattr(after, name))


def _stage(before: Stage, after: Stage) -> Iterator[Change]:
    """Yield what a stage asks for otherwise; who may waive is told by the waivers."""
    for name in ("name", "owner", "kind", "probability"):
        yield from _field(
            "stage", f"{before.code}.{name}", getattr(before, name), getattr(after, name)
        )
    was = {one.code: one for one in before.conditions}
    now = {one.code: one for one in after.conditions}
    for code in [*was, *(one for one in now if one not in was)]:
        where = f"{before.code}: {code}"
        if code not in now or code not in was:
            yield Change("condition", where, "removed" if code in was else "added")
        elif was[code].required != now[code].required:
            words = {True: "required", False: "advisory"}
            yield Change(
                "condition", where, "changed", words[was[code].required], words[now[code].required]
            )


def _tables(old: Playbook, new: Playbook) -> Iterator[Change]:
    for part, attribute in TABLES.items():
        before, after = dict(getattr(old, attribute)), dict(getattr(new, attribute))
        for code in [*before, *(one for one in after if one not in before)]:
            if code not in before or code not in after:
                yield Change(part, code, "removed" if code in before else "added")
            else:
                yield from _field(part, code, before[code], after[code])
    for part, attribute in LISTS.items():
        was, now = getattr(old, attribute), getattr(new, attribute)
        yield from (Change(part, code, "removed") for code in was if code not in now)
        yield from (Change(part, code, "added") for code in now if code not in was)
    yield from _field("billing", "usage_fee", old.usage_fee, new.usage_fee)


def _single(old: Playbook, new: Playbook) -> Iterator[Change]:
    for part in SINGLE:
        before, after = getattr(old, part), getattr(new, part)
        for name in _names(before):
            yield from _field(part, name, getattr(before, name), getattr(after, name))


def _names(part: Any) -> list[str]:
    return [field.name for field in dataclasses.fields(part) if field.name != "code"]


def _field(part: str, code: str, before: Any, after: Any) -> Iterator[Change]:
    if before != after:
        yield Change(part, code, "changed", _words(before), _words(after))


def _words(value: Any) -> str:
    """Return a value in words: of a list its items, of parts their codes."""
    if isinstance(value, tuple):
        return ", ".join(_words(one) for one in value) or "none"
    if dataclasses.is_dataclass(value):
        own = getattr(value, "code", "")
        return own or " ".join(str(getattr(value, one)) for one in _names(value))
    return str(value) if value not in ("", None) else "none"
