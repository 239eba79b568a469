"""Which form asks for the fact of a code."""

from collections.abc import Mapping
from typing import Any, Final

from throughline.people.models import User
from throughline.sales.permissions import permissions_to_record
from throughline.sales.queries import DealFacts
from throughline.web.sales import fact_kinds as kinds
from throughline.web.sales import fact_rows as rows
from throughline.web.sales.fact_forms import FactForm, Setting

KINDS: Final[dict[str, type[FactForm]]] = {
    "deal.owner": kinds.OwnerForm,
    "community.named": kinds.CommunityForm,
    "community.id": kinds.CommunityIdForm,
    "community.record": kinds.RecordForm,
    "cloud.preference": kinds.CloudForm,
    "ps.reviewed": kinds.ReviewForm,
    "service.tier": kinds.TierForm,
    "sow.signed_off": kinds.SignOffForm,
    "legal.involved": kinds.LegalForm,
    "signatures.requested": kinds.RequestForm,
    "lost.reason": kinds.LossForm,
    "dates.agreed": rows.DatesForm,
    "community.people": rows.PeopleForm,
    "community.context": rows.ContextForm,
    "agreement.artefact": rows.ArtefactForm,
    "agreement.executed": rows.ExecutionForm,
}


def fact_form(code: str, setting: Setting, data: Mapping[str, Any] | None = None) -> FactForm:
    """Return the form for a code's fact: its own kind, else one made from its fields alone."""
    return KINDS.get(code, FactForm)(code, setting, data)


def may_record(user: User, code: str, facts: DealFacts) -> bool:
    """Return whether a person may write down a code's fact as things stand."""
    return any(user.may(one) for one in permissions_to_record(code, facts))
