"""Who may open which address: all of them, from the table of addresses itself."""

import re
from functools import cache

import pytest
from django.core.signing import Signer
from django.test import Client
from django.urls import URLPattern, reverse
from django.utils import timezone

from tests.factories import NOON
from tests.prepared import made_once
from tests.sales.statement_drafts import DRAFT, write
from tests.web.conftest import (
    CHAMPION_TOKEN,
    HATS,
    TOKEN,
    WORK_TOKEN,
    issue_question,
    issue_work,
    keep_version_to_sign,
    one_of_each,
)
from throughline.budgets.models import Alert
from throughline.communities.actions import issue_record_link
from throughline.communities.models import Correction
from throughline.delivery.actions.deliverables import give_evidence
from throughline.delivery.actions.proofs import ProofFile
from throughline.delivery.models import (
    Decision,
    HandoffReturn,
    JointShare,
    JointWork,
    Meeting,
    Service,
)
from throughline.handoff.actions_webhooks import keeping as webhooks
from throughline.handoff.models import Outcome, Plan
from throughline.intake.models import (
    HubSpotField,
    HubSpotLabel,
    HubSpotMerge,
    HubSpotOrder,
    HubSpotStage,
)
from throughline.mail.unsubscribing import SALT
from throughline.people.actions import add_user
from throughline.people.actions_users import password_link
from throughline.people.models import User
from throughline.people.words import ROLES, Permission, RoleName
from throughline.playbook.loader import shipped
from throughline.renewals.actions_calendar import subscribe
from throughline.renewals.actions_data import data_token
from throughline.renewals.actions_offboarding import (
    ask_about_data,
    open_offboarding,
)
from throughline.sales.actions.scope import issue_scope_link
from throughline.sales.models import Agreement, DealNote, SponsorWork
from throughline.web.navigation import NAV
from throughline.web.urls import urlpatterns

RECORD_TOKEN = "r" * 43
SCOPE_TOKEN = "s" * 43
CALENDAR_TOKEN = "k" * 43
PASSWORD_TOKEN = "p" * 43
STAFF = frozenset({"BD", "PS", "Lead", "Admin"})
SIGNED_IN = STAFF | {"Sponsor", "stranger"}
EVERYBODY = SIGNED_IN | {"anonymous"}
BD_LEAD_ADMIN = frozenset({"BD", "Lead", "Admin"})
ADMIN = frozenset({"Admin"})
BD_ADMIN = frozenset({"BD", "Admin"})
PS_ADMIN = frozenset({"PS", "Admin"})
PS_LEAD_ADMIN = frozenset({"PS", "Lead", "Admin"})
STAFF_SPONSOR = STAFF | {"Sponsor"}
READ_AGREEMENTS = frozenset({"BD", "Lead", "Sponsor", "Admin"})  # those who see money

BILLING_STEPS = [
    f"billing-{step}"
    for step in (
        "assign", "bear", "correct", "count", "customer", "import", "invoices", "receipt", "split", "step",
    )
]  # fmt: skip

