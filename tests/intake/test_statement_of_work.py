import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from throughline.intake.hours import SowError
from throughline.intake.statement_of_work import parse
from throughline.kernel.errors import Refused

HEAD = "# Work\n\n## Deliverables\n\n### One\n\n#### Estimates\n\n"
TABLE = "```{estimate-table}\n-  - Build\n   - 1h\n   - 3h\n```\n"


def _sums(sow):
    return [(one["low_h"], one["high_h"]) for one in sow["deliverables"]]


def _codes(sow):
    return [warning["code"] for warning in sow["warnings"]]


def _items(text):
    [deliverable] = parse(HEAD + text).as_json()["deliverables"]
    return [(item["text"], item["low_h"], item["high_h"]) for item in deliverable["items"]]


def _refusal(text):
    with pytest.raises(SowError) as caught:
        parse(text)
    return caught.value


@pytest.mark.parametrize(
    "table",
    [
        "```{estimate-table}\n-  -  Build it\n   -  1h\n   -  3h\n```\n",
        ":::{estimate-table}\n- - Build it\n  - 1h\n  - 3h\n:::\n",
        "::::: {estimate-table}\n* - Build it\n  - 1 h\n  - 3 h\n:::::\n",
        "~~~~{estimate-table}\n- - Build it\n\n  - 1h\n\n  - 3h\n~~~~\n",
        "  ```{estimate-table}\n  - - Build it\n    - 1h\n    - 3h\n  ```\n",
        "    ```{estimate-table}\n    - - Build it\n      - 1h\n      - 3h\n    ```\n",
        "- see\n\n  ```{estimate-table}\n  - - Build it\n    - 1h\n    - 3h\n  ```\n",
        "````{note}\n```{estimate-table}\n- - Build it\n  - 1h\n  - 3h\n```\n````\n",
        "```{estimate-table}\n:header-rows: 1\n- - Item\n  - Low\n  - High\n- - Build it\n  - 1h\n  - 3h\n```\n",
        "```{estimate-table}\n- Build it\n  - 1h\n  - 3h\n- - Total\n  - 1h\n  - 3h\n```\n",
        "- - Build it\n  - 1h\n  - 3h\n",
        "```{estimate-table}\n- - Build it\n  - 1h–3h\n```\n",
        "```{estimate-table}\n- - Build it\n  - 1-3h\n  -\n```\n",
        "| Item | Low | High |\n|---|---|---|\n| Build it | 1h | 3h |\n| **Total** | 1h | 3h |\n",
        "| Role | Task | Low (h) | High (h) |\n|---|---|--:|--:|\n| Eng | Build it | 1 | 3 |\n",
        "| Build it | 1h | 3h |\n|---|---|---|\n",
        "| | | |\n|---|---|---|\n| Build it | 1h | 3h |\n| | 1h | 3h |\n",
        "| Item | Estimate |\n|---|---|\n| Build it | 1h-3h |\n",
        "| Item | Low | High |\n| Build it | 1h | 3h |\n",
        "- Build it: 1h-3h\n",
        "- Build it (1–3h)\n- Total: 1h to 3h\n",
        "- Build it 1h to 3h.\n",
    ],
)
def test_estimate_in_any_spelling_gives_the_same_item(table):
    assert _items(table) == [("Build it", 1, 3)]
    assert _codes(parse(HEAD + table).as_json()) == []


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        ("1h", "1.5h", (1, 1.5)),
        ("1 h", "2 hours", (1, 2)),
        ("30m", "90 minutes", (0.5, 1.5)),
        ("1h30m", "2 hrs", (1.5, 2)),
        ("0h", "1 hour", (0, 1)),
        ("`4h`", "**4h**", (4, 4)),
        ("3", "10", (3, 10)),
    ],
)
def test_hours_in_each_spelling_are_numbers(low, high, expected):
    [(_, low_h, high_h)] = _items(f"```{{estimate-table}}\n- - A\n  - {low}\n  - {high}\n```\n")

    assert (low_h, high_h) == expected
    assert [type(low_h), type(high_h)] == [type(one) for one in expected]


