"""`throughline playbook …`: what a changed playbook would do, before it is in force."""

from pathlib import Path

import click

from throughline.cli.reply import DONE, SOMETHING_TO_DO, Reply, now, replies
from throughline.playbook.changes import compare
from throughline.playbook.current import current
from throughline.playbook.loader import load
from throughline.sales.gates.finding import CONDITIONS
from throughline.sales.touched import TouchedDeal, deals_touched


@click.group()
def playbook() -> None:
    """The rules, as one file states them."""


@playbook.command("check")
@click.argument("file", type=click.Path(path_type=Path))
@replies
def check(file: Path) -> Reply:
    """Compare a playbook with the one in force. Changes nothing; exit 3 if something would change."""
    old, new = current(), load(file, known_conditions=CONDITIONS.codes())
    changes = compare(old, new)
    touched = deals_touched(old, new, at=now())
    document = {
        "file": file.name,
        "version": new.version,
        "sha256": new.sha256,
        "in_force": old.sha256,
        "changes": [
            {"part": one.part, "code": one.code, "verb": one.verb, "before": one.before or None,
             "after": one.after or None}
            for one in changes
        ],
        "deals": [one.as_json() for one in touched],
    }  # fmt: skip
    lines = [*map(str, changes), *map(_line, touched)]
    exit_code = SOMETHING_TO_DO if changes or touched else DONE
    return Reply(document, lines or ["Nothing would change."], exit_code=exit_code)


def _line(one: TouchedDeal) -> str:
    said = [f"needs {code} besides" for code in one.more]
    said += [f"no longer needs {code}" for code in one.less]
    said += one.notes
    return f"{one.deal}: its gate {one.effect}; {'; '.join(said) or 'another stage follows'}"
