"""One board during one pass: its fields by name, and the cards of one engagement."""

from collections.abc import Mapping
from dataclasses import dataclass

from throughline.connectors.github.answers import BoardField, BoardItem
from throughline.handoff.outside.github_wanted import DUE, ENGAGEMENT, STATUS, CardFilled
from throughline.handoff.wanted import Seen, WaitsForPerson

KINDS = {STATUS: "single_select", DUE: "date", ENGAGEMENT: "text"}
PEOPLES_NAMES = {"single_select": "single select", "date": "date", "text": "text"}


@dataclass(frozen=True, slots=True)
class BoardSeen:
    """What a look at the board found: fields by name, cards by the id of their issue."""

    name: str
    fields: Mapping[str, BoardField]
    cards: dict[int, BoardItem]

    def in_the_way(self, status: str) -> WaitsForPerson | None:
        """Return what a person has to mend before a card can be filled; None if nothing."""
        for name, kind in KINDS.items():
            there = self.fields.get(name)
            if there is None or there.data_type != kind:
                return WaitsForPerson(self._lacks(name, kind, there))
        options = [one.text for one in self.fields[STATUS].options]
        if status not in options:
            return WaitsForPerson(
                f"The field “{STATUS}” of the board {self.name} has no option “{status}”: "
                f"add it, or set THROUGHLINE_GITHUB_STATUS to one of {', '.join(options)}."
            )
        return None

    def _lacks(self, name: str, kind: str, there: BoardField | None) -> str:
        if there is not None:
            return (
                f"The field “{name}” of the board {self.name} is of the type {there.data_type}: "
                f"rename it, and add one of the type {PEOPLES_NAMES[kind]}."
            )
        return (
            f"The board {self.name} has no field “{name}”: add one of the type "
            f"{PEOPLES_NAMES[kind]}, or rename it back. It has {', '.join(sorted(self.fields))}."
        )

    def values(self, filled: CardFilled, item: BoardItem) -> Seen:
        """Return what a card says, as `wanted` spells it; any status is right, people set it."""
        due = item.value(self.fields[DUE].id)
        return {
            STATUS: filled.status if item.value(self.fields[STATUS].id) else None,
            DUE: due[:10] if due else None,  # some answers have the time of day with it
            ENGAGEMENT: item.value(self.fields[ENGAGEMENT].id),
        }

    def changes(
        self, filled: CardFilled, before: Seen | None, *, is_new: bool
    ) -> dict[int, str | None]:
        """Return the fields that differ, by id, with what they are to hold.

        The status of a card that is not new is people's, even where it cannot be seen just now.
        """
        told: dict[int, str | None] = {}
        for name, value in filled.wanted.items():
            if name == STATUS and not is_new:
                continue
            if before is None or before.get(name) != value:
                told[self.fields[name].id] = self._told(name, value)
        return told

    def _told(self, name: str, value: str | None) -> str | None:
        if name != STATUS:
            return value
        return next(one.id for one in self.fields[STATUS].options if one.text == value)
