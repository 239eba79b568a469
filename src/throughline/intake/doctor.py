"""Looking at the installation itself: each check says what is wrong and what to do."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from throughline.billing.workbook import read_groups
from throughline.budgets.queries import last_words, unread_words, unreadable_words
from throughline.budgets.words import Source
from throughline.delivery.words import EvidenceKind
from throughline.handoff.deferring import is_carried_by_jobs
from throughline.handoff.jobs import due_passes
from throughline.handoff.outcomes.budgets import MAKE
from throughline.handoff.outside.aws_trouble import aws_accounts, trouble_with_aws
from throughline.handoff.outside.github_trouble import trouble_with_github
from throughline.handoff.outside.sheets_trouble import trouble_with_sheets
from throughline.handoff.queries import troubled_outcomes
from throughline.intake.hubspot.connecting import source_from_settings
from throughline.intake.hubspot.looking import findings
from throughline.intake.runner import last_seen
from throughline.journal.models import Entry
from throughline.kernel.errors import Refused
from throughline.mail.models import Message
from throughline.mail.queries import echoes_to_see
from throughline.mail.words import MessageState
from throughline.playbook.current import current
from throughline.playbook.registry import did_you_mean
from throughline.sales.gates.gate import known_conditions

LONGEST_SILENCE = timedelta(minutes=10)  # of a worker, before waiting work is a finding
AWS_LEFT_TO = {
    "off": "Throughline watches the costs that are imported",
    "terraform": "Terraform makes the budgets, and its imported files are checked",
}


@dataclass(frozen=True, slots=True)
class Check:
    """What one look found."""

    name: str
    is_well: bool
    message: str
    remedy: str = ""


def examine(*, at: datetime, outside: bool = True) -> list[Check]:
    """Return what every check finds; one that breaks is itself a finding.

    Without `outside` no other system is asked, so that the answer does not wait for any.
    """
    found = [_guarded(check.__name__, check) for check in CHECKS]
    found.append(_guarded("alerts", lambda: alerts(at)))
    found.append(_guarded("worker", lambda: worker(at)))
    if not outside:
        return found
    found += [_guarded(check.__name__, check) for check in OUTSIDE]
    return [*found, _guarded("hubspot", lambda: hubspot(at))]


def _guarded(name: str, check: Callable[[], Check]) -> Check:
    try:
        return check()
    except DatabaseError as error:
        message = f"The database does not answer: {' '.join(str(error).split())}"
        remedy = "Check DATABASE_URL, and that the server runs."
        return Check(name, is_well=False, message=message, remedy=remedy)
    except (Refused, OSError) as error:
        return Check(name, is_well=False, message=str(error), remedy="Mend this first.")


def home() -> Check:
    """Look whether the home folder can be written, and by whom its key can be read."""
    folder = Path(settings.HOME)
    key = folder / "secret-key"
    if key.exists() and key.stat().st_mode & 0o077:
        return Check(
            "home",
            is_well=False,
            message=f"{key} can be read by others.",
            remedy=f"chmod 600 {key}",
        )
    is_writable = os.access(folder, os.W_OK)
    return Check(
        "home", is_writable, f"{folder} is where everything is kept.",
        "" if is_writable else "Give this user the right to write there.",
    )  # fmt: skip


def database() -> Check:
    """Look whether the database answers and is up to date."""
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return Check(
        "database",
        not missing,
        f"{connection.vendor}, {len(missing)} migrations missing.",
        "Run `throughline migrate`." if missing else "",
    )


def journal() -> Check:
    """Look whether the database itself refuses to rewrite the journal, by trying."""
    newest = Entry.objects.order_by("-pk").values_list("pk", flat=True).first()
    empty = newest is None  # also tells whether the database answers at all
    table = Entry._meta.db_table
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                # One row is as good as all, and SQLite reads all it is asked for before it refuses.
                cursor.execute(f"UPDATE {table} SET act = act WHERE id = %s", [newest])  # noqa: S608 -- our own name
            transaction.set_rollback(True)
    except DatabaseError:
        return Check("journal", is_well=True, message="The journal cannot be rewritten.")
    return Check(
        "journal",
        empty,
        "The journal is empty." if empty else "The journal could be rewritten.",
        "" if empty else "Run `throughline migrate`: the trigger is missing.",
    )


def playbook() -> Check:
    """Look whether the playbook reads well and names only conditions and evidence that exist."""
    rules = current()
    named = [one.code for stage in rules.stages for one in stage.conditions]
    if unknown := [code for code in named if code not in known_conditions()]:
        remedy = did_you_mean(unknown[0], sorted(known_conditions()))
        return Check("playbook", is_well=False, message=f"Nobody knows {unknown}.", remedy=remedy)
    wanted = {
        kind
        for template in rules.templates
        for project in template.projects
        for part in project.deliverables
        for kind in part.evidence
    }
    if strange := sorted(wanted - set(EvidenceKind.values)):
        remedy = f"Use {', '.join(EvidenceKind.values)}."
        return Check("playbook", is_well=False, message=f"No evidence {strange}.", remedy=remedy)
    lent = f" In the shipped words: {', '.join(rules.lent_mails)}." if rules.lent_mails else ""
    return Check(
        "playbook",
        is_well=True,
        message=f"{rules.name} {rules.version}, {len(set(named))} conditions,"
        f" {rules.sha256[:12]}.{lent}",
    )


def mail() -> Check:
    """Look where mail goes, whether any got stuck, and what came back."""
    through = settings.MAIL_LEAVES_THROUGH
    stuck = Message.objects.filter(state__in=[MessageState.FAILED, MessageState.UNSURE]).count()
    tried = Message.objects.filter(state=MessageState.QUEUED, attempts__gt=0).count()
    back = echoes_to_see().count()
    hooks = settings.MAIL_PROVIDER and not settings.MAIL_HOOK_SECRET
    remedies = [
        "Look at the outbox: each says why." if stuck or tried else "",
        "See what came back on the outbox page." if back else "",
        "Try `throughline mail test ADDRESS`." if tried else "",
    ]
    return Check(
        "mail",
        not (stuck or tried),
        f"Mail {f'leaves through {through}' if through else 'stays in the outbox'}; {stuck} stuck,"
        f" {tried} tried and waiting, {back} came back and nobody has looked."
        + (" Bounces are not told: THROUGHLINE_MAIL_HOOK_SECRET is not set." if hooks else ""),
        " ".join(one for one in remedies if one),
    )


def handoffs() -> Check:
    """Look for outcomes that failed or whose answer was lost."""
    stuck = troubled_outcomes().count()
    return Check(
        "handoffs",
        not stuck,
        f"{stuck} outcomes failed or unknown.",
        "See `throughline handoff verify --all`: each says why." if stuck else "",
    )


def workbook() -> Check:
    """Look whether the workbook can be read."""
    try:
        groups = read_groups()
    except Exception as error:  # noqa: BLE001 -- openpyxl fails in many ways on a broken file
        return Check(
            "workbook",
            is_well=False,
            message=f"The workbook cannot be read: {type(error).__name__}.",
            remedy="Restore it from a backup, or move it away and apply the handoffs again.",
        )
    return Check("workbook", is_well=True, message=f"{len(groups)} groups of columns.")


def address() -> Check:
    """Look whether the installation is reached safely."""
    is_well = _is_local() or settings.BASE_URL.startswith("https://")
    return Check(
        "address", is_well, settings.BASE_URL,
        "" if is_well else "Serve it over https and set THROUGHLINE_BASE_URL to that.",
    )  # fmt: skip


def worker(at: datetime) -> Check:
    """Look who carries the passes, and whether work waits that nobody has come for."""
    carrier = "Procrastinate carries" if is_carried_by_jobs() else "The worker's loop carries"
    seen = last_seen()
    silence = (
        "no worker was seen yet" if seen is None else f"a worker was last seen {seen:%F %T} UTC"
    )
    waiting = len(due_passes(at=at - LONGEST_SILENCE))
    is_well = not waiting or (seen is not None and seen > at - LONGEST_SILENCE)
    return Check(
        "worker",
        is_well,
        f"{carrier} the passes; {silence}; {waiting} overdue.",
        "" if is_well else "Start `throughline worker`, or look why it stopped.",
    )


def hubspot(at: datetime) -> Check:
    """Look whether HubSpot can be read, where it is connected."""
    if not settings.HUBSPOT_CONNECTED:
        return Check("hubspot", is_well=True, message="HubSpot is not connected.")
    source = source_from_settings(current())
    with source.hubspot:
        found = findings(source, at=at)
    if not found:
        return Check("hubspot", is_well=True, message="HubSpot is read.")
    messages = " ".join(one.message for one in found)
    return Check(
        "hubspot", is_well=False, message=messages, remedy=" ".join(one.remedy for one in found)
    )


def aws() -> Check:
    """Look who makes budgets at AWS, and whether each account that we pay for lets us in."""
    if settings.AWS_BUDGETS != MAKE:
        said = AWS_LEFT_TO[settings.AWS_BUDGETS]
        return Check("aws", is_well=True, message=f"AWS is not asked: {said}.")
    accounts = aws_accounts()
    way = "an access key" if settings.AWS_KEY_ID else "what this machine is given"
    role = settings.AWS_ROLE
    whose = f"as the role {role} of each, by {way}" if role else f"by {way} alone, without a role"
    message = f"Budgets are made in {len(accounts)} accounts that we pay for, {whose}."
    trouble = trouble_with_aws(accounts)
    if trouble:
        message += f" Of these, {len(trouble)} or more do not let us in."
    return Check("aws", not trouble, message, " ".join(trouble))


def alerts(at: datetime) -> Check:
    """Look which clouds may tell of costs, when each did last, and whether it was read."""
    heard = last_words()
    doors = (
        (Source.SNS, bool(settings.SNS_TOPICS), "THROUGHLINE_SNS_TOPICS"),
        (Source.PUBSUB, bool(settings.ALERT_TOKEN), "THROUGHLINE_ALERT_TOKEN"),
        (Source.AZURE, bool(settings.ALERT_TOKEN), "THROUGHLINE_ALERT_TOKEN"),
    )
    said = [
        f"{one.label} {_heard(heard.get(one))}" if is_open else f"{one.label} is refused: {name} is not set"
        for one, is_open, name in doors
    ]  # fmt: skip
    is_open = any(one for _source, one, _name in doors)
    is_hidden = is_open and _is_local() and not settings.SNS_URL
    unread, odd = unread_words(before=at - LONGEST_SILENCE).count(), unreadable_words().count()
    remedies = (
        (is_hidden, "Clouds cannot call this machine: set THROUGHLINE_BASE_URL to its https address."),
        (unread, f"{unread} wait to be read, or to be confirmed at SNS: look at the worker's log."),
        (odd, f"{odd} cannot be read: see `throughline alert list`, and settle them."),
    )  # fmt: skip
    remedy = " ".join(text for is_so, text in remedies if is_so)
    return Check("alerts", not remedy, f"{'; '.join(said)}.", remedy)


def _heard(last: datetime | None) -> str:
    return "is taken, and nothing came yet" if last is None else f"came last on {last:%F %T} UTC"


def _is_local() -> bool:
    return settings.BASE_URL.startswith(("http://127.0.0.1", "http://localhost"))


def github() -> Check:
    """Look whether GitHub can be read, where it is connected."""
    if not settings.GITHUB_REPOSITORY:
        return Check("github", is_well=True, message="GitHub is not connected.")
    board = f", cards on board {settings.GITHUB_PROJECT}" if settings.GITHUB_PROJECT else ""
    remedy = trouble_with_github()
    return Check(
        "github", not remedy, f"Issues are made in {settings.GITHUB_REPOSITORY}{board}.", remedy
    )


def sheets() -> Check:
    """Look whether Google Sheets can be read, where it is the home of the billing columns."""
    if not settings.SHEETS_SPREADSHEET:
        return Check(
            "sheets",
            is_well=True,
            message="Not connected: the billing columns are in the workbook.",
        )
    remedy = trouble_with_sheets()
    message = f"The billing columns are in the spreadsheet {settings.SHEETS_SPREADSHEET}."
    return Check("sheets", not remedy, message, remedy)


CHECKS = (home, database, journal, playbook, mail, handoffs, workbook, address)
OUTSIDE = (github, sheets, aws)
