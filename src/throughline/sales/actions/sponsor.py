"""The Sponsor's side of a deal: work orders, who has them, reminders, and links without account."""

from datetime import datetime, timedelta

from django.db import transaction

from throughline.journal.actions import record
from throughline.kernel.errors import NotThere, Refused
from throughline.people.actions import issue_link, named_outsider, open_link, revoke_link
from throughline.people.gates import require_permission
from throughline.people.models import SignedLink
from throughline.people.words import Permission
from throughline.playbook.model import Playbook
from throughline.sales.actions.closing_facts import finish_work
from throughline.sales.actions.facts import Writing
from throughline.sales.actions.lock import locked_deal
from throughline.sales.models import Agreement, SponsorReminder, SponsorWork
from throughline.sales.queries import chain_of, is_executed
from throughline.sales.words import WorkKind

PURPOSE = "sponsor_work"
LINK_VALID = timedelta(days=14)
LONGEST_RECEIPT, LONGEST_NAME, LONGEST_TEXT = 250, 160, 500
THE_SPONSOR = "the Sponsor"


class NoSuchWork(NotThere):
    """Nothing on the Sponsor's desk goes by that number."""


def work_subject(pk: int) -> str:
    """Return how a link names the work order that it opens."""
    return f"{PURPOSE}:{pk}"


def _locked_work(pk: int) -> SponsorWork:
    """Return a work order under the lock of its deal.

    Raises:
        NoSuchWork: there is no such work order.
    """
    found = SponsorWork.objects.filter(pk=pk).first()
    if found is None:
        raise NoSuchWork(f"There is no work order {pk}.", remedy="Look at the desk again.")
    deal = locked_deal(found.deal_id)
    found.refresh_from_db()  # the deal's lock decides who was first
    found.deal = deal
    return found


def _check_open(work: SponsorWork) -> None:
    if work.done_at is not None:
        raise Refused(f"{work.done_by} has closed this already.", remedy="Nothing is left to do.")


def _checked_text(text: str, *, longest: int, what: str) -> str:
    stripped = text.strip()
    if "\0" in stripped or len(stripped) > longest:
        raise Refused(
            f"{what} is longer than {longest} characters, or no text.", remedy="Make it shorter."
        )
    return stripped


@transaction.atomic
def finish_sponsor_work(
    pk: int, *, receipt: str, playbook: Playbook, by: str, at: datetime
) -> SponsorWork:
    """Have the Sponsor close a work order with its receipt: a SAGE number, an envelope, an answer.

    Raises:
        NoSuchWork: there is no such work order.
        Refused: it is done already, no receipt is given, signatures are still missing, or the
            person is not of the Sponsor.
    """
    require_permission(by, Permission.SPONSOR_WORK, to="close the Sponsor's work")
    work = _locked_work(pk)
    _check_open(work)
    said = _checked_text(receipt, longest=LONGEST_RECEIPT, what="The receipt")
    if not said:
        raise Refused(
            "A work order is closed with a receipt.",
            remedy="Write SAGE's number, where the signed document is, or the answer in words.",
        )
    if work.kind == WorkKind.SIGNATURES:
        _check_signed(work)
    return finish_work(WorkKind(work.kind), said, Writing(work.deal, playbook, by, at))


def _check_signed(work: SponsorWork) -> None:
    """Refuse to call signatures collected while one is missing.

    Raises:
        Refused: the document is not executed.
    """
    chain = chain_of(Agreement.objects.filter(deal=work.deal).prefetch_related("signatories"))
    if not chain or is_executed(chain[-1]):
        return
    raise Refused(
        f"{chain[-1]} is not executed yet.",
        remedy="Mark each signature, or upload the signed PDF: the work order then closes itself.",
    )


