"""`throughline capacity …`: can we deliver this?"""

from pathlib import Path
from typing import Any

import click

from throughline.capacity.actions.demand import assign_work
from throughline.capacity.actions.team import take_time_off
from throughline.capacity.asking import Proposal
from throughline.capacity.queries import answer_shape, newest_answers
from throughline.cli.reply import Reply, by_option, day, now, operator, replies
from throughline.intake.asking import ask_about_deal, ask_about_file
from throughline.kernel.errors import Refused
from throughline.playbook.current import current
from throughline.sales.actions.record import record_fact
from throughline.sales.queries import find_deal


@click.group()
def capacity() -> None:
    """Say whether we can deliver something, and who has time. D is a deal's HubSpot id or number."""


@capacity.command("ask")
@click.argument("reference", metavar="D", required=False)
@click.option(
    "--sow",
    "file",
    type=click.Path(path_type=Path),
    help="A statement of work that belongs to no deal yet.",
)
@click.option("--start", metavar="DATE", help="Another start than the deal's.")
@by_option
@replies
def ask(reference: str | None, file: Path | None, start: str | None, by: str | None) -> Reply:
    """Compute an answer: yes, yes from a day, only if, or no. Exit 0 whatever it is."""
    known: dict[str, Any] = {
        "start_on": day(start, what="--start") if start is not None else None,
        "playbook": current(),
        "by": operator(by),
        "at": now(),
    }
    if (reference is None) == (file is None):
        raise click.UsageError("Name a deal, or give --sow FILE: one of them.")
    if file is not None:
        return _proposed(ask_about_file(file, **known))
    return _proposed(ask_about_deal(find_deal(reference or ""), **known))


def _proposed(proposal: Proposal) -> Reply:
    document = proposal.as_json()
    lines = [
        proposal.sentence,
        *(f"  {text}" for text in proposal.finish_words),
        *(f"  beside it: {pair.message}" for pair in proposal.pairs),
        *(f"  to fit: {text}" for text in proposal.only_if),
        *(f"  assumed: {text}" for text in proposal.assumptions),
        f"  good until {document['expires_on']}, once PS gives it: `throughline capacity answer`.",
    ]
    return Reply(document, lines)


@capacity.command("answer")
@click.argument("reference", metavar="D")
@click.argument("answer", type=click.Choice(["yes", "yes_from", "only_if", "no"]))
@click.option("--start", metavar="DATE", help="Of yes_from.")
@click.option("--only-if", "only_if", multiple=True, metavar="TEXT", help="Of only_if.")
@click.option("--assuming", multiple=True, metavar="TEXT", help="What it rests on.")
@click.option("--expires", metavar="DATE", help="Last day on which it counts.")
@click.option("--note", default="", help="What else BD should know.")
@by_option
@replies
def answer(reference: str, answer: str, by: str | None, **options: Any) -> Reply:
    """Give PS's answer for a deal, and hold the hours. Somebody other than the deal's owner does."""
    deal, playbook, at = find_deal(reference), current(), now()
    value = {
        "answer": answer,
        "start_on": _day(options["start"], "--start"),
        "only_if": list(options["only_if"]),
        "assumptions": list(options["assuming"]),
        "expires_on": _day(options["expires"], "--expires"),
        "note": options["note"],
    }
    record_fact(deal.pk, "capacity.answered", value, playbook=playbook, by=operator(by), at=at)
    document = answer_shape(newest_answers([deal.subject])[deal.subject])
    lines = [
        f"{document['by']} answered {document['answer']} for {deal}.",
        f"  good until {document['expires_on']}; {document['held_h']:g} h are held",
        *(f"  affects {one['name']}: {one['message']}" for one in document["affects"]),
    ]
    return Reply(document, lines)


def _day(text: str | None, what: str) -> Any:
    return None if text is None else day(text, what=what)


@capacity.command("assign")
@click.argument("reference", metavar="D")
@click.argument("item")
@click.argument("role")
@by_option
@replies
def assign(reference: str, item: str, role: str, by: str | None) -> Reply:
    """Choose which role does an item (such as 1.2) of a deal's estimate; "any" leaves it open."""
    deal, playbook = find_deal(reference), current()
    code = ""
    if role.casefold() != "any":
        found = playbook.team_role_named(role)
        if found is None:
            names = ", ".join(one.name for one in playbook.team_roles)
            raise Refused(f"{role!r} is no role of the team.", remedy=f"Use one of {names}.")
        code = found.code
    row = assign_work(deal.subject, item, code, by=operator(by), at=now())
    document = {"deal": deal.reference, "item": row.code, "title": row.title,
                "role": row.assigned_role or None, "roles": row.roles}  # fmt: skip
    return Reply(document, [f"{row.title}, item {row.code}: {row.assigned_role or 'any role'}."])


@capacity.command("away")
@click.argument("name")
@click.argument("first")
@click.argument("last")
@click.option("--reason", default="", help="Why.")
@by_option
@replies
def away(name: str, first: str, last: str, reason: str, by: str | None) -> Reply:
    """Write down that somebody of the team is away, from the FIRST to the LAST day."""
    off = take_time_off(
        name,
        from_on=day(first, what="FIRST"),
        to_on=day(last, what="LAST"),
        reason=reason,
        by=operator(by),
        at=now(),
    )
    document = {"name": off.colleague.name, "from_on": off.from_on, "to_on": off.to_on}
    return Reply(document, [f"{off.colleague.name} is away from {off.from_on} to {off.to_on}."])
