"""Drafts of statements of work for tests: one that says a little of everything, and any at all."""

import string
from copy import deepcopy
from typing import Any

from hypothesis import strategies as st

from tests.factories import BD, NOON
from throughline.intake.authoring import Writer, write_statement
from throughline.playbook.loader import shipped

DRAFT: dict[str, Any] = {
    "title": "A hub for the atlas",
    "background": "The maps lie on *one* disk.",
    "technical_details": "- JupyterHub\n- [a bucket](https://bucket.example)",
    "deliverables": [
        {
            "title": "The hub runs",
            "overview": "A hub of their own.",
            "definition_of_done": ["Anybody of the atlas can sign in."],
            "risks": ["Their IT is slow."],
            "demo": "Somebody signs in.",
            "items": [
                {"text": "Set it up", "low_h": "4", "high_h": "8", "role": "infra eng"},
                {"text": "Talk to their IT", "low_h": "1.5", "high_h": "6", "role": "Tech Lead"},
            ],
            "people": ["App Engineer"],
        },
        {
            "title": "The maps open",
            "definition_of_done": ["A map opens within five seconds."],
            "items": [{"text": "Move the maps", "low_h": "2", "high_h": "3", "role": ""}],
            "people": [],
        },
    ],
    "overhead": {"items": [{"text": "Meet", "low_h": "1", "high_h": "2", "role": "Delivery"}]},
    "overhead_text": "We meet each week.",
    "out_of_scope": ["A second hub."],
    "people": [],
    "sections": [{"heading": "Links", "text": "See <https://atlas.example>.", "place": "after"}],
}


def draft(**changes: Any) -> dict[str, Any]:
    return deepcopy(DRAFT) | changes


def with_item(**changes: Any) -> dict[str, Any]:
    """Return the draft with its very first item changed."""
    made = draft()
    made["deliverables"][0]["items"][0] |= changes
    return made


def write(deal: Any, wanted: Any = None, *, base: int | None = None, by: str = BD, **more: Any):
    """Keep a draft as a new version."""
    writer = Writer(shipped(), by, NOON, base)
    return write_statement(deal.pk, wanted or DRAFT, writer, **more)[0]


# Letters, marks of Markdown, and words that documents give a meaning.
PIECES = st.sampled_from([
    *"*_`~|#>-+=:%$&!()[]{}<>\\", "**", "```", ":::", "{note}", "[a](http://x.y/(z))", "<b>",
    "<!-- c -->", "[x] ", "- ", "1. ", "    ", "\t", "word", "each of two people", "&amp;", "é", "😀",
    "Total", "Overview", "1h", "20 hours", "total: 3h to 5h", "(3h)", "Risks", "\u2028", "\x0b",
    "[^1]", "Deliverable 1", "javascript:x", "+++", "(t)=", "---", "<DATE>",
])  # fmt: skip
WORDS = st.text(string.ascii_letters + " é", min_size=1, max_size=12).filter(str.strip)
LINES = st.lists(PIECES | WORDS, min_size=1, max_size=5).map("".join)
PROSE = st.just("") | st.lists(LINES, max_size=4).map("\n\n".join)
ROLES = st.sampled_from(["", "App Engineer", "infra eng", "Tech Lead"])
HOURS = st.integers(0, 400).map(lambda quarters: quarters / 4) | st.just(0.3333)
ITEMS = st.tuples(LINES, HOURS, HOURS, ROLES).map(
    lambda cells: {
        "text": cells[0], "low_h": min(cells[1:3]), "high_h": max(cells[1:3]), "role": cells[3],
    }
)  # fmt: skip
DRAFTS = st.fixed_dictionaries({
    "title": LINES, "background": PROSE, "technical_details": PROSE, "overhead_text": PROSE,
    "out_of_scope": st.lists(LINES, max_size=2), "people": st.just([]),
    "overhead": st.fixed_dictionaries({"items": st.lists(ITEMS, max_size=2)}),
    "sections": st.lists(
        st.fixed_dictionaries({
            "heading": LINES, "text": PROSE, "place": st.sampled_from(["before", "after"]),
        }),
        max_size=1,
    ),
    "deliverables": st.lists(
        st.fixed_dictionaries({
            "title": LINES, "overview": PROSE, "demo": PROSE,
            "definition_of_done": st.lists(LINES, max_size=2),
            "risks": st.lists(LINES, max_size=2), "items": st.lists(ITEMS, max_size=3),
            "people": st.lists(ROLES, max_size=2),
        }),
        min_size=1, max_size=3,
    ),
})  # fmt: skip
