"""Signals for people and for programs: a table with sparklines and the band of the usual, or plain data."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING, Any

from crisis.adapters.render.moments import clock_time
from crisis.adapters.render.terminal import columns
from crisis.kernel.durations import roughly
from crisis.kernel.text import one_line
from crisis.signals.alerts import Alert
from crisis.signals.standing import HOUR, Glance, Standing

if TYPE_CHECKING:
    from crisis.engine.severity import Proposal
    from crisis.signals.mention import ImportReport
    from crisis.signals.proposal import Advice

_BARS, _PLAIN_BARS = "▁▂▃▄▅▆▇█", "_.-:=+*#"
_DO = {"open": "open the playbook", "answer_individually": "answer individually", "nothing": "do nothing"}
_EXAMPLE = 240
_GAPS = 3
_SAYS = {"yes": "holds", "no": "does not hold", "unknown": "may hold", "unasked": "cannot be told"}


def standing_data(one: Standing) -> dict[str, Any]:
    """A signal as JSON has it. Shares from 0 to 1, counts per `window_minutes`, `odds`: once in so many days."""
    return {
        "signal": one.signal,
        "value": number(one.value),
        "baseline": number(one.baseline),
        "low": number(one.low),
        "high": number(one.high),
        "ratio": number(one.ratio),
        "odds": number(one.odds),
        "since": time(one.since),
        "unusual": one.unusual,
        "strength": number(one.strength),
        "learned": one.learned,
        "history_hours": number(one.history / HOUR),
        "window_minutes": number(one.window / HOUR * 60),
        "last_alert": time(one.alerts[-1].at) if one.alerts else None,
    } | _only_where_it_is(one)


def alert_data(one: Alert) -> dict[str, Any]:
    """An alert as JSON has it; `value` and `baseline` over the `window_minutes` that end with the row at `at`."""
    return {
        "at": time(one.at),
        "signal": one.signal,
        "value": number(one.value),
        "baseline": number(one.baseline),
        "ratio": number(one.ratio),
        "odds": number(one.odds),
        "since": time(one.since),
        "window_minutes": number(one.window / HOUR * 60),
        "strength": number(one.strength),
        "escalates": one.escalates,
    }


def assessed_data(proposal: Proposal, advice: Advice, rules: Iterable[Sequence[str]] | None) -> dict[str, Any]:
    """The proposal and the advice; with `rules`, what each of them says."""
    found: dict[str, Any] = {
        "proposal": {
            "severity": proposal.severity,
            "because": proposal.because,
            "rule": proposal.rule,
            "is_unsure": proposal.is_unsure,
            "unknown": list(proposal.unknown),
        },
        "advice": {"do": advice.do, "because": advice.because, "look_again_at": time(advice.look_again_at)},
    }
    if rules is not None:
        found["rules"] = [{"rule": rule, "holds": truth, "because": because} for rule, truth, because in rules]
    return found


def report_lines(report: ImportReport, zone: tzinfo | None) -> list[str]:
    """What was read and what was not, in a few lines."""
    what = _counted(report.counts, "count") if report.records == "counts" else _counted(report.mentions, "mention")
    reposts = f" ({report.reposts:,} of them reposts)" if report.reposts else ""
    span = (
        f", {clock_time(report.first, zone)} to {clock_time(report.last, zone)}" if report.first and report.last else ""
    )
    lines = [f"{one_line(report.format)}: {what}{reposts}{span}"]
    lines += [f"times: {one_line(report.time_zone)} ({one_line(report.time_zone_from)})"]
    if report.mentions:
        lines.append("sentiment: " + ", ".join(f"{n:,} {name}" for name, n in report.sentiment.items()))
    if report.estimated:
        lines.append("estimated, where the tool gave none: " + estimate_line(report.estimated))
    if report.skipped:
        total = sum(report.skipped.values())
        lines.append(f"skipped: {total:,} of {report.rows:,} rows: " + _listed(report.skipped))
    lines += gap_lines(report, zone)
    return lines + [f"note: {one_line(note, 400)}" for note in report.notes]


def gap_lines(report: ImportReport, zone: tzinfo | None) -> list[str]:
    """From when to when no file covers anything; of many, the longest."""
    longest = sorted(report.gaps, key=lambda gap: gap[0] - gap[1])[:_GAPS]
    lines = [f"{clock_time(since, zone)} to {clock_time(until, zone)}, in no file" for since, until in sorted(longest)]
    lines += [f"{len(report.gaps) - _GAPS} more, none of them longer"] if len(report.gaps) > _GAPS else []
    return [f"gap: {line}: unknown, and not zero" for line in lines]


def estimate_line(estimated: Mapping[str, int]) -> str:
    """What was made of the words of how many mentions."""
    told = ", ".join(f"{estimated.get(name, 0):,} {name}" for name in ("positive", "neutral", "negative"))
    return f"{told}; {estimated.get('unknown', 0):,} left unknown, being in another language (VADER, English only)"


def signal_lines(standings: Sequence[Standing], zone: tzinfo | None, *, plain: bool, width: int = 0) -> list[str]:
    """The table: now, usual, how many times, how unlikely, since when, and the last day above its band.

    Where a line would be longer than `width` columns (0: as long as it likes), each signal is a block of lines.
    """
    if not standings:
        return ["no signals: there is nothing to count"]
    rows = [("signal", "now", "usual", "times", "", "last day, and what is usual")]
    for one in standings:
        highs, lows = ([edge(glance) for glance in one.trail] if one.learned else [] for edge in (_high, _low))
        came, most, least = sparkline([glance.value for glance in one.trail], highs, lows, plain=plain)
        rows.append((*standing_cells(one, zone), came))
        if one.learned:
            edges = (("usual at most", most), ("usual at least", least))
            rows += [("", "", "", "", name, edge) for name, edge in edges if edge]
    lines = columns(rows).splitlines()
    if width and max(map(len, lines)) > width:
        lines = _blocks(rows[1:])
    lines += [f"said again and again: “{one_line(one.example, _EXAMPLE)}”" for one in standings if _again(one)]
    if share := max((one.estimated for one in standings), default=0.0):
        lines.append(f"* {share:.0%} of the sentiments are estimates from the words, not the tool's")
    few = [one for one in standings if not one.learned]
    if few:
        history = roughly(max(one.history for one in few))
        names = ", ".join(one.signal for one in few) if len(few) < len(standings) else "it"
        lines.append(f"too little history ({history}) to say what is usual for {names}: a full day must be seen first")
    return lines


def standing_cells(one: Standing, zone: tzinfo | None) -> tuple[str, str, str, str, str]:
    """A signal's name, what it is now, what is usual, how many times that, and how unlikely."""
    name = one.signal + ("*" if one.estimated else "")
    return name, _value(one), _usual(one), _ratio(one), _odds(one, zone)


