"""Markdown that people wrote: harmless, the same when written again, and still what they said."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from tests.sales.statement_drafts import LINES, PIECES, WORDS
from throughline.sales.statements.content import clean_line
from throughline.sales.statements.prose import UNPRINTABLE, escaped, tidy

READER = MarkdownIt("commonmark").enable("table")
TEXTS = st.lists(PIECES | WORDS | st.sampled_from(["\n", "\n\n"]), max_size=20).map("".join)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("", ""),
        ("plain *words* and `code`", "plain *words* and `code`"),
        ("one\r\ntwo  \n\n\n\nthree", "one\ntwo\n\nthree"),
        ("# A heading", "**A heading**"),
        ("A heading\n===", "**A heading**"),
        ("- a\n* b\n+ c", "- a\n\n- b\n\n- c".replace("\n\n", "\n")),
        ("3) x\n4) y", "3. x\n4. y"),
        ("- a\n  1. b\n     - c", "- a\n  1. b\n     - c"),
        ("> quoted\n> more", "> quoted\n> more"),
        ("    indented", "```\nindented\n```"),
        ("```python\nx = 1\n```", "```python\nx = 1\n```"),
        ("````\n```\n````", "````\n```\n````"),
        ("| a | b |\n|---|---|\n| `x\\|y` | 2 |", "| a | b |\n| --- | --- |\n| `x\\|y` | 2 |"),
        ("***", ""),
        ("<https://a.example/b_c>", "<https://a.example/b_c>"),
        ("see [this][1]\n\n[1]: https://a.example 'T'", "see [this](https://a.example)"),
        ("user_name and _emphasis_", "user_name and *emphasis*"),
        ("*outer _inner_*", "*outer inner*"),
    ],
)
def test_text_is_kept_in_one_spelling(text, kept):
    assert tidy(text) == kept
    assert tidy(kept) == kept


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("<script>alert(1)</script>", "alert(1)"),
        ("a <b onclick=x>bold</b> move", "a bold move"),
        ("before <!-- secret\nnote --> after", "before after"),
        ("[click](javascript:alert(1))", "\\[click\\](javascript:alert(1))"),
        ("[mail](mailto:a@b.example)", "[mail](mailto:a@b.example)"),
        ("[file](file:///etc/passwd)", "\\[file\\](file:///etc/passwd)"),
        ("[home](/admin)", "home"),
        ("![pixel](https://spy.example/p.png)", "[pixel](https://spy.example/p.png)"),
        ("```{include} /etc/passwd\n```", ""),
        ("```{raw} html\n<b>\n```", "```\n<b>\n```"),
        (":::{note}\nread me\n:::", "\\:::\\{note}\nread me\n\\:::"),
        ("see {ref}`there`", "see `there`"),
        ("pay $10 or $20", "pay \\$10 or \\$20"),
        ("% hidden\n+++\n(label)=", "\\% hidden\n\\+++\n\\(label)="),
        ("null\x00 and \x07bell", "null\ufffd and bell"),
    ],
)
def test_text_loses_what_could_do_harm(text, kept):
    assert tidy(text) == kept
    assert tidy(kept) == kept


@settings(max_examples=400)
@given(TEXTS)
def test_any_text_kept_twice_is_the_same_and_changes_nothing_around_it(text):
    kept = tidy(text)

    tokens = READER.parse(f"## Before\n\n{kept}\n\n## After\n")
    inside = [child for token in tokens for child in token.children or ()]

    assert tidy(kept) == kept
    assert [token.content for token in tokens if token.type == "inline"][-1] == "After"
    assert sum(token.type == "heading_open" for token in tokens) == 2
    assert [t.type for t in [*tokens, *inside] if t.type.startswith(("html", "image"))] == []


@settings(max_examples=400)
@given(LINES | st.text(max_size=30))
def test_any_line_escaped_says_just_that(text):
    wanted = " ".join(UNPRINTABLE.sub("", text).split())
    if not wanted:
        return

    tokens = READER.parse(f"- {escaped(text)}\n")

    [line] = [token for token in tokens if token.type == "inline"]
    assert [child.type for child in line.children] == ["text"]
    assert line.children[0].content == wanted
    assert sum(token.nesting == 1 for token in tokens) == 3


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("  two \n lines ", "two lines"),
        ("[ ] a box", "a box"),
        ("[x] [X] boxes", "boxes"),
        ("not a [x] box", "not a [x] box"),
        ("a note[^1]", "a note"),
        ("nested [^[^a]b]", "nested b]"),
    ],
)
def test_line_is_kept_as_a_reader_of_documents_has_it(text, kept):
    assert clean_line(text) == kept
    assert clean_line(kept) == kept