# Address: how it is asked, and who may. An address that is not here fails the test.
EXPECTED = {
    "today": ("get", SIGNED_IN),
    "sign-in": ("get", EVERYBODY),
    "sign-out": ("post", SIGNED_IN),
    "health": ("get", EVERYBODY),
    "billing": ("get", STAFF_SPONSOR),
    "billing-month": ("get", STAFF_SPONSOR),
    "billing-cell": ("get", STAFF_SPONSOR),
    "billing-waiting": ("get", STAFF_SPONSOR),
    **dict.fromkeys(BILLING_STEPS, ("post", READ_AGREEMENTS)),
    "billing-charges": ("get", READ_AGREEMENTS),
    "billing-workbook": ("get", READ_AGREEMENTS),
    "billing-workbook-bring": ("post", READ_AGREEMENTS),
    "process": ("get", STAFF),
    "process-flow": ("get", STAFF),
    "process-months": ("get", STAFF),
    "process-file": ("get", STAFF),
    "process-dwell-chart": ("get", STAFF),
    "process-conversion-chart": ("get", STAFF),
    "process-money-chart": ("get", BD_LEAD_ADMIN),
    "process-load-chart": ("get", BD_LEAD_ADMIN),
    "hubspot": ("get", STAFF),
    "hubspot-read": ("post", BD_LEAD_ADMIN),
    "hubspot-tell": ("post", BD_LEAD_ADMIN),
    "hubspot-stage": ("post", BD_LEAD_ADMIN),
    "hubspot-label": ("post", BD_LEAD_ADMIN),
    "hubspot-field": ("post", BD_LEAD_ADMIN),
    "hubspot-order": ("post", BD_ADMIN),
    "hubspot-settle": ("post", BD_LEAD_ADMIN),
    "hook-mail": ("post", EVERYBODY),  # whoever has the secret; see test_hooks.py of mail
    "hook-mail-in": ("post", EVERYBODY),  # the same
    "message-html": ("get", STAFF),
    "message-settle": ("post", STAFF),
    "mail-back": ("get", STAFF),
    "mail-seen": ("post", STAFF),
    "mail-preview": ("get", STAFF),
    "mail-preview-html": ("get", STAFF),
    "preferences": ("get", SIGNED_IN),
    "unsubscribe": ("get", EVERYBODY),
    "budgets": ("get", STAFF),
    "budget": ("get", STAFF),
    "budget-chart": ("get", READ_AGREEMENTS),
    "budget-watch": ("post", STAFF),
    "alerts": ("get", STAFF),
    "alert": ("get", STAFF),
    "alert-add": ("post", STAFF),
    "alert-step": ("post", STAFF),
    "word-settle": ("post", STAFF),
    "hook-csp": ("post", EVERYBODY),  # browsers report by themselves
    "hook-sns": ("post", EVERYBODY),  # whoever SNS signs for, or brings the token
    "hook-pubsub": ("post", EVERYBODY),
    "hook-azure": ("post", EVERYBODY),
    "hook-hubspot": ("post", EVERYBODY),  # whoever signs; see test_hubspot_hook.py
    "signed-link": ("get", EVERYBODY),
    "link-revoke": ("post", STAFF),
    "search": ("get", STAFF_SPONSOR),
    "keys": ("get", SIGNED_IN),
    "keys-choose": ("post", SIGNED_IN),
    "roles": ("get", STAFF),
    "people": ("get", ADMIN),
    "person-invite": ("post", ADMIN),
    "person-roles": ("post", ADMIN),
    "person-leave": ("post", ADMIN),
    "person-return": ("post", ADMIN),
    "person-password": ("post", ADMIN),
    "person-factor": ("post", ADMIN),
    "doctor": ("get", ADMIN),
    "doctor-outside": ("post", ADMIN),
    "webhooks": ("get", ADMIN),
    "webhook": ("get", ADMIN),
    **{
        f"webhook-{step}": ("post", ADMIN)
        for step in ("new", "test", "rotate", "stop", "go-on", "again", "end")
    },
    "account": ("get", SIGNED_IN),
    "password-change": ("post", SIGNED_IN),
    "sessions-end": ("post", SIGNED_IN),
    "session-end": ("post", SIGNED_IN),
    "tokens": ("get", STAFF_SPONSOR),
    "token-new": ("post", STAFF_SPONSOR),
    "token-revoke": ("post", STAFF_SPONSOR),  # one's own: see test_account_pages.py
    "password-forgot": ("get", EVERYBODY),
    "password-set": ("get", EVERYBODY),
    "week": ("get", STAFF),
    **{
        f"start{page}": ("get", ADMIN)
        for page in ("", "-organisation", "-people", "-playbook", "-import")
    },
    **{
        f"start-{step}": ("post", ADMIN)
        for step in ("tell", "invite", "confirm", "look", "take", "skip")
    },
    "help": ("get", SIGNED_IN),
    "help-page": ("get", SIGNED_IN),
    "sponsor-done": ("post", frozenset({"Sponsor", "Admin"})),
    "sponsor-desk": ("get", STAFF_SPONSOR),
    "sponsor-finish": ("post", frozenset({"Sponsor", "Admin"})),
    "sponsor-take": ("post", frozenset({"Sponsor", "Admin"})),
    "sponsor-remind": ("post", STAFF_SPONSOR),
    "sponsor-link": ("post", STAFF_SPONSOR),
    "sponsor-link-revoke": ("post", STAFF_SPONSOR),
    "work-link": ("get", EVERYBODY),
    "work-link-sign": ("post", EVERYBODY),
    "work-link-finish": ("post", EVERYBODY),
    "work-link-upload": ("post", EVERYBODY),
    "work-link-file": ("get", EVERYBODY),
    "agreement": ("get", STAFF_SPONSOR),
    "agreement-file": ("get", READ_AGREEMENTS),
    "agreement-terms": ("get", BD_LEAD_ADMIN),
    "agreement-amend": ("get", BD_LEAD_ADMIN),
    "agreement-withdraw": ("post", BD_LEAD_ADMIN),
    "agreement-party": ("post", BD_LEAD_ADMIN),
    "agreement-sign": ("post", READ_AGREEMENTS),
    "agreement-accept": ("post", READ_AGREEMENTS),
    "agreement-upload": ("post", READ_AGREEMENTS),
    "agreement-confirm": ("post", READ_AGREEMENTS),
    "agreement-reject": ("post", READ_AGREEMENTS),
    "agreement-payer": ("post", BD_LEAD_ADMIN),
    "engagements": ("get", STAFF),
    "engagements-save": ("post", STAFF),
    "engagements-unsave": ("post", STAFF),
    "engagement": ("get", STAFF),
    "engagement-accept": ("post", PS_ADMIN),
    "engagement-health": ("post", PS_ADMIN),
    "engagement-end": ("post", BD_LEAD_ADMIN),
    "engagement-link": ("post", STAFF),
    "deliverable-done": ("post", PS_ADMIN),
    "deliverable-verify": ("post", BD_ADMIN),
    "deliverable-prove": ("post", frozenset({"BD", "PS", "Admin"})),
    "evidence-file": ("get", STAFF),
    "scope-work": ("get", STAFF),
    "first-values": ("get", STAFF),
    "first-values-chart": ("get", STAFF),
    "joint-start": ("post", STAFF),
    **dict.fromkeys(
        [
            "scope-add",
            "clause-add",
            "project-begin",
            "ready-tell",
            "deliverable-rescope",
            "deliverable-drop",
            "deliverable-serve",
            "deliverable-need",
        ],
        ("post", frozenset({"BD", "PS", "Admin"})),
    ),
    **dict.fromkeys(
        ["joint-open", "joint-join", "joint-leave", "joint-price"], ("post", BD_LEAD_ADMIN)
    ),
    "deliverable-return": ("post", BD_ADMIN),
    "verification": ("get", STAFF),
    "deliverable-own": ("post", PS_ADMIN),
    "deliverable-tick": ("post", PS_ADMIN),
    "deliverable-hours": ("post", PS_ADMIN),
    "deliverable-replan": ("post", frozenset({"BD", "PS", "Admin"})),
    "service-check": ("post", PS_ADMIN),
    "my-deliverables": ("get", STAFF),
    "meetings": ("get", STAFF),
    "meeting-open": ("post", STAFF),
    "meeting": ("get", STAFF),
    "meeting-file": ("get", STAFF),
    "meeting-decide": ("post", STAFF),
    "meeting-close": ("post", STAFF),
    "decision-settle": ("post", STAFF),
    "deliverable-ask": ("post", BD_ADMIN),
    "engagement-look": ("post", frozenset({"BD", "PS", "Admin"})),
    "certificate": ("get", STAFF),
    "engagement-value": ("get", STAFF),
    "engagement-activity": ("post", PS_ADMIN),
    "value-chart": ("get", STAFF),
    "champion": ("get", EVERYBODY),
    "champion-answer": ("post", EVERYBODY),
    "handoff": ("get", STAFF),
    "handoff-apply": ("post", frozenset({"BD", "PS", "Admin"})),
    "handoff-verify": ("post", STAFF),
    "handoff-propose": ("post", STAFF),
    "handoff-field": ("post", frozenset({"BD", "PS", "Admin"})),
    "handoff-return": ("post", PS_ADMIN),
    "handoff-answer": ("post", BD_ADMIN),
    "handoff-drift": ("get", STAFF),
    "plan-approve": ("post", frozenset({"BD", "PS", "Admin"})),
    "plan-reject": ("post", frozenset({"BD", "PS", "Admin"})),
    "drift": ("get", STAFF),
    "drift-adopt": ("post", frozenset({"BD", "PS", "Admin"})),
    "drift-restore": ("post", frozenset({"BD", "PS", "Admin"})),
    "drift-ignore": ("post", frozenset({"BD", "PS", "Admin"})),
    "drift-mind": ("post", frozenset({"BD", "PS", "Admin"})),
    "notes": ("get", STAFF),
    "note-write": ("post", STAFF),
    "note-read": ("post", PS_ADMIN),
    "note-reply": ("post", STAFF),
    "note-settle": ("post", STAFF),
    "note-withdraw": ("post", STAFF),
    "data-question": ("get", EVERYBODY),  # before what closes the question
    "data-answer": ("post", EVERYBODY),
    "offboarding": ("get", STAFF_SPONSOR),
    "offboarding-done": ("post", STAFF_SPONSOR),
    "offboarding-ask": ("post", STAFF),
    "renewals": ("get", STAFF),
    "renewal": ("get", STAFF),
    "renewal-renew": ("post", BD_LEAD_ADMIN),
    "renewal-extend": ("post", BD_LEAD_ADMIN),
    "renewal-amend": ("post", BD_LEAD_ADMIN),
    "renewal-end": ("post", BD_LEAD_ADMIN),
    "renewal-take-back": ("post", BD_LEAD_ADMIN),
    "renewal-pack": ("get", STAFF),
    "renewal-patch": ("get", STAFF),
    "running": ("get", STAFF),
    "running-allow": ("post", BD_LEAD_ADMIN),
    "running-decide": ("post", frozenset({"Lead", "Admin"})),
    "calendar": ("get", STAFF),
    "calendars": ("get", STAFF),
    "calendar-new": ("post", STAFF),
    "calendar-revoke": ("post", STAFF),
    "calendar-link": ("get", EVERYBODY),
    "reconcile": ("get", STAFF),
    "outbox": ("get", STAFF),
    "message": ("get", STAFF),
    "journal": ("get", STAFF),
    "playbook": ("get", STAFF),
    "design": ("get", STAFF),
    "pipeline": ("get", STAFF),
    "deal": ("get", STAFF),
    "deal-new": ("get", BD_LEAD_ADMIN),
    "deal-advance": ("post", BD_LEAD_ADMIN),
    "deal-moves": ("get", BD_LEAD_ADMIN),
    "view-save": ("post", STAFF),
    "view-delete": ("post", STAFF),
    "deal-record": ("get", BD_LEAD_ADMIN),  # of deal.owner: each fact has its own writers
    "deal-waive": ("get", STAFF),
    "deal-early-start": ("get", frozenset({"Lead", "Admin"})),
    "deal-explain": ("post", BD_LEAD_ADMIN),
    "deal-order": ("post", BD_ADMIN),
    "deal-summary": ("post", BD_LEAD_ADMIN),
    "capacity": ("get", STAFF),
    "capacity-chart": ("get", STAFF),
    "capacity-team": ("get", STAFF),
    "capacity-team-new": ("get", PS_LEAD_ADMIN),
    "capacity-team-import": ("post", PS_LEAD_ADMIN),
    "capacity-colleague": ("get", PS_LEAD_ADMIN),
    "capacity-away": ("post", PS_LEAD_ADMIN),
    "capacity-back": ("post", PS_LEAD_ADMIN),
    "deal-capacity": ("get", STAFF),
    "deal-capacity-look-again": ("post", STAFF),
    "deal-capacity-confirm": ("post", PS_LEAD_ADMIN),
    "deal-capacity-counter": ("post", PS_LEAD_ADMIN),
    "deal-capacity-refuse": ("post", PS_LEAD_ADMIN),
    "reviews": ("get", STAFF),
    "review": ("get", STAFF),
    "review-accept": ("post", frozenset({"PS", "Lead", "Admin"})),
    "review-answer": ("post", frozenset({"PS", "Lead", "Admin"})),
    "review-decline": ("post", frozenset({"PS", "Lead", "Admin"})),
    "review-hand-on": ("post", frozenset({"PS", "Lead", "Admin"})),
    "review-comment": ("post", STAFF),
    "review-ask": ("get", BD_LEAD_ADMIN),
    "review-spoken": ("get", STAFF),
    "statements": ("get", STAFF),
    "statement": ("get", STAFF),
    "statement-version": ("get", STAFF),
    "statement-changes": ("get", STAFF),
    "statement-file": ("get", STAFF),
    "statement-edit": ("get", STAFF),
    "statement-sign": ("post", STAFF),
    "waivers": ("get", STAFF),
    "waiver-renew": ("post", STAFF),
    "waiver-withdraw": ("post", STAFF),
    "exceptions": ("get", STAFF),
    "deal-revert": ("post", BD_LEAD_ADMIN),
    "playbook-changes": ("get", STAFF),
    "communities": ("get", STAFF),
    "community": ("get", STAFF),
    "community-check-id": ("get", STAFF),
    "community-history": ("get", STAFF),
    "community-questions": ("get", STAFF),
    "community-edit": ("get", BD_LEAD_ADMIN),
    "community-merge": ("get", BD_LEAD_ADMIN),
    "community-reserve": ("post", BD_LEAD_ADMIN),
    "community-release": ("post", BD_LEAD_ADMIN),
    "community-answer": ("post", BD_LEAD_ADMIN),
    "community-ask": ("post", BD_LEAD_ADMIN),
    "community-settle": ("post", BD_LEAD_ADMIN),
    "community-link": ("post", BD_LEAD_ADMIN),
    "correction-settle": ("post", BD_LEAD_ADMIN),
    "record-link-revoke": ("post", BD_LEAD_ADMIN),
    "own-record": ("get", EVERYBODY),
    "scope": ("get", EVERYBODY),
    "scope-link": ("post", BD_LEAD_ADMIN),
    "contact": ("get", STAFF),
    "contact-edit": ("get", BD_LEAD_ADMIN),
    "contact-leave": ("post", BD_LEAD_ADMIN),
    "contact-merge": ("post", BD_LEAD_ADMIN),
    "contact-erase": ("post", BD_LEAD_ADMIN),
}
SIGN_IN = "/sign-in/"


