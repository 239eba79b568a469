"""A patch for the infrastructure repository: clusters name the deal that renews the one they name."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import unified_diff

from throughline.delivery.models import Engagement, EngagementCluster
from throughline.kernel.errors import Refused
from throughline.renewals.models import ClusterText

# One line of a file: the key, its value, quoted or not, and what follows it.
_DEAL = re.compile(
    r"^(?P<head>\s*hubspot_deal_id:\s*)(?P<quote>['\"]?)(?P<deal>[\w-]+)(?P=quote)(?P<tail>\s*(?:#.*)?)$"
)


@dataclass(frozen=True, slots=True)
class Patch:
    """What changes in which files, as `git apply` takes it."""

    old: str
    new: str
    files: tuple[str, ...]
    text: str
    missing: tuple[str, ...]  # clusters whose file nobody has imported here


def patch_for(engagement: Engagement, texts: Mapping[str, tuple[str, str]] | None = None) -> Patch:
    """Return the patch that makes an engagement's clusters name its successor.

    `texts` are path and text of files by cluster; left out, they are those last imported.

    Raises:
        Refused: there is no successor, HubSpot does not have it yet, or no cluster names the deal.
    """
    successor, deal = engagement.successor, engagement.deal
    if successor is None:
        raise Refused(
            f"{deal.name} has no successor.", remedy="Renew it: `throughline renewals renew`."
        )
    if not successor.hubspot_id:
        raise Refused(
            f"{successor} has no number in HubSpot, and cluster files name that.",
            remedy="Link the deal of HubSpot as the successor (renewals renew E --deal D).",
        )
    links = EngagementCluster.objects.filter(engagement__in=[engagement.pk, successor.pk])
    clusters = {link.cluster.name: link.cluster for link in links.select_related("cluster")}
    files = _imported(clusters) if texts is None else texts
    old = _old_numbers(engagement)
    changed = [
        (path, text, after)
        for name in sorted(clusters)
        if name in files
        for path, text in [files[name]]
        if (after := repointed(text, old=old, new=successor.hubspot_id)) != text
    ]
    missing = tuple(sorted(name for name in clusters if name not in files))
    if not clusters:
        raise Refused(f"No cluster names {deal.name}.", remedy="There is nothing to re-point.")
    diff = "".join(_diff(path, before, after) for path, before, after in changed)
    return Patch(
        deal.reference, successor.hubspot_id, tuple(path for path, _b, _a in changed), diff, missing
    )


def _old_numbers(engagement: Engagement) -> frozenset[str]:
    """Return every number by which files may name the deal, those from before a merge included."""
    aliases = engagement.deal.aliases.values_list("old_id", flat=True)
    return frozenset({engagement.deal.hubspot_id or "", *aliases} - {""})


def _imported(names: Iterable[str]) -> dict[str, tuple[str, str]]:
    found = ClusterText.objects.filter(cluster__name__in=list(names)).select_related("cluster")
    return {one.cluster.name: (one.path, one.text) for one in found}


def repointed(text: str, *, old: Iterable[str], new: str) -> str:
    """Return a cluster's file with the deal changed, and not one other character.

    A key of that name anywhere else than below `metadata: 2i2c:` is nobody's deal and stays.
    """
    wanted, path, lines = set(old), list[tuple[int, str]](), []
    for line in text.splitlines(keepends=True):
        bare = line.rstrip("\r\n")
        path = _path(path, bare)
        found = _DEAL.match(bare)
        keys = [key for _indent, key in path]
        if found and keys == ["metadata", "2i2c", "hubspot_deal_id"] and found["deal"] in wanted:
            ending = line[len(bare) :]
            quote = found["quote"]
            line = f"{found['head']}{quote}{new}{quote}{found['tail']}{ending}"  # noqa: PLW2901 -- the line as it becomes
        lines.append(line)
    return "".join(lines)


_KEY = re.compile(r"^(?P<indent>\s*)(?P<quote>['\"]?)(?P<key>[\w.-]+)(?P=quote)\s*:(?:\s|$)")


def _path(path: list[tuple[int, str]], line: str) -> list[tuple[int, str]]:
    """Return the keys above a line and its own, by indentation, as far as block YAML has them."""
    found = _KEY.match(line)
    if found is None:
        return path
    indent = len(found["indent"])
    return [*((width, key) for width, key in path if width < indent), (indent, found["key"])]


def _diff(path: str, before: str, after: str) -> str:
    """Return a unified diff of one file; one without a last newline says so, as `git` does."""
    lines = unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), f"a/{path}", f"b/{path}"
    )
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )
