"""Budgets and alerts as people see them, and the doors through which alerts come in."""

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.utils import timezone

from tests.billing.bills import ACCOUNT, APRIL, JUNE, MAY, book
from tests.factories import NOON, make_cluster, make_engagement
from tests.handoff.world import apply, fresh, with_cluster
from tests.intake.alerts.texts import MAIL, SNS, azure, pubsub
from tests.web.test_every_page import inspected
from throughline.budgets.actions.receiving import keep_received
from throughline.budgets.models import Alert, Arming, Received
from throughline.budgets.words import Source
from throughline.connectors.aws import notifications
from throughline.delivery.actions.engagements import link_clusters
from throughline.infrastructure.models import Cluster
from throughline.infrastructure.words import Payer
from throughline.intake.alerts.doors import take_text
from throughline.intake.alerts.reading import read_alerts
from throughline.mail.models import Message
from throughline.playbook.loader import shipped
from throughline.sales.models import Agreement, SponsorWork
from throughline.simulators.aws_sns import TOPIC, SnsSimulator

pytestmark = pytest.mark.django_db
TOKEN = "a-token-that-nobody-guesses"


@pytest.fixture
def engagement():
    made = make_engagement(name="EarthScope 2026")
    with_cluster(made)
    return fresh(made)


@pytest.fixture
def alert(engagement):
    take_text(MAIL, by="ada", at=NOON)
    return read_alerts(playbook=shipped(), at=NOON).heard[0].alert


def text_of(response):
    found = response.content.decode()
    assert inspected(found) == []
    return " ".join(found.split())


def act(client, alert, step, **fields):
    return client.post(f"/budgets/alerts/{alert.pk}/{step}/", fields)


def with_costs(engagement, ceiling="1000.00"):
    Agreement.objects.filter(deal=engagement.deal).update(ceiling=ceiling, is_prepaid=True)
    for month in (APRIL, MAY, JUNE):
        book({ACCOUNT: "150.00"}, month=month, at=datetime(2026, 7, 2, tzinfo=UTC))


def test_account_that_we_pay_for_and_nothing_watches_is_told_first(browser, engagement):
    make_cluster(
        "safe", account="999999999999", deal_id=engagement.deal.hubspot_id, budget_alert=True
    )
    link_clusters(by="factory", at=NOON)

    shown = text_of(browser("PS").get("/budgets/"))

    assert "We pay, and nobody is told." in shown
    assert shown.index("aws 012345678901") < shown.index("aws 999999999999")
    apply(engagement)
    assert "We pay, and nobody is told." not in text_of(browser("PS").get("/budgets/"))


def test_money_is_shown_to_those_who_need_it_and_shares_to_all(browser, engagement):
    with_costs(engagement)
    pages = ("/budgets/", f"/budgets/{engagement.pk}/")

    for address in pages:
        lead, ps = text_of(browser("Lead").get(address)), text_of(browser("PS").get(address))
        assert ("450.00" in lead, "1,000.00" in lead or "550.00" in lead) == (True, True)
        assert ("450.00" in ps, "550.00" in ps) == (False, False)
        assert "45 %" in ps
    assert browser("PS").get(f"/budgets/{engagement.pk}/burn/light.svg").status_code == 403


def test_burn_down_is_a_picture_with_the_agreements_end_and_a_table(browser, engagement):
    with_costs(engagement)

    shown = text_of(browser("Lead").get(f"/budgets/{engagement.pk}/"))
    drawn = browser("Lead").get(f"/budgets/{engagement.pk}/burn/dark.svg")

    assert (
        "It runs out on <strong>19 Oct 2026</strong>; the agreement ends on 31 Mar 2027, so it does not last."
        in shown
    )
    assert drawn.headers["Content-Type"] == "image/svg+xml"
    assert drawn.content.startswith(b"<svg")
    assert browser("Lead").get(f"/budgets/{engagement.pk}/burn/pink.svg").status_code == 404


def test_row_has_a_small_picture_with_the_agreements_end_where_there_is_a_ceiling(
    browser, engagement
):
    assert 'class="spark"' not in text_of(browser("Lead").get("/budgets/"))
    with_costs(engagement)

    [(_line, spark)] = browser("Lead").get("/budgets/").context["drawn"]

    heights = [float(point.split(",")[1]) for point in spark.known.split()]
    assert heights == [0.0, 3.6, 7.2, 10.8]  # of 24: a sixth and a bit for each month
    assert spark.ahead.endswith(",24.0")  # it runs out before the end
    assert 'class="end" x1="100.0"' in text_of(browser("PS").get("/budgets/"))


