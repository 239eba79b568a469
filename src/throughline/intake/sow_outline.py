"""The outline of a statement of work: which heading starts a deliverable, and what the rest is."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

from throughline.intake.hours import SowError, Span, stated_in
from throughline.intake.myst import Section

# The first pattern that fits a whole heading says what is below it.
KINDS = (
    ("deliverables", r"(?:the |our |proposed |project )?deliverables"),
    ("done", r"(?:definition[ -]of[ -])?done(?: criteria)?|dod|definition of done/done|acceptance criteria"),
    ("overhead", r"(?:additional |shared |project |other |general )?overheads?(?: costs?)?"),
    ("summary", r"summary|totals?|(?:total|overall) (?:estimates?|hours|effort)|(?:summary of (?:the )?)(?:estimates?|hours|effort)|(?:estimates?|hours|effort) summary"),
    ("estimates", r"estimates?|estimations?|estimated (?:effort|hours|time)|effort|time estimates?"),
    ("people", r"people(?: working on (?:this|it)\b.*)?|who\b.*\bworks?\b.*|who\b.*\bworking\b.*|team|staffing"),
    ("out_of_scope", r"(?:intentionally |explicitly )?(?:out[ -]of[ -]scope|not in scope)(?: items?| work)?"),
    ("risks", r"risks?|risk factors?|risks? and .*"),
    ("detail", r"overview|demo(?: at the end .*)?|notes?|user stor(?:y|ies)|technical details"),
    ("other", r"background|introduction|context|timeline|schedule|references|relevant github issues.*|desired outcomes"),
)  # fmt: skip
# At the level of the deliverables these speak of the whole document; other known kinds belong to
# the deliverable before them, whose author chose too high a level.
OF_DOCUMENT = {"deliverables", "overhead", "summary", "out_of_scope", "people", "other"}
NUMBERED = re.compile(r"deliverable(?:\s*#?\s*[0-9]+|\s+[a-z])\b", re.IGNORECASE)
REMEDY = "Write a heading '## Deliverables' and below it one heading '### …' for each deliverable."


@dataclass(frozen=True, slots=True)
class Part:
    """One deliverable: its title, the total its heading states, and its sections."""

    title: str
    stated: tuple[Span, ...]
    sections: tuple[Section, ...]

    def every(self, kind: str) -> list[Section]:
        """Return the sections of a kind."""
        return [section for section in self.sections if kind_of(section.heading) == kind]


@dataclass(frozen=True, slots=True)
class Outline:
    """A document's title, its deliverables, and every section outside them."""

    title: str
    deliverables: tuple[Part, ...]
    others: tuple[Section, ...]
    within: tuple[Section, ...]

    def every(self, kind: str) -> list[Section]:
        """Return the document's sections of a kind; what is out of scope may stand anywhere."""
        places = (*self.others, *self.within) if kind == "out_of_scope" else self.others
        found = [section for section in places if kind_of(section.heading) == kind]
        return sorted(found, key=lambda section: section.line)


def kind_of(heading: str) -> str:
    """Return what is below a heading, or nothing where the heading is not known."""
    bare = stated_in(heading, after_sign=True)[0].lower()
    name = re.sub(r"^[0-9]+(?:\.[0-9]+)*[.)]?\s+", "", bare).strip(" :?!.*")
    return next((kind for kind, pattern in KINDS if re.fullmatch(pattern, name)), "")


def read_outline(sections: Sequence[Section]) -> Outline:
    """Return which sections are the title, the deliverables, and the rest.

    Raises:
        SowError: no heading starts a deliverable.
    """
    starts = _below_deliverables(sections) or _numbered(sections)
    if not starts:
        _refuse(sections)
    owner = _owners(sections, starts)
    parts = tuple(
        _part([section for section, at in zip(sections, owner, strict=True) if at == start])
        for start in starts
    )
    others = tuple(section for section, at in zip(sections, owner, strict=True) if at is None)
    within = tuple(section for section, at in zip(sections, owner, strict=True) if at is not None)
    return Outline(_title(others), parts, others, within)


def _title(sections: Sequence[Section]) -> str:
    found = next((s for s in sections if s.level == 1 and not kind_of(s.heading)), None)
    return stated_in(found.heading)[0] if found else ""


def _part(sections: Sequence[Section]) -> Part:
    title, stated = stated_in(sections[0].heading)
    return Part(title, () if stated is None else (stated,), tuple(sections))


def _below_deliverables(sections: Sequence[Section]) -> list[int]:
    """Return where deliverables start: at the highest level of headings below "Deliverables"."""
    starts: list[int] = []
    for at, section in enumerate(sections):
        if kind_of(section.heading) == "deliverables":
            below = _below(sections, at)
            titles = [n for n in below if sections[n].heading and not kind_of(sections[n].heading)]
            level = min((sections[n].level for n in titles), default=0)
            starts += [n for n in titles if sections[n].level == level]
    return starts


def _numbered(sections: Sequence[Section]) -> list[int]:
    found = [at for at, section in enumerate(sections) if NUMBERED.match(section.heading)]
    level = min((sections[at].level for at in found), default=0)
    return [at for at in found if sections[at].level == level]


def _below(sections: Sequence[Section], at: int) -> list[int]:
    below = []
    for number in range(at + 1, len(sections)):
        if sections[number].level <= sections[at].level:
            break
        below.append(number)
    return below


def _owners(sections: Sequence[Section], starts: Sequence[int]) -> list[int | None]:
    """Return for each section the deliverable that it belongs to, by its position."""
    owners: list[int | None] = []
    current: int | None = None
    for at, section in enumerate(sections):
        if at in starts:
            current = at
        elif current is not None and section.level <= sections[current].level:
            kind = kind_of(section.heading)
            is_detail = (
                section.level == sections[current].level and kind and kind not in OF_DOCUMENT
            )
            current = current if is_detail else None
        owners.append(current)
    return owners


def _refuse(sections: Sequence[Section]) -> NoReturn:
    heading = next((s for s in sections if kind_of(s.heading) == "deliverables"), None)
    if heading is None:
        raise SowError("there is no heading 'Deliverables'.", remedy=REMEDY, line=1)
    raise SowError(
        f"{heading.heading!r} has no deliverable below it.", remedy=REMEDY, line=heading.line
    )
