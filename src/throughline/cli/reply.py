"""How a command answers: words for people, one JSON document for programs, an exit code."""

import functools
import getpass
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, NoReturn, TypeVar

import click
from django.core.serializers.json import DjangoJSONEncoder
from django.db import Error as DatabaseError
from tqdm import tqdm

from throughline.cli.database import open_database
from throughline.kernel.days import parse_day
from throughline.kernel.errors import Permanent, Refused, Transient

DONE, FAILED, SOMETHING_TO_DO = 0, 1, 3

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Reply:
    """What a command answers."""

    document: Any  # what --json prints
    lines: Sequence[str] = field(default_factory=tuple)  # what people read
    warnings: Sequence[str] = field(default_factory=tuple)  # on stderr
    exit_code: int = DONE
    refused: Sequence[str] = field(default_factory=tuple)  # on stderr: what, then why


def replies(command: Callable[..., Reply]) -> Callable[..., None]:
    """Return a command that prints its reply, with --json, and turns failures into exit codes.

    The database is there and up to date when the command begins.
    """

    @functools.wraps(command)
    def opened(*args: Any, **kwargs: Any) -> Reply:
        open_database()
        return command(*args, **kwargs)

    return replies_anyhow(opened)


def replies_anyhow(command: Callable[..., Reply]) -> Callable[..., None]:
    """Return the same for a command that has an answer without a database, too."""

    @click.option("--json", "as_json", is_flag=True, help="Print one JSON document on stdout.")
    @functools.wraps(command)
    def answer(*args: Any, as_json: bool, **kwargs: Any) -> None:
        try:
            _check_text(kwargs)
            reply = command(*args, **kwargs)
        except (Refused, Transient, Permanent) as error:
            _fail(error, as_json=as_json)
        except DatabaseError as error:
            _fail(
                Refused(
                    f"The database does not answer: {str(error).strip()}.",
                    remedy="See `throughline doctor`.",
                ),
                as_json=as_json,
            )
        for warning in reply.warnings:
            click.echo(f"warning: {warning}", err=True)
        for number, line in enumerate(reply.refused):
            click.echo(line if number else f"refused: {line}", err=True)
        if as_json:
            click.echo(_as_json(reply.document))
        else:
            for line in reply.lines:
                click.echo(line)
        sys.exit(reply.exit_code)

    return answer


def _check_text(given: dict[str, Any]) -> None:
    """Pass if every text on the command line is text: bytes that are no UTF-8 come as surrogates."""
    for name, value in given.items():
        if isinstance(value, str) and any("\ud800" <= letter <= "\udfff" for letter in value):
            raise Refused(f"{name} is not UTF-8.", remedy="Type it in a UTF-8 terminal.")


def _as_json(document: Any) -> str:
    return json.dumps(document, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)


def _fail(error: Exception, *, as_json: bool) -> NoReturn:
    click.echo(f"refused: {error}", err=True)
    if as_json:
        remedy = error.remedy if isinstance(error, Refused) else ""
        message = error.message if isinstance(error, Refused) else str(error)
        click.echo(_as_json({"refused": message, "remedy": remedy}))
    sys.exit(FAILED)


def now() -> datetime:
    """Return this instant: the command line is the edge that reads the clock."""
    return datetime.now(UTC)


def operator(by: str | None) -> str:
    """Return who acts: the name given with --by, else whoever runs the command."""
    if by and by.strip():
        return by.strip()
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "operator"


by_option = click.option("--by", metavar="WHO", help="Who does it; you, where left out.")
seen_option = click.option(
    "--seen",
    type=int,
    metavar="N",
    help="As `deal show` says it: refuse if somebody has changed the same thing since.",
)


def day(text: str, *, what: str) -> date:
    """Return the day that an option holds.

    Raises:
        Refused: it holds none.
    """
    found = parse_day(text)
    if found is None:
        raise Refused(f"{what} needs a day.", remedy="Write it as YYYY-MM-DD.")
    return found


def watched(items: Iterable[Item], *, what: str, total: int | None = None) -> Iterator[Item]:
    """Yield the items, with progress on stderr where that is a terminal."""
    yield from tqdm(items, desc=what, total=total, disable=None, file=sys.stderr, leave=False)
