"""A bound on the whole of an answer. httpx bounds each read alone, and a server that drips is never late for one."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any
from weakref import WeakSet


class Cut(Exception):  # whoever asks makes an error of it
    """It took longer than it may."""


class Connections:
    """What a client has open, so that a thread beside the one that reads can cut it."""

    def __init__(self) -> None:
        self.are_cut = False
        self._open: WeakSet[Any] = WeakSet()
        self._lock = threading.Lock()

    def follow(self, _event: str, said: Mapping[str, Any]) -> None:
        """Hear of what the client does, as its extension `trace`, and remember each connection that it opens."""
        opened = said.get("return_value")
        if not hasattr(opened, "get_extra_info"):
            return
        with self._lock:
            self._open.add(opened)
            if self.are_cut:
                _cut(opened)

    @contextmanager
    def cut_after(self, seconds: float) -> Iterator[None]:
        """Cut all of them if what is done meanwhile takes longer, which then raises Cut, however it went on."""
        self.are_cut = False
        timer = threading.Timer(seconds, self._cut_all)
        timer.daemon = True
        timer.start()
        try:
            yield
        except Exception:  # of a connection that was cut any may come, and all say the same: Cut, below
            if not self.are_cut:
                raise
        finally:
            timer.cancel()
        if self.are_cut:  # no error either, perhaps: without a Content-Length half an answer looks like a whole one
            raise Cut

    def _cut_all(self) -> None:
        with self._lock:
            self.are_cut = True
            for opened in self._open:
                _cut(opened)


def _cut(opened: Any) -> None:
    with suppress(OSError):  # it is closed already, or has become part of an encrypted one
        # Not that of an encrypted socket: it would take away what the other thread is reading with.
        socket.socket.shutdown(opened.get_extra_info("socket"), socket.SHUT_RDWR)