@pytest.mark.parametrize(
    ("cost", "said"),
    [
        ("75", "At 75.00 USD a month it runs out on <strong>"),
        ("0", "it does not run out; the agreement ends on 31 Mar 2027"),
        ("much", "is not an amount"),
    ],
)
def test_what_if_a_month_costs_something_else_is_reckoned_and_not_kept(
    cost, said, browser, engagement
):
    with_costs(engagement)
    address = f"/budgets/{engagement.pk}/"

    shown = text_of(browser("Lead").get(address, {"month_cost": cost}))

    assert said in shown
    assert "It runs out on <strong>19 Oct 2026</strong>" in shown
    assert "What if a month costs" not in text_of(browser("PS").get(address))


def test_picture_of_nothing_is_drawn_too(browser, engagement):
    assert browser("Lead").get(f"/budgets/{engagement.pk}/burn/light.svg").status_code == 200


def test_empty_pages_say_what_would_put_something_there(browser):
    assert "No account yet" in text_of(browser("PS").get("/budgets/"))
    assert "Nothing waits" in text_of(browser("PS").get("/budgets/alerts/"))


def test_pages_take_as_many_queries_for_three_as_for_one(
    browser, engagement, django_assert_max_num_queries
):
    client = browser("Lead")
    with_costs(engagement)
    with django_assert_max_num_queries(60) as one:
        client.get("/budgets/")
    for number in range(2):
        other = make_engagement(name=f"Other {number}")
        with_cluster(other, f"other{number}", account=f"{number}" * 12)
        take_text(SNS.replace("test", f"b{number}"), by="ada", at=NOON)
    read_alerts(playbook=shipped(), at=NOON)
    with django_assert_max_num_queries(len(one)):
        client.get("/budgets/")
    with django_assert_max_num_queries(20):
        client.get("/budgets/alerts/")


def test_alert_goes_from_pasted_mail_to_decision_by_name(browser, engagement):
    client = browser("PS")
    taken = client.post("/budgets/alerts/add/", {"text": MAIL})
    alert = Alert.objects.get()
    assert taken.headers["Location"] == f"/budgets/alerts/{alert.pk}/"

    act(client, alert, "acknowledge")
    early = act(client, alert, "decide", decision="expected", why="Planned.")
    assert (early.status_code, "Write down the cause first." in text_of(early)) == (422, True)
    act(client, alert, "cause", cause="A workshop of 200 people.")
    act(client, alert, "decide", decision="expected", why="It was planned.")

    shown = text_of(client.get(f"/budgets/alerts/{alert.pk}/"))
    alert.refresh_from_db()
    assert (alert.state, alert.owner, alert.decision, alert.decided_by) == (
        "decided", "ps", "expected", "ps",
    )  # fmt: skip
    assert "Expected, by ps" in shown
    assert "Nothing waits" in text_of(client.get("/budgets/alerts/"))
    assert "A workshop of 200 people." in text_of(client.get("/budgets/alerts/?view=all"))


def test_champion_is_written_to_from_the_template_and_not_twice_the_same(browser, alert):
    client = browser("PS")

    act(client, alert, "tell", text="We shall look at the disks.")
    again = act(client, alert, "tell", text="We shall look at the disks.")

    message = Message.objects.get(key__startswith="alert:")
    assert (message.to, message.subject) == (
        ["champion@example.org"], "Cloud costs of EarthScope",
    )  # fmt: skip
    assert "Spent: 1712.35 USD\nLimit: 2000.00 USD" in message.text
    assert "What happens next: We shall look at the disks." in message.text
    assert again.status_code == 422


def test_credit_is_a_work_order_on_the_sponsors_desk_which_the_sponsor_closes(browser, alert):
    refused = act(browser("PS"), alert, "credit", amount="-5", why="Ours.")
    act(browser("PS"), alert, "credit", amount="120.00", why="Our mistake.")

    work = SponsorWork.objects.get(kind="credit")
    assert refused.status_code == 422
    assert work.question.startswith(
        "Credit of 120.00 USD for aws 012345678901, 2026-03: Our mistake. ("
    )
    desk = text_of(browser("Sponsor").get("/sponsor/"))
    assert "Credit of 120.00 USD" in desk
    browser("Sponsor").post(f"/sponsor/{work.pk}/done/", {"receipt": "CM-7"})
    work.refresh_from_db()
    assert (work.done_by, work.receipt) == ("sponsor", "CM-7")


