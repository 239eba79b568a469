"""`python -m throughline.cli.reference`: the reference pages, written from the code.

A tool for whoever changes the code; `tests/docs` fails when a committed page differs from this.
"""

import ast
import dataclasses
import importlib
import inspect
import pkgutil
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import click
from django.db.models import TextChoices

from throughline.cli.main import root, set_up
from throughline.cli.settings_words import SETTINGS

ROOM = Path(__file__).resolve().parent.parent
PAGES = ROOM.parent.parent / "docs" / "reference"
NOTE = (
    "<!-- Written by `python -m throughline.cli.reference`; change the code, then run it again. -->"
)


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(
        "| " + " | ".join(" ".join(cell.replace("|", "\\|").split()) for cell in line) + " |"
        for line in lines
    )


def first_line(thing: object) -> str:
    """Return the first line of a docstring."""
    return (inspect.getdoc(thing) or "").split("\n")[0]


def commands_page() -> str:
    """Return every command, with its arguments and options."""
    parts = [
        "# Commands",
        (
            "Every command answers people in words, and programs with `--json`: one JSON document on"
            " stdout and nothing else. Messages go to stderr. `D` is a deal's HubSpot id or our number,"
            " `E` an engagement's number or its deal's id, `N` a deliverable's number."
        ),
        table(
            ["exit code", "says"],
            [
                ["0", "done, or nothing to do; warnings included"],
                ["1", "refused or failed, with the reason; of rows, some were rejected"],
                ["2", "wrong usage"],
                ["3", "there is something to do (`handoff plan`, `handoff drift`, `reconcile`)"],
            ],
        ),
        'With `--json`, a refusal is `{"refused": what is wrong, "remedy": what to do}`.',
    ]
    return "\n\n".join([*parts, *_commands(root, "throughline")])


def _commands(group: click.Command, path: str) -> Iterator[str]:
    if not isinstance(group, click.Group):
        yield from _command(group, path)
        return
    with click.Context(group) as context:
        for name in group.list_commands(context):
            if found := group.get_command(context, name):
                yield from _commands(found, f"{path} {name}")


def _command(command: click.Command, path: str) -> Iterator[str]:
    with click.Context(command, info_name=path) as context:
        pieces = [piece for piece in command.collect_usage_pieces(context) if piece != "[OPTIONS]"]
        yield f"## `{' '.join([path, *pieces])}`"
        yield (command.help or "").split("\b")[0].strip()
        records = [
            record
            for one in command.get_params(context)
            if isinstance(one, click.Option)
            and not {"--help", "--json"} & set(one.opts)
            and (record := one.get_help_record(context))
        ]
    if records:
        yield table(["option", "means"], [[f"`{option}`", means] for option, means in records])
    if path.endswith("deal record"):
        yield "The codes and their fields: [facts.md](facts.md)."


def stages_page() -> str:
    """Return the stages of the shipped playbook, and what each gate asks."""
    from throughline.playbook.loader import shipped  # noqa: PLC0415 -- app ready
    from throughline.sales.gates.finding import CONDITIONS  # noqa: PLC0415 -- app ready
    from throughline.sales.gates.gate import ROOMS  # noqa: PLC0415 -- app ready

    assert ROOMS  # noqa: S101 -- importing them has registered the conditions
    playbook = shipped()
    parts = [
        "# Stages and gates",
        (
            "As the shipped playbook has them. Your own playbook may choose other conditions for a"
            " stage; what each one means is part of the program."
        ),
    ]
    for stage in playbook.stages:
        parts.append(f"## {stage.name} (`{stage.code}`)")
        rows = [
            [
                f"`{one.code}`",
                _passes(first_line(CONDITIONS.get(one.code))),
                "must hold" if one.required else "advisory",
                ", ".join(playbook.entitled_to_waive(one.code)) or "nobody",
            ]
            for one in stage.conditions
        ]
        header = ["condition", "lets pass", "", "may be waived by"]
        parts.append(table(header, rows) if rows else "Entered freely.")
    return "\n\n".join(parts)


