"""Steps on the pages of communities and contacts: ids, records, questions, merges, people."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.factories import NOON, make_cluster, make_deal_at, tell
from tests.web.test_every_page import inspected
from throughline.cli.export import export_everything
from throughline.communities.actions import describe_community, name_community, reserve_id
from throughline.communities.models import Community, Contact, FollowUp, RoleAssignment
from throughline.playbook.loader import shipped
from throughline.web.communities.record import record_facts
from throughline.web.moment import moment

HTMX = {"HX-Request": "true"}
NASTY = "<img src=x onerror=alert(1)>"


@pytest.fixture
def leap(db):
    return name_community("LEAP", by="factory", at=NOON)


@pytest.fixture
def bo(db):
    deal = make_deal_at("qualified")
    tell(deal, "community.people", people=[
        {"role": "buyer", "full_name": "Bo Buyer", "email": "bo@example.org"}
    ])  # fmt: skip
    return Contact.objects.get()


def text_of(response):
    return response.content.decode()


def record_of(community, **changed):
    """Return what the form of the record sends, with some of it changed."""
    names = ("short_name", "long_name", "website", "github_org", "logo_url", "cloud",
             "cloud_unknown_because", "region", "data_location")  # fmt: skip
    shown = {name: getattr(community, name) for name in names}
    return shown | {"version": community.version, "sureness": "said", "repositories": ""} | changed


@pytest.mark.parametrize("headers", [HTMX, {}])
def test_id_is_checked_while_it_is_typed_and_without_javascript(leap, browser, headers):
    make_cluster("ocean")
    other = name_community("Leep", by="factory", at=NOON)
    reserve_id(other.pk, "leep", playbook=shipped(), by="ada", at=NOON)
    client, address = browser("BD"), f"/communities/{leap.pk}/check-id/"

    found = {
        word: client.get(address, {"community_id": word}, headers=headers).context["check"]
        for word in ("leap", "ocean", "Leap", "leep")
    }

    standings = [found[word].standing for word in ("leap", "ocean", "Leap", "leep")]
    assert standings == ["free", "cluster", "form", "reserved"]
    assert [one.name for one in found["leap"].near] == ["leep"]


def test_id_is_checked_by_its_button_and_nothing_is_reserved(leap, browser):
    page = browser("BD").post(f"/communities/{leap.pk}/check-id/", {"community_id": "leap"})

    assert (page.status_code, page.context["check"].standing) == (200, "free")
    assert 'value="leap"' in text_of(page)
    assert Community.objects.get().community_id is None


def test_nothing_typed_is_not_checked_and_what_is_typed_is_only_text(leap, browser):
    address = f"/communities/{leap.pk}/check-id/"

    nothing = browser("PS").get(address, headers=HTMX)
    nasty = browser("PS").get(address, {"community_id": NASTY}, headers=HTMX)

    assert text_of(nothing).strip() == ""
    assert (NASTY in text_of(nasty), "&lt;img" in text_of(nasty)) == (False, True)


def test_id_is_reserved_refused_and_given_up(leap, browser):
    client, address = browser("BD"), f"/communities/{leap.pk}"

    refused = client.post(f"{address}/reserve/", {"community_id": "admin"})
    client.post(f"{address}/reserve/", {"community_id": "leap"})
    held = Community.objects.get().community_id
    client.post(f"{address}/release/")

    assert (refused.status_code, "is a reserved word" in text_of(refused)) == (422, True)
    assert (held, Community.objects.get().community_id) == ("leap", None)


def test_record_is_saved_with_its_source(leap, browser):
    sent = record_of(leap, website="https://leap.example", source="call", sureness="confirmed")

    browser("BD").post(f"/communities/{leap.pk}/edit/", sent)

    facts = browser("PS").get(f"/communities/{leap.pk}/").context["facts"]
    website = next(one for one in facts if one["label"] == "Website")
    assert (website["value"], website["note"]) == (
        "https://leap.example", "call · confirmed · bd, today",
    )  # fmt: skip


def test_record_saved_meanwhile_shows_both_values_and_can_be_saved_again(leap, browser):
    sent = record_of(leap, region="us-west-2")
    describe_community(leap.pk, facts={"region": "eu-west-1"}, by="pia", at=NOON)
    client, address = browser("BD"), f"/communities/{leap.pk}/edit/"

    refused = client.post(address, sent)
    again = client.post(address, sent | {"version": refused.context["seen_version"]})

    assert refused.status_code == 422
    assert refused.context["clashes"] == [
        {"label": "Region", "theirs": "eu-west-1", "yours": "us-west-2"}
    ]
    assert (again.status_code, Community.objects.get().region) == (302, "us-west-2")


def test_region_that_nobody_asked_for_is_a_default_and_no_answer(leap, browser):
    facts = browser("PS").get(f"/communities/{leap.pk}/").context["facts"]

    region = next(one for one in facts if one["label"] == "Region")
    assert (region["value"], region["note"]) == (
        "not told", "us-west-2 by default: nobody has asked for it",
    )  # fmt: skip


def test_field_that_hubspot_owns_is_marked(leap):
    now = moment()
    ours = replace(now, playbook=replace(now.playbook, hubspot_owned=("community.website",)))

    facts = [record_facts(leap, (), one) for one in (now, ours)]

    marked = [[one["label"] for one in of if one.get("source") == "HubSpot ↗"] for of in facts]
    assert marked == [[], ["Website"]]


def test_logo_is_loaded_without_telling_from_where(leap, browser):
    describe_community(leap.pk, facts={"logo_url": "https://leap.example/a.png"}, by="ada", at=NOON)

    text = text_of(browser("PS").get(f"/communities/{leap.pk}/"))

    assert (
        '<img class="logo" src="https://leap.example/a.png" alt="Logo of LEAP" width="48"'
        ' height="48" referrerpolicy="no-referrer" loading="lazy">'
    ) in text


def test_question_is_answered_asked_again_and_asked_further(leap, browser):
    client, address = browser("BD"), f"/communities/{leap.pk}"
    client.post(f"{address}/answer/", {"code": "goals", "text": "Old **goals**", "source": "call"})
    client.post(f"{address}/answer/", {"code": "goals", "text": NASTY})
    client.post(f"{address}/ask/", {"code": "goals", "text": f"Why? {NASTY}"})
    client.post(f"{address}/settle/", {"code": str(FollowUp.objects.get().pk), "text": "Because."})
    refused = client.post(f"{address}/ask/", {"code": "nothing", "text": "x"})

    page = browser("PS").get(f"{address}/questions/")

    goals = page.context["questions"][0]
    assert [old["html"] for old in goals["earlier"]] == ["<p>Old <strong>goals</strong></p>\n"]
    assert [ask["html"] for ask in goals["further"]] == ["<p>Because.</p>\n"]
    assert (NASTY in text_of(page), "&lt;img src=x" in text_of(page)) == (False, True)
    assert refused.status_code == 422


def test_history_shows_each_value_with_who_said_it(leap, browser):
    for name in (NASTY, "LEAP again"):
        describe_community(leap.pk, facts={"short_name": name}, by="ada", at=NOON)

    page = browser("PS").get(f"/communities/{leap.pk}/history/")

    names = next(one for one in page.context["fields"] if one["name"] == "short_name")
    assert [row.value for row in names["rows"]] == ["LEAP again", NASTY, "LEAP"]
    assert NASTY not in text_of(page)


def test_merge_shows_its_plan_wants_a_choice_and_leads_to_the_other_record(leap, browser):
    other = name_community("LEAP STC", by="factory", at=NOON)
    client, address = browser("BD"), f"/communities/{other.pk}/merge/"
    plan = client.get(address, {"into": "LEAP"}).context["plan"]
    sent = {"into": str(leap.pk), "fingerprint": plan.fingerprint}

    unsure = client.post(address, sent)
    done = client.post(address, sent | {"choice.short_name": "into"})

    assert (unsure.status_code, unsure.context["refused"].message) == (
        422, "Both records say something else: short_name.",
    )  # fmt: skip
    assert done.headers["Location"] == f"/communities/{leap.pk}/"
    moved = client.get(f"/communities/{other.pk}/")
    assert moved.headers["Location"] == f"/communities/{leap.pk}/"
    listed = client.get("/communities/").context["page"].object_list
    assert [one.short_name for one in listed] == ["LEAP"]


def test_community_to_merge_into_that_is_none_is_refused(leap, browser):
    page = browser("BD").get(f"/communities/{leap.pk}/merge/", {"into": "nobody"})

    assert (page.status_code, page.context["refused"].message) == (
        422, "There is no community 'nobody'.",
    )  # fmt: skip


def test_people_are_shown_as_of_a_day(bo, browser):
    deal = RoleAssignment.objects.get().subject.removeprefix("deal:")
    pk = Community.objects.get().pk
    before = RoleAssignment.objects.get().from_on - timedelta(days=1)

    def states(on):
        page = browser("PS").get(f"/communities/{pk}/", {"deal": deal, "on": on})
        return page.context["matrix"].rows[0].cells[0].state

    assert [states(on) for on in (before.isoformat(), "", "nonsense")] == ["future", "held", "held"]


def test_leaver_is_ended_and_what_is_empty_then_is_said(bo, browser):
    client = browser("BD")
    on = RoleAssignment.objects.get().from_on + timedelta(days=30)

    response = client.post(f"/contacts/{bo.pk}/leave/", {"on": on.isoformat()}, follow=True)
    again = client.post(f"/contacts/{bo.pk}/leave/", {"on": on.isoformat()})

    said = [str(one) for one in response.context["messages"]]
    assert said == ["1 role ends.", "Nobody is Buyer of A deal any more."]
    assert RoleAssignment.objects.get().to_on == on
    assert again.status_code == 422


def test_contact_is_edited_and_a_conflict_shows_both_values(bo, browser):
    client, address = browser("BD"), f"/contacts/{bo.pk}/edit/"
    sent = {"full_name": "Bo B.", "email": "bo@example.org", "version": bo.version}

    saved = client.post(address, sent)
    refused = client.post(address, sent | {"full_name": "Bobby"})

    assert (saved.status_code, refused.status_code) == (302, 422)
    clash = {"label": "full name", "theirs": "Bo B.", "yours": "Bobby"}
    assert clash in refused.context["clashes"]


def test_person_is_erased_only_when_it_is_really_meant(bo, browser):
    client, address = browser("BD"), f"/contacts/{bo.pk}/erase/"

    unsure = client.post(address)
    name_kept = Contact.objects.get().full_name
    client.post(address, {"sure": "yes"})

    assert (unsure.status_code, name_kept) == (422, "Bo Buyer")
    assert Contact.objects.get().full_name == f"Person {bo.pk}"
    text = text_of(client.get(f"/contacts/{bo.pk}/"))
    assert ("bo@example.org" in text, "Erased on" in text) == (False, True)


def test_contact_known_twice_is_merged_and_leads_to_the_other(bo, browser):
    other = Contact.objects.create(full_name="Bob", github_id="bob")
    client = browser("BD")

    client.post(f"/contacts/{other.pk}/merge/", {"into": "bo@example.org"})
    refused = client.post(f"/contacts/{bo.pk}/merge/", {"into": "nobody"})

    assert client.get(f"/contacts/{other.pk}/").headers["Location"] == f"/contacts/{bo.pk}/"
    assert refused.status_code == 422


def test_pages_of_communities_and_contacts_are_sound(bo, leap, browser):
    pk = Community.objects.earliest("pk").pk
    pages = [
        f"/communities/{pk}/", f"/communities/{leap.pk}/?community_id=leap",
        f"/communities/{pk}/edit/", f"/communities/{pk}/history/", f"/communities/{pk}/questions/",
        f"/communities/{pk}/merge/?into=LEAP", f"/contacts/{bo.pk}/", f"/contacts/{bo.pk}/edit/",
    ]  # fmt: skip
    client = browser("BD")

    problems = {one: found for one in pages if (found := inspected(text_of(client.get(one))))}

    assert problems == {}


def test_formula_in_a_name_or_an_answer_is_text_in_the_export(leap, browser, tmp_path):
    describe_community(leap.pk, facts={"long_name": "=cmd()"}, by="ada", at=NOON)
    browser("BD").post(f"/communities/{leap.pk}/answer/", {"code": "goals", "text": "@SUM(1)"})

    export_everything(tmp_path / "out", at=NOON)

    tables = "\n".join(path.read_text() for path in (tmp_path / "out").rglob("communities*.csv"))
    assert ("'=cmd()" in tables, "'@SUM(1)" in tables) == (True, True)
    assert (",=cmd()" in tables, ",@SUM(1)" in tables) == (False, False)
