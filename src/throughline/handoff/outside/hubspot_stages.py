"""Which stage of HubSpot stands for which of ours.

Whoever reads HubSpot learns it, and people settle it; that room registers how to ask. Nothing here
reads a label: stages go by their internal ids.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from throughline.playbook.registry import Registry

READER: Final = "hubspot.stages"


@dataclass(frozen=True, slots=True)
class StageThere:
    """A stage of deals in HubSpot, and what it stands for here."""

    id: str
    pipeline: str  # by id
    label: str
    code: str  # our stage; "" is unmapped


STAGES: Final[Registry[Callable[[], Sequence[StageThere]]]] = Registry("reading of stages")
TOLD: Final[Registry[Callable[[str, str, datetime], None]]] = Registry("memory of told stages")


def stages_there() -> tuple[StageThere, ...]:
    """Return the stages that HubSpot had when it was last read, in its order; one query."""
    return tuple(STAGES.get(READER)())


def stage_for(code: str, pipeline: str, stages: Sequence[StageThere]) -> StageThere | None:
    """Return the first stage of a pipeline that stands for one of ours; None: none does."""
    return next((one for one in stages if (one.pipeline, one.code) == (pipeline, code)), None)


def remember_told(deal: str, stage: str, at: datetime) -> None:
    """Let the reader know that HubSpot's deal stands at a stage of ours since an instant of HubSpot's.

    Else somebody who moves it back there before the next reading would not be seen to have done so.
    """
    TOLD.get(READER)(deal, stage, at)
