"""BD asks PS; PS accepts by name, answers, declines or hands on. Four eyes, always."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction

from throughline.journal.actions import record
from throughline.kernel.days import day_in_zone
from throughline.kernel.errors import Refused
from throughline.people.gates import require_four_eyes, require_permission
from throughline.people.words import Permission
from throughline.playbook.model import Playbook
from throughline.sales.actions.lock import locked_deal
from throughline.sales.models import Review, ReviewNote
from throughline.sales.queries import facts_of
from throughline.sales.reviews import NoSuchReview, review_basis
from throughline.sales.words import ReviewKind, ReviewState

KINDS = [kind.value for kind in ReviewKind if kind != ReviewKind.NOT_NEEDED]
LONGEST_LINK = 500
_is_link = URLValidator(schemes=["http", "https"])


@dataclass(frozen=True, slots=True)
class Request:
    """What BD asks PS for."""

    question: str
    kind: str = ReviewKind.INPUT
    needed_by: date | None = None  # None: as many days as the playbook gives PS


@dataclass(frozen=True, slots=True)
class Spoken:
    """What was asked and answered orally, and is written down afterwards."""

    request: Request
    answer: str
    asked_by: str
    answered_by: str
    on: date
    attended: str
    link: str = ""


@transaction.atomic
def ask_review(
    deal_id: int, request: Request, *, playbook: Playbook, by: str, at: datetime
) -> Review:
    """Ask PS for input, an estimate, a statement of work or a call.

    Raises:
        Refused: nothing is asked, the kind is none, the day is over, or the person is not of BD.
    """
    deal = locked_deal(deal_id)
    require_permission(by, Permission.ASK_PS, to="ask PS")
    on = day_in_zone(at, playbook.organisation.zone)
    _check_request(request)
    if request.needed_by and request.needed_by < on:
        raise Refused(f"{request.needed_by} is over.", remedy="Name a day that PS can still meet.")
    review = Review.objects.create(
        deal=deal, kind=request.kind, question=request.question.strip(), asked_by=by, asked_at=at,
        needed_by=request.needed_by or on + timedelta(days=playbook.periods.review_due_days),
    )  # fmt: skip
    record(
        "sales.review.asked", deal, by=by, at=at, question=review.question, kind=review.kind,
        needed_by=review.needed_by, review=review.pk,
    )  # fmt: skip
    return review


def _check_request(request: Request) -> None:
    if not request.question.strip():
        raise Refused("Nothing is asked.", remedy="Write the question for PS.")
    if request.kind not in KINDS:
        raise Refused(
            f"PS cannot be asked for {request.kind!r}.", remedy=f"Use one of {', '.join(KINDS)}."
        )


@transaction.atomic
def skip_review(deal_id: int, because: str, *, by: str, at: datetime) -> Review:
    """Write down why no input of PS is needed.

    Raises:
        Refused: no reason is given, or the person is not of BD.
    """
    deal = locked_deal(deal_id)
    require_permission(by, Permission.ASK_PS, to="say that no input of PS is needed")
    if not because.strip():
        raise Refused("A reason is needed.", remedy="Say why PS need not be asked.")
    review = Review.objects.create(
        deal=deal, kind=ReviewKind.NOT_NEEDED, question=because.strip(), asked_by=by, asked_at=at
    )
    record("sales.review.not_needed", deal, by=by, at=at, because=review.question, review=review.pk)
    return review


@transaction.atomic
def accept_review(review_id: int, *, by: str, at: datetime) -> Review:
    """Have somebody of PS take a review, by name; again changes nothing.

    Raises:
        Refused: it is settled, or another person has accepted it; or the person asked it, or is
            not of PS.
    """
    review = _open_review(review_id)
    _check_answers(review, by, to="accept a review for PS")
    if review.accepted_at is not None:
        if _same(review.holder, by):
            return review
        raise Refused(
            f"{review.holder} has accepted this already.",
            remedy=f"Ask {review.holder} to hand it on to you.",
        )
    _hold(review, by, since=at, accepted_at=at)
    record("sales.review.accepted", review.deal, by=by, at=at, review=review.pk)
    return review


@transaction.atomic
def hand_on_review(review_id: int, to: str, *, by: str, at: datetime) -> Review:
    """Hand a review on to another person of PS, who then accepts or answers it.

    Raises:
        Refused: it is settled; nobody, the same person or whoever asked is named; one of the two
            is not of PS.
    """
    review, to = _open_review(review_id), to.strip()
    _check_answers(review, by, to="hand a review on for PS")
    if not to or _same(to, review.holder):
        raise Refused("It is with them already." if to else "Nobody is named.",
                      remedy="Name another person of PS.")  # fmt: skip
    require_permission(to, Permission.ANSWER_PS, to="answer for PS")
    require_four_eyes(review.asked_by, to, what="A review")
    before = review.holder
    _hold(review, to, since=at, accepted_at=None)
    record("sales.review.handed_on", review.deal, by=by, at=at, before=before, after=to,
           review=review.pk)  # fmt: skip
    return review


@transaction.atomic
def answer_review(
    review_id: int, answer: str, *, playbook: Playbook, by: str, at: datetime, link: str = ""
) -> Review:
    """Answer a review for PS, and keep for which scope and dates it is given.

    An empty answer confirms what was said orally.

    Raises:
        Refused: it is settled, the answer is empty, the link is none, or the person asked it or
            is not of PS.
    """
    review = _open_review(review_id)
    _check_answers(review, by, to="answer for PS")
    text = answer.strip() or review.answer
    if not text:
        raise Refused("The answer is empty.", remedy="Write what PS says.")
    if review.answer and not _same(review.holder, by) and not answer.strip():
        raise Refused(
            f"{review.holder} is said to have answered.",
            remedy=f"{review.holder} confirms it, or write your own answer.",
        )
    review.answer, review.answer_link = text, _link(link) or review.answer_link
    review.answered_by, review.answered_at = by, at
    on = day_in_zone(at, playbook.organisation.zone)
    review.basis = review_basis(facts_of(review.deal, on=on))
    review.save()
    record("sales.review.answered", review.deal, by=by, at=at, answer=text, review=review.pk,
           basis=review.basis)  # fmt: skip
    return review


@transaction.atomic
def decline_review(review_id: int, because: str, *, by: str, at: datetime) -> Review:
    """Have PS decline a review, with the reason; BD then asks again, or asks for something else.

    Raises:
        Refused: it is settled, no reason is given, or the person asked it or is not of PS.
    """
    review = _open_review(review_id)
    _check_answers(review, by, to="decline a review for PS")
    if not because.strip():
        raise Refused("Declining needs a reason.", remedy="Say why, and what would help.")
    review.declined_because, review.declined_by = because.strip(), by
    review.declined_at = at
    review.save()
    record("sales.review.declined", review.deal, by=by, at=at, because=review.declined_because,
           review=review.pk)  # fmt: skip
    return review


@transaction.atomic
def record_spoken(
    deal_id: int, spoken: Spoken, *, playbook: Playbook, by: str, at: datetime
) -> Review:
    """Write down afterwards what was asked and answered orally, and who was there.

    It counts at once if whoever answered writes it down; else they confirm it first.

    Raises:
        Refused: something is missing, the day is to come, or one person asked and answered.
    """
    deal = locked_deal(deal_id)
    _check_spoken(spoken, on=day_in_zone(at, playbook.organisation.zone))
    if not any(_same(by, name) for name in (spoken.asked_by, spoken.answered_by)):
        raise Refused(f"{by} neither asked nor answered.", remedy="One of the two writes it down.")
    review = Review.objects.create(
        deal=deal, kind=spoken.request.kind, question=spoken.request.question.strip(),
        asked_by=spoken.asked_by.strip(), asked_at=at, needed_by=None, answer=spoken.answer.strip(),
        answer_link=_link(spoken.link), spoken_on=spoken.on, attended=spoken.attended.strip(),
        holder=spoken.answered_by.strip(), holder_since=at,
    )  # fmt: skip
    record("sales.review.spoken", deal, by=by, at=at, question=review.question,
           answer=review.answer, on=spoken.on, attended=review.attended, review=review.pk)  # fmt: skip
    if _same(by, spoken.answered_by):
        return answer_review(review.pk, "", playbook=playbook, by=by, at=at)
    return review


def _check_spoken(spoken: Spoken, *, on: date) -> None:
    _check_request(spoken.request)
    said = {"what was answered": spoken.answer, "who was there": spoken.attended,
            "who asked": spoken.asked_by, "who answered": spoken.answered_by}  # fmt: skip
    if missing := [name for name, text in said.items() if not text.strip()]:
        raise Refused(f"It does not say {' or '.join(missing)}.", remedy="Fill that in.")
    if spoken.on > on:
        raise Refused(f"{spoken.on} is still to come.", remedy="Name the day of the conversation.")
    require_permission(spoken.asked_by.strip(), Permission.ASK_PS, to="ask PS")
    require_permission(spoken.answered_by.strip(), Permission.ANSWER_PS, to="answer for PS")
    require_four_eyes(spoken.asked_by, spoken.answered_by, what="A review")


@transaction.atomic
def comment_review(
    review_id: int, text: str, *, by: str, at: datetime, link: str = ""
) -> ReviewNote:
    """Add a comment, or a link to Slack, GitHub or notes, to a review; settled ones take them, too.

    Raises:
        Refused: there is neither text nor link, or the link is none.
    """
    review = _found(review_id)
    if not text.strip() and not link.strip():
        raise Refused("The comment is empty.", remedy="Write something, or give a link.")
    note = ReviewNote.objects.create(
        review=review, text=text.strip(), link=_link(link), by=by, at=at
    )
    record("sales.review.commented", review.deal, by=by, at=at, text=note.text, link=note.link,
           review=review.pk)  # fmt: skip
    return note


def _found(review_id: int) -> Review:
    """Return a review, with its deal locked: the lock decides who was first.

    Raises:
        NoSuchReview: there is none of that number.
    """
    deal_id = Review.objects.filter(pk=review_id).values_list("deal_id", flat=True).first()
    if deal_id is None:
        raise NoSuchReview(
            f"There is no review {review_id}.", remedy="See `throughline review list`."
        )
    deal = locked_deal(deal_id)
    review = Review.objects.get(pk=review_id)
    review.deal = deal
    return review


def _open_review(review_id: int) -> Review:
    """Return a review that PS owes an answer to, locked.

    Raises:
        Refused: it is settled.
    """
    review = _found(review_id)
    said = {
        ReviewState.ANSWERED: f"{review.answered_by} has answered this already.",
        ReviewState.DECLINED: f"{review.declined_by} has declined this already.",
        ReviewState.NOT_NEEDED: "Nothing was asked: no input is needed.",
    }
    if message := said.get(review.state):
        raise Refused(message, remedy="BD asks again where more is needed.")
    return review


def _check_answers(review: Review, by: str, *, to: str) -> None:
    require_permission(by, Permission.ANSWER_PS, to=to)
    require_four_eyes(review.asked_by, by, what="A review")


def _hold(review: Review, holder: str, **fields: Any) -> None:
    review.holder, review.holder_since = holder, fields["since"]
    review.accepted_at = fields["accepted_at"]
    review.save(update_fields=["holder", "holder_since", "accepted_at"])


def _same(first: str, second: str) -> bool:
    return first.strip().casefold() == second.strip().casefold()


def _link(text: str) -> str:
    """Return a link that can be followed; "" where none is given.

    Raises:
        Refused: it is no address of the web.
    """
    link = text.strip()
    if not link:
        return ""
    try:
        _is_link(link)
    except ValidationError as error:
        raise Refused(f"{link!r} is no link.", remedy="Copy it with https:// in front.") from error
    if len(link) > LONGEST_LINK:
        raise Refused("The link is too long.", remedy=f"At most {LONGEST_LINK} characters.")
    return link
