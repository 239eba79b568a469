"""One deal of the demonstration, and the one way in which its people act on it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from throughline.cli.demonstration.communities import Served
from throughline.cli.demonstration.exports import Row
from throughline.cli.demonstration.people import ADA
from throughline.cli.demonstration.scene import Scene
from throughline.cli.demonstration.statements import Statement
from throughline.delivery.actions.engagements import open_engagement
from throughline.sales.actions.advance import advance_deal
from throughline.sales.actions.record import record_fact
from throughline.sales.models import Deal
from throughline.sales.queries import find_deal

COMPUTED: Mapping[str, Any] = {}  # PS confirms what is computed on the day


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What is sold to a community; `begins` and `ends` count from the scene's instant."""

    hubspot_id: str
    name: str
    served: Served
    revenue_type: str
    amount: str
    begins: int
    ends: int
    statement: Statement | None = None
    purchase_order: str = ""  # its number, where it stands in the place of an agreement
    capacity: Mapping[str, Any] = field(default_factory=lambda: {"answer": "yes"})  # or COMPUTED

    def row(self) -> Row:
        """Return the offer as it first stands in an export."""
        return Row(
            hubspot_id=self.hubspot_id,
            name=self.name,
            revenue_type=self.revenue_type,
            buyer=self.served.buyer,
            amount=self.amount,
            begins=self.begins,
            ends=self.ends,
        )


@dataclass(frozen=True, slots=True)
class Story:
    """A deal of the demonstration, and the one way in which its people act on it."""

    scene: Scene
    offer: Offer
    number: int  # the deal's, and so the engagement's

    @property
    def deal(self) -> Deal:
        """The deal as it now is."""
        return find_deal(self.offer.hubspot_id)

    def record(self, code: str, value: Mapping[str, Any], *, on: int, by: str = ADA) -> None:
        """Write down the fact that a condition reads, on a day."""
        record_fact(
            self.number, code, dict(value), playbook=self.scene.playbook, by=by,
            at=self.scene.when(on),
        )  # fmt: skip

    def advance(self, to: str, *, on: int, by: str = ADA) -> None:
        """Move the deal to a stage on a day."""
        advance_deal(
            self.number, to=to, playbook=self.scene.playbook, by=by, at=self.scene.when(on)
        )

    def order(self, *, on: int) -> None:
        """Place the order, which opens the engagement."""
        open_engagement(
            self.number, playbook=self.scene.playbook, by=ADA, at=self.scene.when(on)
        )  # fmt: skip
