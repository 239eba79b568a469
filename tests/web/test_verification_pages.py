"""The verification queue, a champion's page, the value of hubs, and the certificate."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.factories import BD, PS, make_cluster, make_deliverable, make_engagement
from tests.web.conftest import CHAMPION_TOKEN, issue_question
from tests.web.test_every_page import inspected
from throughline.delivery.actions.activity import Activity, keep_activity
from throughline.delivery.actions.champions import ask_champion
from throughline.delivery.actions.deliverables import add_evidence, mark_done, verify_deliverable
from throughline.delivery.actions.engagements import link_clusters
from throughline.delivery.certificate import certificate_of
from throughline.delivery.models import ChampionQuestion, Deliverable, Evidence
from throughline.infrastructure.models import Hub
from throughline.kernel.errors import Refused
from throughline.mail.models import Message

pytestmark = pytest.mark.django_db

QUEUE = "/verification/"


@pytest.fixture
def engagement():
    return make_engagement(hubspot_id="77")


@pytest.fixture
def done(engagement):
    one = make_deliverable(engagement)
    Deliverable.objects.filter(pk=one.pk).update(wanted_evidence=["hub.answers", "users.active"])
    return mark_done(one.pk, evidence="It answers.", link="", by="pete", at=timezone.now())


def text_of(response):
    return " ".join(response.content.decode().split())


def found(deliverable, kind, state, text):
    add_evidence(deliverable, kind, text=text, state=state, by="worker", at=timezone.now())


def test_queue_says_found_absent_unavailable_and_not_looked_for_apart(browser, done):
    found(done, "hub.answers", "unavailable", "hub.example.org was slow.")

    page = text_of(browser("BD").get(QUEUE))

    assert "hub.example.org was slow." in page
    assert "Hub answers: could not be looked at, which says nothing about the work" in page
    assert "Five people use it: not looked for yet" in page


def test_queue_shows_what_was_found_before_what_was_not(browser, done):
    found(done, "hub.answers", "unavailable", "hub.example.org was slow.")
    found(done, "users.active", "found", "Seven people.")

    page = text_of(browser("BD").get(QUEUE))

    assert page.index("Seven people.") < page.index("hub.example.org was slow.")


def test_queue_shows_only_the_newest_look_of_a_kind(browser, done):
    found(done, "hub.answers", "absent", "It was down.")
    found(done, "hub.answers", "found", "It is up.")

    page = text_of(browser("BD").get(QUEUE))

    assert ("It is up." in page, "It was down." in page) == (True, False)


def test_queue_takes_as_many_queries_for_many_as_for_one(
    browser, engagement, done, django_assert_max_num_queries, django_assert_num_queries
):
    client = browser("BD")
    client.get(QUEUE)
    with django_assert_max_num_queries(40) as one:
        client.get(QUEUE)
    for number in range(6):
        other = make_engagement(name=f"Deal {number}")
        promised = make_deliverable(other)
        mark_done(promised.pk, evidence="Yes.", link="", by="pete", at=timezone.now())
    with django_assert_num_queries(len(one)):
        client.get(QUEUE)


def test_asking_from_the_queue_puts_a_letter_into_the_outbox(browser, done):
    asked = browser("BD").post(
        f"/deliverables/{done.pk}/ask/", {"page": "verification", "of": "", "text": "All well?"}
    )

    question = ChampionQuestion.objects.get()
    assert (asked.status_code, asked.headers["Location"]) == (302, QUEUE)
    assert Message.objects.get(key__startswith="champion_asked").to == [question.email]
    assert "has not answered" in text_of(browser("BD").get(QUEUE))


def test_champion_is_asked_from_the_engagement_too_and_what_they_say_is_read_there(
    browser, engagement, done
):
    client, address = browser("BD"), f"/engagements/{engagement.number}/"
    before = text_of(client.get(address))

    asked = client.post(f"/deliverables/{done.pk}/ask/", {"page": "engagement", "text": "Well?"})

    assert ("Ask champion" in before, "Nobody was asked." in before) == (True, True)
    assert asked.headers["Location"] == f"{address}#deliverable-{done.pk}"
    page = client.get(address)
    assert ("has not answered" in text_of(page), "Ask again" in text_of(page)) == (True, True)
    assert inspected(page.content.decode()) == []
    ChampionQuestion.objects.update(
        answer="not_yet", answer_text="No login.", answered_at=timezone.now()
    )
    assert "Verified all the same" in text_of(client.get(address))
    assert "Ask again" not in text_of(browser("PS").get(address))


def test_asking_about_what_is_not_done_is_refused_where_it_was_asked(browser, engagement):
    one = make_deliverable(engagement)

    refused = browser("BD").post(f"/deliverables/{one.pk}/ask/", {"page": "engagement"})

    assert refused.status_code == 422
    assert "does not wait for a verdict" in text_of(refused)


def test_champion_answers_without_an_account_and_sees_it_afterwards(done):
    issue_question(done)
    client = Client()
    address = f"/s/champion/{CHAMPION_TOKEN}/"

    before = client.get(address)
    answered = client.post(f"{address}answer/", {"answer": "yes", "text": "Lovely."}, follow=True)

    assert (before.status_code, inspected(before.content.decode())) == (200, [])
    assert done.title in text_of(before)
    assert "Thank you: it is written down." in text_of(answered)
    assert "Lovely." in text_of(answered)
    assert Evidence.objects.get(kind="champion").text == "Lovely."


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({}, "Choose one of the two answers."),
        ({"answer": "silent"}, "not one of the available choices"),
        ({"answer": "not_yet"}, "What is missing?"),
    ],
)
def test_answer_that_says_nothing_is_asked_again(done, sent, said):
    issue_question(done)

    again = Client().post(f"/s/champion/{CHAMPION_TOKEN}/answer/", sent)

    assert (again.status_code, said in text_of(again)) == (422, True)
    assert Evidence.objects.filter(kind="champion").count() == 0


def test_link_that_opens_nothing_says_what_to_do(db):
    response = Client().get(f"/s/champion/{'x' * 43}/")

    assert response.status_code == 403
    assert "Ask the person who sent it for a new one." in text_of(response)


def test_after_not_yet_the_queue_wants_a_reason_for_verified(browser, done):
    issue_question(done)
    Client().post(
        f"/s/champion/{CHAMPION_TOKEN}/answer/", {"answer": "not_yet", "text": "No login."}
    )
    client = browser("BD")

    page = text_of(client.get(QUEUE))
    bare = client.post(f"/deliverables/{done.pk}/verify/", {"page": "verification"})
    client.post(
        f"/deliverables/{done.pk}/verify/", {"page": "verification", "why": "Theirs to mend."}
    )

    assert "not yet, because No login." in page
    assert "Verified all the same" in page
    assert bare.status_code == 422
    assert Deliverable.objects.get(pk=done.pk).verdict_why == "Theirs to mend."


def test_look_now_looks_and_returns_to_the_queue(browser, engagement, done):
    looked = browser("BD").post(
        f"/engagements/{engagement.number}/look/", {"page": "verification"}, follow=True
    )

    assert looked.redirect_chain == [(QUEUE, 302)]
    assert "Looked: 2 new pieces of evidence." in text_of(looked)


def test_certificate_comes_once_everything_is_verified_and_is_the_same_each_time(
    browser, engagement, done, playbook
):
    client, address = browser("BD"), f"/engagements/{engagement.number}/certificate/"
    early = client.get(address)
    ask_champion(done.pk, playbook=playbook, by=BD, at=timezone.now())
    verify_deliverable(done.pk, by=BD, at=timezone.now())

    given = client.get(address)

    assert early.status_code == 422
    assert f"is not verified yet: “{done.title}”." in text_of(early)
    assert given.headers["Content-Type"] == "application/pdf"
    assert given.content.startswith(b"%PDF-")
    found(done, "hub.answers", "absent", "Later it was down.")
    assert certificate_of(engagement.number, playbook=playbook) == given.content


def test_certificate_of_nothing_is_refused(engagement, playbook):
    with pytest.raises(Refused, match="nothing was promised"):
        certificate_of(engagement.number, playbook=playbook)


def test_value_page_says_unknown_where_nobody_told(browser, engagement):
    page = text_of(browser("PS").get(f"/engagements/{engagement.number}/value/"))

    assert "Unknown, which is not the same as none." in page


def test_value_page_has_the_picture_and_its_numbers(browser, engagement):
    make_cluster("maple", deal_id="77", hubs={"prod": ("Production", "hub.example.org")})
    link_clusters(by=PS, at=timezone.now())
    first = engagement.deal.order.at.date()
    users = frozenset((first + timedelta(days=2), name) for name in "abcde")
    told = Activity(Hub.objects.get(), "activity.csv", first, first + timedelta(days=30), users)
    keep_activity(told, staff=(), by=PS, at=timezone.now())
    client, address = browser("PS"), f"/engagements/{engagement.number}/value/"

    page = client.get(address)
    drawn = client.get(f"{address}light.svg")

    assert "2 days, from the order on" in text_of(page)
    assert inspected(page.content.decode()) == []
    assert (drawn.headers["Content-Type"], b"<svg" in drawn.content) == ("image/svg+xml", True)
    assert client.get(f"{address}pink.svg").status_code == 404
