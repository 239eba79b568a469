"""A champion is asked by a link and answers without an account; silence is no answer."""

import re
from datetime import timedelta

import pytest

from tests.factories import BD, NOON, PS, make_deliverable, make_engagement, make_person
from throughline.communities.queries import roles_by_subject
from throughline.delivery.actions.champions import (
    answer_question,
    ask_champion,
    open_question,
    people_to_ask,
    remind_champions,
)
from throughline.delivery.actions.deliverables import (
    mark_done,
    return_deliverable,
    verify_deliverable,
)
from throughline.delivery.actions.proofs import ProofFile
from throughline.delivery.models import ChampionQuestion, Deliverable, Verdict
from throughline.delivery.verdicts import champion_of, is_without_confirmation
from throughline.delivery.words import ChampionAnswer
from throughline.journal.models import Entry
from throughline.kernel.errors import Refused
from throughline.mail.models import Message
from throughline.people.gates import NotEntitled
from throughline.people.words import RoleName

pytestmark = pytest.mark.django_db

YES, NOT_YET = ChampionAnswer.YES, ChampionAnswer.NOT_YET


@pytest.fixture
def deliverable(db):
    promised = make_deliverable(make_engagement())
    return mark_done(promised.pk, evidence="It answers.", link="", by=PS, at=NOON)


@pytest.fixture
def ask(deliverable, playbook):
    def asking(*, by=BD, at=NOON, **more):
        return ask_champion(deliverable.pk, playbook=playbook, by=by, at=at, **more)

    return asking


def token():
    """Return what the newest letter carries."""
    text = Message.objects.filter(key__startswith="champion_").latest("pk").text
    return re.search(r"/s/champion/([0-9a-f]+)/", text)[1]


def askable(engagement, playbook):
    return people_to_ask([engagement], playbook=playbook, at=NOON)[engagement.number]


def later(days):
    return NOON + timedelta(days=days)


def fresh(deliverable):
    return Deliverable.objects.get(pk=deliverable.pk)


def test_a_champion_gets_a_letter_with_what_was_promised_and_a_link(ask, deliverable, playbook):
    question = ask(text="Does the login work for your students?")

    [letter] = Message.objects.filter(key__startswith="champion_")
    assert letter.to == [question.email]
    assert "Does the login work for your students?" in letter.text
    assert f'"{deliverable.title}"' in letter.text
    assert "we do not take that for a yes" in letter.text
    assert open_question(token(), at=NOON) == question
    assert champion_of(fresh(deliverable)) == "waiting"


def test_champions_come_before_representatives(deliverable, playbook):
    engagement = deliverable.project.engagement
    roles = roles_by_subject([engagement.deal.subject], on=NOON.date())[engagement.deal.subject]
    champions = {one.contact for one in roles if one.role == "champion"}

    assert askable(engagement, playbook)[0] in champions


def test_a_yes_is_evidence_and_no_verdict(ask, deliverable):
    question = ask()

    answer_question(token(), answer=YES, text="", at=later(1))

    [word] = fresh(deliverable).evidence.filter(kind="champion")
    assert (word.state, word.text, word.by, word.at) == (
        "found", "This is what we needed", question.name, later(1),
    )  # fmt: skip
    assert fresh(deliverable).state == "done"
    assert champion_of(fresh(deliverable)) == "yes"


def test_not_yet_needs_what_is_missing(ask, deliverable):
    ask()

    with pytest.raises(Refused, match="What is missing"):
        answer_question(token(), answer=NOT_YET, text=" ", at=NOON)
    answer_question(token(), answer=NOT_YET, text="The login fails.", at=NOON)

    [word] = fresh(deliverable).evidence.filter(kind="champion")
    assert (word.state, word.text) == ("absent", "The login fails.")


def test_after_not_yet_bd_verifies_only_with_a_reason(ask, deliverable):
    ask()
    answer_question(token(), answer=NOT_YET, text="The login fails.", at=NOON)

    with pytest.raises(Refused, match="not what they needed yet"):
        verify_deliverable(deliverable.pk, by=BD, at=later(1))
    verify_deliverable(deliverable.pk, why="The login is theirs.", by=BD, at=later(1))

    [verdict] = Verdict.objects.all()
    assert (verdict.state, verdict.champion, verdict.why) == (
        "verified", "not_yet", "The login is theirs.",
    )  # fmt: skip


def test_an_answer_counts_once(ask):
    ask()
    answer_question(token(), answer=YES, text="", at=NOON)

    with pytest.raises(Refused, match="You answered on"):
        answer_question(token(), answer=NOT_YET, text="No.", at=later(1))


def test_waiting_is_no_answer(ask):
    ask()

    for silence in (ChampionAnswer.WAITING, ChampionAnswer.SILENT, ChampionAnswer.NOT_ASKED):
        with pytest.raises(Refused, match="What do you say"):
            answer_question(token(), answer=silence, text="x", at=NOON)


def test_reminders_come_with_a_new_link_each_and_end(ask, playbook):
    ask()
    tokens = [token()]
    counts = []
    for day in range(1, 40):
        counts.append(len(remind_champions(playbook=playbook, by="worker", at=later(day))))
        tokens.append(token())

    assert [day for day, count in enumerate(counts, 1) if count] == [7, 14]
    first, second, third = dict.fromkeys(tokens)
    for closed in (first, second):
        with pytest.raises(Refused, match="revoked"):
            open_question(closed, at=later(15))
    assert open_question(third, at=later(15)).round == 2


