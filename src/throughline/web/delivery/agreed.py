"""What was agreed, as of a day: the documents as tabs, and who pays for which cluster."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from throughline.delivery.models import Engagement, ScopeChange
from throughline.delivery.payers import agreed_payers
from throughline.infrastructure.words import Payer
from throughline.kernel.days import parse_day
from throughline.kernel.errors import Refused
from throughline.sales.models import Agreement, AgreementPayer
from throughline.sales.terms import Terms, documents_of, effective_day, terms_from
from throughline.web.agreements.page import UNSAID, term_facts
from throughline.web.moment import Moment
from throughline.web.templatetags.ui import day


def agreed_of(
    engagement: Engagement, now: Moment, *, as_of: str, see_money: bool
) -> dict[str, Any]:
    """Return the terms as of a day ("" is today) with a tab for each day on which they changed.

    A constant number of queries.
    """
    deal = engagement.deal
    chain = documents_of(deal)
    on = _asked(as_of) or now.on
    terms = terms_from(deal, chain, on) if chain else None
    today = terms_from(deal, chain, now.on) if chain else None
    facts = term_facts(deal, terms, now, see_money=see_money) if terms else []
    payers = agreed_payers([engagement.pk], on=now.on)
    changes = sorted(engagement.scope.all(), key=lambda one: (one.at, one.pk))
    return {
        "terms": terms,
        "payers": list(payers.values()),
        "on": on,
        "is_today": on == now.on,
        "facts": [one for one in facts if one["value"] != UNSAID],
        "unsaid": [one["label"].lower() for one in facts if one["value"] == UNSAID],
        "tabs": _tabs(chain, on, now.on),
        "pending": today.pending if today else None,
        "changes": [one for one in changes if _is_of(one, terms)],
        "clusters": _clusters(engagement, today, payers.values()),
    }


def _asked(as_of: str) -> date | None:
    """Return the day that an address names; None where it is none."""
    try:
        return parse_day(as_of)
    except Refused:
        return None


def _tabs(chain: Sequence[Agreement], on: date, today: date) -> list[dict[str, Any]]:
    """Return a tab for each amendment's first day, and one for today."""
    days = {found for one in chain[1:] if (found := effective_day(one)) is not None}
    first = effective_day(chain[0]) if chain else None
    days |= {first} if first and days else set()
    tabs = [
        {"label": f"As of {day(one)}", "url": f"?as_of={one:%Y-%m-%d}#terms", "current": one == on}
        for one in sorted(days - {today})
    ]
    return [{"label": "Today", "url": "?#terms", "current": on == today}, *tabs] if tabs else []


def _is_of(change: ScopeChange, terms: Terms | None) -> bool:
    counted = {one.pk for one in terms.counted} if terms else set()
    return change.amendment_id in counted


def _clusters(
    engagement: Engagement, terms: Terms | None, agreed: Iterable[AgreementPayer]
) -> list[dict[str, Any]]:
    """Return the clusters, each with who pays for it now and which document or file says so."""
    is_binding = terms is not None and terms.is_binding
    payers = {
        one.cluster_id: one
        for one in agreed
        if is_binding or one.agreement.deal_id != engagement.pk  # a draft of its own says nothing
    }
    return [
        {
            "cluster": link.cluster,
            "payer": _payer(payers.get(link.cluster_id), link.cluster),
            "hubs": list(link.cluster.hubs.all()),
        }
        for link in engagement.on_clusters.all()
    ]


def _payer(agreed: Any, cluster: Any) -> dict[str, Any]:
    filed = Payer(cluster.paid_by)
    if agreed is None:
        return {"word": filed.label, "source": "as its file says", "differs": ""}
    said = Payer(agreed.payer)
    differs = filed.label if filed not in {said, Payer.UNKNOWN} else ""
    return {"word": said.label, "source": f"agreed from {day(agreed.from_on)}", "differs": differs}
