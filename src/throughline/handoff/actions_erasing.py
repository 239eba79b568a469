"""Erasing a person everywhere: from the floor that sees every table in which people are written."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from django.apps import apps
from django.db import models, transaction

from throughline.communities.actions import erase_contact
from throughline.communities.actions.contacts import Erased
from throughline.handoff.models import Outcome
from throughline.journal.actions_forgetting import naming, redact_rows
from throughline.playbook.model import Playbook

ROOMS: Final = (
    "documents",
    "capacity",
    "sales",
    "delivery",
    "billing",
    "budgets",
    "renewals",
    "handoff",
    "people",
    "communities",
    "intake",
)
EVERY: Final = "every field"
# Erasing does not reach what binds, or what an organisation is called.
KEPT: Final[Mapping[str, tuple[str, ...]]] = {
    "sales.agreement": (EVERY,),  # what was agreed, as it was agreed
    "sales.signatory": (EVERY,),  # who signed it for whom
    "sales.statementofwork": ("content",),  # its versions are signed off as they are
    "sales.deal": ("name", "buyer", "extra"),
    # What a community and its places are called, and the person's own row, which has the pseudonym.
    "communities.community": (
        "short_name",
        "long_name",
        "github_org",
        "repositories",
        "cloud",
        "region",
        "data_location",
    ),
    "communities.freedid": (EVERY,),
    "communities.contact": (EVERY,),
    "communities.roleassignment": (EVERY,),
    # Of whoever HubSpot knows only digests are kept, and codes; how it calls things is its own.
    **dict.fromkeys(
        ("intake.hubspotcontact", "intake.hubspotrole", "intake.hubspothint"), (EVERY,)
    ),
    "intake.hubspotorder": ("order_id", "deal_id"),
    "intake.hubspotstage": ("label", "pipeline_id", "pipeline_label", "code"),
    "intake.hubspotlabel": ("label", "code"),
    "intake.hubspotfield": ("label", "column"),
    "handoff.plan": ("digest",),
    "handoff.outcome": ("approved", "system", "audience"),
    # Whoever signs in is let go, not erased; what programs were answered is reached.
    **dict.fromkeys(
        (
            "people.user",
            "people.rolegrant",
            "people.savedview",
            "people.session",
            "people.tally",
            "people.apitoken",
        ),
        (EVERY,),
    ),
    "people.signedlink": ("purpose", "subject"),
    "people.apicall": ("caller", "key", "request_sha256"),
}


@transaction.atomic
def erase_person(pk: int, *, playbook: Playbook, by: str, at: datetime) -> Erased:
    """Put a pseudonym wherever a person is named: in every room, the outbox and the journal.

    What a handoff wants of the world is looked at again at once: where an outside system still
    names the person, that is drift, and is brought to somebody.

    Raises:
        Refused: they were erased or merged before.
    """
    erased = erase_contact(pk, playbook=playbook, by=by, at=at)
    named = [
        one.pk for one in naming(Outcome, ("wanted", "seen", "receipt", "replaced"), erased.gone)
    ]
    for model in _tables():
        redact_rows(model, erased.gone, keep=KEPT.get(model._meta.label_lower, ()))
    Outcome.objects.filter(pk__in=named, intent_at__isnull=True).update(next_at=at)
    return erased


def _tables() -> Iterator[type[models.Model]]:
    for room in ROOMS:
        for model in apps.get_app_config(room).get_models():
            if EVERY not in KEPT.get(model._meta.label_lower, ()):
                yield model