def _blocks(rows: Sequence[Sequence[str]]) -> list[str]:
    lines: list[str] = []
    for name, now, usual, ratio, odds, drawn in rows:
        if not name:
            lines.append(f"  {drawn}  {odds}")
            continue
        lines += [f"{name} {now}"]
        lines += [f"  usually {usual}, {ratio}"] if usual != "?" else []
        lines += [f"  {odds}"] if odds else []
        lines.append(f"  {drawn}")
    return lines


def sparkline(
    values: Sequence[float], highs: Sequence[float] = (), lows: Sequence[float] = (), *, plain: bool = False
) -> tuple[str, str, str]:
    """The values, and on the same scale the edges of what is usual, above and below; a gap where nothing is known.

    A lower edge that never leaves the ground says nothing, and is left out.
    """
    top = max((one for one in (*values, *highs) if not math.isnan(one)), default=0.0)
    bars = _PLAIN_BARS if plain else _BARS

    def drawn(numbers: Iterable[float]) -> str:
        return "".join(" " if math.isnan(one) else bars[_height(one, top)] for one in numbers)

    is_near_nothing = all(math.isnan(one) or not _height(one, top) for one in lows)
    return drawn(values), drawn(highs), "" if is_near_nothing else drawn(lows)


def _high(glance: Glance) -> float:
    return glance.band.high


def _low(glance: Glance) -> float:
    return glance.band.low


