"""What must hold of the figures that capacity starts from."""

from calendar import monthrange
from collections.abc import Collection, Iterator

from throughline.playbook.lines import Path
from throughline.playbook.registry import did_you_mean
from throughline.playbook.source import Source
from throughline.playbook.written import Written

LEAP_YEAR = 2024


def check_capacity(written: Written, source: Source) -> None:
    """Refuse figures that name nobody, or that no year and no estimate can have.

    Raises:
        PlaybookError: the first such figure.
    """
    _check_numbers(written, source)
    _check_closures(written, source)
    _check_usual_hours(written, source)
    roles = {role.code for role in written.people.team_roles}
    for at, role in _named_roles(written):
        _refuse_unknown(role, roles, at, source, "team role")
    tiers = {tier.code for tier in written.tiers}
    for index, load in enumerate(written.capacity.tier_load):
        _refuse_unknown(load.tier, tiers, ("capacity", "tier_load", index), source, "tier")


def _check_numbers(written: Written, source: Source) -> None:
    capacity = written.capacity
    for key in ("horizon_weeks", "samples", "unknown_term_days"):
        if not getattr(capacity, key):
            source.refuse(("capacity", key), f"{key!r} is 0.", remedy="Write 1 or more.")
    if capacity.refuse_above_pct > 100:  # noqa: PLR2004 -- per cent
        source.refuse(
            ("capacity", "refuse_above_pct"),
            f"'refuse_above_pct' is {capacity.refuse_above_pct}.",
            remedy="Write 0 to 100.",
        )
    if not capacity.roles_of_unnamed_work:
        source.refuse(
            ("capacity", "roles_of_unnamed_work"),
            "nobody does work that names no role.",
            remedy="Name at least one team role.",
        )


def _check_closures(written: Written, source: Source) -> None:
    for index, one in enumerate(written.capacity.closures):
        is_month = 1 <= one.month <= 12  # noqa: PLR2004 -- months
        # 29 February is no day of every year
        longest = monthrange(LEAP_YEAR + 1, one.month)[1] if is_month else 0
        if not (1 <= one.day <= longest and one.days):
            source.refuse(
                ("capacity", "closures", index),
                f"{one.days} days from day {one.day} of month {one.month} on come in no year.",
                remedy="Write { month = 12, day = 18, days = 14 }.",
            )


def _check_usual_hours(written: Written, source: Source) -> None:
    parts = {project.code for project in written.projects}
    parts |= {service.code for service in written.services}
    for index, one in enumerate(written.capacity.usual_hours):
        at: Path = ("capacity", "usual_hours", index)
        _refuse_unknown(one.part, parts, at, source, "project or service")
        if one.high_h < one.low_h:
            source.refuse(
                at,
                f"{one.part!r} takes {one.low_h} to {one.high_h} hours.",
                remedy="Write the lower hours as low_h.",
            )


def _named_roles(written: Written) -> Iterator[tuple[Path, str]]:
    capacity = written.capacity
    for place, role in enumerate(capacity.roles_of_unnamed_work):
        yield ("capacity", "roles_of_unnamed_work", place), role
    for key in ("support_duty", "hub_load", "tier_load"):
        for index, load in enumerate(getattr(capacity, key)):
            yield ("capacity", key, index), load.role
    for index, usual in enumerate(capacity.usual_hours):
        for role in usual.roles:
            yield ("capacity", "usual_hours", index), role


def _refuse_unknown(code: str, known: Collection[str], at: Path, source: Source, what: str) -> None:
    if code not in known:
        source.refuse(
            at,
            f"capacity names the {what} {code!r}, which nobody knows.",
            remedy=did_you_mean(code, known),
        )
