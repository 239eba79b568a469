"""`throughline user …`: local accounts."""

import secrets

import click

from throughline.cli.reply import Reply, by_option, now, operator, replies
from throughline.kernel.errors import Refused
from throughline.people.actions import add_user
from throughline.people.words import RoleName


@click.group()
def user() -> None:
    """Add people who sign in here."""


@user.command("add")
@click.argument("name")
@click.option(
    "--role", "roles", multiple=True, required=True,
    type=click.Choice([role.value for role in RoleName], case_sensitive=False),
    help="May be given several times.",
)  # fmt: skip
@click.option("--full-name", default="")
@click.option("--email", default="")
@by_option
@replies
def add(name: str, roles: tuple[str, ...], full_name: str, email: str, by: str | None) -> Reply:
    """Add a person with a fresh password, which is shown once."""
    if not name.strip():
        raise Refused("A user needs a name.", remedy="Give one word.")
    password = secrets.token_urlsafe(12)
    hats = frozenset(role for role in RoleName if role.casefold() in {r.casefold() for r in roles})
    made = add_user(
        name.strip(),
        roles=hats,
        full_name=full_name,
        email=email,
        password=password,
        by=operator(by),
        at=now(),
    )
    document = {"user": made.username, "roles": sorted(hats), "password": password}
    return Reply(document, [f"{made.username} ({', '.join(sorted(hats))}): {password}"])
