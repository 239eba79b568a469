"""A mail server that does what it is told: takes, refuses, asks to come back, or hangs up."""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller


@dataclass
class Kept:
    """A mail that the server has, whether or not it said so."""

    to: list[str]
    mail: EmailMessage


@dataclass
class Script:
    """What the server does with the next mails, one word each; then it takes everything."""

    words: deque[str] = field(default_factory=deque)
    kept: list[Kept] = field(default_factory=list)
    at: dict[str, Callable[[], None]] = field(default_factory=dict)  # what happens at a point

    def does(self, *words: str) -> None:
        self.words.extend(words)

    def ids(self) -> list[str]:
        return [str(one.mail["Message-ID"]) for one in self.kept]

    def _is(self, word: str) -> bool:
        if self.words and self.words[0] == word:
            self.words.popleft()
            return True
        return False

    async def handle_RCPT(  # noqa: N802 -- aiosmtpd's name for it
        self, server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        self.at.get("before", lambda: None)()
        if address.startswith("gone"):
            return "550 5.1.1 No such user here"
        if self._is("no such user"):
            return "550 5.1.1 No such user here"
        if self._is("come back"):
            return "451 4.7.1 Greylisted, come back"
        if self._is("drop before"):
            server.transport.abort()
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 -- so
        if self._is("refuse"):
            return "554 5.7.1 We do not like this"
        if self._is("full"):
            return "452 4.2.2 Over quota"
        self.kept.append(
            Kept(
                list(envelope.rcpt_tos),
                message_from_bytes(envelope.content, policy=policy.default),
            )
        )
        self.at.get("after", lambda: None)()
        if self._is("drop after"):
            server.transport.abort()
        return "250 Taken"


class OnAnyPort(Controller):
    """Listens where the system lets it."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def mail_server() -> Iterator[tuple[Script, int]]:
    """Run the server on a free port of this machine, and yield its script and that port."""
    script = Script()
    controller = OnAnyPort(script, hostname="127.0.0.1", port=0, ready_timeout=10)
    controller.start()
    try:
        yield script, controller.port
    finally:
        controller.stop()
