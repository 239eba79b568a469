"""`throughline renewals renew|extend|amend|end|…`: what becomes of an engagement at its end."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import click

from throughline.cli.reply import Reply, by_option, day, now, operator, replies
from throughline.delivery.models import Engagement
from throughline.delivery.queries import engagements, find_engagement
from throughline.intake.cluster_texts import texts_in
from throughline.kernel.days import day_in_zone
from throughline.kernel.errors import Refused
from throughline.kernel.money import parse_amount
from throughline.playbook.current import current
from throughline.renewals.actions_courses import (
    Renewal,
    amend_engagement,
    end_engagement,
    extend_engagement,
    renew_engagement,
    withdraw_course,
)
from throughline.renewals.courses import following_of
from throughline.renewals.ending_shapes import course_shape, patch_shape
from throughline.renewals.models import Course
from throughline.renewals.pack import Pack, pack_of, pack_pdf, pack_shape
from throughline.renewals.repoint import patch_for

why_option = click.option("--why", default="", metavar="TEXT", help="The reason, in a sentence.")


def _day(text: str, *, what: str) -> date | None:
    return day(text, what=what) if text else None


def answer(course: Course) -> Reply:
    """Return what was decided as a reply."""
    engagement = engagements().select_related("successor").get(pk=course.engagement_id)
    following = following_of(engagement)
    shape = course_shape(course, following if course.successor_id else None)
    lines = [f"{engagement.deal.name}: {course.get_kind_display().lower()}."]
    if course.awaited and course.successor_id is None:
        lines.append(f"Make the deal “{course.awaited}” in HubSpot: it is linked when it arrives.")
    if course.successor_id and following is not None:
        lines.append(f"{following.deal}: {following.said}; {following.signed}.")
    if course.amendment is not None:
        lines.append(f"{course.amendment.title} counts once every party has signed it.")
    if course.hubs_that_end:
        lines.append(
            f"{', '.join(course.hubs_that_end)} ends: see `throughline renewals offboarding`."
        )
    return Reply(shape, lines)


@click.command("renew")
@click.argument("reference", metavar="E")
@click.option(
    "--deal", default="", metavar="D", help="The deal that renews it, where there is one."
)
@click.option("--name", default="", help="What the new deal is called.")
@click.option("--from", "start_on", default="", metavar="DATE", help="Its first day.")
@click.option("--until", "end_on", default="", metavar="DATE", help="Its last day.")
@click.option("--amount", default="", help="Left out: not known yet.")
@click.option(
    "--without", multiple=True, metavar="HUB", help="A hub (CLUSTER/HUB) that does not go on."
)
@why_option
@by_option
@replies
def renew(reference: str, by: str | None, **given: Any) -> Reply:
    """Renew an engagement by a deal of its own, which is linked as its successor.

    Where HubSpot is connected and has the deal, the new one is asked to be made there.
    """
    renewal = Renewal(
        deal=given["deal"],
        name=given["name"],
        start_on=_day(given["start_on"], what="--from"),
        end_on=_day(given["end_on"], what="--until"),
        amount=parse_amount(given["amount"]),
        hubs_that_end=tuple(given["without"]),
        why=given["why"],
    )
    number = find_engagement(reference).number
    return answer(renew_engagement(number, renewal, playbook=current(), by=operator(by), at=now()))


@click.command("extend")
@click.argument("reference", metavar="E")
@click.option("--until", "end_on", required=True, metavar="DATE", help="The new last day.")
@click.option("--title", default="", help="Of the amendment.")
@why_option
@by_option
@replies
def extend(reference: str, end_on: str, title: str, why: str, by: str | None) -> Reply:
    """Move the end of the same deal by an amendment; it counts once that is executed."""
    return answer(
        extend_engagement(
            find_engagement(reference).number, day(end_on, what="--until"), why=why, title=title,
            playbook=current(), by=operator(by), at=now(),
        )
    )  # fmt: skip


@click.command("amend")
@click.argument("reference", metavar="E")
@click.option("--from", "from_on", required=True, metavar="DATE", help="First day of the change.")
@click.option("--tier", default="", help="The tier from then on.")
@click.option("--scope", default="", metavar="TEXT", help="What changes, in words.")
@click.option("--until", "end_on", default="", metavar="DATE", help="A new last day.")
@click.option(
    "--value", default="", metavar="JSON", help="More, as `throughline agreement amend` takes it."
)
@why_option
@by_option
@replies
def amend(reference: str, by: str | None, **given: Any) -> Reply:
    """Change scope, price or tier of the same deal from a day on, by an amendment."""
    value = _value(given["value"])
    from_on = day(given["from_on"], what="--from")
    value |= {"effective_on": from_on.isoformat()}
    value |= {name: given[name] for name in ("tier", "scope") if given[name]}
    if (end_on := _day(given["end_on"], what="--until")) is not None:
        value["end_on"] = end_on.isoformat()
    number = find_engagement(reference).number
    return answer(
        amend_engagement(
            number, value, why=given["why"], playbook=current(), by=operator(by), at=now()
        )
    )


def _value(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text) if text else {}
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Refused("--value is no JSON object.", remedy='Write it as {"ceiling": "5000.00"}.')
    return found


@click.command("end")
@click.argument("reference", metavar="E")
@why_option
@by_option
@replies
def end(reference: str, why: str, by: str | None) -> Reply:
    """Decide that an engagement ends: its people are told, and its check list begins."""
    return answer(
        end_engagement(find_engagement(reference).number, why=why, by=operator(by), at=now())
    )


@click.command("take-back")
@click.argument("reference", metavar="E")
@why_option
@by_option
@replies
def take_back(reference: str, why: str, by: str | None) -> Reply:
    """Take back what was decided about an engagement's end."""
    number = find_engagement(reference).number
    return answer(withdraw_course(number, why=why, playbook=current(), by=operator(by), at=now()))


