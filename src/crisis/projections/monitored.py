"""Monitoring in an incident, for people in lines and for programs in plain data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from crisis.engine.events import Recorded
from crisis.engine.monitoring import AHEAD, HOUR, Counted, Figure, Measured, is_ahead
from crisis.engine.state import Incident
from crisis.kernel.durations import roughly
from crisis.kernel.text import one_line
from crisis.projections.exports import exports_of
from crisis.projections.names import Names
from crisis.projections.response import Response, responses
from crisis.projections.times import said_at

#: The most spans of the series in a brief: what fits into a line.
MOST_IN_BRIEF = 60
#: Figures that end longer ago than this are old.
OLD = timedelta(hours=2)

_SHARE = "negative_share"


def monitoring_of(incident: Incident) -> dict[str, Any] | None:
    """The figures and a short series as plain data, moments in UTC; None where no export was read."""
    measured = incident.measured
    if measured is None:
        return None
    return {
        "read_at": _iso(incident.measured_at),
        "format": measured.format,
        "files": list(measured.files),
        "first": _iso(measured.first),
        "last": _iso(measured.last),
        "estimated_sentiment": round(measured.estimated, 3),
        "figures": {name: _figure(one) for name, one in measured.figures.items()},
        "series": _series(measured.counted) if measured.counted else None,
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat() if moment is not None else None


def _figure(one: Figure) -> dict[str, Any]:
    return {
        "value": _plain(one.value),
        "baseline": _plain(one.baseline),
        "ratio": _plain(one.ratio),
        "since": _iso(one.since),
        "unusual": one.unusual,
        "window_minutes": round(one.window / 60),
    }


def _series(counted: Counted) -> dict[str, Any]:
    """Several spans as one where there are more than a line has room for; the last ones are whole."""
    length = len(counted.mentions)
    together = -(-length // MOST_IN_BRIEF)
    first = length % together
    groups = [slice(n, n + together) for n in range(first, length, together)]
    return {
        "begins": _iso(counted.begins + first * counted.span),
        "every_minutes": round(together * counted.every / 60, 3),
        "mentions": [_sum(counted.mentions[one]) for one in groups],
        "negative_share": [_share(sum(counted.negative[one]), sum(counted.rated[one])) for one in groups]
        if counted.rated
        else [],
    }


def _sum(numbers: Iterable[float | None]) -> float | None:
    found = list(numbers)
    known = [one for one in found if one is not None]
    return _plain(round(sum(known), 3)) if len(known) == len(found) else None


def _plain(value: float | None) -> float | None:
    return int(value) if value is not None and value == int(value) else value


def _share(negative: int, rated: int) -> float | None:
    return round(negative / rated, 3) if rated else None


def change_lines(
    incident: Incident, events: Iterable[Recorded], names: Names, now: datetime, zone: tzinfo | None
) -> tuple[str, ...]:
    """What the latest export says: now, since the reading before it, and since each message. Nothing without one."""
    measured = incident.measured
    if measured is None:
        return ()
    events = tuple(events)
    ends = measured.last
    lines = [f"Monitoring: {measured_in_words(measured, zone)}"]
    if ends is not None and now - ends > OLD:
        lines.append(f"These figures end {roughly(now - ends)} ago.")
    if ends is not None and ends - now > AHEAD:
        lines.append(f"These figures end {roughly(ends - now)} from now: {_zone_of(incident)}.")
    lines += _passed_over(incident, events, zone)
    lines += _since_before(measured, events, zone)
    lines += [response_line(one, zone) for one in responses(events, names)]
    return tuple(lines)


def _zone_of(incident: Incident) -> str:
    return f"is their time zone right? `crisis measure FILE --tz ZONE -i {incident.id}` reads them by another"


def _passed_over(incident: Incident, events: tuple[Recorded, ...], zone: tzinfo | None) -> Iterator[str]:
    """What was read last, where it says nothing of how things stand."""
    read = exports_of(events)
    if not read or read[-1][1] == incident.measured:
        return
    at, last = read[-1]
    kept = "kept for the post-mortem, the rules do not go by them"
    until = f"until {said_at(last.last, zone)}" if last.last else "without an end"
    what = f"The figures read last ({one_line(last.format, 60)} {until})"
    if last.last is not None and is_ahead(last, at):
        yield f"{what} end {roughly(last.last - at)} after they were read: {kept}; {_zone_of(incident)}."
    else:
        yield f"{what} end before these: {kept}."


def measured_in_words(measured: Measured, zone: tzinfo | None) -> str:
    """`Brandwatch until 2026-03-07 04:30 CET: mention rate 285 an hour (usually 42 an hour, 6.8 times that); …`."""
    until = f" until {said_at(measured.last, zone)}" if measured.last else ""
    return f"{one_line(measured.format, 60)}{until}: {'; '.join(_now(measured)) or 'nothing counted'}"


def _now(measured: Measured) -> Iterator[str]:
    for name, one in measured.figures.items():
        if one.value is None or name not in ("mention_rate", "negative_rate", _SHARE, "site_traffic", "reach"):
            continue
        usual = f" (usually {_amount(name, one, one.baseline)}" if one.baseline is not None else ""
        times = f", {one.ratio:.3g} times that" if usual and one.ratio is not None and name != _SHARE else ""
        yield f"{name.replace('_', ' ')} {_amount(name, one, one.value)}{f'{usual}{times})' if usual else ''}"


def _amount(name: str, one: Figure, value: float) -> str:
    if name == _SHARE:
        return f"{value:.0%}"
    per = timedelta(seconds=one.window)
    return f"{_number(value)} {'an hour' if per == HOUR else f'in {roughly(per)}'}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:.1f}"


def _since_before(measured: Measured, events: Iterable[Recorded], zone: tzinfo | None) -> Iterator[str]:
    earlier = [
        one
        for _, one in exports_of(events)
        if one.last is not None and measured.last is not None and one.last < measured.last
    ]
    if not earlier:
        return
    before = max(earlier, key=lambda one: one.last or datetime.min.replace(tzinfo=UTC))
    changes = [
        f"{name.replace('_', ' ')} {_amount(name, was, was.value)} to {_amount(name, one, one.value)}"
        for name, one in measured.figures.items()
        if (was := before.figures.get(name)) is not None
        and one.value is not None
        and was.value is not None
        and was.window == one.window
        and name in ("mention_rate", "negative_rate", _SHARE, "site_traffic")
    ]
    if changes and before.last is not None:
        other = (
            "" if before.format == measured.format else f" of {one_line(before.format, 60)}, which counts its own way"
        )
        yield f"Since {said_at(before.last, zone)} (the figures before{other}): {'; '.join(changes)}"


def response_line(one: Response, zone: tzinfo | None) -> str:
    """`Holding statement, 02:53: mentions an hour 312 to 118 (-62%), negative 61% to 35%, 3 h before and after it`."""
    head = f"{one.title}, {said_at(one.at, zone)}"
    if one.before is None or one.after is None or one.window is None:
        return f"{head}: {one.why}"
    return f"{head}: {said(one)}"


def said(one: Response) -> str:
    """The figures of a response in words, with what makes them doubtful."""
    if one.before is None or one.after is None or one.window is None:
        return one.why
    text = f"mentions an hour {rates(one)}, negative {shares(one)}, {roughly(one.window)} before and after it"
    if one.why:
        text += f" ({one.why})"
    if one.others:
        text += f"; within that time also: {', '.join(dict.fromkeys(one.others))}"
    return text


def rates(one: Response) -> str:
    """`312 to 118 (-62%)`, or why there are none."""
    if one.before is None or one.after is None:
        return one.why
    before, after = one.before.mentions_per_hour, one.after.mentions_per_hour
    change = f" ({(after - before) / before:+.0%})" if before else ""
    return f"{_number(before)} to {_number(after)}{change}"


def shares(one: Response) -> str:
    """`61% to 35%`, or why there are none."""
    if one.before is None or one.after is None:
        return one.why
    before, after = one.before.negative_share, one.after.negative_share
    if before is None or after is None:
        if not one.before.rated and not one.after.rated:
            return "no figures"
        return "too few have a sentiment"
    estimated = " (estimated)" if one.estimated else ""
    return f"{before:.0%} to {after:.0%}{estimated}"


def as_json(found: Iterable[Response]) -> list[Mapping[str, Any]]:
    """The responses as JSON objects, moments in UTC, windows in minutes."""
    return [
        {
            "message": one.message,
            "title": one.title,
            "at": _iso(one.at),
            "places": list(one.places),
            "window_minutes": round(one.window / timedelta(minutes=1)) if one.window else None,
            "before": _side(one.before),
            "after": _side(one.after),
            "why": one.why,
            "source": one.source,
            "files": list(one.files),
            "estimated_sentiment": round(one.estimated, 3),
            "others": list(one.others),
        }
        for one in found
    ]


def _side(side: Any) -> dict[str, Any] | None:
    if side is None:
        return None
    return {name: getattr(side, name) for name in ("mentions_per_hour", "negative_share", "mentions", "rated")}
