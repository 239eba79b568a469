"""`throughline agreement …`: what governs a deal, who has signed it, and what it says as of a day."""

import hashlib
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import click

from throughline.cli.reply import Reply, by_option, day, now, operator, replies, seen_option
from throughline.infrastructure.words import Payer
from throughline.kernel.days import day_in_zone
from throughline.kernel.errors import Refused
from throughline.playbook.current import current
from throughline.sales.actions.agreement_forms import AmendmentForm, TermsForm
from throughline.sales.actions.agreements import amend_agreement, set_terms, withdraw_amendment
from throughline.sales.actions.conflicts import (
    Wish,
    a_payer,
    a_signature,
    a_signer,
    unless_changed,
)
from throughline.sales.actions.copies import Upload, add_copy, confirm_copy, reject_copy
from throughline.sales.actions.facts import describe_form, parse_value
from throughline.sales.actions.parties import name_party, remove_party
from throughline.sales.actions.payers import set_payer
from throughline.sales.actions.record import FACTS, record_fact
from throughline.sales.actions.signing import Move, accept_order, move_signature
from throughline.sales.agreement_notes import notes_on
from throughline.sales.agreement_shapes import terms_shape
from throughline.sales.history import newest_entry
from throughline.sales.models import Deal, Signatory
from throughline.sales.queries import find_deal
from throughline.sales.terms import Terms, terms_on
from throughline.sales.words import CopyRole, SigningState

Done = TypeVar("Done")

LARGEST_READ = 26 * 1024 * 1024  # bytes: one more than may be stored, so that the rule can refuse


@click.group()
def agreement() -> None:
    """Write down what governs a deal, have it signed, amend it. D is a deal's id or our number."""


def _today() -> date:
    return day_in_zone(now(), current().organisation.zone)


def _how(by: str | None) -> dict[str, Any]:
    return {"playbook": current(), "by": operator(by), "at": now()}


def _terms(deal: Deal, on: date) -> Terms:
    found = terms_on(deal, on)
    if found is None:
        raise Refused(
            f"No agreement governs {deal}.", remedy="Name one: `throughline agreement name D`."
        )
    return found


def _reply(deal: Deal, line: str = "", *, on: date | None = None) -> Reply:
    """Return the agreement as it is now, after what was done to it."""
    deal.refresh_from_db()
    newest = newest_entry(deal)
    terms = _terms(deal, on or _today())
    notes = notes_on(deal, terms)
    shape = terms_shape(deal, terms, notes, playbook=current()) | {"seen": newest}
    if line:
        return Reply(shape, [line])
    warnings = [f"{one.message} {one.remedy}" for one in notes if one.is_urgent]
    return Reply(shape, _lines(shape), warnings)


def _lines(shape: dict[str, Any]) -> list[str]:
    state = "in force" if shape["binding"] else "a draft: not executed"
    start, end = shape["start_on"] or "no start", shape["end_on"] or "no end"
    lines = [f"As of {shape['on']}: {state}, {start} to {end}, {shape['tier'] or 'no tier'}."]
    for one in shape["documents"]:
        done = f"executed {one['executed_on']}" if one["executed"] else "not executed"
        lines.append(f"  #{one['number']} {one['what']} “{one['title']}”: {done}")
        lines += [
            f"      {party['party']}: {party['name']}, {party['state']}"
            + (f" {party['signed_on']}" if party["signed_on"] else "")
            for party in one["signatures"]
        ]
        lines += [
            f"      {file['role']}: {file['sha256'][:12]} {file['name']}, by {file['added_by']}"
            + (f", confirmed by {file['confirmed_by']}" if file["confirmed_by"] else "")
            for file in one["copies"]
        ]
    lines += [
        f"  {one['amount'] or 'by use':>14}  {one['gl_code']}  {one['description']}"
        for one in shape["lines"]
    ]
    lines += [
        f"  {one['cluster']}: {Payer(one['payer']).label} from {one['from_on']}"
        for one in shape["payers"]
    ]
    return lines


@agreement.command("show")
@click.argument("reference", metavar="D")
@click.option("--on", default="", metavar="DATE", help="The terms as of a day; today if left out.")
@replies
def show(reference: str, on: str) -> Reply:
    """Show the terms of a deal as of a day, and the documents that say so."""
    return _reply(find_deal(reference), on=day(on, what="--on") if on else None)


def _name_help() -> str:
    fields = describe_form(FACTS["agreement.artefact"].form)
    return f"Name the document that governs a deal, and its parties.\n\nFields: {fields}."


