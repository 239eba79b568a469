"""`review`, `waiver`, `deal explain|revert|delete|restore` and `playbook check`, as programs use them."""

from importlib import resources

from tests.factories import NOON, make_deal
from throughline.sales.models import GateException

SHIPPED = resources.files("throughline.playbook") / "shipped.toml"


def test_review_goes_from_asked_to_answered(ask):
    number = make_deal().pk
    asked = ask("review", "ask", number, "Can we?", "--needed-by", "2036-06-01", "--by", "ada")
    assert (asked["state"], asked["ball"], asked["needed_by"]) == ("asked", "PS", "2036-06-01")

    own = ask("review", "answer", asked["review"], "Yes.", "--by", "ada", code=1)
    assert own["refused"] == "A review needs two persons, and ada did the first part."
    ask("review", "accept", asked["review"], "--by", "pia")
    ask("review", "answer", asked["review"], "Yes.", "--by", "pia")

    assert ask("review", "list") == []
    assert [one["answered_by"] for one in ask("review", "list", "--state", "answered")] == ["pia"]


def test_review_commands_refuse_what_makes_no_sense(ask):
    number = make_deal().pk

    assert ask("review", "list", "--state", "x", code=1)["refused"] == "No reviews are 'x'."
    assert ask("review", "accept", 99, "--by", "pia", code=1)["refused"] == "There is no review 99."
    assert ask("review", "ask", number, " ", code=1)["refused"] == "Nothing is asked."
    bad = ask("review", "ask", number, "?", "--needed-by", "soon", code=1)
    assert bad["refused"] == "'soon' is not a date."


def test_waiver_is_renewed_and_withdrawn(ask):
    number = make_deal().pk
    ask("deal", "waive", number, "deal.owner", "--by", "lea", "--reason", "Away.",
        "--until", "2036-01-01")  # fmt: skip
    first = ask("waiver", "list")[0]["waiver"]

    longer = ask("waiver", "renew", first, "--until", "2036-02-01", "--by", "lea")
    ended = ask("waiver", "withdraw", first, "--by", "lea")

    assert (longer["until"], longer["reason"], ended["counts"]) == ("2036-02-01", "Away.", False)
    assert [one["waiver"] for one in ask("waiver", "list", "--state", "past")] == [first]


def test_exception_is_listed_explained_and_reverted(ask):
    for number in (1, 2):
        deal = make_deal(stage="negotiation", hubspot_id=f"90{number}")
        GateException.objects.create(deal=deal, from_stage="lead", to_stage="negotiation",
                                     conditions=["ps.reviewed"], found_at=NOON, found_by="t")  # fmt: skip

    ask("deal", "explain", "901", "--reason", "A grant.", "--by", "ada")
    moved = ask("deal", "revert", "902", "--by", "ada")

    states = {one["deal"]: one["state"] for one in ask("deal", "exceptions", "--state", "all")}
    assert (states, moved["stage"]) == ({"901": "explained", "902": "reverted"}, "Lead")
    assert ask("deal", "revert", "901", code=1)["refused"].startswith("No exception of")


def test_deleted_deal_is_restored(ask):
    make_deal(hubspot_id="901")
    ask("deal", "delete", "901", "--by", "ada")
    shut = ask("deal", "gate", "901")
    ask("deal", "restore", "901", "--by", "ada")

    assert shut["conditions"][0]["code"] == "deal.present"
    assert ask("deal", "gate", "901")["conditions"][0]["code"] == "deal.owner"


def test_playbook_check_says_what_would_change_and_exits_3(ask, tmp_path):
    text = SHIPPED.read_text()
    same, other = tmp_path / "same.toml", tmp_path / "other.toml"
    same.write_text(text)
    other.write_text(text.replace('version = "2026.1"', 'version = "2"'))

    assert ask("playbook", "check", same)["changes"] == []
    assert ask("playbook", "check", other, code=3)["changes"] == [
        {"part": "playbook", "code": "version", "verb": "changed", "before": "2026.1", "after": "2"}
    ]
    assert ask("playbook", "check", tmp_path / "none.toml", code=1)["remedy"] == "Check the path."
