"""The pages of capacity: the map, PS's answer, the team."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.capacity.line import ask, make_sold, make_team
from tests.factories import BD, NOON, TODAY, make_deal
from tests.web.test_every_page import inspected
from throughline.capacity.models import CapacityAnswer, Colleague, TimeOff
from throughline.capacity.queries import holds_of
from throughline.journal.models import Entry

pytestmark = pytest.mark.django_db
APP, INFRA = "app_engineer", "infrastructure_engineer"


def monday(weeks=0):
    """Return the Monday so many weeks after that of NOON."""
    return TODAY + timedelta(weeks=weeks)


def friday(weeks):
    return monday(weeks) + timedelta(days=4)


def sold(name, hours, *people):
    """A deal of ada's that wants so many hours of infrastructure within four weeks."""
    return make_sold(name, hours, *people, stage="proposal")


def text_of(response):
    return response.content.decode()


def confirm(client, deal, **more):
    """Confirm what the page of a deal shows."""
    shown = client.get(f"/deals/{deal.pk}/capacity/").context["forms"]["confirm"].initial
    told = {"answer": shown["answer"], "start_on": shown["start_on"].isoformat()}
    return client.post(f"/deals/{deal.pk}/capacity/confirm/", told | more)


@pytest.fixture(autouse=True)
def noon(monkeypatch):
    """Let it be NOON, a Monday in March: no closure is near."""
    monkeypatch.setattr("throughline.web.moment.timezone", SimpleNamespace(now=lambda: NOON))


@pytest.fixture
def team():
    make_team(("Ada", INFRA), ("Bo", APP, "tech_lead"))


# The map


def test_map_is_sound_and_says_every_number_in_its_table(browser, team):
    deal = sold("Tidewater", 20)
    ask(deal)

    response = browser("BD").get(f"/capacity/?deal={deal.pk}&people={INFRA}")

    assert (response.status_code, inspected(text_of(response))) == (200, [])
    rows = {row["name"]: row for row in response.context["rows"]}
    assert list(rows) == [
        "App Engineer", "Infrastructure Engineer", "Ada", "Tech Lead", "Product", "Delivery",
    ]  # fmt: skip
    assert [cell["words"] for cell in rows["Ada"]["cells"]][:2] == ["50 %", "50 %"]
    assert rows["Infrastructure Engineer"]["cells"][0]["asked"] == 5.0
    assert "50 % <small>5.0 of 10.0" in text_of(response)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_picture_of_the_map_has_the_numbers_of_the_table(theme, browser, team):
    deal = sold("Tidewater", 20)
    client = browser("PS")
    page = client.get(f"/capacity/?deal={deal.pk}")

    response = client.get(page.context["picture"].urls[theme])

    assert response.headers["Content-Type"] == "image/svg+xml"
    assert text_of(response).count(">50 %<") == 4
    assert client.get("/capacity/map-neon.svg").status_code == 404


def test_deals_are_toggled_by_the_address_alone(browser, team):
    asks, held = sold("Asks", 20), sold("Held", 10)
    ask(asks)
    client = browser("PS")
    confirm(client, held)

    def first(query):
        rows = client.get(f"/capacity/?since={monday()}&{query}").context["rows"]
        return rows[1]["cells"][0]["words"]

    assert first("") == "25 %"  # what is held counts unless somebody takes it out
    assert first("chosen=on") == "0 %"
    assert first(f"chosen=on&deals=deal:{asks.pk}") == "50 %"
    assert first(f"chosen=on&deals=deal:{asks.pk}&deals=deal:{held.pk}") == "75 %"


def test_map_shows_the_weeks_that_are_asked_for_and_forgives_nonsense(browser, team):
    client = browser("PS")

    later = client.get(f"/capacity/?since={monday(10)}&weeks=8").context["weeks"]
    nonsense = client.get("/capacity/?since=soon&weeks=900&deal=x&people=wizard&deals=y")

    assert (len(later), later[0]["day"]) == (8, monday(10))
    assert (nonsense.status_code, len(nonsense.context["weeks"])) == (200, 12)


