"""`throughline simulate`: the outside systems in small, to try out what needs an account elsewhere."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from shlex import quote

import click

from throughline.cli.reply import now
from throughline.cli.stopping import asked_to_stop
from throughline.handoff.outside.hubspot_fields import COMMUNITY_FIELDS, DEAL_FIELDS, Kind
from throughline.simulators.airtable import AirtableSimulator, agreements_base
from throughline.simulators.aws_budgets import AwsBudgetsSimulator
from throughline.simulators.aws_sns import SnsSimulator
from throughline.simulators.github import GitHubSimulator
from throughline.simulators.github.server import TOKEN
from throughline.simulators.hub import JupyterHubSimulator
from throughline.simulators.hubspot.example import example
from throughline.simulators.hubspot.schema import Property
from throughline.simulators.server import Simulator
from throughline.simulators.sheets import SheetsSimulator

REPOSITORY, OWNER, BOARD = "example-org/agreements", "example-org", 1


@dataclass(frozen=True, slots=True)
class Simulated:
    """One system as it was started: what to say of it, and what to set to reach it."""

    name: str
    simulator: Simulator
    settings: Callable[[], dict[str, str]]


def _github() -> Simulated:
    simulator = GitHubSimulator()
    simulator.add_repository(REPOSITORY)
    simulator.add_board(OWNER, BOARD, Due_date="date", Engagement="text")
    return Simulated(
        f"GitHub: {REPOSITORY}, and the board {OWNER}/{BOARD}",
        simulator,
        lambda: {
            "THROUGHLINE_GITHUB_URL": simulator.url,
            "THROUGHLINE_GITHUB_TOKEN": TOKEN,
            "THROUGHLINE_GITHUB_REPOSITORY": REPOSITORY,
            "THROUGHLINE_GITHUB_PROJECT": str(BOARD),
        },
    )


def _airtable() -> Simulated:
    simulator: AirtableSimulator = agreements_base()
    return Simulated(
        "Airtable: one base with the tables of the how-to page",
        simulator,
        lambda: {
            "THROUGHLINE_AIRTABLE_URL": simulator.url,
            "THROUGHLINE_AIRTABLE_TOKEN": simulator.token,
            "THROUGHLINE_AIRTABLE_BASE": simulator.base,
        },
    )


def _sheets() -> Simulated:
    simulator = SheetsSimulator()
    return Simulated(
        "Google Sheets: one empty spreadsheet, and a service account that may edit it",
        simulator,
        lambda: {
            "THROUGHLINE_SHEETS_URL": simulator.url,
            "THROUGHLINE_SHEETS_SPREADSHEET": simulator.book.id,
            "THROUGHLINE_SHEETS_KEY": json.dumps(simulator.credentials),
        },
    )


def _hubspot() -> Simulated:
    simulator = example(now)
    for type_id, fields in (("0-3", DEAL_FIELDS), ("0-410", COMMUNITY_FIELDS)):
        for field in fields:
            kind = "datetime" if field.kind is Kind.INSTANT else "string"
            told = Property(name=field.name, label=field.label, type=kind)
            simulator.account.add_property(type_id, told)
    return Simulated(
        "HubSpot: four deals, one of them in a stage that nobody has mapped",
        simulator,
        lambda: {
            "THROUGHLINE_HUBSPOT_URL": simulator.url,
            "THROUGHLINE_HUBSPOT_TOKEN": simulator.token,
            "THROUGHLINE_HUBSPOT_WRITE": "1",
        },
    )


def _aws() -> Simulated:
    simulator = AwsBudgetsSimulator()
    return Simulated(
        "AWS: budgets of any account that our role may enter",
        simulator,
        lambda: {
            "THROUGHLINE_AWS_BUDGETS": "make",
            "THROUGHLINE_AWS_URL": simulator.url,
            "THROUGHLINE_AWS_STS_URL": simulator.url,
            "THROUGHLINE_AWS_KEY_ID": "AKIASIMULATED",
            "THROUGHLINE_AWS_SECRET": "simulated",
            "THROUGHLINE_AWS_ROLE": simulator.role,
        },
    )


def _sns() -> Simulated:
    simulator = SnsSimulator(now=now)
    return Simulated(
        "SNS: signs what is posted to /sign (and at /offer, a subscription), for /hooks/sns",
        simulator,
        lambda: {
            "THROUGHLINE_SNS_URL": simulator.url,
            "THROUGHLINE_SNS_TOPICS": simulator.topic,
        },
    )


def _hub() -> Simulated:
    simulator = JupyterHubSimulator()
    return Simulated("JupyterHub: answers at /hub/api; no setting leads to it", simulator, dict)


SYSTEMS = (_github, _airtable, _sheets, _hubspot, _aws, _sns, _hub)


@click.command()
@click.option(
    "--port", type=click.IntRange(0, 65500), default=0, show_default=True,
    help="The first system's port; the others get the next ones. 0 takes any free ones.",
)  # fmt: skip
def simulate(port: int) -> None:
    """Start small outside systems on this machine, and print the settings that lead to them.

    They keep what they are given until they are stopped with Ctrl-C. Paste the lines into another
    terminal, and start `throughline up` there.
    """
    with asked_to_stop() as stop, ExitStack() as stack:
        systems = [
            stack.enter_context(_opened(make(), port + place if port else 0))
            for place, make in enumerate(SYSTEMS)
        ]
        click.echo("\n".join(line for one in systems for line in _lines(one)))
        click.echo("These keep nothing when they stop. Stop them with Ctrl-C.", err=True)
        stop.wait()
    for one in systems:
        name = one.name.partition(":")[0]
        click.echo(f"{name} got {one.simulator.calls.total()} calls.", err=True)


@contextmanager
def _opened(one: Simulated, port: int) -> Iterator[Simulated]:
    try:
        one.simulator.open(port)
    except OSError as error:
        raise click.ClickException(
            f"Port {port} cannot be used ({error.strerror}): choose another with --port."
        ) from error
    try:
        yield one
    finally:
        one.simulator.close()


def _lines(one: Simulated) -> list[str]:
    """Return a comment and the settings, to be pasted into a shell."""
    said = [f"# {one.name}", f"# at {one.simulator.url}"]
    return [*said, *(f"export {name}={quote(value)}" for name, value in one.settings().items())]
