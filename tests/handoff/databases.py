"""A PostgreSQL database of its own, for workers that are processes and must commit."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit


@contextmanager
def own_database(server: str) -> Iterator[str]:
    """Make an empty database beside the one that an address names, yield its address, drop it."""
    import psycopg

    name = f"throughline_own_{secrets.token_hex(4)}"
    with psycopg.connect(server, autocommit=True) as opened:
        opened.execute(f"CREATE DATABASE {name}")
        try:
            yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
        finally:
            opened.execute(f"DROP DATABASE {name} WITH (FORCE)")


def address_of_test_database() -> str:
    """Return the address of the database that the tests run on, for another process."""
    from django.db import connection

    found = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{found['NAME']}"
    who = f"{found['USER']}:{found['PASSWORD']}@{found['HOST']}:{found['PORT']}"
    return f"postgres://{who}/{found['NAME']}"
