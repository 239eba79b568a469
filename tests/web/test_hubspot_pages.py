"""HubSpot's page: reading, mapping, orders that wait, merges to settle."""

from datetime import timedelta

import pytest

from tests.factories import NOON, make_deal, make_deal_at, make_engagement, sign
from throughline.intake.hubspot.jobs import kind_due
from throughline.intake.models import (
    HubSpotField,
    HubSpotHint,
    HubSpotLabel,
    HubSpotMerge,
    HubSpotOrder,
    HubSpotReading,
    HubSpotStage,
    StageToTell,
)
from throughline.sales.models import Deal, Order

pytestmark = pytest.mark.django_db
URL = "/hubspot/"
QUERIES = 14


@pytest.fixture
def stage():
    return HubSpotStage.objects.create(
        stage_id="1100008", label="On hold", pipeline_id="default", pipeline_label="Communities",
        place=1, seen_at=NOON,
    )  # fmt: skip


@pytest.fixture
def connected(settings):
    settings.HUBSPOT_CONNECTED = True


def text(answer):
    return " ".join(answer.content.decode().split())


def test_what_is_not_mapped_is_shown_and_mapped_by_a_form(browser, stage):
    label = HubSpotLabel.objects.create(key="USER_DEFINED:1", label="Decider", seen_at=NOON)
    field = HubSpotField.objects.create(name="hat_size", label="Hat size", seen_at=NOON)
    bd = browser("BD")
    page = text(bd.get(URL))
    assert ("1100008" in page, "Decider" in page, "hat_size" in page) == (True, True, True)
    assert page.count("Unmapped</span>") == 3

    for what, pk, to in (
        ("stages", stage.pk, "lead"), ("labels", label.pk, "buyer"), ("fields", field.pk, "company")
    ):  # fmt: skip
        assert bd.post(f"{URL}{what}/{pk}/", {"to": to}).status_code == 302

    for row in (stage, label, field):
        row.refresh_from_db()
    assert (stage.code, label.code, field.column) == ("lead", "buyer", "company")
    assert text(bd.get(URL)).count("Unmapped</span>") == 0


def test_a_stage_that_we_do_not_have_is_refused_on_the_page(browser, stage):
    answer = browser("BD").post(f"{URL}stages/{stage.pk}/", {"to": "sofa"})

    stage.refresh_from_db()
    assert (answer.status_code, stage.code) == (422, "")
    assert "We have no stage &#x27;sofa&#x27;" in text(answer)


def test_ps_sees_what_stands_for_what_and_maps_nothing(browser, stage):
    page = text(browser("PS").get(URL))

    assert ("On hold" in page, ">Map<" in page, "Read now" in page) == (True, False, False)


def test_a_reading_shows_how_far_it_is_and_a_failed_one_when_it_is_tried_again(browser, connected):
    HubSpotReading.objects.create(kind="all", started_at=NOON, finished_at=NOON, taken=20_000)
    HubSpotReading.objects.create(
        kind="changes", started_at=NOON + timedelta(hours=1), taken=700,
        trouble="GET /crm: 503 Service Unavailable", retry_at=NOON + timedelta(hours=2),
    )  # fmt: skip
    HubSpotHint.objects.create(key="1", deal_id="7", happened_at=NOON, kept_at=NOON)

    page = text(browser("BD").get(URL))

    assert "20000 deals" in page
    assert "503 Service Unavailable" in page
    assert "tried again" in page
    assert "<dt>Webhooks waiting</dt><dd>1</dd>" in page


def test_read_now_makes_everything_due_whatever_was_to_be_waited_for(browser, connected):
    HubSpotReading.objects.create(kind="all", started_at=NOON, finished_at=NOON)
    later = NOON + timedelta(days=36500)
    HubSpotReading.objects.create(kind="changes", started_at=NOON, trouble="429", retry_at=later)
    assert kind_due(NOON + timedelta(minutes=1)) is None

    assert browser("BD").post(f"{URL}read/").status_code == 302

    asked = HubSpotReading.objects.get(asked_by="bd")
    assert kind_due(asked.started_at) == "all"


def test_an_order_that_waits_says_why_and_is_placed_by_its_button(browser):
    deal = make_deal_at("contract_admin", hubspot_id="77")
    row = HubSpotOrder.objects.create(
        order_id="5", deal_id="77", seen_at=NOON, refusal="The agreement is not executed."
    )
    bd = browser("BD")
    assert "The agreement is not executed." in text(bd.get(URL))
    assert "Its order in HubSpot waits: The agreement is not executed." in text(bd.get("/"))

    refused = bd.post(f"{URL}orders/{row.pk}/")
    assert (refused.status_code, Order.objects.count()) == (422, 0)
    assert "Have every party sign it" in text(refused)

    sign(deal)
    assert bd.post(f"{URL}orders/{row.pk}/").status_code == 302
    assert Order.objects.get().deal == deal


