"""A desktop of our own: a private D-Bus session with a service in it that shows notifications, or does not."""

import asyncio
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Shown:
    """What the stand-in was asked to show, and how it behaves: `fails` refuses, `hangs` never answers."""

    address: str
    notices: list[tuple[str, str, int]] = field(default_factory=list)
    fails: bool = False
    hangs: bool = False


def can_be_had() -> bool:
    """Whether this machine has what a private session needs."""
    return shutil.which("dbus-daemon") is not None


@contextmanager
def session() -> Iterator[str]:
    """A private session with nobody in it; gives its address."""
    command = ["dbus-daemon", "--session", "--nofork", "--nopidfile", "--print-address=1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as daemon:
        try:
            assert daemon.stdout is not None
            yield daemon.stdout.readline().strip()
        finally:
            daemon.terminate()


@contextmanager
def desktop() -> Iterator[Shown]:
    """A session in which somebody shows notifications."""
    with session() as address:
        shown, ready, loop = Shown(address), threading.Event(), asyncio.new_event_loop()

        async def serve() -> None:
            bus = await _bus(shown)
            ready.set()
            await over.wait()
            shown.hangs = False
            await asyncio.sleep(0.1)
            bus.disconnect()
            await bus.wait_for_disconnect()

        over = asyncio.Event()
        served = asyncio.run_coroutine_threadsafe(serve(), loop)
        thread = threading.Thread(target=loop.run_forever, daemon=True)
        thread.start()
        assert ready.wait(10), "the stand-in did not start"
        try:
            yield shown
        finally:
            loop.call_soon_threadsafe(over.set)
            served.result(5)
            loop.call_soon_threadsafe(loop.stop)
            thread.join(5)
            loop.close()


async def _bus(shown: Shown) -> Any:
    from typing import Annotated

    from dbus_fast.aio import MessageBus
    from dbus_fast.annotations import DBusInt32, DBusSignature, DBusStr, DBusUInt32
    from dbus_fast.errors import DBusError
    from dbus_fast.service import ServiceInterface, dbus_method

    class Notifications(ServiceInterface):
        def __init__(self) -> None:
            super().__init__("org.freedesktop.Notifications")

        @dbus_method()
        async def Notify(  # noqa: N802  # named by the specification
            self,
            app: DBusStr,
            replaces: DBusUInt32,
            icon: DBusStr,
            title: DBusStr,
            body: DBusStr,
            actions: Annotated[list[str], DBusSignature("as")],
            hints: Annotated[dict[str, Any], DBusSignature("a{sv}")],
            expire: DBusInt32,
        ) -> DBusUInt32:
            if shown.hangs:
                while shown.hangs:
                    await asyncio.sleep(0.02)
                raise DBusError("org.freedesktop.DBus.Error.Failed", "too late")
            if shown.fails:
                raise DBusError("org.freedesktop.DBus.Error.Failed", "no screen")
            shown.notices.append((title, body, hints["urgency"].value))
            return len(shown.notices)

        @dbus_method()
        def GetCapabilities(self) -> Annotated[list[str], DBusSignature("as")]:  # noqa: N802
            return ["body", "body-markup", "persistence"]

        @dbus_method()
        def GetServerInformation(self) -> Annotated[tuple[str, str, str, str], DBusSignature("ssss")]:  # noqa: N802
            return ("stand-in", "ours", "1", "1.2")

    bus = await MessageBus(bus_address=shown.address).connect()
    bus.export("/org/freedesktop/Notifications", Notifications())
    await bus.request_name("org.freedesktop.Notifications")
    return bus