@pytest.fixture
def world(db):
    """Return one thing of each kind, and what each address is about."""
    return something_for_each_address()


@made_once
def something_for_each_address():
    """Make one thing of each kind, and what else the addresses are about."""
    world = one_of_each()
    write(world.engagement.deal, DRAFT)
    work = SponsorWork.objects.get(deal=world.engagement.deal, kind="signatures")
    issue_work(work)
    world.other_link = issue_work(work, token="v" * 43)
    issue_question(world.deliverable)
    world.file = keep_version_to_sign(Agreement.objects.get(deal=world.engagement.deal))
    pk = world.community.pk
    ways = {"issued_to": "Cam", "by": "test", "at": timezone.now()}
    issue_record_link(pk, RECORD_TOKEN, **ways)
    issue_scope_link(world.number, SCOPE_TOKEN, **ways)
    world.record_link = issue_record_link(pk, "q" * 43, **ways)
    world.correction = Correction.objects.create(
        community_id=pk, facts={"website": "https://earth.example"}, said_by="Cam", at=NOON
    )
    world.note = DealNote.objects.create(
        deal=world.engagement.deal, kind="promise", text="We said March.", by="ada", at=NOON
    )
    world.returned = HandoffReturn.objects.create(
        engagement=world.engagement, line="note:1", line_text="Note 1", why="No.", by="pia", at=NOON
    )
    world.plan = Plan.objects.create(
        engagement=world.engagement, made_at=NOON, made_by="ada", digest="x", lines=[]
    )
    world.service = Service.objects.create(
        engagement=world.engagement, code="support", title="Support", rhythm="monthly"
    )
    shown = ProofFile(b"%PDF-1.7\n%%EOF", "shown.pdf")
    world.proof = give_evidence(
        world.deliverable.pk, text="", link="", file=shown, by="test", at=NOON
    )
    world.joint = JointWork.objects.create(
        project=world.deliverable.project, title="Shared", begun_in=world.engagement,
        begun_as="new-hub", threshold=1, opened_by="ada", opened_at=NOON,
    )  # fmt: skip
    JointShare.objects.create(
        work=world.joint, deal=world.engagement.deal, parts=1, joined_by="ada", joined_at=NOON
    )
    world.meeting = Meeting.objects.create(held_on=NOON.date(), opened_by="ada", opened_at=NOON)
    world.decision = Decision.objects.create(
        meeting=world.meeting, text="Ask them.", by="ada", at=NOON
    )
    world.outcome = Outcome.objects.create(
        key="delivery.project:1:gone", engagement=world.engagement, system="delivery",
        summary="Project", wanted={}, seen={}, receipt={"id": 1}, receipt_at=NOON,
        state="converged",
    )  # fmt: skip
    world.alert = Alert.objects.create(
        key="a", about="aws 1", month="2026-03", opened_at=NOON, last_at=NOON
    )
    world.data_token = ask_of_data(world.engagement.deal)
    subscribe_reader()
    world.hubspot = hubspot_rows(world)
    doors(world)
    return world


