"""GitHub as a system of a pass: looked at in a few listings, acted on one send at a time."""

import weakref
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import cache

from django.conf import settings

from throughline.connectors.github.answers import BoardItem, Issue
from throughline.connectors.github.client import GitHub
from throughline.connectors.github.failures import AlreadyThere, Moved
from throughline.connectors.github.tokens import FixedToken, InstallationToken, Token
from throughline.connectors.http import NotFound, UnknownShape
from throughline.delivery.joined import code_in
from throughline.delivery.models import Engagement
from throughline.handoff.models import Outcome
from throughline.handoff.outside.github_board import KINDS, BoardSeen
from throughline.handoff.outside.github_remedies import no_board, transferred, waiting
from throughline.handoff.outside.github_texts import body_with, mark_of, text_in
from throughline.handoff.outside.github_wanted import (
    NAME,
    CardFilled,
    CardStands,
    IssueReopened,
    IssueStands,
    LabelStands,
    Place,
    SubIssueStands,
    place_from_settings,
    wanted_of_github,
)
from throughline.handoff.systems import Done, Failure
from throughline.handoff.wanted import Change, Doing, NotYet, Seen, WaitsForPerson, Wanted
from throughline.kernel.errors import Permanent

__all__ = ["GitHubSystem", "client_from_settings", "connect_github", "issue_numbers",
           "wanted_of_github"]  # fmt: skip

# Issues were seen to be missing from lists for this long on a bad day.
SETTLING = timedelta(minutes=15)
COLOUR, DESCRIPTION = "1d76db", "Made by Throughline: the issues of one engagement"
GIVEN_UP = frozenset({"not_planned", "duplicate"})
NOT_YET = "It waits for its issue."
NO_CARD = (
    "Its card is not to be seen on the board: if it is in the archive there, restore it; then apply"
    " again."
)

Ours = LabelStands | IssueStands | IssueReopened | SubIssueStands | CardStands | CardFilled


