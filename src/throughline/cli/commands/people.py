"""`throughline user …`: people who sign in, their roles, and tokens for programs."""

import secrets
from datetime import timedelta
from typing import Any

import click

from throughline.cli.reply import Reply, by_option, now, operator, replies
from throughline.kernel.errors import Refused
from throughline.mail.actions.access import invite_person, mail_password_link, reset_factor
from throughline.people.actions import add_user
from throughline.people.actions_tokens import PREFIX, issue_token, revoke_token
from throughline.people.actions_users import (
    deactivate_user,
    reactivate_user,
    set_roles,
)
from throughline.people.models import ApiToken, User
from throughline.people.queries import everybody, find_user
from throughline.people.words import RoleName, Scope
from throughline.playbook.current import current

ROLE = click.Choice([role.value for role in RoleName], case_sensitive=False)
SCOPE = click.Choice([scope.value for scope in Scope])


@click.group()
def user() -> None:
    """People who sign in here: add, invite, give roles, let go; and tokens for programs."""


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


def _roles(given: tuple[str, ...]) -> frozenset[RoleName]:
    wanted = {one.casefold() for one in given}
    return frozenset(role for role in RoleName if role.casefold() in wanted)


def _shape(user: User) -> dict[str, Any]:
    return {
        "user": user.username,
        "full_name": user.full_name,
        "email": user.email or None,
        "roles": sorted(grant.role for grant in user.grants.all()),
        "is_active": user.is_active,
        "last_signed_in_at": user.last_login,
    }


def _reply(user: User, line: str) -> Reply:
    user.refresh_from_db()
    return Reply(_shape(User.objects.prefetch_related("grants").get(pk=user.pk)), [line])


@user.command("list")
@replies
def list_users() -> Reply:
    """List everybody with their roles."""
    shapes = [_shape(one) for one in everybody()]
    lines = [
        f"{one['user']:<20}  {', '.join(one['roles']) or 'no role':<20}"
        f"  {'' if one['is_active'] else 'has left  '}{one['email'] or ''}".rstrip()
        for one in shapes
    ]
    return Reply(shapes, lines or ["Nobody yet. Add somebody: `throughline user add`."])


@user.command("invite")
@click.argument("name")
@click.argument("email")
@click.option("--role", "roles", multiple=True, type=ROLE, help="May be given several times.")
@click.option("--full-name", default="")
@by_option
@replies
def invite(name: str, email: str, roles: tuple[str, ...], full_name: str, by: str | None) -> Reply:
    """Add a person, and mail them a link by which they choose a password."""
    made = invite_person(
        name, secrets.token_urlsafe(32), email=email, full_name=full_name, roles=_roles(roles),
        playbook=current(), by=operator(by), at=now(),
    )  # fmt: skip
    return _reply(made, f"{made.username} is invited; the mail to {made.email} is queued.")


@user.command("roles")
@click.argument("name")
@click.option("--role", "roles", multiple=True, type=ROLE, help="None: take all away.")
@by_option
@replies
def roles_set(name: str, roles: tuple[str, ...], by: str | None) -> Reply:
    """Give a person exactly these roles."""
    wanted = _roles(roles)
    changed = set_roles(find_user(name).pk, wanted, by=operator(by), at=now())
    return _reply(changed, f"{name} is {', '.join(sorted(wanted)) or 'nothing'} now.")


@user.command("leave")
@click.argument("name")
@click.option("--with-links", is_flag=True, help="Also close the links they handed out.")
@by_option
@replies
def leave(name: str, *, with_links: bool, by: str | None) -> Reply:
    """Close a person's way in: sessions, tokens and links end."""
    gone, ended = deactivate_user(
        find_user(name).pk, with_links=with_links, by=operator(by), at=now()
    )
    told = ", ".join(f"{count} {what}" for what, count in ended.items())
    reply = _reply(gone, f"{name} cannot come in any more. Ended: {told}.")
    return Reply(reply.document | {"ended": ended}, reply.lines)


@user.command("return")
@click.argument("name")
@by_option
@replies
def come_back(name: str, by: str | None) -> Reply:
    """Let a person in again; tokens and links stay closed."""
    back = reactivate_user(find_user(name).pk, by=operator(by), at=now())
    return _reply(back, f"{name} can come in again.")


@user.command("password")
@click.argument("name")
@by_option
@replies
def password(name: str, by: str | None) -> Reply:
    """Mail a person a link by which they choose a password."""
    found = find_user(name)
    token = secrets.token_urlsafe(32)
    mail_password_link(found, token, playbook=current(), by=operator(by), at=now())
    return _reply(found, f"A link for a password is on its way to {found.email}.")


@user.command("reset-factor")
@click.argument("name")
@click.option("--because", required=True, help="How you know that it is really them who ask.")
@by_option
@replies
def factor_reset(name: str, because: str, by: str | None) -> Reply:
    """Take away the second factor of somebody who has lost it; they are told by mail."""
    changed, ended = reset_factor(
        find_user(name).pk, because=because, playbook=current(), by=operator(by), at=now()
    )
    told = "" if changed.email else " They have no address: tell them."
    reply = _reply(changed, f"{name} has no second factor any more. Sessions ended: {ended}.{told}")
    return Reply(reply.document | {"ended": {"sessions": ended}}, reply.lines)


def _token_shape(token: ApiToken) -> dict[str, Any]:
    return {
        "token": token.pk,
        "user": token.user.username,
        "name": token.name,
        "starts_with": token.starts_with,
        "scopes": token.scopes,
        "issued_at": token.issued_at,
        "expires_at": token.expires_at,
        "revoked_at": token.revoked_at,
        "last_used_at": token.last_used_at,
    }


@user.command("token")
@click.argument("name")
@click.option("--for", "program", required=True, metavar="PROGRAM", help="Such as n8n.")
@click.option("--scope", "scopes", multiple=True, required=True, type=SCOPE)
@click.option("--days", type=int, default=90, show_default=True, help="366 at most.")
@by_option
@replies
def token_new(name: str, program: str, scopes: tuple[str, ...], days: int, by: str | None) -> Reply:
    """Make a token for a program of a person's; it is shown this once."""
    secret = PREFIX + secrets.token_urlsafe(32)
    made = issue_token(
        secret, user=find_user(name), name=program, scopes=frozenset(map(Scope, scopes)),
        valid_for=timedelta(days=days), by=operator(by), at=now(),
    )  # fmt: skip
    return Reply(_token_shape(made) | {"secret": secret}, [secret])


@user.command("tokens")
@replies
def tokens() -> Reply:
    """List the tokens of all people."""
    found = ApiToken.objects.select_related("user").order_by("pk")
    shapes = [_token_shape(one) for one in found]
    lines = [
        f"{one['token']:>5}  {one['starts_with']}…  {one['user']:<15}  {one['name']:<20}"
        f"  {'revoked' if one['revoked_at'] else 'until ' + format(one['expires_at'], '%Y-%m-%d')}"
        f"  {', '.join(one['scopes'])}"
        for one in shapes
    ]
    return Reply(shapes, lines or ["No tokens. Make one: `throughline user token`."])


@user.command("revoke-token")
@click.argument("number", metavar="TOKEN", type=int)
@by_option
@replies
def token_revoke(number: int, by: str | None) -> Reply:
    """End a token for good."""
    gone = revoke_token(number, by=operator(by), at=now())
    return Reply(_token_shape(gone), [f"The token “{gone.name}” opens nothing any more."])
