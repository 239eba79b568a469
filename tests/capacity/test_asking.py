"""From a deal and a team to an answer, a hold, a booking."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from tests.capacity.line import END, START, ask, day, make_sold, make_team
from tests.factories import BD, NOON, PS, gate_of, make_cluster, make_deal, move, tell
from throughline.capacity.actions.demand import assign_work
from throughline.capacity.actions.holds import HeldHours, hold_hours
from throughline.capacity.actions.team import ColleagueSeen, keep_team, take_time_off
from throughline.capacity.asking import broken_promises
from throughline.capacity.models import Booking, CapacityAnswer, Hold
from throughline.capacity.queries import demand_of, holds_of, team_on
from throughline.delivery.actions.deliverables import mark_done
from throughline.delivery.actions.engagements import open_engagement
from throughline.delivery.load import refresh_standing_load
from throughline.delivery.models import Deliverable
from throughline.handoff.outcomes.bookings import HoursBooked
from throughline.handoff.plans import outcomes_for
from throughline.handoff.wanted import Doing
from throughline.intake.jobs import rehearse_day, run_instant
from throughline.journal.models import Entry
from throughline.kernel.errors import Refused
from throughline.playbook.loader import shipped
from throughline.sales.actions.importing import DealElsewhere, take_deals
from throughline.sales.queries import facts_of

pytestmark = pytest.mark.django_db

INFRA = ("Ada", "infrastructure_engineer")
LATER = NOON + timedelta(days=40)


@pytest.fixture
def team():
    make_team(INFRA)


def answered(deal, answer="yes", **more):
    tell(deal, "capacity.answered", by=PS, answer=answer, **more)
    return CapacityAnswer.objects.filter(subject=deal.subject).latest("pk")


def capacity_of(deal, at=NOON):
    gate = gate_of(deal, "negotiation", at=at)
    one = next(one for one in gate.conditions if one.code == "capacity.answered")
    return one.status.value, one.message


def held(deal):
    return [(one.role, one.hours, one.kind) for one in holds_of(deal.subject)]


def test_ask_without_people_says_only_if_and_names_every_role():
    found = ask(make_sold("Alpha", 20, "Infra Eng", "App Engineer"))

    assert (found.answer.word, found.only_if) == (
        "only_if",
        ("somebody for App Engineer or Infrastructure Engineer (20 h)",),
    )


def test_ask_gives_the_document_of_the_design(team):
    found = ask(make_sold("Alpha", 20)).as_json()

    assert (found["answer"], found["start_on"], found["expires_on"]) == (
        "yes", START, "2026-04-01",
    )  # fmt: skip
    assert found["limits"] == [
        {
            "role": "Infrastructure Engineer", "role_code": "infrastructure_engineer",
            "week": f"2026-W{week}", "week_on": monday, "used_pct": 50,
        }
        for week, monday in zip(
            ("10", "11", "12", "13"),
            ("2026-03-02", "2026-03-09", "2026-03-16", "2026-03-23"),
            strict=True,
        )
    ]  # fmt: skip
    assert (found["finish_p50_on"], found["finish_p95_on"]) == ("2026-03-13", "2026-03-13")
    assert (found["only_if"], found["pairs"], found["low_h"], found["high_h"]) == ([], [], 20, 20)
    assert found["sentence"] == "Yes – Infrastructure Engineer is the limit (50 % in weeks 10–13)."
    assert (
        found["assumptions"][0] == "Every estimate is counted at its high end: 20 h, of 20 to 20 h."
    )


def test_ask_from_another_day_uses_what_is_left_until_the_end(team):
    found = ask(make_sold("Alpha", 25), start_on=day("2026-03-16"))

    # two weeks of ten hours, and no later start makes them longer
    assert (found.answer.word, found.answer.missing[0].hours) == ("only_if", 5.0)


def test_ask_about_what_has_begun_counts_from_today(team):
    found = ask(make_sold("Alpha", 20, start="2026-02-02"))

    assert (found.answer.word, found.answer.start_on) == ("yes", NOON.date())
    assert "It started on 2026-02-02; what is left of it is counted from today." in (
        found.assumptions
    )


def test_ask_from_after_the_end_is_refused_with_the_line(team):
    with pytest.raises(Refused) as refused:
        ask(make_sold("Alpha", 20), start_on=day("2027-01-01"))

    assert refused.value.message == (
        "Line 1, 'Alpha done': it is due 2026-03-27, before it starts 2027-01-01."
    )


def test_two_deals_that_fit_alone_and_not_together_are_a_pair(team):
    alpha, beta = make_sold("Alpha", 25), make_sold("Beta", 25)

    found = ask(beta)
    found_again = ask(alpha)

    assert (found.answer.word, found_again.answer.word) == ("yes", "yes")
    [pair] = found_again.pairs
    # 50 hours have their place in five weeks of ten
    assert (pair.called.name, pair.is_held, pair.start_on) == ("Beta", False, day("2026-03-09"))
    assert found_again.sentence.endswith("; if Beta also closes, from 9 March.")


def test_two_deals_that_fit_together_are_no_pair(team):
    alpha, beta = make_sold("Alpha", 20), make_sold("Beta", 20)
    ask(alpha)

    assert ask(beta).pairs == ()


def test_deal_that_does_not_fit_alone_makes_no_pair(team):
    make_sold("Alpha", 100)

    assert ask(make_sold("Beta", 20)).pairs == ()


def test_soft_hold_counts_for_others_and_its_deal_is_shown(team):
    alpha, beta = make_sold("Alpha", 25), make_sold("Beta", 25)
    answered(alpha)

    found = ask(beta)

    assert (found.answer.word, found.answer.start_on) == ("yes_from", day("2026-03-09"))
    assert [(one.called.name, one.is_held) for one in found.pairs] == [("Alpha", True)]
    assert ask(alpha).answer.word == "yes"  # what is held for a deal does not stand in its own way


def test_answer_holds_the_hours_softly_and_says_how_it_was_given(team):
    alpha = make_sold("Alpha", 25, low_h=5)

    one = answered(alpha, note="go")

    assert held(alpha) == [("infrastructure_engineer", 25, "soft")]
    [row] = holds_of(alpha.subject)
    assert (row.title, row.from_on, row.to_on, row.expires_on) == (
        "Alpha done", day(START), day(END), day("2026-04-01"),
    )  # fmt: skip
    assert (one.how, one.note, one.proposed["answer"]) == ("confirmed", "go", "yes")


@pytest.mark.parametrize(
    ("answer", "how", "hours"),
    [
        ({"answer": "yes_from", "start_on": "2026-03-16"}, "countered", 25),
        ({"answer": "only_if", "only_if": ["Bo helps"]}, "countered", 25),
        ({"answer": "no"}, "refused", None),
    ],
)
def test_answer_that_differs_from_the_computed_one_is_a_counter_offer_or_refusal(
    team, answer, how, hours
):
    alpha = make_sold("Alpha", 25)

    assert answered(alpha, **answer).how == how
    assert [one[1] for one in held(alpha)] == ([hours] if hours else [])


def test_answer_from_a_later_day_holds_the_hours_later(team):
    alpha = make_sold("Alpha", 25)
    answered(alpha, answer="yes_from", start_on="2026-03-11")

    [row] = holds_of(alpha.subject)

    assert (row.from_on, row.to_on) == (day("2026-03-16"), day("2026-04-10"))


def test_answer_is_split_over_roles_as_the_programme_gave_the_work_out():
    make_team(INFRA, ("Bo", "app_engineer"))
    first = make_sold("First", 40)  # all that Ada has
    answered(first)
    alpha = make_sold("Alpha", 25, "Infra Eng", "App Engineer")

    answered(alpha)

    assert held(alpha) == [("app_engineer", 25, "soft")]


def test_answer_tells_the_deals_that_do_not_fit_any_more(team):
    alpha, beta = make_sold("Alpha", 25), make_sold("Beta", 25)
    answered(beta)
    Hold.objects.all().delete()  # it has run out

    one = answered(alpha)

    [affected] = one.affects
    assert (affected["deal"], affected["name"]) == (str(beta.pk), "Beta")
    entry = Entry.objects.get(act="capacity.answer.affected")
    assert (entry.facts["about"], entry.facts["cause"]) == (beta.subject, alpha.subject)


def test_answer_for_work_that_makes_no_sense_is_given_and_holds_nothing(team):
    alpha = make_sold("Alpha", 25, "Wizard")

    one = answered(alpha, assumptions=["magic"])

    assert held(alpha) == []
    said, why = one.assumptions
    assert (said, why) == (
        "magic",
        "No hours are held: Deliverable 1, 'Alpha done': nobody of the team is Wizard. Name one of "
        + ", ".join(role.name for role in shipped().team_roles)
        + ".",
    )


def test_verbal_yes_makes_holds_firm_and_loss_frees_them(team):
    alpha = make_sold("Alpha", 25)
    answered(alpha)
    tell(alpha, "verbal.closed", said_by="Bo", said_on="2026-03-01", version="1")
    assert held(alpha) == [("infrastructure_engineer", 25, "firm")]

    tell(alpha, "lost.reason", reason="no money")
    move(alpha, "closed_lost")

    assert (held(alpha), demand_of(alpha.subject)) == ([], [])


def test_answer_goes_stale_when_somebody_leaves_and_says_who(team):
    alpha = make_sold("Alpha", 25)
    answered(alpha)
    assert capacity_of(alpha)[0] == "met"

    leaver = ColleagueSeen(INFRA[0], INFRA[1:], Decimal(10), Decimal(1), to_on=date(2026, 3, 13))
    keep_team([leaver], by=PS, at=NOON)

    assert capacity_of(alpha) == (
        "stale", "Since pia answered, the team (Ada leaves on 2026-03-13) changed.",
    )  # fmt: skip
    broken = broken_promises(team_on(NOON.date(), playbook=shipped()))
    assert broken == [(alpha.subject, "Alpha done", ("infrastructure_engineer",), 5.0)]


def test_answer_given_before_teams_were_kept_stays_fresh(team):
    alpha = make_sold("Alpha", 25)
    one = answered(alpha)
    CapacityAnswer.objects.filter(pk=one.pk).update(
        basis={name: value for name, value in one.basis.items() if name != "team"}
    )

    assert capacity_of(alpha)[0] == "met"


def test_time_off_takes_hours_from_the_answer(team):
    alpha = make_sold("Alpha", 35)
    before = ask(alpha).answer.word
    days = {"from_on": day("2026-03-02"), "to_on": day("2026-03-06")}
    take_time_off("Ada", reason="", by=PS, at=NOON, **days)

    assert (before, ask(alpha).answer.word) == ("yes", "yes_from")


def test_hubs_that_run_take_hours_whether_their_deal_is_known_or_not(team):
    hubs = {f"hub{number}": ("", "") for number in range(8)}  # 4 h a week
    make_cluster("alone", hubs=hubs)

    found = ask(make_sold("Alpha", 25))

    # four weeks of six hours are 24
    assert (found.answer.word, found.answer.missing[0].hours) == ("only_if", 1.0)
    assert refresh_standing_load(ending={}, playbook=shipped(), by=PS, at=NOON) == 0


def test_deal_without_statement_counts_its_template_as_a_wide_range(team):
    make_team(("Pat", "product"), ("Dee", "delivery"))
    deal = make_deal(owner=BD, tier="essential")
    deal = tell(deal, "dates.agreed", start_on=START, end_on="2027-03-01")

    found = ask(deal)

    titles = {work.title: (work.low_h, work.high_h) for work in found.asked.works}
    assert titles["Managed hub"] == (11.96, 47.84)  # 364 days are 11.96 months, 1 to 4 h each
    assert [work.due_on for work in found.asked.works if work.title == "New hub"] == [
        day("2026-04-27"), day("2026-04-27"),
    ]  # fmt: skip
    said = "There is no statement of work: the template “Essential” counts"
    assert any(text.startswith(said) for text in found.assumptions)


def test_role_that_somebody_chose_is_the_only_one_that_counts():
    make_team(INFRA, ("Bo", "app_engineer"))
    alpha = make_sold("Alpha", 30, "Infra Eng", "App Engineer")
    ask(alpha)

    assign_work(alpha.subject, "1.1", "app_engineer", by=PS, at=NOON)

    assert {one.role for one in ask(alpha).answer.limits} == {"app_engineer"}
    assert ask(alpha).answer.limits[0].used_pct == 75


def test_soft_hold_runs_out_by_the_worker_and_both_sides_are_told(team):
    alpha = make_sold("Alpha", 25)
    answered(alpha)

    day_brings = run_instant(at=LATER, playbook=shipped(), by="worker", holder="test")

    [alert] = [one for one in day_brings.alerts if one.code == "hold_expired"]
    assert alert.message.startswith(
        "Alpha: its soft hold of 25 h (infrastructure_engineer) has run"
    )
    assert held(alpha) == []


def engagement_of(deal):
    """Order a deal past its gates: only its capacity matters here."""
    deal.stage = "closed_won"
    deal.save()
    tell(deal, "agreement.artefact", title="A", signatories=[
        {"party": "CS&S", "name": "Sol"}, {"party": "University", "name": "Uma"},
    ])  # fmt: skip
    tell(deal, "agreement.executed", signed=[
        {"party": "CS&S", "signed_on": "2026-03-02"},
        {"party": "University", "signed_on": "2026-03-02"},
    ])  # fmt: skip
    return open_engagement(deal.pk, playbook=shipped(), by=BD, at=NOON)[0]


def booked_of(engagement, at=NOON):
    facts = facts_of(engagement.deal, on=at.date())
    wanted = outcomes_for(engagement, facts, playbook=shipped())
    return next((one for one in wanted if isinstance(one, HoursBooked)), None)


def test_handoff_books_the_hours_and_says_no_changes_the_second_time(team):
    alpha = make_sold("Alpha", 25, low_h=5)
    answered(alpha)
    engagement = engagement_of(alpha)

    outcome = booked_of(engagement)
    assert (outcome.key, outcome.system, outcome.observe()) == (
        f"capacity.bookings:{alpha.pk}", "capacity", None,
    )  # fmt: skip
    outcome.act(Doing(PS, NOON))

    assert booked_of(engagement, LATER).observe() == booked_of(engagement, LATER).wanted
    [row] = Booking.objects.all()
    assert (row.code, row.hours, row.roles, row.from_on, row.to_on) == (
        "deliverable-1", 25, ["infrastructure_engineer"], day(START), day(END),
    )  # fmt: skip
    assert held(alpha) == []


def test_booking_counts_for_others_and_is_freed_when_its_deliverable_is_done(team):
    alpha, beta = make_sold("Alpha", 25), make_sold("Beta", 25)
    engagement = engagement_of(alpha)
    booked_of(engagement).act(Doing(PS, NOON))
    busy = ask(beta).answer.word
    for one in outcomes_for(
        engagement, facts_of(engagement.deal, on=NOON.date()), playbook=shipped()
    ):
        if one.system == "delivery":
            one.act(Doing(PS, NOON))

    mark_done(
        Deliverable.objects.get(code="deliverable-1").pk, evidence="", link="", by=PS, at=NOON
    )

    assert (busy, ask(beta).answer.word) == ("yes_from", "yes")
    assert booked_of(engagement) is None


def test_what_is_left_of_a_booking_goes_evenly_over_its_days(team):
    alpha, beta = make_sold("Alpha", 40), make_sold("Beta", 20, end="2026-04-10")
    booked_of(engagement_of(alpha)).act(Doing(PS, NOON))

    halfway = NOON + timedelta(days=13)  # a Sunday; 13 of 26 days are gone
    found = team_on(halfway.date(), playbook=shipped())

    assert [(load.hours, load.first, load.last) for load in found.promised] == [(20.0, 0, 2)]
    assert found.pools.hours[0, :3].tolist() == [0.0, 10.0, 10.0]
    # the two weeks that the booking may use are full, and two more are left until 10 April
    assert ask(beta, at=halfway).answer.word == "yes"


def test_smaller_horizon_of_the_playbook_is_kept_to(team):
    capacity = replace(shipped().capacity, horizon_weeks=3)

    found = ask(make_sold("Alpha", 39), playbook=replace(shipped(), capacity=capacity))

    # 21 of 26 days are inside: 31.5 hours for three weeks of ten
    assert (found.answer.word, found.answer.missing[0].hours) == ("only_if", 1.5)


def test_work_that_goes_on_beyond_the_horizon_is_looked_at_up_to_it(team):
    capacity = replace(shipped().capacity, horizon_weeks=2)
    playbook = replace(shipped(), capacity=capacity)

    found = ask(make_sold("Alpha", 26), playbook=playbook)  # 14 of its 26 days are inside

    assert (found.answer.word, found.answer.limits[0].used_pct) == ("yes", 70)
    assert found.answer.finish.p50_on is None
    said = "Only the part of the work until 2026-03-15 is looked at; the rest is not known yet."
    assert found.assumptions.count(said) == 1


def test_start_beyond_the_horizon_is_refused(team):
    with pytest.raises(Refused) as refused:
        ask(make_sold("Alpha", 20, start="2029-01-01", end="2029-02-01"))

    assert refused.value.message == (
        "2029-01-01 lies beyond the 104 weeks that capacity looks ahead."
    )


def test_deal_that_another_system_calls_lost_is_freed(team):
    playbook = shipped()
    there = DealElsewhere("77", "Negotiation", {"name": "Alpha"}, {"stage_name": "a"}, {})
    [deal] = take_deals([there], playbook=playbook, by="import", at=NOON).created
    hold_hours(
        deal.subject,
        [HeldHours("Alpha", "infrastructure_engineer", Decimal(9), day(START), day(END))],
        expires_on=day(END), by=PS, at=NOON,
    )  # fmt: skip
    lost = replace(there, stage_name="Closed Lost", source={"stage_name": "b"})

    take_deals([lost], playbook=playbook, by="import", at=NOON)

    assert held(deal) == []


def test_rehearsal_says_which_hold_a_day_would_free_and_frees_nothing(team):
    alpha = make_sold("Alpha", 25)
    answered(alpha)

    brings = rehearse_day(on=day("2026-04-02"), today=NOON.date(), playbook=shipped())

    assert [one.code for one in brings.alerts] == ["hold_expired"]
    assert held(alpha) != []


def test_deals_that_cannot_be_read_ask_for_nothing_and_stop_nobody(team):
    make_sold("Alpha", 25, "Wizard")

    found = ask(make_sold("Beta", 25))

    assert (found.answer.word, found.pairs) == ("yes", ())


def test_reanswering_what_is_booked_holds_nothing_more(team):
    alpha = make_sold("Alpha", 25)
    booked_of(engagement_of(alpha)).act(Doing(PS, NOON))

    answered(alpha)

    assert (held(alpha), Booking.objects.count()) == ([], 1)


def test_hold_uses_no_day_outside_of_its_dates_so_that_its_own_deal_goes_on_fitting(team):
    alpha = make_sold("Alpha", 30, start="2026-03-04", end="2026-03-24")  # 6 + 10 + 10 + 4 hours
    answered(alpha)
    rest = make_sold("Rest", 4, start=START, end="2026-03-06")  # Monday and Tuesday
    more = make_sold("More", 5, start=START, end="2026-03-06")

    assert [ask(one).answer.word for one in (rest, more)] == ["yes", "yes_from"]
    answered(rest)
    assert ask(alpha).answer.word == "yes"


def test_booking_has_nothing_left_at_the_weekend_on_which_it_ends(team):
    row = {"subject": "deal:9", "code": "1", "roles": ["infrastructure_engineer"]}
    Booking.objects.create(
        title="Ends on Sunday", hours=40, from_on=day(START), to_on=day("2026-03-08"), **row
    )

    saturday = team_on(day("2026-03-07"), playbook=shipped())
    friday = team_on(day("2026-03-06"), playbook=shipped())

    assert (broken_promises(saturday), [load.hours for load in friday.promised]) == ([], [8.0])


def test_estimate_of_no_hours_is_said_to_say_nothing(team):
    found = ask(make_sold("Alpha", 0))

    assert found.finish_words == []
    assert any("this says nothing yet" in text for text in found.assumptions)
