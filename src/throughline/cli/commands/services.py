"""`throughline service …`: ongoing work, and whether it was given each month."""

import re
from datetime import date

import click

from throughline.cli.reply import Reply, by_option, now, operator, replies
from throughline.delivery.actions.months import check_service
from throughline.delivery.meeting_shapes import service_shape
from throughline.delivery.queries import find_engagement, services_of
from throughline.kernel.days import day_in_zone
from throughline.kernel.errors import Refused
from throughline.playbook.current import current

MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


@click.group()
def service() -> None:
    """Look at services, and say month by month whether they were given."""


@service.command("list")
@click.argument("reference", metavar="E")
@replies
def list_services(reference: str) -> Reply:
    """List an engagement's services, with what was said of their months."""
    shapes = [service_shape(one) for one in services_of(find_engagement(reference))]
    lines = []
    for one in shapes:
        lines.append(f"{one['service']:>6}  {one['rhythm']:<9}  {one['title']}")
        for said in one["months"]:
            note = f", because {said['note']}" if said["note"] else ""
            lines.append(f"        {said['month']}  {'given' if said['given'] else 'not'}{note}")
    return Reply(shapes, lines or ["It has no services. Apply the handoff."])


@service.command("check")
@click.argument("reference", metavar="E")
@click.argument("code", metavar="SERVICE")
@click.argument("month", metavar="MONTH")
@click.option("--given/--not-given", "is_given", required=True, help="Whether it was given.")
@click.option("--note", default="", metavar="TEXT", help="Why not, or what is worth knowing.")
@by_option
@replies
def check(
    reference: str, code: str, month: str, is_given: bool, note: str, by: str | None
) -> Reply:
    """Say whether a service was given in MONTH (YYYY-MM); what was said before is replaced."""
    found = services_of(find_engagement(reference))
    named = next((one for one in found if code in {one.code, str(one.pk)}), None)
    if named is None:
        known = ", ".join(one.code for one in found) or "none; apply the handoff first"
        raise Refused(f"There is no service {code!r}.", remedy=f"It has: {known}.")
    at = now()
    check_service(
        named.pk, _month(month), is_given=is_given, note=note,
        on=day_in_zone(at, current().organisation.zone), by=operator(by), at=at,
    )  # fmt: skip
    shape = service_shape(services_of(named.engagement).get(pk=named.pk))
    return Reply(shape, [f"{named.title}, {month}: {'given' if is_given else 'not given'}."])


def _month(text: str) -> date:
    if not MONTH.fullmatch(text):
        raise Refused(f"{text!r} is no month.", remedy="Write it as YYYY-MM.")
    return date.fromisoformat(f"{text}-01")
