"""Entries of the journal as sentences. No sentence says an amount: not everybody may see money.

An act that nobody wrote a sentence for is shown by its own words, so nothing is ever hidden.
"""

from collections.abc import Callable
from typing import Any, Final

from throughline.journal.models import Entry
from throughline.kernel.money import without_amounts
from throughline.web.budget_sentences import BUDGETS
from throughline.web.capacity_sentences import CAPACITY
from throughline.web.door_sentences import DOORS
from throughline.web.ending_sentences import ENDING
from throughline.web.fact_words import condition_name
from throughline.web.mail_sentences import MAIL
from throughline.web.money_sentences import MONEY
from throughline.web.phrases import (
    Facts,
    field_names,
    listed,
    named,
    note,
    people,
    tail,
    words,
)
from throughline.web.work_sentences import WORK

Say = str | Callable[[Facts], str]


def _waived(facts: Facts) -> str:
    name = condition_name(str(facts.get("code")))
    return f"{name}: waived until {facts.get('until')}, because {facts.get('reason')}"


def _advanced(facts: Facts) -> str:
    waived = tail("; waived: ", named(facts.get("waived")) if facts.get("waived") else "")
    start = words(facts.get("before")) if facts.get("before") else "an unmapped stage"
    return f"Moved from {start} to {words(facts.get('after'))}{waived}"


def _owned(facts: Facts) -> str:
    before = tail(" in place of ", facts.get("before"))
    return f"{facts.get('after')} has the deal now{before}"


def _serves(facts: Facts) -> str:
    return (
        "The deal serves another community now" if facts.get("before") else "A community is named"
    )


def _tier(facts: Facts) -> str:
    if facts.get("after"):
        return f"Service tier: {words(facts['after'])}"
    return f"No service tier, because {facts.get('none_because')}"


def _term(facts: Facts) -> str:
    after = facts.get("after") or {}
    return f"Dates agreed: {after.get('start_on')} to {after.get('end_on')}"


def _signed(facts: Facts) -> str:
    parties = [one.get("party") for one in facts.get("signed") or ()]
    if parties:
        done = "; the agreement is executed" if facts.get("executed") else ""
        return f"Signed: {listed(parties)}{done}"
    return f"Purchase order {facts.get('reference')} accepted"


def _executed(facts: Facts) -> str:
    before, after = facts.get("before") or {}, facts.get("after") or {}
    moved = after.get("end_on") and after.get("end_on") != before.get("end_on")
    end = f"; the last day is {after['end_on']} now" if moved else ""
    return f"{facts.get('what') or 'The agreement'} is executed{end}"


def _payer(facts: Facts) -> str:
    who = "We pay" if facts.get("payer") == "us" else "The community pays"
    return f"{who} for {facts.get('cluster')} from {facts.get('from_on')}"


def _changed_elsewhere(facts: Facts) -> str:
    return f"Changed elsewhere: {field_names((facts.get('after') or {}).keys())}"


def _judged(facts: Facts) -> str:
    return f"Verdict: {words(facts.get('after')).lower()}{tail(', because ', facts.get('why'))}"


def _reported(facts: Facts) -> str:
    return f"Reported {words(facts.get('after')).lower()}"


def _sponsor_answered(facts: Facts) -> str:
    return f"The Sponsor answered ({facts.get('kind')}): {facts.get('receipt')}"


def _sponsor_asked(facts: Facts) -> str:
    work = {
        "signatures": "to collect signatures",
        "invoicing": "to prepare invoicing",
        "legal": "for legal advice",
    }.get(str(facts.get("kind")), str(facts.get("kind")))
    return f"The Sponsor was asked {work}{tail(': ', facts.get('question'))}"


def _described(facts: Facts) -> str:
    return f"Community record: {field_names((facts.get('after') or {}).keys())} filled in"


def _corrected(facts: Facts) -> str:
    return f"The end moved from {facts.get('was')} to {facts.get('now')}: a correction went out"


def _noted(facts: Facts) -> str:
    state = "answered" if facts.get("state") == "answered" else "asked, not answered"
    return f"Context question “{facts.get('question')}”: {state}"


def _agreed(facts: Facts) -> str:
    changed = ", ".join(
        f"{words(name).lower()} {value}" for name, value in (facts.get("now") or {}).items()
    )
    return f"A deliverable was changed after the handoff: {changed}"


def _adopted(facts: Facts) -> str:
    return f"What is there is what is wanted now: {listed(facts.get('fields'))}"