def doors(world):
    """Add people and a webhook to decide about, and a link by which a password is chosen."""
    world.somebody = add_user(
        "somebody", roles=frozenset(), by="test", at=NOON, email="some@example.org"
    )
    forgetful = add_user("forgetful", roles=frozenset(), by="test", at=NOON)
    password_link(forgetful, PASSWORD_TOKEN, by="test", at=timezone.now())
    world.webhook, _secret = webhooks.subscribe(
        "n8n", "https://example.org/", [], randomness=b"r" * 32, by="test", at=NOON
    )
    world.told = webhooks.send_test(world.webhook.pk, "msg_1", by="test", at=NOON)


def ask_of_data(deal):
    """Take something down, ask about its data, and return what opens the question."""
    now = timezone.now()
    open_offboarding(deal, why="It ends.", by="test", at=now)
    return data_token(ask_about_data(deal.pk, playbook=shipped(), by="test", at=now))


def subscribe_reader():
    """Let somebody's calendar read renewals."""
    roles = frozenset({RoleName.BD})
    add_user("reader", roles=roles, by="test", at=NOON)
    subscribe("reader", CALENDAR_TOKEN, at=timezone.now())


def hubspot_rows(world):
    """Make one row of each kind that HubSpot's page has a form for; return their numbers."""
    common = {"label": "A", "seen_at": NOON}
    stage = {"pipeline_id": "1", "pipeline_label": "P", "place": 1}
    rows = {
        "hubspot-stage": HubSpotStage.objects.create(stage_id="1", **stage, **common),
        "hubspot-label": HubSpotLabel.objects.create(key="1", **common),
        "hubspot-field": HubSpotField.objects.create(name="1", **common),
        "hubspot-order": HubSpotOrder.objects.create(order_id="1", deal_id="1", seen_at=NOON),
        "hubspot-settle": HubSpotMerge.objects.create(
            survivor_id="1", deals=[world.number], found_at=NOON
        ),
    }
    return {name: row.pk for name, row in rows.items()}


