from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.template import Context, Template
from django.template.loader import render_to_string

from throughline.web.templatetags import ui


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (Decimal(17500), "17,500.00"),
        (Decimal("1204.105"), "1,204.11"),
        (Decimal("-12.5"), "\N{MINUS SIGN}12.50"),
        (Decimal("-0.001"), "0.00"),
        (Decimal(0), "0.00"),
        (None, "unknown"),
        ("", "unknown"),
    ],
)
def test_money_amount_is_shown_in_cents_and_none_as_unknown(amount, words):
    assert ui.money(amount) == words


def test_brief_money_leaves_out_cents_where_there_are_none():
    amounts = (Decimal(18000), Decimal("18000.50"), Decimal("-3.00"), None)
    assert [ui.brief_money(one) for one in amounts] == [
        "18,000",
        "18,000.50",
        "\N{MINUS SIGN}3",
        "unknown",
    ]


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("Reserved until 2026-10-08.", "Reserved until 8 Oct 2026."),
        ("60 in 2026-10; 5 months recorded.", "60 in Oct 2026; 5 months recorded."),
        ("“yes, from 2027-04-10”, good", "“yes, from 10 Apr 2027”, good"),
        ("It was so on 2026-11-28T15:00Z.", "It was so on 2026-11-28T15:00Z."),
        ("costs-2026-10.csv of /a/2026-10/b", "costs-2026-10.csv of /a/2026-10/b"),
        ("budget:15:2026-10:above, TL-15-202606", "budget:15:2026-10:above, TL-15-202606"),
        ("2026-13 and 2026-10-32 are none", "2026-13 and 2026-10-32 are none"),
    ],
)
def test_days_of_a_sentence_are_as_people_write_them_and_ids_stay(said, read):
    assert ui.plain_days(said) == read


def test_days_of_a_sentence_are_still_escaped():
    page = Template("{% load ui %}{{ said|plain_days }}").render(
        Context({"said": "<b> 2026-10-08"})
    )

    assert page == "&lt;b&gt; 8 Oct 2026"


def test_day_without_a_date_says_so():
    assert [ui.day(date(2026, 6, 30)), ui.day(None)] == ["30 Jun 2026", "no date"]


def test_instant_shows_its_zone():
    at = datetime(2026, 5, 4, 9, 5, tzinfo=UTC)

    assert [ui.instant(at), ui.instant(None)] == ["4 May 2026, 09:05 UTC", "not yet"]


def test_days_word_agrees_with_its_number():
    assert [ui.days_word(n) for n in (0, 1, 12, -3, 1200, None)] == [
        "0 days",
        "1 day",
        "12 days",
        "\N{MINUS SIGN}3 days",
        "1,200 days",
        "unknown",
    ]


def test_pill_unknown_status_keeps_its_own_words():
    assert [ui.status_word("half_done"), ui.status_tone("half_done")] == ["Half done", "neutral"]


def test_pill_word_is_escaped():
    assert "<b>" not in ui.pill("met", word="<b>")


def test_ring_without_conditions_draws_nothing_as_done():
    assert 'stroke-dasharray="0 100"' in ui.ring(0, 0)


def test_initials_takes_first_and_last_word():
    names = ["Ada Lindqvist", "Ben van Okafor", "Cher", ""]

    assert [ui.initials(name) for name in names] == ["AL", "BO", "C", "?"]


def test_design_page_without_context_has_no_inline_style_or_script():
    page = render_to_string("design.html", {"nav": []})

    assert [found for found in ("style=", "<style", "<script>", "onclick") if found in page] == []
