from datetime import date, timedelta

import pytest
from django.test import Client

from tests.factories import BD, NOON, TODAY, make_cluster, make_deal, make_person
from throughline.communities.models import Community
from throughline.delivery.actions.deliverables import mark_done
from throughline.delivery.actions.engagements import link_clusters, open_imported
from throughline.delivery.actions.meetings import open_meeting
from throughline.delivery.actions.structure import put_deliverable, put_project, put_service
from throughline.people.words import RoleName


@pytest.fixture
def signed_in(db):
    """Return a client in which a person with these roles is signed in."""

    def sign_in(*roles):
        client = Client()
        client.force_login(make_person("-".join(roles) or "stranger", *roles))
        return client

    return sign_in


@pytest.fixture
def bd(signed_in):
    return signed_in(RoleName.BD)


@pytest.fixture
def won(playbook):
    """Return a function that makes won deals, each with an engagement on a cluster of its own."""

    def make(*numbers):
        for number in numbers:
            make_deal(
                hubspot_id=f"77{number}",
                name=f"Deal {number}",
                stage="closed_won",
                tier="premier",
                community=Community.objects.create(
                    short_name=f"Community {number}", created_at=NOON
                ),
                amount="17500.5",
                start_on=date(2026, 1, 1),
                end_on=date(2026, 12, 31) - timedelta(days=number),
            )
            hubs = {"prod": ("Production", f"hub{number}.example.org")}
            make_cluster(f"cluster-{number}", deal_id=f"77{number}", hubs=hubs)
        opened = open_imported(playbook=playbook, by="import", at=NOON)
        link_clusters(by="import", at=NOON)
        open_meeting(on=TODAY, by=BD, at=NOON)
        return [_filled(engagement) for engagement in opened]

    return make


def _filled(engagement):
    number = engagement.number
    put_project(number, "new-hub", title="New hub", kind="new_hub", by="pia", at=NOON)
    wanted = {
        "title": "Phase 1", "promise": "clause 3", "definition_of_done": ["It answers."],
        "wanted_evidence": ["hub.answers"], "due_on": date(2026, 3, 2), "low_h": "2.50",
    }  # fmt: skip
    one = put_deliverable(number, "new-hub", "phase-1", wanted=wanted, by="pia", at=NOON)
    mark_done(one.pk, evidence="I saw it.", link="", by="pia", at=NOON)
    put_service(number, "support", title="Support", rhythm="monthly", by="pia", at=NOON)
    return engagement
