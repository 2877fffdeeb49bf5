"""What the rules of a playbook ask of the signals, how these stand against them, and what to do about it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal, Protocol

from msgspec import Struct
from msgspec.structs import replace

from crisis.playbook.conditions import Condition
from crisis.playbook.model import SeverityRule
from crisis.playbook.values import SEVERITIES
from crisis.signals.standing import Standing
from crisis.signals.thresholds import Point, Reading, Threshold, reading

Do = Literal["open", "answer_individually", "nothing"]
SOON, LATER = timedelta(minutes=30), timedelta(hours=4)


class Advice(Struct, frozen=True):
    """Open the playbook, answer individually, or do nothing: why, and when to look again."""

    do: Do
    because: str
    look_again_at: datetime


class Held(Protocol):
    """What is held against rules: a `Standing`, or a signal in the middle of its history."""

    @property
    def signal(self) -> str:
        """Its name."""

    @property
    def points(self) -> Sequence[Point]:
        """The last day, in bins of `every`."""

    @property
    def every(self) -> timedelta:
        """How long a bin is."""

    @property
    def value(self) -> float | None:
        """What it is, where no rule asks."""

    @property
    def baseline(self) -> float | None:
        """What is usual."""

    @property
    def ratio(self) -> float | None:
        """One over the other."""


def thresholds_of(rules: Mapping[str, SeverityRule]) -> tuple[Threshold, ...]:
    """Every bar that the rules set on a signal, those of the worst severity first."""
    return tuple(
        _threshold(part)
        for severity in SEVERITIES
        if severity in rules
        for condition in (*rules[severity].any_, *rules[severity].all_)
        for _, part in condition.parts()
        if part.signal is not None
    )


def readings_of(standings: Iterable[Held], thresholds: Sequence[Threshold]) -> dict[str, Reading]:
    """One reading for each signal, such that a rule holds of it when it held of the series.

    It is read off the worst bar that the signal has held, and says what it never fell below in that time: so
    "12 times, but only for the last five minutes" is no "10 times for 15 minutes".
    """
    return {one.signal: _reading(one, [bar for bar in thresholds if bar.signal == one.signal]) for one in standings}


def advise(severity: str, because: str, standings: Sequence[Standing], at: datetime, *, by_rule: bool) -> Advice:
    """What to do: a rule that holds opens the playbook; what is merely unusual is answered one by one."""
    if by_rule and severity != SEVERITIES[-1]:
        return Advice("open", f"{severity}: {because}", at)
    unusual = [one.signal.replace("_", " ") for one in standings if one.unusual]
    if unusual:
        return Advice("answer_individually", f"unusual, but below every rule: {', '.join(unusual)}", at + SOON)
    if not any(one.learned for one in standings):
        return Advice(
            "answer_individually", "too little history to say what is usual: read them, one by one", at + SOON
        )
    return Advice("nothing", "nothing is unusual", at + LATER)


def _threshold(condition: Condition) -> Threshold:
    bound = condition.at_least if condition.at_least is not None else condition.at_most
    relative = bound is not None and bound.endswith("x")

    def number(written: str | None) -> float | None:
        fits = written is not None and written.endswith("x") == relative
        return float(written.removesuffix("x")) if written is not None and fits else None

    return Threshold(
        str(condition.signal),
        number(condition.at_least),
        number(condition.at_most),
        relative,
        condition.for_ or timedelta(0),
        float(condition.min_count or 0),
    )


def _reading(standing: Held, bars: Sequence[Threshold]) -> Reading:
    # The last bin has often only begun when the export was made: alone it does not break what lasted.
    for points in (standing.points, standing.points[:-1]):
        for bar in bars:
            found = reading(bar, points, standing.every)
            if found is not None and bar.holds(found):
                return _at_its_lowest(found, points, standing)
    known = (reading(bar, standing.points, standing.every) for bar in reversed(bars))
    if found := next((one for one in known if one is not None), None):
        return _at_its_lowest(found, standing.points, standing)
    return Reading(
        standing.signal,
        math.nan if standing.value is None else standing.value,
        math.nan if standing.baseline is None else standing.baseline,
        math.nan if standing.ratio is None else standing.ratio,
        timedelta(0),
        standing.value or 0.0,
    )


def _at_its_lowest(found: Reading, points: Sequence[Point], standing: Held) -> Reading:
    held = points[len(points) - round(found.lasting / standing.every) :] if found.lasting else points[-1:]
    ratios = [point.value / max(point.baseline, 0.01) for point in held]
    return replace(found, value=_rounded(min(point.value for point in held)), ratio=_rounded(min(ratios)))


def _rounded(value: float) -> float:
    """To three digits, rounded down: what is shown must not be more than what was."""
    if not value or math.isnan(value) or math.isinf(value):
        return value
    step = 10.0 ** (math.floor(math.log10(value)) - 2)
    return min(value, float(f"{math.floor(value / step) * step:.6g}"))
