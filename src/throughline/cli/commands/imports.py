"""`throughline import …`: taking files in."""

from pathlib import Path
from typing import Any

import click

from throughline.cli.commands.import_alerts import alert
from throughline.cli.commands.import_costs import costs, mau
from throughline.cli.reply import DONE, FAILED, Reply, by_option, now, operator, replies, watched
from throughline.intake.actions import (
    DealsTakenIn,
    import_deals,
    import_infrastructure,
    import_statement,
)
from throughline.intake.activity_file import import_activity
from throughline.intake.alerts.reading import read_alerts
from throughline.intake.mail_in import MailTakenIn, import_mail
from throughline.intake.people_file import import_people
from throughline.kernel.days import parse_day
from throughline.kernel.errors import Refused
from throughline.playbook.current import current
from throughline.sales.queries import find_deal

FILE = click.Path(path_type=Path)
ALERT = "alert"  # what a mail is that tells of costs


@click.group("import")
def import_group() -> None:
    """Take in what other systems and files say. Importing twice changes nothing."""


@import_group.command("deals")
@click.argument("file", type=FILE)
@by_option
@replies
def deals(file: Path, by: str | None) -> Reply:
    """Take in HubSpot's export of deals (CSV). Won deals get their engagement."""
    taken = import_deals(
        file,
        playbook=current(),
        by=operator(by),
        at=now(),
        watch=lambda rows: watched(rows, what="deals", total=len(rows)),
    )
    summary = (
        f"{taken.created} created, {taken.updated} updated, {taken.unchanged} unchanged,"
        f" {len(taken.rejected)} rejected."
    )
    return Reply(
        _deals_document(taken),
        [
            summary,
            *(f"line {row}: {reason}" for row, reason in taken.rejected),
        ],
        [f"{one.code}: {one.message}" for one in taken.warnings],
        FAILED if taken.rejected else DONE,
    )


def _deals_document(taken: DealsTakenIn) -> dict[str, Any]:
    return {
        "created": taken.created,
        "updated": taken.updated,
        "unchanged": taken.unchanged,
        "rejected": [{"row": row, "reason": reason} for row, reason in taken.rejected],
        "warnings": [
            {"code": one.code, "deal": one.deal, "message": one.message} for one in taken.warnings
        ],
    }


@import_group.command("infrastructure")
@click.argument("folders", metavar="DIR...", type=FILE, nargs=-1, required=True)
@by_option
@replies
def infrastructure(folders: tuple[Path, ...], by: str | None) -> Reply:
    """Take in cluster files (NAME.yaml or NAME/cluster.yaml) and Terraform variables."""
    found, kept = import_infrastructure(folders, by=operator(by), at=now())
    document = found.as_json() | {
        "created": len(kept.created),
        "updated": len(kept.updated),
        "unchanged": len(kept.unchanged),
    }
    summary = (
        f"{len(kept.created)} clusters created, {len(kept.updated)} updated,"
        f" {len(kept.unchanged)} unchanged."
    )
    return Reply(
        document,
        [summary],
        [f"{one.code}: {one.file}: {one.message}" for one in found.warnings],
    )


@import_group.command("sow")
@click.argument("file", type=FILE)
@click.option("--deal", "reference", metavar="D", help="The deal that it belongs to.")
@by_option
@replies
def sow(file: Path, reference: str | None, by: str | None) -> Reply:
    """Take in a statement of work (MyST Markdown), for a deal or for none yet."""
    deal = find_deal(reference) if reference else None
    statement, is_new = import_statement(file, deal=deal, by=operator(by), at=now())
    content = statement.content
    total = content["total"]
    became = f"kept as version {statement.version}" if is_new else "unchanged"
    summary = (
        f"{statement.title}: {len(content['deliverables'])} deliverables,"
        f" {total['low_h']} to {total['high_h']} h ({became})."
    )
    lines = [
        summary,
        *(
            f"  {item['title']}: {item['low_h']} to {item['high_h']} h"
            for item in content["deliverables"]
        ),
    ]
    warnings = [f"{one['code']}: {one['message']}" for one in content["warnings"]]
    return Reply(content, lines, warnings)


@import_group.command("people")
@click.argument("file", type=FILE)
@by_option
@replies
def people(file: Path, by: str | None) -> Reply:
    """Take in our own team (CSV: name,roles,weekly_hours,billable_share,from,to,country)."""
    taken = import_people(file, playbook=current(), by=operator(by), at=now())
    summary = (
        f"{taken.created} created, {taken.updated} updated, {taken.unchanged} unchanged,"
        f" {len(taken.rejected)} rejected."
    )
    return Reply(
        taken.as_json(),
        [summary, *(f"line {row}: {reason}" for row, reason in taken.rejected)],
        exit_code=FAILED if taken.rejected else DONE,
    )


@import_group.command("activity")
@click.argument("file", type=FILE)
@click.option("--from", "from_on", default="", metavar="DATE", help="First day it tells of.")
@click.option("--to", "to_on", default="", metavar="DATE", help="Last day it tells of.")
@by_option
@replies
def activity(file: Path, from_on: str, to_on: str, by: str | None) -> Reply:
    """Take in who used hubs (CSV: hub,user,date), where no Prometheus knows.

    Names become fingerprints, and are kept nowhere. Without --from and --to the file tells of all
    days from its first to its last one.
    """
    taken = import_activity(
        file, from_on=parse_day(from_on), to_on=parse_day(to_on), playbook=current(),
        by=operator(by), at=now(),
    )  # fmt: skip
    told = ", ".join(taken.hubs) or "no hub"
    return Reply(
        taken.as_json(),
        [
            f"{taken.new} new days of people on {told}, {len(taken.rejected)} rows rejected.",
            *(f"line {row}: {reason}" for row, reason in taken.rejected),
        ],
        exit_code=FAILED if taken.rejected else DONE,
    )


import_group.add_command(alert)
import_group.add_command(costs)
import_group.add_command(mau)


@import_group.command("mail")
@click.argument("files", metavar="FILE...", type=FILE, nargs=-1, required=True)
@by_option
@replies
def mail(files: tuple[Path, ...], by: str | None) -> Reply:
    """Take in mails that came in (.eml): bounces, replies, automatic answers, alerts about costs."""
    lines, document, refused = [], [], []
    for file in files:
        try:
            taken = import_mail(file, playbook=current(), by=operator(by), at=now())
        except Refused as error:
            refused.append(str(error))
            continue
        lines.append(f"{file.name}: {_said(taken)} ({'new' if taken.is_new else 'known already'})")
        document.append({"file": file.name} | _mail_shape(taken))
    if any(one["kind"] == ALERT for one in document):
        read_alerts(playbook=current(), at=now())
    return Reply(
        {"mails": document, "refused": refused}, lines, (), FAILED if refused else DONE, refused
    )


def _said(taken: MailTakenIn) -> str:
    echo = taken.echo
    if echo is None:
        return "an alert about costs, see `throughline alert list`"
    to = echo.message.subject if echo.message else "no mail that is known here"
    return f"{echo.get_kind_display()}, {echo.address}, to: {to}"


def _mail_shape(taken: MailTakenIn) -> dict[str, Any]:
    echo = taken.echo
    return {
        "kind": echo.kind if echo else ALERT,
        "address": echo.address if echo else None,
        "code": (echo.code or None) if echo else None,
        "mail": echo.message_id if echo else None,
        "new": taken.is_new,
    }
