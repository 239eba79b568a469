"""Projects boards of an organisation, as GitHub treats them over REST."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from throughline.simulators.github import shapes
from throughline.simulators.github.replies import (
    asked,
    paged_by_cursor,
    refuse,
    refuse_as_a_whole,
    refuse_unknown,
)
from throughline.simulators.github.world import Access, Board, Card, Field, Issue, Repository, World
from throughline.simulators.server import Call, Reply

TERM = re.compile(r'(-?)(\w+):(?:"([^"]*)"|(\S+))')
CAN_BE_SET = {"text", "number", "date", "single_select"}


class Boards:
    """The boards' part of the simulator: one method for each call."""

    def __init__(self, world: World) -> None:
        self._world = world

    def list_fields(self, call: Call, board: Board, _who: Access) -> Reply:
        """List the fields of a board."""
        asked(call, "per_page", "after")
        rows = [shapes.board_field(board, one, self._world.url) for one in board.fields]
        return paged_by_cursor(call, self._world.url, rows)

    def list_items(self, call: Call, board: Board, _who: Access) -> Reply:
        """List the cards that a filter finds; of the fields, those that were asked for."""
        query = asked(call, "q", "fields", "per_page", "after")
        wanted = [one for one in query.get("fields", "").split(",") if one]
        fields = [one for one in board.fields if str(one.id) in wanted]
        if not wanted:
            fields = [one for one in board.fields if one.kind == "title"]
        rows = [self._shown(board, card, fields) for card in self._found(board, query.get("q", ""))]
        return paged_by_cursor(call, self._world.url, rows)

    def add_item(self, call: Call, board: Board, who: Access) -> Reply:
        """Put an issue on a board, once: a second time nothing is modified."""
        if not who.may_board:
            refuse(403, who.words)
        repository, issue = self._named(call.json())
        for card in board.cards:
            if (card.repository, card.number) == (repository.full_name, issue.number):
                return Reply(304, "")
        made = Card(
            self._world.number(), repository.full_name, issue.number, self._world.calls.total()
        )
        board.cards.append(made)
        return Reply(201, self._shown(board, made, None))

    def update_item(self, call: Call, board: Board, who: Access, number: str) -> Reply:
        """Set fields of a card, all or none."""
        if not who.may_board:
            refuse(403, who.words)
        card = next((one for one in board.cards if one.id == int(number)), None)
        if card is None:
            refuse_unknown()
        said = call.json().get("fields", [])
        changes = {one["id"]: _checked(board, one["id"], one["value"]) for one in said}
        card.values.update(changes)
        fields = [one for one in board.fields if one.id in changes]
        return Reply(200, self._shown(board, card, fields))

    def _found(self, board: Board, query: str) -> Iterator[Card]:
        for card in board.cards:
            issue = self._world.repositories[card.repository].issues[card.number]
            if issue.is_deleted or not self._world.is_listed(card.made):
                continue
            if all(_fits(term, card, issue) for term in TERM.findall(query)):
                yield card

    def _shown(self, board: Board, card: Card, fields: list[Field] | None) -> dict[str, Any]:
        repository = self._world.repositories[card.repository]
        content = shapes.issue(repository, repository.issues[card.number], self._world.url)
        return shapes.card(board, card, content, self._world.url, fields)

    def _named(self, said: dict[str, Any]) -> tuple[Repository, Issue]:
        """Return the issue that is meant, by id, or by repository and number."""
        if said.get("type") != "Issue":
            refuse_as_a_whole("Only issues can be put on a simulated board")
        by_number = (f"{said.get('owner')}/{said.get('repo')}", said.get("number"))
        found = [
            (repository, issue)
            for repository in self._world.repositories.values()
            for issue in repository.living()
            if said.get("id") == issue.id or by_number == (repository.full_name, issue.number)
        ]
        return found[0] if found else refuse_unknown()


def _fits(term: tuple[str, str, str, str], card: Card, issue: Issue) -> bool:
    minus, name, quoted, bare = term
    value = (quoted or bare).lower()
    held = {
        "label": [one.lower() for one in issue.labels],
        "repo": [card.repository.lower()],
        "is": [issue.state, "issue"],
    }
    if name not in held:
        refuse(501, f"The simulator does not know the filter {name!r}.")
    return (value in held[name]) != bool(minus)


def _checked(board: Board, number: int, value: Any) -> Any:
    """Return a value that a field can hold."""
    field = next((one for one in board.fields if one.id == number), None)
    if field is None or field.kind not in CAN_BE_SET:
        refuse_as_a_whole(f"Field {number} cannot be updated")
    if value is None:
        return None
    if field.kind == "single_select" and value not in field.options:
        refuse_as_a_whole(f"The single select option Id does not belong to the field {field.name}")
    if field.kind == "date" and not _is_day(value):
        refuse_as_a_whole("Date must be in the form YYYY-MM-DD")
    if field.kind == "number" and not isinstance(value, int | float):
        refuse_as_a_whole("Number must be a number")
    return value


def _is_day(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(date.fromisoformat(value))
    except ValueError:
        return False
