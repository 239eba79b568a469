"""`throughline run-due` and `throughline rehearse`: what an instant, or a day, brings."""

import os
import socket
from typing import Any

import click

from throughline.cli.reply import Reply, day, now, replies
from throughline.intake.jobs import DayBrings, rehearse_day, run_instant
from throughline.kernel.days import day_in_zone, parse_instant
from throughline.playbook.current import current


@click.command("run-due")
@click.option("--at", default="", metavar="ISO", help="This instant, where left out.")
@replies
def run_due(at: str) -> Reply:
    """Do everything that is due by an instant: notices, mail, passes. Twice does nothing more."""
    instant = parse_instant(at) if at else now()
    holder = f"{socket.gethostname()}:{os.getpid()}"
    brought = run_instant(at=instant, playbook=current(), by="worker", holder=holder)
    return Reply(_document(brought), _lines(brought))


@click.command()
@click.option("--on", required=True, metavar="DATE")
@replies
def rehearse(on: str) -> Reply:
    """Say which mails, gates and alerts a day would bring. Changes nothing."""
    playbook = current()
    today = day_in_zone(now(), playbook.organisation.zone)
    brought = rehearse_day(on=day(on, what="--on"), today=today, playbook=playbook)
    return Reply(_document(brought), _lines(brought))


def _document(brought: DayBrings) -> dict[str, Any]:
    return {
        "mails": [
            {
                "to": ", ".join(mail.to),
                "subject": mail.subject,
                "engagement": mail.engagement,
                "step": mail.step,
            }
            for mail in brought.mails
        ],
        "passes": list(brought.passes),
        "gates": [
            {"deal": one.deal, "code": one.code, "message": one.message} for one in brought.gates
        ],
        "alerts": [
            {"engagement": one.engagement, "code": one.code, "message": one.message}
            for one in brought.alerts
        ],
    }


def _lines(brought: DayBrings) -> list[str]:
    lines = [f"mail to {', '.join(one.to)}: {one.subject}" for one in brought.mails]
    lines += [f"pass over engagement {number}" for number in brought.passes]
    lines += [f"gate of {one.deal}: {one.message}" for one in brought.gates]
    lines += [f"alert: {one.message}" for one in brought.alerts]
    return lines or ["Nothing is due."]
