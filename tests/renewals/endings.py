"""Engagements that end, run on, are renewed; and the days on which they do."""

from tests.factories import BD, LEAD, PS, SIGNATORIES, make_deal, make_person, sign, tell
from tests.renewals.world import day, make_hub, make_term, nine
from throughline.communities.actions import name_community
from throughline.people.words import RoleName
from throughline.playbook.loader import shipped
from throughline.renewals.actions_courses import Renewal, renew_engagement
from throughline.renewals.lapse import running_one, running_without_agreement
from throughline.sales.models import Deal

END = "2026-06-30"


def make_people():
    """Add one person of each role, so that hats count."""
    make_person(BD, RoleName.BD)
    make_person(PS, RoleName.PS)
    make_person(LEAD, RoleName.LEAD)


def make_running(end_on=END, *, hub="tide", **fields):
    """Return the engagement of a community that ends on a day, with one hub that runs."""
    community = name_community(fields.pop("community", "Tide"), by="factory", at=nine("2024-01-01"))
    engagement = make_term(end_on, community=community, **fields)
    make_hub(hub, engagement)
    return engagement


def running(on):
    return running_without_agreement(on=day(on), playbook=shipped())


def one_running(engagement, on):
    return running_one(engagement.deal.subject, on=day(on), playbook=shipped())


def renew(engagement, on="2026-05-01", **wanted):
    return renew_engagement(
        engagement.number, Renewal(**wanted), playbook=shipped(), by=BD, at=nine(on)
    )


def make_signed(start_on, end_on, **fields):
    """Return a deal whose agreement is executed, with these first and last days."""
    deal = make_deal(stage="contract_admin", **{"name": "The next"} | fields)
    tell(deal, "agreement.artefact", title="Renewal", signatories=SIGNATORIES)
    sign(deal)
    Deal.objects.filter(pk=deal.pk).update(start_on=start_on, end_on=end_on)
    return Deal.objects.get(pk=deal.pk)
