"""The facts that the gates from Contract Admin on read."""

from datetime import date

from pydantic import Field

from throughline.capacity.actions.holds import firm_up
from throughline.communities.actions import (
    Person,
    Told,
    answer_question,
    assign_role,
    describe_community,
)
from throughline.journal.actions import record
from throughline.kernel.errors import Refused
from throughline.playbook.model import Playbook
from throughline.sales.actions.advance import ask_sponsor
from throughline.sales.actions.dates import TERM_FIELDS, check_order, settle_term
from throughline.sales.actions.facts import Form, Writing, fact
from throughline.sales.actions.opening_facts import community_of
from throughline.sales.models import SponsorWork, VerbalClose
from throughline.sales.queries import facts_of
from throughline.sales.words import WorkKind


class VerbalYes(Form):
    """Who said yes, when, and to what."""

    said_by: str = Field(min_length=1, max_length=160)
    said_on: date
    version: str = Field(min_length=1, max_length=120, description="of the offer")


@fact("verbal.closed", VerbalYes)
def record_verbal_yes(form: VerbalYes, writing: Writing) -> None:
    """Write down the verbal yes; hours that were held softly are held firmly from now on.

    Raises:
        Refused: the day is still to come.
    """
    if form.said_on > writing.on:
        raise Refused(f"{form.said_on} is still to come.", remedy="Give the day of the yes.")
    VerbalClose.objects.create(
        deal=writing.deal,
        said_by=form.said_by,
        said_on=form.said_on,
        version=form.version,
        by=writing.by,
        at=writing.at,
    )
    record(
        "sales.deal.verbally_closed",
        writing.deal,
        by=writing.by,
        at=writing.at,
        said_by=form.said_by,
        said_on=form.said_on,
        version=form.version,
    )
    firm_up(writing.deal.subject, by=writing.by, at=writing.at)


class Tier(Form):
    """The service tier, or why there is none."""

    tier: str = Field("", description="a tier of the playbook, by code or name")
    none_because: str = Field("", max_length=250, description="instead of tier")


@fact("service.tier", Tier)
def record_tier(form: Tier, writing: Writing) -> None:
    """Write down the tier, or why the deal has none.

    Raises:
        Refused: both are given, or neither.
    """
    if bool(form.tier) == bool(form.none_because):
        raise Refused("Give either the tier or why there is none.", remedy="Choose one of them.")
    deal, before = writing.deal, writing.deal.tier
    deal.tier = _tier_code(form.tier, writing.playbook) if form.tier else ""
    deal.tier_none_because = form.none_because
    deal.save(update_fields=["tier", "tier_none_because"])
    record(
        "sales.deal.tier_chosen",
        deal,
        by=writing.by,
        at=writing.at,
        before=before,
        after=deal.tier,
        none_because=form.none_because,
    )


def _tier_code(text: str, playbook: Playbook) -> str:
    wanted = text.casefold()
    for tier in playbook.tiers:
        if wanted in {tier.code, tier.name.casefold()}:
            return tier.code
    names = ", ".join(tier.name for tier in playbook.tiers)
    raise Refused(f"There is no tier {text!r}.", remedy=f"Use one of {names}.")


class Dates(Form):
    """Start, last day, and when each deliverable is due."""

    start_on: date
    end_on: date = Field(description="last day, included")
    deliverables: dict[str, date] = Field(
        default_factory=dict, description="SoW deliverable's title: due date"
    )


@fact("dates.agreed", Dates)
def record_dates(form: Dates, writing: Writing) -> None:
    """Write down the agreed dates.

    Raises:
        Refused: the end is before the start, or a deliverable is not in the statement of work.
    """
    check_order(form.start_on, form.end_on)
    deal = writing.deal
    facts = facts_of(deal, on=writing.on)
    statement = facts.statement
    known = {item["title"] for item in statement.content["deliverables"]} if statement else set()
    if unknown := sorted(set(form.deliverables) - known):
        raise Refused(
            f"The statement of work has no deliverable {', '.join(unknown)}.",
            remedy=f"It has: {', '.join(sorted(known)) or 'none'}.",
        )
    before = {name: getattr(deal, name) for name in TERM_FIELDS}
    deal.contract_start_on, deal.contract_end_on = form.start_on, form.end_on
    deal.deliverable_dates |= {title: due.isoformat() for title, due in form.deliverables.items()}
    settle_term(deal, signed_end=facts.signed_end)
    deal.save(update_fields=[*TERM_FIELDS, "deliverable_dates"])
    record(
        "sales.deal.dates_agreed",
        deal,
        by=writing.by,
        at=writing.at,
        before=before,
        after={name: getattr(deal, name) for name in TERM_FIELDS},
        deliverables=form.deliverables,
    )


class Record(Form):
    """Fields of the community record; what is not named stays."""

    long_name: str | None = Field(None, max_length=250)
    website: str | None = None
    github_org: str | None = Field(None, max_length=100)
    repositories: list[str] | None = None
    logo_url: str | None = None
    region: str | None = Field(None, max_length=60)
    data_location: str | None = Field(None, max_length=250)


@fact("community.record", Record)
def record_community_record(form: Record, writing: Writing) -> None:
    """Fill in the community record.

    Raises:
        Refused: no field is given.
    """
    facts = form.model_dump(exclude_none=True)
    if not facts:
        raise Refused("No field was given.", remedy="Name at least one field of the record.")
    describe_community(
        community_of(writing).pk, facts=facts, playbook=writing.playbook, by=writing.by,
        at=writing.at,
    )  # fmt: skip


