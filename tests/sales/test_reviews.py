"""BD asks PS; PS accepts, answers, declines, hands on. Four eyes, and answers go stale."""

from datetime import date, timedelta

import pytest

from tests.factories import (
    BD,
    NOON,
    PS,
    TODAY,
    gate_of,
    make_deal,
    make_person,
    make_statement,
    tell,
)
from throughline.intake.jobs import rehearse_day, run_instant
from throughline.journal.models import Entry
from throughline.kernel.errors import Refused
from throughline.people.gates import NotEntitled
from throughline.people.words import RoleName
from throughline.sales.actions.reviews import (
    Request,
    Spoken,
    accept_review,
    answer_review,
    ask_review,
    comment_review,
    decline_review,
    hand_on_review,
    record_spoken,
    skip_review,
)
from throughline.sales.models import Review, ReviewNote
from throughline.sales.reviews import overdue_reviews, reviews_in

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(days=1)


@pytest.fixture
def ask(playbook):
    def _ask(deal, question="Two hubs by May?", *, by=BD, at=NOON, **fields):
        request = Request(question, **fields)
        return ask_review(deal.pk, request, playbook=playbook, by=by, at=at)

    return _ask


@pytest.fixture
def answer(playbook):
    def _answer(review, text="Yes.", *, by=PS, at=LATER, link=""):
        return answer_review(review.pk, text, playbook=playbook, by=by, at=at, link=link)

    return _answer


@pytest.fixture
def say(playbook):
    def _say(deal, *, by, **fields):
        told = {"answer": "Yes.", "asked_by": BD, "answered_by": PS, "on": TODAY,
                "attended": "ada, pia, Bo Buyer"}  # fmt: skip
        spoken = Spoken(Request("Two hubs?", "call"), **told | fields)
        return record_spoken(deal.pk, spoken, playbook=playbook, by=by, at=NOON)

    return _say


def condition(deal, *, at=NOON):
    return next(
        (one.status.value, one.message, one.remedy)
        for one in gate_of(deal, "negotiation", at=at).conditions
        if one.code == "ps.reviewed"
    )


def acts(deal):
    return [one.act for one in Entry.objects.about(deal).order_by("pk")]


def test_asking_gives_ps_the_days_of_the_playbook_and_the_ball(ask, playbook):
    review = ask(make_deal(), "  Two hubs by May? ", kind="estimate")

    due = TODAY + timedelta(days=playbook.periods.review_due_days)
    assert (review.question, review.kind, review.needed_by) == ("Two hubs by May?", "estimate", due)
    assert (review.state, review.ball, review.ball_since) == ("asked", "PS", NOON)


@pytest.mark.parametrize(
    ("question", "fields", "message"),
    [
        (" ", {}, "Nothing is asked."),
        ("?", {"kind": "gossip"}, "PS cannot be asked for 'gossip'."),
        ("?", {"kind": "not_needed"}, "PS cannot be asked for 'not_needed'."),
        ("?", {"needed_by": date(2026, 3, 1)}, "2026-03-01 is over."),
    ],
)
def test_asking_without_what_it_needs_is_refused(ask, question, fields, message):
    with pytest.raises(Refused) as refused:
        ask(make_deal(), question, **fields)

    assert (refused.value.message, Review.objects.count()) == (message, 0)


def test_accepted_review_is_with_the_person_and_answered_by_them_is_met(ask, answer):
    deal = make_deal()
    review = accept_review(ask(deal).pk, by=PS, at=LATER)
    assert (review.state, review.ball, review.ball_since) == ("accepted", PS, LATER)
    assert condition(deal) == (
        "unmet", "PS has not answered yet: Two hubs by May? (asked by ada; pia has it).",
        "pia answers it.",
    )  # fmt: skip

    review = answer(review, link="https://github.com/2i2c-org/x/issues/1")

    assert condition(deal) == ("met", "pia answered ada.", "")
    assert (review.ball, review.answer_link) == (BD, "https://github.com/2i2c-org/x/issues/1")
    assert acts(deal) == ["sales.review.asked", "sales.review.accepted", "sales.review.answered"]


def test_review_accepted_by_one_is_not_taken_by_another(ask):
    review = ask(make_deal())
    accept_review(review.pk, by=PS, at=NOON)

    assert accept_review(review.pk, by="Pia", at=LATER).accepted_at == NOON
    with pytest.raises(Refused) as refused:
        accept_review(review.pk, by="pam", at=LATER)
    assert refused.value.message == "pia has accepted this already."


