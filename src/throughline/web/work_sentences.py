"""Sentences of the journal about work: points, hours, needs, scope, begun projects, joint work."""

from collections.abc import Callable
from typing import Final

from throughline.web.phrases import Facts, tail

Say = str | Callable[[Facts], str]

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
        "people",
        "The joint work “{title}” was agreed: {threshold} must sign; this deal carries {pct} %",
    ),
    "delivery.joint.joined": (
        "people",
        "{who} joined the joint work “{title}”; this deal carries {pct} % now",
    ),
    "delivery.joint.started": (
        "check",
        "The joint work “{title}” started; this deal carries {pct} %",
    ),
    "delivery.joint.left": (
        "back",
        "{who} left the joint work “{title}”: {why}; this deal carries {pct} % now",
    ),
}
