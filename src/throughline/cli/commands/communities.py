"""`throughline community …`: whom we serve, their ids and their people."""

from typing import Any

import click

from throughline.cli.commands import community_links
from throughline.cli.reply import SOMETHING_TO_DO, Reply, by_option, day, now, operator, replies
from throughline.communities.actions import (
    Said,
    describe_community,
    end_roles,
    keep_alias,
    merge_communities,
    release_id,
    reserve_id,
)
from throughline.communities.ids import IdCheck, check_id
from throughline.communities.merging import MergePlan, merge_plan, plan_shape
from throughline.communities.queries import Matrix, find_community, find_contact, people_matrix
from throughline.communities.shapes import (
    check_shape,
    community_line,
    community_shape,
    matrix_shape,
)
from throughline.communities.words import AliasKind, Sureness
from throughline.delivery.served import communities_matching, deal_ids_of
from throughline.kernel.days import day_in_zone
from throughline.kernel.errors import Refused
from throughline.playbook.current import current
from throughline.sales.actions.facts import parse_value
from throughline.sales.queries import find_deal


@click.group()
def community() -> None:
    """Keep the records of communities. C is an id, an older id, a short name or our number."""


for one in community_links.COMMANDS:
    community.add_command(one)


@community.command("list")
@click.argument("text", default="")
@replies
def list_communities(text: str) -> Reply:
    """List communities; TEXT looks for a name or an id."""
    shapes = [community_line(one) for one in communities_matching(text)]
    lines = [
        f"{one['community']:>6}  {one['community_id'] or '–':<20}  {one['id_state']:<9}"
        f"  {one['short_name']}"
        for one in shapes
    ]
    return Reply(shapes, lines or ["No communities."])


@community.command("show")
@click.argument("reference", metavar="C")
@replies
def show(reference: str) -> Reply:
    """Show a record, with the source and the age of each field and what is missing."""
    return _shown(reference)


def _shown(reference: str) -> Reply:
    found, at = find_community(reference), now()
    shape = community_shape(found, playbook=current(), at=at)
    complete = shape["complete"]
    lines = [
        f"{found.short_name} ({found.community_id or 'no id'}), version {found.version}",
        f"Record: {complete['known']} of {complete['wanted']}"
        + (f"; missing: {', '.join(complete['missing'])}" if complete["missing"] else ""),
        *(_field_line(name, field) for name, field in shape["fields"].items()),
    ]
    return Reply(shape, lines)


def _field_line(name: str, field: dict[str, Any]) -> str:
    value = ", ".join(field["value"]) if isinstance(field["value"], list) else field["value"]
    said = ""
    if "by" in field:
        source = f"{field['source']}, " if field["source"] else ""
        said = f"  ({source}{field['sureness']}, {field['by']}, {field['age_days']} days old)"
    return f"  {name:<22} {value or '–'}{said}"


@community.command("describe")
@click.argument("reference", metavar="C")
@click.option("--value", required=True, metavar="JSON", help='Fields, as {"website": "https://…"}.')
@click.option("--source", default="", help="Who or what says so, such as a call or an address.")
@click.option(
    "--sure", default=Sureness.SAID.value, type=click.Choice(Sureness.values), help="How sure."
)
@click.option("--version", type=int, help="The version you saw: a newer one is a conflict.")
@by_option
@replies
def describe(
    reference: str, value: str, source: str, sure: str, version: int | None, by: str | None
) -> Reply:
    """Fill in fields of a record; a field as it stands, with a source, is confirmed."""
    found = find_community(reference)
    described = describe_community(
        found.pk,
        facts=parse_value(value),
        said=Said(source, Sureness(sure), again=bool(source) or sure != Sureness.SAID),
        version=version,
        playbook=current(),
        by=operator(by),
        at=now(),
    )
    return _shown(str(described.pk))


@community.command("check-id")
@click.argument("word", metavar="ID")
@click.option("--for", "reference", default="", metavar="C", help="Whose own names do no harm.")
@replies
def check(word: str, reference: str) -> Reply:
    """Say whether an id is free, who has it, and which ids are close to it."""
    playbook, found = current(), find_community(reference) if reference else None
    checked = check_id(
        word,
        of=found,
        playbook=playbook,
        on=day_in_zone(now(), playbook.organisation.zone),
        deal_ids=deal_ids_of(found) if found else (),
    )
    return Reply(check_shape(checked), [checked.message], _near_lines(checked))


def _near_lines(checked: IdCheck) -> list[str]:
    return [f"{one.name!r} of {one.community} is easily mistaken for it." for one in checked.near]


@community.command("reserve")
@click.argument("reference", metavar="C")
@click.argument("word", metavar="[ID]", default="")
@by_option
@replies
def reserve(reference: str, word: str, by: str | None) -> Reply:
    """Reserve an id, or renew it; without ID the one that the short name proposes."""
    found = find_community(reference)
    held = reserve_id(
        found.pk,
        word,
        playbook=current(),
        by=operator(by),
        at=now(),
        deal_ids=deal_ids_of(found),
    )
    until = f" until {held.id_reserved_until}" if held.id_reserved_until else ""
    shape = community_shape(held, playbook=current(), at=now())
    return Reply(shape, [f"{held.short_name} has {held.community_id}{until}."])


