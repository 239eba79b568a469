"""Typed readers of the environment: a wrong value is a clear error at start, never a surprise."""

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

TRUE, FALSE = frozenset({"1", "true", "yes", "on"}), frozenset({"0", "false", "no", "off", ""})
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


def env_text(name: str, default: str) -> str:
    """Return a setting as text; the default where it is not set."""
    return os.environ.get(name, default).strip()


def env_bool(name: str, *, default: bool) -> bool:
    """Return a switch.

    Raises:
        ImproperlyConfigured: the value is neither yes nor no.
    """
    found = os.environ.get(name, str(default)).strip().lower()
    if found in TRUE:
        return True
    if found in FALSE:
        return False
    raise ImproperlyConfigured(f"{name}={found!r} is neither yes nor no: write 1 or 0.")


def env_int(name: str, default: int) -> int:
    """Return a whole number that is not negative.

    Raises:
        ImproperlyConfigured: the value is not one.
    """
    found = os.environ.get(name, str(default)).strip()
    if not found.isdigit():
        raise ImproperlyConfigured(
            f"{name}={found!r} is not a whole number: write, say, {default}."
        )
    return int(found)


def env_level(name: str, default: str) -> str:
    """Return how much is written to the log.

    Raises:
        ImproperlyConfigured: there is no such level.
    """
    found = env_text(name, default).upper()
    if found not in LEVELS:
        raise ImproperlyConfigured(f"{name}={found!r} is no level: write {', '.join(LEVELS)}.")
    return found


def env_home() -> Path:
    """Return the one folder that this installation writes to, made if it is missing.

    Raises:
        ImproperlyConfigured: it cannot be made or written to.
    """
    home = Path(os.environ.get("THROUGHLINE_HOME") or "var").expanduser().resolve()
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(
            f"THROUGHLINE_HOME={home} cannot be made ({error.strerror}): name a folder you may write to."
        ) from error
    if not os.access(home, os.W_OK):
        raise ImproperlyConfigured(
            f"THROUGHLINE_HOME={home} cannot be written to: name a folder you may write to."
        )
    return home


def env_secret(home: Path) -> str:
    """Return the signing key: from the environment, else one kept in the home folder.

    A key made here keeps sessions and signed links alive over restarts on a single machine;
    several machines must share one through THROUGHLINE_SECRET_KEY.
    """
    if found := os.environ.get("THROUGHLINE_SECRET_KEY", "").strip():
        return found
    kept = home / "secret-key"
    if not kept.exists():
        fresh = os.urandom(48).hex()
        descriptor = os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(fresh)
    return kept.read_text().strip()
