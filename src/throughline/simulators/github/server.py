"""The server: who asks, where to, how often; the rest is in issues and boards."""

import json
import re
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

import jwt

from throughline.simulators.github.boards import Boards
from throughline.simulators.github.issues import Issues
from throughline.simulators.github.replies import Refusal, refuse, refuse_moved, refuse_unknown
from throughline.simulators.github.world import (
    SHIPPED_OPTIONS,
    Access,
    App,
    Board,
    Field,
    Issue,
    Numbers,
    Repository,
)
from throughline.simulators.server import Call, Reply, Simulator

TOKEN = "ghp_simulated"  # noqa: S105 -- opens nothing but this simulator
HOUR_S = 3600
LONGEST_PROOF_S = 600
FIRST, NEXT = "2022-11-28", "2026-03-10"  # the versions of the API; the first where none is named
COMMENT = re.compile(r"^<!-- (\S+) -->$", re.MULTILINE)


class GitHubSimulator(Simulator):
    """GitHub with some repositories and boards, and as many tokens as a test wants.

    `lag` says for how many later calls a new issue or card is missing from lists.

    Source: https://docs.github.com/en/rest
    """

    def __init__(self) -> None:
        super().__init__()
        self.repositories: dict[str, Repository] = {}
        self.boards: dict[tuple[str, int], Board] = {}
        self.tokens: dict[str, Access] = {TOKEN: Access("throughline-tester")}
        self.apps: list[App] = []
        self.number = Numbers()
        self.lag = 0
        self._caught_up = 0  # after how many calls: what was made before is listed
        self.allowed = 5000  # requests an hour
        issues, boards = Issues(self), Boards(self)
        # fmt: off
        self._routes: list[tuple[str, str, str, Callable[..., Reply]]] = [
            ("GET", "repos", r"/issues", issues.list_issues),
            ("POST", "repos", r"/issues", issues.create_issue),
            ("GET", "repos", r"/issues/(\d+)", issues.get_issue),
            ("PATCH", "repos", r"/issues/(\d+)", issues.update_issue),
            ("GET", "repos", r"/issues/(\d+)/sub_issues", issues.list_children),
            ("POST", "repos", r"/issues/(\d+)/sub_issues", issues.add_child),
            ("GET", "repos", r"/labels", issues.list_labels),
            ("POST", "repos", r"/labels", issues.create_label),
            ("GET", "repos", r"/labels/([^/]+)", issues.get_label),
            ("GET", "orgs", r"/fields", boards.list_fields),
            ("GET", "orgs", r"/items", boards.list_items),
            ("POST", "orgs", r"/items", boards.add_item),
            ("PATCH", "orgs", r"/items/(\d+)", boards.update_item),
        ]
        # fmt: on

    def add_repository(self, full_name: str) -> Repository:
        """Add an empty repository."""
        made = Repository(full_name, self.number())
        self.repositories[full_name] = made
        return made

    def add_board(self, owner: str, number: int, **kinds: str) -> Board:
        """Add a board with GitHub's own fields and some more: `Due_date="date"`."""
        made = Board(owner, number)
        made.fields.append(Field(self.number(), "Title", "title"))
        options = {f"{self.number():x}": name for name in SHIPPED_OPTIONS}
        made.fields.append(Field(self.number(), "Status", "single_select", options))
        for name, kind in kinds.items():
            made.fields.append(Field(self.number(), name.replace("_", " "), kind))
        self.boards[owner, number] = made
        return made

    def marked(self) -> Counter[str]:
        """Return how many issues carry each of the comments by which somebody marks their own."""
        return Counter(
            mark
            for repository in self.repositories.values()
            for issue in repository.living()
            for mark in COMMENT.findall(issue.body or "")
            if not mark.startswith("/")
        )

    def issue_marked(self, mark: str) -> Issue:
        """Return the issue that carries a mark."""
        return next(
            issue
            for repository in self.repositories.values()
            for issue in repository.living()
            if mark in COMMENT.findall(issue.body or "")
        )

    def is_listed(self, made: int) -> bool:
        """Return whether lists show what was made after so many calls."""
        return made <= self._caught_up or self.calls.total() - made > self.lag or self.lag == 0

    def catch_up(self) -> None:
        """Let enough time pass that lists show everything made until now."""
        self._caught_up = self.calls.total()

    def answer(self, call: Call) -> Reply:
        """Return what GitHub answers."""
        try:
            reply = self._answer(call)
        except Refusal as refusal:
            reply = refusal.reply
        body = reply.body
        if call.headers.get("x-github-api-version") == NEXT:
            body = _without_assignee(body)
        return Reply(reply.status, body, {**self._limits(), **reply.headers})

    def _answer(self, call: Call) -> Reply:
        if "user-agent" not in call.headers:
            refuse(403, "Request forbidden by administrative rules.")
        if call.headers.get("x-github-api-version", FIRST) not in {FIRST, NEXT}:
            refuse(400, "This API version is not supported by the simulator.")
        _check_body(call)
        if found := re.fullmatch(r"/app/installations/(\d+)/access_tokens", call.path):
            return self._install(call, int(found[1]))
        who = self._who(call)
        if self.calls.total() > self.allowed:
            refuse(403, f"API rate limit exceeded for {who.login}.")
        return self._routed(call, who)

    def _routed(self, call: Call, who: Access) -> Reply:
        for method, kind, rest, perform in self._routes:
            home = r"/repos/([^/]+/[^/]+)" if kind == "repos" else r"/orgs/([^/]+/projectsV2/\d+)"
            found = re.fullmatch(home + rest, call.path)
            if found is not None and method == call.method:
                place = (
                    self._repository(call, found[1]) if kind == "repos" else self._board(found[1])
                )
                return perform(call, place, who, *map(unquote, found.groups()[1:]))
        return refuse_unknown()

    def _board(self, path: str) -> Board:
        owner, _projects, number = path.split("/")
        return self.boards.get((owner, int(number))) or refuse_unknown()

    def _repository(self, call: Call, name: str) -> Repository:
        found = self.repositories.get(name)
        if found is None:
            refuse_unknown()
        if found.renamed_to:
            refuse_moved(self.url + call.path.replace(name, found.renamed_to, 1))
        if found.is_archived and call.method != "GET":
            refuse(403, "Repository was archived so is read-only.")
        if not found.has_issues and "/issues" in call.path:
            refuse(410, "Issues has been disabled in this repository.")
        return found

    def _who(self, call: Call) -> Access:
        kind, _space, token = call.headers.get("authorization", "").partition(" ")
        found = self.tokens.get(token) if kind.lower() in {"bearer", "token"} else None
        if found is None or (found.expires is not None and found.expires <= time.time()):
            refuse(401, "Bad credentials")
        return found

    def _install(self, call: Call, installation: int) -> Reply:
        """Return a fresh token for an hour to an App that signs with its key."""
        proof = call.headers.get("authorization", "").partition(" ")[2]
        app = next((one for one in self.apps if _signed(proof, one.public_key)), None)
        if app is None or _said(proof).get("iss") != app.app_id:
            refuse(401, "A JSON web token could not be decoded")
        now, said = time.time(), _said(proof)
        if said.get("exp", 0) - now > LONGEST_PROOF_S or said.get("iat", now) > now:
            refuse(401, "'Expiration time' claim ('exp') is too far in the future")
        if installation != app.installation:
            refuse_unknown()
        token = (
            f"ghs_{app.app_id}_{self.number()}." + "x" * 300
        )  # long: its form is nobody's matter
        self.tokens[token] = Access("throughline[bot]", expires=now + HOUR_S)
        expires = datetime.fromtimestamp(now + HOUR_S, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        permissions = {"issues": "write", "organization_projects": "write", "metadata": "read"}
        body = {"token": token, "expires_at": expires, "permissions": permissions,
                "repository_selection": "selected"}  # fmt: skip
        return Reply(201, body)

    def _limits(self) -> dict[str, str]:
        used = self.calls.total()
        left = max(self.allowed - used, 0)
        return {
            "X-RateLimit-Limit": str(self.allowed), "X-RateLimit-Used": str(used),
            "X-RateLimit-Remaining": str(left), "X-RateLimit-Resource": "core",
            "X-RateLimit-Reset": str(int(time.time()) + HOUR_S),
            "X-GitHub-Media-Type": "github.v3; format=json",
        }  # fmt: skip


def _without_assignee(body: Any) -> Any:
    """Return an answer as the next version has it: an issue has assignees, and no assignee."""
    if isinstance(body, list):
        return [_without_assignee(one) for one in body]
    if isinstance(body, dict):
        return {key: _without_assignee(one) for key, one in body.items() if key != "assignee"}
    return body


def _check_body(call: Call) -> None:
    if call.method not in {"POST", "PATCH"} or not call.body:
        return
    try:
        said = json.loads(call.body)
    except ValueError:
        said = None
    if not isinstance(said, dict):
        refuse(400, "Problems parsing JSON")


def _signed(proof: str, public_key: str) -> bool:
    try:
        jwt.decode(proof, public_key, algorithms=["RS256"])
    except jwt.PyJWTError:
        return False
    return True


def _said(proof: str) -> dict[str, Any]:
    return jwt.decode(proof, options={"verify_signature": False})
