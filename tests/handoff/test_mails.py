"""The welcome and the word to BD: after acceptance, once."""

import pytest

from tests.factories import BD, NOON, make_deal, make_engagement, make_person
from tests.handoff.world import apply, fresh, plan, states
from throughline.communities.models import Contact, RoleAssignment
from throughline.delivery.actions.acceptance import accept_engagement
from throughline.delivery.actions.engagements import open_imported
from throughline.delivery.models import Engagement
from throughline.handoff.models import Outcome
from throughline.mail.models import Message
from throughline.people.words import RoleName
from throughline.playbook.loader import shipped

pytestmark = pytest.mark.django_db


def outbox() -> list[tuple[list[str], str]]:
    return [(one.to, one.subject) for one in Message.objects.order_by("pk")]


def test_the_welcome_waits_until_somebody_of_ps_has_accepted_by_name():
    engagement = make_engagement()

    apply(engagement)

    row = Outcome.objects.get(key=f"mail.welcome:{engagement.number}")
    assert (row.state, row.remedy) == ("waiting", "Somebody of PS accepts the handoff by name.")
    assert outbox() == []


def test_the_welcome_goes_to_champion_and_representative_once_after_acceptance():
    engagement = make_engagement()
    apply(engagement)
    accept_engagement(engagement.number, by="pia", at=NOON)

    apply(engagement)
    apply(engagement)

    assert outbox() == [
        (
            ["champion@example.org", "representative@example.org"],
            "Welcome to 2i2c: work for EarthScope C. has begun",
        )
    ]
    assert "pia leads it" in Message.objects.get().text
    assert "support+earthscope@2i2c.org" in Message.objects.get().text


def test_the_welcome_is_not_sent_again_when_its_text_or_people_change():
    engagement = make_engagement()
    accept_engagement(engagement.number, by="pia", at=NOON)
    apply(engagement)
    Contact.objects.filter(email="champion@example.org").update(email="new@example.org")
    engagement.deal.community.long_name = "Another name"
    engagement.deal.community.save()

    apply(engagement)

    assert len(outbox()) == 1
    assert plan(engagement).changes == ()


def test_the_welcome_waits_for_a_representative_where_nobody_can_be_reached():
    engagement = make_engagement()
    RoleAssignment.objects.filter(role__in=["representative", "champion"]).delete()
    accept_engagement(engagement.number, by="pia", at=NOON)

    done = states(apply(engagement))

    assert done[f"mail.welcome:{engagement.number}"] == "waiting"
    assert Outcome.objects.get(system="mail").remedy == (
        "Name a Community Representative with an e-mail address."
    )


def test_the_owner_in_bd_is_told_who_accepted_where_their_address_is_known():
    owner = make_person(BD, RoleName.BD)
    owner.email = "ada@example.org"
    owner.save()
    engagement = make_engagement()
    accept_engagement(engagement.number, by="pia", at=NOON)

    apply(engagement)

    assert outbox()[1:] == [(["ada@example.org"], "Delivery accepted: EarthScope C.")]
    assert "pia accepted the delivery" in Message.objects.last().text


def test_an_engagement_that_came_in_already_won_is_not_welcomed():
    deal = make_deal(name="Old", hubspot_id="77", stage="closed_won", end_on="2027-01-01")
    open_imported(playbook=shipped(), by="factory", at=NOON)
    engagement = Engagement.objects.get(pk=deal.pk)
    accept_engagement(engagement.number, by="pia", at=NOON)

    done = apply(fresh(engagement))

    assert [key for key in states(done) if key.startswith("mail.")] == []
    assert outbox() == []