def test_page_says_who_has_half_of_a_role_in_a_period(browser, team):
    asked = f"find=1&role={INFRA}&fte=0.5&from_on={monday()}&to_on={friday(7)}"

    found = browser("BD").get(f"/capacity/?{asked}").context["has_time"]

    assert [(one.name, one.free_h, one.is_enough) for one in found] == [("Ada", 80.0, True)]


@pytest.mark.parametrize(
    ("changed", "field"),
    [({"fte": "-1"}, "fte"), ({"role": "wizard"}, "role"), ({"to_on": "2020-01-01"}, "to_on")],
)
def test_question_that_makes_no_sense_is_said_beside_its_field(changed, field, browser, team):
    asked = {"find": "1", "role": INFRA, "fte": "0.5", "from_on": monday(), "to_on": friday(7)}

    who = browser("BD").get("/capacity/", asked | changed).context["who"]

    assert list(who.errors) == [field]


def test_map_lists_the_deals_that_wait_for_an_answer(browser, team):
    deal = sold("Tidewater", 20)
    client = browser("PS")

    before = client.get("/capacity/").context["waiting"]
    confirm(client, deal)

    assert [(one.deal, one.hours) for one in before] == [(deal, "20–20 h")]
    assert client.get("/capacity/").context["waiting"] == []


@pytest.mark.parametrize("path", ["/capacity/", "/capacity/team/"])
def test_page_takes_as_many_queries_for_many_as_for_few(path, browser, team):
    client = browser("Lead")
    ask(sold("First", 4))
    client.get(path)
    with CaptureQueriesContext(connection) as few:
        client.get(path)
    make_team(*((f"P{number}", APP) for number in range(9)))
    for number in range(4):
        ask(sold(f"Deal {number}", 4))

    with CaptureQueriesContext(connection) as many:
        client.get(path)

    assert len(many) == len(few)


# The answer


def test_answer_page_says_what_is_computed_in_a_sentence_with_all_that_stands_behind_it(
    browser, team
):
    deal = sold("Tidewater", 20)

    response = browser("PS").get(f"/deals/{deal.pk}/capacity/")

    text = text_of(response)
    assert (response.status_code, inspected(text)) == (200, [])
    assert "Yes – Infrastructure Engineer is the limit (50 % in weeks" in text
    assert "in 80 of 100 cases" in text
    assert "Every estimate is counted at its high end: 20 h, of 20 to 20 h." in text


def test_ps_confirms_what_is_computed_and_the_hours_are_held(browser, team):
    deal = sold("Tidewater", 20)

    response = confirm(browser("PS"), deal, note="With pleasure.")

    answer = CapacityAnswer.objects.get()
    assert response.headers["Location"] == f"/deals/{deal.pk}/capacity/"
    assert (answer.answer, answer.how, answer.by, answer.note) == (
        "yes", "confirmed", "ps", "With pleasure.",
    )  # fmt: skip
    assert "Every estimate is counted at its high end" in " ".join(answer.assumptions)
    assert [(one.role, float(one.hours), one.kind) for one in holds_of(deal.subject)] == [
        (INFRA, 20.0, "soft")
    ]
    assert "20 h of Infrastructure Engineer, soft" in text_of(
        browser("BD").get(f"/deals/{deal.pk}/capacity/")
    )


def test_answer_that_is_another_by_now_is_not_confirmed_but_shown(browser, team):
    deal = sold("Tidewater", 20)
    told = {"answer": "yes", "start_on": monday(9).isoformat()}

    response = browser("PS").post(f"/deals/{deal.pk}/capacity/confirm/", told)

    assert (response.status_code, CapacityAnswer.objects.count()) == (422, 0)
    assert "Since you looked, something has changed." in text_of(response)
    # what is sent next is what the page shows now
    assert response.context["forms"]["confirm"]["start_on"].value() == monday().isoformat()


