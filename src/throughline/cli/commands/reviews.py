"""`throughline review …`: BD asks PS, and PS answers."""

from datetime import date, datetime

import click

from throughline.cli.reply import Reply, by_option, day, now, operator, replies
from throughline.kernel.days import day_in_zone
from throughline.playbook.current import current
from throughline.sales.actions import reviews as actions
from throughline.sales.models import Review
from throughline.sales.queries import find_deal
from throughline.sales.reviews import TABS, find_review, review_shape, reviews_in


@click.group()
def review() -> None:
    """What BD asks PS at Proposal. D is a deal, R a review's number."""


def _today(at: datetime) -> date:
    return day_in_zone(at, current().organisation.zone)


def _reply(review: Review, words: str, at: datetime) -> Reply:
    return Reply(review_shape(review, on=_today(at)), [f"Review {review.pk}: {words}"])


kind_option = click.option("--kind", default="input", help="input, estimate, sow or call.")
link_option = click.option("--link", default="", help="To Slack, GitHub, notes.")


@review.command("list")
@click.option("--state", default="open", help=f"{', '.join(TABS)}.")
@click.option("--by", default="", metavar="WHO", help="Whose, for “mine”.")
@replies
def list_reviews(state: str, by: str) -> Reply:
    """List what was asked, the open ones where nothing else is said."""
    on = _today(now())
    shapes = [review_shape(one, on=on) for one in reviews_in(state, who=operator(by), on=on)]
    lines = [
        f"{one['review']:>5}  {one['state']:<10}  with {one['ball']} since"
        f" {one['ball_since']:%Y-%m-%d}{'  OVERDUE' if one['overdue'] else ''}"
        f"  deal {one['deal']}: {one['question']}"
        for one in shapes
    ]
    return Reply(shapes, lines or ["No reviews."])


@review.command("ask")
@click.argument("reference", metavar="D")
@click.argument("question")
@kind_option
@click.option("--needed-by", default="", metavar="DATE")
@by_option
@replies
def ask(reference: str, question: str, kind: str, needed_by: str, by: str | None) -> Reply:
    """Ask PS for input, an estimate, a statement of work or a call."""
    due = day(needed_by, what="--needed-by") if needed_by else None
    request, at = actions.Request(question, kind, due), now()
    made = actions.ask_review(
        find_deal(reference).pk, request, playbook=current(), by=operator(by), at=at
    )
    return _reply(made, f"PS is asked, and answers by {made.needed_by}.", at)


@review.command("skip")
@click.argument("reference", metavar="D")
@click.option("--because", required=True)
@by_option
@replies
def skip(reference: str, because: str, by: str | None) -> Reply:
    """Write down why no input of PS is needed."""
    at = now()
    made = actions.skip_review(find_deal(reference).pk, because, by=operator(by), at=at)
    return _reply(made, "no input is needed.", at)


@review.command("accept")
@click.argument("number", metavar="R", type=int)
@by_option
@replies
def accept(number: int, by: str | None) -> Reply:
    """Take a review for PS, by name."""
    at = now()
    found = actions.accept_review(find_review(number).pk, by=operator(by), at=at)
    return _reply(found, f"{found.holder} has it.", at)


@review.command("answer")
@click.argument("number", metavar="R", type=int)
@click.argument("answer", default="")
@link_option
@by_option
@replies
def answer_it(number: int, answer: str, link: str, by: str | None) -> Reply:
    """Answer a review for PS; without words, confirm what was said orally."""
    at = now()
    found = actions.answer_review(
        number, answer, playbook=current(), by=operator(by), at=at, link=link
    )
    return _reply(found, f"{found.answered_by} has answered.", at)


@review.command("decline")
@click.argument("number", metavar="R", type=int)
@click.option("--because", required=True)
@by_option
@replies
def decline(number: int, because: str, by: str | None) -> Reply:
    """Decline a review for PS, with the reason."""
    at = now()
    found = actions.decline_review(number, because, by=operator(by), at=at)
    return _reply(found, f"{found.declined_by} has declined.", at)


@review.command("hand-on")
@click.argument("number", metavar="R", type=int)
@click.argument("to", metavar="WHO")
@by_option
@replies
def hand_on(number: int, to: str, by: str | None) -> Reply:
    """Hand a review on to another person of PS."""
    at = now()
    found = actions.hand_on_review(number, to, by=operator(by), at=at)
    return _reply(found, f"it is with {found.holder} now.", at)


@review.command("comment")
@click.argument("number", metavar="R", type=int)
@click.argument("text", default="")
@link_option
@by_option
@replies
def comment(number: int, text: str, link: str, by: str | None) -> Reply:
    """Add a comment or a link to a review."""
    at = now()
    actions.comment_review(number, text, by=operator(by), at=at, link=link)
    return _reply(find_review(number), "your comment is there.", at)


@review.command("spoken")
@click.argument("reference", metavar="D")
@click.argument("question")
@click.argument("answer")
@kind_option
@click.option("--asked-by", required=True, metavar="WHO", help="Of BD.")
@click.option("--answered-by", required=True, metavar="WHO", help="Of PS.")
@click.option("--on", required=True, metavar="DATE", help="Day of the conversation.")
@click.option("--attended", required=True, help="Who was there.")
@link_option
@by_option
@replies
def spoken(
    reference: str, question: str, answer: str, kind: str, by: str | None, **said: str
) -> Reply:
    """Write down afterwards what was asked and answered orally."""
    at = now()
    told = actions.Spoken(
        actions.Request(question, kind), answer, said["asked_by"], said["answered_by"],
        day(said["on"], what="--on"), said["attended"], said["link"],
    )  # fmt: skip
    made = actions.record_spoken(
        find_deal(reference).pk, told, playbook=current(), by=operator(by), at=at
    )
    words = "it counts." if made.answered_at else f"{made.holder} confirms it first."
    return _reply(made, words, at)
