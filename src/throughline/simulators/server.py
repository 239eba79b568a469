"""A small stateful HTTP server that keeps what it is given, and fails as it is asked to.

For tests and demonstrations. It speaks real HTTP on this machine only, so that clients which
nobody here wrote can prove it.
"""

import json
import socket
import sys
import threading
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum, auto
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Call:
    """One request, as it came in."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    raw_query: str = ""  # as it came: `query` keeps one value of a name, and some are repeated

    @property
    def key(self) -> tuple[str, str]:
        """What calls are counted by."""
        return (self.method, self.path)

    def json(self) -> Any:
        """Return the body as JSON."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back: JSON, unless the body is text already."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def content(self) -> tuple[str, bytes]:
        """Return the content type and the bytes."""
        if isinstance(self.body, str):
            return "text/plain; charset=utf-8", self.body.encode()
        return "application/json", json.dumps(self.body).encode()


class When(Enum):
    """What a fault does to the call."""

    INSTEAD = auto()  # the call is not performed, and the fault's reply goes back
    SLOW = auto()  # the call is performed, and its reply comes late
    LOST = auto()  # the call is performed, and its reply never comes
    DROPPED = auto()  # the call is not performed, and no reply comes


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to fail, once."""

    when: When
    reply: Reply = field(default_factory=Reply)
    seconds: float = 0.0


def too_many(retry_after: str = "", *, date: str = "") -> Fault:
    """Return a fault that answers 429; `date` overrides the answer's Date header."""
    named = {"Retry-After": retry_after, "Date": date}
    headers = {name: value for name, value in named.items() if value}
    return Fault(When.INSTEAD, Reply(429, {"message": "Too many requests"}, headers))


def answering(status: int, body: Any = "", **headers: str) -> Fault:
    """Return a fault that answers with a status; `Retry_After="7"` becomes the header."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Fault(When.INSTEAD, Reply(status, body, named))


def slow(seconds: float) -> Fault:
    """Return a fault that performs the call and answers late."""
    return Fault(When.SLOW, seconds=seconds)


def losing_the_answer() -> Fault:
    """Return a fault that performs the call and closes the connection without a word."""
    return Fault(When.LOST)


def dropping() -> Fault:
    """Return a fault that closes the connection without having performed the call."""
    return Fault(When.DROPPED)


class Simulator:
    """The base of every simulated system: what is common to them is that they are servers.

    `calls` counts what came in, `performed` what was really done, by method and path.
    """

    def __init__(self) -> None:
        self.calls: Counter[tuple[str, str]] = Counter()
        self.performed: Counter[tuple[str, str]] = Counter()
        self._faults: list[Fault] = []
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._port = 0  # the first opening chooses one, later ones keep it
        self._server: _Server | None = None

    def answer(self, call: Call) -> Reply:
        """Perform a call on the state and return the reply; runs for one call at a time."""
        raise NotImplementedError

    def fail_next(self, *faults: Fault) -> None:
        """Have the next calls fail, one fault each; then all is well again."""
        with self._lock:
            self._faults.extend(faults)

    @property
    def address(self) -> str:
        """The host and port it answers on."""
        return f"{HOST}:{self._port}"

    @property
    def url(self) -> str:
        """The address to give to a client."""
        return f"http://{self.address}"

    def open(self, port: int = 0) -> None:
        """Start to answer: at a port, else where it was the last time, else at any free one.

        Raises:
            RuntimeError: it answers already.
            OSError: somebody else has the port.
        """
        if self._server is not None:
            raise RuntimeError(f"The simulator at {self.url} is open already: close it first.")
        self._closing.clear()
        self._server = _Server(self, port or self._port)
        self._port = self._server.server_address[1]
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        ).start()

    def close(self) -> None:
        """Refuse connections from now on, and cut those that stand; the state stays."""
        server, self._server = self._server, None
        if server is not None:
            self._closing.set()
            server.shutdown()
            server.server_close()
            server.cut()

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self.close()

    def take(self, call: Call) -> Reply | None:
        """Return the reply to a call as the next fault has it; None to close without a word."""
        with self._lock:
            self.calls[call.key] += 1
            fault = self._faults.pop(0) if self._faults else None
            if fault is not None and fault.when in {When.INSTEAD, When.DROPPED}:
                return fault.reply if fault.when is When.INSTEAD else None
            reply = self.answer(call)
            self.performed[call.key] += 1
        if fault is None:
            return reply
        is_cut = self._closing.wait(fault.seconds)  # closing does not wait for the slow
        return None if is_cut or fault.when is When.LOST else reply


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, simulator: Simulator, port: int) -> None:
        self.simulator = simulator
        self._standing: set[socket.socket] = set()
        super().__init__((HOST, port), _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._standing.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._standing.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that hung up, which is what some tests are about."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)

    def cut(self) -> None:
        """Cut the connections that stand."""
        for one in list(self._standing):
            with suppress(OSError):  # the client may have gone already
                one.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one packet for an answer, or the client waits for the second one
    disable_nagle_algorithm = True
    server: _Server

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        call = Call(
            self.command,
            parts.path,
            dict(parse_qsl(parts.query, keep_blank_values=True)),
            {name.lower(): value for name, value in self.headers.items()},
            self.rfile.read(length),
            parts.query,
        )
        reply = self.server.simulator.take(call)
        if reply is None:
            self.close_connection = True
        else:
            self._write(reply)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815 -- http.server's

    def _write(self, reply: Reply) -> None:
        kind, content = reply.content()
        headers = {"Date": self.date_time_string(), "Content-Type": kind} | dict(reply.headers)
        self.send_response_only(reply.status)
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- the base's name
        """Say nothing: the counters tell."""
