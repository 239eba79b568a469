"""The engagement's page: ledger, services as dots, terms as of a day, clusters, work on the way."""

from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from tests.factories import NOON, PS, make_deliverable
from tests.web.test_delivery_pages import make_engagements
from throughline.delivery.actions.deliverables import add_evidence
from throughline.delivery.actions.engagements import link_clusters, report_health
from throughline.delivery.actions.meetings import decide, open_meeting
from throughline.delivery.actions.months import check_service
from throughline.delivery.actions.structure import put_service
from throughline.delivery.models import Deliverable, Engagement, Evidence, Meeting, ServiceMonth
from throughline.delivery.words import EvidenceKind, EvidenceState, Health
from throughline.handoff.models import Outcome
from throughline.infrastructure.words import Payer
from throughline.journal.models import Entry
from throughline.playbook.loader import shipped
from throughline.sales.models import Agreement, AgreementPayer
from throughline.web.delivery.services import services_of
from throughline.web.moment import Moment

TODAY = NOON.date()
HANDED_OUT = {
    "Content-Type": "image/png",
    "Content-Disposition": 'attachment; filename="log in.png"',
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
}


def page_of(client, world, query=""):
    return client.get(f"/engagements/{world.number}/{query}")


def lines(response):
    return [line for project in response.context["projects"] for line in project["lines"]]


def issue(world, **fields):
    receipt = {"id": 1, "number": 17, "address": "https://github.example.org/o/r/issues/17"}
    made = {"state": "converged", "receipt": receipt, "receipt_at": NOON} | fields
    return Outcome.objects.create(
        key=f"github.issue:{world.number}:new-hub:phase-1", engagement=world.engagement,
        system="github", summary="Issue", wanted={}, **made,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("state", "shown"),
    [
        (EvidenceState.FOUND, ("met", "closed as completed")),
        (EvidenceState.ABSENT, ("wanted", "not completed")),
        (EvidenceState.UNAVAILABLE, ("unavailable", "could not be looked at")),
        (None, ("unknown", "not looked at yet")),
    ],
)
def test_issue_is_shown_with_the_state_that_the_newest_look_read(state, shown, browser, world):
    issue(world)
    look = {"kind": EvidenceKind.ISSUE_CLOSED, "text": "It is so.", "by": "worker"}
    if state is not None:
        add_evidence(world.deliverable, **look, state=EvidenceState.ABSENT, at=NOON)
        add_evidence(world.deliverable, **look, state=state, at=NOON + timedelta(hours=1))

    response = page_of(browser("PS"), world)

    found = lines(response)[0]["issue"]
    assert (found["number"], found["status"], found["word"]) == (17, *shown)
    assert 'href="https://github.example.org/o/r/issues/17"' in response.content.decode()


def test_issue_that_does_not_come_about_says_what_a_person_can_do(browser, world):
    issue(world, state="waiting", receipt=None, receipt_at=None, remedy="Renew the token.")

    text = page_of(browser("PS"), world).content.decode()

    assert "Renew the token." in text


@pytest.mark.parametrize("with_agreement", [True, False])
def test_tier_stands_once_beside_the_promises(with_agreement, browser, world):
    if not with_agreement:
        Agreement.objects.filter(deal=world.engagement.deal).delete()

    page = page_of(browser("BD"), world)

    said = [one["label"].lower() for one in page.context["facts"]] + page.context["agreed"][
        "unsaid"
    ]
    assert said.count("tier") == 1


def test_deliverable_is_owned_ticked_counted_and_moved_on_the_page(browser, world):
    one, client = world.deliverable, browser("PS")
    Deliverable.objects.filter(pk=one.pk).update(definition_of_done=["It runs.", "It is known."])
    before, address = one.due_on, f"/deliverables/{one.pk}"
    later = before + timedelta(days=7)

    answers = [
        client.post(f"{address}/own/", {"owner": "ps"}),
        client.post(f"{address}/tick/", {"point": 2, "is_done": "on"}),
        client.post(f"{address}/hours/", {"hours": "1.5", "on": TODAY, "note": "Set up."}),
        client.post(f"{address}/replan/", {"due_on": later, "why": "They asked."}),
    ]

    line = lines(page_of(client, world))[0]
    assert [one.headers["Location"] for one in answers] == [
        f"/engagements/{world.number}/#deliverable-{one.pk}"
    ] * 4
    assert (line["deliverable"].owner, line["spent"], line["deliverable"].due_on) == (
        "ps", "1.5", later,
    )  # fmt: skip
    assert [point.by for point in line["points"]] == ["", "ps"]


