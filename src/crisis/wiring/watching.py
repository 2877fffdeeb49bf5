"""`crisis watch`: the feeds of a file or of the command line, a memory that lasts, and a terminal to tell."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from msgspec import Struct

from crisis.adapters.feeds import kind_of, shown_url
from crisis.adapters.ledger import SqliteLedger
from crisis.adapters.notifiers.terminal import JsonLines, Terminal
from crisis.adapters.render.findings import as_text
from crisis.adapters.shelf import WATCH, read_file, shelves_of
from crisis.adapters.system import SystemClock, current_folder, local_zone
from crisis.kernel.durations import parse_duration
from crisis.kernel.errors import CrisisError, Exit, Interrupted, NotFound, Usage
from crisis.kernel.text import one_line, quoted
from crisis.playbook.authored import changed
from crisis.playbook.documents import Watch, WatchedFeed
from crisis.runtime.feeds import Judge, Notifier
from crisis.runtime.watcher import Watcher
from crisis.signals.settings import SETTINGS
from crisis.wiring.watched import feeds_of, name_of, watch_rules

if TYPE_CHECKING:
    from crisis.signals.mention import Mention, Sentiment

NOTIFY = ("desktop", "bell", "none")
_OF_THE_DAY = re.compile(r"\d\d:\d\d", re.ASCII)


class Faulty(CrisisError):
    """The file has findings that forbid to watch it."""


class Wanted(Struct, frozen=True, kw_only=True):
    """What was asked for on the command line. `words` are for the feeds given there."""

    file: Path | None = None
    feeds: Sequence[str] = ()
    words: Sequence[str] = ()
    playbook: str | None = None
    setting: str | None = None
    estimate: str | None = None
    """The language in which sentiment is estimated where a feed gives none."""
    state: Path | None = None


class How(Struct, frozen=True, kw_only=True):
    """How long, and how it is said."""

    once: bool = False
    for_: str | None = None
    until: str | None = None
    """A time today or tomorrow (`07:30`), or a full one."""
    as_json: bool = False
    notify: str = "bell"
    """How a proposal is brought to somebody's notice: one of NOTIFY."""


def watch(wanted: Wanted, how: How) -> int:
    """Watch until stopped; the exit code. Raises Interrupted on Ctrl-C, with everything kept."""
    watched = watch_of(wanted, current_folder())
    zone = _zone(watched)
    clock = SystemClock()
    ends = ending(how, clock.now(), zone)
    feeds = feeds_of(watched.feeds, os.environ)
    estimate = _estimate(wanted.estimate or watched.estimate_sentiment)
    notifier = notifier_for(how, zone)
    with SqliteLedger(state_path(wanted.state, watched.id)) as ledger:
        watcher = Watcher(
            feeds=feeds,
            ledger=ledger,
            clock=clock,
            notifier=notifier,
            setting=SETTINGS[watched.setting],
            zone=zone,
            judge=_judge(watched.playbook),
            estimate=estimate,
            suggest=lambda _: f"crisis start {watched.playbook}" if watched.playbook else "crisis start",
        )
        try:
            answered, _ = watcher.run(once=how.once, until=ends)
        except KeyboardInterrupt:
            raise Interrupted(
                "Saved. What comes meanwhile is asked for next time.", hint="go on with: crisis watch"
            ) from None
        finally:
            notifier.close()
    return int(Exit.OK if answered else Exit.FINDINGS)


def watch_of(wanted: Wanted, project: Path) -> Watch:
    """What is to be watched. Raises NotFound, Usage, or Faulty with every finding."""
    path = wanted.file or (project / WATCH if not wanted.feeds and (project / WATCH).is_file() else None)
    given = Watch(apiVersion="crisis/v1", kind="Watch", id="feeds", feeds=())
    if path is not None:
        given = _read(path, project)
    elif not wanted.feeds:
        raise NotFound(
            f"there is no {WATCH} here, and no feed was given",
            hint="crisis watch --feed https://…, or write a file: docs/watching.md",
        )
    more = tuple(_given(url, wanted.words) for url in wanted.feeds)
    found = changed(given, feeds=(*given.feeds, *more))
    if wanted.playbook is not None:
        found = changed(found, playbook=wanted.playbook)
    if wanted.setting is not None:
        if wanted.setting not in SETTINGS:
            raise Usage(f"there is no setting {quoted(wanted.setting, 40)}", hint=f"write one of {', '.join(SETTINGS)}")
        found = changed(found, setting=wanted.setting)
    for fault in watch_rules(found, shelves_of(project).playbooks()):
        where = fault.path[1] if len(fault.path) > 1 and fault.path[0] == "feeds" else None
        name = f"{name_of(found.feeds[where])}: " if isinstance(where, int) else ""
        raise Usage(f"{name}{fault.message}", hint=fault.hint)
    return found