class GitHubSystem:
    """GitHub during one pass. What it has seen and made it keeps until the pass is over."""

    name = NAME
    settling = SETTLING
    batch = 1

    def __init__(self, github: GitHub, place: Place) -> None:
        self._github, self._place = github, place
        self._wanted: dict[str, Ours] = {}
        self._labels: set[str] = set()
        self._issues: dict[str, Issue] = {}  # by the key of their outcome
        self._failed: dict[str, Failure] = {}  # what could not be looked at, by key
        self._board: BoardSeen | None = None
        weakref.finalize(self, github.close)

    def observe(self, wanted: Sequence[Wanted]) -> Mapping[str, Seen | Failure]:
        """Return what is there: one list of issues, the board's fields, one list of cards.

        Raises:
            Transient: GitHub is down or asks to wait.
        """
        ours = [one for one in wanted if isinstance(one, Ours)]
        self._wanted.update({one.key: one for one in ours})
        try:
            self._look_at_issues(ours)
            self._look_at_board(ours)
        except Permanent as error:
            return {one.key: waiting(error, self._place) for one in ours}
        found = {one.key: self._failure(one) or self._seen(one) for one in ours}
        return {key: seen for key, seen in found.items() if seen is not None}

    def act(self, changes: Sequence[Change], _doing: Doing) -> Mapping[str, Done | Failure]:
        """Make one change true.

        Raises:
            AnswerLost: it was sent, and no answer came.
            Transient: GitHub is down or asks to wait.
        """
        (change,) = changes
        one = self._wanted[change.outcome]
        try:
            return {one.key: self._act(one, change.before)}
        except UnknownShape as error:
            # It answered with success, so that it may be done: the pass must know of what kind it is.
            return {one.key: UnknownShape(str(waiting(error, self._place)))}
        except Permanent as error:
            return {one.key: waiting(error, self._place)}

    def receipt(self, outcome: str) -> Seen | None:
        """Return the receipt of what was found for an outcome."""
        one = self._wanted.get(outcome)
        return None if one is None else self._receipt(one)

    def calls(self) -> int:
        """Return how many requests were sent."""
        return self._github.sent

    # Looking

    def _look_at_issues(self, ours: Sequence[Ours]) -> None:
        for label in sorted({one.label for one in ours}):
            for issue in self._github.issues(label):
                self._labels.add(label)
                if key := mark_of(issue.body):
                    self._issues.setdefault(key, issue)  # a copy comes later than what was copied
        for one in ours:
            if isinstance(one, IssueStands):
                self._fetch_known(one)
        for one in ours:
            if isinstance(one, LabelStands) and one.label not in self._labels:
                self._look_at_label(one)

    def _fetch_known(self, one: IssueStands) -> None:
        """Look at an issue by its number where the list has it not, or a copy: its label was taken."""
        number = one.known.get("number")
        found = self._issues.get(one.key)
        if number is None or (found is not None and found.number == number):
            return
        try:
            self._issues[one.key] = self._github.issue(number)
        except NotFound:
            return  # deleted: what the list has is all there is
        except Moved as error:
            self._failed[one.key] = transferred(number, error, self._place)

    def _look_at_label(self, one: LabelStands) -> None:
        try:
            self._labels.add(self._github.label(one.label).name)
        except NotFound:
            return  # it is not there yet

    def _look_at_board(self, ours: Sequence[Ours]) -> None:
        """Look at the board; if it cannot be read, its cards wait, and the issues go on."""
        cards = [one for one in ours if isinstance(one, CardStands | CardFilled)]
        board = self._place.board
        if not cards or board is None:
            return
        try:
            fields = {one.name: one for one in self._github.board_fields(board)}
            shown: dict[int, BoardItem] = {}
            ids = [fields[name].id for name in KINDS if name in fields]
            for label in sorted({one.label for one in cards}) if self._issues else ():
                query = f'label:"{label}"'
                listed = self._github.board_items(board, query=query, fields=ids)
                shown |= {one.issue_id: one for one in listed if one.issue_id is not None}
        except Permanent as error:
            failed = no_board(error, self._place)
            self._failed |= {one.key: failed for one in cards}
            return
        self._board = BoardSeen(self._place.board_name, fields, shown)
        for one in cards:
            if isinstance(one, CardFilled) and (failure := self._board.in_the_way(one.status)):
                self._failed[one.key] = failure

    def _failure(self, one: Ours) -> Failure | None:
        """Return why something cannot be looked at: itself, or the issue that it is about."""
        needed: tuple[str, ...] = (one.key,)
        match one:
            case SubIssueStands():
                needed = (one.parent, one.child)
            case IssueReopened() | CardStands() | CardFilled():
                needed = (one.key, one.issue)
            case _:
                pass
        return next((self._failed[key] for key in needed if key in self._failed), None)

    def _seen(self, one: Ours) -> Seen | None:
        match one:
            case LabelStands():
                return one.wanted if one.label in self._labels else None
            case IssueStands():
                issue = self._issues.get(one.key)
                return None if issue is None else _issue_seen(one, issue)
            case IssueReopened():
                return self._seen_open(one)
            case SubIssueStands():
                return self._seen_under(one)
            case CardStands():
                return one.wanted if self._card(one.issue) else None
            case CardFilled():
                card = self._card(one.issue)
                return self._board.values(one, card) if card and self._board else None

    def _seen_open(self, one: IssueReopened) -> Seen | None:
        issue = self._issues.get(one.issue)
        if issue is None:
            return None
        return one.seen_in(issue.state, issue.state_reason, issue.closed_at)

    def _seen_under(self, one: SubIssueStands) -> Seen | None:
        child, parent = self._issues.get(one.child), self._issues.get(one.parent)
        above = child.parent_issue_url if child is not None else None
        if not above:
            return None
        is_ours = parent is not None and above.endswith(
            f"/repos/{self._place.repository}/issues/{parent.number}"
        )
        return {"under": one.parent if is_ours else above}

    def _card(self, issue_key: str) -> BoardItem | None:
        issue = self._issues.get(issue_key)
        return self._board.cards.get(issue.id) if issue and self._board else None

    def _receipt(self, one: Ours) -> Seen | None:
        match one:
            case LabelStands():
                return {"id": one.label} if one.label in self._labels else None
            case IssueStands():
                issue = self._issues.get(one.key)
                return None if issue is None else _issue_receipt(issue)
            case IssueReopened():
                issue = self._issues.get(one.issue)
                return None if issue is None else _issue_receipt(issue) | one.wanted
            case SubIssueStands():
                child = self._issues.get(one.child)
                return None if child is None else _issue_receipt(child)
            case CardStands() | CardFilled():
                card = self._card(one.issue)
                return None if card is None else {"id": card.id}

    # Acting

    def _act(self, one: Ours, before: Seen | None) -> Done | Failure:
        match one:
            case LabelStands():
                self._github.create_label(one.label, colour=COLOUR, description=DESCRIPTION)
                self._labels.add(one.label)
                return Done({"id": one.label}, one.wanted)
            case IssueStands():
                return self._put_issue(one)
            case IssueReopened():
                return self._reopen(one)
            case SubIssueStands():
                return self._put_under(one, before)
            case CardStands():
                return self._put_card(one)
            case CardFilled():
                return self._fill_card(one, before)

    def _put_issue(self, one: IssueStands) -> Done | Failure:
        there = self._issues.get(one.key)
        if there is None:
            if one.label not in self._labels:
                return NotYet("It waits for its label, by which it is found again.")
            body = body_with(one.key, one.text)
            made = self._github.create_issue(one.title, body, [one.label])
        else:
            made = self._github.update_issue(there.number, _issue_changes(one, there))
        self._issues[one.key] = made
        return Done(_issue_receipt(made), _issue_seen(one, made))

    def _put_under(self, one: SubIssueStands, before: Seen | None) -> Done | Failure:
        parent, child = self._issues.get(one.parent), self._issues.get(one.child)
        if parent is None or child is None:
            return NotYet(NOT_YET)
        self._github.add_sub_issue(parent.number, child.id, replace_parent=before is not None)
        return Done(_issue_receipt(child), one.wanted)

    def _reopen(self, one: IssueReopened) -> Done | Failure:
        issue = self._issues.get(one.issue)
        if issue is None:
            return NotYet(NOT_YET)
        made = self._github.update_issue(issue.number, {"state": "open"})
        self._issues[one.issue] = made
        return Done(_issue_receipt(made) | one.wanted, one.wanted)

    def _put_card(self, one: CardStands) -> Done | Failure:
        issue, board = self._issues.get(one.issue), self._place.board
        if issue is None or board is None or self._board is None:
            return NotYet(NOT_YET)
        try:
            card = self._github.add_board_item(board, issue.id)
        except AlreadyThere:
            # The list lags, or the card is archived, or its issue has lost its label.
            return Done(dict(one.known) or {"board": one.board}, one.wanted)
        self._board.cards[issue.id] = card
        return Done({"id": card.id}, one.wanted)

    def _fill_card(self, one: CardFilled, before: Seen | None) -> Done | Failure:
        card, board = self._card(one.issue), self._place.board
        number = card.id if card is not None else one.known.get("id")
        if number is None and one.issue not in self._issues:
            return NotYet(NOT_YET)
        if number is None or board is None or self._board is None:
            return WaitsForPerson(NO_CARD)
        changes = self._board.changes(one, before, is_new=card is not None)
        self._github.update_board_item(board, number, changes)
        return Done({"id": number}, one.wanted)


