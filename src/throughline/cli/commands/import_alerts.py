"""`throughline import alert FILE`: an alert that somebody was mailed."""

from pathlib import Path

import click

from throughline.budgets.listing import alert_shape
from throughline.budgets.models import Alert
from throughline.budgets.queries import alerts
from throughline.cli.reply import FAILED, Reply, by_option, now, operator, replies
from throughline.intake.alerts.doors import take_file
from throughline.intake.alerts.reading import read_alerts
from throughline.kernel.errors import Refused
from throughline.playbook.current import current


@click.command("alert")
@click.argument("file", type=click.Path(path_type=Path))
@by_option
@replies
def alert(file: Path, by: str | None) -> Reply:
    """Take in an alert about costs: a mail's file (.eml) or its text. It is kept whole."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise Refused(
            f"{file} cannot be read ({error.strerror}).", remedy="Check the path."
        ) from error
    kept, is_new = take_file(content, by=operator(by), at=now())
    read_alerts(playbook=current(), at=now())
    kept.refresh_from_db()
    numbers = Alert.objects.filter(crossings__received=kept).values("pk")
    found = list(alerts().filter(pk__in=numbers))
    document = {
        "new": is_new, "state": kept.state, "why": kept.why or None,
        "alerts": [alert_shape(one) for one in found],
    }  # fmt: skip
    if kept.state == "unreadable":
        said = "It is kept whole, and shown on the page of alerts."
        return Reply(document, refused=(f"{file.name}: {kept.why}", said), exit_code=FAILED)
    if not found:
        return Reply(document, ["The same was told before: nothing is new."])
    return Reply(document, [f"Alert {one.pk}: {one}." for one in found])