@cache
def addresses():
    """Return every named address with the arguments that it takes."""
    return addresses_of(urlpatterns)


def addresses_of(patterns):
    found = {}
    for one in patterns:
        if isinstance(one, URLPattern):
            found[one.name] = one
        else:
            found |= addresses_of(one.url_patterns)
    return found


def _somebody():
    return User.objects.get_or_create(username="told")[0].pk


def address_of(name, world):
    """Return an address with the arguments of things that are there."""
    values = {
        "number": world.number,
        "figure": "gates",
        "slug": "how-to/ask-ps",
        "code": "data" if name == "offboarding-done" else "deal.owner",
        "name": "0123456789abcdef",
        "version": 1,
        "kind": "md",
        "theme": "light",
        "table": "map",
        "step": "take",
        "token": {
            "own-record": RECORD_TOKEN,
            "scope": SCOPE_TOKEN,
            "password-set": PASSWORD_TOKEN,
            "champion": CHAMPION_TOKEN,
            "champion-answer": CHAMPION_TOKEN,
            "unsubscribe": Signer(salt=SALT).sign(f"digest.{_somebody()}"),
            "data-question": world.data_token,
            "data-answer": world.data_token,
            "calendar-link": CALENDAR_TOKEN,
        }.get(name, WORK_TOKEN if name.startswith("work-link") else TOKEN),
        "pk": {
            "link-revoke": world.link.pk,
            **dict.fromkeys(
                [name for name in EXPECTED if name.startswith("person-")], world.somebody.pk
            ),
            **dict.fromkeys(
                [name for name in EXPECTED if name.startswith("webhook")], world.webhook.pk
            ),
            "webhook-again": world.told.pk,
            **dict.fromkeys(
                [name for name in EXPECTED if name.startswith("sponsor-")], world.work.pk
            ),
            "sponsor-link-revoke": world.other_link.pk,
            "agreement-file": world.file.pk,
            "work-link-file": world.file.pk,
            "message": world.message.pk,
            "message-html": world.message.pk,
            "message-settle": world.message.pk,
            **dict.fromkeys(
                [name for name in EXPECTED if name.startswith("community")], world.community.pk
            ),
            **dict.fromkeys(
                [name for name in EXPECTED if name.startswith("contact")], world.contact.pk
            ),
            "service-check": world.service.pk,
            "alert": world.alert.pk,
            "alert-step": world.alert.pk,
            "calendar-revoke": 0,
            "evidence-file": world.proof.pk,
            **dict.fromkeys(
                [name for name in EXPECTED if name.startswith("joint-")], world.joint.pk
            ),
            "decision-settle": world.decision.pk,
            **dict.fromkeys(
                [name for name in EXPECTED if name.startswith("meeting")], world.meeting.pk
            ),
            "capacity-colleague": world.colleague.pk,
            "capacity-away": world.colleague.pk,
            "capacity-back": world.time_off.pk,
            "handoff-answer": world.returned.pk,
            **dict.fromkeys(["plan-approve", "plan-reject"], world.plan.pk),
            **dict.fromkeys([name for name in EXPECTED if name.startswith("note-")], world.note.pk),
            **dict.fromkeys(
                [name for name in EXPECTED if name.startswith("drift-")], world.outcome.pk
            ),
            "correction-settle": world.correction.pk,
            "record-link-revoke": world.record_link.pk,
            "review": world.review.pk,
            **dict.fromkeys(
                [name for name in EXPECTED if name.startswith("review-")], world.review.pk
            ),
            "waiver-renew": world.waiver.pk,
            "waiver-withdraw": world.waiver.pk,
            **world.hubspot,
        }.get(name, world.deliverable.pk),
    }
    wanted = addresses()[name].pattern.converters
    return reverse(f"web:{name}", kwargs={argument: values[argument] for argument in wanted})


