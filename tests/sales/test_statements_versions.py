"""Versions of a statement of work: kept for ever, compared, signed off, overtaken."""

import pytest

from tests.factories import BD, NOON, PS, gate_of, make_deal, make_ready, make_statement, tell
from tests.sales.statement_drafts import DRAFT, draft, with_item, write
from throughline.documents.actions import path_of
from throughline.intake.authoring import Writer, write_statement
from throughline.intake.statement_of_work import parse
from throughline.journal.models import Entry
from throughline.kernel.errors import Refused
from throughline.playbook.loader import shipped
from throughline.sales.actions.statements import VersionConflict, keep_statement
from throughline.sales.models import SignOff, StatementOfWork
from throughline.sales.versions import find_version, statement_shape, version_of, versions_of

pytestmark = pytest.mark.django_db

ROLES = ("head_of_product", "tech_lead", "bd_lead")


def condition(deal, code):
    one = next(one for one in gate_of(deal, "negotiation").conditions if one.code == code)
    return one.status, one.message


def sign(deal, role, by, **more):
    return tell(deal, "sow.signed_off", role=role, by=by, **more)


def sign_all(deal, *people):
    for role, by in zip(ROLES, people, strict=True):
        sign(deal, role, by)


def test_each_edit_is_a_new_version_and_older_ones_stay_as_they_were():
    deal = make_deal()
    first = write(deal, DRAFT)
    before = StatementOfWork.objects.filter(pk=first.pk).values().get()

    second = write(deal, with_item(high_h="20"), by=PS)

    assert (first.version, second.version) == (1, 2)
    assert StatementOfWork.objects.filter(pk=first.pk).values().get() == before
    assert version_of(deal).pk == second.pk
    assert version_of(deal, 1).content == before["content"]
    assert [one.imported_by for one in versions_of(deal)] == [PS, BD]


def test_version_is_kept_as_the_document_that_it_says():
    deal = make_deal()

    statement = write(deal, DRAFT)

    text = path_of(statement.document.sha256).read_text(encoding="utf-8")
    assert parse(text).as_json() == statement.content
    assert statement.document.name == f"statement-of-work-{deal.reference}-1.md"
    assert (statement.origin, statement.low_h, statement.high_h) == ("written", 8.5, 19)


def test_same_words_again_make_no_version_and_no_entry():
    deal = make_deal()
    write(deal, DRAFT)
    entries = Entry.objects.count()

    _, is_new = write_statement(deal.pk, draft(), Writer(shipped(), PS, NOON))

    assert (is_new, versions_of(deal).count(), Entry.objects.count()) == (False, 1, entries)


def test_words_of_an_older_version_again_are_a_new_version():
    deal = make_deal()
    for wanted in (DRAFT, with_item(high_h="20"), DRAFT):
        write(deal, wanted)

    assert [one.version for one in versions_of(deal)] == [3, 2, 1]
    assert version_of(deal, 3).content == version_of(deal, 1).content


def test_older_file_imported_again_counts_again():
    deal = make_deal()
    read = parse("## Deliverables\n\n### One\n").as_json()
    said = {"name": "sow.md", "deal": deal, "by": BD, "at": NOON}
    for content in (b"one", b"two", b"one", b"one"):
        keep_statement(content, read, **said)

    assert [one.version for one in versions_of(deal)] == [3, 2, 1]


def test_new_version_says_in_the_journal_what_changed():
    deal = make_deal()
    write(deal, DRAFT)

    statement = write(deal, with_item(high_h="20") | {"out_of_scope": []}, by=PS)

    entry = Entry.objects.get(act="sales.sow.written", subject_id=str(statement.pk))
    assert (entry.by, entry.facts) == (
        PS, {"version": 2, "changed": ["what is out of scope", "“The hub runs”"]},
    )  # fmt: skip


def test_second_of_two_editors_is_refused_with_what_the_first_changed():
    deal = make_deal()
    write(deal, DRAFT)
    write(deal, draft(title="Another title"), base=1, by="ada")

    with pytest.raises(VersionConflict) as refused:
        write(deal, with_item(high_h="20"), base=1, by="bo")

    assert str(refused.value) == (
        "ada has made version 2 since you began with version 1. They changed the title. Put into"
        " your text what you want of theirs, and save it again: it is then based on version 2."
    )
    assert versions_of(deal).count() == 2


def test_first_version_is_refused_where_somebody_was_quicker():
    deal = make_deal()
    write(deal, DRAFT, base=0, by="ada")

    with pytest.raises(VersionConflict) as refused:
        write(deal, draft(title="Mine"), base=0, by="bo")

    assert refused.value.message == ("ada has made version 1 since you began with an empty page.")


