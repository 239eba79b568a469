"""The engagements behind a figure, as `sales.figures` has the deals: an address names it."""

from datetime import date

from django.db.models import Q, QuerySet

from throughline.delivery.first_values import valued
from throughline.delivery.models import Engagement
from throughline.delivery.places import PLACES, Place, places_of
from throughline.playbook.model import Playbook
from throughline.renewals.terms import TERMS, Term, ended_between, with_term
from throughline.sales.figures import Figure
from throughline.sales.flow import Period

Engagements = QuerySet[Engagement]


def living(found: Engagements) -> Engagements:
    """Return the engagements whose deal is not gone."""
    return found.filter(deal__deleted_at=None)


def figure_of(
    text: str, *, period: Period, on: date, playbook: Playbook
) -> Figure[Engagement] | None:
    """Return what a figure counts ("place.done", "term.due", "over.renewed", "valued"); None: none."""
    kind, _, rest = text.partition(".")
    if kind == "place" and rest in list(Place):
        place = Place(rest)
        return Figure(PLACES[place][1], lambda found: _at(place, found))
    if kind == "term" and rest in list(Term):
        term = Term(rest)
        return Figure(
            TERMS[term][1],
            lambda found: with_term(living(found), on=on, playbook=playbook).filter(Q(term=term)),
        )
    if kind == "over" and (not rest or rest in list(Term)):
        return _over(rest, period, on, playbook)
    if text == "valued":
        return Figure("came to be of value", lambda found: valued(living(found)))
    return None


def _at(place: Place, found: Engagements) -> Engagements:
    there = [one.number for one in places_of(living(found)) if one.place == place]
    return found.filter(pk__in=there)


def _over(rest: str, period: Period, on: date, playbook: Playbook) -> Figure[Engagement]:
    words = f"ended from {period.from_on:%-d %b %Y} to {period.to_on:%-d %b %Y}"
    if rest:
        words += f" and {TERMS[Term(rest)][1]}"

    def narrow(found: Engagements) -> Engagements:
        ended = ended_between(living(found), period.from_on, period.to_on, on=on)
        termed = with_term(ended, on=on, playbook=playbook)
        return termed.filter(Q(term=Term(rest))) if rest else termed

    return Figure(words, narrow)
