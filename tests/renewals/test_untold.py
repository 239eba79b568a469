"""Who must be told and cannot be: what the database leaves out is nothing that the rule would name."""

from datetime import date, timedelta
from random import Random

import pytest

from tests.factories import NOON
from tests.renewals.world import make_ending, make_representative, make_term, move_end, nine
from throughline.communities.actions import erase_contact
from throughline.communities.models import Contact
from throughline.playbook.loader import shipped
from throughline.renewals.jobs import run_ladders
from throughline.renewals.queries import engagements_to_look_at, mails_due, standings
from throughline.renewals.reading import Standings
from throughline.renewals.untold import untold

SHIPPED = shipped()
FIRST = date(2026, 5, 1)


def by_the_rule(on):
    """Return whom the rule names, asked about everybody."""
    looked_at = standings(engagements_to_look_at(on=on, playbook=SHIPPED), on=on)
    return [
        (standing.engagement.pk, planned.due_on)
        for standing in looked_at
        for planned in mails_due(standing, on=on, playbook=SHIPPED)
        if not planned.to
    ]


def as_said(on):
    return [(one.engagement.pk, one.since) for one in untold(Standings(SHIPPED, on))]


def make_terms(chance):
    """Make terms that end at different days, some with somebody to tell, some ending."""
    made = []
    for number in range(12):
        one = make_term(str(FIRST + timedelta(days=chance.randrange(5, 80))))
        if chance.random() < 0.7:
            make_ending(one)
        if chance.random() < 0.6:
            make_representative(one, f"rae{number}@coral.example")
            if chance.random() < 0.3:
                known = Contact.objects.filter(email=f"rae{number}@coral.example")
                known.update(email=None, github_id=f"rae{number}")
        made.append(one)
    return made


def disturb(terms, chance):
    """Move some ends, and erase somebody."""
    for one in chance.sample(terms, 4):
        move_end(one, FIRST + timedelta(days=chance.randrange(5, 120)))
    if contact := Contact.objects.exclude(email=None).order_by("pk").first():
        erase_contact(contact.pk, playbook=SHIPPED, by="ada", at=NOON)


@pytest.mark.both_databases
@pytest.mark.parametrize("seed", range(3))
def test_who_has_nobody_to_be_told_by_is_whom_the_rule_names(db, seed):
    chance, found = Random(seed), 0
    terms = make_terms(chance)
    for days in range(0, 84, 7):
        on = FIRST + timedelta(days=days)
        if days % 21 == 14:
            disturb(terms, chance)
        assert as_said(on) == by_the_rule(on)
        found += len(as_said(on))
        run_ladders(playbook=SHIPPED, by="worker", at=nine(on))
    assert found > 0