@agreement.command("name", help=_name_help())
@click.argument("reference", metavar="D")
@click.option("--value", required=True, metavar="JSON", help="The document's fields.")
@by_option
@seen_option
@replies
def name(reference: str, value: str, by: str | None, seen: int | None) -> Reply:
    """Name the document that governs a deal."""
    deal = find_deal(reference)
    record_fact(deal.pk, "agreement.artefact", parse_value(value), **_how(by), seen=seen)
    return _reply(deal, f"The document that governs {deal} is named.")


@agreement.command("terms", help=f"Write down terms.\n\nFields: {describe_form(TermsForm)}.")
@click.argument("reference", metavar="D")
@click.option("--value", required=True, metavar="JSON", help="The terms.")
@click.option(
    "--seen", default="", metavar="STAMP",
    help="As the document's `stamp` says it: refuse if somebody has changed its terms since.",
)  # fmt: skip
@by_option
@replies
def terms(reference: str, value: str, seen: str, by: str | None) -> Reply:
    """Write down terms of the document that is being prepared."""
    deal = find_deal(reference)
    document = set_terms(deal.pk, parse_value(value), **_how(by), seen=seen)
    return _reply(deal, f"The terms of {document} are written down.")


@agreement.command("party")
@click.argument("reference", metavar="D")
@click.argument("party")
@click.argument("signer", metavar="NAME", required=False)
@click.option("--remove", is_flag=True, help="Take the party off the document.")
@by_option
@seen_option
@replies
def party(
    reference: str, party: str, signer: str | None, remove: bool, by: str | None, seen: int | None
) -> Reply:
    """Add a party, or name who signs for one; parties sign in the order they are added."""
    deal = find_deal(reference)
    if remove:
        remove_party(deal.pk, party, **_how(by))
        return _reply(deal, f"{party} is off the document.")
    wish = a_signer(party, signer or "")
    made = _unless_changed(
        deal, wish, lambda: name_party(deal.pk, party, signer or "", **_how(by)), seen
    )
    return _reply(deal, f"{made.name} signs for {made.party}.")


@agreement.command("sign")
@click.argument("reference", metavar="D")
@click.argument("party")
@click.option("--on", required=True, metavar="DATE", help="The day of the signature.")
@click.option("--sha256", default="", metavar="HASH", help="Of the version that was signed.")
@by_option
@seen_option
@replies
def sign(
    reference: str, party: str, on: str, sha256: str, by: str | None, seen: int | None
) -> Reply:
    """Write down a party's signature; the last one executes the document."""
    deal = find_deal(reference)
    move = Move(SigningState.SIGNED, on=day(on, what="--on"), sha256=sha256)
    moved = _moved(deal, party, move, by, seen)
    return _reply(deal, f"{moved.party}: {moved.get_state_display().lower()}. {moved.note}".strip())


@agreement.command("state")
@click.argument("reference", metavar="D")
@click.argument("party")
@click.argument("state", type=click.Choice(SigningState.values))
@click.option("--name", "signer", default="", help="Who signs from now on.")
@click.option("--note", default="", metavar="TEXT", help="Why.")
@by_option
@seen_option
@replies
def state(
    reference: str, party: str, state: str, signer: str, note: str, by: str | None, seen: int | None
) -> Reply:
    """Write down where a party's signature stands: sent, viewed, declined, expired and so on."""
    deal = find_deal(reference)
    move = Move(SigningState(state), name=signer.strip(), note=note.strip())
    moved = _moved(deal, party, move, by, seen)
    return _reply(
        deal, f"{moved.party}: {moved.get_state_display().lower()}. {moved.remedy}".strip()
    )


def _moved(deal: Deal, party: str, move: Move, by: str | None, seen: int | None) -> Signatory:
    wish = a_signature(party, move.to, move.on)
    return _unless_changed(
        deal, wish, lambda: move_signature(deal.pk, party, move, **_how(by)), seen
    )


def _unless_changed(deal: Deal, wish: Wish, step: Callable[[], Done], seen: int | None) -> Done:
    return unless_changed(deal.pk, wish, step, seen=seen, playbook=current())


@agreement.command("accept")
@click.argument("reference", metavar="D")
@click.option("--on", required=True, metavar="DATE", help="The day of acceptance.")
@click.option("--number", default="", help="The purchase order's number.")
@by_option
@replies
def accept(reference: str, on: str, number: str, by: str | None) -> Reply:
    """Write down that a purchase order was issued and that we have accepted it."""
    deal, accepted = find_deal(reference), day(on, what="--on")
    document = accept_order(deal.pk, reference=number, accepted_on=accepted, **_how(by))
    return _reply(deal, f"{document} is accepted.")


