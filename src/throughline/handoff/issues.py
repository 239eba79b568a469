"""The issues that a handoff made for an engagement, as pages show them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from throughline.delivery.joined import code_in
from throughline.delivery.models import Engagement
from throughline.handoff.models import Outcome


@dataclass(frozen=True, slots=True)
class IssueMade:
    """An issue that stands, or is wanted and does not stand yet (number None)."""

    number: int | None
    address: str
    state: str  # of the outcome: "converged", "waiting"
    remedy: str  # what a person can do where it does not come about


Codes = tuple[str, str]  # of project and deliverable; a project's own issue goes by the code ""


def issues_of(engagement: Engagement) -> Mapping[Codes, IssueMade]:
    """Return the issues of an engagement by codes of project and deliverable; one query."""
    return issues_of_all([engagement.number]).get(engagement.number, {})


def issues_of_all(numbers: Collection[int]) -> Mapping[int, Mapping[Codes, IssueMade]]:
    """Return the issues of engagements, by number; one query."""
    begin = "github.issue:"
    found: dict[int, dict[Codes, IssueMade]] = {}
    for one in Outcome.objects.filter(engagement__in=numbers, key__startswith=begin):
        home, project, *rest = one.key.removeprefix(begin).split(":", 2)
        project = code_in(one.engagement_id, int(home), project)
        receipt = one.receipt or {}
        found.setdefault(one.engagement_id, {})[project, "".join(rest)] = IssueMade(
            receipt.get("number"), str(receipt.get("address") or ""), one.state, one.remedy
        )
    return found
