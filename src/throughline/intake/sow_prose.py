"""What a statement of work says in words: kept as Markdown that can do no harm."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from throughline.intake.estimate_tables import tables_in, unfenced_rows
from throughline.intake.hours import stated_in_line
from throughline.intake.myst import Node, Section, list_items, plain, plain_lines
from throughline.intake.sow_outline import Outline, Part, kind_of
from throughline.sales.statements.content import TASK_MARK
from throughline.sales.statements.prose import escaped, markdown_of

BACKGROUND = re.compile(r"background|introduction|context", re.IGNORECASE)
TECHNICAL = re.compile(r"technical details", re.IGNORECASE)
DEMO = re.compile(r"demo(?: .*)?", re.IGNORECASE)
OVERVIEW = re.compile(r"overview", re.IGNORECASE)
# What is below these is read as something else: items, criteria, people, totals.
READ_ELSEWHERE = {"deliverables", "overhead", "summary", "out_of_scope", "people"}
READ_OF_DELIVERABLE = {"done", "risks", "estimates", "summary", "people", "out_of_scope"}


@dataclass(frozen=True, slots=True)
class Described:
    """What a deliverable is, and what will be shown of it."""

    overview: str
    demo: str

    def as_json(self) -> dict[str, str]:
        """Return what is said, for a JSON document."""
        return _said(overview=self.overview, demo=self.demo)


@dataclass(frozen=True, slots=True)
class Written:
    """What the document says around its deliverables; each further section with its place."""

    background: str
    technical_details: str
    sections: tuple[tuple[str, str, str], ...]  # heading, text, "before" or "after"
    overhead: str

    def as_json(self) -> dict[str, Any]:
        """Return what is said, for a JSON document."""
        sections = [
            {"heading": heading, "text": text, "place": place}
            for heading, text, place in self.sections
        ]
        return _said(
            background=self.background,
            technical_details=self.technical_details,
            sections=sections,
            overhead_text=self.overhead,
        )


def _said(**words: Any) -> dict[str, Any]:
    return {name: value for name, value in words.items() if value}


def list_texts(section: Section) -> Iterator[str]:
    """Yield the items of the lists in a section, without tick boxes."""
    for item in list_items(section.nodes):
        if text := TASK_MARK.sub("", plain(item)).strip():
            yield text


def done_criteria(section: Section) -> list[str]:
    """Return the items of a definition of done, or its paragraphs where it has no list."""
    prose = [plain(node) for node in section.nodes if node.type == "paragraph"]
    return list(list_texts(section)) or [text for text in prose if text]


def prose_of_deliverable(part: Part) -> Described:
    """Return what a deliverable's sections say that is neither criterion, risk, item nor person."""
    told: dict[bool, list[str]] = {True: [], False: []}
    for at, section in enumerate(part.sections):
        if at and kind_of(section.heading) in READ_OF_DELIVERABLE:
            continue
        is_demo = bool(at and DEMO.fullmatch(section.heading.strip()))
        is_plain = not at or is_demo or OVERVIEW.fullmatch(section.heading.strip())
        told[is_demo].append(_text_of(section, heading="" if is_plain else section.heading))
    return Described(_joined(told[False]), _joined(told[True]))


def prose_of_document(outline: Outline) -> Written:
    """Return what the sections outside deliverables say, but for what is read as something else."""
    first = outline.deliverables[0].sections[0].line
    named: dict[str, str] = {}
    intro, others = list[str](), list[tuple[str, str, str]]()
    for group in _groups(outline):
        heading, text = group[0].heading, _group_text(group)
        if not heading or (group[0].level == 1 and not kind_of(heading)):
            intro.append(text)
        elif BACKGROUND.fullmatch(heading) and "background" not in named:
            named["background"] = text
        elif TECHNICAL.fullmatch(heading) and "technical" not in named:
            named["technical"] = text
        elif text:
            others.append((heading, text, "before" if group[0].line < first else "after"))
    background = _joined([*intro, named.get("background", "")])
    overhead = _joined(_overhead_text(section) for section in outline.every("overhead"))
    return Written(background, named.get("technical", ""), tuple(others), overhead)


def _groups(outline: Outline) -> Iterator[list[Section]]:
    """Yield each section with those below it; none that is read as something else."""
    group: list[Section] = []
    for section in outline.others:
        kind = kind_of(section.heading)
        is_title = bool(group) and group[0].level <= 1 and not kind_of(group[0].heading)
        if group and section.level > group[0].level and not is_title and kind != "deliverables":
            group.append(section)
            continue
        yield from [group] if group else []
        group = [] if kind in READ_ELSEWHERE else [section]
    yield from [group] if group else []


def _group_text(group: Sequence[Section]) -> str:
    first, *below = group
    told = [section for section in below if kind_of(section.heading) not in READ_ELSEWHERE]
    return _joined(
        [_text_of(first, heading=""), *(_text_of(one, heading=one.heading) for one in told)]
    )


def _text_of(section: Section, *, heading: str) -> str:
    text = markdown_of([node for node in section.nodes if not _is_estimate(node)])
    return _joined([f"**{escaped(heading)}**", text]) if heading and text else text


def _is_estimate(node: Node) -> bool:
    return any(tables_in([node], is_estimate=False))


def _overhead_text(section: Section) -> str:
    """Return the paragraphs about the overhead that say neither items nor totals."""
    return markdown_of([
        node for node in section.nodes
        if node.type == "paragraph"
        and not any(unfenced_rows(node))
        and not any(stated_in_line(line) for line in plain_lines(node))
    ])  # fmt: skip


def _joined(texts: Iterable[str]) -> str:
    return "\n\n".join(text for text in texts if text)
