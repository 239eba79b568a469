"""Sentences about how an engagement ends, or goes on."""

from collections.abc import Callable
from typing import Final

from throughline.renewals.words import CourseKind, LapseVerdict, StepCode
from throughline.web.phrases import Facts, listed, tail

COURSES: Final[dict[str, str]] = {
    CourseKind.RENEW: "Decided: it is renewed",
    CourseKind.EXTEND: "Decided: it is extended",
    CourseKind.AMEND: "Decided: it is amended",
    CourseKind.END: "Decided: it ends",
}


def _taken(facts: Facts) -> str:
    said = COURSES.get(str(facts.get("kind")), "Decided about its end")
    if facts.get("awaited"):
        said += f"; “{facts['awaited']}” is to be made in HubSpot"
    if facts.get("hubs_that_end"):
        said += f"; {listed(facts['hubs_that_end'])} does not go on"
    return said + tail(", because ", facts.get("why"))


def _decided(facts: Facts) -> str:
    if facts.get("verdict") == LapseVerdict.KEEP:
        return f"The BD lead keeps it running until {facts.get('until_on')}: {facts.get('why')}"
    return f"The BD lead has it taken down: {facts.get('why')}"


def _step(facts: Facts) -> str:
    label = dict(StepCode.choices).get(str(facts.get("step")), "a line is done")
    return f"Offboarding: {label}" + tail(": ", facts.get("note"))


def _answered(facts: Facts) -> str:
    if facts.get("answer") == "saved":
        return "The community says that its data are safe"
    return "The community says that its data are not safe yet"


ENDING: Final[dict[str, tuple[str, str | Callable[[Facts], str]]]] = {
    "delivery.engagement.going_on": ("back", "It does not end after all"),
    "renewals.course.taken": ("renewal", _taken),
    "renewals.part.taken_back": ("mail", "Those who were told that hubs end were told it was taken back"),
    "renewals.course.withdrawn": ("back", "What was decided about its end was taken back: {why}"),
    "renewals.successor.arrived": ("link", "Its renewal arrived from HubSpot: deal {successor}"),
    "renewals.lapse.extended": (
        "clock",
        "It may run without agreement from {from_on} to {until_on}: {why}",
    ),
    "renewals.lapse.decided": ("hand", _decided),
    "renewals.decommission.planned": ("stop", "It is planned to be taken down on {planned_on}: {why}"),
    "renewals.decommission.called_off": ("back", "It is not taken down: {why}"),
    "renewals.offboarding.opened": ("stop", "Its check list for taking it down was begun"),
    "renewals.offboarding.called_off": ("back", "Its check list for taking it down was put away"),
    "renewals.offboarding.done": ("check", _step),
    "renewals.data.reminded": ("clock", "The community was reminded of the question about its data"),
    "renewals.data.asked": ("question", "The community was asked whether its data are safe"),
    "renewals.data.answered": ("eye", _answered),
}  # fmt: skip
