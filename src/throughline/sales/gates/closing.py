"""Conditions from Contract Admin on: agreed, written down, executed, ordered, or lost."""

from datetime import date

from throughline.communities.queries import missing_fields
from throughline.sales.gates.finding import CONDITIONS, Finding, Question, met, unmet
from throughline.sales.models import SponsorWork
from throughline.sales.queries import is_executed
from throughline.sales.words import AgreementKind, SigningState, WorkKind


@CONDITIONS.register("verbal.closed")
def verbal_yes_is_recorded(asked: Question) -> Finding:
    """Pass once it is written down who said yes, when, and to which version."""
    closes = list(asked.facts.deal.verbal_closes.all())
    if not closes:
        return unmet(
            "Nobody has said yes yet.", "Write down who said yes, when, and to which version."
        )
    last = max(closes, key=lambda close: close.pk)
    return met(f"{last.said_by} said yes to {last.version} on {last.said_on}.")


@CONDITIONS.register("service.tier")
def tier_is_chosen(asked: Question) -> Finding:
    """Pass once a tier is chosen, or it is written down why the deal has none."""
    deal = asked.facts.deal
    tiers = {tier.code: tier.name for tier in asked.playbook.tiers}
    if deal.tier in tiers:
        return met(f"{tiers[deal.tier]}.")
    if deal.tier:
        return unmet(
            f"The playbook knows no tier “{deal.tier}”.",
            f"Choose one of {', '.join(tiers.values())}, or say why none.",
        )
    if deal.tier_none_because:
        return met(f"No tier, because {deal.tier_none_because}.")
    return unmet(
        "No service tier is chosen.",
        f"Choose one of {', '.join(tiers.values())}, or say why none.",
    )


@CONDITIONS.register("dates.agreed")
def dates_are_agreed(asked: Question) -> Finding:
    """Pass once start, end and every due date are agreed and none contradicts another."""
    problems = [*_term_problems(asked), *_due_date_problems(asked)]
    if problems:
        return unmet(" ".join(problems), "Agree on start, end and a due date for each deliverable.")
    deal = asked.facts.deal
    said = f"From {deal.contract_start_on} to {deal.contract_end_on}."
    return met(" ".join([said, *_target_notes(asked)]))


def _target_notes(asked: Question) -> list[str]:
    """Return where the dates that were hoped for differ: to be seen, and in nobody's way (F7)."""
    deal = asked.facts.deal
    start, end = deal.target_start_on, deal.target_end_on
    differ = [
        f"the target {word} was {target}"
        for word, target, agreed in (
            ("start", start, deal.contract_start_on),
            ("end", end, deal.contract_end_on),
        )
        if target and agreed and target != agreed
    ]
    return [f"Note: {' and '.join(differ)}."] if differ else []


def _term_problems(asked: Question) -> list[str]:
    deal, agreement = asked.facts.deal, asked.facts.agreement
    start, end = deal.contract_start_on, deal.contract_end_on
    problems = [
        f"No {word} date is agreed." for word, day in (("start", start), ("end", end)) if not day
    ]
    if agreement is not None:
        stated = (("start", start, agreement.effective_on), ("end", end, agreement.end_on))
        problems += [
            f"The {word} is {agreed} for the deal and {signed} in the agreement."
            for word, agreed, signed in stated
            if agreed and signed and agreed not in {signed, asked.facts.signed_end}
        ]
    return problems


def _due_date_problems(asked: Question) -> list[str]:
    deal, statement = asked.facts.deal, asked.facts.statement
    if statement is None:
        return []
    problems = []
    for title in (item["title"] for item in statement.content["deliverables"]):
        due = deal.deliverable_dates.get(title)
        if due is None:
            problems.append(f"“{title}” has no due date.")
        elif deal.start_on and date.fromisoformat(due) < deal.start_on:
            problems.append(f"“{title}” is due on {due}, before the start.")
        elif deal.end_on and date.fromisoformat(due) > deal.end_on:
            problems.append(f"“{title}” is due on {due}, after the end.")
    return problems


@CONDITIONS.register("agreement.artefact")
def one_artefact_governs(asked: Question) -> Finding:
    """Pass once one document is named as the deal's source of truth."""
    agreement = asked.facts.agreement
    if agreement:
        return met(f"{agreement.get_kind_display()}: {agreement.title}.")
    return unmet(
        "No document governs the deal.", "Name the Service Agreement or the Purchase Order."
    )


@CONDITIONS.register("community.record")
def community_record_is_complete(asked: Question) -> Finding:
    """Pass once PS finds in the record what it needs to deliver."""
    community = asked.facts.deal.community
    if community is None:
        return unmet("There is no community record.", "Name the community first.")
    missing = missing_fields(community, wanted=asked.playbook.community_record)
    if not missing:
        return met("The record is complete.")
    return unmet(f"The record lacks {', '.join(missing)}.", "Fill these in.")


