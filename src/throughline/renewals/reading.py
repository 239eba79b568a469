"""Engagements with what their ladders depend on, each read once however often it is asked about."""

from datetime import date

from django.db.models import QuerySet

from throughline.delivery.models import Engagement
from throughline.delivery.queries import engagements
from throughline.playbook.model import Playbook
from throughline.renewals.queries import Standing, standings


class Standings:
    """What was read for one page or command, of one day by one playbook."""

    def __init__(self, playbook: Playbook, on: date) -> None:
        """Begin with nothing."""
        self.playbook, self.on = playbook, on
        self._known: dict[int, Standing] = {}

    def of(self, found: QuerySet[Engagement]) -> list[Standing]:
        """Return engagements in their order, in a constant number of queries; those read before by one."""
        wanted = list(found.values_list("pk", flat=True))
        if missing := [one for one in wanted if one not in self._known]:
            for standing in standings(engagements().filter(pk__in=missing), on=self.on):
                self._known[standing.engagement.pk] = standing
        return [self._known[one] for one in wanted if one in self._known]
