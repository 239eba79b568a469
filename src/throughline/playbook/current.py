"""The playbook in force: the file that the settings name, else our own in the home, else the shipped one."""

from pathlib import Path

from django.conf import settings

from throughline.playbook.loader import load, shipped
from throughline.playbook.model import Playbook

OWN = "playbook.toml"
_kept: dict[tuple[str, int], Playbook] = {}


def own_path() -> Path:
    """Return where a playbook of one's own lies that no setting names: in the home folder."""
    return Path(settings.HOME) / OWN


def path_in_force() -> Path | None:
    """Return the file of the playbook in force; None where it is the shipped one."""
    if settings.PLAYBOOK:
        return Path(settings.PLAYBOOK)
    own = own_path()
    return own if own.is_file() else None


def current() -> Playbook:
    """Return the playbook in force; a changed file counts from the next call.

    Raises:
        PlaybookError: the file breaks a rule; the message names line and remedy.
    """
    path = path_in_force()
    if path is None:
        return shipped()
    key = (str(path), path.stat().st_mtime_ns if path.exists() else 0)
    if key not in _kept:
        _kept.clear()
        _kept[key] = load(path)
    return _kept[key]
