"""`throughline search`: the same as the page, for the command line and programs."""

import pytest


@pytest.fixture
def deal(run):
    return run("deal", "create", "Lighthouse of Zürich", "--owner", "ada", "--by", "ada")


def test_search_answers_in_words_and_as_one_document(run, deal):
    found = run("search", "zurich", "light", "--json").json

    assert (found["count"], found["behind"]) == (1, 0)
    one = found["items"][0]
    assert one | {"address": one["address"].rpartition("/deals/")[2]} == {
        "kind": "deal", "number": 1, "title": "Lighthouse of Zürich", "about": "1 · Lead",
        "quotation": None, "exact": False, "address": "1/",
    }  # fmt: skip
    assert run("search", "zurich").out == "         deal      1  Lighthouse of Zürich  (1 · Lead)\n"


def test_kind_narrows_and_limit_says_how_many_more(run, deal):
    run("deal", "create", "Lighthouse of Oslo", "--owner", "ada", "--by", "ada")

    assert run("search", "lighthouse", "--kind", "mail").out.startswith("Nothing goes by that.")
    assert "1 more" in run("search", "lighthouse", "--limit", 1).out
    assert run("search", "lighthouse", "--kind", "nothing").code == 2


def test_nothing_asked_for_is_refused_and_rebuilding_needs_no_words(run, deal):
    refused = run("search", "--json")
    assert (refused.code, refused.json["refused"]) == (1, "Nothing is asked for.")

    assert run("search", "--rebuild").out == "The index is made anew.\n"
    assert run("search", "zurich", "--rebuild", "--json").json["count"] == 1


@pytest.mark.parametrize("text", ['"', "*", "AND", "🎉", "x" * 10_000, "--", "'"])
def test_any_text_is_looked_for(run, deal, text):
    assert run("search", "--", text).code in {0, 1}
    assert run("search", "zurich").code == 0
