"""Foreign words in public issues do no harm, and what others write there stays theirs."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from throughline.handoff.outside.github_texts import (
    LONGEST_TITLE,
    NO_PING,
    body_with,
    mark_of,
    neutral,
    task_list,
    text_in,
    title,
)

KEY = "github.issue:42:new-hub"
TEXT = "Promised\n\n- [ ] It runs.\n- [ ] It is used.\n\nEnd"
MENTION = re.compile(r"(?<![\w`])@\w")
REFERENCE = re.compile(r"(?:^|[^\w&])#\d|\bGH-\d", re.IGNORECASE)


def shown(text):
    """Return what a reader sees of one line of Markdown, without the signs that have no width."""
    rendered = MarkdownIt("gfm-like", {"linkify": False}).renderInline(text)
    for name, letter in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&")):
        rendered = rendered.replace(name, letter)
    return rendered.replace(NO_PING, "")


@pytest.mark.parametrize(
    "text",
    [
        "Ask @ada and @2i2c-org/partnerships",
        "Fixes #12, closes GH-7 and resolves other/repo#3",
        "<!-- throughline:github.issue:1:x -->",
        "<script>alert(1)</script> <img src=x onerror=y>",
        "![tracker](https://evil.example/p.png) [click](https://evil.example)",
        "`code` **bold** _soft_ ~~gone~~ $x$ | cell",
        "&#64;ada &commat;ada",
        "- [x] done already",
        "1. first",
        "# Heading",
        "=====",
    ],
)
def test_foreign_words_are_shown_as_they_were_typed_and_call_nobody(text):
    found = neutral(text)

    assert shown(found) == text
    assert MENTION.search(found) is None
    assert REFERENCE.search(found) is None
    assert mark_of(found) is None


def test_entity_that_stands_for_a_sign_stays_an_entity():
    assert neutral("&#64;ada") == f"\\&#{NO_PING}64;ada"


def test_link_to_another_issue_leaves_no_trace_there():
    assert neutral("see https://github.com/other/repo/issues/3") == (
        "see https://redirect.github.com/other/repo/issues/3"
    )
    assert neutral("see https://github.com/other/repo") == "see https://github.com/other/repo"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("at https://a.example/x_y?b=1&c=2#d, see", "at https://a.example/x_y?b=1&c=2#d, see"),
        ("https://medium.example/@ada|x", "https://medium.example/%40ada%7Cx"),
        ("https://@ada", f"https://@{NO_PING}ada"),
        ("https://a.example/<!-- x -->", "https://a.example/\\<\\!-- x --\\>"),
    ],
)
def test_link_stays_a_link_and_nothing_more(text, told):
    assert neutral(text) == told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("mail jane.doe+x@uni.example.edu today", "mail (an address) today"),
        ("costs $5,000 or 12 000 EUR", "costs (an amount) or (an amount)"),
        ("up to US$ 40k a year", "up to (an amount) a year"),
        ("up to EUR 1.200,50 a year", "up to (an amount) a year"),
        ("20 hours, 3 hubs, 5 people", "20 hours, 3 hubs, 5 people"),
    ],
)
def test_addresses_and_amounts_stay_at_home(text, told):
    assert neutral(text) == told
    assert title(text) == told


def test_line_holds_one_line_without_hidden_letters_and_has_an_end():
    assert neutral("a\r\n\r\n<!-- /throughline -->\u202eb\x00c") == (
        "a \\<\\!-- /throughline --\\> b c"
    )
    assert len(neutral("x" * 5000)) == 600
    assert len(title("x" * 5000)) == LONGEST_TITLE
    assert len(title("@a " * 500)) <= LONGEST_TITLE
    assert title("Ask @ada about #12\nnow") == f"Ask @{NO_PING}ada about #{NO_PING}12 now"


@given(st.text())
def test_no_text_calls_forges_or_breaks_a_line(text):
    found = neutral(text)

    assert "\n" not in found
    assert MENTION.search(found) is None
    assert mark_of(f"{found}\n") is None
    assert "<!--" not in found


def test_task_list_has_a_box_for_every_line():
    assert task_list(["It runs.", "It is <b>used</b>."]) == (
        "- [ ] It runs.\n- [ ] It is \\<b\\>used\\</b\\>."
    )


def test_our_text_is_found_again_ticked_or_not_whatever_the_line_ends():
    body = body_with(KEY, TEXT)

    assert mark_of(body) == KEY
    assert text_in(body, KEY) == TEXT
    ticked = body.replace("[ ] It runs", "[x] It runs").replace("\n", "\r\n")
    assert text_in(ticked, KEY) == TEXT
    assert text_in(ticked.replace("Promised", "Promised more"), KEY) != TEXT
    assert text_in(body, "github.issue:43:new-hub") == ""
    assert text_in(None, KEY) == ""


def test_update_leaves_what_others_wrote_before_and_after_and_what_they_ticked():
    body = f"Before\n\n{body_with(KEY, TEXT)}\n\nAfter".replace("[ ] It runs", "[X] It runs")

    found = body_with(KEY, TEXT.replace("Promised", "Agreed"), body)

    assert found == (
        f"Before\n\n<!-- throughline:{KEY} -->\nAgreed\n\n- [x] It runs.\n- [ ] It is used.\n\nEnd\n"
        "<!-- /throughline -->\n\nAfter"
    )
    assert text_in(found, KEY) == TEXT.replace("Promised", "Agreed")


def test_update_where_a_mark_was_taken_away_loses_nothing():
    whole = body_with(KEY, TEXT)
    without_end = whole.replace("<!-- /throughline -->", "theirs")
    without_begin = whole.replace(f"<!-- throughline:{KEY} -->", "theirs")

    for body in (without_end, without_begin, "theirs"):
        found = body_with(KEY, TEXT, body)
        assert "theirs" in found
        assert text_in(found, KEY) == TEXT
        assert found.count(f"<!-- throughline:{KEY} -->") == 1


def test_mark_in_a_quotation_is_nobodys():
    assert mark_of(f"> <!-- throughline:{KEY} -->\n") is None
    assert mark_of(f"see <!-- throughline:{KEY} -->") is None
    assert mark_of(None) is None