def test_ps_makes_a_counter_offer_with_its_reason(browser, team):
    deal = sold("Tidewater", 20)
    told = {"answer": "yes_from", "start_on": monday(3).isoformat(), "note": "We train first."}

    browser("PS").post(f"/deals/{deal.pk}/capacity/counter/", told)

    answer = CapacityAnswer.objects.get()
    assert (answer.answer, answer.how, answer.start_on) == ("yes_from", "countered", monday(3))
    assert holds_of(deal.subject)[0].from_on == monday(3)


@pytest.mark.parametrize(
    ("way", "told", "said"),
    [
        ("counter", {"answer": "yes_from", "note": "Later."}, "“Yes, from” needs a day."),
        ("counter", {"answer": "only_if", "note": "Help."}, "“Only if” needs a condition."),
        ("counter", {"answer": "yes"}, "This field is required."),
        ("refuse", {}, "This field is required."),
    ],
)
def test_answer_that_lacks_something_comes_back_with_what_it_lacks(way, told, said, browser, team):
    deal = sold("Tidewater", 20)

    response = browser("PS").post(f"/deals/{deal.pk}/capacity/{way}/", told)

    assert (response.status_code, CapacityAnswer.objects.count()) == (422, 0)
    assert said in text_of(response)


def test_ps_refuses_with_a_reason_and_nothing_is_held(browser, team):
    deal = sold("Tidewater", 20)

    browser("Lead").post(f"/deals/{deal.pk}/capacity/refuse/", {"note": "Not our field."})

    answer = CapacityAnswer.objects.get()
    assert (answer.answer, answer.how, answer.note) == ("no", "refused", "Not our field.")
    assert holds_of(deal.subject) == []


def test_owner_of_a_deal_is_told_that_somebody_else_answers(browser, team, person):
    deal = sold("Tidewater", 20)
    deal.owner = person("PS").username
    deal.save(update_fields=["owner"])
    client = browser("PS")

    page = client.get(f"/deals/{deal.pk}/capacity/")
    response = client.post(f"/deals/{deal.pk}/capacity/refuse/", {"note": "No."})

    assert "The deal is yours, so somebody else of PS answers." in text_of(page)
    assert (response.status_code, CapacityAnswer.objects.count()) == (422, 0)


def test_stale_answer_says_what_changed(browser, team):
    deal = sold("Tidewater", 20)
    confirm(browser("PS"), deal)
    make_team(("Cyd", INFRA))

    text = text_of(browser("BD").get(f"/deals/{deal.pk}/capacity/"))

    assert "The answer counts no longer." in text
    assert "Since ps answered, the team (Cyd joined) changed." in text


def test_two_deals_that_fit_alone_and_not_together_are_shown_on_both_pages(browser, team):
    one, other = sold("Tidewater", 30), sold("Harbour", 30)
    ask(other)
    client = browser("PS")

    before = client.get(f"/deals/{one.pk}/capacity/")
    answered = confirm(client, one)
    after = client.get(f"/deals/{other.pk}/capacity/")

    assert [pair["name"] for pair in before.context["pairs"]] == ["Harbour"]
    assert answered.status_code == 302
    affected = client.get(f"/deals/{one.pk}/capacity/").context["affected"]["mine"]
    assert [told["name"] for told in affected] == ["Harbour"]
    assert "Tidewater has a soft hold; without it, this one fits" in text_of(after)


def test_answered_deal_is_told_when_another_takes_its_room(browser, team):
    first, second = sold("Tidewater", 30), sold("Harbour", 30)
    client = browser("PS")
    ask(second)
    client.post(f"/deals/{second.pk}/capacity/refuse/", {"note": "Not now."})
    confirm(client, first)

    told = client.get(f"/deals/{second.pk}/capacity/").context["affected"]["theirs"]

    assert [(one["message"], one["url"]) for one in told] == [
        ("With what is held for Tidewater, Harbour does not fit by its dates any more: ask PS again.",
         f"/deals/{first.pk}/capacity/"),
    ]  # fmt: skip