@pytest.mark.parametrize(
    ("step", "sent", "said"),
    [
        ("tick", {"point": 9, "is_done": "on"}, "and no number 9"),
        ("hours", {"hours": "no", "on": "2026-03-02"}, "Enter a number"),
        ("replan", {"due_on": "2026-03-09", "why": " "}, "This field is required"),
    ],
)
def test_step_that_is_refused_is_said_on_the_page_and_nothing_is_written(
    step, sent, said, browser, world
):
    client, entries = browser("PS"), Entry.objects.count()

    response = client.post(f"/deliverables/{world.deliverable.pk}/{step}/", sent)

    assert (response.status_code, Entry.objects.count()) == (422, entries)
    assert said in response.content.decode()


def dots(world, *, rhythm="monthly", on=TODAY):
    put_service(world.number, "talk", title="Talk", rhythm=rhythm, by=PS, at=NOON)
    return services_of(
        Engagement.objects.get(pk=world.number), Moment(NOON, on, shipped())
    )[0]  # fmt: skip


@pytest.fixture
def year(world):
    deal = world.engagement.deal
    deal.start_on, deal.end_on = date(2025, 12, 10), date(2026, 5, 31)
    deal.save(update_fields=["start_on", "end_on"])
    return world


def test_service_has_a_dot_for_each_month_of_the_term(year):
    service = year.engagement.services.model(
        engagement=year.engagement, code="talk", title="Talk", rhythm="monthly"
    )
    service.save()
    told = {"on": TODAY, "by": PS, "at": NOON}
    check_service(service.pk, date(2025, 12, 1), is_given=True, note="", **told)
    check_service(service.pk, date(2026, 1, 1), is_given=False, note="Away.", **told)

    found = dots(year)

    assert [(dot["name"], dot["word"]) for dot in found["dots"]] == [
        ("Dec 2025", "given"),
        ("Jan 2026", "not given"),
        ("Feb 2026", "nobody has said"),
        ("Mar 2026", "to come"),
        ("Apr 2026", "to come"),
        ("May 2026", "to come"),
    ]
    assert [name for _code, name in found["form"].fields["month"].choices] == [
        "Mar 2026", "Feb 2026", "Jan 2026", "Dec 2025",
    ]  # fmt: skip


def test_service_of_each_quarter_has_a_dot_for_each_quarter(year):
    assert [dot["name"] for dot in dots(year, rhythm="quarterly")["dots"]] == [
        "Dec 2025", "Mar 2026",
    ]  # fmt: skip


def test_service_of_a_long_term_shows_two_years_around_now(year):
    year.engagement.deal.end_on = date(2032, 12, 31)
    year.engagement.deal.save(update_fields=["end_on"])

    names = [dot["name"] for dot in dots(year, on=date(2028, 6, 15))["dots"]]

    assert (len(names), names[0], names[11]) == (24, "Jul 2027", "Jun 2028")


def test_month_of_a_service_is_said_on_the_page(browser, world):
    deal = world.engagement.deal
    deal.start_on, deal.end_on = timezone.now().date() - timedelta(days=70), None
    deal.save(update_fields=["start_on", "end_on"])
    put_service(world.number, "talk", title="Talk", rhythm="monthly", by=PS, at=NOON)
    service, client = world.engagement.services.get(code="talk"), browser("PS")
    sent = {"month": f"{deal.start_on:%Y-%m}", "is_given": "no", "note": "Away."}

    said = client.post(f"/services/{service.pk}/check/", sent)
    refused = client.post(f"/services/{service.pk}/check/", sent | {"note": ""})
    nonsense = client.post(f"/services/{service.pk}/check/", sent | {"month": "soon"})

    assert [one.status_code for one in (said, refused, nonsense)] == [302, 422, 422]
    assert list(ServiceMonth.objects.values_list("is_given", "note")) == [(False, "Away.")]
    assert "Away." in page_of(client, world).content.decode()


