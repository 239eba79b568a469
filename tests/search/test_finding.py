"""What is found, on either database."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import (
    BD,
    NOON,
    make_cluster,
    make_deal,
    make_deliverable,
    make_engagement,
    make_person,
    make_statement,
    tell,
)
from throughline.communities.actions import keep_alias
from throughline.communities.words import AliasKind
from throughline.handoff.models import Outcome
from throughline.people.words import RoleName
from throughline.sales.models import Deal
from throughline.search.actions.asking import ask
from throughline.search.actions.following import start_anew
from throughline.search.words import EVERYTHING, Kind

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
DEALS = ["deal"]


def test_last_word_may_go_on_and_all_words_must_be_there(search):
    make_deal(name="Lighthouse of Zürich")
    make_deal(name="Lighthouse of Oslo")

    assert search("LIGHTHOUSE zur") == {"deal": ["Lighthouse of Zürich"]}
    assert search("lighth zurich") == {}
    assert search("lighthouse") == {"deal": ["Lighthouse of Oslo", "Lighthouse of Zürich"]}


def test_word_in_the_title_comes_before_the_same_word_elsewhere(search):
    make_deal(name="Tidewater hub")
    make_deal(name="Another hub", buyer="Tidewater University")

    assert search("tidewater") == {"deal": ["Tidewater hub", "Another hub"]}


def test_exact_id_comes_first_with_its_group(search, playbook):
    for number in range(3):
        make_deal(name=f"900100 in the name {number}")
    make_deal(name="Plain", hubspot_id="900100")

    answer = ask("900100", sight=EVERYTHING, playbook=playbook, at=NOON)

    first = answer.findings.groups[0].found[0]
    assert (first.thing.title, first.is_exact) == ("Plain", True)
    assert answer.findings.groups[0].count == 4


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("earthscope", "community"),
        ("Earth-Scope-Old", "community"),
        ("rae@earth.example", "contact"),
        ("es-cluster", "cluster"),
        ("hub.es.example", "cluster"),
        ("012345678901", "cluster"),
        ("PO 4711-b", "agreement"),
        ("https://github.com/o/repo/issues/12", "deliverable"),
        ("o/repo#12", "deliverable"),
        ("#12", "deliverable"),
        ("TL-1-202603", "invoice"),
    ],
)
def test_each_id_finds_its_thing_exactly(text, kind, playbook, everything):
    answer = ask(text, sight=EVERYTHING, playbook=playbook, at=NOON)
    found = [
        group.kind.value for group in answer.findings.groups if any(o.is_exact for o in group.found)
    ]

    assert kind in found


@pytest.fixture
def everything(db):
    """One thing of each kind that has an id."""
    from throughline.billing.models import Invoice
    from throughline.sales.models import Agreement

    engagement = make_engagement(name="EarthScope hub", hubspot_id="900100")
    community = engagement.deal.community
    keep_alias(
        community.pk, "earth-scope-old", kind=AliasKind.LEGACY, on=NOON.date(), by=BD, at=NOON
    )
    tell(
        engagement.deal, "community.people",
        people=[{"role": "representative", "full_name": "Rae Rep", "email": "rae@earth.example"}],
    )  # fmt: skip
    make_cluster("es-cluster", hubs={"prod": ("Production", "hub.es.example")})
    Agreement.objects.update(reference="PO  4711-B")
    one = make_deliverable(engagement)
    Outcome.objects.create(
        key=f"github.issue:{engagement.number}:new-hub:{one.code}", engagement=engagement,
        system="github", summary="Issue", wanted={}, state="converged",
        receipt={"number": 12, "address": "https://github.com/o/repo/issues/12"},
    )  # fmt: skip
    Invoice.objects.create(engagement=engagement, month=NOON.date(), number="TL-1-202603")
    return engagement


@pytest.mark.parametrize(
    "text",
    [
        "", " ", '"', "'", "*", "AND", "a AND b", "NEAR(", "NEAR(a b, 2)", "title:lighthouse",
        "-lighthouse", "^light", "light* OR", "(((", '"lighthouse', "a:*", "\\", "%", "_", "&|!",
        "🎉", "🎉 lighthouse", "\0", "light\0house", "x" * 10_000, "a " * 5_000, "…–", "東京",
        "\u0301", "'; DROP TABLE search_words; --", "<script>", "\ud800",
    ],
)  # fmt: skip
def test_any_text_is_looked_for_and_nothing_more(text, search):
    make_deal(name="Lighthouse")

    assert set(search(text)) <= {"deal"}
    assert search("lighthouse") == {"deal": ["Lighthouse"]}


def test_statement_is_found_by_what_its_newest_version_promises(search):
    deal = make_deal(name="Plain")
    make_statement(deal, "A telescope")
    make_statement(deal, "A microscope")

    assert search("microscope") == {"statement": ["Statement of Work"]}
    assert search("telescope") == {}


def test_deal_that_is_gone_is_not_found(search, filled):
    deal = make_deal(name="Lighthouse")
    filled()
    Deal.objects.filter(pk=deal.pk).update(deleted_at=NOON, deleted_by=BD)  # and no journal says so

    assert search("lighthouse") == {}


def test_what_the_rows_do_not_say_any_more_is_not_found_whatever_the_index_has(search, filled):
    deal = make_deal(name="Lighthouse")
    filled()
    Deal.objects.filter(pk=deal.pk).update(name="Tower")

    assert search("lighthouse") == {}
    assert search("tower") == {"deal": ["Tower"]}  # the look before put it right


def test_amount_finds_nothing_and_stands_in_no_quotation(playbook, search):
    deal = make_deal(name="Lighthouse", amount="17531.00", lost_reason="They had $17,531.00 only")

    answer = ask("lighthouse they", sight=EVERYTHING, playbook=playbook, at=NOON)

    said = "".join(one.text for one in answer.findings.groups[0].found[0].quotation)
    assert said == "They had (amount hidden) only"
    assert [search(text) for text in ("17531", "17,531", "17531.00", "$17,531.00")] == [{}] * 4
    assert search(str(deal.pk)) == {"deal": ["Lighthouse"]}


def test_one_kind_is_shown_in_parts(search):
    for number in range(7):
        make_deal(name=f"Lighthouse {number}")

    first = search("lighthouse", kind=Kind.DEAL, part=slice(0, 5))
    second = search("lighthouse", kind=Kind.DEAL, part=slice(5, 10))

    assert first == {"deal": [f"Lighthouse {number}" for number in (6, 5, 4, 3, 2)]}
    assert second == {"deal": ["Lighthouse 1", "Lighthouse 0"]}
    assert search("lighthouse", kind=Kind.MAIL) == {}


def test_person_who_signs_in_and_mail_are_found(search, db):
    make_person("zephyr", RoleName.BD)

    assert search("zephyr") == {"user": ["zephyr"]}


def test_answer_takes_as_many_queries_for_many_as_for_one(playbook, filled):
    asked = {"sight": EVERYTHING, "playbook": playbook, "at": NOON}
    make_deal(name="Lighthouse")
    filled()

    def queries():
        with CaptureQueriesContext(connection) as caught:
            ask("lighthouse", **asked)
        return len(caught)

    one = queries()
    for number in range(30):
        make_deal(name=f"Lighthouse {number}")
    start_anew()
    filled()

    assert len(ask("lighthouse", **asked).findings.found) == 5
    assert queries() == one > 5


def test_of_very_many_the_latest_come_first_and_the_exact_one_before_them(search, monkeypatch):
    monkeypatch.setattr("throughline.search.proposing.MOST_RANKED", 5)
    first = make_deal(name="Lighthouse 0", hubspot_id="lighthouse")
    for number in range(1, 8):
        make_deal(name=f"Lighthouse {number}")

    found = search("lighthouse", part=slice(0, 3))
    assert found == {"deal": [first.name, "Lighthouse 7", "Lighthouse 6", "Lighthouse 5"]}
    assert search("lighthouse", by_kind=False, part=slice(0, 3)) == {
        "deal": [first.name, "Lighthouse 7", "Lighthouse 6"]
    }
    assert search("lighthouse", part=slice(3, 6)) == {
        "deal": ["Lighthouse 4", "Lighthouse 3", "Lighthouse 2"]
    }


def test_found_of_all_kinds_comes_in_parts_of_one_list(playbook):
    make_deal(name="Lighthouse hub")
    make_person("lighthouse", RoleName.BD)

    def part(begin, end):
        how = {"part": slice(begin, end), "by_kind": False}
        answer = ask("lighthouse", sight=EVERYTHING, playbook=playbook, at=NOON, **how)
        return [one.thing.title for one in answer.findings.found], answer.findings.count

    assert (part(0, 1), part(1, 2)) == ((["lighthouse"], 2), (["Lighthouse hub"], 2))


def test_of_much_the_newest_of_each_kind_are_found_wherever_its_kind_begins_and_ends(
    search, filled, monkeypatch
):
    monkeypatch.setattr("throughline.search.proposing.MOST_RANKED", 0)
    for number in (1, 2):  # kinds come in turns, so that each has others in between
        make_engagement(name=f"Quillwort {number}")
        filled()

    def titles(part):
        found = search("quillwort", part=part)
        return [found["deal"], found["engagement"], len(found["sponsor_work"])]

    assert titles(slice(0, 4)) == [["Quillwort 2", "Quillwort 1"]] * 2 + [4]
    assert titles(slice(1, 2)) == [["Quillwort 1"]] * 2 + [1]
