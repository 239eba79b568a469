"""Associations: which objects hang together, in which ways, seen from both ends."""

from collections.abc import Iterable

from throughline.simulators.hubspot.problems import NotValid, Taken
from throughline.simulators.hubspot.schema import HUBSPOT, USER, WAYS, Way

Key = tuple[str, str]  # type, id
Spec = tuple[str, int]  # category, type id


class Links:
    """Every association of the account, and the ways in which two types may be associated."""

    def __init__(self) -> None:
        self.ways: list[Way] = list(WAYS)
        self._of: dict[Key, dict[Key, set[Spec]]] = {}

    def between(self, from_type: str, to_type: str) -> list[Way]:
        """Return the ways from one type to another."""
        return [one for one in self.ways if (one.from_type, one.to_type) == (from_type, to_type)]

    def way(self, from_type: str, to_type: str, category: str, type_id: int) -> Way:
        """Return one way.

        Raises:
            NotValid: there is none.
        """
        for one in self.between(from_type, to_type):
            if one.spec == (category, type_id):
                return one
        raise NotValid(f"No association type {category} {type_id} from {from_type} to {to_type}.")

    def unlabelled(self, from_type: str, to_type: str) -> Way:
        """Return the way without a label, which every association has as well.

        Raises:
            NotValid: these types are not associated at all.
        """
        for one in self.between(from_type, to_type):
            if one.label is None and one.category == HUBSPOT:
                return one
        raise NotValid(f"{from_type} and {to_type} are not associated with each other.")

    def add_label(self, from_type: str, to_type: str, label: str, inverse: str = "") -> list[Way]:
        """Add a label of our own, and return its way there and back.

        Raises:
            Taken: there is that label already, or the types are not associated at all.
        """
        self.unlabelled(from_type, to_type)
        if any(one.label == label for one in self.between(from_type, to_type)):
            raise Taken(f"The label {label!r} already exists.")
        there = 1 + max((one.type_id for one in self.ways if one.category == USER), default=0)
        back = there + 1 if inverse or from_type != to_type else there
        made = [
            Way(from_type, to_type, USER, there, back, label),
            Way(to_type, from_type, USER, back, there, inverse or label),
        ]
        self.ways += made
        return made

    def join(self, one: Key, other: Key, ways: Iterable[Way]) -> bool:
        """Associate two objects, from both ends, and return whether that was new."""
        there, back = {way.spec for way in ways}, {(way.category, way.back_id) for way in ways}
        there.add(self.unlabelled(one[0], other[0]).spec)
        back.add(self.unlabelled(other[0], one[0]).spec)
        before = self._of.get(one, {}).get(other, set())
        if there <= before:
            return False
        self._of.setdefault(one, {}).setdefault(other, set()).update(there)
        self._of.setdefault(other, {}).setdefault(one, set()).update(back)
        return True

    def part(self, one: Key, other: Key) -> bool:
        """Remove every association of two objects, and return whether there was one."""
        self._of.get(other, {}).pop(one, None)
        return self._of.get(one, {}).pop(other, None) is not None

    def cut(self, key: Key) -> None:
        """Remove every association of an object."""
        for other in list(self._of.get(key, {})):
            self.part(key, other)

    def move(self, key: Key, to: Key) -> None:
        """Give all associations of one object to another."""
        for other, there in list(self._of.get(key, {}).items()):
            back = self._of[other][key]
            self.part(key, other)
            if other != to:
                self._of.setdefault(to, {}).setdefault(other, set()).update(there)
                self._of.setdefault(other, {}).setdefault(to, set()).update(back)

    def of(self, key: Key, to_type: str) -> list[tuple[str, list[Spec]]]:
        """Return the ids of a type that an object is associated with, and in which ways."""
        ends = self._of.get(key, {})
        return [
            (other[1], sorted(specs)) for other, specs in sorted(ends.items())
            if other[0] == to_type
        ]  # fmt: skip
