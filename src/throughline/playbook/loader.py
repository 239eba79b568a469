"""Reads a playbook: text to values, refused with the line where something is wrong."""

from collections.abc import Collection, Mapping
from functools import cache
from hashlib import sha256
from importlib import resources
from pathlib import Path

from throughline.playbook.checks import check
from throughline.playbook.model import Playbook, Requirement, Stage, Template
from throughline.playbook.shape import read
from throughline.playbook.source import PlaybookError, read_toml
from throughline.playbook.words import WORDED_ANYWAY
from throughline.playbook.written import Written, WrittenStage

__all__ = ["PlaybookError", "load", "parse", "shipped", "shipped_text"]

SHIPPED = "shipped.toml"


def load(
    path: Path,
    *,
    known_conditions: Collection[str] | None = None,
    known_evidence: Collection[str] | None = None,
) -> Playbook:
    """Return the playbook that a file holds.

    Raises:
        PlaybookError: it cannot be read, or something in it is wrong; the message names the line.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise PlaybookError(
            f"{path} cannot be read: {error.strerror}.", line=0, remedy="Check the path."
        ) from error
    return _from_bytes(content, path.name, known_conditions, known_evidence)


def parse(
    text: str,
    *,
    name: str,
    known_conditions: Collection[str] | None = None,
    known_evidence: Collection[str] | None = None,
) -> Playbook:
    """Return the playbook that a text holds; `name` is what messages call it.

    Raises:
        PlaybookError: something in it is wrong; the message names the line.
    """
    return _from_bytes(text.encode(), name, known_conditions, known_evidence)


@cache
def shipped() -> Playbook:
    """Return the playbook that comes with Throughline: 2i2c's."""
    return _from_bytes(shipped_text().encode(), SHIPPED, None, None)


def shipped_text() -> str:
    """Return the text of the playbook that comes with Throughline, for a copy of it."""
    return (resources.files("throughline.playbook") / SHIPPED).read_bytes().decode()


def _from_bytes(
    content: bytes,
    name: str,
    known_conditions: Collection[str] | None,
    known_evidence: Collection[str] | None,
) -> Playbook:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise PlaybookError(
            f"{name}, line {line}: this is not UTF-8.", line=line, remedy="Save it as UTF-8."
        ) from error
    said, source = read_toml(text, name=name)
    written: Written = read(Written, said, at=(), source=source)
    check(written, source, known_conditions=known_conditions, known_evidence=known_evidence)
    return _assembled(written, sha256(content).hexdigest())


def _assembled(written: Written, digest: str) -> Playbook:
    """Put together what the file keeps apart so that each thing is said once."""
    waivers = dict(written.waivers)
    lent = tuple(sorted(WORDED_ANYWAY - {mail.code for mail in written.mails}))
    return Playbook(
        name=written.name,
        version=written.version,
        sha256=digest,
        organisation=written.organisation,
        addresses=written.addresses,
        stages=tuple(_stage(stage, waivers) for stage in written.stages),
        waivers=written.waivers,
        tiers=written.tiers,
        revenue_types=written.revenue_types,
        engagement_roles=written.people.engagement_roles,
        team_roles=written.people.team_roles,
        signoff_roles=written.people.signoff_roles,
        context_questions=written.community.context_questions,
        community_record=written.community.record,
        reserved_ids=written.community.reserved_ids,
        capacity=written.capacity,
        periods=written.periods,
        usage_fee=written.billing.usage_fee,
        price_accounts=written.billing.accounts,
        cloud_account=written.billing.cloud_account,
        usage_account=written.billing.usage_account,
        flag_change_pct=written.billing.flag_change_pct,
        cost_accounts=written.billing.cost_accounts,
        invoice_file=written.billing.invoice_file,
        templates=_templates(written),
        ladder=tuple(sorted(written.renewal.ladder, key=lambda step: -step.days)),
        mails=written.mails + tuple(shipped().mail(code) for code in lent),
        lent_mails=lent,
        ledger=written.handoff.ledger,
        approval=written.handoff.approval,
        limits=written.handoff.limits,
        follows=written.handoff.follows,
        hubspot_owned=written.hubspot.owned,
        legal=written.legal,
        verification=written.verification,
        budgets=written.budgets,
        offboarding=written.offboarding,
        notifications=written.notifications,
        projects=written.projects,
    )


def _templates(written: Written) -> tuple[Template, ...]:
    """Return the templates with their projects and services, which the file names by their codes."""
    projects = {project.code: project for project in written.projects}
    services = {service.code: service for service in written.services}
    return tuple(
        Template(
            code=template.code,
            name=template.name,
            projects=tuple(projects[code] for code in template.projects),
            services=tuple(services[code] for code in template.services),
        )
        for template in written.templates
    )


def _stage(written: WrittenStage, waivers: Mapping[str, tuple[str, ...]]) -> Stage:
    return Stage(
        code=written.code,
        name=written.name,
        owner=written.owner,
        kind=written.kind,
        probability=written.probability,
        conditions=tuple(
            Requirement(
                code=code,
                required=code not in written.advisory,
                waivable=code in waivers,
                entitled=waivers.get(code, ()),
            )
            for code in written.conditions + written.advisory
        ),
    )
