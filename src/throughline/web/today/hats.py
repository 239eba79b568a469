"""Which blocks a person's hats show on Today, and which of them are remembered."""

from collections.abc import Callable, Hashable
from functools import partial

from throughline.intake.week.look import Look
from throughline.journal.remembering import ANYTHING, remembered_each
from throughline.people.models import User
from throughline.people.words import RoleName
from throughline.web.today.blocks import (
    accept_block,
    capacity_block,
    due_block,
    early_over_block,
    ending_block,
    exceptions_block,
    moves_block,
    off_track_block,
    overdue_block,
    owner_of,
    reviews_block,
    sponsor_desk_block,
    troubled_block,
    verify_block,
)
from throughline.web.today.budget_asks import alerts_block
from throughline.web.today.ending import awaited_block, offboarding_block, running_block
from throughline.web.today.handed_over import (
    drifted_block,
    notes_block,
    questions_block,
    returned_block,
)
from throughline.web.today.hubspot_asks import hubspot_block
from throughline.web.today.mails import came_back_block, mails_block, untold_block
from throughline.web.today.shapes import Block

Make = Callable[[User, Look], Block]


def blocks_for(user: User, now: Look, then: Look) -> list[Block]:
    """Return the blocks of a person's hats, the same block once; a constant number of queries.

    `then` is now, or a pretended day: the blocks of renewals are those of that day.
    """
    finding = {
        make: partial(make, user, then if make in OF_RENEWALS else now)
        for make in _makes(user.hats())
    }
    keys = {make: _key(make, *one.args) for make, one in finding.items() if make not in UNSAID}
    known = remembered_each(ANYTHING, {keys[make]: finding[make] for make in keys})
    return [known[keys[one]] if one in keys else find() for one, find in finding.items()]


def _makes(hats: frozenset[RoleName]) -> list[Make]:
    """Return what makes the blocks of some hats, in the order of the page, the same only once."""
    ordered = (RoleName.SPONSOR, RoleName.BD, RoleName.PS, RoleName.LEAD, RoleName.ADMIN)
    worn = [hat for hat in ordered if hat in hats or RoleName.ADMIN in hats]
    return list(dict.fromkeys(make for hat in worn for make in BLOCKS[hat]))


def _key(make: Make, user: User, look: Look) -> Hashable:
    """Return all that a block depends on beside the database."""
    owner = owner_of(user) if make is moves_block else ""
    return ("today", make.__name__, owner, *look.key)


# Their rows change before, or without, a word in the journal: what is about to be sent, what a
# system said. They are asked each time.
UNSAID: frozenset[Make] = frozenset({
    alerts_block, came_back_block, drifted_block, hubspot_block, mails_block, troubled_block,
})  # fmt: skip
OF_RENEWALS: frozenset[Make] = frozenset({ending_block, running_block, offboarding_block})
BLOCKS: dict[RoleName, tuple[Make, ...]] = {
    RoleName.SPONSOR: (sponsor_desk_block,),
    RoleName.BD: (
        moves_block,
        returned_block,
        questions_block,
        hubspot_block,
        verify_block,
        exceptions_block,
        early_over_block,
        untold_block,
        came_back_block,
        ending_block,
        running_block,
        offboarding_block,
        awaited_block,
    ),
    RoleName.PS: (
        alerts_block,
        reviews_block,
        capacity_block,
        accept_block,
        notes_block,
        drifted_block,
        due_block,
        exceptions_block,
        offboarding_block,
    ),
    RoleName.LEAD: (
        exceptions_block,
        overdue_block,
        early_over_block,
        running_block,
        off_track_block,
    ),
    RoleName.ADMIN: (troubled_block, mails_block, came_back_block),
}
