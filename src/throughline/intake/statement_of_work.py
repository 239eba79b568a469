"""A statement of work in MyST Markdown, read as deliverables, hours, people and limits.

What cannot be understood is refused with its line; what is odd but readable comes as a warning.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from throughline.intake.estimate_tables import Table, tables_in
from throughline.intake.estimates import (
    TOTAL_LABEL,
    Estimates,
    peek_row,
    read_bullets,
    read_table,
)
from throughline.intake.hours import (
    Item,
    Notice,
    Span,
    is_same,
    number,
    stated_in,
    stated_in_line,
    total_of,
)
from throughline.intake.myst import Section, plain, plain_lines, read_document
from throughline.intake.sow_outline import Outline, Part, kind_of, read_outline
from throughline.intake.sow_prose import (
    Described,
    Written,
    done_criteria,
    list_texts,
    prose_of_deliverable,
    prose_of_document,
)

COUNT_WORDS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8}
PERSON = r"(?:developer|engineer|person|people|contributor|team member|member)s?"
SEVERAL = re.compile(
    rf"\b(?P<count>[0-9]{{1,2}}|{'|'.join(COUNT_WORDS)})\s+(?:\w+\s+){{0,2}}{PERSON}\b",
    re.IGNORECASE,
)
EACH = re.compile(
    rf"\b(?:each|every|per|both)\s+(?:of\b|(?:\w+\s+){{0,2}}{PERSON}\b)", re.IGNORECASE
)
HEADS = re.compile(r"(?<![\w.])([0-9]{1,3})(?![\w.%]|\s*(?:h|hours?|%|fte)\b)", re.IGNORECASE)
LEADING_HEADS = re.compile(r"([0-9]{1,2})\s*[x×]?\s+(?=\D)")


@dataclass(frozen=True, slots=True)
class Person:
    """People the document asks for: a role, how many, and the line as written."""

    role: str
    count: int
    text: str


@dataclass(frozen=True, slots=True)
class Deliverable:
    """One promise with its definition of done, its estimate, and the roles that work on it."""

    title: str
    definition_of_done: tuple[str, ...]
    items: tuple[Item, ...]
    stated: Span | None
    people: tuple[str, ...]
    risks: tuple[str, ...]
    described: Described

    @property
    def total(self) -> Span:
        """Return the sum of the items."""
        return total_of(self.items)

    def as_json(self) -> dict[str, Any]:
        """Return the deliverable for a JSON document."""
        return {
            "title": self.title,
            "definition_of_done": list(self.definition_of_done),
            **_items_json(self.items),
            "stated_low_h": number(self.stated.low_h) if self.stated else None,
            "stated_high_h": number(self.stated.high_h) if self.stated else None,
            "people": list(self.people),
            "risks": list(self.risks),
            **self.described.as_json(),
        }


@dataclass(frozen=True, slots=True)
class StatementOfWork:
    """A whole document; its total counts the overhead once."""

    title: str
    deliverables: tuple[Deliverable, ...]
    overhead: tuple[Item, ...]
    people: tuple[Person, ...]
    out_of_scope: tuple[str, ...]
    written: Written
    warnings: tuple[Notice, ...]

    @property
    def total(self) -> Span:
        """Return the hours of all deliverables and of the overhead, counted once."""
        items = [item for deliverable in self.deliverables for item in deliverable.items]
        return total_of([*items, *self.overhead])

    def as_json(self) -> dict[str, Any]:
        """Return the statement of work for a JSON document; hours are numbers."""
        return {
            "title": self.title,
            "deliverables": [deliverable.as_json() for deliverable in self.deliverables],
            "overhead": _items_json(self.overhead),
            "total": _span_json(self.total),
            "people": [
                {"role": person.role, "count": person.count, "text": person.text}
                for person in self.people
            ],
            "out_of_scope": list(self.out_of_scope),
            "warnings": [
                {"code": notice.code, "message": notice.message} for notice in self.warnings
            ],
            **self.written.as_json(),
        }


@dataclass(frozen=True, slots=True)
class _Summary:
    """What tables say that only repeat totals: per deliverable, for the overhead, for all."""

    by_title: tuple[tuple[int, Span], ...] = ()
    overhead: tuple[Span, ...] = ()
    total: tuple[Span, ...] = ()
    deliverables: tuple[Span, ...] = ()
    notices: tuple[Notice, ...] = ()

    def __add__(self, other: "_Summary") -> "_Summary":
        return _Summary(
            self.by_title + other.by_title,
            self.overhead + other.overhead,
            self.total + other.total,
            self.deliverables + other.deliverables,
            self.notices + other.notices,
        )


def parse(text: str) -> StatementOfWork:
    """Return what a statement of work says.

    Raises:
        SowError: there is no deliverable, or an estimate cannot be read.
    """
    document = read_document(text)
    outline = read_outline(document.sections)
    titles = [part.title for part in outline.deliverables]
    read = [_read_deliverable(part, titles) for part in outline.deliverables]
    overhead = _read_overhead(outline)
    summary = sum((each[2] for each in read), _read_rest(outline, titles))
    deliverables = tuple(_with_stated(each[0], at, summary) for at, each in enumerate(read))
    people = _document_people(outline) or _people_of(deliverables)
    sow = StatementOfWork(
        outline.title or document.front_title,
        deliverables,
        overhead.items,
        people,
        tuple(item for section in outline.every("out_of_scope") for item in list_texts(section)),
        prose_of_document(outline),
        (),
    )
    notices = [notice for each in read for notice in each[1].notices]
    checks = _checks(sow, read=[each[1] for each in read], overhead=overhead, summary=summary)
    heads = _overhead_per_person(sow, outline)
    return replace(sow, warnings=(*notices, *overhead.notices, *summary.notices, *checks, *heads))


def _items_json(items: Sequence[Item]) -> dict[str, Any]:
    return {
        "items": [item.as_json() for item in items],
        **_span_json(total_of(items)),
    }


def _span_json(span: Span) -> dict[str, int | float]:
    return {"low_h": number(span.low_h), "high_h": number(span.high_h)}


def _read_deliverable(part: Part, titles: Sequence[str]) -> tuple[Deliverable, Estimates, _Summary]:
    found, summary = Estimates(stated=part.stated), _Summary()
    for section in part.sections:
        is_estimate = kind_of(section.heading) in {"estimates", "summary"}
        for table in tables_in(section.nodes, is_estimate=is_estimate):
            if _repeats(table, titles, own=part.title):
                summary += _read_summary(table, titles)
            else:
                found += read_table(table)
        found += Estimates(stated=_stated(section))
        if is_estimate:
            found += read_bullets(section.nodes)
    if not found.items:
        message = f"{part.title!r} has no estimate. Add an estimate table with low and high hours."
        found += Estimates(notices=(Notice("no_estimate", message),))
    done = tuple(text for section in part.every("done") for text in done_criteria(section))
    risks = tuple(text for section in part.every("risks") for text in done_criteria(section))
    roles = [item.role for item in found.items if item.role]
    roles += [person.role for section in part.every("people") for person in _people(section)]
    stated = found.stated[0] if found.stated else None
    people, described = tuple(dict.fromkeys(roles)), prose_of_deliverable(part)
    deliverable = Deliverable(part.title, done, found.items, stated, people, risks, described)
    return deliverable, found, summary


def _stated(section: Section) -> tuple[Span, ...]:
    """Return the totals that a section states in its heading and in lines of prose."""
    is_total = kind_of(section.heading) in {"estimates", "summary"}
    in_heading = stated_in(section.heading, after_sign=True)[1] if is_total else None
    lines = [
        stated_in_line(line)
        for node in section.nodes
        if node.type == "paragraph"
        for line in plain_lines(node)
    ]
    return tuple(span for span in (in_heading, *lines) if span is not None)


def _people(section: Section) -> list[Person]:
    return [_person(text) for text in list_texts(section)]


def _person(text: str) -> Person:
    bracketed = "".join(re.findall(r"\(([^)]*)\)", text))
    counts = [int(count) for count in HEADS.findall(bracketed)]
    role = re.sub(r"\s*\([^)]*\)", "", text).strip(" .,;:")
    if leading := LEADING_HEADS.match(role):
        role = role[leading.end() :]
        counts = counts or [int(leading[1])]
        # "2 App Engineers" is the role App Engineer, twice.
        role = re.sub(r"(?<=[a-rt-z])s$", "", role) if int(leading[1]) > 1 else role
    return Person(role, sum(counts) or 1, text)


def _document_people(outline: Outline) -> tuple[Person, ...]:
    return tuple(person for section in outline.every("people") for person in _people(section))


def _people_of(deliverables: Sequence[Deliverable]) -> tuple[Person, ...]:
    roles = dict.fromkeys(role for each in deliverables for role in each.people)
    return tuple(Person(role, 1, role) for role in roles)


def _read_overhead(outline: Outline) -> Estimates:
    found = Estimates()
    for section in outline.every("overhead"):
        found += Estimates(stated=_stated(section))
        if (stated := stated_in(section.heading)[1]) is not None:
            found += Estimates(stated=(stated,))
        for table in tables_in(section.nodes, is_estimate=True):
            found += read_table(table)
        found += read_bullets(section.nodes)
    return found


def _read_rest(outline: Outline, titles: Sequence[str]) -> _Summary:
    """Return what sections outside deliverables and overhead say about hours: it is not counted."""
    found = _Summary()
    for section in outline.others:
        kind = kind_of(section.heading)
        if kind == "overhead":
            continue
        found += _Summary(total=_stated(section))
        heading = stated_in(section.heading)[1]
        if heading is not None and kind == "deliverables":
            found += _Summary(deliverables=(heading,))
        elif heading is not None and section.level == 1:
            found += _Summary(total=(heading,))
        for table in tables_in(section.nodes, is_estimate=kind in {"summary", "estimates"}):
            if kind == "summary" or _repeats(table, titles, own=""):
                found += _read_summary(table, titles)
            elif any(peek_row(row) for row in table.rows):
                message = f"Line {table.line}: the estimate table below {section.heading!r} belongs to no deliverable and is not counted. Move it below a deliverable, or below 'Additional overheads'."
                found += _Summary(notices=(Notice("estimate_outside", message),))
    return found


def _key(title: str) -> str:
    return " ".join(re.findall(r"\w+", title.lower()))


def _index(label: str, titles: Sequence[str]) -> int | None:
    """Return which deliverable a label names: by its title, its number, or the title after it."""
    key = _key(stated_in(label)[0])
    for at, title in enumerate(titles):
        numbered, _, name = title.partition(":")
        if key and key in {_key(title), _key(numbered), _key(name), f"deliverable {at + 1}"}:
            return at
    return None


def _repeats(table: Table, titles: Sequence[str], *, own: str) -> bool:
    """Return whether a table's rows only name deliverables, overhead and totals."""
    named = [_index(row.label, titles) for row in table.rows]
    rest = [row for row, at in zip(table.rows, named, strict=True) if at is None]
    titled = {titles[at] for at in named if at is not None}
    # Inside a deliverable one row may well be called like a deliverable; two say "summary".
    is_summary = len(titled) > 1 if own else bool(table.rows)
    return is_summary and all(
        TOTAL_LABEL.fullmatch(row.label) or kind_of(row.label) == "overhead" for row in rest
    )


