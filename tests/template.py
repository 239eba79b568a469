"""PostgreSQL's database with every migration in it, made once for all processes that test."""

import fcntl
import io
from pathlib import Path

from django.core.management import call_command
from django.db import connection
from psycopg import connect
from psycopg.sql import SQL, Identifier


def make_template(folder: Path) -> str:
    """Return the template's name; whoever comes first into the folder of a run makes it.

    Walking through the migrations takes each process many seconds, copying what they made half of one.
    """
    name, made = name_of_template(), folder / "template"
    with (folder / ".making-template").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if not made.exists():
            drop_template()
            _on_the_server("CREATE DATABASE {}", name)
            _migrate(name)
            made.touch()
    return name


def drop_template() -> None:
    """Take the template away, if there is one."""
    _on_the_server("DROP DATABASE IF EXISTS {}", name_of_template())


def name_of_template() -> str:
    return f"test_{connection.settings_dict['NAME']}_template"


def _migrate(name: str) -> None:
    told = connection.settings_dict
    was, told["NAME"] = told["NAME"], name
    try:
        call_command("migrate", verbosity=0, interactive=False, stdout=io.StringIO())
    finally:
        connection.close()
        told["NAME"] = was


def _on_the_server(statement: str, database: str) -> None:
    told = connection.settings_dict
    parts = {"host": told["HOST"], "port": told["PORT"], "user": told["USER"]}
    door = {name: value for name, value in parts.items() if value}
    with connect(
        dbname="postgres", password=told["PASSWORD"] or None, autocommit=True, **door
    ) as server:
        server.execute(SQL(statement).format(Identifier(database)))
