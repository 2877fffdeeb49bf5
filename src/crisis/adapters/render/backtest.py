"""A backtest for people and for programs: what would have fired, how that lies to known starts, and quieter bars."""

from __future__ import annotations

from datetime import timedelta, tzinfo
from typing import TYPE_CHECKING, Any

from crisis.adapters.render.moments import clock_time
from crisis.adapters.render.signals import alert_data, number, time
from crisis.adapters.render.terminal import columns
from crisis.kernel.durations import format_duration, roughly
from crisis.kernel.text import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from crisis.signals.backtest import Backtest
    from crisis.signals.firings import Firing, Lead

_DAY, _MONTH = timedelta(days=1), timedelta(days=30)


def backtest_data(found: Backtest) -> dict[str, Any]:
    """All of it, times in UTC, durations in minutes, negative where something fired before the start."""
    return {
        "playbook": found.playbook,
        "setting": found.setting,
        "days": number(found.seen / _DAY),
        "severities": [
            {
                "severity": name,
                "fired": [time(at) for at in found.fired(name)],
                "false_alarms": found.false(name),
                "per_week": number(found.per_week(len(found.fired(name)))),
            }
            for name in found.told
        ],
        "firings": [
            {
                "at": time(one.at),
                "severity": one.severity,
                "rule": one.rule,
                "because": one.because,
                "asks_facts": one.asks,
            }
            for one in found.firings
        ],
        "needs_facts": list(found.not_told),
        "unmeasured": list(found.unmeasured),
        "cannot_be_told": list(found.blind),
        "began": [
            {
                "began": time(one.began),
                "what": one.what,
                "fired": time(one.fired),
                "minutes_after": _minutes(one.after),
            }
            for one in found.leads
        ],
        "alerts": [alert_data(one) for one in found.alerts],
        "alerts_per_week": number(found.per_week(len(found.alerts))),
        "false_alerts": found.false_alerts,
        "false_alarms_wanted_per_month": found.per_month,
        "proposed": [
            {
                "signal": one.signal,
                "at_least": f"{one.at_least:g}x",
                "for": format_duration(one.lasting),
                "min_count": one.min_count,
                "false_alarms": one.false_alarms,
                "per_month": number(one.per_month),
                "per_month_at_most": number(one.at_most),
                "starts_caught": one.caught,
                "starts": len(found.began),
                "median_minutes_after": _minutes(one.median_after),
            }
            for one in found.proposed
        ],
    }


def backtest_lines(found: Backtest, zone: tzinfo | None, *, width: int = 0) -> list[str]:
    """What would have fired, then the known starts, then quieter bars, and how little all that proves.

    Where the table of bars would be wider than `width` columns (0: as wide as it likes), each is a block of lines.
    """
    if not found.seen:
        return ["too little history: of the first day nothing can be said, and there is no second"]
    lines = [f"{found.playbook} over {roughly(found.seen)}, the first day left out; each event once a day"]
    for name in found.told:
        fired = found.fired(name)
        wrong = _wrong(found, found.false(name)) if fired else ""
        often = f"{_often(len(fired))}, {found.per_week(len(fired)):.2g} a week{wrong}" if fired else "never"
        lines.append(f"{name} would have fired {often}")
        rows = [
            (f"  {clock_time(one.at, zone)}", one.rule.partition(".")[2], _because(one))
            for one in found.firings
            if one.severity == name
        ]
        lines += columns(rows).splitlines() if rows else []
    if found.not_told:
        lines.append(f"{', '.join(found.not_told)}: only facts decide, which no history holds")
    if found.unmeasured:
        blind = f", so nothing can be said of {', '.join(found.blind)}" if found.blind else ""
        lines.append(f"not in this history: {', '.join(found.unmeasured)}{blind}")
    count = len(found.alerts)
    often = f"{count}, {found.per_week(count):.2g} a week{_wrong(found, found.false_alerts)}"
    lines.append(f"alerts ({found.setting}): {often}; crisis detect FILE --alerts lists them")
    if found.leads:
        lines += ["", *_lead_lines(found.leads, zone)]
    return [*lines, "", *_proposed_lines(found, width)]


def _lead_lines(leads: Sequence[Lead], zone: tzinfo | None) -> list[str]:
    rows = [("known start", "what", "fired", "")]
    before: datetime | None = None
    for one in sorted(leads, key=lambda one: one.began):
        start = clock_time(one.began, zone) if one.began != before else ""
        before = one.began
        fired = clock_time(one.fired, zone, one.began) if one.fired else "not within 3 days"
        rows.append((start, one.what, fired, _after(one.after)))
    return columns(rows).splitlines()


def _proposed_lines(found: Backtest, width: int) -> list[str]:
    wanted = f"at most {found.per_month:g} false alarm{'' if found.per_month == 1 else 's'} a month"
    if not found.proposed:
        finds = " and finds a known start" if found.began else ""
        return [f"no bar keeps to {wanted}{finds} on this history"]
    caught = bool(found.began)
    head = (
        "signal",
        "at_least",
        "for",
        "min_count",
        "false here",
        "a month",
        *(("starts", "median") if caught else ()),
    )
    rows: list[tuple[str, ...]] = [head]
    last = ""
    for one in found.proposed:
        name = one.signal if one.signal != last else ""
        last = one.signal
        starts = (f"{one.caught} of {len(found.began)}", _after(one.median_after)) if caught else ()
        about = f"{one.per_month:.2g}, may be up to {one.at_most:.2g}"
        rows.append(
            (
                name,
                f"{one.at_least:g}x",
                format_duration(one.lasting),
                str(one.min_count),
                str(one.false_alarms),
                about,
                *starts,
            )
        )
    table = columns(rows).splitlines()
    if width and max(map(len, table)) > width:
        table = _blocks(rows)
    lines = [f"lowest bars with {wanted}:", *table]
    if not caught:
        lines.append("no known start was given (--began): every firing counts as false here")
    allowed = found.per_month * (found.seen / _MONTH)
    if allowed < 3:
        lines.append(
            f"{roughly(found.seen)} are short: at that rate {allowed:.2g} would be expected in them, "
            "so none seen proves little; try more history before you trust a bar at night"
        )
    return lines


def _blocks(rows: Sequence[Sequence[str]]) -> list[str]:
    """The table of bars for a narrow terminal: a signal, and below it each bar with what is said of it."""
    lines: list[str] = []
    for row in rows[1:]:
        signal, *bar = (f"{title} {cell}" if cell else "" for title, cell in zip(rows[0], row, strict=True))
        lines += [row[0]] if signal else []
        lines.append(f"  {', '.join(bar[:3])}")
        lines += [f"    {'; '.join(said for said in part if said)}" for part in (bar[3:5], bar[5:]) if part]
    return lines


def _often(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _wrong(found: Backtest, count: int) -> str:
    return f", {count} of them for no known start" if found.began else ""


def _because(one: Firing) -> str:
    return one_line(one.because, 200) + (" (if the facts it asks for as well are so)" if one.asks else "")


def _after(after: timedelta | None) -> str:
    if after is None:
        return ""
    return f"{roughly(after)} {'before' if after < timedelta(0) else 'after'}" if after else "at once"


def _minutes(span: timedelta | None) -> float | int | None:
    return None if span is None else number(span / timedelta(minutes=1))
