"""What was set aside or passed by, for the weekly review: waivers, early starts, exceptions."""

from datetime import date
from typing import Any

from django.db.models import QuerySet

from throughline.playbook.model import Playbook
from throughline.sales.models import EarlyStart, GateException, Waiver
from throughline.sales.shapes import stage_name


def waivers() -> QuerySet[Waiver]:
    """Return every waiver with its deal, the one that ends last first."""
    return Waiver.objects.select_related("deal__community").order_by("-until_on", "-pk")


def standing_waivers(*, on: date) -> QuerySet[Waiver]:
    """Return the waivers that count on a day, the one that ends first at the top."""
    return waivers().filter(withdrawn_at=None, until_on__gte=on).order_by("until_on", "pk")


def past_waivers(*, on: date) -> QuerySet[Waiver]:
    """Return the waivers that expired or were withdrawn, the latest first."""
    return waivers().exclude(withdrawn_at=None, until_on__gte=on)


def early_starts() -> QuerySet[EarlyStart]:
    """Return every early start with its deal and order, the one that ends last first."""
    return EarlyStart.objects.select_related("deal__community", "deal__order").order_by(
        "-until_on", "-pk"
    )


def exceptions(state: str = "") -> QuerySet[GateException]:
    """Return the moves past an open gate, the latest first; all states where "" is asked for."""
    found = GateException.objects.select_related("deal__community").order_by("-found_at", "-pk")
    return found.filter(state=state) if state else found


def waiver_shape(waiver: Waiver, *, on: date) -> dict[str, Any]:
    """Return a waiver as JSON."""
    return {
        "waiver": waiver.pk,
        "deal": waiver.deal.reference,
        "code": waiver.code,
        "reason": waiver.reason,
        "until": waiver.until_on,
        "by": waiver.by,
        "counts": waiver.counts(on),
        "withdrawn_by": waiver.withdrawn_by or None,
    }


def exception_shape(one: GateException, playbook: Playbook) -> dict[str, Any]:
    """Return a move past an open gate as JSON."""
    return {
        "deal": one.deal.reference,
        "name": one.deal.name,
        "from": stage_name(one.from_stage, playbook),
        "to": stage_name(one.to_stage, playbook),
        "conditions": one.conditions,
        "found_at": one.found_at,
        "found_by": one.found_by,
        "state": one.state,
        "explanation": one.explanation or None,
        "closed_by": one.closed_by or None,
        "closed_at": one.closed_at,
    }