def _passes(docstring: str) -> str:
    """Return when a condition lets pass, without the verb and the numbers of requirements."""
    return re.sub(r" \([ERS]\d+[^)]*\)", "", docstring.removeprefix("Pass "))


PLAIN = {str: "text", date: "day", Decimal: "amount", int: "number", bool: "yes or no"}


def facts_page() -> str:
    """Return the fields of each fact that can be written down."""
    from throughline.sales.actions.record import FACTS  # noqa: PLC0415 -- app ready

    parts = [
        "# Facts",
        (
            "What `throughline deal record D CODE --value JSON` takes, and the pages ask for. A field"
            " that no fact has is refused, not ignored."
        ),
    ]
    for code in sorted(FACTS):
        form = FACTS[code].form
        rows = [
            [f"`{name}`", _kind(info.annotation), "yes" if info.is_required() else "",
             info.description or ""]
            for name, info in form.model_fields.items()
        ]  # fmt: skip
        parts += [f"## `{code}`", first_line(form)]
        parts.append(table(["field", "is", "needed", "means"], rows) if rows else "No fields.")
    return "\n\n".join(parts)


def _kind(annotation: Any) -> str:
    """Return a type as people read it."""
    inner = [one for one in get_args(annotation) if one is not type(None)]
    if inspect.isclass(annotation) and issubclass(annotation, StrEnum | TextChoices):
        return " or ".join(f"`{one.value}`" for one in annotation)
    match get_origin(annotation):
        case origin if origin is Literal:
            return " or ".join(f"`{one}`" for one in inner)
        case origin if origin is list:
            return f"list of {_kind(inner[0])}s"
        case origin if origin is dict:
            return f"object of {_kind(inner[1])}s"
        case None:
            return PLAIN.get(annotation, "object")
        case _:
            return _kind(inner[0])


def permissions_page() -> str:
    """Return who may do what."""
    from throughline.people.object_rules import OBJECT_RULES  # noqa: PLC0415 -- app ready
    from throughline.people.words import ROLES, Permission, RoleName  # noqa: PLC0415 -- app ready

    rows = [
        [f"`{permission.value}`", *("✓" if permission in ROLES[role] else "" for role in RoleName)]
        for permission in Permission
    ]
    return "\n\n".join([
        "# Permissions",
        ("One person may wear several hats. Whoever has no account (a champion, say) gets a signed"
        " link that opens one thing. Whoever runs the command line could change the database"
        " anyway: a name given there that is no user's is taken at its word"
        " ([why](../decisions/0004-names-on-the-command-line.md))."),
        table(["may", *(role.value for role in RoleName)], rows),
        "## Whatever the role",
        ("Some steps depend on the thing as well: they need a second person, or the one whose thing"
        " it is. A refusal says whom to ask."),
        table(["thing", "step", "who may"], [[one.thing, one.what, one.who] for one in OBJECT_RULES]),
    ])  # fmt: skip


def settings_page() -> str:
    """Return every setting."""
    return "\n\n".join([
        "# Settings",
        ("Read from the environment, once, at start. None is needed on one machine. A wrong value is"
        " an error at start that says what to write; `throughline doctor` looks at the rest."),
        table(
            ["setting", "where it is not set", "means"],
            [[f"`{name}`", default, means] for name, (default, means) in SETTINGS.items()],
        ),
    ])  # fmt: skip


def settings_read() -> set[str]:
    """Return the name of every environment variable that config/ reads."""
    return {
        node.value
        for path in (ROOM / "config").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant)
        if isinstance(node.value, str)
        if re.fullmatch(r"THROUGHLINE_[A-Z_]+|DATABASE_URL", node.value)
    }


def outcomes_page() -> str:
    """Return everything that a handoff makes true."""
    return "\n\n".join([
        "# Outcomes",
        ("What a handoff makes true, each in one system. The key names an outcome for ever:"
        " `E` is the engagement's number."),
        table(["outcome", "system", "who can read it", "holds when"], sorted(_outcomes())),
    ])  # fmt: skip


def _outcomes() -> Iterator[list[str]]:
    for room in ("outcomes", "outside"):
        package = importlib.import_module(f"throughline.handoff.{room}")
        for found in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            module = importlib.import_module(found.name)
            for _name, one in inspect.getmembers(module, inspect.isclass):
                if one.__module__ == module.__name__ and dataclasses.is_dataclass(one):
                    yield from _outcome(one)


