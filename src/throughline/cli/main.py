"""`throughline`: the way in. Commands are loaded when they are asked for."""

import importlib
import os
import sys

import click

from throughline import __version__

# Command: where it is written. Serving settles its address before the settings are read.
COMMANDS = {
    "up": "serving:up",
    "web": "serving:web",
    "worker": "serving:worker",
    "start": "start:start",
    "import": "imports:import_group",
    "hubspot": "hubspot:hubspot",
    "community": "communities:community",
    "contact": "contacts:contact",
    "deal": "deals:deal",
    "sow": "statements:sow",
    "order": "deals:order",
    "process": "process:process",
    "review": "reviews:review",
    "note": "notes:note",
    "waiver": "waivers:waiver",
    "playbook": "playbook:playbook",
    "capacity": "capacity:capacity",
    "agreement": "agreements:agreement",
    "sponsor": "sponsor:sponsor",
    "deliverable": "deliverables:deliverable",
    "project": "projects:project",
    "joint": "joint:joint",
    "service": "services:service",
    "meeting": "meetings:meeting",
    "budget": "budgets:budget",
    "alert": "alerts:alert",
    "handoff": "handoffs:handoff",
    "billing": "billing:billing",
    "renewals": "renewals:renewals",
    "reconcile": "renewals:reconcile",
    "mail": "mail:mail",
    "week": "week:week",
    "search": "search:search",
    "run-due": "due:run_due",
    "rehearse": "due:rehearse",
    "user": "people:user",
    "webhook": "webhooks:webhook",
    "doctor": "care:doctor",
    "export": "care:export",
    "simulate": "simulate:simulate",
    "migrate": "care:migrate",
}
SETTLES_ITS_ADDRESS = frozenset({"up", "web"})


def set_up() -> None:
    """Read the settings and load the rooms.

    Raises:
        click.ClickException: a setting is wrong; the message says which and how.
    """
    import django  # noqa: PLC0415 -- slow import
    from django.core.exceptions import ImproperlyConfigured  # noqa: PLC0415 -- slow import

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "throughline.config.settings")
    try:
        django.setup()
    except ImproperlyConfigured as error:
        raise click.ClickException(f"Settings: {error}") from error


class Commands(click.Group):
    """The commands, each imported only when it is used."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        if cmd_name not in SETTLES_ITS_ADDRESS:
            set_up()
        module, name = COMMANDS[cmd_name].split(":")
        found = getattr(importlib.import_module(f"throughline.cli.commands.{module}"), name)
        if not isinstance(found, click.Command):
            raise TypeError(f"{COMMANDS[cmd_name]} is no command")
        return found


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="throughline")
def root() -> None:
    """Carry an agreement from deal to delivery to renewal.

    Exit codes: 0 done or nothing to do, 1 refused or failed, 2 wrong usage, 3 something to do.
    """


def main() -> None:
    """Run one command."""
    # A pipe that is read only in part (`| head`) is no failure worth a traceback.
    try:
        root(prog_name="throughline")
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