def test_what_if_computes_from_another_start_and_keeps_nothing(browser, team):
    deal = sold("Tidewater", 20)
    client = browser("PS")

    response = client.get(f"/deals/{deal.pk}/capacity/?start={monday(1)}")
    nonsense = client.get(f"/deals/{deal.pk}/capacity/?start=soon")

    assert response.context["proposal"].asked.start_on == monday(1)
    assert "confirm/" not in text_of(response)
    assert (nonsense.status_code, CapacityAnswer.objects.count()) == (422, 0)
    assert "&#x27;soon&#x27; is not a date." in text_of(nonsense)


def test_estimate_that_makes_no_sense_is_refused_with_its_line(browser, team):
    deal = sold("Odd", 20, "Wizard")

    response = browser("PS").get(f"/deals/{deal.pk}/capacity/")

    assert response.status_code == 200
    refused = "Deliverable 1, &#x27;Odd done&#x27;: nobody of the team is Wizard."
    assert refused in text_of(response)
    assert "Name one of App Engineer" in text_of(response)
    assert "Confirm the answer" not in text_of(response)


def test_counting_anew_takes_in_what_other_deals_ask_for(browser, team):
    deal, other = sold("Tidewater", 20), sold("Harbour", 30)
    client = browser("BD")

    client.post(f"/deals/{deal.pk}/capacity/again/")

    found = client.get(f"/capacity/?deal={deal.pk}").context["form"].fields["deals"].choices
    assert [subject for subject, _name in found] == [other.subject]


def test_page_of_a_deal_leads_to_its_answer(browser, team):
    deal = make_deal(name="Tidewater", owner=BD, stage="proposal")

    assert f'href="/deals/{deal.pk}/capacity/"' in text_of(browser("BD").get(f"/deals/{deal.pk}/"))


def test_sponsor_sees_nothing_of_people(browser, team):
    deal, client = sold("Tidewater", 20), browser("Sponsor")

    for path in ("/capacity/", "/capacity/map-light.svg", "/capacity/team/",
                 f"/deals/{deal.pk}/capacity/"):  # fmt: skip
        response = client.get(path)
        assert (response.status_code, "Ada" in text_of(response)) == (403, False)


# The team


def colleague(**changed):
    return {
        "name": "Cyd", "roles": [APP], "weekly_hours": "32", "billable_share": "", "from_on": "",
        "to_on": "", "country": "de",
    } | changed  # fmt: skip


def test_colleague_is_added_with_the_share_of_the_playbook(browser):
    response = browser("PS").post("/capacity/team/new/", colleague())

    one = Colleague.objects.get()
    assert response.headers["Location"] == "/capacity/team/"
    assert (one.name, one.roles, float(one.weekly_hours), float(one.billable_share)) == (
        "Cyd", [APP], 32.0, 0.45,
    )  # fmt: skip
    assert (one.country, one.to_on) == ("DE", None)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"weekly_hours": "-8"}, "weekly_hours: &#x27;-8&#x27; is not a number from 0 to 168."),
        ({"billable_share": "45"}, "billable_share: &#x27;45&#x27; is not a number from 0 to 1."),
        ({"roles": []}, "roles: is empty."),
        ({"country": "Atlantis"}, "is not a country whose holidays are known."),
        ({"from_on": "2027-03-01", "to_on": "2027-02-01"}, "is before from 2027-03-01."),
        ({"name": "ada"}, "ada is in the team already."),
    ],
)
def test_colleague_that_makes_no_sense_is_refused_as_in_a_file(changed, said, browser, team):
    response = browser("PS").post("/capacity/team/new/", colleague(**changed))

    assert (response.status_code, Colleague.objects.count()) == (422, 2)
    assert said in text_of(response)