@pytest.mark.parametrize("base", [2, 99])
def test_base_that_never_was_is_refused(base):
    deal = make_deal()
    write(deal, DRAFT)

    with pytest.raises(Refused) as refused:
        write(deal, draft(title="Mine"), base=base)

    assert str(refused.value) == (
        f"There is no version {base}; the newest is 1. Begin with that one."
    )


@pytest.mark.both_databases
def test_two_editors_at_once_make_one_version(at_once):
    deal = make_deal()
    write(deal, DRAFT)
    texts = ["One title", "Another title"]

    results = at_once(*(
        lambda title=title: write(deal, draft(title=title), base=1) for title in texts
    ))  # fmt: skip

    assert sorted(type(one).__name__ for one in results) == ["StatementOfWork", "VersionConflict"]
    assert versions_of(deal).count() == 2


def test_due_date_goes_with_a_renamed_deliverable():
    deal = make_deal()
    write(deal, DRAFT)
    due = {"The hub runs": "2026-06-30", "The maps open": "2026-07-31"}
    tell(deal, "dates.agreed", start_on="2026-04-01", end_on="2027-03-31", deliverables=due)
    wanted = draft()
    wanted["deliverables"][0]["title"] = "Their hub runs"

    statement = write(deal, wanted, renamed={"The hub runs": "Their hub runs"})

    deal.refresh_from_db()
    assert deal.deliverable_dates == {"Their hub runs": "2026-06-30", "The maps open": "2026-07-31"}
    shape = statement_shape(deal, statement, playbook=shipped(), with_money=False)
    assert [one["due_on"] for one in shape["deliverables"]] == ["2026-06-30", "2026-07-31"]


def test_private_note_is_in_no_document_and_only_for_those_who_see_money():
    deal = make_deal()
    statement = write(deal, DRAFT, price_note="Ask for 12,000; 9,000 is the least.")
    playbook = shipped()

    text = path_of(statement.document.sha256).read_text(encoding="utf-8")

    assert ("9,000" in text, "9,000" in str(statement.content)) == (False, False)
    shapes = [
        statement_shape(deal, statement, playbook=playbook, with_money=sees)
        for sees in (True, False)
    ]
    assert [one["price_note"] for one in shapes] == ["Ask for 12,000; 9,000 is the least.", None]


def test_note_stays_where_the_editor_may_not_see_it_and_goes_where_it_is_emptied():
    deal = make_deal()
    write(deal, DRAFT, price_note="Private.")

    assert write(deal, draft(title="Two"), price_note=None).price_note == "Private."
    assert write(deal, draft(title="Two"), price_note="").price_note == ""
    assert versions_of(deal).count() == 3


def test_imported_file_keeps_the_note():
    deal = make_deal()
    write(deal, DRAFT, price_note="Private.")

    assert make_statement(deal, "Hub").price_note == "Private."


def test_hours_are_counted_by_role():
    deal = make_deal()
    statement = write(deal, DRAFT)

    shape = statement_shape(deal, statement, playbook=shipped(), with_money=False)

    assert [(one["role"], one["low_h"], one["high_h"]) for one in shape["by_role"]] == [
        ("Infrastructure Engineer", 4, 8),
        ("Tech Lead", 1.5, 6),
        ("Infrastructure Engineer or Tech Lead or App Engineer", 2, 3),
        ("Delivery", 1, 2),
    ]


def test_version_is_named_by_its_deal_and_number():
    deal = make_deal(hubspot_id="900100")
    write(deal, DRAFT)
    write(deal, draft(title="Two"))

    assert [find_version(one)[1].version for one in ("900100", "900100@1", "900100@2")] == [2, 1, 2]


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("900100@3", "A deal (900100) has no version 3. There is 1."),
        ("900100@", "'900100@' names no version. Write the deal, or the deal@VERSION: 12@3."),
        ("900100@x", "'900100@x' names no version. Write the deal, or the deal@VERSION: 12@3."),
        ("900100@٣", "'900100@٣' names no version. Write the deal, or the deal@VERSION: 12@3."),
    ],
)
def test_version_that_is_none_is_refused_with_what_there_is(reference, message):
    write(make_deal(hubspot_id="900100"), DRAFT)

    with pytest.raises(Refused) as refused:
        find_version(reference)

    assert str(refused.value) == message


def test_sign_off_of_the_version_that_was_read_counts():
    deal = make_deal()
    write(deal, DRAFT)
    sign_all(deal, "hana", "tom", "bea")

    assert condition(deal, "sow.signed_off") == ("met", "Version 1 is signed off by all.")


