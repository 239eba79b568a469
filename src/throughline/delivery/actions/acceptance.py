"""PS accepts a handoff by name, or returns it; BD answers, and hands it over again."""

from datetime import datetime

from django.db import transaction

from throughline.delivery.actions.engagements import locked_engagement
from throughline.delivery.gates import acceptance_gate
from throughline.delivery.models import Engagement, HandoffReturn
from throughline.delivery.returns import open_returns
from throughline.journal.actions import record
from throughline.kernel.errors import NotThere, Refused
from throughline.people.gates import require_hat
from throughline.sales.actions.lock import locked_deal

ACCEPTS = ["PS", "Admin"]
ANSWERS = ["BD", "Admin"]


class NoSuchReturn(NotThere):
    """Nothing goes by that number."""


@transaction.atomic
def accept_engagement(number: int, *, by: str, at: datetime) -> Engagement:
    """Have PS take responsibility for an engagement, by name.

    Raises:
        Refused: somebody has accepted it already; a returned line waits for BD; a note was not
            confirmed as read; the person ordered it, or is not of PS.
    """
    locked_deal(number)  # a note that is being written is waited for, and then read
    engagement = locked_engagement(number)
    require_hat(by, any_of=ACCEPTS, to="accept a handoff")
    _check_not_accepted(engagement)
    if in_the_way := acceptance_gate(engagement, by=by):
        raise Refused(
            " ".join(one.message for one in in_the_way),
            remedy=" ".join(dict.fromkeys(one.remedy for one in in_the_way)),
        )
    engagement.accepted_by, engagement.accepted_at = by, at
    engagement.save(update_fields=["accepted_by", "accepted_at"])
    record("delivery.engagement.accepted", engagement, by=by, at=at)
    return engagement


@transaction.atomic
def keep_return(
    number: int, line: str, line_text: str, why: str, *, by: str, at: datetime
) -> HandoffReturn:
    """Keep which line PS returns and what is wrong with it: the ball is with BD then.

    Raises:
        Refused: no reason is given, the line waits already, it was accepted, or the person is not
            of PS.
    """
    engagement = locked_engagement(number)
    require_hat(by, any_of=ACCEPTS, to="return a handoff")
    _check_not_accepted(engagement)
    if not why.strip():
        raise Refused("What is wrong with it?", remedy="Say it, so that BD can mend it.")
    if open_returns(engagement).filter(line=line).exists():
        raise Refused("This line waits for BD already.", remedy="BD answers it first.")
    kept = HandoffReturn.objects.create(
        engagement=engagement, line=line, line_text=line_text, why=why.strip(), by=by, at=at
    )
    record("delivery.handoff.returned", engagement, by=by, at=at, line=line, line_text=line_text,
           why=kept.why)  # fmt: skip
    return kept


@transaction.atomic
def answer_return(pk: int, answer: str, *, by: str, at: datetime) -> HandoffReturn:
    """Have BD answer a returned line; with the last answer it is handed over again.

    Raises:
        NoSuchReturn: there is none of that number.
        Refused: it is answered already, nothing is said, or the person is not of BD.
    """
    number = HandoffReturn.objects.filter(pk=pk).values_list("engagement_id", flat=True).first()
    if number is None:
        raise NoSuchReturn(f"There is no return {pk}.", remedy="See `throughline handoff returns`.")
    engagement = locked_engagement(number)
    require_hat(by, any_of=ANSWERS, to="answer a returned handoff")
    returned = HandoffReturn.objects.get(pk=pk)
    if returned.answered_at is not None:
        raise Refused(
            f"{returned.answered_by} has answered this already.", remedy="PS looks at it."
        )
    if not answer.strip():
        raise Refused("What did you do about it?", remedy="Say it, so that PS can look again.")
    returned.answer, returned.answered_by, returned.answered_at = answer.strip(), by, at
    returned.save(update_fields=["answer", "answered_by", "answered_at"])
    record("delivery.handoff.answered", engagement, by=by, at=at, line=returned.line,
           line_text=returned.line_text, answer=returned.answer)  # fmt: skip
    if not open_returns(engagement).exists():
        record("delivery.handoff.handed_over", engagement, by=by, at=at)
    return returned


def _check_not_accepted(engagement: Engagement) -> None:
    if engagement.accepted_by:
        raise Refused(
            f"{engagement.accepted_by} accepted this on {engagement.accepted_at:%Y-%m-%d}.",
            remedy="Talk to them.",
        )