def test_three_times_twenty_minutes_is_one_hour():
    rows = "- - A\n  - 20m\n  - 20m\n" * 3
    sow = parse(f"{HEAD}```{{estimate-table}}\n{rows}```\n\nTotal: 1h\n").as_json()

    assert sow["total"] == {"low_h": 1, "high_h": 1}
    assert sow["warnings"] == []


@pytest.mark.parametrize(
    "text",
    [
        "- Talk - Capped at 20h.\n",
        "- Talk (up to 20 hours)\n",
        ":::{estimate-table}\n- - Talk\n  - capped at 20h\n:::\n",
        ":::{estimate-table}\n- - Talk\n  -\n  - max 20h\n:::\n",
    ],
)
def test_capped_estimate_is_zero_to_the_cap_with_a_warning(text):
    assert _items(text) == [("Talk", 0, 20)]
    assert _codes(parse(HEAD + text).as_json()) == ["capped"]


@pytest.mark.parametrize(
    "text",
    [
        f"# W\n## Deliverables\n### One (10-20h)\n#### Estimates\n{TABLE}",
        f"# W\n## Deliverables\n### One\n#### Estimates (10–20h)\n{TABLE}",
        f"# W\n## Deliverables\n### One\n#### Estimates: 10-20 hours\n{TABLE}",
        f"{HEAD}{TABLE}\nTotal: 10h to 20h\n",
        f"{HEAD}{TABLE}\n**Total:** 10–20h.\n",
        f"{HEAD}| Item | Low | High |\n|-|-|-|\n| Build | 1h | 3h |\n| Total | 10h | 20h |\n",
        f"{HEAD}{TABLE}\n## Summary\n\n| D | Low | High |\n|-|-|-|\n| One | 10h | 20h |\n",
    ],
)
def test_stated_total_that_differs_is_kept_beside_the_sum_with_a_warning(text):
    sow = parse(text).as_json()
    [one] = sow["deliverables"]

    assert one["title"] == "One"
    assert (one["stated_low_h"], one["stated_high_h"]) == (10, 20)
    assert (one["low_h"], one["high_h"]) == (1, 3)
    assert {
        "code": "total_differs",
        "message": "'One' states 10 to 20 hours, but its items add up to 1 to 3 hours. "
        "Correct one of them.",
    } in sow["warnings"]


def test_stated_total_that_fits_is_kept_without_a_warning():
    sow = parse(f"# W\n## Deliverables (1-3h)\n### One (1-3h)\n#### Estimates (1-3h)\n{TABLE}")

    assert sow.deliverables[0].as_json()["stated_high_h"] == 3
    assert sow.warnings == ()


def test_item_called_like_another_deliverable_is_counted():
    table = TABLE.replace("Build", "Two")
    sow = parse(f"## Deliverables\n### One\n{table}\n### Two\n{TABLE}").as_json()

    assert _sums(sow) == [(1, 3), (1, 3)]
    assert sow["warnings"] == []


def test_years_in_a_title_are_no_hours():
    [one] = parse("## Deliverables\n### Archive (2019-2020)\n" + TABLE).as_json()["deliverables"]

    assert (one["title"], one["stated_low_h"]) == ("Archive (2019-2020)", None)


@pytest.mark.parametrize(
    "place",
    [
        "## Total: 5-9h\n",
        "## Summary\n\nTotal: 5h to 9h\n",
        "## Estimates (5-9h)\n",
        "## Total estimates\n\n| What | Low | High |\n|-|-|-|\n| Total | 5h | 9h |\n",
    ],
)
def test_document_total_that_differs_is_a_warning(place):
    sow = parse(f"{HEAD}{TABLE}\n{place}").as_json()

    assert sow["total"] == {"low_h": 1, "high_h": 3}
    assert sow["warnings"][-1] == {
        "code": "total_differs",
        "message": "The document states 5 to 9 hours, but its items add up to 1 to 3 hours. "
        "Correct one of them.",
    }


