"""A Prometheus that knows who had a server on which hub, and answers the one query that we ask."""

import re
from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from throughline.simulators.server import Call, Reply, Simulator

LABEL = "annotation_hub_jupyter_org_username"
NAMESPACE = re.compile(r'namespace="([^"]*)"')


class PrometheusSimulator(Simulator):
    """Days of servers by namespace and user; with a token it refuses those without it.

    Source: https://prometheus.io/docs/prometheus/latest/querying/api/
    """

    def __init__(self, *, authorization: str = "") -> None:
        super().__init__()
        self.servers: dict[str, dict[str, set[date]]] = defaultdict(lambda: defaultdict(set))
        self.authorization = authorization
        self.warnings: list[str] = []

    def ran(self, namespace: str, user: str, *days: date) -> None:
        """Remember that somebody had a server on some days."""
        self.servers[namespace][user].update(days)

    def answer(self, call: Call) -> Reply:
        """Return what Prometheus answers to a range query of whole days."""
        if self.authorization and call.headers.get("authorization") != self.authorization:
            return Reply(401, "Unauthorized")
        if call.path != "/api/v1/query_range":
            return Reply(404, "404 page not found")
        missing = [name for name in ("query", "start", "end", "step") if not call.query.get(name)]
        if missing:
            return Reply(400, _problem("bad_data", f'invalid parameter "{missing[0]}"'))
        namespace = NAMESPACE.search(call.query["query"])
        if namespace is None or LABEL not in call.query["query"]:
            return Reply(400, _problem("bad_data", "parse error"))
        start, end = int(call.query["start"]), int(call.query["end"])
        if end < start:
            return Reply(400, _problem("bad_data", "end timestamp must not be before start time"))
        result = self._series(namespace[1], range(start, end + 1, int(call.query["step"])))
        found: dict[str, Any] = {
            "status": "success", "data": {"resultType": "matrix", "result": result},
        }  # fmt: skip
        return Reply(200, found | ({"warnings": self.warnings} if self.warnings else {}))

    def _series(self, namespace: str, steps: range) -> list[dict[str, Any]]:
        found = []
        for user, days in sorted(self.servers.get(namespace, {}).items()):
            samples = {_end_of(on) for on in days}
            values = [[float(step), "1"] for step in steps if step in samples]
            if values:
                found.append({"metric": {LABEL: user}, "values": values})
        return found


def _end_of(on: date) -> int:
    return int(datetime.combine(on + timedelta(days=1), time(), UTC).timestamp())


def _problem(kind: str, error: str) -> dict[str, str]:
    return {"status": "error", "errorType": kind, "error": error}
