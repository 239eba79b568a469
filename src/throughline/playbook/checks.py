"""What must hold between the parts of a playbook, beyond each being well-formed."""

import re
from collections.abc import Callable, Collection, Hashable, Iterable
from fnmatch import fnmatchcase
from typing import get_args
from zoneinfo import ZoneInfo, available_timezones

from throughline.playbook.budget_checks import check_budgets
from throughline.playbook.capacity_checks import check_capacity
from throughline.playbook.lines import Path
from throughline.playbook.mail_checks import check_mails, check_notifications
from throughline.playbook.price_checks import check_price_accounts
from throughline.playbook.project_checks import check_projects
from throughline.playbook.registry import did_you_mean
from throughline.playbook.source import Source
from throughline.playbook.words import (
    COMMUNITY_FIELDS,
    GENERIC_TEMPLATE,
    NEVER_WAIVED,
    PROJECT_TEMPLATE,
    RENEWAL_DELIVERABLE,
    Outside,
    System,
    alike,
)
from throughline.playbook.written import Written

_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_CURRENCY = re.compile(r"[A-Z]{3}")


def check(
    written: Written,
    source: Source,
    *,
    known_conditions: Collection[str] | None,
    known_evidence: Collection[str] | None,
) -> None:
    """Refuse a playbook whose parts contradict each other. None as known codes: any will do.

    Raises:
        PlaybookError: the first contradiction.
    """
    for one in _CHECKS:
        one(written, source)
    if known_conditions is not None:
        _check_conditions(written, source, known_conditions)
    if known_evidence is not None:
        _check_evidence(written, source, known_evidence)


def _check_organisation(written: Written, source: Source) -> None:
    zone, currency = written.organisation.zone, written.organisation.currency
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        near = did_you_mean(zone, available_timezones())
        source.refuse(
            ("organisation", "zone"),
            f"there is no time zone {zone!r}.",
            remedy=near if near.startswith("Did") else "Use an IANA name such as 'UTC'.",
        )
    if not _CURRENCY.fullmatch(currency):
        source.refuse(
            ("organisation", "currency"),
            f"{currency!r} is not a currency.",
            remedy="Use three capital letters, such as 'USD'.",
        )
    addresses = written.addresses
    for key in ("renewals", "support", "sponsor"):
        address = getattr(addresses, key)
        if address and not _ADDRESS.fullmatch(address):
            source.refuse(
                ("addresses", key),
                f"{address!r} is not a mail address.",
                remedy="Write it as name@example.org.",
            )


def _check_twice(written: Written, source: Source) -> None:
    """Refuse a code that stands twice in its list."""
    lists: dict[Path, Iterable[Hashable]] = {
        ("stages",): [stage.code for stage in written.stages],
        ("tiers",): [tier.code for tier in written.tiers],
        ("projects",): [project.code for project in written.projects],
        ("services",): [service.code for service in written.services],
        ("templates",): [template.code for template in written.templates],
        ("mails",): [mail.code for mail in written.mails],
        ("people", "engagement_roles"): [role.code for role in written.people.engagement_roles],
        ("people", "team_roles"): [role.code for role in written.people.team_roles],
        ("people", "signoff_roles"): [role.code for role in written.people.signoff_roles],
        ("community", "record"): written.community.record,
        ("community", "reserved_ids"): written.community.reserved_ids,
        ("community", "context_questions"): [
            question.code for question in written.community.context_questions
        ],
        ("renewal", "ladder"): [step.code for step in written.renewal.ladder],
        ("hubspot", "owned"): written.hubspot.owned,
        ("handoff", "ledger"): [rule.field for rule in written.handoff.ledger],
    }
    for path, codes in lists.items():
        _refuse_twice(codes, path, source)


def _refuse_twice(codes: Iterable[Hashable], path: Path, source: Source) -> None:
    seen: set[Hashable] = set()
    for index, code in enumerate(codes):
        if code in seen:
            source.refuse(
                (*path, index),
                f"{code!r} stands twice in {'.'.join(part for part in path if isinstance(part, str))!r}.",
                remedy="Keep one, or give this one another code.",
            )
        seen.add(code)


