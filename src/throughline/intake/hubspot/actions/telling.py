"""Telling BD and PS of deals that were moved past an open gate elsewhere: once, in one mail each."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db import transaction

from throughline.intake.models import Told
from throughline.mail.actions.notifying import note_of, notify
from throughline.people.models import User
from throughline.people.words import RoleName
from throughline.playbook.model import Playbook
from throughline.playbook.parts import Lines
from throughline.sales.models import GateException
from throughline.sales.waiting import open_exceptions

HEAR = (RoleName.BD, RoleName.PS)
KEY = "exception:"
MOST_NAMED = 20  # in one mail; the page has all


@transaction.atomic
def tell_of_exceptions(*, playbook: Playbook, by: str, at: datetime) -> int:
    """Tell everybody of BD and PS about moves that nobody was told of, and return how many.

    It waits for them, so they are told as they chose for that. Where nobody has an address, Today
    and the weekly review are what tells.
    """
    known = Told.objects.filter(key__startswith=KEY).values_list("key", flat=True)
    told = set(known)
    fresh = [one for one in open_exceptions().order_by("pk") if f"{KEY}{one.pk}" not in told]
    if not fresh:
        return 0
    Told.objects.bulk_create(Told(key=f"{KEY}{one.pk}", at=at) for one in fresh)
    key = f"{KEY}{fresh[0].pk}-{fresh[-1].pk}"
    facts = _facts(fresh, playbook)
    note = note_of(
        playbook.mail("exceptions_told"), facts, key=key, about="exceptions", blocks=True
    )
    notify(_who(), note, playbook=playbook, by=by, at=at)
    return len(fresh)


def _who() -> Iterable[User]:
    people = User.objects.filter(is_active=True, grants__role__in=HEAR).exclude(email="")
    return people.distinct().order_by("pk")


def _facts(found: list[GateException], playbook: Playbook) -> dict[str, str]:
    several = len(found) > 1
    lines = [
        f"- {_one_line(one.deal.name)}: to {playbook.stage(one.to_stage).name}, past"
        f" {', '.join(one.conditions)}\n  {settings.BASE_URL}/deals/{one.deal_id}/"
        for one in found[:MOST_NAMED]
    ]
    rest = [f"- and {len(found) - MOST_NAMED} more"] if len(found) > MOST_NAMED else []
    return {
        "what": f"{len(found)} deals were" if several else f"{found[0].deal.name} was",
        "moves": Lines("\n".join([*lines, *rest])),
        "exceptions_url": f"{settings.BASE_URL}/exceptions/?state=open",
        "organisation": playbook.organisation.name,
    }


def _one_line(text: str) -> str:
    return " ".join(text.split())
