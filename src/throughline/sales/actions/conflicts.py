"""Two people at once: what somebody else wrote down in the meantime is not written over unseen.

A page says in each form which entry of the journal was the newest when it was drawn (`seen`). A
step that changes the same fact as a later entry is refused, and says who wrote what (E40).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

from django.db import transaction

from throughline.capacity.models import CapacityAnswer
from throughline.communities.models import Community, ContextAnswer
from throughline.journal.models import Entry
from throughline.kernel.errors import Refused
from throughline.playbook.model import Playbook
from throughline.sales.actions.lock import locked_deal
from throughline.sales.history import entries_of
from throughline.sales.models import Deal, Signatory

ELSEWHERE: Final = "sales.deal.changed_elsewhere"

# Which acts write down the fact of a code. What only adds (a person, a yes) is not here: nothing
# of anybody's is lost by it.
TOUCHED_BY: Final[Mapping[str, tuple[str, ...]]] = {
    "deal.owner": ("sales.deal.owned", ELSEWHERE),
    "community.named": ("sales.deal.serves",),
    "community.id": ("communities.id.reserved",),
    "community.record": ("communities.community.described",),
    "community.context": ("communities.question.noted",),
    "cloud.preference": ("communities.community.described",),
    "ps.reviewed": ("sales.review.asked", "sales.review.answered", "sales.review.not_needed"),
    "capacity.answered": ("capacity.answer.given",),
    "service.tier": ("sales.deal.tier_chosen", ELSEWHERE),
    "dates.agreed": ("sales.deal.dates_agreed", ELSEWHERE),
    "agreement.artefact": (
        "sales.agreement.named", "sales.agreement.terms_set", "sales.party.named",
        "sales.party.removed",
    ),
    "agreement.executed": ("sales.agreement.signed", "sales.signature.moved"),
    "legal.involved": ("sales.sponsor.asked", "sales.sponsor.answered"),
    "invoicing.prepared": ("sales.sponsor.answered",),
    "lost.reason": ("sales.deal.lost_because",),
}  # fmt: skip
ABOUT: Final[Mapping[str, Mapping[str, str]]] = {  # of which kind of entry a code's acts are
    "legal.involved": {"kind": "legal"},
    "invoicing.prepared": {"kind": "invoicing"},
}
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


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody is about to write down: its values, and which acts write the same thing."""

    acts: tuple[str, ...]
    values: Mapping[str, Any]  # as an entry's facts call them
    about: Mapping[str, Any] = field(default_factory=dict)  # what such an entry must say besides


Done = TypeVar("Done")


@transaction.atomic
def unless_changed(
    deal_id: int, wish: Wish, step: Callable[[], Done], *, seen: int | None, playbook: Playbook
) -> Done:
    """Take a step on a deal, unless somebody has written something else down since an entry.

    The deal is locked before it looks: whoever comes second sees what the first has written. `seen`
    is the newest entry that the person knew of; None compares nothing.

    Raises:
        Conflict: somebody has; it names who, when and both values.
    """
    check_wish(locked_deal(deal_id), wish, seen=seen, playbook=playbook)
    return step()


def check_fact_unchanged(
    deal: Deal, code: str, wanted: Mapping[str, Any], *, seen: int | None, playbook: Playbook
) -> None:
    """Pass if nobody has written another value of a fact down since an entry; always for None.

    Called under the deal's lock: whoever comes second sees what the first has written.

    Raises:
        Conflict: somebody has; it names who, when and both values.
    """
    wish = Wish(TOUCHED_BY.get(code, ()), _flat(wanted), ABOUT.get(code, {}))
    check_wish(deal, wish, seen=seen, playbook=playbook)


def check_wish(deal: Deal, wish: Wish, *, seen: int | None, playbook: Playbook) -> None:
    """Pass if nobody has written down anything else than is wished since an entry.

    Raises:
        Conflict: somebody has; it names who, when and both values.
    """
    told: dict[str, tuple[Any, Entry]] = {}
    for entry in _later(deal, wish.acts, seen):  # the latest word counts
        if all(_same(entry.facts.get(name), value) for name, value in wish.about.items()):
            told = {name: (value, entry) for name, value in _told_by(entry).items()} | told
    wanted = {name: _plain(value) for name, value in wish.values.items()}
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


def a_waiver(code: str, *, reason: str, until: date) -> Wish:
    """Return the wish to set a condition aside."""
    return Wish(("sales.condition.waived",), {"until": until, "reason": reason}, {"code": code})


def an_early_start(*, reason: str, until: date, money_limit: Decimal) -> Wish:
    """Return the wish to let a deal start early."""
    values = {"until": until, "money_limit": money_limit, "reason": reason}
    return Wish(("sales.early_start.allowed",), values)


def an_explanation(explanation: str) -> Wish:
    """Return the wish to explain why a deal was moved."""
    return Wish(("sales.exception.explained",), {"explanation": explanation.strip()})


