"""Deciding about a field that nobody had a place for: for this deal, with a reason and a name."""

from datetime import datetime

from django.db import transaction

from throughline.delivery.actions.engagements import locked_engagement
from throughline.delivery.models import Engagement
from throughline.handoff.manifest import manifest
from throughline.handoff.models import FieldDecision
from throughline.handoff.words import FieldVerdict
from throughline.journal.actions import record
from throughline.kernel.days import day_in_zone
from throughline.kernel.errors import Refused
from throughline.people.gates import require_hat
from throughline.playbook.model import Playbook
from throughline.sales.queries import facts_of


@transaction.atomic
def decide_field(
    engagement: Engagement, field: str, why: str, *, verdict: str, playbook: Playbook, by: str,
    at: datetime,
) -> FieldDecision:  # fmt: skip
    """Decide what becomes of a field that is missing in the ledger of one deal.

    For all deals, the playbook gets a rule instead; a rule goes before what was decided here. A
    field that was decided about is decided anew.

    Raises:
        Refused: the deal has no such field, the playbook has a rule for it, there is no reason, the
            verdict is none, or the person is of neither BD nor PS.
    """
    name = field.strip()
    require_hat(by, any_of=["BD", "PS", "Admin"], to="decide about a field")
    if verdict not in FieldVerdict.values:
        raise Refused(f"There is no {verdict!r}.", remedy=f"Use {', '.join(FieldVerdict.values)}.")
    if not why.strip():
        raise Refused("Why?", remedy="Say it in one sentence, for whoever looks next.")
    if rule := playbook.ledger_rule(name):
        raise Refused(
            f"The playbook has a rule for {name}: {rule.why}",
            remedy="Change the rule in the playbook's ledger.",
        )
    facts = facts_of(engagement.deal, on=day_in_zone(at, playbook.organisation.zone))
    if name not in {known for known, _value in manifest(facts)}:
        raise Refused(
            f"The handoff has no field {name!r}.", remedy="See `throughline handoff ledger E`."
        )
    decision, _created = FieldDecision.objects.update_or_create(
        engagement=locked_engagement(engagement.number),
        field=name,
        defaults={"verdict": verdict, "why": why.strip()[:250], "by": by, "at": at},
    )
    record("handoff.field.decided", engagement, by=by, at=at, field=name, verdict=verdict,
           why=decision.why)  # fmt: skip
    return decision


def rule_for(field: str) -> str:
    """Return the line that decides about a field for all deals, as the playbook writes it."""
    name = field.replace("\\", "\\\\").replace('"', '\\"')
    return f'{{ field = "{name}", disposition = "linked", why = "…" }},'