@CONDITIONS.register("community.people")
def people_are_named(asked: Question) -> Finding:
    """Pass once each required role has somebody."""
    held = {assignment.role for assignment in asked.facts.roles}
    missing = [role.name for role in asked.playbook.required_roles() if role.code not in held]
    if not missing:
        return met("Every required role has somebody.")
    return unmet(f"Nobody is {', '.join(missing)}.", "Name a person with an address for each.")


@CONDITIONS.register("community.context")
def context_was_asked(asked: Question) -> Finding:
    """Pass once each context question is answered, or was asked without an answer."""
    community = asked.facts.deal.community
    noted = {answer.question for answer in community.context.all()} if community else set()
    missing = [
        question.text for question in asked.playbook.context_questions if question.code not in noted
    ]
    if not missing:
        return met("All context questions were asked.")
    return unmet(
        f"{len(missing)} of {len(asked.playbook.context_questions)} context questions were not"
        f" asked: {' '.join(missing)}",
        "Write down the answers, or that they were asked and not answered.",
    )


@CONDITIONS.register("legal.involved")
def legal_is_involved(asked: Question) -> Finding:
    """Pass where legal is not needed, or has answered."""
    deal = asked.facts.deal
    if not deal.legal_needed_because:
        return met(" ".join(["Nobody has flagged a need for legal advice.", *_legal_hint(asked)]))
    work = _work(asked, WorkKind.LEGAL)
    if work is not None and work.done_at is not None:
        return met(f"{work.done_by} answered: {work.receipt}")
    return unmet(
        f"Legal is needed ({deal.legal_needed_because}) and has not answered.",
        "The Sponsor answers the question on its desk.",
    )


def _legal_hint(asked: Question) -> list[str]:
    """Return what speaks for legal advice by the playbook's rule; a person decides."""
    rule, deal, agreement = asked.playbook.legal, asked.facts.deal, asked.facts.agreement
    ours = asked.playbook.organisation.currency
    said = []
    if rule.above and deal.amount is not None and deal.amount > rule.above:
        said.append("the amount is above the playbook's limit")
    if rule.other_currency and deal.currency != ours:
        said.append(f"the buyer pays in {deal.currency}, so it may be abroad")
    is_order = agreement is not None and agreement.kind == AgreementKind.PURCHASE_ORDER
    if rule.purchase_order and is_order:
        said.append("a purchase order brings the buyer's terms")
    return [f"Consider it: {'; '.join(said)}."] if said else []


@CONDITIONS.register("agreement.executed")
def agreement_is_executed(asked: Question) -> Finding:
    """Pass once every party has signed, or the purchase order is issued and accepted."""
    agreement = asked.facts.agreement
    if agreement is None:
        return unmet("There is no agreement.", "Name the document that governs the deal first.")
    if is_executed(agreement):
        return met(f"{agreement.title} is executed.")
    if agreement.kind == AgreementKind.PURCHASE_ORDER:
        return unmet(
            "The purchase order is not issued and accepted.",
            "Record its number and the day on which it was accepted.",
        )
    signatories = list(agreement.signatories.all())
    if len(signatories) < 2:  # noqa: PLR2004 -- an agreement is between two parties
        return unmet("The agreement does not name two parties.", "Record who signs for each party.")
    waiting = [
        f"{one.name} for {one.party} ({one.get_state_display().lower()})"
        for one in signatories
        if one.state != SigningState.SIGNED
    ]
    return unmet(f"Not signed yet: {', '.join(waiting)}.", "The Sponsor collects the signatures.")


@CONDITIONS.register("delivery.requested")
def delivery_is_requested(asked: Question) -> Finding:
    """Pass once BD has placed the order."""
    if hasattr(asked.facts.deal, "order"):
        return met(f"{asked.facts.deal.order.by} placed the order.")
    return unmet("BD has not requested delivery.", "Place the order: `throughline order`.")


@CONDITIONS.register("lost.reason")
def loss_has_a_reason(asked: Question) -> Finding:
    """Pass once it is written down why the deal was lost."""
    reason = asked.facts.deal.lost_reason
    return met(reason) if reason else unmet("No reason is given.", "Write down why it was lost.")


@CONDITIONS.register("signatures.requested")
def signatures_are_requested(asked: Question) -> Finding:
    """Pass once the Sponsor was asked to collect signatures."""
    work = _work(asked, WorkKind.SIGNATURES)
    if work is None:
        return unmet("The Sponsor was not asked for signatures.", "Ask the Sponsor.")
    return met(f"Asked on {work.asked_at:%Y-%m-%d}.")


@CONDITIONS.register("invoicing.prepared")
def invoicing_is_prepared(asked: Question) -> Finding:
    """Pass once the Sponsor has prepared invoicing."""
    work = _work(asked, WorkKind.INVOICING)
    if work is not None and work.done_at is not None:
        return met(f"{work.done_by} prepared it: {work.receipt}")
    return unmet("The Sponsor has not prepared invoicing.", "The Sponsor records SAGE's number.")


def _work(asked: Question, kind: WorkKind) -> SponsorWork | None:
    return next((one for one in asked.facts.deal.sponsor_work.all() if one.kind == kind), None)
