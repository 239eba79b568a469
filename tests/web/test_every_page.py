"""What holds of every page, whoever reads it: rendered from the demonstration, and parsed."""

from html.parser import HTMLParser

import pytest
from django.core.signing import Signer
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.web.conftest import (
    CHAMPION_TOKEN,
    TOKEN,
    WORK_TOKEN,
    issue,
    issue_question,
    issue_work,
)
from tests.web.test_access import (
    EXPECTED,
    PASSWORD_TOKEN,
    RECORD_TOKEN,
    SCOPE_TOKEN,
    addresses,
    ask_of_data,
)
from throughline.budgets.models import Alert
from throughline.capacity.models import Colleague
from throughline.cli.demonstration import load_demonstration
from throughline.communities.actions import issue_record_link
from throughline.communities.models import Community, Contact
from throughline.delivery.actions.meetings import open_meeting
from throughline.delivery.models import Deliverable, Engagement, Meeting
from throughline.handoff.actions_webhooks import keeping as webhooks
from throughline.handoff.models import Subscription
from throughline.intake.week.figures import FIGURES
from throughline.mail.models import Message
from throughline.mail.unsubscribing import SALT
from throughline.people.actions_users import password_link
from throughline.people.models import User
from throughline.playbook.loader import shipped
from throughline.renewals.actions_offboarding import people_to_ask
from throughline.renewals.models import Offboarding
from throughline.sales.actions.scope import issue_scope_link
from throughline.sales.models import Agreement, Deal, SponsorWork, StatementOfWork
from throughline.web.help.manual import documents
from throughline.web.middleware import POLICY

TOKENS = {
    "work-link": WORK_TOKEN, "own-record": RECORD_TOKEN, "scope": SCOPE_TOKEN,
    "champion": CHAMPION_TOKEN, "password-set": PASSWORD_TOKEN,
}  # fmt: skip
NOT_PAGES = {"agreement-file", "capacity-chart", "health", "statement-file", "work-link-file"}
NOT_PAGES |= {"message-html", "mail-preview-html"}  # a mail in a frame, under a policy of its own
NOT_PAGES |= {"certificate", "meeting-file", "value-chart", "billing-charges"}
NOT_PAGES |= {"billing-workbook", "evidence-file", "first-values-chart"}
NOT_PAGES |= {"certificate", "meeting-file", "value-chart", "budget-chart"}
NOT_PAGES |= {
    "process-file",
    *(f"process-{name}-chart" for name in ("dwell", "conversion", "money", "load")),
}
NOT_PAGES |= {"calendar", "calendar-link", "renewal-pack", "renewal-patch"}


class Inspector(HTMLParser):
    """Notes what a strict content security policy would not let work, and what breaks a page."""

    def __init__(self):
        super().__init__()
        self.problems, self.ids, self.headings = [], [], 0
        self.fields, self.labelled = [], set()
        self.within_labels = 0

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "style" or "style" in given or "hx-on" in given:
            self.problems.append(f"<{tag}> has a style of its own")
        if tag == "script" and not given.get("src"):
            self.problems.append("a script without an address")
        self.problems += [f"<{tag} {name}>" for name in given if name.startswith("on")]
        if str(given.get("href", "")).startswith("javascript:"):
            self.problems.append("a link that is a script")
        self.headings += tag == "h1"
        self.ids += [given["id"]] if "id" in given else []
        self.within_labels += tag == "label"
        if tag == "label" and given.get("for"):
            self.labelled.add(given["for"])
        if tag in {"input", "select", "textarea"} and given.get("type") not in {"hidden", "submit"}:
            names_itself = given.get("aria-label") or given.get("aria-labelledby")
            if not names_itself and not self.within_labels:
                self.fields.append(given.get("id"))

    def handle_endtag(self, tag):
        self.within_labels -= tag == "label"

    def found(self):
        """Return all problems, those of the whole page as well."""
        twice = {one for one in self.ids if self.ids.count(one) > 1}
        bare = [one for one in self.fields if one not in self.labelled]
        return [
            *self.problems,
            *(f"the id {one} is given twice" for one in sorted(twice)),
            *(f"the field {one} has no label" for one in bare),
            *([] if self.headings == 1 else [f"{self.headings} headings of the first level"]),
        ]


def inspected(text):
    inspector = Inspector()
    inspector.feed(text)
    return inspector.found()


@pytest.fixture
def demonstration(db):
    tell_demonstration()


def tell_demonstration():
    """Fill the database with the demonstration, and with what it does not tell of."""
    load_demonstration(at=timezone.now(), playbook=shipped())
    issue(Engagement.objects.order_by("pk")[1])
    issue_question(Deliverable.objects.earliest("pk"))
    open_meeting(on=timezone.now().date(), by="test", at=timezone.now())
    issue_work(SponsorWork.objects.filter(done_at=None).order_by("pk").first())
    ways = {"issued_to": "Cam Champion", "by": "test", "at": timezone.now()}
    issue_record_link(Community.objects.earliest("pk").pk, RECORD_TOKEN, **ways)
    planned = StatementOfWork.objects.exclude(deal=None).earliest("pk")
    issue_scope_link(planned.deal_id, SCOPE_TOKEN, **ways)
    TOKENS["data-question"] = ask_of_data(_with_representative())
    told = {"by": "test", "at": timezone.now()}
    made, _secret = webhooks.subscribe(
        "n8n", "https://example.org/", [], randomness=b"r" * 32, **told
    )
    webhooks.send_test(made.pk, "msg_1", **told)
    password_link(User.objects.get(username="admin"), PASSWORD_TOKEN, by="test", at=timezone.now())


