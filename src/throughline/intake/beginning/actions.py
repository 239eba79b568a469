"""Doing the first steps, passing over them, and putting the list away."""

import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from throughline.documents.actions import keep_document, path_of, write_atomically
from throughline.documents.models import Document
from throughline.intake.actions import DealsTakenIn, import_deals
from throughline.intake.beginning.steps import ALL, STEPS, NoSuchStep
from throughline.intake.beginning_models import Said, StartStep
from throughline.journal.actions import record
from throughline.kernel.errors import Refused
from throughline.people.gates import require_permission
from throughline.people.words import Permission
from throughline.playbook.current import OWN, own_path
from throughline.playbook.editing import with_texts
from throughline.playbook.loader import parse, shipped_text
from throughline.playbook.model import Playbook
from throughline.sales.gates.gate import known_conditions


@dataclass(frozen=True, slots=True)
class OrganisationTold:
    """What an organisation says of itself; `sponsor` may be "": then work waits on the desk."""

    name: str
    zone: str
    currency: str
    renewals: str
    support: str
    sponsor: str = ""


def why_not_here() -> str:
    """Return why the organisation cannot be written down here, in words; "" where it can."""
    if settings.PLAYBOOK:
        return f"THROUGHLINE_PLAYBOOK names {settings.PLAYBOOK}: change it in that file."
    if connection.vendor != "sqlite":
        return (
            "Several machines may share this database, and each reads a playbook of its own:"
            " put the same file on each, and name it in THROUGHLINE_PLAYBOOK."
        )
    return ""


@transaction.atomic
def tell_organisation(told: OrganisationTold, *, by: str, at: datetime) -> Playbook:
    """Write the organisation into a playbook of its own in the home folder, and return that.

    The rest of the file stays as it is; at first it is a copy of the shipped one.

    Raises:
        Refused: a value is none, the file is kept elsewhere, or `by` is no Admin.
    """
    require_permission(by, Permission.ADMINISTER, to="say who the organisation is")
    if why := why_not_here():
        raise Refused("The organisation is not written down here.", remedy=why)
    if not told.name.strip():
        raise Refused("An organisation has a name.", remedy="Write it as people say it.")
    path = own_path()
    text = path.read_text(encoding="utf-8") if path.is_file() else shipped_text()
    changed = with_texts(text, _places(told), name=OWN)
    playbook = parse(changed, name=OWN, known_conditions=known_conditions())
    row = _say("organisation", Said.DONE, by=by, at=at)
    record("intake.start.organisation_told", row, by=by, at=at, name=told.name, zone=told.zone)
    write_atomically(path, changed.encode())
    return playbook


def _places(told: OrganisationTold) -> dict[tuple[str, str], str]:
    return {
        ("", "name"): told.name.strip(),
        ("organisation", "name"): told.name.strip(),
        ("organisation", "zone"): told.zone,
        ("organisation", "currency"): told.currency,
        ("addresses", "renewals"): told.renewals,
        ("addresses", "support"): told.support,
        ("addresses", "sponsor"): told.sponsor,
    }


@transaction.atomic
def confirm_playbook(*, playbook: Playbook, by: str, at: datetime) -> StartStep:
    """Write down that the playbook in force is the organisation's own.

    Raises:
        Refused: `by` is no Admin.
    """
    require_permission(by, Permission.ADMINISTER, to="confirm the playbook")
    row = _say("playbook", Said.DONE, by=by, at=at, playbook=playbook.sha256)
    record("intake.start.playbook_confirmed", row, by=by, at=at, playbook=playbook.sha256)
    return row


@transaction.atomic
def pass_over(code: str, *, by: str, at: datetime) -> StartStep:
    """Leave a step for later, or put the whole list away ("all"); it can still be done.

    Raises:
        NoSuchStep: there is none of that name.
        NotEntitled: `by` is no Admin.
    """
    require_permission(by, Permission.ADMINISTER, to="pass over a first step")
    if code not in {*STEPS, ALL}:
        raise NoSuchStep(
            f"There is no step {code!r}.", remedy=f"Use one of {', '.join(STEPS)}, or {ALL}."
        )
    row = _say(code, Said.SKIPPED, by=by, at=at)
    record("intake.start.passed_over", row, by=by, at=at, step=code)
    return row


def _say(code: str, said: Said, *, by: str, at: datetime, playbook: str = "") -> StartStep:
    told = {"said": said, "by": by, "at": at, "playbook": playbook}
    return StartStep.objects.update_or_create(code=code, defaults=told)[0]


def preview_deals(
    content: bytes, *, name: str, playbook: Playbook, by: str, at: datetime
) -> tuple[Document, DealsTakenIn]:
    """Keep a file of deals, and return it with what taking it in would do. No deal is changed.

    Raises:
        Refused: the file is empty, too large, no table, or lacks a column; or `by` is no Admin.
    """
    require_permission(by, Permission.ADMINISTER, to="bring in deals")
    if not content:
        raise Refused(f"{name} is empty.", remedy="Choose the file again.")
    with tempfile.TemporaryDirectory(prefix="throughline-") as folder, transaction.atomic():
        path = Path(folder) / "deals.csv"
        path.write_bytes(content)
        try:
            taken = import_deals(path, playbook=playbook, by=by, at=at)
        except Refused as refused:
            said = refused.message.replace(str(path), name)
            raise Refused(said, remedy=refused.remedy) from refused
        transaction.set_rollback(True)
    return keep_document(content, name=name, by=by, at=at), taken


def take_in_deals(sha256: str, *, playbook: Playbook, by: str, at: datetime) -> DealsTakenIn:
    """Take in a file of deals that was looked at before.

    Raises:
        Refused: no such file was kept, it is no table of deals, or `by` is no Admin.
    """
    require_permission(by, Permission.ADMINISTER, to="bring in deals")
    document = Document.objects.filter(sha256=sha256).first()
    if document is None:
        raise Refused("That file is not here.", remedy="Choose it again, and look at it first.")
    return import_deals(path_of(document.sha256), playbook=playbook, by=by, at=at)