def test_review_handed_on_is_with_the_other_who_has_not_accepted_it(ask):
    deal = make_deal()
    review = accept_review(ask(deal).pk, by=PS, at=NOON)

    review = hand_on_review(review.pk, "pam", by=PS, at=LATER)

    assert (review.ball, review.ball_since, review.state) == ("pam", LATER, "asked")
    assert condition(deal)[2] == "pam accepts or answers it."


@pytest.mark.parametrize(
    ("to", "message"),
    [
        ("", "Nobody is named."),
        ("Ada", "A review needs two persons, and ada did the first part."),
        ("bea", "bea may not answer for PS."),
    ],
)
def test_review_is_handed_on_only_to_another_of_ps(ask, to, message):
    make_person("bea", RoleName.BD)

    with pytest.raises(Refused) as refused:
        hand_on_review(ask(make_deal()).pk, to, by=PS, at=LATER)

    assert refused.value.message == message


@pytest.mark.parametrize("step", ["accept", "answer", "decline", "hand_on"])
def test_person_with_both_hats_does_not_settle_their_own_question(ask, playbook, step):
    make_person("max", RoleName.BD, RoleName.PS)
    review = ask(make_deal(), by="max")
    steps = {
        "accept": lambda: accept_review(review.pk, by="max", at=LATER),
        "answer": lambda: answer_review(review.pk, "Yes.", playbook=playbook, by="max", at=LATER),
        "decline": lambda: decline_review(review.pk, "No.", by="max", at=LATER),
        "hand_on": lambda: hand_on_review(review.pk, "pia", by="max", at=LATER),
    }

    with pytest.raises(NotEntitled, match="A review needs two persons"):
        steps[step]()

    assert Review.objects.get().state == "asked"


def test_declined_review_is_unmet_until_bd_asks_anew_or_says_why_not(ask, answer):
    deal = make_deal()
    review = decline_review(ask(deal).pk, "It says nothing of GPUs.", by=PS, at=LATER)
    refused = (
        "unmet", "pia declined: It says nothing of GPUs.",
        "Ask again in another way, or write down why no input is needed.",
    )  # fmt: skip
    assert (condition(deal), review.ball) == (refused, BD)

    again = ask(deal, "Two hubs with GPUs?", at=LATER + timedelta(hours=1))
    assert condition(deal)[0] == "unmet"
    answer(again, at=LATER + timedelta(hours=2))

    assert condition(deal)[0] == "met"


def test_declined_review_stands_though_another_asked_before_was_answered(ask, answer):
    deal = make_deal()
    first, second = ask(deal, "First?"), ask(deal, "Second?")
    decline_review(second.pk, "Too vague.", by=PS, at=LATER)
    answer(first, at=LATER + timedelta(hours=1))
    assert condition(deal)[:2] == ("unmet", "pia declined: Too vague.")

    skip_review(deal.pk, "Settled with the first.", by=BD, at=LATER + timedelta(hours=2))

    assert condition(deal)[0] == "met"


def test_settled_review_is_not_settled_again(ask, answer):
    review = ask(make_deal())
    answer(review)

    for step in (
        lambda: answer(review, "No.", by="pam"),
        lambda: decline_review(review.pk, "No.", by="pam", at=LATER),
        lambda: accept_review(review.pk, by="pam", at=LATER),
    ):
        with pytest.raises(Refused) as refused:
            step()
        assert refused.value.message == "pia has answered this already."


def test_answer_goes_stale_with_a_newer_statement_and_says_so(ask, answer):
    deal = make_deal()
    make_statement(deal, "Hub")
    answer(ask(deal))
    assert condition(deal)[0] == "met"

    make_statement(deal, "Hub", "Training")

    assert condition(deal) == (
        "stale", "Since pia answered, the statement of work (version 1, now version 2) changed.",
        "Ask PS whether the answer still holds.",
    )  # fmt: skip


def test_answer_goes_stale_with_other_dates_and_holds_with_a_tier_chosen_since(ask, answer):
    deal = make_deal()
    answer(ask(deal))
    tell(deal, "service.tier", tier="premier")
    assert condition(deal)[0] == "met"

    tell(deal, "dates.agreed", start_on="2026-04-01", end_on="2027-03-31")

    said = (
        "Since pia answered, the start (unknown, now 2026-04-01), the end (unknown, now"
        " 2027-03-31) changed."
    )
    assert condition(deal)[:2] == ("stale", said)