SENTENCES: Final[dict[str, tuple[str, Say]]] = {
    **WORK,
    **MONEY,
    **BUDGETS,
    **ENDING,
    **CAPACITY,
    **MAIL,
    **DOORS,
    "communities.alias.kept": ("link", "The older id {alias} is kept"),
    "communities.community.described": ("community", _described),
    "communities.community.merged": ("link", "The record of {name} was merged into this one"),
    "communities.community.merged_away": ("link", "This record was merged into {name}"),
    "communities.contact.changed": (
        "person",
        lambda f: f"A contact was changed: {field_names(f.get('fields'))}",
    ),
    "communities.contact.erased": ("void", "A person was erased; {pseudonym} stands for them"),
    "communities.contact.merged": ("link", "Two contacts turned out to be one person"),
    "communities.community.named": ("community", "Community {short_name} was added"),
    "communities.correction.proposed": ("person", "The community corrected {count} things by link"),
    "communities.correction.settled": (
        "check",
        lambda f: (
            "The community confirmed its record by link"
            if f.get("confirmed")
            else f"Of the community's corrections, taken over: {field_names(f.get('taken'))}"
        ),
    ),
    "communities.fact.confirmed": (
        "check",
        lambda f: f"Community record: {field_names(f.get('fields'))} said again",
    ),
    "communities.id.released": ("void", "The id {community_id} was given up"),
    "communities.id.reserved": ("lock", "The id {after} was reserved"),
    "communities.id.used": ("lock", "The id {community_id} is in use and never changes now"),
    "communities.question.asked_again": (
        "question",
        "The community was asked again about {question}; what it said before stands",
    ),
    "communities.question.noted": ("question", _noted),
    "communities.question.followed_up": ("question", "A further question: “{question}”"),
    "communities.question.settled": ("question", "The further question “{question}” is answered"),
    "communities.role.assigned": ("person", lambda f: f"Named as {words(f.get('role'))}"),
    "communities.role.ended": (
        "void",
        lambda f: f"{words(f.get('role'))} no longer, from {f.get('on')} on",
    ),
    "delivery.cluster.linked": ("link", "A cluster was linked to the engagement"),
    "delivery.cluster.unlinked": ("void", "A cluster was taken off the engagement"),
    "delivery.deliverable.changed": ("drift", "A deliverable was changed"),
    "delivery.deliverable.done": ("check", "A deliverable was reported as done: {evidence}"),
    "delivery.deliverable.judged": ("eye", _judged),
    "delivery.deliverable.made": ("plus", "A deliverable was planned"),
    "delivery.engagement.accepted": ("hand", "PS accepted the engagement"),
    "delivery.engagement.ending": ("stop", "Decided: the engagement ends and is not renewed"),
    "delivery.engagement.opened": ("engagement", "The engagement was opened ({origin})"),
    "delivery.engagement.reported": ("info", _reported),
    "delivery.engagement.succeeded": ("renewal", "Deal {successor} renews the engagement"),
    "delivery.deliverable.agreed": ("calendar", _agreed),
    "delivery.handoff.answered": ("arrow", "BD answered to “{line_text}”: {answer}"),
    "delivery.handoff.handed_over": ("arrow", "The handoff was handed over again"),
    "delivery.handoff.returned": ("back", "PS returned “{line_text}”: {why}"),
    "documents.document.kept": ("document", "The file {name} was stored"),
    "documents.document.discarded": (
        "void",
        "A stored file was removed, since it named somebody who was erased",
    ),
    "handoff.outcome.converged": ("check", "An outcome of the handoff is true now"),
    "handoff.outcome.differs": ("drift", "An outcome of the handoff is no longer as it should be"),
    "handoff.outcome.dropped": ("void", "The outcome {outcome} is not wanted any more"),
    "handoff.outcome.failed": ("cross", "An outcome of the handoff failed"),
    "handoff.outcome.postponed": (
        "clock",
        "An outcome of the handoff could not be made for now, and is tried again",
    ),
    "handoff.outcome.unknown": ("question", "An outcome is unknown and will be looked up again"),
    "handoff.outcome.waits": ("person", "An outcome waits for a person: {remedy}"),
    "handoff.plan.applied": ("check", "A plan of the handoff was carried out"),
    "handoff.plan.approved": ("check", "A plan of the handoff was approved"),
    "handoff.plan.proposed": ("document", "A plan of the handoff was written down"),
    "handoff.plan.rejected": ("cross", "A plan of the handoff was rejected: {because}"),
    "handoff.plan.stale": ("drift", "A plan of the handoff is stale: {differences} lines differ"),
    "handoff.drift.adopted": ("check", _adopted),
    "handoff.drift.ignored": ("hand", "A difference may stay until {until}: {why}"),
    "handoff.drift.minded": ("eye", "A difference is no longer ignored"),
    "handoff.drift.restored": ("back", "What the handoff had made was restored"),
    "handoff.field.decided": (
        "document",
        lambda f: f"Ledger: {f.get('field')} is {words(f.get('verdict')).lower()}: {f.get('why')}",
    ),
    "intake.start.organisation_told": ("info", "The organisation is {name}, with days of {zone}"),
    "intake.start.playbook_confirmed": ("check", "The playbook was confirmed as our own"),
    "intake.start.passed_over": ("skip", "The first step “{step}” was passed over"),
    "intake.hubspot.label_mapped": ("link", "HubSpot's label {label} stands for {after}"),
    "intake.hubspot.field_mapped": ("link", "HubSpot's property {label} fills {after}"),
    "intake.hubspot.order_refused": ("stop", "Its order in HubSpot waits: {why}"),
    "intake.hubspot.order_taken": ("engagement", "The order {order} of HubSpot was placed"),
    "intake.hubspot.merge_stopped": (
        "stop",
        "Deals that are both being delivered were merged in HubSpot into {survivor}",
    ),
    "intake.hubspot.merge_settled": (
        "link",
        "What HubSpot merged into {survivor} was settled: {how}, because {reason}",
    ),
    "intake.hubspot.stage_told": (
        "link",
        lambda f: f"HubSpot was told that it stands at {words(f.get('after'))}",
    ),
    "intake.hubspot.stage_waits": (
        "stop",
        lambda f: f"HubSpot is not told {words(f.get('wanted'))}: {f.get('why')}",
    ),
    "intake.hubspot.stage_overtaken": (
        "drift",
        lambda f: (
            f"HubSpot was to be told {words(f.get('wanted'))}, and moved it to"
            f" {words(f.get('after')) if f.get('after') else 'an unmapped stage'} before"
        ),
    ),
    "sales.deal.parted": ("link", "Goes on as our own deal; in HubSpot it was {before}"),
    "intake.hubspot.stage_mapped": ("link", "HubSpot's stage {label} stands for {after}"),
    "infrastructure.alert.noted": (
        "billing",
        lambda f: f"The budget alert is {'armed' if f.get('armed') else 'not armed'}",
    ),
    "infrastructure.cluster.changed": ("drift", "The cluster's file changed"),
    "infrastructure.cluster.seen": ("code", "The cluster {name} was seen for the first time"),
    "renewals.notice.corrected": ("mail", _corrected),
    "renewals.notice.sent": ("mail", "The renewal notice {step} for {end_on} went out"),
    "renewals.notice.silenced": ("skip", "Renewal notices are silent: there is a successor"),
    "sales.agreement.named": ("document", "The agreement “{title}” governs the deal"),
    "sales.agreement.signed": ("document", _signed),
    "sales.agreement.amended": ("document", "{what} to the agreement: it is to be signed"),
    "sales.agreement.executed": ("lock", _executed),
    "sales.agreement.terms_set": (
        "document",
        lambda f: f"Terms of the agreement written down: {field_names(f.get('changed'))}",
    ),
    "sales.agreement.withdrawn": ("void", "An amendment was withdrawn: {why}"),
    "sales.copy.added": ("document", "A copy of the agreement came in: {name}"),
    "sales.copy.confirmed": ("check", "The executed copy that {added_by} added was confirmed"),
    "sales.copy.rejected": ("cross", "The copy that {added_by} added was rejected: {why}"),
    "sales.party.named": ("person", "{name} signs for {party}"),
    "sales.party.removed": ("void", "{party} is no party any more"),
    "sales.payer.planned": ("billing", _payer),
    "sales.payer.set": ("billing", _payer),
    "sales.signature.moved": (
        "document",
        lambda f: f"{f.get('name')} for {f.get('party')}: {words(f.get('after')).lower()}",
    ),
    "sales.sponsor.looked": ("eye", "The Sponsor looked at the work ({kind})"),
    "sales.sponsor.reminded": ("mail", "{to} was reminded ({kind})"),
    "sales.sponsor.taken": ("hand", "The Sponsor took on the work ({kind})"),
    "sales.condition.waived": ("hand", _waived),
    "sales.deal.advanced": ("arrow", _advanced),
    "sales.deal.changed_elsewhere": ("drift", _changed_elsewhere),
    "sales.deal.created": ("plus", "The deal was written down"),
    "sales.deal.dates_agreed": ("calendar", _term),
    "sales.deal.lost_because": ("stop", "Lost, because {reason}"),
    "sales.deal.moved_back": (
        "back",
        lambda f: f"Moved back from {words(f.get('before'))} to {words(f.get('after'))}",
    ),
    "sales.deal.owned": ("person", _owned),
    "sales.deal.serves": ("community", _serves),
    "sales.deal.taken_in": ("plus", "The deal came in from another system"),
    "sales.deal.summary_sent": (
        "mail",
        lambda f: f"What was agreed was sent to the community ({people(f)})",
    ),
    "sales.deal.tier_chosen": ("engagement", _tier),
    "sales.deal.verbally_closed": ("check", "{said_by} said yes on {said_on} to {version}"),
    "sales.early_start.allowed": ("flight", "An early start is allowed until {until}: {reason}"),
    "sales.early_start.limited": ("warning", "The early start is limited below the deal's amount"),
    "sales.exception.explained": (
        "info",
        "The move past an open gate was explained: {explanation}",
    ),
    "sales.exception.reverted": ("back", "The move past an open gate was taken back"),
    "sales.gate.bypassed": (
        "warning",
        lambda f: f"Moved to {words(f.get('to'))} past an open gate: {named(f.get('open'))}",
    ),
    "sales.note.read": ("eye", lambda f: f"PS confirmed a note ({words(f.get('kind')).lower()})"),
    "sales.note.replied": ("info", lambda f: note("Reply to a note", f)),
    "sales.note.settled": ("check", "An open question was settled"),
    "sales.note.withdrawn": ("void", lambda f: note("A note was withdrawn", f, "because")),
    "sales.note.written": (
        "info",
        lambda f: note(f"For PS to know ({words(f.get('kind')).lower()})", f),
    ),
    "sales.order.placed": (
        "arrow",
        lambda f: f"The order was placed{', as an early start' if f.get('early_start') else ''}",
    ),
    "sales.review.answered": ("check", "PS answered: {answer}"),
    "sales.review.asked": ("question", "PS was asked: {question}"),
    "sales.review.accepted": ("hand", "Somebody of PS has taken the question"),
    "sales.review.commented": (
        "info",
        lambda f: f"Comment on a review: {f.get('text') or f.get('link')}",
    ),
    "sales.review.declined": ("stop", "PS declined: {because}"),
    "sales.review.handed_on": ("arrow", "The question was handed on to {after}"),
    "sales.review.spoken": ("info", "Said orally on {on}: {answer}"),
    "sales.waiver.withdrawn": (
        "back",
        lambda f: f"{condition_name(str(f.get('code')))}: no longer waived",
    ),
    "sales.deal.deleted": ("stop", "The deal was deleted elsewhere"),
    "sales.deal.restored": ("back", "The deal was restored"),
    "sales.deal.merged_elsewhere": ("link", "Merged in HubSpot: this deal goes on as {after}"),
    "sales.review.not_needed": ("skip", "No input of PS is needed: {because}"),
    "sales.scope.commented": (
        "info",
        lambda f: (
            f"The community {'accepts' if f.get('accepts') else 'comments on'} version"
            f" {f.get('version')} of the statement of work"
        ),
    ),
    "sales.sow.kept": ("document", "A statement of work came in: {name}"),
    "sales.sow.signed_off": (
        "check",
        lambda f: (
            f"Version {f.get('version')} of the statement of work was signed off"
            f" as {words(f.get('role'))}"
        ),
    ),
    "sales.sow.written": ("document", "Version {version} of the statement of work was written"),
    "sales.sponsor.answered": ("check", _sponsor_answered),
    "sales.sponsor.asked": ("person", _sponsor_asked),
}


class _Known(dict[str, Any]):
    """Facts of an entry for a sentence; one that an older entry lacks is said as such."""

    def __missing__(self, key: str) -> str:
        return "unknown"


def sentence(entry: Entry) -> str:
    """Return what an entry says, in a sentence; an act without one goes by its own words.

    What people wrote may tell amounts: they are left out, for whoever reads it.
    """
    return without_amounts(_said(entry))


def _said(entry: Entry) -> str:
    if entry.act not in SENTENCES:
        return entry.act.replace(".", ": ", 1).replace(".", " ").replace("_", " ").capitalize()
    say = SENTENCES[entry.act][1]
    return say.format_map(_Known(entry.facts)) if isinstance(say, str) else say(entry.facts)


def icon(entry: Entry) -> str:
    """Return the name of an entry's icon."""
    return SENTENCES[entry.act][0] if entry.act in SENTENCES else "journal"
