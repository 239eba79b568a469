"""Every act that is written down anywhere has a sentence."""

import ast
from pathlib import Path

import pytest

import throughline
from throughline.journal.models import Entry
from throughline.web.journal_sentences import SENTENCES, icon, sentence

SOURCE = Path(throughline.__file__).parent
ICONS = (SOURCE / "web" / "static" / "web" / "icons.svg").read_text()


def acts_in(code):
    """Return the acts that a file writes down: texts like "room.thing.happened" given to a call."""
    return {
        argument.value
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"record", "entry"}
        for argument in node.args[:1]
        if isinstance(argument, ast.Constant)
    }


def structure_acts():
    """`delivery.actions.structure` puts its acts together from what was made or changed."""
    return {
        f"delivery.{what}.{how}"
        for what in ("project", "deliverable", "service")
        for how in ("made", "changed")
    }


def test_every_act_of_the_source_has_a_sentence_and_no_sentence_is_left_over():
    written = structure_acts()
    for path in SOURCE.rglob("*.py"):
        written |= acts_in(path.read_text())

    assert sorted(written) == sorted(SENTENCES)


@pytest.mark.parametrize("act", sorted(SENTENCES))
def test_sentence_needs_no_fact_and_has_an_icon_that_exists(act):
    entry = Entry(act=act, facts={})

    assert sentence(entry)[0].isupper()
    assert f'id="{icon(entry)}"' in ICONS


def test_move_is_told_with_stages_and_waivers():
    facts = {"before": "negotiation", "after": "contract_admin", "waived": ["community.people"]}

    assert sentence(Entry(act="sales.deal.advanced", facts=facts)) == (
        "Moved from Negotiation to Contract Admin; waived: People"
    )


def test_amounts_are_in_no_sentence():
    facts = {
        "after": {"amount": "17531.00", "owner": "ada"},
        "before": {"amount": "1.00"},
        "money_limit": "17531.00",
        "ceiling": "17531.00",
        "limit": "17531.00",
    }

    told = {act: sentence(Entry(act=act, facts=facts)) for act in SENTENCES}

    assert [act for act, words in told.items() if "17531" in words] == []


def test_act_without_a_sentence_goes_by_its_own_words():
    entry = Entry(act="weather.storm.came_up", facts={})

    assert (sentence(entry), icon(entry)) == ("Weather: storm came up", "journal")
