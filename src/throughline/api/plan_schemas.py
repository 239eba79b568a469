"""The shape of a plan of a handoff with its lines."""

from ninja import Schema


class PlanLine(Schema):
    """One thing that would be made true, or is."""

    outcome: str
    system: str
    verb: str
    summary: str


class LineThatWaits(PlanLine):
    """One thing that something is in the way of, and what to do."""

    remedy: str


class LedgerCounts(Schema):
    """How many fields of the manifest went where."""

    fields: int
    sent: int
    to_be_sent: int  # of those that are sent: not there yet
    linked: int
    not_needed: int
    missing: list[str]


class PlanPreview(Schema):
    """What a handoff would make by now; other systems are taken as they were last seen."""

    engagement: int
    changes: list[PlanLine]
    waiting: list[LineThatWaits]
    later: list[LineThatWaits]
    unchanged: int
    ledger: LedgerCounts
