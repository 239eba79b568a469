import pytest

from throughline.search.folding import LONGEST_WORD, clean, exact, words_of
from throughline.search.quoting import marked, quoted, wanted


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Zürich ZURICH zu\u0308rich", ["zurich"] * 3),
        ("Łódź, Ærø & Straße", ["lodz", "aero", "strasse"]),
        ("nasa-veda 2i2c_hub", ["nasa", "veda", "2i2c", "hub"]),
        ("https://github.com/a/b/issues/12", ["https", "github", "com", "a", "b", "issues", "12"]),
        ("東京 hub", ["東", "京", "hub"]),
        ("\" * ( ) AND ' \\ : ^ - +", ["and"]),
        ("🎉 … – \0", []),
        ("", []),
    ],
)
def test_words_are_folded_and_nothing_else_is_left(text, words):
    assert words_of(text) == words


def test_word_without_end_is_cut_the_same_in_query_and_text():
    assert words_of("x" * 10_000) == ["x" * LONGEST_WORD] == list(wanted("x" * 10_000).words)


@pytest.mark.parametrize(
    "text",
    ["$17,500.00", "17500 USD", "EUR 1.250,00", "€5k", "17,531.00", "1204.11", "US $3"],
)
def test_amounts_are_neither_searched_nor_quoted(text):
    assert words_of(clean(f"It costs {text} a year"))[:2] == ["it", "costs"]
    assert not any(letter.isdigit() for letter in clean(f"It costs {text} a year"))


@pytest.mark.parametrize("text", ["Python 3.11", "12 hubs", "in 2026", "PO-77-10432", "2026-03-02"])
def test_figures_that_are_no_amounts_stay(text):
    assert clean(text) == text


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (" https://GitHub.com/o/r/issues/12/ ", "github.com/o/r/issues/12"),
        ("PO  4711-B", "po 4711-b"),
        ("#12", "#12"),
        ("\0", ""),
    ],
)
def test_ids_are_compared_without_case_ends_and_scheme(text, word):
    assert exact(text) == word


def test_what_was_asked_for_is_marked_letter_by_letter_as_it_was_typed():
    parts = marked("Zürich hubs, and <b>Zur</b>", wanted("zurich hub"))

    assert [(one.text, one.is_hit) for one in parts] == [
        ("Zürich", True), (" ", False), ("hubs", True), (", and <b>Zur</b>", False),
    ]  # fmt: skip


def test_quotation_is_the_piece_around_the_word_and_none_where_it_is_not():
    text = "before " * 40 + "the lighthouse stands " + "after " * 80
    found = "".join(one.text for one in quoted(text, wanted("lighthouse")))

    assert found.startswith("… ")
    assert found.endswith(" …")
    assert "the lighthouse stands" in found
    assert len(found) < 200
    assert quoted(text, wanted("tower")) == ()
