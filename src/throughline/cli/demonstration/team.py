"""The team of Harbour Commons: who can do what, who is away, who leaves; and what runs."""

from decimal import Decimal

from throughline.capacity.actions.team import ColleagueSeen, keep_team, take_time_off
from throughline.cli.demonstration.scene import Scene
from throughline.delivery.load import refresh_standing_load
from throughline.renewals.queries import hubs_ending
from throughline.sales.demand import refresh_demand

TELLS = "demonstration"
APP, INFRA, LEAD = "app_engineer", "infrastructure_engineer", "tech_lead"
FULL, SHARE = Decimal(40), Decimal("0.45")


def add_team(scene: Scene) -> None:
    """Write the team down, as it has been for long, with one who leaves and one who is to come."""
    people = [
        ColleagueSeen("Noor Haddad", (INFRA, LEAD), FULL, SHARE, country="GB"),
        ColleagueSeen("Tomas Vrba", (INFRA,), FULL, SHARE, country="DE", to_on=scene.day(150)),
        ColleagueSeen("Yuki Arai", (APP,), FULL, SHARE, country="US"),
        ColleagueSeen("Ines Duarte", (APP, INFRA), Decimal(24), SHARE, country="PT"),
        ColleagueSeen("Kofi Mensah", (APP,), FULL, SHARE, from_on=scene.day(45), country="GB"),
        ColleagueSeen("Pia Lindqvist", ("product",), FULL, SHARE, country="SE"),
        ColleagueSeen("Maya Olsen", ("delivery",), Decimal(30), SHARE, country="US"),
    ]
    keep_team(people, by=TELLS, at=scene.when(-400))
    for name, first, last in (("Tomas Vrba", 19, 25), ("Yuki Arai", 33, 46)):
        take_time_off(
            name, from_on=scene.day(first), to_on=scene.day(last), reason="leave", by=TELLS,
            at=scene.when(-20),
        )  # fmt: skip


def count_what_runs(scene: Scene) -> None:
    """Count the load of what runs and what open deals ask for, as the daily round does."""
    refresh_standing_load(ending=hubs_ending(), playbook=scene.playbook, by=TELLS, at=scene.at)
    refresh_demand(playbook=scene.playbook, by=TELLS, at=scene.at)
