"""A line of the verification queue: the promise, all that speaks for it or against it, and the forms."""

from collections.abc import Iterable
from typing import Any

from throughline.communities.models import Contact
from throughline.delivery.actions.champions import people_to_ask
from throughline.delivery.models import Deliverable, Evidence, Verdict
from throughline.delivery.verdicts import champion_of, kinds_of, newest_looks, question_of
from throughline.delivery.words import ChampionAnswer, EvidenceKind, EvidenceState
from throughline.web.delivery.forms import AskForm, ReturnForm, VerifyForm
from throughline.web.delivery.lines import promise_line
from throughline.web.moment import Moment


def verdict_lines(found: Iterable[Deliverable], now: Moment) -> list[dict[str, Any]]:
    """Return the lines of a page of the queue; one query more than the deliverables took."""
    listed = list(found)
    engagements = [one.project.engagement for one in listed]
    people = people_to_ask(engagements, playbook=now.playbook, at=now.at)
    return [_line(one, people[one.project.engagement_id], now) for one in listed]


def _line(one: Deliverable, people: list[Contact], now: Moment) -> dict[str, Any]:
    return (
        promise_line(one, on=now.on)
        | verdict_forms(one, people)
        | {
            "proofs": proofs_of(one),
            "before": _before(one),
        }
    )


def verdict_forms(one: Deliverable, people: list[Contact]) -> dict[str, Any]:
    """Return what the community says of a deliverable, and the forms of the three verdicts on it."""
    answer = champion_of(one)
    return {
        "question": question_of(one),
        "answer": answer,
        "is_waiting": answer == ChampionAnswer.WAITING,
        "needs_why": answer == ChampionAnswer.NOT_YET,
        "verify_form": VerifyForm(auto_id=f"verify_{one.pk}_%s"),
        "return_form": ReturnForm(auto_id=f"return_{one.pk}_%s"),
        "ask_form": AskForm(people=people, auto_id=f"ask_{one.pk}_%s") if people else None,
    }


def proofs_of(one: Deliverable) -> list[dict[str, Any]]:
    """Return by kind what the newest look said, what was found first.

    Beyond that the wanted kinds come before what came beside them.
    """
    labels = dict(EvidenceKind.choices)
    proofs = [
        {"label": labels.get(kind, kind), "looks": newest_looks(one, kind)}
        for kind in kinds_of(one)
    ]
    return sorted(proofs, key=lambda proof: not _shows(proof["looks"]))


def _shows(looks: Iterable[Evidence]) -> bool:
    return any(look.state == EvidenceState.FOUND for look in looks)


def _before(one: Deliverable) -> list[Verdict]:
    """Return the verdicts that were given on this promise before it came back to be judged."""
    return list(one.verdicts.all())
