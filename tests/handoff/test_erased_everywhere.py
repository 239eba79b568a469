"""After an erasing no table and no stored file names the person, but for what is kept by intent."""

import json
from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest
from django.apps import apps
from django.db import DatabaseError, models, transaction

from tests.factories import BD, NOON, TODAY
from throughline.billing.words import EntryKind
from throughline.communities.actions import Person, assign_role
from throughline.communities.models import Contact
from throughline.delivery.models import Deliverable, Engagement, Evidence
from throughline.documents.actions import keep_document, path_of
from throughline.documents.models import Document
from throughline.handoff.actions_erasing import erase_person
from throughline.journal.actions import record
from throughline.journal.models import Entry
from throughline.mail.actions.queueing import queue_message
from throughline.mail.actions.sending import send_message
from throughline.mail.letters import Attached, Draft
from throughline.mail.models import Attachment, Message
from throughline.people.actions import issue_link
from throughline.people.models import SignedLink
from throughline.playbook.loader import shipped
from throughline.sales.words import NoteKind

# With commits: files are removed after them.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]

NAME, ADDRESS = "Rae Rep", "rae@x.org"
TEXT = (models.CharField, models.TextField, models.JSONField)
FREE = (models.CharField, models.TextField)

# Where the name may stand afterwards. Whole tables: what binds, whoever signs in, what a place is
# called, and rows that say of somebody nothing but a code. Fields: codes and hashes.
KEPT_TABLES = {
    "sales.agreement", "sales.signatory", "people.user", "people.rolegrant", "people.savedview",
    "people.session", "people.tally", "people.apitoken", "infrastructure.cloudaccount",
    "infrastructure.cluster", "infrastructure.hub", "communities.freedid",
    "communities.roleassignment", "intake.hubspotcontact", "intake.hubspotrole",
    "intake.hubspothint", "search.item", "search.exactid", "search.reading",
}  # fmt: skip
KEPT_FIELDS = {
    "sales.statementofwork.content", "sales.deal.name", "sales.deal.buyer", "sales.deal.extra",
    "handoff.plan.digest", "handoff.outcome.approved", "handoff.outcome.system",
    "handoff.outcome.audience", "people.apicall.caller", "people.apicall.key",
    "people.apicall.request_sha256", "people.signedlink.purpose", "people.signedlink.subject",
    "communities.community.short_name", "communities.community.long_name",
    "communities.community.github_org", "communities.community.repositories",
    "communities.community.cloud", "communities.community.region",
    "communities.community.data_location", "intake.hubspotorder.order_id",
    "intake.hubspotorder.deal_id", "intake.hubspotstage.label", "intake.hubspotstage.pipeline_id",
    "intake.hubspotstage.pipeline_label", "intake.hubspotstage.code", "intake.hubspotlabel.label",
    "intake.hubspotlabel.code", "intake.hubspotfield.label", "intake.hubspotfield.column",
    "mail.echo.code", "mail.message.about", "mail.message.provider_id", "mail.notification.about",
    "mail.notification.key", "mail.preference.zone",
}  # fmt: skip
# What a row must be besides, so that the database takes it.
BESIDES = {
    "sales.gateexception": {"closed_by": "", "closed_at": None},
    "sales.review": {"asked_by": "ada", "declined_at": None, "declined_by": ""},
    "sales.agreementcopy": {"added_by": "ada"},
    "sales.dealnote": {"kind": NoteKind.QUESTION},
    "sales.agreement": {"amendment_kind": ""},
    "billing.costentry": {"kind": EntryKind.CREDIT, "engagement_id": Engagement},
    "mail.message": {"to": [ADDRESS, NAME, f"{NAME} <{ADDRESS}>"]},
    "billing.billingmonth": {"reviewed_by": "", "sent_by": "", "closed_by": ""},
}


def tables():
    for config in apps.get_app_configs():
        if config.name.startswith("throughline."):
            yield from config.get_models()


def label(field):
    return f"{field.model._meta.label_lower}.{field.name}"


def naming():
    """Return every field of every table in which somebody is named."""
    found = set()
    for model in tables():
        for field in model._meta.concrete_fields:
            if not isinstance(field, TEXT):
                continue
            values = models.QuerySet(model).values_list(field.name, flat=True)
            said = json.dumps(list(values), ensure_ascii=False, default=str)
            if NAME in said or ADDRESS in said:
                found.add(label(field))
    return found


class Rows:
    """One row of every table, which names somebody in every text that it has."""

    def __init__(self):
        self.made = {}
        self.refused = set()

    def of(self, model):
        if model in self.made:
            return self.made[model]
        for is_full in (False, True):
            fields = [one for one in model._meta.concrete_fields if one.name != "id"]
            values = {one.attname: self.value_of(one, is_full=is_full) for one in fields}
            besides = BESIDES.get(model._meta.label_lower, {})
            values |= {
                name: self.of(value).pk if isinstance(value, type) else value
                for name, value in besides.items()
            }
            try:
                with transaction.atomic():
                    self.made[model] = models.QuerySet(model).create(**values)
                    return self.made[model]
            except (DatabaseError, ValueError):
                continue
        self.refused.add(model._meta.label_lower)
        return None

    def value_of(self, field, *, is_full):
        if isinstance(field, models.ForeignKey):
            row = None if field.null else self.of(field.related_model)
            return row.pk if row else None
        if field.null and not is_full:
            return None
        if field.choices:
            return field.choices[0][0]
        if isinstance(field, models.JSONField):
            return {"who": f"{NAME} <{ADDRESS}>"}
        if type(field) in FREE and not field.unique and (field.max_length or 99) >= len(NAME):
            return NAME
        plain = {
            models.TimeField: NOON.time(), models.DateTimeField: NOON, models.DateField: TODAY,
            models.BooleanField: False, models.DecimalField: Decimal(1), models.CharField: "1",
        }  # fmt: skip
        fitting = [value for kind, value in plain.items() if isinstance(field, kind)]
        return fitting[0] if fitting else 1


