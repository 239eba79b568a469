"""Taking down what ran: line by line, the community's word first, and what is kept."""

from decimal import Decimal

import pytest

from tests.factories import BD, LEAD, PS, make_cluster, make_person
from tests.renewals.endings import make_people, make_running
from tests.renewals.world import day, make_representative, nine, run
from throughline.infrastructure.models import Hub
from throughline.kernel.errors import Refused
from throughline.mail.models import Message
from throughline.people.gates import NotEntitled
from throughline.people.models import SignedLink
from throughline.people.words import RoleName
from throughline.playbook.loader import shipped
from throughline.renewals.actions_courses import end_engagement, withdraw_course
from throughline.renewals.actions_data import (
    data_reminders_on,
    data_token,
    remind_about_data,
)
from throughline.renewals.actions_offboarding import (
    NoSuchOffboarding,
    Said,
    answer_data_question,
    ask_about_data,
    finish_step,
)
from throughline.renewals.jobs import about_data
from throughline.renewals.models import DataQuestion, Offboarding, OffboardingStep
from throughline.renewals.offboarding import check_list_of

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def ending():
    """Return an engagement of which it is decided that it ends on 30 June 2026."""
    make_people()
    make_person("sol", RoleName.SPONSOR)
    engagement = make_running()
    make_representative(engagement, "rae@example.org")
    end_engagement(engagement.number, why="No money.", by=BD, at=nine("2026-05-01"))
    return engagement


def lines(engagement, on="2026-07-01"):
    found = check_list_of(engagement.number, on=day(on), playbook=shipped())
    return {one.code.value: one for one in found.lines}


def done(engagement, code, *, by=PS, on="2026-07-01", **said):
    wanted = {"note": "Done."} | said
    return finish_step(
        engagement.number, code, Said(**wanted), playbook=shipped(), by=by, at=nine(on)
    )


def ask(engagement, on="2026-06-16", *, of=""):
    return ask_about_data(engagement.number, of=of, playbook=shipped(), by=BD, at=nine(on))


def answer(question, said, text="", on="2026-06-20"):
    return answer_data_question(data_token(question), answer=said, text=text, at=nine(on))


def test_the_ladders_mails_tell_the_representatives_and_the_list_sees_it(ending):
    assert lines(ending)["told"].is_done is False

    run("2026-06-16")
    assert lines(ending)["told"].how == "14 days before: mail of 2026-06-16"
    run("2026-06-28")
    assert lines(ending)["told"].how == (
        "14 days before: mail of 2026-06-16; 2 days before: mail of 2026-06-28"
    )


def test_a_hub_is_not_deleted_before_its_data_are_settled_nor_a_cluster_before_its_hub(ending):
    with pytest.raises(Refused) as hub:
        done(ending, "hubs")
    with pytest.raises(Refused) as cluster:
        done(ending, "clusters")

    assert hub.value.message == (
        "“The hub is deleted” waits for “The data are migrated, or may be deleted”."
    )
    assert cluster.value.message.endswith("waits for “The hub is deleted”.")
    answer(ask(ending), "saved")
    done(ending, "hubs")
    done(ending, "clusters")
    assert lines(ending)["clusters"].is_done


def test_silence_is_no_yes_and_not_yet_is_none_either(ending):
    question = ask(ending)

    assert lines(ending, "2026-08-30")["data"].how == (
        "Rae Rep was asked on 2026-06-16; silence is no yes."
    )
    with pytest.raises(Refused) as bare:
        answer(question, "not_yet")
    answer(question, "not_yet", "We need a week.")
    line = lines(ending)["data"]
    assert bare.value.message == "What is missing?"
    assert (line.is_done, line.how, line.ball) == (False, "Rae Rep: not yet. We need a week.", "PS")
    with pytest.raises(Refused) as again:
        answer(question, "saved")
    assert again.value.message == "You answered on 20 June 2026."


def test_the_letter_names_what_is_taken_down_and_a_new_one_closes_the_old(ending):
    first = ask(ending)
    letter = Message.objects.get(key=f"data_asked:{first.pk}")
    second = ask(ending, "2026-06-28")

    assert letter.to == ["rae@example.org"]
    assert "- tide/prod\n" in letter.text
    assert f"/s/data/{data_token(first)}/" in letter.text
    with pytest.raises(Refused) as closed:
        answer(first, "saved")
    assert closed.value.message == "This link was revoked."
    assert SignedLink.objects.get(pk=second.link_id).expires_at == nine("2026-08-12")
    answer(second, "saved", on="2026-06-29")
    assert lines(ending)["data"].by == "Rae Rep, 2026-06-29"


def reminded(on):
    return len(remind_about_data(playbook=shipped(), by="worker", at=nine(on)))


