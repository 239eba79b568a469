"""Every act that is written down anywhere has a sentence."""

from fnmatch import fnmatchcase
from pathlib import Path

import pytest

import throughline
from throughline.cli import reference
from throughline.journal.models import Entry
from throughline.web.journal_sentences import SENTENCES, icon, sentence

SOURCE = Path(throughline.__file__).parent
ICONS = (SOURCE / "web" / "static" / "web" / "icons.svg").read_text()


def test_every_act_of_the_source_has_a_sentence_and_no_sentence_is_left_over():
    named = {act for act, _facts, _where in reference._acts()}
    # An act that is put together from parts is named with "…" for what varies.
    patterns = [act.replace("…", "*") for act in named if "…" in act]
    varied = {act for act in SENTENCES if any(fnmatchcase(act, one) for one in patterns)}

    assert sorted(act for act in named - set(SENTENCES) if "…" not in act) == []
    assert [one for one in patterns if not any(fnmatchcase(act, one) for act in varied)] == []
    assert sorted(set(SENTENCES) - named - varied) == []


@pytest.mark.parametrize("act", sorted(SENTENCES))
def test_sentence_needs_no_fact_and_has_an_icon_that_exists(act):
    entry = Entry(act=act, facts={})

    assert sentence(entry) not in {"", act.replace(".", ": ", 1)}
    assert f'id="{icon(entry)}"' in ICONS


def test_move_is_told_with_stages_and_waivers():
    facts = {"before": "negotiation", "after": "contract_admin", "waived": ["community.people"]}

    assert sentence(Entry(act="sales.deal.advanced", facts=facts)) == (
        "Moved from Negotiation to Contract Admin; waived: People"
    )


@pytest.mark.parametrize(
    ("act", "facts"),
    [
        ("sales.deal.changed_elsewhere", {"before": {"amount": "1"}, "after": {"amount": "17531"}}),
        ("sales.early_start.allowed", {"money_limit": "17531", "reason": "x", "until": "y"}),
        ("sales.early_start.limited", {"limit": "17531"}),
        ("sales.agreement.named", {"title": "MSA", "ceiling": "17531"}),
        ("communities.community.described", {"after": {"long_name": "17531"}}),
    ],
)
def test_sentence_says_no_amount(act, facts):
    assert ("17531" in sentence(Entry(act=act, facts=facts))) is False


def test_act_without_a_sentence_goes_by_its_own_words():
    entry = Entry(act="weather.storm.came_up", facts={})

    assert (sentence(entry), icon(entry)) == ("Weather: storm came up", "journal")