def _with_representative():
    """Return the deal of an engagement with somebody who can be asked."""
    on = timezone.now().date()
    deals = [one.deal for one in Engagement.objects.select_related("deal").order_by("pk")]
    return next(one for one in deals if people_to_ask(one, on=on))


def pages():
    """Return every address that shows a page, with each thing there is."""
    return (address for _name, address in named_pages())


def named_pages():
    """Return what `pages` does, each with the name of its address."""
    things = {
        "engagement": Engagement.objects.values_list("pk", flat=True),
        "budget": Engagement.objects.values_list("pk", flat=True),
        "alert": Alert.objects.values_list("pk", flat=True),
        "webhook": Subscription.objects.values_list("pk", flat=True),
        "week": FIGURES,
        "help-page": documents(),
        "meeting": Meeting.objects.values_list("pk", flat=True),
        "scope-work": Engagement.objects.values_list("pk", flat=True)[:3],
        "engagement-value": Engagement.objects.values_list("pk", flat=True),
        "renewal": Engagement.objects.values_list("pk", flat=True),
        "offboarding": Offboarding.objects.values_list("deal", flat=True),
        "handoff": Engagement.objects.values_list("pk", flat=True),
        "handoff-drift": Engagement.objects.values_list("pk", flat=True),
        "deal": Deal.objects.values_list("pk", flat=True),
        **dict.fromkeys(
            [name for name in EXPECTED if name.startswith("statement")],
            StatementOfWork.objects.exclude(deal=None).values_list("deal", flat=True)[:1],
        ),
        "agreement": Deal.objects.values_list("pk", flat=True),
        "agreement-terms": Agreement.objects.values_list("deal", flat=True),
        "capacity-colleague": Colleague.objects.values_list("pk", flat=True)[:1],
        "message": Message.objects.values_list("pk", flat=True)[:3],
        "community": Community.objects.values_list("pk", flat=True),
        **dict.fromkeys(
            [name for name in EXPECTED if name.startswith("community-")],
            Community.objects.values_list("pk", flat=True)[:1],
        ),
        **dict.fromkeys(
            [name for name in EXPECTED if name.startswith("contact")],
            Contact.objects.values_list("pk", flat=True)[:1],
        ),
    }
    for name, (method, _allowed) in EXPECTED.items():
        if method != "get" or name in NOT_PAGES:
            continue
        wanted = list(addresses()[name].pattern.converters)
        if name == "unsubscribe":
            user = User.objects.earliest("pk").pk
            yield name, reverse("web:unsubscribe", args=[Signer(salt=SALT).sign(f"digest.{user}")])
        elif wanted == ["token"]:
            yield name, reverse(f"web:{name}", args=[TOKENS.get(name, TOKEN)])
        elif "code" in wanted:
            first = Deal.objects.earliest("pk").pk
            yield name, reverse(f"web:{name}", kwargs={"number": first, "code": "service.tier"})
        elif "version" in wanted:
            statement = StatementOfWork.objects.exclude(deal=None).earliest("pk")
            of = {"number": statement.deal_id, "version": statement.version}
            yield name, reverse(f"web:{name}", kwargs=of)
        elif wanted:
            found = things.get(name, Deal.objects.values_list("pk", flat=True)[:1])
            yield from ((name, reverse(f"web:{name}", kwargs={wanted[0]: pk})) for pk in found)
        else:
            yield name, reverse(f"web:{name}")


def test_every_page_obeys_its_own_policy_and_is_sound(demonstration):
    client = Client()
    client.force_login(User.objects.get(username="admin"))

    problems = {}
    for address in [
        *pages(),
        "/engagements/?view=all",
        "/renewals/?view=all",
        "/nothing/",
        "/renewals/?pretend=2031-01-01",
    ]:
        response = client.get(address)
        found = inspected(response.content.decode())
        if response.status_code != (404 if address == "/nothing/" else 200):
            found.append(f"status {response.status_code}")
        if response.headers["Content-Security-Policy"] != POLICY:
            found.append("no policy")
        if found:
            problems[address] = found

    assert problems == {}


def test_pages_for_those_who_are_not_signed_in_are_sound(db):
    client = Client()
    found = {
        address: inspected(client.get(address).content.decode())
        for address in ("/sign-in/", "/?token=wrong", "/s/wrong/", "/sign-in/?token=wrong")
    }

    assert {address: problems for address, problems in found.items() if problems} == {}


def test_page_of_a_broken_server_needs_nothing_but_itself(db, monkeypatch, settings, tmp_path):
    settings.STATIC_ROOT = tmp_path / "nothing-was-collected"
    hashed = {"BACKEND": "throughline.web.static_files.HashedFiles"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": hashed}
    monkeypatch.setattr("throughline.web.people.views.connection", None)

    response = Client(raise_request_exception=False).get("/healthz")

    assert (response.status_code, inspected(response.content.decode())) == (500, [])
    assert "Something broke here" in response.content.decode()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('<h1>x</h1><p style="color: red">', "<p> has a style of its own"),
        ("<h1>x</h1><script>x</script>", "a script without an address"),
        ('<h1>x</h1><a onclick="x">', "<a onclick>"),
        ('<h1>x</h1><a href="javascript:x">', "a link that is a script"),
        ('<h1 id="a">x</h1><p id="a">', "the id a is given twice"),
        ('<h1>x</h1><input id="a">', "the field a has no label"),
        ('<h1>x</h1><label>n</label><input id="a">', "the field a has no label"),
        ("<p>", "0 headings of the first level"),
    ],
)
def test_inspector_sees_what_it_looks_for(text, problem):
    assert inspected(text) == [problem]