def test_a_second_sweep_at_the_same_instant_reminds_nobody_again(ask, playbook):
    ask()

    counts = [len(remind_champions(playbook=playbook, by="w", at=later(8))) for _ in range(2)]

    assert counts == [1, 0]


def test_silence_is_not_acceptance_and_the_verdict_says_that_bd_was_alone(
    ask, deliverable, playbook
):
    ask()
    for day in range(1, 60):
        remind_champions(playbook=playbook, by="worker", at=later(day))

    assert fresh(deliverable).state == "done"
    verify_deliverable(deliverable.pk, by=BD, at=later(60))
    [verdict] = Verdict.objects.all()
    assert (verdict.champion, is_without_confirmation(verdict)) == ("waiting", True)
    assert ChampionQuestion.objects.get().answer == "silent"


def test_a_verdict_closes_the_link_and_ends_reminders(ask, deliverable, playbook):
    ask()
    verify_deliverable(deliverable.pk, by=BD, at=later(1))

    with pytest.raises(Refused, match="revoked"):
        answer_question(token(), answer=YES, text="", at=later(2))
    assert remind_champions(playbook=playbook, by="worker", at=later(30)) == []


def test_an_answer_to_work_that_came_back_says_nothing_of_the_next(ask, deliverable):
    ask()
    answer_question(token(), answer=YES, text="", at=NOON)
    return_deliverable(deliverable.pk, why="The alert is off.", by=BD, at=later(1))
    mark_done(deliverable.pk, evidence="On.", link="", by=PS, at=later(2))

    assert champion_of(fresh(deliverable)) == "not_asked"


def test_asking_again_closes_the_first_question(ask, deliverable):
    ask()
    first = token()
    ask(at=later(1))

    assert [one.answer for one in ChampionQuestion.objects.all()] == ["silent", "waiting"]
    with pytest.raises(Refused, match="revoked"):
        open_question(first, at=later(1))


def test_only_bd_asks(ask):
    make_person("pia", RoleName.PS)

    with pytest.raises(NotEntitled):
        ask(by="pia")


def test_who_has_an_account_here_is_not_asked_as_an_outsider(ask, deliverable, playbook):
    contact = askable(deliverable.project.engagement, playbook)[0]
    person = make_person("inside", RoleName.BD)
    person.email = contact.email
    person.save(update_fields=["email"])

    with pytest.raises(Refused, match="has an account here"):
        ask()


def test_somebody_else_is_refused_with_who_can_be_asked(ask, deliverable, playbook):
    contact = askable(deliverable.project.engagement, playbook)[0]

    with pytest.raises(Refused) as refused:
        ask(of="nobody@example.org")
    assert contact.full_name in refused.value.remedy


def test_what_is_not_done_is_not_asked_about(playbook):
    promised = make_deliverable(make_engagement())

    with pytest.raises(Refused, match="does not wait for a verdict"):
        ask_champion(promised.pk, playbook=playbook, by=BD, at=NOON)


def test_the_journal_tells_each_step(ask, deliverable, playbook):
    ask()
    remind_champions(playbook=playbook, by="worker", at=later(8))
    answer_question(token(), answer=YES, text="", at=later(9))

    acts = Entry.objects.about(deliverable).filter(act__startswith="delivery.champion.")
    assert list(acts.order_by("pk").values_list("act", flat=True)) == [
        "delivery.champion.asked", "delivery.champion.reminded", "delivery.champion.answered",
    ]  # fmt: skip


@pytest.mark.both_databases
def test_two_workers_at_once_send_one_reminder(committed_db, at_once, playbook):
    promised = make_deliverable(make_engagement())
    mark_done(promised.pk, evidence="It answers.", link="", by=PS, at=NOON)
    ask_champion(promised.pk, playbook=playbook, by=BD, at=NOON)

    def work():
        return len(remind_champions(playbook=playbook, by="worker", at=later(8)))

    assert sorted(at_once(work, work)) == [0, 1]
    assert Message.objects.filter(key__startswith="champion_reminded").count() == 1


@pytest.mark.both_databases
def test_two_answers_at_once_are_one(committed_db, at_once, playbook):
    promised = make_deliverable(make_engagement())
    mark_done(promised.pk, evidence="It answers.", link="", by=PS, at=NOON)
    ask_champion(promised.pk, playbook=playbook, by=BD, at=NOON)
    opened = token()

    def say(answer):
        return lambda: answer_question(opened, answer=answer, text="So it is.", at=later(1))

    said = at_once(say(YES), say(NOT_YET))

    assert sorted(isinstance(one, Refused) for one in said) == [False, True]
    assert Deliverable.objects.get().evidence.filter(kind="champion").count() == 1


def test_champion_can_send_a_file_with_the_answer(ask, deliverable, tmp_path, settings):
    settings.HOME = tmp_path
    asked = ask()
    shown = ProofFile(b"\x89PNG\r\n\x1a\n", "error.png")

    with pytest.raises(Refused, match="is no file that shows something"):
        answer_question(token(), answer=YES, text="", file=ProofFile(b"<p>", "page.html"), at=NOON)
    answer_question(token(), answer=NOT_YET, text="See.", file=shown, at=NOON)

    [said] = deliverable.evidence.filter(kind="champion")
    assert (said.document.name, said.document.added_by, said.state) == (
        "error.png", asked.name, "absent",
    )  # fmt: skip
