"""What files of an infrastructure repository would mean once they were read; nothing is kept.

For a check of a pull request: only what its own files would leave to be settled is told.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TypeVar

from throughline.budgets.models import Arming
from throughline.delivery.payers import EVENTUALLY, payers_by_cluster
from throughline.infrastructure.models import Cluster
from throughline.infrastructure.words import Payer
from throughline.intake.cluster_files import PASSED_OVER
from throughline.intake.cluster_yaml import ClusterFile, read_cluster
from throughline.intake.tfvars import AlertFile, read_tfvars
from throughline.kernel.errors import Refused
from throughline.playbook.model import Playbook
from throughline.renewals.reconcile import Finding, Running, findings_of, running_clusters

LEAVE_OUT = "Check the path; leave deleted files out (git diff --diff-filter=d)."

One = TypeVar("One", ClusterFile, AlertFile)


@dataclass(frozen=True, slots=True)
class FileChanged:
    """One file: its path in the repository, and what it holds."""

    path: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Checked:
    """What would differ, which clusters were looked at, and which files are about none."""

    findings: tuple[Finding, ...]
    clusters: tuple[str, ...]
    passed_over: tuple[str, ...]


@dataclass(slots=True)
class _Reading:
    clusters: dict[str, ClusterFile] = field(default_factory=dict)
    alerts: dict[str, AlertFile] = field(default_factory=dict)
    passed_over: list[str] = field(default_factory=list)
    broken: list[Refused] = field(default_factory=list)


def check_paths(paths: Sequence[Path], *, on: date, playbook: Playbook) -> Checked:
    """Return what would differ on a day once these files were imported.

    Raises:
        Refused: a file is not there, cannot be read, or is broken; all of them are named.
    """
    changed, missing = [], []
    for path in dict.fromkeys(paths):
        if _is_secret(path):
            changed.append(FileChanged(path.as_posix(), b""))
            continue
        try:
            changed.append(FileChanged(path.as_posix(), path.read_bytes()))
        except OSError as error:
            missing.append(Refused(f"{path} cannot be read: {error.strerror}.", remedy=LEAVE_OUT))
    return check_changed(changed, on=on, playbook=playbook, broken=missing)


def check_changed(
    files: Sequence[FileChanged],
    *,
    on: date,
    playbook: Playbook,
    broken: Sequence[Refused] = (),
) -> Checked:
    """Return what would differ on a day once files with this content were imported.

    Raises:
        Refused: one is broken; all of them are named, each with its line.
    """
    reading = _Reading(broken=list(broken))
    for one in files:
        _read(one, reading)
    if reading.broken:
        raise Refused(" ".join(str(one) for one in reading.broken))
    running = _running(reading)
    found = findings_of(running, on=on, playbook=playbook)
    return Checked(
        tuple(found), tuple(sorted(one.name for one in running)), tuple(reading.passed_over)
    )


def _is_secret(path: Path) -> bool:
    return path.name.startswith(PASSED_OVER)


def _read(one: FileChanged, reading: _Reading) -> None:
    path = Path(one.path)
    try:
        if _is_secret(path) or path.name.endswith(".values.yaml"):
            reading.passed_over.append(one.path)
        elif path.suffix == ".tfvars":
            alert = read_tfvars(one.content, file=one.path)
            _keep_once(reading.alerts, alert.cluster, alert)
        elif path.suffix in {".yaml", ".yml"} and (cluster := _cluster(one, path)) is not None:
            _keep_once(reading.clusters, cluster.name, cluster)
        else:
            reading.passed_over.append(one.path)
    except Refused as error:
        reading.broken.append(Refused(f"{one.path}: {error.message}", remedy=error.remedy))


def _cluster(one: FileChanged, path: Path) -> ClusterFile | None:
    is_named = path.name == "cluster.yaml" or path.parent.name == "clusters"
    try:
        return read_cluster(one.content, file=one.path, certain=is_named)
    except Refused:
        if is_named:
            raise
        return None  # a template, say: it only looked a little like a cluster


def _keep_once(kept: dict[str, One], name: str, value: One) -> None:
    if name in kept:
        raise Refused(
            f"the cluster {name} stands in {kept[name].file}, too.", remedy="Keep one file."
        )
    kept[name] = value


def _running(reading: _Reading) -> list[Running]:
    """Return the clusters that the files are about, as they would run."""
    names = {*reading.clusters, *reading.alerts}
    known = {one.name: one for one in running_clusters(names)}
    standing = Cluster.objects.filter(name__in=names).values_list("pk", flat=True)
    agreed = payers_by_cluster(on=EVENTUALLY, clusters=standing)
    armed = _Armed(
        dict(Cluster.objects.filter(name__in=names).values_list("name", "budget_alert")),
        {
            str(one.account)
            for one in Arming.objects.filter(is_armed=True).select_related("account")
        },
        {rows[-1].cluster.name: rows[-1].payer for rows in agreed.values()},
    )
    found = []
    for name in sorted(names):
        alert = reading.alerts.get(name)
        if name in reading.clusters:
            found.append(armed.judged(_as_file(reading.clusters[name]), alert))
        elif name in known:
            found.append(armed.judged(known[name], alert))
        elif alert is not None:
            reading.passed_over.append(alert.file)
    return found


@dataclass(frozen=True, slots=True)
class _Armed:
    """What is known about budget alerts beside the files. Source: budgets.queries."""

    before: Mapping[str, bool | None]  # by cluster: what files said earlier
    accounts: Collection[str]  # armed by a receipt or a check
    agreed: Mapping[str, str]  # by cluster: who pays, which beats the file (F12)

    def judged(self, one: Running, alert: AlertFile | None) -> Running:
        """Return a cluster with what these files, and all else, mean for its alert."""
        says = alert.armed if alert else self.before.get(one.name)
        payer = self.agreed.get(one.name, one.paid_by)
        needs = payer == Payer.US and bool(one.account)
        is_unarmed = needs and says is not True and one.account not in self.accounts
        return replace(one, is_unarmed=is_unarmed, is_switched_off=says is False)


def _as_file(file: ClusterFile) -> Running:
    return Running(
        file.name,
        file.deal_id or "",
        Payer(file.paid_by),
        f"{file.provider} {file.account}" if file.account else "",
        is_unarmed=False,
        is_switched_off=False,
        hubs=tuple(sorted(hub.domain or hub.name for hub in file.hubs)),
    )
