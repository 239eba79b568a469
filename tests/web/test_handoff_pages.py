import pytest
from django.utils import timezone

from throughline.delivery.models import Project
from throughline.handoff.models import Outcome, Pass
from throughline.handoff.passes import take_lease
from throughline.journal.models import Entry
from throughline.mail.models import Message


def page_of(client, world):
    return client.get(f"/handoff/{world.number}/")


def apply(client, world):
    return client.post(f"/handoff/{world.number}/apply/", follow=True)


def messages_of(response):
    return [str(message) for message in response.context["messages"]]


def test_plan_lists_what_would_be_made_and_makes_nothing(browser, world):
    client, entries = browser("BD"), Entry.objects.count()

    response = page_of(client, world)

    verbs = {line["verb"] for line in response.context["plan"]["changes"]}
    assert (response.status_code, "create" in verbs) == (200, True)
    assert (Outcome.objects.count(), Entry.objects.count()) == (0, entries)


def test_plan_shows_the_exact_mail_and_what_it_waits_for(browser, world):
    response = page_of(browser("BD"), world)

    waiting = response.context["plan"]["waiting"]
    welcome = next(line for line in waiting if "Welcome" in line["summary"])
    assert (
        welcome["content"].splitlines()[0] == "To: champion@example.org, representative@example.org"
    )
    assert "Somebody of PS accepts the handoff by name." in response.content.decode()


def test_apply_turns_lines_into_receipts_and_the_second_says_no_changes(browser, world):
    client = browser("PS")
    client.post(f"/engagements/{world.number}/accept/")

    first = apply(client, world)
    made, mails = Outcome.objects.count(), Message.objects.count()
    second = apply(client, world)

    assert {row["state"] for row in first.context["receipts"]} == {"converged"}
    assert messages_of(second) == ["No changes."]
    assert second.context["plan"]["is_empty"] is True
    assert (Outcome.objects.count(), Message.objects.count()) == (made, mails)


def test_apply_says_what_waits_for_a_person(browser, world):
    response = apply(browser("BD"), world)

    assert len(response.context["plan"]["waiting"]) == 1
    assert messages_of(response)[0].endswith("1 waits for a person.")


def test_apply_while_another_worker_is_on_it_is_refused_and_makes_nothing(browser, world):
    take_lease(world.number, holder="worker-7", at=timezone.now())

    response = browser("BD").post(f"/handoff/{world.number}/apply/")

    assert (response.status_code, Outcome.objects.count()) == (422, 0)
    assert "Another worker is on engagement" in response.content.decode()


def test_apply_gives_the_lease_back(browser, world):
    apply(browser("BD"), world)

    assert Pass.objects.get().leased_by == ""


def test_looking_again_finds_drift_and_the_page_offers_to_restore(browser, world):
    client = browser("BD")
    apply(client, world)
    Project.objects.filter(engagement=world.engagement, code="new-hub").update(title="Renamed")

    looked = client.post(f"/handoff/{world.number}/verify/", follow=True)

    drifted = [row["state"] for row in looked.context["receipts"]].count("drifted")
    line = next(one for one in looked.context["plan"]["changes"] if one["verb"] == "update")
    assert (drifted, "title: Renamed" in line["before"]) == (1, True)


@pytest.mark.parametrize(("hat", "value"), [("BD", "17500"), ("PS", "hidden")])
def test_ledger_shows_amounts_only_to_those_who_see_money(hat, value, browser, world):
    groups = page_of(browser(hat), world).context["ledger"]["groups"]

    lines = {line["field"]: line["value"] for group in groups for line in group["lines"]}
    assert lines["deal.amount"].startswith(value)


def test_ledger_counts_every_field_once(browser, world):
    ledger = page_of(browser("Lead"), world).context["ledger"]

    counted = sum(len(group["lines"]) for group in ledger["groups"])
    assert (counted, ledger["settled"] + ledger["missing"]) == (ledger["total"], ledger["total"])


def test_handoff_that_is_not_there_is_not_found(browser):
    assert browser("BD").get("/handoff/999/").status_code == 404
