"""The acceptance certificate: what was promised, what showed it, and who verified it when."""

from pathlib import Path
from typing import Any

from throughline.delivery.joint import shared_with
from throughline.delivery.models import Deliverable, Verdict
from throughline.delivery.promises import promise_source
from throughline.delivery.queries import engagements, is_verified
from throughline.delivery.verdicts import is_without_confirmation, with_verdicts
from throughline.delivery.words import ChampionAnswer, DeliverableState, EvidenceKind
from throughline.documents.pdf import make_pdf
from throughline.kernel.errors import Refused
from throughline.playbook.model import Playbook

TEMPLATE = Path(__file__).with_name("certificate.typ")
STATES = {
    "found": "found",
    "absent": "not found",
    "unavailable": "could not be had",
    "": "not looked for",
}


def certificate_of(number: int, *, playbook: Playbook) -> bytes:
    """Return the acceptance certificate of an engagement as PDF: the same for the same verdicts.

    It says what each verdict rested on then; what evidence says since changes no word of it.

    Raises:
        Refused: not every deliverable is verified; the message names those that are not.
    """
    engagement = engagements().get(pk=number)
    promised = with_verdicts(
        Deliverable.objects.filter(shared_with(engagement))
        .exclude(state=DeliverableState.DROPPED)
        .select_related("project")
        .order_by("project_id", "due_on", "pk")
    )
    if not is_verified(engagement):
        raise Refused(
            f"{engagement.deal.name} is not verified yet: {_open(list(promised))}.",
            remedy="BD verifies what is left; then there is a certificate.",
        )
    lines = list(promised)
    deal = engagement.deal
    community = deal.community
    data = {
        "organisation": playbook.organisation.name,
        "engagement": str(number),
        "deal": deal.name,
        "community": (community.long_name or community.short_name) if community else "",
        "term": f"{_day(deal.start_on)} to {_day(deal.end_on)}",
        "promises": [_line(one) for one in lines],
        "note": _note(lines),
    }
    return make_pdf(TEMPLATE, data, at=max(one.verdict_at for one in lines if one.verdict_at))


def _open(lines: list[Deliverable]) -> str:
    names = [f"“{one.title}”" for one in lines if one.state != DeliverableState.VERIFIED]
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""  # noqa: PLR2004 -- as many as one reads
    return ", ".join(names[:5]) + more if names else "nothing was promised, or joint work is open"


def _line(one: Deliverable) -> dict[str, Any]:
    verdict = _verdict(one)
    labels = dict(EvidenceKind.choices)
    rested = verdict.evidence if verdict else {}
    return {
        "title": one.title,
        "project": one.project.title,
        "source": promise_source(one),
        "done": f"{one.done_by}, {_day(one.done_at)}",
        "verified": f"{one.verdict_by}, {_day(one.verdict_at)}",
        "why": one.verdict_why,
        "points": [str(point) for point in one.definition_of_done],
        "evidence": [
            f"{labels.get(kind, kind)}: {STATES[state]}" for kind, state in rested.items()
        ],
        "champion": _champion(verdict),
    }


def _verdict(one: Deliverable) -> Verdict | None:
    """Return the verdict that holds; None for one of before verdicts were kept."""
    given = [verdict for verdict in one.verdicts.all() if verdict.at == one.verdict_at]
    return given[-1] if given else None


def _champion(verdict: Verdict | None) -> str:
    if verdict is None or verdict.champion == ChampionAnswer.NOT_ASKED:
        return ""
    if is_without_confirmation(verdict):
        return "The community was asked and did not answer: verified without its confirmation."
    return f"The community said: {verdict.get_champion_display().lower()}."


def _note(lines: list[Deliverable]) -> str:
    alone = sum(
        1 for one in lines if (verdict := _verdict(one)) and is_without_confirmation(verdict)
    )
    return "" if not alone else f"{alone} of {len(lines)} without the community's confirmation."


def _day(at: Any) -> str:
    return f"{at:%-d %B %Y}" if at else "unknown"
