"""The machine's own notifications: Linux by D-Bus, Windows, and macOS where it allows it. Else the terminal's bell."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from crisis.adapters.extras import installing
from crisis.runtime.feeds import Notifier, Proposal, Said

if TYPE_CHECKING:
    from desktop_notifier import DesktopNotifier

PATIENCE = 3.0
"""Seconds after which a desktop that does not answer is given up on: the watch must go on."""
LONGEST = 500
"""Characters of a notification; desktops show less."""
_NO_MARKUP = str.maketrans({"<": "‹", ">": "›", "&": "＆"})  # desktops on Linux read a body as markup
_T = TypeVar("_T")


class Unreachable(Exception):
    """No desktop showed it; the text says why, in a few words."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What a desktop shows: one line and a few more, safe to print. `urgent`: it stays until somebody has seen it."""

    title: str
    body: str
    urgent: bool


class Service(Protocol):
    """Whatever shows notifications on this machine."""

    def ready(self) -> None:
        """Raises Unreachable where there is nobody to show them."""

    def show(self, notice: Notice) -> None:
        """Show it. Raises Unreachable where it was not shown."""

    def close(self) -> None:
        """Nothing more is shown; what is there may stay."""


class Platform:
    """The service of this machine, by the library of the extra `desktop`.

    Its connection lives in a thread of its own, as a desktop may take back what the departed have said.
    """

    def __init__(self, patience: float = PATIENCE) -> None:
        self.patience = patience
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._notifier: DesktopNotifier | None = None

    def ready(self) -> None:
        """Raises Unreachable without the library, without a desktop, or where it does not answer in time."""
        self._wait(self._found())

    def show(self, notice: Notice) -> None:
        """Show it. Raises Unreachable where nobody confirmed that it was."""
        self._wait(self._send(notice))

    def close(self) -> None:
        """End the thread and the connection."""
        if self._loop is None or self._thread is None:
            return
        with suppress(Unreachable):
            self._wait(self._leave())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(self.patience)
        if not self._thread.is_alive():
            self._loop.close()
        self._loop = self._thread = None

    async def _found(self) -> DesktopNotifier:
        service = self._service()
        if not await service.get_capabilities():  # where it can show nothing, the library says of all that it did
            raise Unreachable("this machine shows no notifications of programs like this one")
        return service

    async def _send(self, notice: Notice) -> None:
        service = await self._found()
        from desktop_notifier import Urgency

        shown = asyncio.Event()
        urgency = Urgency.Critical if notice.urgent else Urgency.Normal
        await service.send(notice.title, notice.body, urgency=urgency, on_dispatched=shown.set)
        if not shown.is_set():  # the library swallows what went wrong
            raise Unreachable("the desktop did not take it")

    async def _leave(self) -> None:
        # The library lets go of its connection without closing it.
        bus = getattr(getattr(self._notifier, "_backend", None), "bus", None)
        self._notifier = None
        if bus is not None:
            bus.disconnect()
            await bus.wait_for_disconnect()

    def _service(self) -> DesktopNotifier:
        if self._notifier is None:
            try:
                from desktop_notifier import DesktopNotifier
            except ImportError:
                raise Unreachable(f"a library is missing: {installing('desktop')} adds it") from None
            logging.getLogger("desktop_notifier").addHandler(logging.NullHandler())
            logging.getLogger("desktop_notifier").propagate = False
            self._notifier = DesktopNotifier(app_name="crisis", app_icon=None)
        return self._notifier

    def _wait(self, work: Coroutine[Any, Any, _T]) -> _T:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._thread = threading.Thread(target=self._loop.run_forever, name="desktop", daemon=True)
            self._thread.start()
        coming = asyncio.run_coroutine_threadsafe(self._bounded(work), self._loop)
        try:
            return coming.result(self.patience + 1)
        except TimeoutError:
            coming.cancel()
            raise Unreachable(f"the desktop does not answer within {self.patience:g} s") from None

    async def _bounded(self, work: Coroutine[Any, Any, _T]) -> _T:
        try:
            return await asyncio.wait_for(work, self.patience)
        except (TimeoutError, Unreachable):
            await self._leave()
            raise
        except Exception as error:  # noqa: BLE001  # whatever a platform throws, the watch goes on
            await self._leave()
            raise Unreachable(f"no desktop can be reached ({type(error).__name__})") from None


@dataclass(slots=True)
class Desktop:
    """Tells `inner` everything, and the desktop each proposal; where that fails it says why, once, and rings.

    `notice` makes of a proposal what is shown, `complain` says a line to whoever looks, `ring` is the bell.
    """

    inner: Notifier
    service: Service
    notice: Callable[[Proposal], Notice]
    complain: Callable[[str], None]
    ring: Callable[[], None]
    at_once: bool = True
    """Find out at once whether there is a desktop, and not when it is needed."""
    _failing: bool = field(default=False, repr=False)

    def __post_init__(self) -> None:
        if self.at_once:
            self._try(self.service.ready)

    def tell(self, said: Said) -> None:
        """Show it, at once."""
        self.inner.tell(said)
        if isinstance(said, Proposal):
            notice = self.notice(said)
            shown = Notice(_plain(notice.title), _plain(notice.body), notice.urgent)
            if not self._try(lambda: self.service.show(shown)):
                self.ring()

    def close(self) -> None:
        """Nothing more is said."""
        self.service.close()
        self.inner.close()

    def _try(self, work: Callable[[], None]) -> bool:
        try:
            work()
        except Unreachable as error:
            if not self._failing:
                self.complain(f"no desktop notifications, the bell instead: {error}")
            self._failing = True
            return False
        self._failing = False
        return True


def _plain(text: str) -> str:
    return text[:LONGEST].translate(_NO_MARKUP)
