"""What changed between two versions: in substance and word for word."""

from decimal import Decimal

import pytest

from tests.sales.statement_drafts import DRAFT, draft, with_item
from throughline.intake.authoring import publish_draft
from throughline.playbook.loader import shipped
from throughline.sales.statements.changes import Line, Span, changes_between, hours_words

PLAYBOOK = shipped()


def changes(after, before=DRAFT):
    old, new = (publish_draft(one, playbook=PLAYBOOK)[1] for one in (before, after))
    return changes_between(old, new)


def span(*hours):
    low, high, new_low, new_high = map(Decimal, hours)
    return Span((low, high), (new_low, new_high))


def test_nothing_changed_is_empty():
    found = changes(DRAFT)

    assert found.is_empty
    assert (found.added, found.removed, found.changed, found.by_role) == ((), (), (), ())


def test_deliverable_that_came_is_added():
    wanted = draft()
    wanted["deliverables"].append({"title": "A workshop", "definition_of_done": ["It was held."]})

    found = changes(wanted)

    assert [one["title"] for one in found.added] == ["A workshop"]
    assert (found.removed, found.changed) == ((), ())


def test_deliverable_that_went_is_removed_with_its_hours():
    wanted = draft()
    del wanted["deliverables"][1]

    found = changes(wanted)

    assert [one["title"] for one in found.removed] == ["The maps open"]
    assert found.total == span("8.5", "19", "6.5", "16")


def test_deliverable_with_another_title_is_renamed_and_not_replaced():
    wanted = draft()
    wanted["deliverables"][0]["title"] = "Their hub is up"

    found = changes(wanted)

    assert [(one.title_before, one.title, one.is_renamed) for one in found.changed] == [
        ("The hub runs", "Their hub is up", True)
    ]
    assert (found.added, found.removed) == ((), ())


def test_item_with_other_hours_went_and_came_and_its_role_has_others():
    found = changes(with_item(low_h="5", high_h="10"))

    [one] = found.changed
    assert one.items.removed == ("Set it up: 4–8 h, Infrastructure Engineer",)
    assert one.items.added == ("Set it up: 5–10 h, Infrastructure Engineer",)
    assert one.hours == span("5.5", "14", "6.5", "16")
    assert found.by_role == (("Infrastructure Engineer", span("4", "8", "5", "10")),)
    assert not one.definition_of_done.is_changed


def test_definition_of_done_risks_and_wording_are_told_apart():
    wanted = draft()
    wanted["deliverables"][0] |= {
        "definition_of_done": ["Anybody can sign in."], "risks": [], "overview": "Theirs.",
    }  # fmt: skip

    [one] = changes(wanted).changed

    assert one.definition_of_done.added == ("Anybody can sign in.",)
    assert one.definition_of_done.removed == ("Anybody of the atlas can sign in.",)
    assert one.risks.removed == ("Their IT is slow.",)
    assert one.words == ("overview",)


def test_what_stands_around_the_deliverables_is_compared():
    overhead = {"items": [{"text": "Meet", "low_h": 2, "high_h": 2, "role": "Delivery"}]}

    found = changes(draft(out_of_scope=["Travel."], overhead=overhead, people=["Tech Lead"]))

    assert (found.out_of_scope.added, found.out_of_scope.removed) == (
        ("Travel.",),
        ("A second hub.",),
    )
    assert found.overhead.added == ("Meet: 2 h, Delivery",)
    assert found.people.removed == ("Infrastructure Engineer", "App Engineer")
    assert found.changed == ()


def test_wording_is_told_line_by_line():
    found = changes(draft(background="The maps lie on *two* disks."))

    changed = [line for line in found.lines if line.sign in "+-"]
    assert changed == [
        Line("-", "The maps lie on *one* disk."),
        Line("+", "The maps lie on *two* disks."),
    ]
    assert [line.sign for line in found.lines] == ["@", " ", " ", "-", "+", " ", " "]


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [(1, 2, "1–2 h"), (4, 4, "4 h"), (0.5, 1.25, "0.5–1.25 h"), (0, 0, "0 h")],
)
def test_hours_are_said_in_words(low, high, words):
    assert hours_words(low, high) == words