def _check_stages(written: Written, source: Source) -> None:
    names: dict[str, str] = {}
    for index, stage in enumerate(written.stages):
        for name in {alike(stage.code), alike(stage.name)}:
            if names.setdefault(name, stage.code) != stage.code:
                source.refuse(
                    ("stages", index, "name"),
                    f"stage {stage.code!r} can be mistaken for stage {names[name]!r}.",
                    remedy="Give it another name.",
                )
        _refuse_twice(stage.conditions + stage.advisory, ("stages", index, "conditions"), source)
        if stage.probability is not None and stage.probability > 1:
            source.refuse(
                ("stages", index, "probability"),
                f"stage {stage.code!r} is won with a probability of {stage.probability}.",
                remedy="Write a number from 0 to 1, such as 0.4 for 40 %.",
            )
    for kind in ("open", "won", "lost"):
        if kind not in {stage.kind for stage in written.stages}:
            source.refuse(
                ("stages",),
                f"no stage is of the kind {kind!r}.",
                remedy="A deal needs a stage to begin in, one to be won in and one to be lost in.",
            )


def _check_waivers(written: Written, source: Source) -> None:
    asked = {code for stage in written.stages for code in stage.conditions + stage.advisory}
    for code, entitled in written.waivers:
        at = ("waivers", code)
        if code in NEVER_WAIVED:
            source.refuse(
                at, f"the condition {code!r} cannot be waived.", remedy="Take this line out."
            )
        if code not in asked:
            source.refuse(
                at,
                f"a waiver names the condition {code!r}, which no stage asks for.",
                remedy=did_you_mean(code, asked),
            )
        if not entitled:
            source.refuse(
                at,
                f"nobody is entitled to waive {code!r}.",
                remedy='Name somebody, such as ["LEAD"], or take this line out.',
            )


def _check_references(written: Written, source: Source) -> None:
    templates = {template.code for template in written.templates}
    projects = {project.code for project in written.projects}
    services = {service.code for service in written.services}
    tiers = {tier.code for tier in written.tiers}
    for index, tier in enumerate(written.tiers):
        at: Path = ("tiers", index, "template")
        _refuse_unknown(tier.template, templates, at, source, f"tier {tier.code!r}", "template")
    for revenue_type, tier_code in written.revenue_types:
        at = ("revenue_types", revenue_type)
        _refuse_unknown(tier_code, tiers, at, source, f"revenue type {revenue_type!r}", "tier")
    for index, template in enumerate(written.templates):
        who = f"template {template.code!r}"
        for place, code in enumerate(template.projects):
            at = ("templates", index, "projects", place)
            _refuse_unknown(code, projects, at, source, who, "project")
        for place, code in enumerate(template.services):
            at = ("templates", index, "services", place)
            _refuse_unknown(code, services, at, source, who, "service")


def _refuse_unknown(
    code: str, known: Collection[str], at: Path, source: Source, who: str, what: str
) -> None:
    if code not in known:
        source.refuse(
            at,
            f"{who} names the {what} {code!r}, which nobody knows.",
            remedy=did_you_mean(code, known),
        )


def _check_templates(written: Written, source: Source) -> None:
    promises: dict[str, set[str]] = {}
    for index, project in enumerate(written.projects):
        codes = [deliverable.code for deliverable in project.deliverables]
        _refuse_twice(codes, ("projects", index, "deliverables"), source)
        promises[project.code] = set(codes)
    for index, template in enumerate(written.templates):
        if not any(RENEWAL_DELIVERABLE in promises[code] for code in template.projects):
            source.refuse(
                ("templates", index, "projects"),
                f"template {template.code!r} never asks for {RENEWAL_DELIVERABLE!r}.",
                remedy=f"Add a project that has the deliverable {RENEWAL_DELIVERABLE!r}.",
            )
    for needed in (GENERIC_TEMPLATE, PROJECT_TEMPLATE):
        if needed not in {template.code for template in written.templates}:
            source.refuse(
                ("templates",),
                f"there is no template {needed!r}.",
                remedy="Add it: deals without a tier are delivered by it.",
            )


def _check_figures(written: Written, source: Source) -> None:
    capacity = written.capacity
    if not 0 < capacity.billable_hours_per_year <= capacity.working_hours_per_year:
        source.refuse(
            ("capacity", "billable_hours_per_year"),
            f"{capacity.billable_hours_per_year} of {capacity.working_hours_per_year} hours"
            " cannot be billable.",
            remedy="Write more than 0, and no more than the working hours.",
        )
    bands = written.billing.usage_fee
    bounds = [band.up_to for band in bands]
    for index, bound in enumerate(bounds):
        before = bounds[index - 1] if index else 0
        is_last = index == len(bounds) - 1
        rises = bound is None if is_last else bound is not None and bound > (before or 0)
        if not rises:
            source.refuse(
                ("billing", "usage_fee", index),
                "the bands of the usage fee must rise, and only the last is without 'up_to'.",
                remedy="Order them by 'up_to', and end with a band such as { price = 0.00 }.",
            )