@community.command("release")
@click.argument("reference", metavar="C")
@by_option
@replies
def release(reference: str, by: str | None) -> Reply:
    """Give up a reserved id; for a year nobody else may have it."""
    found, at = find_community(reference), now()
    on = day_in_zone(at, current().organisation.zone)
    freed = release_id(found.pk, on=on, by=operator(by), at=at)
    shape = community_shape(freed, playbook=current(), at=at)
    return Reply(shape, [f"{freed.short_name} has no id now."])


@community.command("alias")
@click.argument("reference", metavar="C")
@click.argument("word", metavar="ALIAS")
@click.option("--kind", default=AliasKind.LEGACY.value, type=click.Choice(AliasKind.values))
@by_option
@replies
def alias(reference: str, word: str, kind: str, by: str | None) -> Reply:
    """Keep an older id of a community, for ever."""
    found, at = find_community(reference), now()
    on = day_in_zone(at, current().organisation.zone)
    keep_alias(found.pk, word, kind=AliasKind(kind), on=on, by=operator(by), at=at)
    return _shown(str(found.pk))


@community.command("people")
@click.argument("reference", metavar="D")
@click.option("--on", "on_text", default="", metavar="DATE", help="As of that day.")
@replies
def people(reference: str, on_text: str) -> Reply:
    """Show who is what for a deal, with the roles that nobody has."""
    playbook = current()
    on = day_in_zone(now(), playbook.organisation.zone)
    on = day(on_text, what="--on") if on_text else on
    matrix = people_matrix(find_deal(reference).subject, on=on, playbook=playbook)
    return Reply({"on": on, **matrix_shape(matrix)}, _people_lines(matrix))


def _people_lines(matrix: Matrix) -> list[str]:
    lines = []
    for row in matrix.rows:
        held = [
            f"{role.name}{'' if cell.state == 'held' else f' ({cell.state})'}"
            for role, cell in zip(matrix.roles, row.cells, strict=True)
            if cell.state
        ]
        lines.append(f"{row.contact}: {', '.join(held)}")
    return [*lines, *(f"Nobody is {role.name}." for role in matrix.gaps)]


@community.command("role-end")
@click.argument("reference", metavar="D")
@click.argument("person", metavar="PERSON")
@click.argument("role", metavar="ROLE")
@click.option("--on", "on_text", required=True, metavar="DATE", help="First day without it.")
@by_option
@replies
def role_end(reference: str, person: str, role: str, on_text: str, by: str | None) -> Reply:
    """End what somebody is for a deal; D or ROLE "all" means every one (a person who leaves)."""
    subject = "" if reference == "all" else find_deal(reference).subject
    ended = end_roles(
        find_contact(person).pk,
        on=day(on_text, what="--on"),
        subject=subject,
        role="" if role == "all" else _role_code(role),
        playbook=current(),
        by=operator(by),
        at=now(),
    )
    document = {
        "ended": [
            {"about": one.subject, "role": one.role, "from": one.from_on, "to": one.to_on}
            for one in ended.assignments
        ],
        "nobody": [{"about": subject, "role": name} for subject, name in ended.gaps],
    }
    lines = [f"{one.role} for {one.subject} ends on {one.to_on}." for one in ended.assignments]
    return Reply(
        document, lines, [f"{about} has no {name} any more." for about, name in ended.gaps]
    )


def _role_code(text: str) -> str:
    wanted = text.casefold()
    for role in current().engagement_roles:
        if wanted in {role.code.casefold(), role.name.casefold()}:
            return role.code
    names = ", ".join(role.code for role in current().engagement_roles)
    raise Refused(f"There is no role {text!r}.", remedy=f"Use one of {names}.")


@community.command("merge")
@click.argument("merged", metavar="FROM")
@click.argument("into", metavar="INTO")
@click.option("--apply", "fingerprint", default="", help="Do it: the fingerprint of the plan.")
@click.option(
    "--choose", default="{}", metavar="JSON", help='Which side holds: {"website": "merged"}.'
)
@by_option
@replies
def merge(merged: str, into: str, fingerprint: str, choose: str, by: str | None) -> Reply:
    """Show what merging one record into another would do; do it with --apply FINGERPRINT."""
    plan = merge_plan(find_community(merged), find_community(into))
    if plan.merged == plan.into:
        raise Refused("A community cannot be merged into itself.", remedy="Name two.")
    if not fingerprint:
        return Reply(plan_shape(plan), _plan_lines(plan), exit_code=SOMETHING_TO_DO)
    done = merge_communities(
        plan.merged.pk,
        plan.into.pk,
        fingerprint=fingerprint,
        choices={name: str(side) for name, side in parse_value(choose).items()},
        by=operator(by),
        at=now(),
    )
    return _shown(str(done.pk))


def _plan_lines(plan: MergePlan) -> list[str]:
    return [
        f"{plan.merged.short_name} becomes part of {plan.into.short_name}.",
        *(f"  {len(numbers)} {what} move." for what, numbers in plan.moves),
        *(f"  {name} is filled in." for name in plan.fills),
        *(f"  {one.name}: {one.into!r} (into) or {one.merged!r} (merged)?" for one in plan.choices),
        f"To do it: --apply {plan.fingerprint}",
    ]
