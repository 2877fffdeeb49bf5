"""One contract for whoever is told: everything may be said to it, at once, and nothing that is said can harm."""

from __future__ import annotations

import gc
import io
import time
import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from crisis.adapters.notifiers.desktop import Desktop, Notice, Platform, Unreachable
from crisis.adapters.notifiers.terminal import JsonLines, Terminal
from crisis.adapters.render.watching import Status, data_of, lines_of, notice_of
from crisis.kernel.text import hostile_characters
from crisis.runtime.feeds import Began, Down, Gap, Notifier, Polled, Proposal, Said, Up
from crisis.signals.alerts import Alert

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOSTILE = "</b><img src=x>&amp;\x1b[31mred\x07\u202e evil\nsecond"
PATIENCE = 0.5


def alert(signal: str = "mention_rate") -> Alert:
    return Alert(
        at=NOON, signal=signal, value=120, baseline=8, ratio=15, odds=90, since=NOON - 9 * MINUTE,
        window=30 * MINUTE, strength=2.5, escalates=False,
    )  # fmt: skip


def proposal(name: str = "news", do: str = "open") -> Proposal:
    assessed = SimpleNamespace(
        playbook=name,
        proposal=SimpleNamespace(severity="SEV2", because=name, rule="", is_unsure=False, unknown=()),
        advice=SimpleNamespace(do=do, because=name, look_again_at=NOON + MINUTE),
    )
    return Proposal(at=NOON, alerts=[(name, alert())] * 5, assessed=assessed, command="crisis start kettle")


EVERYTHING: list[Said] = [
    Began(feed=HOSTILE, kind="rss", every=MINUTE, until=None),
    Polled(feed=HOSTILE, new=3, until=NOON),
    Down(feed=HOSTILE, why=HOSTILE, hint=HOSTILE, again=NOON),
    Up(feed=HOSTILE, down_since=NOON),
    Gap(feed=HOSTILE, since=NOON, until=NOON + MINUTE),
    proposal(HOSTILE),
    proposal(HOSTILE, "nothing"),
    Proposal(at=NOON, command="crisis start"),
]


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


class Rig:
    """What was written, and who writes it."""

    def __init__(self) -> None:
        self.out, self.err = Screen(), Screen()
        self.terminal = Terminal(self.out, self.err, lambda said: lines_of(said, UTC), Status(UTC).line)
        self.silent = Terminal(self.out, self.err, lambda said: lines_of(said, UTC), Status(UTC).line, bell=False)

    def on(self, service: Any) -> Desktop:
        return Desktop(
            self.silent, service, lambda said: Notice(*notice_of(said, UTC)), self.silent.complain, self.silent.ring
        )

    @property
    def bells(self) -> int:
        return self.err.getvalue().count("\a")


@pytest.fixture
def rig() -> Rig:
    return Rig()


