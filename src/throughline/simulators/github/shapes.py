"""How GitHub spells things: whole objects, as its own description has them."""

from typing import Any
from urllib.parse import quote

from throughline.simulators.github.world import Board, Card, Field, Issue, Repository

DAY = "2026-11-02T12:00:00Z"
NOBODY_SITE = "https://github.com"


def account(login: str, url: str) -> dict[str, Any]:
    """Return a user or a bot."""
    here = f"{url}/users/{quote(login)}"
    number = sum(map(ord, login)) + 1000
    return {
        "login": login, "id": number, "node_id": f"U_{number}", "gravatar_id": "",
        "avatar_url": f"{NOBODY_SITE}/images/{number}.png", "url": here,
        "html_url": f"{NOBODY_SITE}/{quote(login)}", "followers_url": f"{here}/followers",
        "following_url": f"{here}/following{{/other_user}}", "gists_url": f"{here}/gists{{/id}}",
        "starred_url": f"{here}/starred{{/owner}}{{/repo}}",
        "subscriptions_url": f"{here}/subscriptions", "organizations_url": f"{here}/orgs",
        "repos_url": f"{here}/repos", "events_url": f"{here}/events{{/privacy}}",
        "received_events_url": f"{here}/received_events",
        "type": "Bot" if login.endswith("[bot]") else "User", "site_admin": False,
    }  # fmt: skip


def label(repository: Repository, name: str, url: str) -> dict[str, Any]:
    """Return a label."""
    number, colour, words = repository.labels[name]
    return {
        "id": number, "node_id": f"LA_{number}", "name": name, "color": colour,
        "url": f"{url}/repos/{repository.full_name}/labels/{quote(name, safe='')}",
        "description": words or None, "default": False, "archived_at": None, "archived_by": None,
    }  # fmt: skip


def issue(repository: Repository, found: Issue, url: str) -> dict[str, Any]:
    """Return an issue, as lists and single reads have it."""
    home = f"{url}/repos/{repository.full_name}"
    here = f"{home}/issues/{found.number}"
    people = [account(one, url) for one in found.assignees]
    closed = (found.closed_at or DAY) if found.state == "closed" else None
    shown = {
        "id": found.id, "node_id": f"I_{found.id}", "number": found.number, "url": here,
        "repository_url": home, "labels_url": f"{here}/labels{{/name}}",
        "comments_url": f"{here}/comments", "events_url": f"{here}/events",
        "html_url": f"{NOBODY_SITE}/{repository.full_name}/issues/{found.number}",
        "title": found.title, "body": found.body, "user": account(found.by, url),
        "labels": [label(repository, one, url) for one in found.labels],
        "state": found.state, "state_reason": found.state_reason, "locked": found.is_locked,
        "assignee": people[0] if people else None, "assignees": people, "milestone": None,
        "comments": 0, "created_at": DAY, "updated_at": DAY, "closed_at": closed,
        "author_association": "MEMBER", "active_lock_reason": None,
        "sub_issues_summary": _summary(repository, found),
        "parent_issue_url": f"{home}/issues/{found.parent}" if found.parent else None,
    }  # fmt: skip
    if found.is_pull_request:
        pull = f"{home}/pulls/{found.number}"
        shown["pull_request"] = {
            "url": pull, "html_url": pull, "diff_url": pull, "patch_url": pull, "merged_at": None,
        }  # fmt: skip
    return shown


def _summary(repository: Repository, found: Issue) -> dict[str, int]:
    done = sum(repository.issues[one].state == "closed" for one in found.children)
    total = len(found.children)
    return {
        "total": total, "completed": done, "percent_completed": 100 * done // total if total else 0,
    }  # fmt: skip


def board_field(board: Board, found: Field, url: str) -> dict[str, Any]:
    """Return a field of a board."""
    shown: dict[str, Any] = {
        "id": found.id, "node_id": f"PVTF_{found.id}", "name": found.name,
        "data_type": found.kind, "project_url": _board_url(board, url),
        "created_at": DAY, "updated_at": DAY,
    }  # fmt: skip
    if found.kind == "single_select":
        shown["options"] = [_option(number, name) for number, name in found.options.items()]
    return shown


def card(
    board: Board, found: Card, content: dict[str, Any], url: str, fields: list[Field] | None
) -> dict[str, Any]:
    """Return an item of a board; its fields only where they were asked for."""
    here = _board_url(board, url)
    shown = {
        "id": found.id, "node_id": f"PVTI_{found.id}", "project_url": here,
        "item_url": f"{here}/items/{found.id}", "content_type": "Issue", "content": content,
        "creator": content["user"], "created_at": DAY, "updated_at": DAY, "archived_at": None,
    }  # fmt: skip
    if fields is not None:
        shown["fields"] = [_value(one, found, content) for one in fields]
    return shown


def _value(one: Field, found: Card, content: dict[str, Any]) -> dict[str, Any]:
    value = found.values.get(one.id)
    if one.kind == "title":
        value = {"raw": content["title"], "html": content["title"]}
    elif value is not None and one.kind == "single_select":
        value = _option(value, one.options[value])
    elif value is not None and one.kind == "text":
        value = {"raw": value, "html": value}
    return {"id": one.id, "name": one.name, "data_type": one.kind, "value": value}


def _option(number: str, name: str) -> dict[str, Any]:
    text = {"raw": name, "html": name}
    return {"id": number, "name": text, "color": "GRAY", "description": {"raw": "", "html": ""}}


def _board_url(board: Board, url: str) -> str:
    return f"{url}/orgs/{board.owner}/projectsV2/{board.number}"