def a_signer(party: str, name: str) -> Wish:
    """Return the wish to name who signs for a party."""
    return Wish(("sales.party.named",), {"name": name.strip()}, {"party": party.strip()})


def a_signature(party: str, to: str, on: date | None) -> Wish:
    """Return the wish to write down what became of a party's signature."""
    values = {"after": to, **({"signed_on": on} if on else {})}
    return Wish(("sales.signature.moved",), values, {"party": party.strip()})


def a_payer(cluster: str, payer: str, from_on: date) -> Wish:
    """Return the wish to say who pays for a cluster."""
    acts = ("sales.payer.set", "sales.payer.planned")
    return Wish(acts, {"payer": payer, "from_on": from_on}, {"cluster": cluster})


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
    if entry.act in TOLD_BY_ROWS:
        return TOLD_BY_ROWS[entry.act](entry)
    after = facts.get("after")
    if entry.act in ONE_VALUE:
        told = {ONE_VALUE[entry.act]: after, "none_because": facts.get("none_because", "")}
    else:
        told = facts | after if isinstance(after, dict) else facts
    renamed = {ALSO_CALLED[name]: value for name, value in told.items() if name in ALSO_CALLED}
    return _flat({name: value for name, value in told.items() if name not in ALSO_CALLED}) | renamed


def _flat(value: Mapping[str, Any]) -> dict[str, Any]:
    """Return values one by one, where a form holds several of a kind: two people may write two."""
    flat = {name: part for name, part in value.items() if name not in {"answers", "signed"}}
    flat |= {
        f"answer to {one['question']}": one.get("text", "").strip()
        for one in value.get("answers") or []
    }
    return flat | {
        _signature_of(one["party"]): one["signed_on"] for one in value.get("signed") or []
    }


def _signature_of(party: str) -> str:
    return f"signature of {party.casefold()}"


def _served(entry: Entry) -> dict[str, Any]:
    return {"short_name": _community_name(entry.facts.get("after"))}


def _answered(entry: Entry) -> dict[str, Any]:
    """Return what a community says to a question now: the journal never quotes it."""
    code = entry.facts["question"]
    found = ContextAnswer.objects.filter(community_id=int(entry.subject_id), question=code).first()
    return {f"answer to {code}": found.text if found else ""}


def _capacity_told(entry: Entry) -> dict[str, Any]:
    found = CapacityAnswer.objects.filter(pk=entry.subject_id).first()
    names = ("answer", "start_on", "expires_on", "only_if", "assumptions", "note")
    return {name: _plain(getattr(found, name)) for name in names} if found else {}


def _signature_told(entry: Entry) -> dict[str, Any]:
    facts = entry.facts
    return dict(facts) | {_signature_of(str(facts.get("party", ""))): facts.get("signed_on")}


def _party_told(entry: Entry) -> dict[str, Any]:
    """Return who signs now for each party, as the form of the document lists them."""
    found = Signatory.objects.filter(
        agreement__deal_id=int(entry.subject_id), agreement__amends=None
    )
    parties = [
        {"party": one.party, "name": one.name} for one in found.order_by("position")
    ]  # fmt: skip
    return {"signatories": parties, "name": entry.facts.get("name")}


def _sponsor_told(entry: Entry) -> dict[str, Any]:
    """Return what was asked of the Sponsor or came back, as the two facts call it."""
    receipt = entry.facts.get("receipt")
    if receipt is None:
        return {"needed_because": entry.facts.get("question", "")}
    return {"answer": receipt, "receipt": receipt}


TOLD_BY_ROWS: Final[Mapping[str, Callable[[Entry], dict[str, Any]]]] = {
    "sales.deal.serves": _served,
    "communities.question.noted": _answered,
    "capacity.answer.given": _capacity_told,
    "sales.signature.moved": _signature_told,
    "sales.party.named": _party_told,
    "sales.party.removed": _party_told,
    "sales.sponsor.asked": _sponsor_told,
    "sales.sponsor.answered": _sponsor_told,
}


def _plain(value: Any) -> Any:
    """Return a value as the journal holds it."""
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value


def _same(one: Any, other: Any) -> bool:
    return str(one).casefold() == str(other).casefold()


def _community_name(number: Any) -> str:
    found = Community.objects.filter(pk=number).first()
    return found.short_name if found else ""


def _words(told: Mapping[str, Any]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {_value(value)}" for name, value in told.items())


def _value(value: Any) -> str:
    return "nothing" if value in (None, "", [], {}) else f"“{_part(value)}”"


def _part(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}: {part}" for name, part in value.items())
    if isinstance(value, list):
        return "; ".join(_part(part) for part in value)
    return str(value)


def _when(at: datetime, playbook: Playbook) -> str:
    local = at.astimezone(ZoneInfo(playbook.organisation.zone))
    return f"{local:%Y-%m-%d} at {local:%H:%M}"
