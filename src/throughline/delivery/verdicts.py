"""What a verdict rests on: what the newest looks said, and what somebody of the community says."""

from django.db.models import QuerySet

from throughline.delivery.checklists import with_evidence
from throughline.delivery.models import ChampionQuestion, Deliverable, Evidence, Verdict
from throughline.delivery.words import ChampionAnswer, EvidenceKind, EvidenceState

WORST_FIRST = (EvidenceState.ABSENT, EvidenceState.UNAVAILABLE, EvidenceState.FOUND)


def with_verdicts(found: QuerySet[Deliverable]) -> QuerySet[Deliverable]:
    """Return deliverables with evidence, questions and verdicts read ahead; three queries more."""
    return with_evidence(found).prefetch_related("questions", "verdicts")


def question_of(deliverable: Deliverable) -> ChampionQuestion | None:
    """Return what was asked of the work as it is now: questions of work that came back are over."""
    since = deliverable.done_at
    asked = [one for one in deliverable.questions.all() if since and one.asked_at >= since]
    return asked[-1] if asked else None


def champion_of(deliverable: Deliverable) -> ChampionAnswer:
    """Return what somebody of the community says; no answer is *waiting*, never a yes."""
    question = question_of(deliverable)
    return ChampionAnswer.NOT_ASKED if question is None else ChampionAnswer(question.answer)


def newest_looks(deliverable: Deliverable, kind: str) -> list[Evidence]:
    """Return what the newest look for a kind of evidence said; its rows share their instant."""
    rows = [one for one in deliverable.evidence.all() if one.kind == kind]
    newest_at = max((one.at for one in rows), default=None)
    return [one for one in rows if one.at == newest_at]


def kinds_of(deliverable: Deliverable) -> list[str]:
    """Return the kinds of evidence that are wanted, then those that came beside them.

    The champion's word is none of them: it is said apart.
    """
    there = [one.kind for one in deliverable.evidence.all() if one.kind != EvidenceKind.CHAMPION]
    return list(dict.fromkeys([*deliverable.wanted_evidence, *there]))


def evidence_of(deliverable: Deliverable) -> dict[str, str]:
    """Return by kind what the newest look said, the worst of several; "" where none was made."""
    found: dict[str, str] = {}
    for kind in kinds_of(deliverable):
        states = {one.state for one in newest_looks(deliverable, kind)}
        found[kind] = next((one.value for one in WORST_FIRST if one in states), "")
    return found


def is_without_confirmation(verdict: Verdict) -> bool:
    """Return whether BD verified alone although the community was asked (E23)."""
    return verdict.champion in {ChampionAnswer.WAITING, ChampionAnswer.SILENT}