def answer_of(client, name, world):
    """Return what an address answers in one word: open, forbidden, sign in, or its status."""
    response = getattr(client, EXPECTED[name][0])(address_of(name, world))
    location = response.headers.get("Location", "")
    if response.status_code == 302 and location.startswith(SIGN_IN) and name != "sign-out":
        return "sign in"
    if response.status_code in {200, 204, 302, 422}:
        return "open"
    return {403: "forbidden"}.get(response.status_code, str(response.status_code))


def test_every_address_has_an_expectation():
    assert sorted(addresses()) == sorted(EXPECTED)


@pytest.mark.parametrize("hat", HATS)
def test_signed_in_person_opens_what_their_hat_may_and_nothing_else(hat, browser, world):
    found = {name: answer_of(browser(hat), name, world) for name in EXPECTED}

    assert found == {
        name: "open" if hat in allowed else "forbidden"
        for name, (_method, allowed) in EXPECTED.items()
    }


def test_anonymous_is_sent_to_sign_in_from_all_but_public_addresses(world):
    found = {name: answer_of(Client(), name, world) for name in EXPECTED if name != "sign-out"}

    assert found == {
        name: "open" if "anonymous" in allowed else "sign in"
        for name, (_method, allowed) in EXPECTED.items()
        if name != "sign-out"
    }
    assert Client().post("/sign-out/").headers["Location"] == "/sign-in/?next=/sign-out/"