def test_an_unanswered_question_is_reminded_of_once_an_interval_and_silence_stays_no_yes(ending):
    question = ask(ending)

    counts = [reminded(f"2026-{on}") for on in ("06-22", "06-23", "06-23", "06-29", "06-30")]
    late = [reminded("2026-07-07"), reminded("2026-12-31")]
    question.refresh_from_db()

    assert (counts, late) == ([0, 1, 0, 0, 1], [0, 0])
    letters = Message.objects.filter(key__startswith="data_reminded").order_by("pk")
    assert [one.key for one in letters] == [f"data_reminded:{question.pk}:{n}" for n in (1, 2)]
    assert f"/s/data/{data_token(question)}/" in letters[1].text
    assert lines(ending)["data"].is_done is False
    answer(question, "saved", on="2026-07-01")  # by the newest link; the older ones are closed
    assert lines(ending)["data"].is_done is True


def test_who_answers_or_is_not_asked_any_more_is_reminded_of_nothing(ending):
    answer(ask(ending), "not_yet", "A week more.")
    assert reminded("2026-07-30") == 0
    ask(ending, "2026-08-01")
    withdraw_course(ending.number, why="Money.", playbook=shipped(), by=BD, at=nine("2026-08-02"))

    assert reminded("2026-09-01") == 0


def test_a_reminder_is_rehearsed_for_its_day_and_for_no_other(ending):
    ask(ending)
    days = ("2026-06-22", "2026-06-23", "2026-06-24")

    found = [data_reminders_on(day(on), today=day("2026-06-16"), playbook=shipped()) for on in days]
    late = data_reminders_on(day("2026-07-20"), today=day("2026-07-20"), playbook=shipped())

    assert [len(one) for one in found] == [0, 1, 0]
    assert [one.subject for one in about_data(late, playbook=shipped())] == [
        f"A reminder: are your data safe? {ending.deal.name}"
    ]


def test_only_somebody_of_the_community_without_an_account_is_asked(ending):
    with pytest.raises(Refused) as strange:
        ask(ending, of="who@example.org")
    make_person("rae", RoleName.BD).__class__.objects.filter(username="rae").update(
        email="rae@example.org"
    )
    with pytest.raises(Refused) as colleague:
        ask(ending)

    assert strange.value.remedy == "Choose one of Rae Rep <rae@example.org>."
    assert colleague.value.message == "Rae Rep has an account here."
    assert DataQuestion.objects.count() == 0


def test_each_line_is_said_by_those_whose_it_is_and_once(ending):
    for code, by in (("hubs", BD), ("account", LEAD), ("costs", PS)):
        with pytest.raises(NotEntitled):
            done(ending, code, by=by)
    done(ending, "data", note="Written down in the issue.", by=BD)
    with pytest.raises(Refused) as twice:
        done(ending, "data", by=BD)

    assert twice.value.message.endswith("is done: Written down in the issue..")
    assert OffboardingStep.objects.count() == 1


def test_the_final_numbers_are_recorded_or_it_is_said_why_not(ending):
    with pytest.raises(Refused) as bare:
        done(ending, "numbers", note="", final_cost=Decimal("12.50"))
    done(ending, "numbers", note="Nobody counted.", final_cost=Decimal("12.50"))

    kept = Offboarding.objects.get()
    assert bare.value.message == "Which numbers are they?"
    assert (kept.final_cost, kept.final_currency, kept.final_users) == (
        Decimal("12.50"), "USD", None,
    )  # fmt: skip
    assert lines(ending)["numbers"].how == (
        "Cost recorded, active users unknown (Nobody counted.)"
    )  # and no amount: not everybody may see money


def test_what_is_kept_is_kept_for_a_year_after_the_end(ending):
    with pytest.raises(Refused) as none:
        done(ending, "kept")
    with pytest.raises(Refused) as early:
        done(ending, "kept", until_on=day("2027-06-29"))
    done(ending, "kept", note="Billing and tickets.", until_on=day("2027-06-30"))

    assert none.value.message == "Until when is it kept?"
    assert early.value.remedy == "Name 2027-06-30 or a later day."
    assert lines(ending)["kept"].how == "Billing and tickets.; until 2027-06-30"


def test_the_list_says_whether_the_files_still_describe_the_hub(ending):
    assert lines(ending)["hubs"].how == "tide/prod is in the files."
    Hub.objects.all().delete()
    assert lines(ending)["hubs"].how == "The files describe it no more: say when it was deleted."


def test_nothing_is_said_of_what_is_not_taken_down(ending):
    withdraw_course(
        ending.number, why="They stay.", playbook=shipped(), by=BD, at=nine("2026-05-02")
    )

    with pytest.raises(NoSuchOffboarding):
        done(ending, "data")
    assert check_list_of(ending.number, on=day("2026-07-01"), playbook=shipped()) is None


def test_the_whole_list_done_is_over(ending):
    make_cluster("other", hubs={})
    run("2026-06-16")
    answer(ask(ending), "saved")
    done(ending, "numbers", note="", final_cost=Decimal(0), final_users=0)
    for code in ("hubs", "clusters", "account"):
        done(ending, code)
    done(ending, "kept", until_on=day("2028-01-01"))
    done(ending, "costs", by="sol")

    found = check_list_of(ending.number, on=day("2026-07-01"), playbook=shipped())
    assert (found.is_over, found.next) == (True, None)