def amend(world, effective_on, end_on):
    first = Agreement.objects.get(deal=world.engagement.deal, amends=None)
    made = Agreement.objects.create(
        deal=first.deal, kind=first.kind, title="Amendment 1", amends=first, effective_on=effective_on,
        end_on=end_on, amendment_kind="extend", created_at=NOON,
    )  # fmt: skip
    for position, party in enumerate(("CS&S", "University"), 1):
        made.signatories.create(
            position=position, party=party, name=party, state="signed", signed_on=TODAY
        )
    return made


def test_terms_are_shown_as_of_each_day_on_which_they_changed(browser, world):
    first = Agreement.objects.get(deal=world.engagement.deal, amends=None)
    amend(world, effective_on=date(2099, 1, 1), end_on=date(2100, 5, 31))
    client = browser("BD")

    today, later = page_of(client, world), page_of(client, world, "?as_of=2099-01-01")

    assert [tab["label"] for tab in today.context["agreed"]["tabs"]][:1] == ["Today"]
    assert "As of 1 Jan 2099" in [tab["label"] for tab in today.context["agreed"]["tabs"]]
    assert [len(one.context["agreed"]["terms"].counted) for one in (today, later)] == [1, 2]
    assert later.context["agreed"]["terms"].end_on == date(2100, 5, 31)
    assert today.context["agreed"]["terms"].end_on != later.context["agreed"]["terms"].end_on
    assert first.title in str(today.context["agreed"]["terms"].governing)


def test_terms_of_a_day_that_is_none_are_those_of_today(browser, world):
    assert page_of(browser("BD"), world, "?as_of=never").context["agreed"]["is_today"]


def test_cluster_says_who_pays_by_the_agreement_and_where_its_file_differs(browser, world):
    link_clusters(by="t", at=NOON)
    client = browser("PS")
    filed = page_of(client, world).context["agreed"]["clusters"][0]["payer"]
    agreement = Agreement.objects.get(deal=world.engagement.deal, amends=None)
    cluster = world.engagement.on_clusters.get().cluster
    AgreementPayer.objects.create(
        agreement=agreement, cluster=cluster, payer=Payer.COMMUNITY, from_on=date(2026, 1, 1)
    )

    response = page_of(client, world)

    assert (filed["word"], filed["source"]) == ("We pay", "as its file says")
    assert response.context["agreed"]["clusters"][0]["payer"] == {
        "word": "Community pays", "source": "agreed from 1 Jan 2026", "differs": "We pay",
    }  # fmt: skip


def test_work_that_nobody_promised_is_named(browser, world):
    text = page_of(browser("PS"), world).content.decode()

    assert "Work that nobody promised" in text


@pytest.mark.parametrize(("days", "is_silent"), [(29, False), (31, True)])
def test_status_older_than_thirty_days_is_stale_and_asks_for_a_sentence(
    days, is_silent, browser, world
):
    at = timezone.now() - timedelta(days=days)
    report_health(world.number, Health.AT_RISK, why="No account.", by="ps", at=at)

    text = page_of(browser("PS"), world).content.decode()

    assert ("Say in one sentence how it goes" in text, "too old to rely on" in text) == (
        is_silent, is_silent,
    )  # fmt: skip


def listed(client, query):
    found = client.get(f"/engagements/{query}").context["lines"]
    return [line["deal"].name for line in found]