def _outcome(one: type) -> Iterator[list[str]]:
    """Yield the row of a class, if it is an outcome: it says where it holds and who can read it."""
    defaults = {field.name: field.default for field in dataclasses.fields(one)}
    if {"system", "audience"} <= defaults.keys() and not one.__name__.startswith("_"):
        yield [
            f"`{one.__name__}`", str(defaults["system"]), str(defaults["audience"]),
            first_line(one),
        ]  # fmt: skip


def acts_page() -> str:
    """Return every act that the journal can hold."""
    found: dict[tuple[str, str], dict[str, None]] = {}
    for act, facts, where in _acts():
        found.setdefault((act, where), {}).update(dict.fromkeys(facts))
    rows = [
        [f"`{act}`", ", ".join(facts), f"`{where}`"]
        for (act, where), facts in sorted(found.items())
    ]
    return "\n\n".join([
        "# Acts of the journal",
        ("The journal is append-only: who, what, when, about what, and these facts. The act names"
        " room, thing and what happened to it."),
        table(["act", "facts", "recorded in"], rows),
    ])  # fmt: skip


def _acts() -> Iterator[tuple[str, tuple[str, ...], str]]:
    for path in sorted(ROOM.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        imported = {node.module for node in tree.body if isinstance(node, ast.ImportFrom)}
        if "throughline.journal.actions" not in imported:
            continue
        assigned = dict(_assigned(tree))
        where = path.relative_to(ROOM).as_posix()
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            if isinstance(call.func, ast.Name) and call.func.id in {"record", "entry"}:
                named = [word.arg for word in call.keywords if word.arg is not None]
                facts = tuple(name for name in named if name not in {"by", "at"})
                yield from ((act, facts, where) for act in _named(call.args[0], assigned))


def _assigned(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """Yield every name that is assigned anywhere in a module, with what it is assigned."""
    for node in (node for node in ast.walk(tree) if isinstance(node, ast.Assign)):
        for target in node.targets:
            if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                pairs = list(zip(target.elts, node.value.elts, strict=False))
            else:
                pairs = [(target, node.value)]
            yield from ((name.id, value) for name, value in pairs if isinstance(name, ast.Name))


def _named(said: ast.expr, assigned: dict[str, ast.expr]) -> list[str]:
    """Return the acts that an expression can name; `…` stands for what is only known in use.

    Raises:
        ValueError: it cannot be told; write the act out where it is recorded.
    """
    match said:
        case ast.Constant(value=str(act)):
            return [act]
        case ast.JoinedStr(values=parts):
            return [
                "".join(str(one.value) if isinstance(one, ast.Constant) else "…" for one in parts)
            ]
        case ast.IfExp(body=body, orelse=orelse):
            return [*_named(body, assigned), *_named(orelse, assigned)]
        case ast.Name(id=name) if name in assigned:
            return _named(assigned[name], assigned)
        case ast.Call(func=ast.Name(id="_act"), args=[ast.Constant(value=str(what))]):
            return [f"delivery.{what}.made", f"delivery.{what}.changed"]
        case _:
            raise ValueError(f"Line {said.lineno}: which act is {ast.unparse(said)}?")


WRITTEN: dict[str, Callable[[], str]] = {
    "commands.md": commands_page,
    "stages-and-gates.md": stages_page,
    "facts.md": facts_page,
    "permissions.md": permissions_page,
    "settings.md": settings_page,
    "outcomes.md": outcomes_page,
    "journal-acts.md": acts_page,
}


def page(name: str) -> str:
    """Return a reference page as it should be committed."""
    return f"{NOTE}\n\n{WRITTEN[name]().strip()}\n"


def main(folder: Path = PAGES) -> None:
    """Write every page."""
    set_up()
    folder.mkdir(parents=True, exist_ok=True)
    for name in WRITTEN:
        (folder / name).write_text(page(name), encoding="utf-8")
    click.echo(f"{len(WRITTEN)} pages are in {folder}.", err=True)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
