from tests.web.conftest import queue
from throughline.mail.models import Message


def test_outbox_costs_as_many_queries_for_three_as_for_one(browser, django_assert_num_queries):
    client = browser("PS")
    queue("one")
    with django_assert_num_queries(6):
        client.get("/outbox/")
    queue("two")
    queue("three")
    with django_assert_num_queries(6):
        assert len(client.get("/outbox/").context["lines"]) == 3


def test_outbox_narrows_to_a_state_and_ignores_one_that_there_is_not(browser):
    queue("one")
    Message.objects.filter(pk=queue("two").pk).update(state="failed")
    client = browser("Lead")

    counts = [
        len(client.get(f"/outbox/?state={state}").context["lines"])
        for state in ("failed", "sent", "nonsense", "")
    ]
    assert counts == [1, 0, 2, 2]


def test_message_shows_the_mail_word_for_word_and_escaped(browser):
    message = queue("one", subject="Ends <b>soon</b>", about="engagement:7")

    text = browser("BD").get(f"/outbox/{message.pk}/").content.decode()

    assert ("Ends &lt;b&gt;soon&lt;/b&gt;" in text, "<b>soon" in text) == (True, False)
    assert ("The text." in text, 'href="/engagements/7/"' in text) == (True, True)


def test_message_that_is_not_there_is_not_found(browser):
    assert browser("BD").get("/outbox/999/").status_code == 404
