"""`throughline contact …`: one person outside, corrected, merged, erased."""

from typing import Any

import click

from throughline.cli.reply import Reply, by_option, now, operator, replies
from throughline.communities.actions import edit_contact, merge_contacts
from throughline.communities.models import Contact
from throughline.communities.queries import find_contact
from throughline.communities.shapes import contact_shape
from throughline.kernel.errors import Refused
from throughline.playbook.current import current
from throughline.sales.actions.facts import parse_value
from throughline.search.actions.erasing import erase_person


@click.group()
def contact() -> None:
    """Look after people outside. P is an e-mail, a GitHub id, a full name or our number."""


def _reply(found: Contact, *lines: str) -> Reply:
    shape = contact_shape(Contact.objects.get(pk=found.pk))
    address = shape["email"] or shape["github_id"] or "no address"
    told = [
        f"{shape['full_name']} <{address}>, {shape['contact']}, version {shape['version']}",
        *(
            f"  {one['role']} of {one['about']} from {one['from']}"
            + (f" to {one['to']}" if one["to"] else "")
            for one in shape["roles"]
        ),
    ]
    return Reply(shape, lines or told)


@contact.command("show")
@click.argument("reference", metavar="P")
@replies
def show(reference: str) -> Reply:
    """Show a person with everything they were and are."""
    return _reply(find_contact(reference))


@contact.command("edit")
@click.argument("reference", metavar="P")
@click.option(
    "--value", required=True, metavar="JSON", help='Fields, as {"email": "bo@example.org"}.'
)
@click.option("--version", type=int, help="The version you saw: a newer one is a conflict.")
@by_option
@replies
def edit(reference: str, value: str, version: int | None, by: str | None) -> Reply:
    """Correct full_name, first_name, email or github_id; what is not named stays."""
    facts = {name: str(told or "") for name, told in parse_value(value).items()}
    found = find_contact(reference)
    edited = edit_contact(found.pk, facts=facts, version=version, by=operator(by), at=now())
    return _reply(edited)


@contact.command("merge")
@click.argument("merged", metavar="FROM")
@click.argument("into", metavar="INTO")
@by_option
@replies
def merge(merged: str, into: str, by: str | None) -> Reply:
    """Make one contact of two: roles and addresses of FROM go to INTO, which stays."""
    stays = find_contact(into)
    kept = merge_contacts(find_contact(merged).pk, stays.pk, by=operator(by), at=now())
    return _reply(kept, f"{kept.full_name} is one contact now.")


@contact.command("erase")
@click.argument("reference", metavar="P")
@click.option("--sure", is_flag=True, help="It cannot be undone.")
@by_option
@replies
def erase(reference: str, sure: bool, by: str | None) -> Reply:
    """Put a pseudonym in the place of a person's name and addresses, wherever they are written."""
    found = find_contact(reference)
    if not sure:
        raise Refused("Erasing cannot be undone.", remedy="Add --sure if it is really meant.")
    ended = erase_person(found.pk, playbook=current(), by=operator(by), at=now())
    gone: dict[str, Any] = contact_shape(Contact.objects.get(pk=found.pk))
    document = gone | {"nobody": [{"about": about, "role": role} for about, role in ended.gaps]}
    warnings = [f"{about} has no {role} any more." for about, role in ended.gaps]
    return Reply(document, [f"{gone['full_name']} stands for them now."], warnings)
