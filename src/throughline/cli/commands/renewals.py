"""`throughline renewals …` and `throughline reconcile …`."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from throughline.cli.commands import endings, outcomes
from throughline.cli.reply import DONE, SOMETHING_TO_DO, Reply, day, now, replies
from throughline.delivery.queries import engagements, find_engagement
from throughline.intake.changed_files import check_paths
from throughline.kernel.days import day_in_zone
from throughline.playbook.current import current
from throughline.renewals.arithmetic import reckoning
from throughline.renewals.queries import NoticeLine, Renewal
from throughline.renewals.queries import renewals as found_renewals
from throughline.renewals.reconcile import Finding, findings
from throughline.renewals.shapes import finding_shape, renewal_shape

on_option = click.option("--on", default="", metavar="DATE", help="Today, where left out.")


@click.group()
def renewals() -> None:
    """See where agreements stand towards their end, and decide what becomes of them."""


for command in (
    outcomes.renew,
    outcomes.extend,
    outcomes.amend,
    outcomes.end,
    outcomes.take_back,
    outcomes.pack,
    outcomes.patch,
    endings.running,
    endings.allow,
    endings.decide,
    endings.offboarding,
    endings.done,
    endings.ask_data,
):
    renewals.add_command(command)


@renewals.command("list")
@on_option
@replies
def list_renewals(on: str) -> Reply:
    """List engagements by end date, with every notice of their ladder."""
    playbook = current()
    today = day(on, what="--on") if on else day_in_zone(now(), playbook.organisation.zone)
    found = found_renewals(engagements(), on=today, playbook=playbook)
    lines = [line for one in found for line in _lines(one)] or ["No engagements."]
    return Reply([renewal_shape(one) for one in found], lines)


@renewals.command("show")
@click.argument("reference", metavar="E")
@on_option
@replies
def show(reference: str, on: str) -> Reply:
    """Show one engagement's ladder with its arithmetic: end, minus n, day, state, sent, to whom."""
    playbook, engagement = current(), find_engagement(reference)
    zone = playbook.organisation.zone
    today = day(on, what="--on") if on else day_in_zone(now(), zone)
    one = found_renewals(engagements().filter(pk=engagement.pk), on=today, playbook=playbook)[0]
    document = renewal_shape(one) | {"on": today, "zone": zone, "days_left": one.days_left}
    for shape, notice in zip(document["notices"], one.notices, strict=True):
        shape |= {
            "days_before": notice.days, "counted_on": notice.counted_on,
            "mail": notice.trouble or None, "reckoning": reckoning(notice, one.standing.deal.end_on),
        }  # fmt: skip
    head = f"{_lines(one)[0]}; days are those of {zone}, and begin at 00:00"
    return Reply(document, [head, *(_arithmetic(one, notice) for notice in one.notices)])


def _arithmetic(one: Renewal, notice: NoticeLine) -> str:
    reckoned = reckoning(notice, one.standing.deal.end_on)
    sent = f"{notice.sent_at:%Y-%m-%d %H:%M} UTC" if notice.sent_at else notice.trouble or "-"
    to = ", ".join(notice.to) or "nobody"
    return f"{notice.step:>10}  {reckoned:<48}  {notice.state.label:<32}  {sent:<20}  {to}"


def _lines(one: Renewal) -> list[str]:
    deal = one.standing.deal
    left = "" if one.days_left is None else f", {one.days_left} days"
    head = f"{deal.pk:>6}  {deal.end_on or 'no end date'}{left}  {one.state.label}  {deal.name}"
    return [
        head,
        *(f"          {notice.step:>9} due {notice.due_on}  {notice.state.label}"
          for notice in one.notices),
    ]  # fmt: skip


@click.group()
def reconcile() -> None:
    """Hold agreements against what runs."""


@reconcile.command("infrastructure")
@on_option
@click.option(
    "--changed", is_flag=True,
    help="Read these files instead, keep nothing, and find what their clusters would leave.",
)  # fmt: skip
@click.argument("files", metavar="[FILE]...", nargs=-1, type=click.Path(path_type=Path))
@replies
def infrastructure(on: str, *, changed: bool, files: tuple[Path, ...]) -> Reply:
    """Find hubs without agreement, agreements without hub, and payers that differ.

    With --changed FILE [FILE…], as a check of a pull request does: only the clusters of these
    files, as they would be once they were imported. Files about no cluster are passed over.
    """
    if files and not changed:
        raise click.UsageError("Name files after --changed.")
    playbook = current()
    today = day(on, what="--on") if on else day_in_zone(now(), playbook.organisation.zone)
    if not changed:
        found = findings(on=today, playbook=playbook)
        return _findings_reply(found, "Agreements and infrastructure agree.")
    checked = check_paths(files, on=today, playbook=playbook)
    agree = f"Nothing differs on {', '.join(checked.clusters) or 'any cluster'}."
    reply = _findings_reply(checked.findings, agree)
    return replace(
        reply,
        document={**reply.document, "clusters": checked.clusters},
        warnings=[f"{name}: about no cluster that is known" for name in checked.passed_over],
    )


def _findings_reply(found: Sequence[Finding], agree: str) -> Reply:
    lines = [
        line
        for one in found
        for line in (
            f"{one.code:<25} {one.cluster or '-':<22} {one.deal_id or '-':<14} {one.message}",
            f"{'':<25} {one.remedy}",
        )
    ]
    return Reply(
        {"findings": [finding_shape(one) for one in found]},
        lines or [agree],
        (),
        SOMETHING_TO_DO if found else DONE,
    )