def test_total_above_all_deliverables_that_differs_is_a_warning():
    assert _codes(parse(f"## Deliverables (5-9h)\n### One\n{TABLE}").as_json()) == ["total_differs"]
    assert _codes(parse(f"# Work (5-9h)\n## Deliverables\n### One\n{TABLE}").as_json()) == [
        "total_differs"
    ]


@pytest.mark.parametrize("heading", ["## Summary", "## Hours at a glance", "#### Estimates"])
def test_summary_of_deliverables_is_not_counted_twice(heading):
    summary = (
        "| Deliverable | Low | High |\n|-|-|-|\n"
        "| One | 1h | 3h |\n| Deliverable 2 | 1h | 3h |\n| Overhead | 0h | 1h |\n| Total | 2h | 7h |\n"
    )
    overhead = ":::{estimate-table}\n- - Learn\n  - 0h\n  - 1h\n:::\n"
    sow = parse(
        f"# W\n## Deliverables\n### One\n{TABLE}\n### Deliverable 2: Two\n{TABLE}\n"
        f"{heading}\n\n{summary}\n## Additional overheads\n{overhead}"
    ).as_json()

    assert _sums(sow) == [(1, 3), (1, 3)]
    assert sow["total"] == {"low_h": 2, "high_h": 7}
    assert _codes(sow) == ["summary_ignored"]
    assert sow["deliverables"][1]["stated_high_h"] == 3


def test_estimates_outside_deliverables_are_named_and_not_counted():
    sow = parse(f"{HEAD}{TABLE}\n## Project management\n{TABLE}").as_json()

    assert sow["total"] == {"low_h": 1, "high_h": 3}
    assert _codes(sow) == ["estimate_outside"]


@pytest.mark.parametrize(
    ("words", "people", "answer"),
    [
        ("We assume that three separate developers incur this cost.", "", "says 3 people"),
        ("Paid by each developer.", "- App Engineer (1 coding, 1 review)\n", "lists 2 people"),
        ("Paid by each developer.", "", "Say how many."),
    ],
)
def test_overhead_of_each_person_is_counted_once_with_a_warning(words, people, answer):
    sow = parse(
        f"{HEAD}{TABLE}\n## Additional overheads\n\n{words}\n\n{TABLE}\n## People working on this\n\n{people}"
    ).as_json()

    assert sow["total"] == {"low_h": 2, "high_h": 6}
    assert _codes(sow) == ["overhead_per_person"]
    assert answer in sow["warnings"][0]["message"]


def test_overhead_of_nobody_in_particular_has_no_warning():
    assert parse(f"{HEAD}{TABLE}\n## Overheads\n\nSet-up.\n\n{TABLE}").warnings == ()


@pytest.mark.parametrize(
    "estimates",
    [
        "",
        "TBD\n",
        "- To be estimated\n",
        "```{estimate-table}\n```\n",
        "```{estimate-table}\n- - <ITEM>\n  - <LOW>\n  - <HIGH>\n```\n",
        "```{estimate-table}\n- - Build\n  - TBD\n  - ?\n```\n",
        "| Item | Low | High |\n|-|-|-|\n| | | |\n",
    ],
)
def test_placeholder_estimates_give_no_items_and_a_warning(estimates):
    sow = parse(HEAD + estimates).as_json()

    assert sow["deliverables"][0]["items"] == []
    assert _codes(sow) == ["no_estimate"]


def test_bullet_with_one_figure_or_other_hours_is_told():
    sow = parse(f"{HEAD}- Build: 4h\n- Answers come within 48h\n").as_json()

    assert sow["total"] == {"low_h": 4, "high_h": 4}
    assert _codes(sow) == ["one_figure", "estimate_unread"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Two App Engineers", ("Two App Engineers", 1)),
        ("App Engineer (1 implementation, 1 review)", ("App Engineer", 2)),
        ("Tech Lead (half time)", ("Tech Lead", 1)),
        ("Tech Lead (50%, 20h)", ("Tech Lead", 1)),
        ("2 App Engineers", ("App Engineer", 2)),
        ("**Tech Lead**", ("Tech Lead", 1)),
    ],
)
def test_people_line_gives_role_and_count(text, expected):
    [person] = parse(f"{HEAD}{TABLE}\n## People working on this\n\n- {text}\n").people

    assert (person.role, person.count) == expected


