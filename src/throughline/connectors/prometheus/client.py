"""Prometheus, as far as we ask it: who had a server on a hub, day by day."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from types import TracebackType
from typing import Annotated, Literal, Self

import httpx
from pydantic import BaseModel, ConfigDict, Field

from throughline.connectors.http import NotSendable, UnknownShape, open_client, read, send

# What Kubernetes' state says of a user's pod; JupyterHub writes the user's name on it, unescaped.
USER_LABEL = "annotation_hub_jupyter_org_username"
_NAMESPACE = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
QUERY = (
    "count by ({label}) (max_over_time(kube_pod_annotations{{"
    'namespace="{namespace}", pod=~"jupyter-.*", {label}!=""}}[1d]))'
)
DAY_S = 24 * 3600
TIMEOUT_S = 30.0  # it reads a day of samples for each day that is asked


@dataclass(frozen=True, slots=True)
class UserOnDay:
    """Somebody had a server on a day, by their name on the hub."""

    user: str
    on: date


class _Series(BaseModel):
    model_config = ConfigDict(frozen=True)

    metric: dict[str, str]
    values: list[tuple[float, str]]


class _Matrix(BaseModel):
    model_config = ConfigDict(frozen=True)

    result_type: Annotated[Literal["matrix"], Field(alias="resultType")]
    result: list[_Series]


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True)

    status: Literal["success"]
    data: _Matrix
    warnings: list[str] = []


class Prometheus:
    """One Prometheus. Holds no state but the session; close it, or use it in `with`."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the session."""
        self._http.close()

    def users(self, namespace: str, *, first_on: date, last_on: date) -> list[UserOnDay]:
        """Return who had a server in a hub's namespace on which days (UTC), the first and last included.

        Source: https://prometheus.io/docs/prometheus/latest/querying/api/#range-queries and
        https://github.com/jupyterhub/grafana-dashboards (which counts users by the same label)

        Raises:
            NotSendable: the namespace is none.
            Transient: Prometheus was slow, down, or could not work the query out in time (503).
            Declined: it refused the query (400, 422), or our token (401, 403).
            UnknownShape: the answer is no series, or an incomplete one: it came with warnings.
        """
        if not _NAMESPACE.fullmatch(namespace):
            raise NotSendable(f"{namespace!r} is no namespace: name the hub as its cluster does.")
        asked = {
            "query": QUERY.format(label=USER_LABEL, namespace=namespace),
            # A sample at midnight stands for the day that ends there.
            "start": str(_midnight(first_on + timedelta(days=1))),
            "end": str(_midnight(last_on + timedelta(days=1))),
            "step": str(DAY_S),
        }
        answer = read(send(self._http, "GET", "/api/v1/query_range", params=asked), _Answer)
        if answer.warnings:
            raise UnknownShape(f"The answer may be incomplete: {answer.warnings[0]}")
        return sorted(_users(answer.data), key=lambda one: (one.on, one.user))


def _users(matrix: _Matrix) -> Iterator[UserOnDay]:
    for series in matrix.result:
        name = series.metric.get(USER_LABEL, "")
        if not name:
            raise UnknownShape(f"A series has no {USER_LABEL}.")
        for at, _count in series.values:
            yield UserOnDay(name, (datetime.fromtimestamp(at, UTC) - timedelta(seconds=1)).date())


def _midnight(on: date) -> int:
    return int(datetime.combine(on, time(), UTC).timestamp())


def connect(url: str, *, token: str = "") -> Prometheus:
    """Return the Prometheus at an address; `token` is a bearer's, or "user:password", or nothing.

    Raises:
        NotSendable: the address is none.
    """
    headers = {} if not token or ":" in token else {"Authorization": f"Bearer {token}"}
    http = open_client(url.rstrip("/"), headers=headers, timeout_s=TIMEOUT_S)
    if ":" in token:
        user, _, password = token.partition(":")
        http.auth = httpx.BasicAuth(user, password)
    return Prometheus(http)