def test_merged_deals_are_settled_by_a_form(browser):
    kept, other = (make_engagement(name=name, hubspot_id=name).deal for name in ("A", "B"))
    row = HubSpotMerge.objects.create(survivor_id="9", deals=[kept.pk, other.pk], found_at=NOON)
    bd, url = browser("BD"), f"{URL}merges/{row.pk}/"
    assert "HubSpot made one deal of these, 9" in text(bd.get(URL))
    assert "Merged in HubSpot into 9" in text(bd.get("/"))

    assert bd.post(url, {"keep": kept.pk, "how": "join"}).status_code == 422
    told = {"keep": kept.pk, "how": "both", "reason": "Two hubs."}
    refused = bd.post(url, told)
    assert (refused.status_code, "need a last day" in text(refused)) == (422, True)
    assert bd.post(url, told | {"how": "join"}).status_code == 302

    assert list(Deal.objects.filter(deleted_at=None).values_list("pk", "hubspot_id")) == [
        (kept.pk, "9")
    ]
    assert "HubSpot made one deal" not in text(bd.get(URL))
    for page in ("deals", "engagements"):
        gone = text(bd.get(f"/{page}/{other.pk}/"))
        assert "This engagement goes on as another one." in gone
        assert f'href="/engagements/{kept.pk}/"' in gone


@pytest.mark.parametrize("many", [1, 3])
def test_the_page_asks_the_same_number_of_questions_for_one_and_for_many(
    browser, django_assert_num_queries, many
):
    for number in range(many):
        HubSpotStage.objects.create(
            stage_id=str(number), label="A", pipeline_id="1", pipeline_label="P", place=number,
            seen_at=NOON,
        )  # fmt: skip
        HubSpotLabel.objects.create(key=str(number), label="A", seen_at=NOON)
        HubSpotField.objects.create(name=str(number), label="A", seen_at=NOON)
        make_deal(hubspot_id=f"7{number}")
        HubSpotOrder.objects.create(order_id=str(number), deal_id=f"7{number}", seen_at=NOON)
        deal = make_engagement(name="E", hubspot_id=f"8{number}").deal
        HubSpotMerge.objects.create(survivor_id=str(number), deals=[deal.pk], found_at=NOON)
        StageToTell.objects.create(deal=make_deal(hubspot_id=f"9{number}"), wanted="lead")
    bd = browser("BD")
    bd.get(URL)

    with django_assert_num_queries(QUERIES):
        bd.get(URL)


@pytest.fixture
def moved_here():
    """A deal that HubSpot last said to be at Proposal, and that a person moved to Lead."""
    return make_deal(hubspot_id="77", stage="lead", stage_elsewhere="Proposal")


def test_a_stage_that_hubspot_is_to_be_told_shows_both_sides_and_is_told_by_its_button(
    browser, connected, settings, moved_here
):
    settings.HUBSPOT_WRITE = True
    later = NOON + timedelta(days=36500)
    StageToTell.objects.create(
        deal=moved_here, wanted="lead", moved_by="bea", state="waiting", next_at=later,
        remedy="No stage of its pipeline there stands for Lead.",
    )  # fmt: skip
    bd = browser("BD")

    page = text(bd.get(URL))
    assert ("moved by bea" in page, "<td>Proposal</td>" in page, "Tell now" in page) == (True,) * 3
    assert "HubSpot is not told its stage: No stage of its pipeline" in text(bd.get("/"))
    assert bd.post(f"{URL}tell/").status_code == 302
    assert StageToTell.objects.get().next_at < later


def test_telling_is_refused_where_hubspot_is_not_to_be_written_in(browser, connected):
    answer = browser("BD").post(f"{URL}tell/")

    assert (answer.status_code, "THROUGHLINE_HUBSPOT_WRITE=1" in text(answer)) == (422, True)


@pytest.mark.parametrize(
    ("may_write", "said"),
    [(True, "HubSpot is told within minutes."), (False, "Move the deal there as well.")],
)
def test_a_deal_shows_what_hubspot_says_otherwise(
    browser, connected, settings, moved_here, may_write, said
):
    settings.HUBSPOT_WRITE = may_write

    page = text(browser("BD").get(f"/deals/{moved_here.pk}/"))

    assert "Here: Lead. In HubSpot, when it was last read: Proposal." in page
    assert said in page
    Deal.objects.update(stage="proposal")
    assert "HubSpot says another stage" not in text(browser("BD").get(f"/deals/{moved_here.pk}/"))
