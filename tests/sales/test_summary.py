"""What was agreed, told to the community once somebody of them has said yes."""

import pytest

from tests.factories import BD, NOON, SIGNATORIES, make_deal, make_statement, sign, tell
from throughline.journal.models import Entry
from throughline.kernel.errors import Refused
from throughline.mail.models import Message
from throughline.people.actions import add_user
from throughline.sales.actions.summary import send_summary

pytestmark = pytest.mark.django_db

RAE = {"role": "representative", "full_name": "Rae Rep", "email": "rae@example.org"}


@pytest.fixture
def agreed():
    deal = make_deal(name="Coral hub", owner="ada", amount="12000.00")
    tell(deal, "community.people", people=[RAE])
    return tell(deal, "verbal.closed", said_by="Bo Buyer", said_on="2026-03-01", version="Offer 2")


def send(deal, playbook):
    return send_summary(deal.pk, playbook=playbook, by=BD, at=NOON)


def test_summary_says_who_what_and_each_deliverable_on_a_line_and_no_amount(agreed, playbook):
    make_statement(agreed, "A hub", "Training")
    tell(
        agreed, "dates.agreed", start_on="2026-04-01", end_on="2027-03-31",
        deliverables={"A hub": "2026-06-30"},
    )  # fmt: skip

    sent = send(agreed, playbook)

    assert (sent.to, sent.subject) == (["rae@example.org"], "What we agreed: Coral hub")
    lines = sent.text.splitlines()
    assert lines[lines.index("- A hub: 30 June 2026") + 1] == "- Training: to be settled"
    assert "Last day: 31 March 2027" in lines
    assert "Bo Buyer said yes to Offer 2" in sent.text
    assert "12000" not in sent.text
    entry = Entry.objects.get(act="sales.deal.summary_sent")
    assert (entry.by, entry.facts) == (BD, {"count": 1})


def test_summary_goes_once_for_each_yes(agreed, playbook):
    send(agreed, playbook)
    with pytest.raises(Refused, match="has sent what was agreed"):
        send(agreed, playbook)

    tell(agreed, "verbal.closed", said_by="Bo Buyer", said_on="2026-03-02", version="Offer 3")
    send(agreed, playbook)

    assert Message.objects.count() == 2


def test_line_ends_and_placeholders_of_outsiders_stay_on_their_line(agreed, playbook):
    tell(agreed, "verbal.closed", said_by="Bo\nBcc: all", said_on="2026-03-02", version="$owner")

    text = send(agreed, playbook).text

    assert "Bo Bcc: all said yes to $owner" in text


def test_owner_is_called_by_name_and_an_executed_agreement_speaks_for_itself(agreed, playbook):
    add_user("ada", full_name="Ada Byron", roles=frozenset(), by="test", at=NOON)

    assert "tell Ada Byron if" in " ".join(send(agreed, playbook).text.split())

    tell(agreed, "agreement.artefact", title="Agreement", signatories=SIGNATORIES)
    sign(agreed)
    tell(agreed, "verbal.closed", said_by="Bo", said_on="2026-03-02", version="Offer 3")
    with pytest.raises(Refused, match="The agreement is executed"):
        send(agreed, playbook)


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"community.people": {"people": [RAE]}}, "Nobody has said yes"),
        (
            {"verbal.closed": {"said_by": "Bo", "said_on": "2026-03-01", "version": "1"}},
            "can be written to",
        ),
    ],
)
def test_summary_without_a_yes_or_an_address_is_refused_and_writes_nothing(facts, why, playbook):
    deal = make_deal()
    for code, value in facts.items():
        tell(deal, code, **value)

    with pytest.raises(Refused, match=why):
        send(deal, playbook)

    assert not Message.objects.exists()
    assert not Entry.objects.filter(act="sales.deal.summary_sent").exists()
