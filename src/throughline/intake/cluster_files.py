"""The infrastructure repository's files, read into values: what runs, who pays, what is armed.

Formats: `cluster.yaml` (one per cluster) and Terraform's `*.tfvars`, as in
https://github.com/2i2c-org/infrastructure (config/clusters, terraform/aws/projects).
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from throughline.intake.cluster_yaml import ClusterFile, HubFile, read_cluster
from throughline.intake.tfvars import AlertFile, read_tfvars
from throughline.kernel.errors import Refused

__all__ = ["ClusterFile", "FileWarning", "HubFile", "Infrastructure", "read_folder"]

FILE_UNREADABLE = "file_unreadable"
CLUSTER_TWICE = "cluster_twice"
TFVARS_UNREADABLE = "tfvars_unreadable"
TFVARS_WITHOUT_CLUSTER = "tfvars_without_cluster"

PASSED_OVER = ("enc-", ".")  # secrets are never opened; hidden files are nobody's clusters


@dataclass(frozen=True, slots=True)
class FileWarning:
    """What is wrong with one file, and what to do; the other files went on without it."""

    code: str
    file: str
    message: str


@dataclass(frozen=True, slots=True)
class Infrastructure:
    """What a folder says: clusters by name, and what every tfvars says about alerts."""

    clusters: tuple[ClusterFile, ...]
    warnings: tuple[FileWarning, ...]
    alerts: tuple[tuple[str, bool], ...] = ()  # also for clusters that were read another day

    def as_json(self) -> dict[str, Any]:
        """Return what the command line prints."""
        return {
            "clusters": [_cluster_as_json(cluster) for cluster in self.clusters],
            "warnings": [
                {"code": warning.code, "file": warning.file, "message": warning.message}
                for warning in self.warnings
            ],
        }


def read_folder(folders: Sequence[Path]) -> Infrastructure:
    """Return the clusters and budget alerts that the files in some folders describe.

    Raises:
        Refused: a folder is not there, or holds neither cluster files nor tfvars.
    """
    reading = _Reading()
    for folder in folders:
        reading.add_folder(folder)
    return reading.result()


@dataclass(frozen=True, slots=True)
class _Found:
    """A file that may concern us; `flat` where its folder is one for cluster files."""

    path: Path
    name: str
    flat: bool

    @property
    def by_name(self) -> bool:
        return self.path.name == "cluster.yaml"

    @property
    def expected(self) -> bool:
        return self.by_name or self.flat

    @property
    def stands_for(self) -> str:
        """The cluster that a file nobody can read is probably about."""
        return self.path.parent.name if self.by_name else self.path.stem


@dataclass(slots=True)
class _Reading:
    """What has been read so far. The first file that names a cluster counts."""

    clusters: dict[str, ClusterFile] = field(default_factory=dict)
    alerts: dict[str, AlertFile] = field(default_factory=dict)
    warnings: list[FileWarning] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)  # clusters whose file says nothing: no orphans
    seen: dict[Path, bool] = field(default_factory=dict)  # was it one of ours?

    def add_folder(self, folder: Path) -> None:
        """Read a folder's files; one that lies in two of the folders is read once.

        Raises:
            Refused: the folder is not there, or has nothing for us.
        """
        ours = False
        for found in _files(folder):
            path = found.path
            if path not in self.seen:
                add = self._add_cluster if path.suffix == ".yaml" else self._add_alerts
                self.seen[path] = add(found)
            ours = ours or self.seen[path]
        if not ours:
            raise Refused(
                f"{folder} holds neither cluster files nor *.tfvars.",
                remedy="Name a folder with NAME.yaml or NAME/cluster.yaml, or with *.tfvars.",
            )

    def _add_cluster(self, found: _Found) -> bool:
        """Return whether the file is a cluster file, if only by its name."""
        try:
            cluster = self._read_cluster(found)
        except Refused as refused:
            if not found.expected:
                return False  # a template, say: it only looked a little like a cluster
            self.broken.add(found.stands_for)
            self._warn(FILE_UNREADABLE, found, str(refused))
            return True
        if cluster is None:
            return False
        kept = self.clusters.setdefault(cluster.name, cluster)
        if kept is not cluster:
            story = (
                f"the cluster {cluster.name} stands in {kept.file}, which counts. Keep one file."
            )
            self._warn(CLUSTER_TWICE, found, story)
        return True

    def _read_cluster(self, found: _Found) -> ClusterFile | None:
        raw = _read(found.path)
        if not found.expected and not (b"hubs" in raw and b"provider" in raw):
            return None  # most YAML of a checkout, and not worth parsing
        return read_cluster(raw, file=found.name, certain=found.by_name)

    def _add_alerts(self, found: _Found) -> bool:
        try:
            alert = read_tfvars(_read(found.path), file=found.name)
        except Refused as refused:
            self._warn(TFVARS_UNREADABLE, found, str(refused))
            return True
        kept = self.alerts.setdefault(alert.cluster, alert)
        if kept is not alert:
            story = f"{kept.file} speaks of the cluster {alert.cluster} and counts. Keep one file."
            self._warn(CLUSTER_TWICE, found, story)
        return True

    def _warn(self, code: str, found: _Found, story: str) -> None:
        self.warnings.append(FileWarning(code, found.name, f"{found.name}: {story}"))

    def result(self) -> Infrastructure:
        """Return everything, in the order of names."""
        orphans = self._orphans() if self.clusters else []
        return Infrastructure(
            tuple(
                _with_alert(self.clusters[name], self.alerts.get(name))
                for name in sorted(self.clusters)
            ),
            tuple(sorted([*self.warnings, *orphans], key=lambda each: (each.file, each.code))),
            tuple((name, self.alerts[name].armed) for name in sorted(self.alerts)),
        )

    def _orphans(self) -> list[FileWarning]:
        known = self.broken.union(self.clusters)
        return [
            FileWarning(
                TFVARS_WITHOUT_CLUSTER,
                alert.file,
                f"{alert.file}: no cluster file here is named {name}. "
                "Add its cluster file, or correct cluster_name.",
            )
            for name, alert in self.alerts.items()
            if name not in known
        ]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Refused(
            f"cannot be read: {error.strerror}.", remedy="Check the file's permissions."
        ) from error


def _files(folder: Path) -> Iterator[_Found]:
    if not folder.is_dir():
        raise Refused(f"{folder} is not a folder.", remedy="Check the path.")
    top = folder.resolve()  # so that a file has one path, whichever folder leads to it
    for root, folders, names in os.walk(top):
        folders[:] = sorted(
            name for name in folders if not name.startswith(".") and name != "node_modules"
        )
        here = Path(root)
        relative = here.relative_to(top)
        flat = relative == Path() or here.name == "clusters"
        for name in sorted(names):
            wanted = name.endswith((".yaml", ".tfvars")) and not name.endswith(".values.yaml")
            if wanted and not name.startswith(PASSED_OVER):
                yield _Found(here / name, (relative / name).as_posix(), flat)


def _with_alert(cluster: ClusterFile, alert: AlertFile | None) -> ClusterFile:
    if alert is None:
        return cluster
    return replace(cluster, budget_alert=alert.armed, budget_alerts=alert.explicit)


def _cluster_as_json(cluster: ClusterFile) -> dict[str, Any]:
    shown = ("name", "provider", "account", "region", "paid_by", "deal_id", "budget_alert")
    hubs = [{"name": hub.name, "domain": hub.domain} for hub in cluster.hubs]
    return {**{name: getattr(cluster, name) for name in shown}, "hubs": hubs}
