"""The pipeline's filters as the address and the page say them."""

from typing import Any, Final

from django.http import QueryDict

from throughline.people.models import User
from throughline.people.queries import saved_views
from throughline.sales.models import Deal
from throughline.sales.sentences import SENTENCES, said_of
from throughline.web.figures import NAMES, Narrowed, chip_of

PAGE: Final = "pipeline"  # as saved views name it
KEPT: Final = (
    "view",
    "stage",
    "q",
    "owner",
    "pipeline",
    "is",
    *NAMES,
)  # what a view of the pipeline is


def sentences_in(asked: QueryDict) -> list[str]:
    """Return the sentences that an address asks for, each once; what is none is left out."""
    wanted = asked.getlist("is")
    return [code for code in SENTENCES if code in wanted]


def query_of(asked: QueryDict) -> str:
    """Return what an address asks of the pipeline, without what is not its own."""
    kept = QueryDict(mutable=True)
    for name in KEPT:
        values = [value for value in asked.getlist(name) if value]
        if values:
            kept.setlist(name, values)
    return kept.urlencode()


def filters_of(asked: QueryDict, user: User, narrowed: Narrowed[Deal] | None) -> dict[str, Any]:
    """Return the sentences to choose from and this person's saved views, for a page."""
    chosen = sentences_in(asked)
    query = query_of(asked)
    return {
        "sentences": [
            {"words": one.words, "on": code in chosen, "url": f"?{_toggled(asked, chosen, code)}"}
            for code, one in SENTENCES.items()
        ],
        "said": said_of(chosen, also=narrowed.figure.words if narrowed else ""),
        "figure": chip_of(narrowed, query),
        "chosen": chosen,
        "query": query,
        "views": [
            {"view": one, "current": one.query == query} for one in saved_views(user, page=PAGE)
        ],
    }


def _toggled(asked: QueryDict, chosen: list[str], code: str) -> str:
    """Return the address with one sentence taken away, or added where it is not there."""
    query = QueryDict(query_of(asked), mutable=True)
    others = [one for one in chosen if one != code]
    query.setlist("is", others if code in chosen else [*chosen, code])
    return query.urlencode()