def _read_summary(table: Table, titles: Sequence[str]) -> _Summary:
    message = f"Line {table.line}: this table repeats totals; its hours are not counted again."
    found = _Summary(notices=(Notice("summary_ignored", message),))
    for row in table.rows:
        span = peek_row(row)
        at = _index(row.label, titles)
        if span is None:
            continue
        if at is not None:
            found += _Summary(by_title=((at, span),))
        elif kind_of(row.label) == "overhead":
            found += _Summary(overhead=(span,))
        elif TOTAL_LABEL.fullmatch(row.label):
            found += _Summary(total=(span,))
    return found


def _with_stated(deliverable: Deliverable, at: int, summary: _Summary) -> Deliverable:
    """Return a deliverable with the total that the summary states, where it states none itself."""
    elsewhere = next((span for index, span in summary.by_title if index == at), None)
    if deliverable.stated is not None or elsewhere is None:
        return deliverable
    return replace(deliverable, stated=elsewhere)


def _checks(
    sow: StatementOfWork, *, read: Sequence[Estimates], overhead: Estimates, summary: _Summary
) -> Iterator[Notice]:
    """Yield a notice for each stated total that differs from the sum."""
    for at, deliverable in enumerate(sow.deliverables):
        also = [span for index, span in summary.by_title if index == at]
        for stated in dict.fromkeys([*read[at].stated, *also]):
            yield from _differs(repr(deliverable.title), stated, deliverable.total)
    for stated in dict.fromkeys([*overhead.stated, *summary.overhead]):
        yield from _differs("The overhead", stated, total_of(sow.overhead))
    # "Deliverables (56-68h)" may leave the overhead out or not: both are honest.
    alone = total_of([item for each in sow.deliverables for item in each.items])
    above = [span for span in summary.deliverables if not is_same(span, alone)]
    for stated in dict.fromkeys([*summary.total, *above]):
        yield from _differs("The document", stated, sow.total)


def _differs(name: str, stated: Span, summed: Span) -> Iterator[Notice]:
    if not is_same(stated, summed):
        message = f"{name} states {stated}, but its items add up to {summed}. Correct one of them."
        yield Notice("total_differs", message)


def _overhead_per_person(sow: StatementOfWork, outline: Outline) -> Iterator[Notice]:
    words = " ".join(plain(node) for section in outline.every("overhead") for node in section.nodes)
    several = SEVERAL.search(words)
    if not sow.overhead or not (several or EACH.search(words)):
        return
    once = total_of(sow.overhead)
    count = sum(person.count for person in sow.people)
    if several:
        count = COUNT_WORDS.get(several["count"].lower()) or int(several["count"])
    if count > 1:
        more = Span(
            sow.total.low_h + once.low_h * (count - 1), sow.total.high_h + once.high_h * (count - 1)
        )
        who = "says" if several else "lists"
        yield Notice(
            "overhead_per_person",
            f"The overhead of {once} is counted once. The document {who} {count} people; if each of them has it, the total would be {more} instead of {sow.total}.",
        )
    elif not several:
        yield Notice(
            "overhead_per_person",
            f"The overhead of {once} is counted once, although each person has it and the document does not say how many people. Say how many.",
        )
