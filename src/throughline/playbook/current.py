"""The playbook in force: the file that the settings name, else the shipped one."""

from pathlib import Path

from django.conf import settings

from throughline.playbook.loader import load, shipped
from throughline.playbook.model import Playbook

_kept: dict[tuple[str, float], Playbook] = {}


def current() -> Playbook:
    """Return the playbook in force; a changed file counts from the next call.

    Raises:
        PlaybookError: the file breaks a rule; the message names line and remedy.
    """
    if not settings.PLAYBOOK:
        return shipped()
    path = Path(settings.PLAYBOOK)
    key = (str(path), path.stat().st_mtime if path.exists() else 0.0)
    if key not in _kept:
        _kept.clear()
        _kept[key] = load(path)
    return _kept[key]