def test_headings_in_other_words_and_markup_are_read():
    sow = parse(
        "---\ntitle: From the front\nhours: [\n---\n\n# 1. Big `thing` [here](https://x.org)\n\n"
        "## Deliverable 1: *First* `part`\n\n### Done\n\n- [x] One `a`\n  goes on\n  - and deeper[^n]\n"
        f"- [ ] Two\n\n### Estimates\n\n{TABLE}\n### Out of scope\n\n- Cats\n\n"
        "### Who will work on this\n\n- Tech Lead\n\n## Deliverable 2: Second\n\n"
        "### Definition of done\n\nAll is well.\n\n"
        f"### Estimates\n\n{TABLE}\n## Out of scope\n\n1. Dogs\n"
    ).as_json()

    assert sow["title"] == "1. Big thing here"
    assert [one["title"] for one in sow["deliverables"]] == [
        "Deliverable 1: First part",
        "Deliverable 2: Second",
    ]
    assert [one["definition_of_done"] for one in sow["deliverables"]] == [
        ["One a goes on and deeper", "Two"],
        ["All is well."],
    ]
    assert sow["out_of_scope"] == ["Cats", "Dogs"]
    assert sow["people"] == [{"role": "Tech Lead", "count": 1, "text": "Tech Lead"}]


@pytest.mark.parametrize(
    ("rows", "line", "words"),
    [
        ("- - A\n  - 1h\n  - soon\n", 10, "'A / 1h / soon': the hours cannot be read"),
        ("- - A\n  - 1h\n  - 3h\n- - B\n  - 2h\n", 13, "the low or the high hours are missing"),
        ("- - A\n", 10, "'A': the low or the high hours are missing"),
        ("- - A\n  - -1h\n  - 3h\n", 10, "'A / -1h / 3h': hours cannot be negative"),
        ("- - A\n  - 3h\n  - 1h\n", 10, "'A / 3h / 1h': 3 is above 1"),
        ("- - A\n  - 3h-1h\n", 10, "3 is above 1"),
        ("- - A\n  - 1d\n  - 3 days\n", 10, "cannot be read"),
        ("- - A\n  - 1h\n  - 1e9h\n", 10, "cannot be read"),
        ("- - A\n  - 1h\n  - 9999999h\n", 10, "cannot be read"),
        ("- - A\n  - 1h\n  - TBD\n", 10, "cannot be read"),
        ("- - A\n  - 1h\n  - 2h\n  - 3h\n", 10, "more than two figures"),
        ("- - A\n  - 1h\n  - 2h\n- - B\n  - TBD\n  - TBD\n", 13, "cannot be read"),
        ("- - Item\n  - Low (days)\n  - High (days)\n- - B\n  - 1\n  - 2\n", 10, "not in hours"),
    ],
)
def test_unreadable_row_is_refused_with_its_line(rows, line, words):
    refusal = _refusal(f"{HEAD}```{{estimate-table}}\n{rows}```\n")

    assert isinstance(refusal, Refused)
    assert refusal.line == line
    assert refusal.message.startswith(f"Line {line}: ")
    assert words in refusal.message
    assert refusal.remedy


def test_bullet_the_wrong_way_round_is_refused_with_its_line():
    assert _refusal(f"{HEAD}- Talk: 3h-1h\n").message == (
        "Line 9: 'Talk: 3h-1h': low is above high."
    )


def test_unreadable_row_of_a_markdown_table_is_refused_with_its_line():
    refusal = _refusal(f"{HEAD}| Item | Low | High |\n|-|-|-|\n| A | 1h | 3h |\n| B | x y | 3h |\n")

    assert (refusal.line, refusal.message) == (
        12,
        "Line 12: 'B / x y / 3h': the hours cannot be read.",
    )