@agreement.command("document")
@click.argument("reference", metavar="D")
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@click.option(
    "--as", "role", type=click.Choice(CopyRole.values), default=CopyRole.EXECUTED.value,
    help="What the file is; the executed copy, where left out.",
)  # fmt: skip
@click.option(
    "--signed", multiple=True, metavar="PARTY=DATE", help="Of a copy signed on paper; repeatable."
)
@click.option("--of", "number", type=int, help="Number of the document; the last, if left out.")
@by_option
@replies
def document(
    reference: str, path: Path, role: str, signed: tuple[str, ...], number: int | None,
    by: str | None,
) -> Reply:  # fmt: skip
    """Store a file of the agreement. An executed copy waits for a second person."""
    deal = find_deal(reference)
    days = dict(_signed(one) for one in signed)
    upload = Upload(_read(path), path.name, CopyRole(role), days, number)
    copy = add_copy(deal.pk, upload, **_how(by))
    waits = role == CopyRole.EXECUTED and copy.confirmed_at is None
    then = "; a second person confirms it" if waits else ""
    return _reply(deal, f"Stored as {copy.document.sha256}{then}.")


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(LARGEST_READ)
    except OSError as error:
        raise Refused(
            f"{path} cannot be read: {error.strerror}.", remedy="Check the path."
        ) from error


def _signed(text: str) -> tuple[str, date]:
    party, found, on = text.rpartition("=")
    if not found or not party.strip():
        raise Refused(f"{text!r} is no signature.", remedy="Write --signed 'PARTY=YYYY-MM-DD'.")
    return party.strip(), day(on, what="--signed")


@agreement.command("confirm")
@click.argument("reference", metavar="D")
@click.option("--sha256", default="", metavar="HASH", help="Of the copy you hold.")
@click.option("--file", "path", type=click.Path(path_type=Path), help="The copy you hold.")
@click.option("--reject", default="", metavar="WHY", help="It is not what was signed.")
@by_option
@replies
def confirm(reference: str, sha256: str, path: Path | None, reject: str, by: str | None) -> Reply:
    """Confirm, as a second person, that the stored file is what all parties signed."""
    deal = find_deal(reference)
    if reject:
        reject_copy(deal.pk, why=reject, **_how(by))
        return _reply(deal, "The copy is rejected; upload the right one.")
    held = _hash_of(path) if path else sha256
    copy = confirm_copy(deal.pk, sha256=held, **_how(by))
    return _reply(deal, f"{copy.confirmed_by} has confirmed {copy.document.sha256[:12]}.")


def _hash_of(path: Path) -> str:
    return hashlib.sha256(_read(path)).hexdigest()


@agreement.command(
    "amend", help=f"Chain an amendment or extension.\n\nFields: {describe_form(AmendmentForm)}."
)
@click.argument("reference", metavar="D")
@click.option("--value", required=True, metavar="JSON", help="What it changes.")
@by_option
@replies
def amend(reference: str, value: str, by: str | None) -> Reply:
    """Chain an amendment or extension below an executed agreement."""
    deal = find_deal(reference)
    made = amend_agreement(deal.pk, parse_value(value), **_how(by))
    return _reply(
        deal, f"{made.what} “{made.title}” is to be signed; it changes nothing until then."
    )


@agreement.command("withdraw")
@click.argument("reference", metavar="D")
@click.option("--because", required=True, metavar="TEXT")
@by_option
@replies
def withdraw(reference: str, because: str, by: str | None) -> Reply:
    """Take back an amendment that is not executed."""
    deal = find_deal(reference)
    withdraw_amendment(deal.pk, why=because, **_how(by))
    return _reply(deal, "The amendment is withdrawn.")


@agreement.command("payer")
@click.argument("reference", metavar="D")
@click.argument("cluster")
@click.argument("payer", type=click.Choice([Payer.US.value, Payer.COMMUNITY.value]))
@click.option("--from", "start", required=True, metavar="DATE", help="From this day on.")
@by_option
@seen_option
@replies
def payer(
    reference: str, cluster: str, payer: str, start: str, by: str | None, seen: int | None
) -> Reply:
    """Say who pays a cluster's cloud bill, from which day on."""
    deal, from_on = find_deal(reference), day(start, what="--from")
    who = Payer(payer)
    document = _unless_changed(
        deal,
        a_payer(cluster, who, from_on),
        lambda: set_payer(deal.pk, cluster, who, from_on=from_on, **_how(by)),
        seen,
    )
    return _reply(deal, f"{cluster}: {who.label.lower()} from {from_on}, by {document}.")
