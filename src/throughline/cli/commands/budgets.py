"""`throughline budget …`: which accounts are watched, and how their agreements stand with them."""

import click

from throughline.budgets.accounts import AWS, places_of, support_address
from throughline.budgets.actions.arming import watch_by_hand
from throughline.budgets.listing import (
    BudgetLine,
    engagements_with_accounts,
    line_shape,
    lines_of,
)
from throughline.budgets.terraform import variables_for
from throughline.cli.reply import SOMETHING_TO_DO, Reply, by_option, day, now, operator, replies
from throughline.delivery.queries import find_engagement
from throughline.kernel.days import day_in_zone
from throughline.kernel.errors import Refused
from throughline.playbook.current import current


@click.group()
def budget() -> None:
    """Look at what clouds may cost, do cost, and who is told. E is an engagement."""


@budget.command("list")
@click.argument("reference", metavar="[E]", required=False)
@click.option("--on", metavar="DATE", help="The day it is looked at; today, where left out.")
@click.option("--violations", is_flag=True, help="Only accounts we pay for that nothing watches.")
@replies
def list_budgets(reference: str | None, on: str | None, *, violations: bool) -> Reply:
    """List each account of each agreement: ceiling, spent, runs out on, ends on, armed, who is told.

    Exit code 3 where an account that we pay for is watched by nothing.
    """
    playbook = current()
    today = day(on, what="--on") if on else day_in_zone(now(), playbook.organisation.zone)
    found = [find_engagement(reference)] if reference else engagements_with_accounts()
    lines = lines_of(found, on=today, playbook=playbook)
    shapes = [line_shape(one) for one in lines if one.is_violation or not violations]
    said = [_said(one) for one in lines if one.is_violation or not violations]
    is_open = any(one.is_violation for one in lines)
    return Reply(
        shapes,
        said or ["No engagement runs in any account. Import the cluster files."],
        exit_code=SOMETHING_TO_DO if is_open else 0,
    )


def _said(line: BudgetLine) -> str:
    burn, place = line.burn, line.burn.place
    armed = {True: "armed", False: "NOT ARMED", None: "nothing says whether it is armed"}
    spent = "spent unknown" if burn.pct is None else f"{burn.pct} % spent"
    out = f", runs out on {burn.runs_out_on}" if burn.runs_out_on else ""
    name = f"{place.engagement.pk:>6}  {place.provider} {place.name}"
    return f"{name}: {armed[line.is_armed]}; {spent}{out}, ends on {place.engagement.deal.end_on}"


@budget.command("watch")
@click.argument("reference", metavar="E")
@click.argument("account")
@by_option
@replies
def watch(reference: str, account: str, by: str | None) -> Reply:
    """Have Throughline watch an account that need not be watched: the community pays for it."""
    kept = watch_by_hand(
        find_engagement(reference), account, playbook=current(), by=operator(by), at=now()
    )
    document = {"engagement": kept.engagement_id, "account": account, "to": kept.to}
    return Reply(document, [f"{kept.account} is watched; {kept.to} is told."])


@budget.command("terraform")
@click.argument("reference", metavar="E")
@replies
def terraform(reference: str) -> Reply:
    """Print the Terraform variables that arm the budgets of an engagement's AWS accounts."""
    playbook, engagement = current(), find_engagement(reference)
    on = day_in_zone(now(), playbook.organisation.zone)
    to = support_address(engagement, playbook)
    if not to:
        raise Refused(
            "The community has no id, so no address.", remedy="Reserve its community_id first."
        )
    names = [
        cluster.name
        for place in places_of([engagement], on=on)
        if place.is_ours and place.provider == AWS
        for cluster in place.clusters
    ]
    variables = variables_for(to)
    return Reply(
        {"files": [{"file": f"{name}.tfvars", "variables": variables} for name in names]},
        [line for name in names for line in (f"# {name}.tfvars", variables)]
        or ["No AWS account that we pay for serves this engagement."],
    )
