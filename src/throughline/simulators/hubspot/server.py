"""HubSpot over HTTP: who may call, how often, and which call is which."""

import re
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote

from throughline.simulators.hubspot import associating, batches, definitions, objects
from throughline.simulators.hubspot.account import Account
from throughline.simulators.hubspot.problems import NoCredentials, Problem, ScopeMissing, TooMany
from throughline.simulators.server import Call, Reply, Simulator

TOKEN = "pat-na1-simulated"  # noqa: S105 -- opens nothing but a simulator
DATES = ("2026-03", "2026-09")
DAILY = 250_000

Handler = Callable[..., Reply]
_TYPE = r"(?P<kind>[^/]+)"
_OTHER = r"(?P<other>[^/]+)"
_ID = r"(?P<object_id>[^/]+)"
_OTHER_ID = r"(?P<other_id>[^/]+)"
_PAIR = rf"associations/{_TYPE}/{_OTHER}"
_ENDS = rf"objects/{_TYPE}/{_ID}/associations/{_OTHER}"
_PIPELINE = rf"pipelines/{_TYPE}/(?P<pipeline_id>[^/]+)"
_NAME = rf"properties/{_TYPE}/(?P<name>[^/]+)"

# Method, path without its version, and what answers. The first that fits counts.
ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("POST", rf"objects/{_TYPE}/search", objects.searched),
    ("POST", rf"objects/{_TYPE}/merge", objects.merged),
    ("POST", rf"objects/{_TYPE}/gdpr-delete", objects.forgotten),
    ("POST", rf"objects/{_TYPE}/batch/read", batches.read),
    ("POST", rf"objects/{_TYPE}/batch/create", batches.create),
    ("POST", rf"objects/{_TYPE}/batch/update", batches.update),
    ("POST", rf"objects/{_TYPE}/batch/upsert", batches.upsert),
    ("POST", rf"objects/{_TYPE}/batch/archive", batches.archive),
    ("GET", _ENDS, associating.of_one),
    (
        "PUT",
        rf"objects/{_TYPE}/{_ID}/associations/default/{_OTHER}/{_OTHER_ID}",
        associating.join_default,
    ),
    ("PUT", rf"{_ENDS}/{_OTHER_ID}", associating.join),
    ("DELETE", rf"{_ENDS}/{_OTHER_ID}", associating.part),
    ("GET", rf"objects/{_TYPE}", objects.listed),
    ("POST", rf"objects/{_TYPE}", objects.made),
    ("GET", rf"objects/{_TYPE}/{_ID}", objects.got),
    ("PATCH", rf"objects/{_TYPE}/{_ID}", objects.changed),
    ("DELETE", rf"objects/{_TYPE}/{_ID}", objects.archived),
    ("GET", rf"{_PAIR}/labels", associating.labels),
    ("POST", rf"{_PAIR}/labels", associating.add_label),
    ("POST", rf"{_PAIR}/batch/read", associating.read),
    ("POST", rf"{_PAIR}/batch/create", associating.create),
    ("POST", rf"{_PAIR}/batch/associate/default", associating.create_default),
    ("POST", rf"{_PAIR}/batch/archive", associating.archive),
    ("GET", rf"pipelines/{_TYPE}", definitions.pipelines),
    ("POST", rf"pipelines/{_TYPE}", definitions.add_pipeline),
    ("GET", _PIPELINE, definitions.pipeline),
    ("GET", rf"{_PIPELINE}/stages", definitions.stages),
    ("PATCH", rf"{_PIPELINE}/stages/(?P<stage_id>[^/]+)", definitions.change_stage),
    ("GET", rf"properties/{_TYPE}", definitions.properties),
    ("POST", rf"properties/{_TYPE}", definitions.add_property),
    ("GET", "owners/?", definitions.owners),
    ("GET", _NAME, definitions.property_),
    ("DELETE", _NAME, definitions.archive_property),
)
_COMPILED = tuple((method, re.compile(path), handler) for method, path, handler in ROUTES)
_READS = ("search", "batch/read")

# How each area is numbered: the older way, and by date.
_AREA = r"objects|pipelines|properties|associations|owners"
_NUMBERED = re.compile(rf"/crm/(?P<number>v3|v4)/(?P<rest>(?P<area>{_AREA})(/.*)?)")
_DATED = re.compile(rf"/crm/(?P<area>{_AREA})/(?P<date>\d{{4}}-\d\d)(?P<rest>(/.*)?)")


