"""The issues that a handoff made for an engagement, as pages show them."""

from collections.abc import Mapping
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


def issues_of(engagement: Engagement) -> Mapping[tuple[str, str], IssueMade]:
    """Return the issues of an engagement by codes of project and deliverable; one query.

    A project's own issue goes by the code "".
    """
    begin = "github.issue:"
    found = {}
    for one in Outcome.objects.filter(engagement=engagement, key__startswith=begin):
        home, project, *rest = one.key.removeprefix(begin).split(":", 2)
        project, code = code_in(engagement.number, int(home), project), "".join(rest)
        receipt = one.receipt or {}
        found[project, code] = IssueMade(
            receipt.get("number"), str(receipt.get("address") or ""), one.state, one.remedy
        )
    return found
