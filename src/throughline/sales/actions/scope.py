"""A community reads the scope of its statement of work by a link, and says what it thinks (R8)."""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from throughline.journal.actions import record
from throughline.kernel.errors import Refused
from throughline.people.actions import issue_link, named_outsider, open_link
from throughline.people.models import SignedLink
from throughline.sales.actions.lock import locked_deal
from throughline.sales.models import ScopeComment, StatementOfWork

PURPOSE: Final = "scope"
VALID: Final = timedelta(days=30)
LONGEST_NAME, LONGEST_TEXT = 160, 4000


@transaction.atomic
def issue_scope_link(
    deal_id: int, token: str, *, issued_to: str, by: str, at: datetime
) -> SignedLink:
    """Issue a link by which somebody of the community reads the scope and comments on it.

    Raises:
        Refused: nobody is named, they have an account, or there is no statement of work.
    """
    deal = locked_deal(deal_id)
    name = named_outsider(issued_to, remedy="They sign in and read it on the page of the deal.")
    if len(name) > LONGEST_NAME:
        raise Refused("The name is too long.", remedy=f"{LONGEST_NAME} characters at most.")
    _newest(deal.pk)
    return issue_link(
        token, purpose=PURPOSE, subject=deal.subject, issued_to=name, valid_for=VALID, by=by, at=at
    )


@transaction.atomic
def open_scope(token: str, *, at: datetime) -> tuple[SignedLink, StatementOfWork]:
    """Return the link that a token opens, and the newest version of what it is about.

    Raises:
        Refused: the link opens nothing (any more).
    """
    link = open_link(token, purpose=PURPOSE, at=at)
    return link, _newest(int(link.subject.partition(":")[2]))


@transaction.atomic
def comment_on_scope(
    token: str, *, version: int, text: str, accepts: bool, at: datetime
) -> ScopeComment:
    """Keep what somebody of the community says of the version that they have read.

    It is their word, and none of the sign-offs: those are ours.

    Raises:
        Refused: the link opens nothing, there is a newer version, or nothing is said.
    """
    link, found = open_scope(token, at=at)
    deal, said = locked_deal(int(link.subject.partition(":")[2])), text.strip()
    if _newest(deal.pk).version != version:
        raise Refused(
            f"There is a newer version ({found.version}) than the one you read.",
            remedy="Read this one, then send what you think of it.",
        )
    if not said and not accepts:
        raise Refused("Nothing is said.", remedy="Write what should be different, or accept it.")
    if len(said) > LONGEST_TEXT:
        raise Refused(
            "The comment is too long.", remedy=f"{LONGEST_TEXT} characters at most; link the rest."
        )
    made = ScopeComment.objects.create(
        statement=found, said_by=link.issued_to, text=said, accepts=accepts, at=at
    )
    record(
        "sales.scope.commented", deal, by=made.said_by, at=at, version=version, accepts=accepts,
        comment=made.pk,
    )  # fmt: skip
    return made


def _newest(deal_id: int) -> StatementOfWork:
    found = StatementOfWork.objects.filter(deal_id=deal_id).order_by("-version").first()
    if found is None:
        raise Refused("There is no statement of work.", remedy="Write or import one first.")
    return found
