"""Entries about people, their doors, and who is told: as `journal_sentences` has the others."""

from collections.abc import Callable
from typing import Final

from throughline.web.phrases import Facts, listed


def _roles_changed(facts: Facts) -> str:
    given, taken = listed(facts.get("given") or ()), listed(facts.get("taken") or ())
    return f"{facts.get('user')}: given {given or 'nothing'}, taken {taken or 'nothing'}"


DOORS: Final[dict[str, tuple[str, str | Callable[[Facts], str]]]] = {
    "people.link.issued": ("link", "A signed link was issued"),
    "people.link.opened": ("link", "A signed link was opened"),
    "people.link.revoked": ("void", "A signed link was revoked"),
    "people.sign_in.done": ("person", "Signed in by {how}"),
    "people.sign_in.failed": ("warning", "Signing in failed: the password was wrong"),
    "people.token.issued": (
        "code",
        lambda f: f"A token for “{f.get('name')}” of {f.get('user')}: {listed(f.get('scopes'))}",
    ),
    "people.token.revoked": ("void", "The token “{name}” of {user} was revoked"),
    "handoff.webhook.subscribed": ("link", "The webhook “{name}” was made"),
    "handoff.webhook.secret_rotated": ("lock", "The webhook “{name}” got a new secret"),
    "handoff.webhook.stopped": ("stop", "The webhook “{name}” is stopped: {why}"),
    "handoff.webhook.went_on": ("arrow", "The webhook “{name}” goes on"),
    "handoff.webhook.ended": ("void", "The webhook “{name}” was ended"),
    "handoff.webhook.sent_again": ("arrow", "The webhook “{name}” sends {message} again"),
    "people.user.connected": ("link", "Was recognised by an account of {how}"),
    "people.user.entered": ("person", "{user} came in by an account of {how}, without a role"),
    "people.password.set": ("lock", "Chose a new password"),
    "people.second_factor.reset": ("lock", "The second factor of {user} was reset: {why}"),
    "people.session.ended": ("lock", "Ended sessions of their own"),
    "people.keys.chosen": (
        "hand",
        lambda f: f"Turned single-letter keys {'on' if f.get('on') else 'off'}",
    ),
    "people.user.left": (
        "void",
        "{user} cannot come in any more: sessions, tokens and links ended",
    ),
    "people.user.returned": ("person", "{user} can come in again"),
    "people.user.roles_changed": ("person", _roles_changed),
    "people.user.added": ("person", lambda f: f"A user was added as {listed(f.get('roles'))}"),
}