@pytest.fixture
def portfolio(db):
    """Return three engagements: one silent, one with work overdue, one verified."""
    first, second, third = make_engagements(3)
    for one in (second, third):
        report_health(one.number, Health.ON_TRACK, why="", by=PS, at=timezone.now())
    make_deliverable(second)
    done = make_deliverable(third)
    Deliverable.objects.filter(pk=done.pk).update(
        state="verified", done_by="ps", done_at=NOON, verdict_by="bd", verdict_at=NOON
    )
    return first, second, third


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?is=stale", ["Deal 0"]),
        ("?is=overdue", ["Deal 1"]),
        ("?is=verified", ["Deal 2"]),
        ("?is=to-verify", []),
        ("?is=returned", []),
        ("?is=unaccepted", []),
        ("?is=stale&is=overdue", []),
        ("?is=nonsense", ["Deal 0", "Deal 1", "Deal 2"]),
        ("?tier=premier", []),
    ],
)
def test_portfolio_is_narrowed_by_sentences_that_all_hold(query, expected, browser, portfolio):
    assert listed(browser("PS"), query) == expected


def test_portfolio_says_how_far_each_engagement_is(browser, portfolio):
    found = browser("PS").get("/engagements/").context["lines"]

    assert [
        (line["is_stale"], line["progress"].verified, line["progress"].promised,
         line["progress"].overdue)
        for line in found
    ] == [(True, 0, 0, 0), (False, 0, 1, 1), (False, 1, 1, 0)]  # fmt: skip


def test_view_of_the_portfolio_is_saved_for_oneself_alone_and_deleted(browser, portfolio):
    client = browser("PS")
    client.post("/engagements/views/save/", {"name": "Mine", "query": "is=overdue&page=2&x=1"})
    text = client.get("/engagements/").content.decode()
    others = browser("BD").get("/engagements/").content.decode()
    number = client.get("/engagements/").context["saved"][0]["view"].pk

    client.post(f"/engagements/views/{number}/delete/")

    assert ('href="/engagements/?is=overdue"' in text, "Mine" in others) == (True, False)
    assert client.get("/engagements/").context["saved"] == []


def test_ps_sees_what_is_its_own_what_was_returned_and_what_lacks_evidence(browser, world):
    client = browser("PS")
    codes = ("mine", "theirs", "unowned", "returned", "unproven")
    made = {code: make_deliverable(world.engagement, code) for code in codes}
    done = {"done_by": "ps", "done_at": NOON}
    for code, fields in {
        "mine": {"owner": "ps"},
        "theirs": {"owner": "other"},
        "returned": {"owner": "ps", "state": "returned", "verdict_why": "No login.",
                     "verdict_by": "bd", "verdict_at": NOON, **done},
        "unproven": {"owner": "ps", "state": "done", "wanted_evidence": ["hub.answers"], **done},
    }.items():  # fmt: skip
        Deliverable.objects.filter(pk=made[code].pk).update(**fields)

    def parts(query=""):
        found = client.get(f"/my-deliverables/{query}").context["parts"]
        return {part["code"]: [line["one"].code for line in part["lines"]] for part in found}

    assert parts() == {"returned": ["returned"], "to_do": ["mine"], "unproven": ["unproven"]}
    assert parts("?whose=all")["to_do"] == ["phase-1", "mine", "theirs", "unowned"]
    Engagement.objects.filter(pk=world.number).update(accepted_by="ps", accepted_at=NOON)
    assert parts()["to_do"] == ["phase-1", "mine", "unowned"]
    assert "No login." in client.get("/my-deliverables/").content.decode()


def test_deliverables_of_ps_cost_as_many_queries_for_six_as_for_one(
    browser, world, django_assert_num_queries
):
    client = browser("PS")
    with django_assert_num_queries(7):
        client.get("/my-deliverables/?whose=all")
    for code in ("a", "b", "c", "d", "e"):
        make_deliverable(world.engagement, code)
    with django_assert_num_queries(7):
        client.get("/my-deliverables/?whose=all")