@transaction.atomic
def take_sponsor_work(pk: int, *, by: str, at: datetime) -> SponsorWork:
    """Say by name who of the Sponsor does a work order; another person may take it over.

    Raises:
        NoSuchWork: there is no such work order.
        Refused: it is done, or the person is not of the Sponsor.
    """
    require_permission(by, Permission.SPONSOR_WORK, to="take the Sponsor's work")
    work = _locked_work(pk)
    _check_open(work)
    if work.taken_by == by:
        return work
    before = work.taken_by
    work.taken_by, work.taken_at = by, at
    work.save(update_fields=["taken_by", "taken_at"])
    record("sales.sponsor.taken", work.deal, by=by, at=at, kind=work.kind, before=before)
    return work


@transaction.atomic
def remind(pk: int, *, to: str, text: str, by: str, at: datetime) -> SponsorReminder:
    """Write down that somebody was reminded of a work order: the Sponsor, or who has not signed.

    Raises:
        NoSuchWork: there is no such work order.
        Refused: it is done, or the same person was reminded within the last day.
    """
    work = _locked_work(pk)
    _check_open(work)
    reminded = _checked_text(to, longest=LONGEST_NAME, what="The name") or THE_SPONSOR
    said = _checked_text(text, longest=LONGEST_TEXT, what="The text")
    lately = work.reminders.filter(to__iexact=reminded, at__gt=at - timedelta(days=1)).first()
    if lately is not None:
        raise Refused(
            f"{lately.by} has reminded {reminded} within the last day.",
            remedy="Give them a day to answer.",
        )
    made = SponsorReminder.objects.create(work=work, to=reminded, text=said, by=by, at=at)
    record(
        "sales.sponsor.reminded", work.deal, by=by, at=at, kind=work.kind, to=reminded, text=said
    )
    return made


@transaction.atomic
def issue_work_link(
    pk: int, token: str, *, issued_to: str, by: str, at: datetime, valid: timedelta = LINK_VALID
) -> SignedLink:
    """Issue a link that opens one work order to somebody without an account.

    What they do is written down under their name, so nobody with an account can be named.

    Raises:
        NoSuchWork: there is no such work order.
        Refused: it is done, nobody is named, or the person has an account and signs in.
    """
    work = _locked_work(pk)
    _check_open(work)
    name = named_outsider(
        _checked_text(issued_to, longest=LONGEST_NAME, what="The name"),
        remedy="They sign in and find the work on the desk.",
    )
    return issue_link(
        token, purpose=PURPOSE, subject=work_subject(work.pk), issued_to=name, valid_for=valid,
        by=by, at=at,
    )  # fmt: skip


@transaction.atomic
def revoke_work_link(link_id: int, *, by: str, at: datetime) -> SponsorWork:
    """Close a link to a work order for good, and return the work order.

    Raises:
        NoSuchWork: no link to a work order has that number.
    """
    link = SignedLink.objects.filter(pk=link_id, purpose=PURPOSE).first()
    if link is None:
        raise NoSuchWork(f"There is no link {link_id} to a work order.", remedy="Look again.")
    revoke_link(link.pk, by=by, at=at)
    return _locked_work(_work_number(link))


@transaction.atomic
def open_work(token: str, *, at: datetime) -> tuple[SignedLink, SponsorWork]:
    """Return the link that a token opens and its work order, and write down that it was used.

    Raises:
        Refused: the link opens nothing (any more).
    """
    link = open_link(token, purpose=PURPOSE, at=at)
    work = _locked_work(_work_number(link))
    record("sales.sponsor.looked", work.deal, by=link.issued_to, at=at, kind=work.kind)
    return link, work


def require_work(work: SponsorWork, *, kinds: frozenset[WorkKind]) -> None:
    """Pass if a work order is open, and of a kind that can be acted on so.

    Raises:
        Refused: it is done, or of another kind.
    """
    _check_open(work)
    if work.kind not in kinds:
        raise Refused(
            f"This link is for something else: {work.get_kind_display()}.",
            remedy="Ask the person who sent it for another one.",
        )


def _work_number(link: SignedLink) -> int:
    return int(link.subject.partition(":")[2])
