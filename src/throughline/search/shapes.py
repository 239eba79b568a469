"""What was found, as JSON."""

from typing import Any

from django.conf import settings

from throughline.search.queries import Found


def found_shape(one: Found) -> dict[str, Any]:
    """Return a found thing as JSON; the command line and the REST API say the same."""
    thing = one.thing
    return {
        "kind": thing.kind.value,
        "number": thing.number,
        "title": "".join(part.text for part in one.title),
        "about": thing.about or None,
        "quotation": "".join(part.text for part in one.quotation) or None,
        "exact": one.is_exact,  # it goes by the very words
        "address": f"{settings.BASE_URL}{thing.address}",
    }
