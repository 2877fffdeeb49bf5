"""What a watch says: lines for people, objects for programs, and the one line that stays at the bottom."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from crisis.adapters.render.moments import clock_time
from crisis.adapters.render.signals import alert_data, alert_lines, assessed_data, assessed_lines
from crisis.kernel.durations import roughly
from crisis.kernel.text import one_line
from crisis.runtime.feeds import Began, Down, Gap, Polled, Proposal, Said, Up
from crisis.signals.tally import BY_SENTIMENT

if TYPE_CHECKING:
    from crisis.signals.alerts import Alert

_EXAMPLE = 240
_NOTICED = 3
"""Alerts that a notification names: more of it is not shown."""


def lines_of(said: Said, zone: tzinfo) -> list[str]:
    """Text, safe to print; nothing for what only changes the status."""
    match said:
        case Began(feed=feed, kind=kind, every=every, until=None):
            return [f"{_name(feed)} ({kind}), every {_every(every.total_seconds())}: watched from now on"]
        case Began(feed=feed, kind=kind, every=every, until=until):
            known = clock_time(until, zone) if until else ""
            return [f"{_name(feed)} ({kind}), every {_every(every.total_seconds())}: known until {known}"]
        case Down(feed=feed, why=why, hint=hint, again=again):
            lines = [f"DOWN: {_why(feed, why)}; from here on its counts are unknown, and not zero"]
            return [
                *lines,
                f"  {one_line(hint, 300)}" + (f"; asked again at {clock_time(again, zone)}" if again else ""),
            ]
        case Up(feed=feed, down_since=since):
            return [f"up again: {_name(feed)}, which was down since {clock_time(since, zone)}"]
        case Gap(feed=feed, since=since, until=until):
            span = f"{clock_time(since, zone)} to {clock_time(until, zone)}"
            return [f"GAP: what {_name(feed)} said from {span} is beyond its memory: unknown, and not zero"]
        case Proposal():
            return _proposal(said, zone)
        case _:
            return []


def data_of(said: Said) -> dict[str, Any]:
    """An object, times in ISO 8601 and UTC; `event` says what it is."""
    match said:
        case Began(feed=feed, kind=kind, every=every, until=until):
            return {
                "event": "watching", "feed": feed, "kind": kind, "every_seconds": every.total_seconds(),
                "known_until": _time(until),
            }  # fmt: skip
        case Down(feed=feed, why=why, hint=hint, again=again):
            return {"event": "down", "feed": feed, "because": why, "hint": hint, "asked_again_at": _time(again)}
        case Up(feed=feed, down_since=since):
            return {"event": "up", "feed": feed, "down_since": _time(since)}
        case Gap(feed=feed, since=since, until=until):
            return {"event": "gap", "feed": feed, "from": _time(since), "until": _time(until)}
        case Polled():
            return {
                "event": "polled", "feed": said.feed, "new": said.new, "known": said.known, "older": said.older,
                "other": said.other, "skipped": said.skipped, "known_until": _time(said.until),
                "learned": said.learned,
            }  # fmt: skip
        case Proposal():
            found: dict[str, Any] = {"event": "proposal", "at": _time(said.at)}
            found["alerts"] = [
                {"feed": feed, **alert_data(alert), **_estimated(said, feed, alert)} for feed, alert in said.alerts
            ]
            found |= {"examples": dict(said.examples)} if said.examples else {}
            found |= {"estimated_sentiment": _shares(said)} if said.estimated else {}
            if said.assessed is not None:
                found["playbook"] = said.assessed.playbook
                found |= assessed_data(said.assessed.proposal, said.assessed.advice, None)
            return {**found, "command": said.command}


def notice_of(said: Proposal, zone: tzinfo) -> tuple[str, str, bool]:
    """A proposal for a desktop: a title, a few lines, safe to print, and whether the advice is to open the playbook."""
    title = f"crisis: {_heading(said, zone)}"
    lines = []
    for feed, alert in said.alerts[:_NOTICED]:
        (line,) = alert_lines([alert], zone)
        lines.append(f"{_name(feed)}: {line}")
    if len(said.alerts) > _NOTICED:
        lines.append(f"and {len(said.alerts) - _NOTICED} more")
    if said.assessed is not None:
        lines.append(f"proposed: {one_line(str(said.assessed.proposal), 120)}")
    is_urgent = said.assessed is None or said.assessed.advice.do == "open"
    return title, "\n".join([*lines, said.command]), is_urgent


class Status(Struct):
    """How a watch stands, in one line."""

    zone: tzinfo
    feeds: dict[str, int] = field(default_factory=dict)
    down: set[str] = field(default_factory=set)
    learned: bool = False
    last: datetime | None = None
    proposed: datetime | None = None

    def line(self, said: Said) -> str:
        """The line after `said`; nothing until a feed has answered."""
        match said:
            case Polled(feed=feed, new=new, learned=learned, until=until):
                self.feeds[feed] = self.feeds.get(feed, 0) + new
                self.learned = self.learned or learned
                self.last = max(filter(None, (self.last, until)), default=None)
                self.down.discard(feed)
            case Down(feed=feed):
                self.feeds.setdefault(feed, 0)
                self.down.add(feed)
            case Up(feed=feed):
                self.down.discard(feed)
            case Proposal(at=at):
                self.proposed = at
            case _:
                pass
        if not self.feeds:
            return ""
        total = sum(self.feeds.values())
        parts = [f"{total:,} counted" + (f" until {clock_time(self.last, self.zone, self.last)}" if self.last else "")]
        parts.append(f"{len(self.feeds) - len(self.down)} of {len(self.feeds)} feeds answer")
        if self.proposed:
            parts.append(f"last unusual {clock_time(self.proposed, self.zone, self.last)}")
        else:
            parts.append("nothing unusual" if self.learned else "learning, for a day")
        return " · ".join(parts)


def _proposal(said: Proposal, zone: tzinfo) -> list[str]:
    lines = [f"{_heading(said, zone)}:"]
    if said.alerts:
        for feed in dict.fromkeys(feed for feed, _ in said.alerts):
            table = alert_lines([alert for name, alert in said.alerts if name == feed], zone)
            lines += [f"  {_name(feed)}  {line}" for line in table]
    lines += [
        f"  {_name(feed)}  said again and again: “{one_line(text, _EXAMPLE)}”" for feed, text in said.examples.items()
    ]
    by_sentiment = {feed for feed, alert in said.alerts if alert.signal in BY_SENTIMENT}
    lines += [
        f"  {_name(feed)}  {share:.0%} of its sentiments are estimates from the words, not the tool's"
        for feed, share in said.estimated.items()
        if said.assessed is not None or feed in by_sentiment
    ]
    if said.assessed is not None:
        lines += assessed_lines(said.assessed.proposal, said.assessed.advice, None, zone)
    if said.assessed is None or said.assessed.advice.do == "open":
        lines.append(f"To open an incident: {said.command}")
    else:
        lines.append(f"Should it be one after all: {said.command}")
    return lines


def _estimated(said: Proposal, feed: str, alert: Alert) -> dict[str, float]:
    rests = alert.signal in BY_SENTIMENT and feed in said.estimated
    return {"estimated": round(said.estimated[feed], 3)} if rests else {}


def _shares(said: Proposal) -> dict[str, float]:
    return {feed: round(share, 3) for feed, share in said.estimated.items()}


def _heading(said: Proposal, zone: tzinfo) -> str:
    return f"{'UNUSUAL' if said.alerts else 'BY THE RULES'}, {clock_time(said.at, zone)}"


def _name(feed: str) -> str:
    return one_line(feed, 80)


def _why(feed: str, why: str) -> str:
    """What the feed's own message says, with its name at the head once."""
    text = one_line(why, 300)
    return text if text.startswith(_name(feed)) else f"{_name(feed)}: {text}"


def _every(seconds: float) -> str:
    from datetime import timedelta

    return f"{seconds:g} s" if seconds < 60 else roughly(timedelta(seconds=seconds))


def _time(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat() if at is not None else None
