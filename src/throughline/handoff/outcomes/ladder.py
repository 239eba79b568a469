"""A check: the renewal ladder of an engagement stands."""

from dataclasses import dataclass
from datetime import date

from throughline.delivery.models import Engagement
from throughline.handoff.wanted import Doing, Seen, WaitsForPerson
from throughline.playbook.model import Playbook
from throughline.renewals.ladder import rungs


@dataclass(frozen=True, slots=True)
class LadderStands:
    """The notices before the end can be computed: there is an end date, and steps before it."""

    number: int
    start_on: date | None
    end_on: date | None
    playbook: Playbook
    system: str = "renewals"
    audience: str = "staff"

    @property
    def key(self) -> str:
        return f"renewals.ladder:{self.number}"

    @property
    def summary(self) -> str:
        if self.end_on is None:
            return "Renewal notices, once the end date is known"
        days = ", ".join(f"{step} on {day}" for step, day in self._steps().items())
        return f"Renewal notices before {self.end_on}: {days}"

    @property
    def wanted(self) -> Seen:
        return {"end_on": self.end_on.isoformat() if self.end_on else None} | self._steps()

    def _steps(self) -> dict[str, str]:
        if self.end_on is None:
            return {}
        ladder = rungs(
            self.start_on, self.end_on, self.playbook.ladder, is_ending=False,
            closures=self.playbook.capacity.closures,
        )  # fmt: skip
        return {rung.step: rung.due_on.isoformat() for rung in ladder if not rung.is_dropped}

    def observe(self) -> Seen | None:
        """Return the ladder as the engagement's row gives it now; None without an end date."""
        engagement = Engagement.objects.select_related("deal").get(pk=self.number)
        now = LadderStands(
            self.number, engagement.deal.start_on, engagement.deal.end_on, self.playbook
        )
        return now.wanted if now.end_on else None

    def act(self, _doing: Doing) -> Seen:
        raise WaitsForPerson(self.waits_for())

    def waits_for(self) -> str:
        return "Record the end date: without one, nobody is told before the end."