def test_leaver_is_given_a_last_day_and_the_promises_that_break_are_listed(browser, team):
    deal = sold("Tidewater", 20)
    client = browser("PS")
    confirm(client, deal)
    ada = Colleague.objects.get(name="Ada")
    page = client.get(f"/capacity/team/{ada.pk}/")
    last = friday(0).isoformat()
    told = colleague(name="Ada", roles=[INFRA], weekly_hours="10", billable_share="1", to_on=last)

    client.post(f"/capacity/team/{ada.pk}/", told)

    assert page.context["form"].initial["weekly_hours"] == "10"
    broken = client.get("/capacity/team/").context["broken"]
    assert [(one["name"], one["hours"]) for one in broken] == [("Tidewater", 10.0)]
    assert Entry.objects.filter(act="capacity.colleague.changed").count() == 1


def test_time_off_is_written_down_and_taken_back(browser, team):
    client, ada = browser("Lead"), Colleague.objects.get(name="Ada")
    days = {"from_on": monday().isoformat(), "to_on": friday(0).isoformat(), "reason": "leave"}

    client.post(f"/capacity/team/{ada.pk}/away/", days)
    off = TimeOff.objects.get()
    listed = text_of(client.get("/capacity/team/"))
    client.post(f"/capacity/time-off/{off.pk}/back/")
    again = client.post(f"/capacity/time-off/{off.pk}/back/")

    assert "leave" in listed
    assert (TimeOff.objects.count(), again.status_code) == (0, 422)
    assert [one.act for one in Entry.objects.filter(act__startswith="capacity.time_off")] == [
        "capacity.time_off.taken", "capacity.time_off.given_back",
    ]  # fmt: skip


def test_time_off_that_ends_before_it_begins_is_refused(browser, team):
    ada = Colleague.objects.get(name="Ada")
    days = {"from_on": friday(0).isoformat(), "to_on": monday().isoformat()}

    response = browser("PS").post(f"/capacity/team/{ada.pk}/away/", days)

    assert (response.status_code, TimeOff.objects.count()) == (422, 0)
    assert "Give the first day first." in text_of(response)


HEADER = "name,roles,weekly_hours,billable_share,from,to,country\n"


def upload(client, text):
    file = SimpleUploadedFile("people.csv", text.encode(), content_type="text/csv")
    return client.post("/capacity/team/import/", {"file": file})


def test_file_of_people_is_taken_in_and_bad_lines_are_named(browser, team):
    client = browser("PS")

    good = upload(client, HEADER + "Cyd,App Engineer,40,,,,\n")
    bad = upload(client, HEADER + "Dee,Product,40,,,,\nEve,Wizard,40,,,,\nFay,Product,-1,,,,\n")

    assert good.headers["Location"] == "/capacity/team/"
    assert (bad.status_code, sorted(one.name for one in Colleague.objects.all())) == (
        422, ["Ada", "Bo", "Cyd", "Dee"],
    )  # fmt: skip
    text = text_of(bad)
    assert "Line 3: roles: &#x27;Wizard&#x27; is no role of the team." in text
    assert "Line 4: weekly_hours: &#x27;-1&#x27; is not a number from 0 to 168." in text


def test_file_that_is_no_table_of_people_is_refused_by_its_name(browser, team):
    response = upload(browser("PS"), "who,what\nEve,Wizard\n")

    assert (response.status_code, Colleague.objects.count()) == (422, 2)
    assert "people.csv, line 1: the column name, roles, weekly_hours is missing." in text_of(
        response
    )


def test_team_page_shows_where_each_default_comes_from(browser, team):
    response = browser("BD").get("/capacity/team/")

    assert inspected(text_of(response)) == []
    found = {one["name"]: (one["value"], one["key"]) for one in response.context["defaults"]}
    assert found["Each running hub"] == ("0.5 h a week of Infrastructure Engineer", "hub_load")
    assert found["Closed each year"] == (
        "14 days from 18 December; 3 days from 1 January",
        "closures",
    )
    assert "Add somebody" not in text_of(response)