@click.command("pack")
@click.argument("reference", metavar="E")
@click.option("--on", default="", metavar="DATE", help="Today, where left out.")
@click.option("--pdf", type=click.Path(dir_okay=False, path_type=Path), help="Write it to a file.")
@replies
def pack(reference: str, on: str, pdf: Path | None) -> Reply:
    """Show the renewal pack of an engagement; what is not known is said, never shown as zero."""
    playbook = current()
    today = day(on, what="--on") if on else day_in_zone(now(), playbook.organisation.zone)
    number = find_engagement(reference).number
    found = pack_of(number, sees_money=True, playbook=playbook, on=today)
    if pdf is not None:
        _write(pdf, pack_pdf(found, playbook=playbook))
    return Reply(pack_shape(found), _pack_lines(found))


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise Refused(
            f"{path} cannot be written: {error.strerror}.", remedy="Check the path."
        ) from error


def _pack_lines(found: Pack) -> list[str]:
    width = max(len(one.title) for one in found.items)
    return [
        found.engagement.deal.name,
        *(f"  {one.title:<{width}}  {one.text}" for one in found.items),
        *(f"  {one.state}: {one.title}" for one in found.promises),
    ]


@click.command("patch")
@click.argument("reference", metavar="E")
@click.option(
    "--dir", "folder", type=click.Path(path_type=Path), help="Cluster files; else those imported."
)
@replies
def patch(reference: str, folder: Path | None) -> Reply:
    """Print the patch by which clusters name the deal that renews an engagement."""
    engagement: Engagement = find_engagement(reference)
    found = patch_for(engagement, None if folder is None else texts_in(folder))
    warnings = [f"{name}: its file is not here; import it first." for name in found.missing]
    lines = found.text.splitlines() or ["Every cluster names the successor already."]
    return Reply(patch_shape(found), lines, warnings)