def _check_offboarding(written: Written, source: Source) -> None:
    if (often := written.offboarding.reminders) < 0:
        source.refuse(
            ("offboarding", "reminders"), f"{often} reminders are none.", remedy="Write 0 or more."
        )
    for key in ("keep_days", "decommission_days", "link_days", "remind_after_days"):
        if (days := getattr(written.offboarding, key)) < 1:
            source.refuse(("offboarding", key), f"{days} days are none.", remedy="Write 1 or more.")


def _check_ladder(written: Written, source: Source) -> None:
    ladder = written.renewal.ladder
    _refuse_twice([step.days for step in ladder], ("renewal", "ladder"), source)
    codes = {mail.code for mail in written.mails}
    for index, step in enumerate(ladder):
        at: Path = ("renewal", "ladder", index)
        if not step.days:
            source.refuse(
                (*at, "days"),
                f"step {step.code!r} is 0 days before the end.",
                remedy="Write 1 or more: from the end on, an engagement counts as lapsed.",
            )
        if step.kind == "mail" and not (step.to and step.mail):
            source.refuse(
                at,
                f"step {step.code!r} is a mail, and lacks 'to' or 'mail'.",
                remedy='Say to whom, and which text: to = "renewals", mail = "expiring".',
            )
        if step.mail:
            who = f"step {step.code!r}"
            _refuse_unknown(step.mail, codes, (*at, "mail"), source, who, "mail")


def _check_ledger(written: Written, source: Source) -> None:
    for index, rule in enumerate(written.handoff.ledger):
        if (rule.disposition == "sent") != bool(rule.to):
            source.refuse(
                ("handoff", "ledger", index),
                f"the field {rule.field!r} is {rule.disposition.replace('_', ' ')}"
                f"{', and nobody says to where' if not rule.to else f', and goes to {rule.to}'}.",
                remedy="Only what is sent has a 'to', and it must have one.",
            )


def _check_limits(written: Written, source: Source) -> None:
    for index, limit in enumerate(written.handoff.limits):
        if limit.calls < 1 or limit.seconds < 1:
            source.refuse(
                ("handoff", "limits", index),
                f"{limit.calls} calls in {limit.seconds} seconds would never let anything through.",
                remedy="Write at least one call, and at least one second.",
            )


def _check_follows(written: Written, source: Source) -> None:
    systems = sorted({*get_args(System), *get_args(Outside)} - {""})
    for index, kind in enumerate(written.handoff.follows):
        at: Path = ("handoff", "follows", index)
        _refuse_unknown(kind.partition(".")[0], systems, at, source, "follows", "system")


def _check_community(written: Written, source: Source) -> None:
    for index, name in enumerate(written.community.record):
        at: Path = ("community", "record", index)
        _refuse_unknown(name, COMMUNITY_FIELDS, at, source, "the community record", "field")
    for index, word in enumerate(written.community.reserved_ids):
        if word != word.lower():
            source.refuse(
                ("community", "reserved_ids", index),
                f"{word!r} has capitals, and ids have none.",
                remedy=f"Write {word.lower()!r}.",
            )


def _check_owned(written: Written, source: Source) -> None:
    rules = [rule.field for rule in written.handoff.ledger]
    for index, name in enumerate(written.hubspot.owned):
        if not any(fnmatchcase(name, rule) for rule in rules):
            at: Path = ("hubspot", "owned", index)
            _refuse_unknown(name, rules, at, source, "HubSpot", "field")


def _check_conditions(written: Written, source: Source, known: Collection[str]) -> None:
    for index, stage in enumerate(written.stages):
        for key in ("conditions", "advisory"):
            for place, code in enumerate(getattr(stage, key)):
                at: Path = ("stages", index, key, place)
                _refuse_unknown(code, known, at, source, f"stage {stage.code!r}", "condition")


def _check_evidence(written: Written, source: Source, known: Collection[str]) -> None:
    for index, project in enumerate(written.projects):
        for number, deliverable in enumerate(project.deliverables):
            for place, code in enumerate(deliverable.evidence):
                at: Path = ("projects", index, "deliverables", number, "evidence", place)
                who = f"deliverable {deliverable.code!r}"
                _refuse_unknown(code, known, at, source, who, "evidence")


_CHECKS: tuple[Callable[[Written, Source], None], ...] = (
    _check_organisation,
    _check_twice,
    _check_stages,
    _check_waivers,
    _check_references,
    _check_templates,
    _check_figures,
    check_capacity,
    check_price_accounts,
    check_budgets,
    check_projects,
    _check_offboarding,
    _check_ladder,
    check_mails,
    check_notifications,
    _check_ledger,
    _check_limits,
    _check_follows,
    _check_community,
    _check_owned,
)
