"""Stand-ins for sources, on this machine only: an HTTP server that answers by a script, and a stream."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class Question:
    """What was asked."""

    method: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Reply:
    """What is answered. `cut`: the connection breaks after so many bytes. `drip`: seconds before each single byte.

    `stays_open`: the connection serves the next question, too.
    """

    body: bytes | Any = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None
    drip: float = 0.0
    stays_open: bool = False

    def bytes(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


class Source:
    """A server whose `answer` may be replaced; `asked` holds every question."""

    def __init__(self, answer: Callable[[Question], Reply]) -> None:
        self.answer = answer
        self.asked: list[Question] = []
        self.connections = 0
        source = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                source.connections += 1
                super().setup()

            def _any(self) -> None:
                parts = urlsplit(self.path)
                size = int(self.headers.get("Content-Length") or 0)
                question = Question(
                    self.command,
                    parts.path,
                    {key: values[-1] for key, values in parse_qs(parts.query, keep_blank_values=True).items()},
                    {key.lower(): value for key, value in self.headers.items()},
                    self.rfile.read(size),
                )
                source.asked.append(question)
                reply = source.answer(question)
                self.close_connection = not reply.stays_open
                body = reply.bytes()
                try:
                    if reply.drip:
                        self._drip(reply)
                        return
                    self.send_response_only(reply.status)
                    for name, value in reply.headers.items():
                        self.send_header(name, value)
                    self.send_header("Content-Length", str(len(body)))
                    self.send_header("Connection", "keep-alive" if reply.stays_open else "close")
                    self.end_headers()
                    self.wfile.write(body if reply.cut is None else body[: reply.cut])
                except OSError:  # whoever asked has gone
                    pass

            def _drip(self, reply: Reply) -> None:
                head = "".join(f"{name}: {value}\r\n" for name, value in reply.headers.items())
                for byte in f"HTTP/1.1 {reply.status} OK\r\n{head}\r\n".encode() + reply.bytes():
                    time.sleep(reply.drip)
                    self.wfile.write(bytes([byte]))

            do_GET = do_POST = _any  # noqa: N815  # names of the standard library's

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            block_on_close = False

            def handle_error(self, *_: object) -> None:  # whoever asked was killed
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self._thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self._thread.join()


@contextmanager
def source(answer: Callable[[Question], Reply] = lambda _: Reply()) -> Iterator[Source]:
    """A source on a free port."""
    running = Source(answer)
    try:
        yield running
    finally:
        running.close()


class Stream:
    """A Jetstream server: `events` in order of `time_us`; it sends those after the cursor and then `follow`."""

    def __init__(self, events: list[dict[str, Any] | str]) -> None:
        from websockets.exceptions import ConnectionClosed
        from websockets.sync.server import serve

        self.events = events
        self.asked: list[dict[str, str]] = []
        self.stopping = threading.Event()
        self.break_after: int | None = None
        """The connection breaks after so many events."""

        def handle(connection: Any) -> None:
            query = {key: values[-1] for key, values in parse_qs(urlsplit(connection.request.path).query).items()}
            self.asked.append(query)
            cursor, place, sent = int(query.get("cursor", 0)), 0, 0
            try:
                while not self.stopping.is_set():
                    while place < len(self.events):
                        event = self.events[place]
                        place += 1
                        if isinstance(event, dict) and event.get("time_us", cursor + 1) < cursor:
                            continue
                        connection.send(event if isinstance(event, str) else json.dumps(event))
                        sent += 1
                        if self.break_after is not None and sent >= self.break_after:
                            connection.socket.shutdown(2)
                            return
                    self.stopping.wait(0.01)
            except (ConnectionClosed, OSError):
                pass

        self.server = serve(handle, "127.0.0.1", 0, compression=None)
        self.url = f"ws://127.0.0.1:{self.server.socket.getsockname()[1]}/subscribe"
        self._thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self.stopping.set()
        self.server.shutdown()
        self._thread.join()


@contextmanager
def stream(events: list[dict[str, Any] | str]) -> Iterator[Stream]:
    """A stream on a free port."""
    running = Stream(events)
    try:
        yield running
    finally:
        running.close()
