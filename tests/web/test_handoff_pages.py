import pytest
from django.utils import timezone

from throughline.delivery.models import HandoffReturn, Project
from throughline.handoff.models import Outcome, Pass, Plan
from throughline.handoff.passes import take_lease
from throughline.journal.models import Entry
from throughline.mail.models import Message
from throughline.sales.actions.knowledge import write_note
from throughline.sales.models import Deal


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


def test_unread_note_is_in_the_way_of_accepting_and_the_button_is_not_offered(browser, world):
    write_note(world.number, "x", kind="promise", is_private=True, by="bd", at=timezone.now())
    client = browser("PS")

    page = page_of(client, world)
    refused = client.post(f"/engagements/{world.number}/accept/")

    assert [one.code for one in page.context["in_the_way"]] == ["note_unread"]
    assert "Accept it by name" not in page.content.decode()
    assert (refused.status_code, page.context["ball"].party) == (422, "PS")


def test_ps_returns_a_line_bd_answers_and_ps_accepts(browser, world):
    ps, bd = browser("PS"), browser("BD")

    back = ps.post(
        f"/handoff/{world.number}/return/", {"line": "ledger:deal.tier", "why": "It is Essential."}
    )
    returned = HandoffReturn.objects.get()
    assert (back.status_code, page_of(bd, world).context["ball"].party) == (302, "BD")
    bd.post(f"/handoff/returns/{returned.pk}/answer/", {"answer": "Mended."})
    ps.post(f"/engagements/{world.number}/accept/")

    page = page_of(ps, world)
    assert page.context["engagement"].accepted_by == "ps"
    assert [line["one"].answer for line in page.context["returns"]] == ["Mended."]


@pytest.mark.parametrize("line", ["", "ledger:deal.weather"])
def test_return_of_no_line_comes_back_with_what_was_said(line, browser, world):
    said = {"line": line, "why": "It is Essential."}

    response = browser("PS").post(f"/handoff/{world.number}/return/", said)

    assert (response.status_code, HandoffReturn.objects.count()) == (422, 0)
    assert response.context["return_form"]["why"].value() == "It is Essential."


def test_every_line_of_the_page_can_be_returned(browser, world):
    write_note(world.number, "x", kind="promise", is_private=True, by="bd", at=timezone.now())
    context = page_of(browser("PS"), world).context

    groups = context["return_form"].fields["line"].choices[1:]
    ledger = {line["field"] for group in context["ledger"]["groups"] for line in group["lines"]}
    assert [name for name, _lines in groups] == ["Notes", "Plan", "Fields of the ledger"]
    assert {value.removeprefix("ledger:") for value, _label in groups[2][1]} == ledger


def test_missing_field_is_decided_on_the_page_with_a_reason(browser, world):
    Deal.objects.filter(pk=world.number).update(extra={"gpu_type": "A100"})
    client, where = browser("PS"), f"/handoff/{world.number}/field/"
    said = {"field": "deal.extra.gpu_type", "verdict": "not_needed"}

    refused = client.post(where, said)
    decided = client.post(where, said | {"why": "Nobody uses GPUs."})

    assert (refused.status_code, decided.status_code) == (422, 302)
    assert page_of(client, world).context["ledger"]["missing"] == 0


def test_plan_is_kept_approved_by_name_and_applied_as_it_is(browser, world):
    client = browser("BD")
    client.post(f"/handoff/{world.number}/propose/")
    plan = Plan.objects.get()

    client.post(f"/handoff/plans/{plan.pk}/approve/")
    assert page_of(client, world).context["stored"]["is_approved"] is True
    client.post(f"/handoff/{world.number}/apply/", {"plan": plan.pk})

    plan.refresh_from_db()
    assert (plan.state, plan.decided_by) == ("applied", "bd")
    assert page_of(client, world).context["stored"] is None


def test_stale_plan_is_refused_and_the_page_shows_the_difference(browser, world):
    client = browser("BD")
    client.post(f"/handoff/{world.number}/propose/")
    plan = Plan.objects.get()
    Deal.objects.filter(pk=world.number).update(end_on="2027-04-30")

    differences = page_of(client, world).context["stored"]["differences"]
    response = client.post(f"/handoff/{world.number}/apply/", {"plan": plan.pk})

    assert (len(differences) > 0, response.status_code) == (True, 422)
    assert "is not what would be done now" in response.content.decode()


def test_plan_is_rejected_with_a_reason(browser, world):
    client = browser("BD")
    client.post(f"/handoff/{world.number}/propose/")
    plan = Plan.objects.get()

    assert client.post(f"/handoff/plans/{plan.pk}/reject/").status_code == 422
    client.post(f"/handoff/plans/{plan.pk}/reject/", {"because": "Wrong tier."})

    plan.refresh_from_db()
    assert (plan.state, plan.reason) == ("rejected", "Wrong tier.")


def test_ledger_says_to_be_sent_before_and_sent_after(browser, world):
    client = browser("BD")
    before = words_of(page_of(client, world))
    after = words_of(apply(client, world))

    assert (before["sent"], before["to_be_sent"]) == (0, 7)
    assert (after["sent"], after["to_be_sent"]) == (5, 2)  # the welcome waits for PS


def words_of(response):
    groups = response.context["ledger"]["groups"]
    return {group["disposition"]: len(group["lines"]) for group in groups}