class RoleHolder(Form):
    """A person and what they are for this deal."""

    role: str = Field(description="by code or name")
    full_name: str = Field(min_length=1, max_length=160)
    first_name: str = Field("", max_length=80)
    email: str = Field("", pattern=r"^$|^[^@\s]+@[^@\s]+\.[^@\s]+$", max_length=254)
    github_id: str = Field("", max_length=60)


class People(Form):
    """The people of the community, with their roles."""

    people: list[RoleHolder] = Field(
        min_length=1, description="role, full_name, and email or github_id of each"
    )


@fact("community.people", People)
def record_people(form: People, writing: Writing) -> None:
    """Write down who is what for this deal, from today on."""
    for one in form.people:
        assign_role(
            Person(one.full_name, one.email, one.github_id, one.first_name),
            role=_role_code(one.role, writing.playbook),
            subject=writing.deal.subject,
            from_on=writing.on,
            playbook=writing.playbook,
            by=writing.by,
            at=writing.at,
        )


def _role_code(text: str, playbook: Playbook) -> str:
    wanted = text.casefold()
    for role in playbook.engagement_roles:
        if wanted in {role.code.casefold(), role.name.casefold()}:
            return role.code
    names = ", ".join(role.code for role in playbook.engagement_roles)
    raise Refused(f"There is no role {text!r}.", remedy=f"Use one of {names}.")


class Answer(Form):
    """One context question and what the community says to it."""

    question: str = Field(description="the question's code")
    text: str = Field("", description="Markdown; empty: asked, not answered")
    source: str = Field("", max_length=250, description="a call, a mail, an address")


class Context(Form):
    """Answers to the context questions."""

    answers: list[Answer] = Field(min_length=1, description="question, text and source of each")


@fact("community.context", Context)
def record_context(form: Context, writing: Writing) -> None:
    """Write down what the community says to the context questions."""
    community = community_of(writing)
    for one in form.answers:
        answer_question(
            community.pk,
            one.question,
            told=Told(one.text, one.source),
            playbook=writing.playbook,
            by=writing.by,
            at=writing.at,
        )


class Legal(Form):
    """Whether legal advice is needed and why, or legal's answer."""

    needed_because: str = Field("", max_length=250, description="flags it and asks the Sponsor")
    answer: str = Field("", max_length=250, description="answers it, for the Sponsor")


@fact("legal.involved", Legal)
def record_legal(form: Legal, writing: Writing) -> None:
    """Flag a need for legal advice, or write down the answer.

    Raises:
        Refused: both are given, or neither.
    """
    deal = writing.deal
    if bool(form.needed_because) == bool(form.answer):
        raise Refused("Flag the need or answer it.", remedy="Give needed_because or answer.")
    if form.answer:
        finish_work(WorkKind.LEGAL, form.answer, writing)
        return
    deal.legal_needed_because = form.needed_because
    deal.save(update_fields=["legal_needed_because"])
    ask_again(WorkKind.LEGAL, form.needed_because, writing)


def ask_again(kind: WorkKind, question: str, writing: Writing) -> SponsorWork:
    """Put work on the Sponsor's desk; what was done for an earlier question does not answer it."""
    deal, by, at = writing.deal, writing.by, writing.at
    work = ask_sponsor(deal, kind, question=question, by=by, at=at)
    if work.question == question and work.done_at is None:
        return work
    before = work.receipt
    work.question, work.asked_by, work.asked_at = question, by, at
    work.taken_at, work.taken_by = None, ""
    work.done_at, work.done_by, work.receipt = None, "", ""
    work.save()
    record(
        "sales.sponsor.asked", deal, by=by, at=at, kind=kind, question=question,
        answered_before=before,
    )  # fmt: skip
    return work


class Requested(Form):
    """Nothing to fill in: the Sponsor is asked."""


@fact("signatures.requested", Requested)
def request_signatures(_form: Requested, writing: Writing) -> None:
    """Ask the Sponsor to collect signatures."""
    ask_sponsor(writing.deal, WorkKind.SIGNATURES, question="", by=writing.by, at=writing.at)


class Prepared(Form):
    """What SAGE answered."""

    receipt: str = Field(min_length=1, max_length=250, description="SAGE's customer or project no.")


@fact("invoicing.prepared", Prepared)
def record_invoicing(form: Prepared, writing: Writing) -> None:
    """Write down that the Sponsor has prepared invoicing."""
    ask_sponsor(writing.deal, WorkKind.INVOICING, question="", by=writing.by, at=writing.at)
    finish_work(WorkKind.INVOICING, form.receipt, writing)


def finish_work(kind: WorkKind, receipt: str, writing: Writing) -> SponsorWork:
    """Close a work order of the Sponsor with its receipt.

    Raises:
        Refused: the Sponsor was not asked.
    """
    work = SponsorWork.objects.filter(deal=writing.deal, kind=kind).first()
    if work is None:
        raise Refused("The Sponsor was not asked.", remedy="Ask first.")
    work.done_at, work.done_by, work.receipt = writing.at, writing.by, receipt
    work.save(update_fields=["done_at", "done_by", "receipt"])
    record(
        "sales.sponsor.answered", writing.deal, by=writing.by, at=writing.at, kind=kind,
        receipt=receipt,
    )  # fmt: skip
    return work


class Lost(Form):
    """Why the deal was lost."""

    reason: str = Field(min_length=1, max_length=250)


@fact("lost.reason", Lost)
def record_loss(form: Lost, writing: Writing) -> None:
    """Write down why the deal was lost."""
    deal = writing.deal
    deal.lost_reason = form.reason
    deal.save(update_fields=["lost_reason"])
    record("sales.deal.lost_because", deal, by=writing.by, at=writing.at, reason=form.reason)