def test_sign_off_of_an_older_version_is_refused_with_what_to_read():
    deal = make_deal()
    write(deal, DRAFT)
    write(deal, draft(title="Two"), by="bo")

    with pytest.raises(Refused) as refused:
        sign(deal, "tech_lead", "tom", version=1)

    assert str(refused.value) == (
        "You read version 1, and bo has made version 2 since."
        " Read what changed from version 1 to 2, then sign that one."
    )
    assert SignOff.objects.count() == 0


def test_sign_off_of_a_version_to_come_is_refused():
    deal = make_deal()
    write(deal, DRAFT)

    with pytest.raises(Refused) as refused:
        sign(deal, "tech_lead", "tom", version=2)

    assert refused.value.message == "There is no version 2; the newest is 1."


def test_newer_version_makes_sign_offs_stale_and_names_who_signs_again():
    deal = make_deal()
    write(deal, DRAFT)
    sign(deal, "tech_lead", "tom")
    sign(deal, "bd_lead", "bea")
    write(deal, draft(title="Two"))
    sign(deal, "bd_lead", "bea", version=2)

    assert condition(deal, "sow.signed_off") == (
        "stale",
        (
            "Version 2 is new and lacks the sign-off of Head of Product (nobody has signed any),"
            " Tech Lead (tom signed version 1)."
        ),
    )


@pytest.mark.parametrize("last", ["ada", " ADA "])
def test_one_person_may_not_sign_in_every_role(last):
    deal = make_deal()
    write(deal, DRAFT)
    sign(deal, "head_of_product", "ada")
    sign(deal, "tech_lead", "ada")

    with pytest.raises(Refused) as refused:
        sign(deal, "bd_lead", last)

    assert refused.value.remedy == "A second person reads it and signs it off as BD Lead."
    assert SignOff.objects.count() == 2
    sign(deal, "bd_lead", "bo")
    assert condition(deal, "sow.signed_off")[0] == "met"


def test_sign_offs_that_one_person_gave_alone_do_not_count_until_a_second_signs():
    deal = make_deal()
    statement = write(deal, DRAFT)
    for role in ROLES:
        SignOff.objects.create(statement=statement, role=role, by="ada", at=NOON)
    assert condition(deal, "sow.signed_off") == (
        "unmet", "Version 1 was signed off by ada alone.",
    )  # fmt: skip

    sign(deal, "tech_lead", "tom")

    assert condition(deal, "sow.signed_off")[0] == "met"


def test_capacity_answer_goes_stale_when_the_hours_change():
    deal = make_ready(make_deal(), "negotiation", without=("capacity.answered",))
    write(deal, DRAFT)
    tell(deal, "capacity.answered", by=PS, answer="yes")
    assert condition(deal, "capacity.answered")[0] == "met"

    write(deal, with_item(high_h="20"))

    status, message = condition(deal, "capacity.answered")
    assert status == "stale"
    assert message == "Since pia answered, the high estimate and what is to be done changed."


def test_capacity_answer_goes_stale_when_other_roles_do_the_same_hours():
    deal = make_ready(make_deal(), "negotiation", without=("capacity.answered",))
    write(deal, DRAFT)
    tell(deal, "capacity.answered", by=PS, answer="yes")

    write(deal, with_item(role="App Engineer"))

    assert condition(deal, "capacity.answered") == (
        "stale", "Since pia answered, what is to be done changed.",
    )  # fmt: skip


def test_capacity_answer_goes_stale_when_the_same_people_share_the_work_otherwise():
    wanted = draft()
    wanted["deliverables"][0]["items"].append(
        {"text": "Look it over", "low_h": 1, "high_h": 2, "role": "Tech Lead"}
    )
    deal = make_ready(make_deal(), "negotiation", without=("capacity.answered",))
    before = write(deal, wanted)
    tell(deal, "capacity.answered", by=PS, answer="yes")

    wanted["deliverables"][0]["items"][2]["role"] = "Infrastructure Engineer"
    after = write(deal, wanted)

    people = [one.content["deliverables"][0]["people"] for one in (before, after)]
    assert people[0] == people[1]
    assert condition(deal, "capacity.answered")[0] == "stale"


def test_capacity_answer_stays_fresh_when_only_words_around_the_work_change():
    deal = make_ready(make_deal(), "negotiation", without=("capacity.answered",))
    write(deal, DRAFT)
    tell(deal, "capacity.answered", by=PS, answer="yes")

    write(deal, draft(background="Better said.", out_of_scope=["Travel."]))

    assert condition(deal, "capacity.answered")[0] == "met"