def _issue_seen(one: IssueStands, issue: Issue) -> Seen:
    return {
        "title": issue.title,
        "text": text_in(issue.body, one.key),
        "label": one.label if one.label in issue.label_names else None,
        "given_up": issue.state == "closed" and issue.state_reason in GIVEN_UP,
    }


def _issue_changes(one: IssueStands, issue: Issue) -> dict[str, object]:
    """Return only what differs: what people set beside it stays theirs."""
    seen, changes = _issue_seen(one, issue), dict[str, object]()
    if seen["title"] != one.title:
        changes["title"] = one.title
    if seen["text"] != one.text:
        changes["body"] = body_with(one.key, one.text, issue.body)
    if seen["label"] is None:
        changes["labels"] = sorted({*issue.label_names, one.label})
    if seen["given_up"]:
        changes["state"] = "open"
    return changes


def _issue_receipt(issue: Issue) -> Seen:
    return {"id": issue.id, "number": issue.number, "address": issue.html_url}


def issue_numbers(engagement: Engagement) -> dict[tuple[str, str], int]:
    """Return the issues of an engagement's deliverables, by the codes of project and deliverable."""
    begin = "github.issue:"
    made = Outcome.objects.filter(
        engagement=engagement, key__startswith=begin, receipt__number__isnull=False
    )
    found = {}
    for key, receipt in made.values_list("key", "receipt"):
        home, project, *code = key.removeprefix(begin).split(":", 2)
        if code and receipt:
            own = code_in(engagement.number, int(home), project)
            found[own, code[0]] = int(receipt["number"])
    return found


def connect_github() -> GitHubSystem | None:
    """Return GitHub for one pass; None where the settings name no repository."""
    github = client_from_settings()
    return None if github is None else GitHubSystem(github, place_from_settings())


def client_from_settings() -> GitHub | None:
    """Return the repository that the settings name, with our token; None if they name none."""
    if not settings.GITHUB_REPOSITORY:
        return None
    if settings.GITHUB_TOKEN:
        token: Token = FixedToken(settings.GITHUB_TOKEN)
    else:
        token = _installation(
            settings.GITHUB_URL,
            settings.GITHUB_APP_ID,
            settings.GITHUB_APP_KEY,
            settings.GITHUB_INSTALLATION,
        )
    return GitHub(settings.GITHUB_URL, token, settings.GITHUB_REPOSITORY)


@cache  # a token holds for an hour, and for all passes of this process
def _installation(url: str, app_id: str, key: str, installation: int) -> InstallationToken:
    return InstallationToken(url, app_id=app_id, key=key, installation=installation)
