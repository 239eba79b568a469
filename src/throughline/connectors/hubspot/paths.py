"""Where HubSpot's calls live: one table for each way in which it numbers its API."""

import re
from dataclasses import dataclass
from urllib.parse import quote

LATEST = "2026-09"
NUMBERED = "v3"  # the older way: v3, and v4 for associations
_DATED = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class Paths:
    """The roots of the areas that we speak to; everything else is the same in each."""

    objects: str
    pipelines: str
    properties: str
    associations: str
    owners: str

    def object(self, object_type: str, *parts: str) -> str:
        """Return the path of a type's objects, or of what lies below it."""
        return _join(self.objects, object_type, *parts)

    def association(self, from_type: str, to_type: str, *parts: str) -> str:
        """Return the path of what lies between two types."""
        return _join(self.associations, from_type, to_type, *parts)


def paths_of(version: str) -> Paths:
    """Return the paths of a version of the API: "v3", or a date such as "2026-09".

    Source: https://developers.hubspot.com/docs/developer-tooling/platform/versioning

    Raises:
        ValueError: it is neither.
    """
    if version == NUMBERED:
        return Paths(
            "/crm/v3/objects", "/crm/v3/pipelines", "/crm/v3/properties",
            "/crm/v4/associations", "/crm/v3/owners",
        )  # fmt: skip
    if not _DATED.fullmatch(version):
        raise ValueError(f"{version!r} is no version of HubSpot's API: write {LATEST} or v3.")
    return Paths(
        objects=f"/crm/objects/{version}",
        pipelines=f"/crm/pipelines/{version}",
        properties=f"/crm/properties/{version}",
        associations=f"/crm/associations/{version}",
        # Owners stay where they are documented to be; no dated path of theirs is told anywhere.
        owners="/crm/v3/owners",
    )


def _join(*parts: str) -> str:
    root, *rest = parts
    return "/".join([root, *(quote(part, safe="-") for part in rest)])
