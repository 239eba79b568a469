"""Two people at once: what somebody else wrote down in the meantime is not written over unseen.

A page says in each form which entry of the journal was the newest when it was drawn (`seen`). A
step that changes the same fact as a later entry is refused, and says who wrote what (E40).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from throughline.communities.models import Community
from throughline.journal.models import Entry
from throughline.kernel.errors import Refused
from throughline.playbook.model import Playbook
from throughline.sales.history import entries_of
from throughline.sales.models import Deal

ELSEWHERE: Final = "sales.deal.changed_elsewhere"

# Which acts write down the fact of a code. What only adds (a person, a signature, a yes) is not
# here: nothing of anybody's is lost by it.
TOUCHED_BY: Final[Mapping[str, tuple[str, ...]]] = {
    "deal.owner": ("sales.deal.owned", ELSEWHERE),
    "community.named": ("sales.deal.serves",),
    "community.id": ("communities.id.reserved",),
    "community.record": ("communities.community.described",),
    "cloud.preference": ("communities.community.described",),
    "ps.reviewed": ("sales.review.asked", "sales.review.answered", "sales.review.not_needed"),
    "capacity.answered": ("capacity.answer.given",),
    "service.tier": ("sales.deal.tier_chosen", ELSEWHERE),
    "dates.agreed": ("sales.deal.dates_agreed", ELSEWHERE),
    "agreement.artefact": ("sales.agreement.named",),
    "lost.reason": ("sales.deal.lost_because",),
}  # fmt: skip
MOVES: Final = ("sales.deal.advanced", "sales.deal.moved_back", ELSEWHERE)

# How a fact's form calls what an entry calls otherwise.
ALSO_CALLED: Final = {
    "contract_start_on": "start_on",
    "contract_end_on": "end_on",
    "because": "not_needed_because",
    "cloud_unknown_because": "unknown_because",
}
ONE_VALUE: Final = {
    "sales.deal.owned": "owner",
    "sales.deal.tier_chosen": "tier",
    "communities.id.reserved": "community_id",
}


class Conflict(Refused):
    """Somebody wrote the same thing down in the meantime; `entry` tells who and when."""

    def __init__(self, message: str, *, remedy: str, entry: Entry) -> None:
        super().__init__(message, remedy=remedy)
        self.entry = entry


def check_fact_unchanged(
    deal: Deal, code: str, wanted: Mapping[str, Any], *, seen: int | None, playbook: Playbook
) -> None:
    """Pass if nobody has written another value of a fact down since an entry; always for None.

    Called under the deal's lock: whoever comes second sees what the first has written.

    Raises:
        Conflict: somebody has; it names who, when and both values.
    """
    told: dict[str, tuple[Any, Entry]] = {}
    for entry in _later(deal, TOUCHED_BY.get(code, ()), seen):  # the latest word counts
        told = {name: (value, entry) for name, value in _told_by(entry).items()} | told
    differing = [name for name in wanted if name in told and told[name][0] != wanted[name]]
    if not differing:
        return
    entry = told[differing[0]][1]
    theirs = _words({name: told[name][0] for name in differing})
    yours = _words({name: wanted[name] for name in differing})
    raise Conflict(
        f"{entry.by} wrote {theirs} on {_when(entry.at, playbook)}, after you opened this page;"
        f" you write {yours}. Nothing of yours is kept yet.",
        remedy="Look at what stands there now. If yours still holds, send it once more: it then"
        " takes the place of theirs.",
        entry=entry,
    )


def check_stage_unchanged(deal: Deal, wanted: str, *, seen: int | None, playbook: Playbook) -> None:
    """Pass if nobody has moved a deal to another stage since an entry; always for None.

    Raises:
        Conflict: somebody has; it names who, when and both stages.
    """
    names = {stage.code: stage.name for stage in playbook.stages}
    for entry in _later(deal, MOVES, seen):
        after = entry.facts.get("after")
        to = after.get("stage") if isinstance(after, dict) else after
        if to == wanted:
            return
        if to is not None:
            raise Conflict(
                f"{entry.by} moved {deal} to {names.get(to, 'no stage of ours')} on"
                f" {_when(entry.at, playbook)}, after you opened this page; you move it to"
                f" {names.get(wanted, wanted)}. It stays where {entry.by} put it.",
                remedy="Look at the deal as it is now. If your move still holds, make it again.",
                entry=entry,
            )


def _later(deal: Deal, acts: tuple[str, ...], seen: int | None) -> list[Entry]:
    """Return the entries of some acts that came after one, the latest first; none for None."""
    if seen is None or not acts:
        return []
    return list(entries_of(deal).filter(pk__gt=seen, act__in=acts).order_by("-pk"))


def _told_by(entry: Entry) -> dict[str, Any]:
    """Return the values that an entry wrote down, by the names of the fact's own form."""
    facts = entry.facts
    if entry.act == "sales.deal.serves":
        return {"short_name": _community_name(facts.get("after"))}
    after = facts.get("after")
    if entry.act in ONE_VALUE:
        told = {ONE_VALUE[entry.act]: after, "none_because": facts.get("none_because", "")}
    else:
        told = facts | after if isinstance(after, dict) else facts
    renamed = {ALSO_CALLED[name]: value for name, value in told.items() if name in ALSO_CALLED}
    return {name: value for name, value in told.items() if name not in ALSO_CALLED} | renamed


def _community_name(number: Any) -> str:
    found = Community.objects.filter(pk=number).first()
    return found.short_name if found else ""


def _words(told: Mapping[str, Any]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {_value(value)}" for name, value in told.items())


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return f"“{', '.join(f'{name}: {part}' for name, part in value.items())}”"
    if isinstance(value, list):
        return f"“{'; '.join(str(part) for part in value)}”"
    return "nothing" if value in (None, "") else f"“{value}”"


def _when(at: datetime, playbook: Playbook) -> str:
    local = at.astimezone(ZoneInfo(playbook.organisation.zone))
    return f"{local:%Y-%m-%d} at {local:%H:%M}"
