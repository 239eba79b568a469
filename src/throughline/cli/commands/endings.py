"""`throughline renewals running|allow|decide|offboarding|…`: what runs on, and what is taken down."""

import click

from throughline.cli.reply import Reply, by_option, day, now, operator, replies
from throughline.delivery.queries import NoSuchEngagement, find_engagement
from throughline.kernel.days import day_in_zone
from throughline.kernel.money import parse_amount, shown
from throughline.playbook.current import current
from throughline.renewals.actions_lapse import decide_lapse, extend_lapse
from throughline.renewals.actions_offboarding import (
    NoSuchOffboarding,
    Said,
    ask_about_data,
    finish_step,
)
from throughline.renewals.ending_shapes import check_list_shape, running_shape, token_shape
from throughline.renewals.lapse import NO_DEAL, Running, running_without_agreement
from throughline.renewals.money import final_numbers
from throughline.renewals.offboarding import CheckList, check_list_of
from throughline.renewals.words import LapseVerdict, StepCode
from throughline.sales.queries import find_deal


def _subject(text: str) -> str:
    """Return what a person names as `running` prints it: a deal, or a cluster without one."""
    if text.startswith((NO_DEAL, "deal:")):
        return text
    return find_deal(text).subject


@click.command("running")
@click.option("--on", default="", metavar="DATE", help="Today, where left out.")
@replies
def running(on: str) -> Reply:
    """List what runs without an agreement in force, since when, and who decides."""
    playbook = current()
    today = day(on, what="--on") if on else day_in_zone(now(), playbook.organisation.zone)
    found = running_without_agreement(on=today, playbook=playbook)
    lines = [line for one in found for line in _lines(one)]
    return Reply(
        [running_shape(one) for one in found], lines or ["Nothing runs without agreement."]
    )


def _lines(one: Running) -> list[str]:
    days = "nobody knows since when" if one.days is None else f"{one.days} days"
    return [
        f"{one.subject:<22} {one.kind.label}, {days}: {one.name}",
        f"    {one.ball}: {one.remedy}",
    ]


@click.command("allow")
@click.argument("what", metavar="D|cluster:NAME")
@click.option("--why", required=True, metavar="TEXT", help="The reason, in a sentence.")
@by_option
@replies
def allow(what: str, why: str, by: str | None) -> Reply:
    """Let a hub run on without an agreement for two weeks."""
    token = extend_lapse(_subject(what), why=why, playbook=current(), by=operator(by), at=now())
    return Reply(
        token_shape(token),
        [f"It may run from {token.from_on} to {token.until_on}. The agreement stays over."],
    )


@click.command("decide")
@click.argument("what", metavar="D|cluster:NAME")
@click.argument("verdict", type=click.Choice(LapseVerdict.values))
@click.option("--until", default="", metavar="DATE", help="Of keep: the last day.")
@click.option("--why", required=True, metavar="TEXT", help="The reason, in a sentence.")
@by_option
@replies
def decide(what: str, verdict: str, until: str, why: str, by: str | None) -> Reply:
    """Decide, as the BD lead: keep it running until a day, or have it taken down."""
    decision = decide_lapse(
        _subject(what), verdict, until_on=day(until, what="--until") if until else None, why=why,
        playbook=current(), by=operator(by), at=now(),
    )  # fmt: skip
    document = {
        "subject": decision.subject,
        "verdict": decision.verdict,
        "until_on": decision.until_on.isoformat() if decision.until_on else None,
    }
    until_text = f" until {decision.until_on}" if decision.until_on else ""
    return Reply(
        document, [f"{decision.get_verdict_display()}{until_text}. Nothing is deleted by it."]
    )


def _number(reference: str) -> int:
    """Return the number of an engagement, or of a deal that was lost before it had one."""
    try:
        return find_engagement(reference).number
    except NoSuchEngagement:
        return find_deal(reference).pk


def _check_list(number: int) -> CheckList:
    playbook = current()
    on = day_in_zone(now(), playbook.organisation.zone)
    if (found := check_list_of(number, on=on, playbook=playbook)) is None:
        raise NoSuchOffboarding(
            f"Nothing of {number} is being taken down.",
            remedy="Decide that it ends: `throughline renewals end`.",
        )
    return found


def _answer(number: int) -> Reply:
    found = _check_list(number)
    lines = [
        f"[{'x' if line.is_done else ' '}] {line.code.value:<8} {line.label}: {line.how}"
        for line in found.lines
    ]
    document, said = check_list_shape(found), [found.deal.name, *lines]
    numbers = next(line for line in found.lines if line.code == StepCode.NUMBERS)
    on = day_in_zone(now(), current().organisation.zone)
    final = None if numbers.is_done else final_numbers(found.deal, playbook=current(), on=on)
    if final is not None:
        cost = "unknown" if final.cost is None else f"{shown(final.cost)} {final.currency}"
        users = "unknown" if final.users is None else final.users
        said.append(
            f"Billing knows of {final.month}: cost {cost}, active users {users}. Confirm it."
        )
        document["from_billing"] = {
            "month": final.month, "cost": shown(final.cost), "users": final.users,
        }  # fmt: skip
    return Reply(document, said)


@click.command("offboarding")
@click.argument("reference", metavar="E")
@replies
def offboarding(reference: str) -> Reply:
    """Show the check list by which what an engagement ran is taken down."""
    return _answer(_number(reference))


@click.command("done")
@click.argument("reference", metavar="E")
@click.argument("code", type=click.Choice(StepCode.values))
@click.option("--note", default="", metavar="TEXT", help="How it was settled.")
@click.option("--until", default="", metavar="DATE", help="Of what is kept: the last day.")
@click.option("--cost", default="", help="Of the numbers: the final cloud cost.")
@click.option("--users", type=int, help="Of the numbers: the last month's active users.")
@by_option
@replies
def done(
    reference: str, code: str, note: str, until: str, cost: str, users: int | None, by: str | None
) -> Reply:
    """Say that a line of the check list is done, and how."""
    number = _number(reference)
    said = Said(note, day(until, what="--until") if until else None, parse_amount(cost), users)
    finish_step(number, code, said, playbook=current(), by=operator(by), at=now())
    return _answer(number)


@click.command("ask-data")
@click.argument("reference", metavar="E")
@click.option("--of", default="", metavar="ADDRESS", help="Whom; the first who can be asked.")
@by_option
@replies
def ask_data(reference: str, of: str, by: str | None) -> Reply:
    """Ask the community by mail, with a signed link, whether its data are safe."""
    number = _number(reference)
    question = ask_about_data(number, of=of, playbook=current(), by=operator(by), at=now())
    reply = _answer(number)
    return Reply(reply.document, [f"The letter to {question.name} is in the outbox.", *reply.lines])