@pytest.fixture
def shown(desktops: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    if not desktops.can_be_had():
        pytest.skip("no dbus-daemon on this machine")
    with desktops.desktop() as found:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", found.address)
        yield found


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    monkeypatch.delenv("DISPLAY", raising=False)


def to_a_desktop(rig: Rig, request: pytest.FixtureRequest) -> Notifier:
    request.getfixturevalue("shown")
    return rig.on(Platform(PATIENCE))


def to_a_desktop_that_hangs(rig: Rig, request: pytest.FixtureRequest) -> Notifier:
    request.getfixturevalue("shown").hangs = True
    return rig.on(Platform(PATIENCE))


def to_no_desktop(rig: Rig, request: pytest.FixtureRequest) -> Notifier:
    request.getfixturevalue("nowhere")
    return rig.on(Platform(PATIENCE))


def to_a_program(rig: Rig, request: pytest.FixtureRequest) -> Notifier:
    return JsonLines(rig.out, data_of)


def to_a_terminal(rig: Rig, request: pytest.FixtureRequest) -> Notifier:
    return rig.terminal


EVERYBODY = [to_a_terminal, to_a_program, to_a_desktop, to_a_desktop_that_hangs, to_no_desktop]


@pytest.mark.parametrize("make", EVERYBODY)
def test_everything_may_be_said_and_nothing_of_it_does_harm_or_takes_long(
    make: Callable[[Rig, pytest.FixtureRequest], Notifier], rig: Rig, request: pytest.FixtureRequest
) -> None:
    notifier = make(rig, request)
    for said in EVERYTHING:
        began = time.monotonic()
        notifier.tell(said)
        assert time.monotonic() - began < PATIENCE + 2
    notifier.close()
    notifier.close()
    written = rig.out.getvalue() + rig.err.getvalue()
    assert "SEV2" in rig.out.getvalue()
    assert not hostile_characters(written.replace("\r\x1b[K", "").replace("\a", "").replace("\n", ""))


def test_a_desktop_shows_a_proposal_and_then_there_is_no_bell(rig: Rig, shown: Any) -> None:
    notifier = rig.on(Platform())
    for said in EVERYTHING[:5]:
        notifier.tell(said)
    assert shown.notices == []
    notifier.tell(proposal("kettle"))
    notifier.tell(proposal("kettle", "nothing"))
    notifier.close()
    (title, body, urgency), (_, _, calm) = shown.notices
    assert title == "crisis: UNUSUAL, 2026-03-02 12:00 UTC"
    assert body.splitlines()[0].startswith("kettle: 2026-03-02 12:00 UTC  mention_rate  120 in 30 min")
    assert body.splitlines()[3:] == [
        "and 2 more",
        "proposed: " + str(proposal("kettle").assessed.proposal)[:120],
        "crisis start kettle",
    ]
    assert (urgency, calm) == (2, 1)
    assert rig.bells == 0
    assert "no desktop" not in rig.err.getvalue()
    assert rig.out.getvalue().count("UNUSUAL") == 2


def test_what_a_desktop_shows_is_no_markup_and_moves_no_cursor(rig: Rig, shown: Any) -> None:
    notifier = rig.on(Platform())
    notifier.tell(proposal(HOSTILE))
    notifier.close()
    ((title, body, _),) = shown.notices
    assert not set("<>&") & set(title + body)
    assert not hostile_characters((title + body).replace("\n", ""))
    assert len(body) <= 500


def test_without_a_desktop_it_says_so_once_and_rings(rig: Rig, nowhere: None) -> None:
    notifier = rig.on(Platform())
    assert rig.err.getvalue().count("no desktop notifications, the bell instead: no desktop can be reached") == 1
    notifier.tell(proposal())
    notifier.tell(proposal())
    notifier.close()
    assert rig.bells == 2
    assert rig.err.getvalue().count("no desktop notifications") == 1


def test_a_session_that_is_over_is_no_desktop(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")
    notifier = rig.on(Platform())
    notifier.close()
    assert "the bell instead: no desktop can be reached" in rig.err.getvalue()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # the library leaves a socket open that was never connected
        gc.collect()


def test_a_session_without_anybody_to_show_it_is_no_desktop(
    rig: Rig, desktops: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not desktops.can_be_had():
        pytest.skip("no dbus-daemon on this machine")
    with desktops.session() as address:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        notifier = rig.on(Platform())
        notifier.close()
    assert "the bell instead: no desktop can be reached" in rig.err.getvalue()


def test_a_desktop_that_goes_and_comes_again_is_used_again(rig: Rig, shown: Any) -> None:
    notifier = rig.on(Platform(PATIENCE))
    shown.fails = True
    notifier.tell(proposal())
    shown.fails, shown.hangs = False, True
    notifier.tell(proposal())
    shown.hangs = False
    notifier.tell(proposal())
    assert (rig.bells, len(shown.notices)) == (2, 1)
    shown.fails = True
    notifier.tell(proposal())
    notifier.close()
    assert rig.bells == 3
    assert rig.err.getvalue().count("the bell instead: the desktop did not take it\n") == 2


def test_without_the_library_it_says_what_to_install(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "desktop_notifier", None)
    notifier = rig.on(Platform())
    notifier.tell(proposal())
    notifier.close()
    assert rig.err.getvalue().count("-m pip install 'desktop-notifier>=6.2' adds it") == 1
    assert rig.bells == 1


def test_a_platform_that_would_show_nothing_counts_as_none(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Python is no app of its own, macOS shows nothing and the library does not say so."""
    from desktop_notifier import main
    from desktop_notifier.backends.dummy import DummyNotificationCenter

    monkeypatch.setattr(main, "get_backend_class", lambda: DummyNotificationCenter)
    service = Platform()
    with pytest.raises(Unreachable, match="shows no notifications"):
        service.ready()
    service.close()
    notifier = rig.on(Platform())
    notifier.tell(proposal())
    notifier.close()
    assert rig.bells == 1
