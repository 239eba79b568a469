"""What must hold of a person before they do something."""

from collections.abc import Iterable

from throughline.kernel.errors import Refused
from throughline.people.queries import hats_of
from throughline.people.words import Permission, hats_with


class NotEntitled(Refused):
    """This person may not do this."""


def require_hat(username: str, *, any_of: Iterable[str], to: str) -> None:
    """Pass if the user wears one of the hats, or is no user here (see `hats_of`).

    Raises:
        NotEntitled: they wear none of them.
    """
    wanted = {name.casefold() for name in any_of}
    hats = hats_of(username)
    if hats is None or wanted & {hat.casefold() for hat in hats}:
        return
    raise NotEntitled(
        f"{username} may not {to}.", remedy=f"Ask somebody of {' or '.join(sorted(any_of))}."
    )


def require_permission(username: str, permission: Permission, *, to: str) -> None:
    """Pass if one of the user's roles has a permission, or they are no user here.

    Raises:
        NotEntitled: none has.
    """
    require_hat(username, any_of=hats_with(permission), to=to)


def require_four_eyes(first: str, second: str, *, what: str) -> None:
    """Pass if two different persons act.

    Raises:
        NotEntitled: one person would do both.
    """
    if first.strip().casefold() == second.strip().casefold():
        raise NotEntitled(
            f"{what} needs two persons, and {first} did the first part.",
            remedy="Ask a second person to do it (on the command line: --by NAME).",
        )
