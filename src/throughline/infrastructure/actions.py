"""Keeping what runs as its files describe it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from throughline.infrastructure.models import CloudAccount, Cluster, Hub
from throughline.infrastructure.words import Payer
from throughline.journal.actions import record


@dataclass(frozen=True, slots=True)
class ClusterSeen:
    """A cluster as its file describes it."""

    name: str
    provider: str
    account: str | None
    region: str
    paid_by: Payer
    deal_id: str
    budget_alert: bool | None
    hubs: Mapping[str, tuple[str, str]]  # name: (display name, domain)


@dataclass(slots=True)
class Kept:
    """What became of the clusters, by name."""

    created: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)


@transaction.atomic
def keep_clusters(seen: Sequence[ClusterSeen], *, by: str, at: datetime) -> Kept:
    """Make the clusters and hubs here what their files say; clusters without a file stay."""
    kept = Kept()
    standing = {
        cluster.name: cluster
        for cluster in Cluster.objects.select_for_update().filter(
            name__in=[one.name for one in seen]
        )
    }
    for one in seen:
        cluster = standing.get(one.name)
        if cluster is None:
            _create(one, by=by, at=at)
            kept.created.append(one.name)
        elif _update(cluster, one, by=by, at=at):
            kept.updated.append(one.name)
        else:
            kept.unchanged.append(one.name)
    return kept


def _fields(one: ClusterSeen) -> dict[str, object]:
    account = None
    if one.account:
        account, _created = CloudAccount.objects.get_or_create(
            provider=one.provider, identifier=one.account
        )
    return {
        "provider": one.provider,
        "account": account,
        "region": one.region,
        "paid_by": one.paid_by,
        "deal_id": one.deal_id,
        "budget_alert": one.budget_alert,
    }


def _create(one: ClusterSeen, *, by: str, at: datetime) -> None:
    cluster = Cluster.objects.create(name=one.name, seen_at=at, **_fields(one))
    _keep_hubs(cluster, one)
    record("infrastructure.cluster.seen", cluster, by=by, at=at, name=one.name)


def _update(cluster: Cluster, one: ClusterSeen, *, by: str, at: datetime) -> bool:
    fields = _fields(one)
    changed = {name: value for name, value in fields.items() if getattr(cluster, name) != value}
    before = {name: str(getattr(cluster, name)) for name in changed}
    hubs_changed = _keep_hubs(cluster, one)
    if not changed and not hubs_changed:
        return False
    for name, value in changed.items():
        setattr(cluster, name, value)
    cluster.seen_at = at
    cluster.save(update_fields=[*changed, "seen_at"])
    record(
        "infrastructure.cluster.changed", cluster, by=by, at=at, before=before,
        after={name: str(value) for name, value in changed.items()}, hubs_changed=hubs_changed,
    )  # fmt: skip
    return True


def _keep_hubs(cluster: Cluster, one: ClusterSeen) -> bool:
    """Make the hubs what the file says, and return whether anything changed."""
    standing = {hub.name: (hub.display_name, hub.domain) for hub in cluster.hubs.all()}
    if standing == dict(one.hubs):
        return False
    cluster.hubs.exclude(name__in=one.hubs).delete()
    for name, (display_name, domain) in one.hubs.items():
        Hub.objects.update_or_create(
            cluster=cluster, name=name, defaults={"display_name": display_name, "domain": domain}
        )
    return True


@transaction.atomic
def note_alerts(armed: Mapping[str, bool], *, by: str, at: datetime) -> list[str]:
    """Note for known clusters whether their budget alert is armed; return whose note changed."""
    changed = []
    for cluster in Cluster.objects.select_for_update().filter(name__in=armed).order_by("name"):
        if cluster.budget_alert != armed[cluster.name]:
            cluster.budget_alert, cluster.seen_at = armed[cluster.name], at
            cluster.save(update_fields=["budget_alert", "seen_at"])
            record("infrastructure.alert.noted", cluster, by=by, at=at, armed=armed[cluster.name])
            changed.append(cluster.name)
    return changed


def known_accounts(provider: str, identifiers: Iterable[str]) -> dict[str, CloudAccount]:
    """Return the accounts of a provider by identifier; those that nobody has named yet are added."""
    wanted = list(dict.fromkeys(identifiers))
    CloudAccount.objects.bulk_create(
        [CloudAccount(provider=provider, identifier=one) for one in wanted], ignore_conflicts=True
    )
    found = CloudAccount.objects.filter(provider=provider, identifier__in=wanted)
    return {one.identifier: one for one in found}