@pytest.mark.parametrize(
    "name", [name for name, (method, _) in EXPECTED.items() if method == "post"]
)
def test_address_that_changes_something_refuses_a_get(name, browser, world):
    assert browser("Admin").get(address_of(name, world)).status_code == 405


def test_forbidden_page_names_the_roles_that_may(browser, world):
    response = browser("Lead").post(f"/handoff/{world.number}/apply/")

    text = response.content.decode()
    assert response.status_code == 403
    assert "<strong>BD</strong>, <strong>PS</strong> and <strong>Admin</strong>" in text


@pytest.mark.parametrize("hat", HATS)
def test_navigation_offers_exactly_what_the_person_may_open(hat, browser, world):
    client = browser(hat)
    drawn = client.get("/").context["navigation"]
    offered = re.findall(r'<a href="([^"]+)"', drawn)

    listed = [reverse(name) for rows in NAV.values() for _label, name, _icon, _readers in rows]
    assert offered == [url for url in listed if client.get(url).status_code == 200]


@pytest.mark.parametrize(
    ("path", "label"),
    [
        ("/", "Today"),
        ("/pipeline/", "Pipeline"),
        ("/deals/{number}/", "Pipeline"),
        ("/handoff/{number}/", "Engagements"),
        ("/exceptions/", "Set aside"),
        ("/playbook/changes/", "Playbook"),
        ("/week/gates/", "Today"),
        ("/account/", None),
    ],
)
def test_menu_marks_the_one_entry_that_a_page_belongs_to(path, label, browser, world):
    page = browser("Admin").get(path.format(number=world.number)).context["navigation"]

    marked = re.findall(r'aria-current="page">.*?</svg>([^<]+)</a></li>', page)
    assert marked == ([label] if label else [])


def test_every_permission_is_given_to_some_role_beside_admin_but_administer():
    others = frozenset().union(*(ROLES[role] for role in RoleName if role != RoleName.ADMIN))
    assert set(Permission) - others == {Permission.ADMINISTER}


def test_form_without_token_is_refused_in_words(person, world):
    client = Client(enforce_csrf_checks=True)
    client.force_login(person("Admin"))

    response = client.post(f"/engagements/{world.number}/accept/")

    assert response.status_code == 403
    assert "Nothing was saved" in response.content.decode()