@pytest.fixture
def rae(settings, tmp_path):
    settings.HOME = tmp_path
    settings.EMAIL_BACKEND = "throughline.mail.capture.CapturedBackend"
    made = assign_role(
        Person(NAME, email=ADDRESS, github_id="raerep"), role="representative", subject="deal:99",
        from_on=TODAY, playbook=shipped(), by=BD, at=NOON,
    )  # fmt: skip
    return made.contact


@pytest.fixture
def erase(rae):
    def erases():
        erase_person(rae.pk, playbook=shipped(), by=BD, at=NOON)
        return f"Person {rae.pk}"

    return erases


def test_no_field_of_any_table_names_an_erased_person_but_those_kept_by_intent(rae, erase):
    rows = Rows()
    rows.made[Contact] = rae
    for model in tables():
        if model is not Entry:
            rows.of(model)
    record("sales.deal.noted", rae, by=NAME, at=NOON, text=f"Ask {NAME} ({ADDRESS})")
    assert rows.refused == {"delivery.need"}  # it has no text

    erase()

    left = {one for one in naming() if one.rpartition(".")[0] not in KEPT_TABLES}
    assert sorted(left - KEPT_FIELDS) == []
    assert sorted(KEPT_FIELDS - left) == []


def folder_names(home):
    """Return which stored files hold the person's name or address, as they are read here."""
    words = (NAME.encode(), ADDRESS.encode())
    files = [one for one in home.rglob("*") if one.is_file()]
    return sorted(one.name for one in files if any(word in one.read_bytes() for word in words))


def test_no_stored_file_of_a_mail_names_an_erased_person_and_what_rests_on_one_stays(
    rae, erase, tmp_path
):
    keep = partial(keep_document, by=BD, at=NOON)
    pack = keep(f"%PDF {NAME} leads".encode(), name="pack.pdf", says=f"Lighthouse\n{NAME} leads")
    other = keep(b"%PDF of others", name="other.pdf", says="Bo Buyer leads")
    unread = keep(b"%PDF from before", name=f"{NAME}.pdf")
    proof = keep(f"{NAME} was there".encode(), name=f"{NAME}.txt", says=f"{NAME} was there")
    models.QuerySet(Evidence).create(
        deliverable=Rows().of(Deliverable), kind="manual", state="found", text="See", at=NOON,
        by=BD, document=proof,
    )  # fmt: skip
    attached = [(pack, f"For {NAME}.pdf", ""), (other, "other.pdf", ""), (unread, "old.pdf", ""),
                (proof, "proof.txt", f"{NAME} smiles")]  # fmt: skip
    for key, at in (("sent", NOON), ("waits", None)):
        files = tuple(Attached(one.sha256, name, alt) for one, name, alt in attached)
        draft = Draft(key, ("bo@example.org",), "The pack", "Here it is.\n", "x:1", "", files)
        message, _new = queue_message(draft, by="worker", at=NOON)
        if at:
            send_message(message.pk, at=at)
    assert len(folder_names(tmp_path)) == 3  # the pack, the proof and the captured mail

    name = erase()

    assert folder_names(tmp_path) == [proof.sha256]  # evidence rests on it: it stays as it is
    found = Attachment.objects.filter(message__key="sent")
    assert [(one.name, one.document_id, one.alt) for one in found] == [
        (f"For {name}.pdf", None, ""), ("other.pdf", other.pk, ""), ("old.pdf", None, ""),
        ("proof.txt", None, f"{name} smiles"),
    ]  # fmt: skip
    assert set(Document.objects.values_list("name", flat=True)) == {"other.pdf", f"{name}.txt"}
    assert not path_of(pack.sha256).exists()
    waiting = Message.objects.get(key="waits")
    assert send_message(waiting.pk, at=NOON).state == "sent"  # with what is left


def test_file_that_is_kept_again_meanwhile_stays(rae, erase):
    content = f"%PDF {NAME}".encode()
    pack = keep_document(content, name="pack.pdf", by=BD, at=NOON, says=NAME)
    draft = Draft("k", ("bo@example.org",), "The pack", "Here.\n", "x:1", "",
                  (Attached(pack.sha256, "pack.pdf"),))  # fmt: skip
    queue_message(draft, by="worker", at=NOON)

    with transaction.atomic():
        erase()
        keep_document(content, name="again.pdf", by=BD, at=NOON, says=NAME)

    assert path_of(pack.sha256).read_bytes() == content


@pytest.mark.parametrize(
    ("purpose", "issued_to"),
    [("sign_in", ADDRESS), ("engagement", f"{NAME}, by phone"), ("work", f"me <{ADDRESS}>")],
)
def test_link_that_was_given_to_them_in_any_words_is_closed_and_names_nobody(
    rae, erase, purpose, issued_to
):
    issue_link(
        "t" * 43, purpose=purpose, subject="engagement:1", issued_to=issued_to,
        valid_for=timedelta(days=9), by=BD, at=NOON,
    )  # fmt: skip

    name = erase()

    link = SignedLink.objects.get()
    assert (link.issued_to, link.revoked_at) == (
        issued_to.replace(NAME, name).replace(ADDRESS, name), NOON,
    )  # fmt: skip