def test_what_cannot_be_read_is_shown_whole_and_settled_by_name(browser):
    client = browser("PS")
    client.post("/budgets/alerts/add/", {"text": "<script>alert(1)</script> your bill is large"})

    shown = text_of(browser("BD").get("/budgets/alerts/"))
    (odd,) = Received.objects.all()
    assert "&lt;script&gt;alert(1)&lt;/script&gt; your bill is large" in shown
    assert "whoever sees money can read it" in text_of(client.get("/budgets/alerts/"))
    assert "An alert that cannot be read" in text_of(client.get("/"))
    client.post(f"/budgets/words/{odd.pk}/settle/", {"why": "It was an advertisement."})
    odd.refresh_from_db()
    assert (odd.state, odd.settled_by) == ("settled", "ps")


def test_today_shows_ps_the_alerts_that_wait(browser, alert):
    shown = text_of(browser("PS").get("/"))

    assert "Alerts about costs" in shown
    assert f'href="/budgets/alerts/{alert.pk}/"' in shown


def test_alert_of_nobody_is_matched_by_hand(browser, engagement):
    keep_received(Source.AZURE, azure(), by="Azure", at=NOON)
    (heard,) = read_alerts(playbook=shipped(), at=NOON).heard
    client = browser("BD")

    assert "nobody knows yet whose it is" in text_of(
        client.get(f"/budgets/alerts/{heard.alert.pk}/")
    )
    wrong = act(client, heard.alert, "match", engagement="999")
    act(client, heard.alert, "match", engagement=str(engagement.pk))

    heard.alert.refresh_from_db()
    assert (wrong.status_code, heard.alert.engagement) == (422, engagement)


# The doors


@pytest.fixture
def sns(settings):
    notifications._KEPT.clear()
    with SnsSimulator() as opened:
        settings.SNS_TOPICS, settings.SNS_URL = frozenset({TOPIC}), opened.url
        yield opened


def post(address, body, kind="text/plain; charset=UTF-8"):
    return Client(enforce_csrf_checks=True).post(address, body, content_type=kind)


def test_signed_message_is_kept_and_answered_at_once(sns):
    assert post("/hooks/sns", sns.notification(SNS)).status_code == 204
    assert (Received.objects.get().state, Alert.objects.count()) == ("kept", 0)


def test_forged_message_is_refused_and_nothing_is_kept_or_fetched(sns):
    forged = sns.notification(SNS, SigningCertURL="https://evil.example/cert.pem")

    assert post("/hooks/sns", forged).status_code == 401
    assert (Received.objects.count(), sns.calls.total()) == (0, 0)


def test_certificate_that_cannot_be_had_asks_sns_to_send_again(sns):
    sns.close()
    assert post("/hooks/sns", sns.notification(SNS)).status_code == 503


def test_google_and_azure_are_taken_with_our_token_alone(settings):
    assert post("/hooks/pubsub?token=x", pubsub(), "application/json").status_code == 422
    settings.ALERT_TOKEN = TOKEN
    assert post("/hooks/pubsub", pubsub(), "application/json").status_code == 401
    assert post(f"/hooks/pubsub?token={TOKEN}", pubsub(), "application/json").status_code == 204
    assert post(f"/hooks/azure?token={TOKEN}", azure(), "application/json").status_code == 204
    assert sorted(Received.objects.values_list("source", flat=True)) == ["azure", "pubsub"]
    assert read_alerts(playbook=shipped(), at=timezone.now()).unreadable == []


def test_account_that_the_community_pays_for_may_be_watched_all_the_same(browser, engagement):
    Cluster.objects.update(paid_by=Payer.COMMUNITY)
    client, address = browser("PS"), f"/budgets/{engagement.pk}/"

    assert "Have it watched here" in text_of(client.get(address))
    client.post(f"{address}watch/", {"account": "999"})
    client.post(f"{address}watch/", {"account": ACCOUNT})

    armed = Arming.objects.get()
    assert (armed.account.identifier, armed.to, armed.way) == (
        ACCOUNT, "support+earthscope@2i2c.org", "computed",
    )  # fmt: skip
    assert "Have it watched here" not in text_of(client.get(address))