def test_line_of_a_refusal_counts_front_matter_and_windows_lines():
    text = f"---\ntitle: T\n---\n{HEAD}```{{estimate-table}}\n- - A\n  - 1h\n  - soon\n```\n"

    assert _refusal(text.replace("\n", "\r\n")).line == 13


def test_table_never_closed_is_refused_with_its_line():
    assert _refusal(f"{HEAD}```{{estimate-table}}\n- - A\n  - 1h\n  - 3h\n\n## More\n").line == 9


@pytest.mark.parametrize(
    ("text", "line"),
    [("", 1), ("# Only a title\n", 1), ("# T\n\n## Deliverables\n\nNone yet.\n", 3), ("\x00<>", 1)],
)
def test_document_without_deliverables_is_refused(text, line):
    refusal = _refusal(text)

    assert refusal.line == line
    assert refusal.remedy.startswith("Write a heading '## Deliverables'")


def test_byte_order_mark_and_windows_lines_change_nothing():
    text = f"---\ntitle: T\n---\n## Deliverables\n### One\n#### Definition of done\n- a\n  b\n\n#### Estimates\n{TABLE}"

    assert parse("\ufeff" + text.replace("\n", "\r\n")) == parse(text)


def test_as_json_is_plain_json():
    sow = parse(HEAD + TABLE).as_json()

    assert json.loads(json.dumps(sow)) == sow


WORDS = st.text(alphabet="abcdefg ", min_size=1, max_size=12).map(
    lambda text: "W" + "".join(text.split())
)
HOURS = st.tuples(st.integers(0, 99), st.integers(0, 99), st.booleans()).map(
    lambda pair: (min(pair[:2]) + pair[2] / 2, max(pair[:2]) + pair[2] / 2)
)
ITEMS = st.lists(st.tuples(WORDS, HOURS), min_size=1, max_size=4)
SPELLINGS = st.sampled_from(["```", ":::", "~~~~~", "pipes", "span"])


def _render(spelling, items):
    if spelling == "pipes":
        rows = [f"| {text} | {low}h | {high}h |" for text, (low, high) in items]
        return "\n".join(["| Item | Low | High |", "|---|---|---|", *rows])
    if spelling == "span":
        rows = [f"-  -  {text}\n   -  {low}h–{high}h" for text, (low, high) in items]
        return "\n".join(["```{estimate-table}", *rows, "```"])
    rows = [f"- - {text}\n  - {low} h\n  - {high} hours" for text, (low, high) in items]
    return "\n".join([spelling + "{estimate-table}", *rows, spelling])


@settings(derandomize=True, deadline=None, max_examples=60)
@given(st.lists(st.tuples(SPELLINGS, ITEMS), min_size=1, max_size=4))
def test_statement_rendered_in_any_spelling_gives_the_same_numbers(parts):
    text = "# T\n\n## Deliverables\n\n" + "\n\n".join(
        f"### Title {at}\n\n#### Estimates\n\n{_render(spelling, items)}"
        for at, (spelling, items) in enumerate(parts)
    )

    sow = parse(text).as_json()

    assert [
        [(item["text"], (item["low_h"], item["high_h"])) for item in one["items"]]
        for one in sow["deliverables"]
    ] == [items for _, items in parts]
    assert sow["total"]["high_h"] == sum(span[1] for _, items in parts for _, span in items)
    assert sow["warnings"] == []


LINES = (
    *("## Deliverables", "### A", "#### Estimates", "- - x", "  - 1h", "  - ", "```", ":::"),
    *("```{estimate-table}", ":::{estimate-table}", ":::{note}", "| a | 1h |", "|-|-|", "> - x"),
    *("Total: 3h", "(1-2h)", "---", "## Overheads", "title: x", "", "    - 2h"),
)


@settings(derandomize=True, deadline=None, max_examples=150)
@given(
    st.lists(
        st.sampled_from(LINES),
        max_size=25,
    )
)
def test_any_text_is_read_or_refused_but_never_crashes(lines):
    try:
        parse("\n".join(lines)).as_json()
    except SowError as refusal:
        line = refusal.line
    else:
        line = 1

    assert 1 <= line <= len(lines) + 1
