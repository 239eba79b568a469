"""Sentences of the journal about work: points, hours, needs, scope, begun projects, joint work."""

from collections.abc import Callable
from typing import Final

from throughline.web.phrases import Facts, tail

Say = str | Callable[[Facts], str]


def _checked(facts: Facts) -> str:
    given = "was given" if facts.get("given") else "was not given"
    return f"“{facts.get('title')}” {given} in {facts.get('month')}{tail(': ', facts.get('note'))}"


def _decided(facts: Facts) -> str:
    who = tail(" – ", facts.get("owner"))
    return f"Decided in the Engagement Review: {facts.get('text')}{who}"


def _championed(facts: Facts) -> str:
    says = "this is what it needed" if facts.get("answer") == "yes" else "not yet"
    return f"The community answered: {says}"


def _proof(facts: Facts) -> str:
    said = facts.get("text") or facts.get("file") or facts.get("link")
    return f"Something that shows it: {said}"


WORK: Final[dict[str, tuple[str, Say]]] = {
    "delivery.deliverable.owned": (
        "person",
        lambda facts: f"{facts.get('after') or 'Nobody'} sees to the deliverable now",
    ),
    "delivery.deliverable.replanned": (
        "calendar",
        "The due date was moved from {before} to {after}: {why}",
    ),
    "delivery.deliverable.reopened": ("back", "The deliverable is open again: {why}"),
    "delivery.point.ticked": ("check", "Ticked: {point}"),
    "delivery.point.unticked": ("back", "No longer ticked: {point}"),
    "delivery.hours.spent": ("info", "{hours} hours were worked on {on}"),
    "delivery.evidence.given": ("eye", _proof),
    "delivery.need.added": ("link", "It waits for “{needed}” now"),
    "delivery.need.removed": ("void", "It does not wait for deliverable {number} any more"),
    "delivery.scope.added": (
        "plus",
        lambda facts: (
            f"“{facts.get('title')}” was added: {facts.get('why') or 'nobody promised it'}"
        ),
    ),
    "delivery.scope.changed": ("drift", "{amendment} changed what is delivered: {why}"),
    "delivery.scope.dropped": ("void", "{amendment} took the deliverable out: {why}"),
    "delivery.clause.added": ("document", "{name} of the agreement promises: {text}"),
    "delivery.project.begun": (
        "plus",
        lambda facts: f"“{facts.get('title')}” was begun" + tail(": ", facts.get("why")),
    ),
    "delivery.project.told": ("info", "Written down for {project}: {field} is {value}"),
    "delivery.joint.opened": (
        "community",
        "The joint work “{title}” was agreed: {threshold} must sign; this deal carries {pct} %",
    ),
    "delivery.joint.joined": (
        "community",
        "{who} joined the joint work “{title}”; this deal carries {pct} % now",
    ),
    "delivery.joint.priced": (
        "billing",
        "A price was agreed for the joint work “{title}”; this deal carries {pct} % of it",
    ),
    "delivery.joint.started": (
        "check",
        "The joint work “{title}” started; this deal carries {pct} %",
    ),
    "delivery.joint.left": (
        "back",
        "{who} left the joint work “{title}”: {why}; this deal carries {pct} % now",
    ),
    "delivery.decision.settled": ("check", "What a review decided is carried out: {text}"),
    "delivery.decision.taken": ("eye", _decided),
    "delivery.meeting.closed": ("lock", "The Engagement Review of {held_on} was closed"),
    "delivery.meeting.opened": ("eye", "The Engagement Review of {held_on} was opened"),
    "delivery.service.checked": ("check", _checked),
    "delivery.project.changed": ("drift", "The project “{title}” was changed"),
    "delivery.project.made": ("plus", "The project “{title}” was set up"),
    "delivery.service.changed": ("drift", "The service “{title}” was changed"),
    "delivery.service.made": ("plus", "The service “{title}” was set up"),
    "handoff.outcomes.carried": (
        "link",
        "{count} things that the handoff of engagement {joined} had made go on here",
    ),
    "sales.deal.carried_over": (
        "link",
        "Took over {notes} notes and the open work of deal {joined}",
    ),
    "delivery.engagement.joined": ("link", "Took over the work of engagement {joined}"),
    "delivery.activity.told": ("info", "{source} told who used the hub from {from_on} to {to_on}"),
    "delivery.champion.answered": ("eye", _championed),
    "delivery.champion.asked": ("arrow", "The community was asked whether this is what it needed"),
    "delivery.champion.reminded": ("clock", "The community was reminded of our question"),
    "delivery.evidence.looked": ("search", "Evidence was looked for: {new} new"),
}