def alert_lines(alerts: Sequence[Alert], zone: tzinfo | None, *, width: int = 0) -> list[str]:
    """A line for each alert; two where one would be longer than `width` columns (0: as long as it likes)."""
    rows = [
        (
            clock_time(one.at, zone),
            one.signal,
            f"{_short(one.value, one.signal)} in {roughly(one.window)}",
            f"usually {_short(one.baseline, one.signal)}",
            f"{one.ratio:.3g}x",
            _once(one.odds),
            "grew further" if one.escalates else f"since {clock_time(one.since, zone, one.at)}",
        )
        for one in alerts
    ]
    lines = columns(rows).splitlines() if rows else ["no alerts"]
    if width and max(map(len, lines)) > width:
        heads = columns([row[:3] for row in rows]).splitlines()
        lines = [line for head, row in zip(heads, rows, strict=True) for line in (head, f"  {', '.join(row[3:])}")]
    return lines


def assessed_lines(
    proposal: Proposal, advice: Advice, rules: Iterable[Sequence[str]] | None, zone: tzinfo | None
) -> list[str]:
    """What the playbook proposes, and what to do."""
    lines = [f"proposed: {proposal}"]
    if proposal.unknown:
        facts = ", ".join(one.replace("_", " ") for one in proposal.unknown)
        lines.append(f"not known, and each could make it worse: {facts}")
    lines += [f"advice: {_DO[advice.do]}: {one_line(advice.because, 400)}"]
    if advice.do != "open":
        lines.append(f"look again at {clock_time(advice.look_again_at, zone)}")
    if rules is not None:
        lines.append("")
        lines += [f"{rule} {_SAYS[truth]}: {one_line(because, 400)}" for rule, truth, because in rules]
    return lines


def map_text(report: ImportReport, written: str) -> str:
    """A dry run's answer: what was understood as comments, and below it the column map, ready to be edited."""
    lines = [f"# {line}" for line in report_lines(report, UTC)] if report.rows else []
    lines += [f"# {one_line(note, 4000)}" for note in report.notes if not report.rows]
    lines += ["# Edit this, and give it with --map."]
    return "\n".join(lines) + "\n" + written


def _only_where_it_is(one: Standing) -> dict[str, Any]:
    found: dict[str, Any] = {"example": one_line(one.example, _EXAMPLE)} if one.example else {}
    return found | ({"estimated": number(one.estimated)} if one.estimated else {})


def _again(one: Standing) -> bool:
    return bool(one.example) and (one.value or 0) > 1


def _height(value: float, top: float) -> int:
    return min(7, int(value / top * 7.999)) if top > 0 else 0


def _value(one: Standing) -> str:
    if one.value is None:
        return "none"
    return _short(one.value, one.signal) + ("" if one.kind == "share" else _per(one))


def _per(one: Standing) -> str:
    hours = one.window / HOUR
    return "/h" if hours == 1 else "/day" if hours == 24 else f"/{roughly(one.window)}"


def _usual(one: Standing) -> str:
    if one.baseline is None or one.low is None or one.high is None:
        return "?"
    low, high = _short(one.low, one.signal), _short(one.high, one.signal)
    return f"{_short(one.baseline, one.signal)} ({low} to {high})"


def _ratio(one: Standing) -> str:
    return "?" if one.ratio is None else f"{one.ratio:.3g}x"


def _odds(one: Standing, zone: tzinfo | None) -> str:
    if not one.learned:
        return ""
    if not one.unusual:
        return "usual"
    since = f", since {clock_time(one.since, zone, one.ends)}" if one.since else ""
    return f"UNUSUAL, {_once(one.odds or 0.0)}{since}"


def _once(days: float) -> str:
    return f"once in {days:.2g} days" if days < 100 else f"once in {days / 30:.0f} months"


def _short(value: float, signal: str) -> str:
    if signal.endswith("_share"):
        return f"{value:.0%}"
    for size, letter in ((1e9, "B"), (1e6, "M"), (1e4, "k")):
        if value >= size:
            return f"{value / (1e3 if letter == 'k' else size):.3g}{letter}"
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.2g}"


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _listed(counted: Mapping[str, int]) -> str:
    return ", ".join(f"{n:,} {reason}" for reason, n in sorted(counted.items(), key=lambda one: -one[1]))


def number(value: float | None) -> float | int | None:
    """A number as JSON has it: whole ones without a point, none for what is none."""
    if value is None or math.isnan(value) or math.isinf(value):
        return None
    return int(value) if value == int(value) else round(value, 6)


def time(at: datetime | None) -> str | None:
    """A moment as JSON has it, in UTC."""
    return at.astimezone(UTC).isoformat() if at is not None else None
