"""What a community says when it is asked."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from throughline.communities.actions.ids import standing_community
from throughline.communities.actions.records import Clash, Conflict
from throughline.communities.models import ContextAnswer, EarlierAnswer, FollowUp
from throughline.communities.words import AnswerState
from throughline.journal.actions import record
from throughline.kernel.errors import Refused
from throughline.playbook.model import Playbook


@dataclass(frozen=True, slots=True)
class Told:
    """What a community says; `seen` is the stamp of the answer that the writer saw, None untold."""

    text: str
    source: str = ""
    seen: str | None = None


@transaction.atomic
def answer_question(
    pk: int,
    question: str,
    *,
    told: Told,
    playbook: Playbook,
    by: str,
    at: datetime,
) -> ContextAnswer:
    """Write down what a community says to a context question; empty text: asked, not answered.

    What it said before stays readable. Asked again without an answer, the one that it gave stands.

    Raises:
        Conflict: somebody has written another answer down since the one that the writer saw.
        Refused: the playbook has no such question.
    """
    code = playbook.question(question).code
    community = standing_community(pk)
    state = AnswerState.ANSWERED if told.text.strip() else AnswerState.ASKED
    former = ContextAnswer.objects.filter(community=community, question=code).first()
    _check_seen(former, code, told)
    if former and former.text.strip() and state == AnswerState.ASKED:
        record("communities.question.asked_again", community, by=by, at=at, question=code)
        return former
    if former:
        _keep_earlier(former, told.text)
    answer, _created = ContextAnswer.objects.update_or_create(
        community=community,
        question=code,
        defaults={"state": state, "text": told.text, "source": told.source, "at": at, "by": by},
    )
    record("communities.question.noted", community, by=by, at=at, question=code, state=state)
    return answer


def _check_seen(former: ContextAnswer | None, code: str, told: Told) -> None:
    """Pass if the answer is still the one that the writer saw, or says what they want.

    Raises:
        Conflict: somebody has written another one down.
    """
    stands = former.text.strip() if former else ""
    if told.seen is None or told.seen == stamp_of(former) or stands == told.text.strip():
        return
    who = f"The answer to {code}, by {former.by if former else 'nobody'},"
    raise Conflict(who, (Clash(code, stands, told.text.strip()),))


def stamp_of(answer: ContextAnswer | None) -> str:
    """Return which answer stands: what a page says that its reader saw; "" for none."""
    return f"{answer.at.isoformat()} {answer.by}" if answer else ""


def _keep_earlier(former: ContextAnswer, text: str) -> None:
    if former.text.strip() and former.text != text:
        EarlierAnswer.objects.create(
            community=former.community,
            question=former.question,
            text=former.text,
            source=former.source,
            at=former.at,
            by=former.by,
        )


@transaction.atomic
def ask_further(
    pk: int, question: str, *, text: str, playbook: Playbook, by: str, at: datetime
) -> FollowUp:
    """Write down a further question that an answer raises.

    Raises:
        Refused: it is empty, or the playbook has no such context question.
    """
    code = playbook.question(question).code
    if not text.strip():
        raise Refused("The further question is empty.", remedy="Write what is to be asked.")
    community = standing_community(pk)
    asked = FollowUp.objects.create(
        community=community, question=code, text=text.strip(), asked_by=by, asked_at=at
    )
    record("communities.question.followed_up", community, by=by, at=at, question=code)
    return asked


@transaction.atomic
def answer_follow_up(pk: int, number: int, *, answer: str, by: str, at: datetime) -> FollowUp:
    """Write down what came back to a further question, by its number, of a community.

    Raises:
        Refused: it is empty, or there is no such question.
    """
    if not answer.strip():
        raise Refused("The answer is empty.", remedy="Write what the community says.")
    community = standing_community(pk)
    asked = FollowUp.objects.filter(pk=number, community=community).first()
    if asked is None:
        raise Refused("There is no such further question.", remedy="Look at the page again.")
    asked.answer, asked.answered_by, asked.answered_at = answer, by, at
    asked.save(update_fields=["answer", "answered_by", "answered_at"])
    record("communities.question.settled", community, by=by, at=at, question=asked.question)
    return asked