def state_path(given: Path | None, name: str) -> Path:
    """Where a watch remembers: `given`, else `watch/NAME.db` in the user's state folder."""
    if given is not None:
        if given.is_dir():
            raise Usage(f"{one_line(str(given))} is a folder", hint=f"give a file in it, such as {given / 'watch.db'}")
        return given.expanduser()
    from platformdirs import user_state_path

    return user_state_path("crisis", appauthor=False) / "watch" / f"{name}.db"


def notifier_for(how: How, zone: tzinfo) -> Notifier:
    """JSON lines for programs, text for people; the bell only where somebody sits. Raises Usage."""
    from crisis.adapters.render import watching as render

    if how.notify not in NOTIFY:
        raise Usage(f"--notify: {quoted(how.notify, 40)} is none", hint=f"write one of {', '.join(NOTIFY)}")
    terminal = Terminal(
        sys.stdout,
        sys.stderr,
        lambda said: render.lines_of(said, zone),
        render.Status(zone).line,
        once=how.once,
        bell=how.notify == "bell",
    )
    told: Notifier = JsonLines(sys.stdout, render.data_of) if how.as_json else terminal
    if how.notify != "desktop":
        return told
    from crisis.adapters.notifiers.desktop import Desktop, Notice, Platform

    return Desktop(
        told,
        Platform(),
        lambda said: Notice(*render.notice_of(said, zone)),
        terminal.complain,
        terminal.ring,
        at_once=not how.once,
    )


def _read(path: Path, project: Path) -> Watch:
    from crisis.plan.load import load_document

    if not path.exists():
        raise NotFound(f"there is no file {one_line(str(path))}", hint="give the path of a file of kind Watch")
    found, findings = load_document(read_file(path), Watch)
    errors = tuple(one for one in findings if one.is_error)
    if found is None or errors:
        text = as_text(errors)
        raise Faulty(
            f"{one_line(str(path))} cannot be watched:\n{text}", hint=f"mend it; crisis check {path} shows it, too"
        )
    return found


def _given(url: str, words: Sequence[str]) -> WatchedFeed:
    kind = kind_of(url)
    if kind is None:
        raise Usage(f"{quoted(shown_url(url), 80)} is no address of the web", hint="begin with https:// or wss://")
    return WatchedFeed(url=url, words=tuple(words))


def ending(how: How, now: datetime, zone: tzinfo) -> datetime | None:
    """When the watch ends by itself; a bare time of day is the next one in `zone`. Raises Usage."""
    given = [name for name, one in (("--once", how.once), ("--for", how.for_), ("--until", how.until)) if one]
    if len(given) > 1:
        raise Usage(f"{given[0]} and {given[1]} exclude each other", hint="leave one of the two out")
    if how.until is not None:
        return _until(how.until.strip(), now, zone)
    if how.for_ is None:
        return None
    try:
        return now + parse_duration(how.for_)
    except ValueError as error:
        raise Usage(f"--for: {error}", hint="write it like 2h or 30m") from None


def _until(text: str, now: datetime, zone: tzinfo) -> datetime:
    try:
        if _OF_THE_DAY.fullmatch(text):
            local = now.astimezone(zone)
            days = (datetime.fromisoformat(f"{local.date() + n * timedelta(days=1)}T{text}") for n in range(2))
            return next(one for day in days if (one := day.replace(tzinfo=zone).astimezone(UTC)) > now)
        at = datetime.fromisoformat(text)
        ends = (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Usage(
            f"--until: {quoted(text, 40)} is no time", hint="write it like 07:30, or 2026-03-07T07:30"
        ) from None
    if ends <= now:
        raise Usage(f"--until: {one_line(text, 40)} is over", hint="give a time to come, such as 07:30")
    return ends


def _zone(watched: Watch) -> tzinfo:
    return ZoneInfo(watched.timezone) if watched.timezone else local_zone()


def _estimate(language: str | None) -> Callable[[Mention], Sentiment] | None:
    if language is None:
        return None
    from crisis.adapters.importers.lexicon import Lexicon

    return Lexicon(language).of


def _judge(playbook: str | None) -> Judge | None:
    if playbook is None:
        return None
    from crisis.wiring.assessing import assess
    from crisis.wiring.preparing import prepare

    prepare(playbook, current_folder())  # a fault is told now, and not in the night

    def judge(standings: Any) -> Any:
        return assess(playbook, standings)

    return judge
