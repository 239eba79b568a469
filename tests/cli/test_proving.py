"""Commands on the way to a proven delivery: asking a champion, value, certificate, activity."""

import pytest

from tests.factories import make_cluster, make_deliverable, make_engagement
from throughline.delivery.actions.deliverables import mark_done
from throughline.delivery.actions.engagements import link_clusters

pytestmark = pytest.mark.django_db


@pytest.fixture
def engagement(at):
    made = make_engagement(name="Coral", hubspot_id="77")
    make_cluster("maple", deal_id="77", hubs={"prod": ("Production", "hub.example.org")})
    link_clusters(by="pia", at=at)
    return made


def test_asking_a_champion_answers_with_the_question(ask, engagement, at):
    one = make_deliverable(engagement)
    mark_done(one.pk, evidence="Runs.", link="", by="pia", at=at)

    asked = ask("deliverable", "ask", one.pk, "--text", "All well?", "--by", "ada")

    assert set(asked) == {
        "question", "deliverable", "name", "text", "asked_by", "asked_at", "reminders", "answer",
        "answer_text", "answered_at",
    }  # fmt: skip
    assert (asked["deliverable"], asked["text"], asked["answer"]) == (
        one.pk,
        "All well?",
        "waiting",
    )


def test_activity_is_taken_in_and_value_says_what_it_means(ask, engagement, tmp_path):
    first = engagement.deal.order.at.date()
    file = tmp_path / "activity.csv"
    people = "".join(f"hub.example.org,{name},{first}\n" for name in "abcde")
    file.write_text(f"hub,user,date\n{people}", encoding="utf-8")
    unknown = ask("deliverable", "value", engagement.number)

    taken = ask("import", "activity", file, "--by", "pia")
    value = ask("deliverable", "value", engagement.number)

    assert taken == {"hubs": ["maple/prod"], "new": 5, "rejected": []}
    assert "No source has told" in unknown["unknown_because"]
    assert (value["first_value_on"], value["time_to_first_value_days"], value["people"]) == (
        str(first), 0, 5,
    )  # fmt: skip


def test_certificate_is_written_once_everything_is_verified(ask, engagement, at, tmp_path):
    one, file = make_deliverable(engagement), tmp_path / "acceptance.pdf"
    refused = ask("deliverable", "certificate", engagement.number, file, code=1)
    mark_done(one.pk, evidence="Runs.", link="", by="pia", at=at)
    ask("deliverable", "verify", one.pk, "--by", "ada")

    written = ask("deliverable", "certificate", engagement.number, file)

    assert set(refused) == {"refused", "remedy"}
    assert written == {"engagement": engagement.number, "file": str(file)}
    assert file.read_bytes().startswith(b"%PDF-")