class HubSpotSimulator(Simulator):
    """One account with one private app. The clock is the caller's, and stands still unless moved.

    `per_ten_seconds` and `searches_per_second` are limits where they are set (100 or 190, and 5, are
    the real ones); `scopes` is what the token may do, everything where it is None.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        super().__init__()
        self.account = Account(clock)
        self.token = TOKEN
        self.scopes: set[str] | None = None
        self.per_ten_seconds: int | None = None
        self.searches_per_second: int | None = None
        self._lately: deque[datetime] = deque()
        self._searched: deque[datetime] = deque()
        self._today = 0

    def answer(self, call: Call) -> Reply:
        """Return what HubSpot answers; refusals have its bodies.

        Raises:
            NoCredentials: the token is missing or wrong.
        """
        is_search = call.path.endswith("/search")
        try:
            if call.headers.get("authorization") != f"Bearer {self.token}":
                raise NoCredentials
            self._count(is_search=is_search)
            reply = self._answer(call)
        except Problem as problem:
            reply = Reply(problem.status, problem.body)
        headers = {} if is_search else self._rate_headers()
        return Reply(reply.status, reply.body, headers)

    def _answer(self, call: Call) -> Reply:
        path = unversioned(call.path)
        for method, pattern, handler in _COMPILED:
            fits = pattern.fullmatch(path)
            if fits and method == call.method:
                named: dict[str, Any] = {
                    name: unquote(one) for name, one in fits.groupdict().items()
                }
                if "kind" not in named:
                    self._check_scope("owners", path, call.method)
                    return handler(self.account, call)
                kind = self.account.type_named(named.pop("kind"))
                self._check_scope(kind.scope, path, call.method)
                if "other" in named:
                    named["other"] = self.account.type_named(named["other"])
                return handler(self.account, call, kind, **named)
        raise Problem(404, "Unable to find a matching resource", "OBJECT_NOT_FOUND")

    def _check_scope(self, of: str, path: str, method: str) -> None:
        if self.scopes is None:
            return
        is_read = method == "GET" or path.endswith(_READS)
        area = "schemas" if path.startswith("properties/") else "objects"
        scope = f"crm.{area}.{of}.{'read' if is_read else 'write'}"
        if scope not in self.scopes:
            raise ScopeMissing(scope)

    def _count(self, *, is_search: bool) -> None:
        """Count a call.

        Raises:
            TooMany: it is one too many; it does not count.
        """
        at = self.account.clock()
        if is_search:
            _admit(self._searched, at, timedelta(seconds=1), self.searches_per_second, "SECONDLY")
        ten = timedelta(seconds=10)
        _admit(self._lately, at, ten, self.per_ten_seconds, "TEN_SECONDLY_ROLLING")
        self._today += 1

    def _rate_headers(self) -> dict[str, str]:
        most = self.per_ten_seconds
        if most is None:
            return {}
        return {
            "X-HubSpot-RateLimit-Max": str(most),
            "X-HubSpot-RateLimit-Remaining": str(max(most - len(self._lately), 0)),
            "X-HubSpot-RateLimit-Interval-Milliseconds": "10000",
            "X-HubSpot-RateLimit-Daily": str(DAILY),
            "X-HubSpot-RateLimit-Daily-Remaining": str(DAILY - self._today),
        }


def unversioned(path: str) -> str:
    """Return a path without its version.

    Raises:
        Problem: there is no such path in that version.
    """
    if fits := _DATED.fullmatch(path):
        if fits["date"] in DATES:
            return f"{fits['area']}{fits['rest']}"
    elif fits := _NUMBERED.fullmatch(path):
        # Associations, of types and of one object, are the fourth version; all else is the third.
        is_fourth = fits["area"] == "associations" or "/associations/" in fits["rest"]
        if is_fourth == (fits["number"] == "v4"):
            return fits["rest"]
    raise Problem(404, "Unable to find a matching resource", "OBJECT_NOT_FOUND")


def _admit(
    lately: deque[datetime], at: datetime, within: timedelta, most: int | None, policy: str
) -> None:
    while lately and at - lately[0] >= within:
        lately.popleft()
    if most is not None and len(lately) >= most:
        raise TooMany(policy)
    lately.append(at)
