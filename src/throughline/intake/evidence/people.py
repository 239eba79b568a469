"""Who uses the hubs: enough people who are not staff, and a representative among them.

Prometheus is read where it is connected, and files of activity are taken in by people; both become
the same rows, and the evidence is computed from those.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from django.conf import settings

from throughline.connectors.prometheus.client import Prometheus
from throughline.connectors.prometheus.client import connect as open_prometheus
from throughline.delivery.actions.activity import Activity, keep_activity
from throughline.delivery.models import ActivitySpan, Engagement, Evidence
from throughline.delivery.value import Value, hubs_of, value_of
from throughline.delivery.words import EvidenceKind, EvidenceState
from throughline.infrastructure.models import Hub
from throughline.intake.evidence.looks import Look, keep, wanting
from throughline.kernel.days import day_in_zone
from throughline.kernel.errors import Permanent, Transient
from throughline.playbook.model import Playbook

ConnectPrometheus = Callable[[str], Prometheus]  # by the name of a cluster

SOURCE = "Prometheus"
FARTHEST = timedelta(days=365)  # it keeps a year
PEOPLE = (EvidenceKind.USERS_ACTIVE, EvidenceKind.REPRESENTATIVE_SEEN)


def prometheus_connections() -> ConnectPrometheus | None:
    """Return how Prometheus is asked; None where the settings name none."""
    if not settings.PROMETHEUS_URL:
        return None
    return lambda cluster: open_prometheus(
        settings.PROMETHEUS_URL.replace("{cluster}", cluster), token=settings.PROMETHEUS_TOKEN
    )


def collect_people(
    engagement: Engagement,
    *,
    connect: ConnectPrometheus | None,
    playbook: Playbook,
    by: str,
    at: datetime,
) -> list[Evidence]:
    """Look how many people use an engagement's hubs, and whether a representative is one of them."""
    found = {kind: wanting(engagement, kind) for kind in PEOPLE}
    if not any(found.values()):
        return []
    trouble = read_activity(engagement, connect=connect, playbook=playbook, by=by, at=at)
    on = day_in_zone(at, playbook.organisation.zone)
    value = value_of(engagement, playbook=playbook, on=on)
    looks = {
        EvidenceKind.USERS_ACTIVE: _look_at_people(value, trouble, playbook, on),
        EvidenceKind.REPRESENTATIVE_SEEN: _look_at_representative(value, trouble),
    }
    return [
        kept for kind in PEOPLE for kept in keep(found[kind], kind, [looks[kind]], by=by, at=at)
    ]


def read_activity(
    engagement: Engagement,
    *,
    connect: ConnectPrometheus | None,
    playbook: Playbook,
    by: str,
    at: datetime,
) -> str:
    """Read what Prometheus knows of an engagement's hubs and is not known yet; return what failed.

    The days are those that are over; the last known one is read again, for it may have been half.
    """
    if connect is None:
        return ""
    on, troubles = day_in_zone(at, "UTC"), []
    for hub in hubs_of(engagement)[0]:
        first_on, last_on = _unread(hub, engagement, on)
        try:
            with connect(hub.cluster.name) as prometheus:
                seen = prometheus.users(hub.name, first_on=first_on, last_on=last_on)
        except (Transient, Permanent) as error:
            troubles.append(f"{hub} could not be asked about: {error}")
            continue
        users = frozenset((one.on, one.user) for one in seen)
        told = Activity(hub, SOURCE, first_on, last_on, users)
        keep_activity(told, staff=playbook.verification.staff, by=by, at=at)
    return " ".join(troubles)


def _unread(hub: Hub, engagement: Engagement, on: date) -> tuple[date, date]:
    last_on = on - timedelta(days=1)
    known = ActivitySpan.objects.filter(hub=hub, source=SOURCE).order_by("-to_on").first()
    opened_on = engagement.opened_at.date()
    first_on = known.to_on if known else max(opened_on, on - FARTHEST)
    return min(first_on, last_on), last_on


def _look_at_people(value: Value, trouble: str, playbook: Playbook, on: date) -> Look:
    rules, last = playbook.verification, value.last
    if value.unknown_because or last is None:
        return _unknown(value, trouble)
    said = (
        f"{last.people} separate people who are not staff used {_hubs(value)} in the"
        f" {rules.window_days} days to {last.to_on:%-d %B %Y} ({', '.join(value.sources)})."
    )
    if last.people >= rules.people:
        return Look(EvidenceState.FOUND, said)
    if value.first_on is not None:
        said += f" {rules.people} were reached on {value.first_on:%-d %B %Y}."
    if trouble:
        return Look(EvidenceState.UNAVAILABLE, f"{trouble} {said}")
    if not last.is_known or (on - last.to_on).days > rules.window_days:
        return Look(
            EvidenceState.UNAVAILABLE,
            f"{said} Not every day of those is known: bring the activity up to date.",
        )
    return Look(EvidenceState.ABSENT, f"{said} {rules.people} are wanted.")


def _look_at_representative(value: Value, trouble: str) -> Look:
    if not value.representatives:
        return Look(
            EvidenceState.UNAVAILABLE,
            "Nobody is named as Community Representative: name them on the deal.",
        )
    if value.representative_on is not None:
        text = (
            f"A Community Representative used {_hubs(value)} on"
            f" {value.representative_on:%-d %B %Y} ({', '.join(value.sources)})."
        )
        return Look(EvidenceState.FOUND, text)
    last = value.last
    if value.unknown_because or last is None or trouble:
        return _unknown(value, trouble)
    if not last.is_known:
        return Look(
            EvidenceState.UNAVAILABLE,
            f"No Community Representative was seen on {_hubs(value)} to {last.to_on:%-d %B %Y},"
            " and not every day is known: bring the activity up to date.",
        )
    return Look(
        EvidenceState.ABSENT,
        f"No Community Representative was seen on {_hubs(value)} to {last.to_on:%-d %B %Y}, by their"
        " address or GitHub id.",
    )


def _unknown(value: Value, trouble: str) -> Look:
    said = "Nothing is told of the days since the order yet."
    return Look(EvidenceState.UNAVAILABLE, trouble or value.unknown_because or said)


def _hubs(value: Value) -> str:
    return " and ".join(value.hubs)