def test_answer_that_was_kept_before_bases_were_is_not_stale():
    deal = make_deal()
    Review.objects.create(deal=deal, kind="input", question="?", asked_by=BD, asked_at=NOON,
                          answer="Yes.", answered_by=PS, answered_at=NOON)  # fmt: skip
    make_statement(deal, "Hub")

    assert condition(deal)[0] == "met"


def test_said_orally_and_written_down_by_ps_counts_and_is_marked(say):
    deal = make_deal()
    review = say(deal, by=PS)

    assert (review.spoken_on, review.attended) == (TODAY, "ada, pia, Bo Buyer")
    assert condition(deal) == ("met", "pia answered ada, orally on 2026-03-02.", "")


def test_said_orally_and_written_down_by_bd_waits_for_ps_to_confirm(say, answer):
    deal = make_deal()
    review = say(deal, by=BD)
    assert condition(deal) == (
        "unmet", "pia is said to have answered on 2026-03-02: Yes.", "pia confirms it.",
    )  # fmt: skip
    with pytest.raises(NotEntitled):
        answer(review, "", by=BD)
    with pytest.raises(Refused, match="pia is said to have answered"):
        answer(review, "", by="pam")

    answer(review, "", by=PS)

    assert condition(deal)[0] == "met"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"attended": " "}, "It does not say who was there."),
        ({"answer": ""}, "It does not say what was answered."),
        ({"on": TODAY + timedelta(days=1)}, "2026-03-03 is still to come."),
        ({"answered_by": "ADA"}, "A review needs two persons, and ada did the first part."),
        ({"by": "eve"}, "eve neither asked nor answered."),
        ({"link": "slack"}, "'slack' is no link."),
    ],
)
def test_said_orally_without_what_it_needs_is_refused(say, fields, message):
    with pytest.raises(Refused) as refused:
        say(make_deal(), **{"by": PS} | fields)

    assert (refused.value.message, Review.objects.count()) == (message, 0)


def test_comment_takes_text_or_link_also_when_settled(ask, answer):
    review = ask(make_deal())
    answer(review)
    comment_review(review.pk, "See the thread.", by=BD, at=LATER, link="https://slack.com/x")

    assert list(ReviewNote.objects.values_list("text", "link")) == [
        ("See the thread.", "https://slack.com/x")
    ]
    for text, link in (("", ""), ("", "javascript:alert(1)"), ("", "ftp://x.org/a")):
        with pytest.raises(Refused):
            comment_review(review.pk, text, by=BD, at=LATER, link=link)


def test_overdue_review_goes_to_the_lead_the_day_after_and_is_an_alert(ask, playbook):
    deal = make_deal(name="Reef hub")
    review = ask(deal, needed_by=TODAY)
    tomorrow = TODAY + timedelta(days=1)

    assert list(overdue_reviews(on=TODAY)) == []
    assert list(overdue_reviews(on=tomorrow)) == [review]
    assert condition(deal, at=LATER)[1].endswith("It was needed by 2026-03-02.")
    brought = run_instant(at=LATER, playbook=playbook, by="worker", holder="test")
    said = (
        "Reef hub: PS was needed by 2026-03-02 and has not answered ada; it is with PS."
        " Lead: settle who answers."
    )
    assert [(one.code, one.message) for one in brought.alerts] == [("review_overdue", said)]
    rehearsed = rehearse_day(on=tomorrow, today=TODAY, playbook=playbook)
    assert [one.code for one in rehearsed.alerts] == ["review_overdue"]


def test_tabs_hold_what_they_say(ask, answer):
    deal = make_deal()
    waits, mine = ask(deal, "1"), accept_review(ask(deal, "2").pk, by="pam", at=NOON)
    answered, declined = answer(ask(deal, "3")), ask(deal, "4")
    decline_review(declined.pk, "No.", by=PS, at=LATER)
    skipped = skip_review(deal.pk, "5", by=BD, at=NOON)

    def tab(name, who="pam"):
        return [one.pk for one in reviews_in(name, who=who, on=TODAY)]

    assert {name: tab(name) for name in ("open", "mine", "answered", "declined", "not_needed")} == {
        "open": [waits.pk, mine.pk], "mine": [mine.pk], "answered": [answered.pk],
        "declined": [declined.pk], "not_needed": [skipped.pk],
    }  # fmt: skip
    assert (len(tab("all")), tab("overdue"), len(tab("mine", BD))) == (5, [], 2)
    with pytest.raises(Refused, match="No reviews are 'x'"):
        tab("x")
