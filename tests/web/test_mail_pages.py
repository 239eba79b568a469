from tests.factories import NOON
from tests.renewals.world import make_term
from tests.web.conftest import queue
from throughline.documents.actions import keep_document
from throughline.mail.actions.echoes import Heard, keep_echo
from throughline.mail.actions.queueing import Attached, Draft, queue_message
from throughline.mail.models import Attachment, Echo, Message, Preference
from throughline.mail.words import EchoKind

PNG = b"\x89PNG\r\n\x1a\nnot more than a beginning"


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


def hear(key, message):
    heard = Heard(
        key, EchoKind.REPLY, (message.message_id,), "rae@example.org", "", "Yes <b>now</b>"
    )
    return keep_echo(heard, by="test", at=NOON)[0]


def test_html_of_a_mail_is_shown_in_a_frame_that_may_load_and_run_nothing(browser):
    message = queue("one")

    framed = browser("BD").get(f"/outbox/{message.pk}/html/")

    assert "<p>The text.</p>" in framed.content.decode()
    assert framed.headers["Content-Security-Policy"] == (
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox"
    )
    assert framed.headers["X-Frame-Options"] == "SAMEORIGIN"


def test_what_came_back_is_listed_escaped_until_somebody_has_seen_to_it(browser):
    echo, client = hear("<a@b.c>", queue("one")), browser("BD")

    text = client.get("/outbox/back/").content.decode()
    assert ("Yes &lt;b&gt;now&lt;/b&gt;" in text, "<b>now" in text) == (True, False)
    assert "Something came back." in client.get("/outbox/").content.decode()

    assert client.post(f"/outbox/back/{echo.pk}/seen/").status_code == 302
    assert Echo.objects.get().seen_by == "bd"
    assert "Nothing came back" in client.get("/outbox/back/").content.decode()


def test_what_came_back_costs_as_many_queries_for_three_as_for_one(
    browser, django_assert_num_queries
):
    client, message = browser("BD"), queue("one")
    hear("1", message)
    with django_assert_num_queries(5):
        client.get("/outbox/back/")
    hear("2", message)
    hear("3", queue("two"))
    with django_assert_num_queries(5):
        assert len(client.get("/outbox/back/").context["page"].object_list) == 3


def test_mail_of_which_nobody_knows_whether_it_went_is_settled_on_its_page(browser):
    message, client = queue("one"), browser("BD")
    address = f"/outbox/{message.pk}/settle/"
    refused = client.post(address, {"what": "arrived"})
    assert (refused.status_code, "nothing is to be settled" in refused.content.decode()) == (
        422,
        True,
    )

    Message.objects.update(state="unsure")
    page = client.get(f"/outbox/{message.pk}/").content.decode()
    assert ("Nobody knows whether it went." in page, "It has arrived" in page) == (True, True)
    client.post(address, {"what": "arrived"})
    assert Message.objects.get().state == "sent"


def test_preview_shows_a_mail_with_real_facts_and_says_what_is_known_only_later(browser):
    engagement, client = make_term("2027-06-30", name="Coral <i>"), browser("BD")
    query = f"?code=end_date_changed&engagement={engagement.number}"

    text = client.get(f"/outbox/preview/{query}").content.decode()

    assert "The agreement &quot;Coral &lt;i&gt;&quot;" in text
    assert "Known only when it is sent: old_end_on." in text
    framed = client.get(f"/outbox/preview/html/{query}").content.decode()
    assert "&quot;Coral &lt;i&gt;&quot;" in framed
    assert Message.objects.count() == 0


def test_preview_for_an_engagement_that_is_not_there_says_so(browser):
    answer = browser("BD").get("/outbox/preview/?code=expiring&engagement=4711")

    assert answer.status_code == 422
    assert "4711" in answer.content.decode()


def test_person_chooses_how_they_are_told_and_a_contradiction_is_refused(browser):
    client = browser("stranger")
    wanted = {
        "blocked": "digest", "news": "none", "digest_at": "09:30", "quiet_from": "20:00",
        "quiet_until": "08:00", "zone": "Europe/Berlin",
    }  # fmt: skip

    assert client.post("/preferences/", wanted).status_code == 302
    kept = Preference.objects.get()
    assert (kept.blocked, kept.news, kept.zone, kept.weekdays_only) == (
        "digest", "none", "Europe/Berlin", False,
    )  # fmt: skip

    refused = client.post("/preferences/", wanted | {"digest_at": "07:00"})
    assert refused.status_code == 422
    assert "The digest would go out in the quiet hours." in refused.content.decode()
    assert Preference.objects.get().digest_at == kept.digest_at


def test_picture_of_a_mail_is_shown_to_those_who_see_money_alone(browser, settings, tmp_path):
    settings.HOME = tmp_path
    drawn = keep_document(PNG, name="months.png", by="worker", at=NOON)
    draft = Draft(
        "k", ("bo@example.org",), "S", "T", "about",
        attachments=(Attached(drawn.sha256, "months.png", "April: 100.00 USD"),),
    )  # fmt: skip
    message = queue_message(draft, by="worker", at=NOON)[0]

    seen, hidden = (browser(hat).get(f"/outbox/{message.pk}/html/") for hat in ("BD", "PS"))

    assert b'src="data:image/png;base64,' in seen.content
    assert "img-src data:" in seen["Content-Security-Policy"]
    assert (b"data:" in hidden.content, b"100.00" in hidden.content) == (False, False)


def test_mail_whose_file_went_with_an_erased_person_still_says_that_there_was_one(browser):
    message = queue("pack")
    Attachment.objects.create(message=message, document=None, name="pack.pdf", alt="")
    Attachment.objects.create(message=message, document=None, name="months.png", alt="April")
    client = browser("Admin")

    page = client.get(f"/outbox/{message.pk}/").content.decode()
    html = client.get(f"/outbox/{message.pk}/html/").content.decode()

    assert page.count("(removed: it named a person who was erased)") == 2
    assert ("pack.pdf" in page, "<img" in html) == (True, False)
