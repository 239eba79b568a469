"""Issues, sub-issues and labels, as GitHub treats them."""

import re
from typing import Any

from throughline.simulators.github import shapes
from throughline.simulators.github.replies import (
    asked,
    paged,
    refuse,
    refuse_as_a_whole,
    refuse_field,
    refuse_moved,
    refuse_unknown,
)
from throughline.simulators.github.world import Access, Issue, Repository, World
from throughline.simulators.server import Call, Reply

LONGEST_TITLE, LONGEST_BODY, LONGEST_LABEL, LONGEST_WORDS = 256, 65_536, 50, 100
MOST_CHILDREN = 100
REASONS = {"completed", "not_planned", "duplicate", "reopened", None}


class Issues:
    """The issues' part of the simulator: one method for each call."""

    def __init__(self, world: World) -> None:
        self._world = world

    def list_issues(self, call: Call, repository: Repository, _who: Access) -> Reply:
        """List issues, by default the open ones; what was made just now may be missing."""
        query = asked(call, "state", "labels", "creator", "sort", "direction", "per_page", "page")
        wanted = {name.lower() for name in query.get("labels", "").split(",") if name}
        state = query.get("state", "open")
        found = [
            one
            for one in self._listed(repository)
            if state in {"all", one.state}
            and wanted <= {name.lower() for name in one.labels}
            and query.get("creator", one.by) == one.by
        ]
        found.sort(key=lambda one: one.number, reverse=query.get("direction", "desc") == "desc")
        shown = [shapes.issue(repository, one, self._world.url) for one in found]
        return paged(call, self._world.url, shown)

    def create_issue(self, call: Call, repository: Repository, who: Access) -> Reply:
        """Create an issue; labels stick only where the token may write."""
        said = call.json()
        _check_text(said, is_new=True)
        made = Issue(
            id=self._world.number(),
            number=max(repository.issues, default=0) + 1,
            title=said["title"],
            body=said.get("body"),
            by=who.login,
            labels=self._labels(repository, said.get("labels", [])) if who.may_write else [],
            made=self._world.calls.total(),
            assignees=list(said.get("assignees", [])) if who.may_write else [],
        )
        repository.issues[made.number] = made
        return Reply(201, self._shown(repository, made))

    def get_issue(self, _call: Call, repository: Repository, _who: Access, number: str) -> Reply:
        """Return one issue as it is now: single reads do not lag."""
        return Reply(200, self._shown(repository, self._find(repository, int(number))))

    def update_issue(self, call: Call, repository: Repository, who: Access, number: str) -> Reply:
        """Change an issue's own fields."""
        found, said = self._find(repository, int(number)), call.json()
        if not who.may_write and found.by != who.login:
            refuse(403, who.words)
        _check_text(said, is_new=False)
        found.title = said.get("title", found.title)
        found.body = said.get("body", found.body)
        if who.may_write and "labels" in said:
            found.labels = self._labels(repository, said["labels"])
        if who.may_write and "assignees" in said:
            found.assignees = list(said["assignees"])
        if "state" in said:
            _set_state(found, said["state"], said.get("state_reason"))
        return Reply(200, self._shown(repository, found))

    def list_children(self, call: Call, repository: Repository, _who: Access, number: str) -> Reply:
        """List the sub-issues of an issue, in their order."""
        asked(call, "per_page", "page")
        parent = self._find(repository, int(number))
        listed = {one.number for one in self._listed(repository)}
        rows = [self._shown(repository, repository.issues[one]) for one in parent.children
                if one in listed]  # fmt: skip
        return paged(call, self._world.url, rows)

    def add_child(self, call: Call, repository: Repository, who: Access, number: str) -> Reply:
        """Put an issue under another; answers with the parent."""
        parent, said = self._find(repository, int(number)), call.json()
        if not who.may_write:
            refuse(403, who.words)
        child = next(
            (one for one in repository.living() if one.id == said.get("sub_issue_id")), None
        )
        if child is None:
            refuse_unknown()
        self._check_child(parent, child, replaces=bool(said.get("replace_parent")))
        if child.parent:
            repository.issues[child.parent].children.remove(child.number)
        child.parent = parent.number
        parent.children.append(child.number)
        return Reply(201, self._shown(repository, parent))

    def list_labels(self, call: Call, repository: Repository, _who: Access) -> Reply:
        """List the labels of a repository."""
        asked(call, "per_page", "page")
        rows = [shapes.label(repository, one, self._world.url) for one in repository.labels]
        return paged(call, self._world.url, rows)

    def get_label(self, _call: Call, repository: Repository, _who: Access, name: str) -> Reply:
        """Return one label; letters count the same, large or small."""
        known = _known_label(repository, name)
        if known is None:
            refuse_unknown()
        return Reply(200, shapes.label(repository, known, self._world.url))

    def create_label(self, call: Call, repository: Repository, who: Access) -> Reply:
        """Create a label."""
        said = call.json()
        if not who.may_write:
            refuse(403, who.words)
        name, colour = said.get("name", ""), said.get("color", "ededed")
        if not name or len(name) > LONGEST_LABEL:
            refuse_field("Label", "name", "invalid" if name else "missing_field")
        if _known_label(repository, name) is not None:
            refuse_field("Label", "name", "already_exists")
        if not re.fullmatch(r"[0-9a-fA-F]{6}", colour):
            refuse_field("Label", "color", "invalid")
        if len(said.get("description") or "") > LONGEST_WORDS:
            refuse_field("Label", "description", "invalid")
        repository.labels[name] = (self._world.number(), colour, said.get("description") or "")
        return Reply(201, shapes.label(repository, name, self._world.url))

    def _shown(self, repository: Repository, found: Issue) -> dict[str, Any]:
        return shapes.issue(repository, found, self._world.url)

    def _listed(self, repository: Repository) -> list[Issue]:
        return [one for one in repository.living() if self._world.is_listed(one.made)]

    def _find(self, repository: Repository, number: int) -> Issue:
        found = repository.issues.get(number)
        if found is None:
            refuse_unknown()
        if found.is_deleted:
            refuse(410, "This issue was deleted")
        if found.moved_to:
            name, _hash, there = found.moved_to.partition("#")
            refuse_moved(f"{self._world.url}/repos/{name}/issues/{there}")
        return found

    def _labels(self, repository: Repository, names: list[Any]) -> list[str]:
        """Return labels by name; those that are new are made."""
        found = []
        for one in names:
            name = one if isinstance(one, str) else one["name"]
            known = _known_label(repository, name)
            if known is None:
                repository.labels[name] = (self._world.number(), "ededed", "")
            found.append(known or name)
        return list(dict.fromkeys(found))

    def _check_child(self, parent: Issue, child: Issue, *, replaces: bool) -> None:
        """Pass if an issue may go under another."""
        failed = "An error occurred while adding the sub-issue to the parent issue. "
        if child.number in parent.children:
            refuse_as_a_whole(failed + "Issue may not contain duplicate sub-issues")
        if child.parent and not replaces:
            refuse_as_a_whole(failed + "Sub issue may only have one parent")
        if child.number == parent.number or parent.number in child.children:
            refuse_as_a_whole(failed + "Issue may not be its own ancestor")
        if len(parent.children) >= MOST_CHILDREN:
            refuse_as_a_whole(failed + "Parent cannot have more than 100 sub-issues")


def _known_label(repository: Repository, name: str) -> str | None:
    return next((one for one in repository.labels if one.lower() == name.lower()), None)


def _check_text(said: dict[str, Any], *, is_new: bool) -> None:
    """Pass if title and body are ones that GitHub takes."""
    title = said.get("title")
    if (is_new or "title" in said) and (not isinstance(title, str) or not title.strip()):
        refuse_field("Issue", "title", "missing_field")
    if len(title or "") > LONGEST_TITLE:
        refuse_field("Issue", "title", "custom", "title is too long (maximum is 256 characters)")
    if len(said.get("body") or "") > LONGEST_BODY:
        refuse_field("Issue", "body", "custom", "body is too long (maximum is 65536 characters)")


def _set_state(found: Issue, state: Any, reason: Any) -> None:
    if state not in {"open", "closed"}:
        refuse_field("Issue", "state", "invalid")
    if reason not in REASONS:
        refuse_field("Issue", "state_reason", "invalid")
    if state == "closed":
        found.state_reason = reason if reason not in {None, "reopened"} else "completed"
    elif found.state == "closed":
        found.state_reason = "reopened"
    found.state = state
