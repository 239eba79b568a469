"""Keeping the text of cluster files, so that a patch can be made of them."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from throughline.infrastructure.models import Cluster
from throughline.renewals.models import ClusterText

WITHIN = "config/clusters"  # where the infrastructure repository has them


@transaction.atomic
def keep_cluster_texts(texts: Mapping[str, tuple[str, str]], *, at: datetime) -> int:
    """Keep path and text of each cluster's file as it was read; returns how many differ now."""
    clusters = Cluster.objects.filter(name__in=list(texts)).in_bulk(field_name="name")
    standing = {
        one.cluster_id: one for one in ClusterText.objects.filter(cluster__in=clusters.values())
    }
    changed = 0
    for name, cluster in clusters.items():
        path, text = texts[name]
        kept = standing.get(cluster.pk)
        if kept is None or (kept.path, kept.text) != (path, text):
            ClusterText.objects.update_or_create(
                cluster=cluster, defaults={"path": path, "text": text, "seen_at": at}
            )
            changed += 1
    return changed


def path_in_repository(name: str, file: str) -> str:
    """Return where the repository has a cluster's file.

    A folder of `NAME.yaml` files is somebody's copy; the repository has `NAME/cluster.yaml`.
    """
    if file.endswith("cluster.yaml"):
        return f"{WITHIN}/{name}/cluster.yaml"
    return file
