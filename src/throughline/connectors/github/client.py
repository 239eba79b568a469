"""GitHub, as far as we need it: one send for each call, and every page of a list."""

from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import quote

import httpx
from pydantic import RootModel

from throughline.connectors.github.answers import (
    BoardField,
    BoardFields,
    BoardItem,
    BoardItems,
    Issue,
    Issues,
    Label,
)
from throughline.connectors.github.failures import meaning
from throughline.connectors.github.tokens import HEADERS, Token
from throughline.connectors.http import UnknownShape, open_client, read, send

PAGE = "100"  # the most that GitHub gives at once
MOST_PAGES = 200  # a list that goes on for ever is no list

Page = TypeVar("Page", bound=RootModel[Any])


class GitHub:
    """One repository and, where there is one, one board of its organisation.

    Knows nothing of our models; holds no state but the session and a count of what it sent.
    Every method raises the failures of `connectors.http.send` and `connectors.github.failures`.
    """

    def __init__(self, url: str, token: Token, repository: str) -> None:
        self.repository = repository
        self.sent = 0
        self._token = token
        self._http = open_client(url, headers=HEADERS)

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

    @property
    def owner(self) -> str:
        """Who the repository and the board belong to."""
        return self.repository.partition("/")[0]

    def issues(self, label: str) -> list[Issue]:
        """Return all issues with a label, open and closed, the oldest first; no pull requests.

        A list may lag behind a write by seconds, and by minutes on a bad day; a search lags more.

        Source: https://docs.github.com/en/rest/issues/issues#list-repository-issues
        """
        params = {"labels": label, "state": "all", "sort": "created", "direction": "asc"}
        pages = self._pages(f"{self._repo}/issues", params, Issues)
        return [one for page in pages for one in page.root if one.pull_request is None]

    def issue(self, number: int) -> Issue:
        """Return one issue; `Moved` where it was transferred, `Gone` where it was deleted.

        Source: https://docs.github.com/en/rest/issues/issues#get-an-issue
        """
        return read(self._send("GET", f"{self._repo}/issues/{number}"), Issue)

    def create_issue(self, title: str, body: str, labels: Sequence[str]) -> Issue:
        """Create an issue. Labels are silently dropped by GitHub if the token may not write.

        Source: https://docs.github.com/en/rest/issues/issues#create-an-issue
        """
        said = {"title": title, "body": body, "labels": list(labels)}
        return read(self._send("POST", f"{self._repo}/issues", said), Issue)

    def update_issue(self, number: int, changes: Mapping[str, Any]) -> Issue:
        """Change some of an issue's title, body, labels and state, and nothing else of it.

        Source: https://docs.github.com/en/rest/issues/issues#update-an-issue
        """
        return read(self._send("PATCH", f"{self._repo}/issues/{number}", dict(changes)), Issue)

    def sub_issues(self, parent: int) -> list[Issue]:
        """Return the sub-issues of an issue, by its number.

        Source: https://docs.github.com/en/rest/issues/sub-issues#list-sub-issues
        """
        pages = self._pages(f"{self._repo}/issues/{parent}/sub_issues", {}, Issues)
        return [one for page in pages for one in page.root]

    def add_sub_issue(self, parent: int, child_id: int, *, replace_parent: bool = False) -> Issue:
        """Put an issue, by its id, under a parent, by its number; returns the parent.

        Source: https://docs.github.com/en/rest/issues/sub-issues#add-sub-issue
        """
        said: dict[str, Any] = {"sub_issue_id": child_id}
        if replace_parent:
            said["replace_parent"] = True
        return read(self._send("POST", f"{self._repo}/issues/{parent}/sub_issues", said), Issue)

    def label(self, name: str) -> Label:
        """Return a label of the repository.

        Source: https://docs.github.com/en/rest/issues/labels#get-a-label
        """
        return read(self._send("GET", f"{self._repo}/labels/{quote(name, safe='')}"), Label)

    def create_label(self, name: str, *, colour: str, description: str) -> Label:
        """Create a label; needs the right to write, which creating an issue does not.

        Source: https://docs.github.com/en/rest/issues/labels#create-a-label
        """
        said = {"name": name, "color": colour, "description": description}
        return read(self._send("POST", f"{self._repo}/labels", said), Label)

    def board_fields(self, board: int) -> list[BoardField]:
        """Return the fields of a board of the owner's.

        Source: https://docs.github.com/en/rest/projects/fields
        """
        pages = self._pages(f"{self._board(board)}/fields", {}, BoardFields)
        return [one for page in pages for one in page.root]

    def board_items(self, board: int, *, query: str, fields: Sequence[int]) -> list[BoardItem]:
        """Return the cards that a filter finds, with some of their fields.

        The filter may lag behind a write: whether a card is there, adding it tells for sure.

        Source: https://docs.github.com/en/rest/projects/items#list-items-for-an-organization-owned-project
        """
        params = {"q": query, "fields": ",".join(map(str, fields))}
        if not fields:
            del params["fields"]
        pages = self._pages(f"{self._board(board)}/items", params, BoardItems)
        return [one for page in pages for one in page.root]

    def add_board_item(self, board: int, issue_id: int) -> BoardItem:
        """Put an issue on a board; `AlreadyThere` where it is on it.

        Source: https://docs.github.com/en/rest/projects/items#add-item-to-organization-owned-project
        """
        said = {"type": "Issue", "id": issue_id}
        return read(self._send("POST", f"{self._board(board)}/items", said), BoardItem)

    def update_board_item(
        self, board: int, item: int, values: Mapping[int, str | None]
    ) -> BoardItem:
        """Set fields of a card; a choice by its option's id, None clears.

        Source: https://docs.github.com/en/rest/projects/items#update-project-item-for-organization
        """
        said = {"fields": [{"id": field, "value": value} for field, value in values.items()]}
        return read(self._send("PATCH", f"{self._board(board)}/items/{item}", said), BoardItem)

    @property
    def _repo(self) -> str:
        return f"/repos/{self.repository}"

    def _board(self, number: int) -> str:
        return f"/orgs/{self.owner}/projectsV2/{number}"

    def _send(
        self, method: str, path: str, json: Any = None, params: Mapping[str, str] | None = None
    ) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._token()}"}
        self.sent += 1
        return send(
            self._http, method, path, params=params, json=json, headers=headers, reading=meaning
        )

    def _pages(self, path: str, params: Mapping[str, str], shape: type[Page]) -> Iterator[Page]:
        """Yield every page of a list, following GitHub's own links and never to another host.

        Raises:
            UnknownShape: the list does not end.
        """
        response = self._send("GET", path, params={**params, "per_page": PAGE})
        for _page in range(MOST_PAGES):
            yield read(response, shape)
            following = response.links.get("next", {}).get("url")
            if following is None:
                return
            response = self._send("GET", self._same_host(following))
        raise UnknownShape(f"GET {path}: more than {MOST_PAGES} pages.")

    def _same_host(self, following: str) -> str:
        """Return the address of the next page; our token goes nowhere else.

        Raises:
            UnknownShape: it points to another host.
        """
        there = self._http.base_url.join(following)
        here = self._http.base_url
        if (there.scheme, there.host, there.port) != (here.scheme, here.host, here.port):
            raise UnknownShape(f"The next page lies at {there.host}, which is not {here.host}.")
        return str(there)
