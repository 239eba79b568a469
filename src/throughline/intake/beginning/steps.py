"""The first steps and how far they are: facts where facts can tell, else what somebody said."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.conf import settings

from throughline.intake.beginning_models import Said, StartStep
from throughline.kernel.errors import NotThere
from throughline.people.queries import roles_held
from throughline.people.words import RoleName
from throughline.playbook.loader import shipped
from throughline.playbook.model import Playbook
from throughline.sales.models import Deal

ALL: Final = "all"
NEEDED: Final = (RoleName.BD, RoleName.PS, RoleName.LEAD)  # the Sponsor may work by links alone
Rows = Mapping[str, StartStep]


class NoSuchStep(NotThere):
    """There is no first step of that name."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what it is for, where it stands, and the command that does the same."""

    code: str
    title: str
    purpose: str
    command: str
    state: str  # "done", "skipped", "open"
    stands: str  # what the facts say


@dataclass(frozen=True, slots=True)
class Beginning:
    """All steps, and whether the list was put away."""

    steps: tuple[Step, ...]
    is_put_away: bool

    @property
    def done(self) -> int:
        """How many are done."""
        return sum(step.state == "done" for step in self.steps)

    @property
    def left(self) -> tuple[Step, ...]:
        """Those that are neither done nor passed over."""
        return tuple(step for step in self.steps if step.state == "open")

    def step(self, code: str) -> Step:
        """Return one step.

        Raises:
            NoSuchStep: there is none of that name.
        """
        for step in self.steps:
            if step.code == code:
                return step
        raise NoSuchStep(f"There is no step {code!r}.", remedy=f"Use one of {', '.join(STEPS)}.")


def beginning(playbook: Playbook) -> Beginning:
    """Return the first steps as they stand; three queries."""
    rows = {row.code: row for row in StartStep.objects.all()}
    return _stand(rows, playbook, has_deals=Deal.objects.exists())


def beginning_to_show(playbook: Playbook) -> Beginning | None:
    """Return the steps while they are to be seen on Today: begun or empty, not done, not put away."""
    rows = {row.code: row for row in StartStep.objects.all()}
    if ALL in rows:
        return None
    has_deals = Deal.objects.exists()
    if has_deals and not rows:
        return None  # somebody went another way, and works
    found = _stand(rows, playbook, has_deals=has_deals)
    return found if found.left else None


def is_untouched() -> bool:
    """Return whether nobody has begun: no deal, and no step that was done or passed over."""
    return not Deal.objects.exists() and not StartStep.objects.exists()


def _stand(rows: Rows, playbook: Playbook, *, has_deals: bool) -> Beginning:
    facts = {
        "organisation": _organisation(playbook),
        "people": _people(),
        "playbook": _confirmed(rows.get("playbook"), playbook),
        "import": _imported(has_deals=has_deals),
    }
    steps = [
        Step(
            code,
            title,
            purpose,
            command,
            _state(rows.get(code), is_done=facts[code][0]),
            facts[code][1],
        )
        for code, (title, purpose, command) in STEPS.items()
    ]
    return Beginning(tuple(steps), ALL in rows)


def _state(row: StartStep | None, *, is_done: bool) -> str:
    if is_done or (row is not None and row.said == Said.DONE):
        return "done"
    return "skipped" if row is not None else "open"


Fact = tuple[bool, str]


def _organisation(playbook: Playbook) -> Fact:
    one = playbook.organisation
    words = f"{one.name}, days of {one.zone}, amounts in {one.currency}"
    if playbook.sha256 == shipped().sha256:
        return False, f"As shipped: {words}."
    return True, f"{words}."


def _people() -> Fact:
    held = roles_held()
    if missing := [role.value for role in NEEDED if role not in held]:
        return False, f"Nobody is {' or '.join(missing)} yet."
    return True, "BD, PS and Lead each have somebody."


def _confirmed(row: StartStep | None, playbook: Playbook) -> Fact:
    if row is None or row.said != Said.DONE:
        return False, "Nobody has looked at stages, tiers and fees and said that they are ours."
    since = "" if row.playbook == playbook.sha256 else "; it was changed since"
    return True, f"Confirmed by {row.by} on {row.at:%Y-%m-%d}{since}."


def _imported(*, has_deals: bool) -> Fact:
    if has_deals:
        return True, "There are deals."
    if settings.HUBSPOT_CONNECTED:
        return True, "HubSpot is connected, and is read."
    return False, "There is no deal yet, and nothing that brings any."


STEPS: Final[dict[str, tuple[str, str, str]]] = {
    "organisation": (
        "The organisation",
        "Its name, the zone that decides on which day something falls, its currency and addresses.",
        (
            "throughline start organisation --name NAME --zone ZONE --currency USD"
            " --renewals ADDRESS --support ADDRESS"
        ),
    ),
    "people": (
        "The people",
        "Who wins agreements, who delivers them, who decides, who signs and invoices.",
        "throughline user invite ada ada@example.org --role BD",
    ),
    "playbook": (
        "The playbook",
        "Stages, tiers, fees and notices: the rules that everything here follows.",
        "throughline start confirm",
    ),
    "import": (
        "What there is already",
        "Deals from HubSpot or from a file, clusters from the infrastructure repository; or nothing.",
        "throughline import deals FILE.csv",
    ),
}