def test_review_is_opened_decided_closed_and_handed_out_as_markdown(browser, world):
    client = browser("BD")
    client.post("/engagement-reviews/open/")
    meeting = Meeting.objects.get()
    address = f"/engagement-reviews/{meeting.pk}"
    sent = {"number": world.number, "text": "Ask them.", "owner": "ps", "due_on": ""}

    refused = client.post(f"{address}/decide/", sent | {"text": ""})
    decided = client.post(f"{address}/decide/", sent)
    client.post(f"{address}/close/")

    file = client.get(f"{address}/minutes.md")
    assert (refused.status_code, decided.status_code) == (422, 302)
    assert decided.headers["Location"] == f"/engagement-reviews/#engagement-{world.number}"
    assert file.headers["Content-Type"] == "text/markdown; charset=utf-8"
    assert "Decided: Ask them. – ps\n" in file.content.decode()
    assert "Ask them." in page_of(client, world).content.decode()


def test_health_said_in_the_review_leads_back_to_it(browser, world):
    sent = {"health": "on_track", "why": "", "page": "meeting"}

    response = browser("PS").post(f"/engagements/{world.number}/health/", sent)

    assert response.headers["Location"] == f"/engagement-reviews/#engagement-{world.number}"


def test_decision_is_settled_on_the_page_of_its_engagement(browser, world):
    client = browser("PS")
    meeting = open_meeting(on=TODAY, by="bd", at=NOON)
    made = decide(meeting.pk, "Ask.", number=world.number, owner="", due_on=None, by="bd", at=NOON)

    response = client.post(f"/decisions/{made.pk}/settle/", {"back": "engagement"})

    made.refresh_from_db()
    assert response.headers["Location"] == f"/engagements/{world.number}/#decisions"
    assert made.settled_by == "ps"


def test_review_costs_as_many_queries_for_four_engagements_as_for_one(
    browser, django_assert_num_queries
):
    client = browser("PS")
    make_engagements(1)
    with django_assert_num_queries(16):
        client.get("/engagement-reviews/")
    make_engagements(3)
    with django_assert_num_queries(16):
        client.get("/engagement-reviews/")


def test_what_could_not_be_looked_at_is_neither_missing_nor_not_looked_for(browser, world):
    one = world.deliverable
    kinds = ["issue.closed", "hub.answers", "manual"]
    Deliverable.objects.filter(pk=one.pk).update(wanted_evidence=kinds)
    for kind, state in (("issue.closed", "unavailable"), ("hub.answers", "absent")):
        add_evidence(
            one, EvidenceKind(kind), text="So it is.", state=EvidenceState(state), by="worker",
            at=NOON,
        )  # fmt: skip

    response = page_of(browser("PS"), world)

    found, text = lines(response)[0]["lacking"], response.content.decode()
    assert (found.unlooked, found.absent, found.unavailable, found.missing) == (
        ("Said by a person",), ("Hub answers",), ("GitHub issue closed",), 2,
    )  # fmt: skip
    assert ("GitHub issue closed: not looked for yet" in text, "2 missing" in text) == (False, True)
    assert "1 could not be looked at" in text


def test_file_is_brought_on_the_page_and_handed_out_only_to_be_saved(browser, world):
    client, one = browser("PS"), world.deliverable
    picture = SimpleUploadedFile("log in.png", b"\x89PNG\r\n\x1a\n", content_type="text/html")

    sent = client.post(
        f"/deliverables/{one.pk}/prove/", {"evidence": "The login.", "file": picture}
    )

    proof = Evidence.objects.get(text="The login.")
    assert sent.headers["Location"] == f"/engagements/{world.number}/#deliverable-{one.pk}"
    assert f'href="/evidence/{proof.pk}/file/"' in page_of(client, world).content.decode()
    answer = client.get(f"/evidence/{proof.pk}/file/")
    assert {name: answer.headers[name] for name in HANDED_OUT} == HANDED_OUT
    assert answer.content == b"\x89PNG\r\n\x1a\n"


def test_page_that_a_browser_would_run_is_no_evidence(browser, world):
    page = SimpleUploadedFile("x.png", b"<script>1</script>", content_type="image/png")

    answer = browser("PS").post(f"/deliverables/{world.deliverable.pk}/done/", {"file": page})

    assert answer.status_code == 422
    assert "x.png is no file that shows something." in answer.content.decode()
