"""`crisis detect --backtest`: what a playbook's rules would have said over a history, knowing nothing of the future."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from heapq import merge
from itertools import groupby
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct, field

from crisis.adapters.render.reading import judging
from crisis.adapters.system import current_folder
from crisis.kernel.errors import Usage
from crisis.kernel.text import quoted
from crisis.signals.backtest import Backtest
from crisis.signals.firings import APART, Firing, apart, leads, propose
from crisis.signals.proposal import thresholds_of
from crisis.signals.standing import Watch
from crisis.wiring.assessing import world_of
from crisis.wiring.gathering import Wanted, gather

if TYPE_CHECKING:
    from crisis.playbook.conditions import Condition
    from crisis.playbook.model import SeverityRule
    from crisis.signals.settings import Setting
    from crisis.signals.tally import Row, Series
    from crisis.signals.thresholds import Point, Threshold

LEARNING = timedelta(days=1)
_USUAL = {"negative_rate", "mention_rate", "site_traffic"}  # proposed where the rules compare nothing that is there

_Coming: TypeAlias = "tuple[datetime, int, Row]"
"""When a row is known, of which series it is, and the row."""


class _Rule(Struct):
    severity: str
    name: str
    condition: Condition
    by_signals: Condition
    last: datetime | None = None


class _Held(Struct):
    """A signal in the middle of its history, as rules see it."""

    watch: Watch
    every: timedelta
    value: float | None = None
    baseline: float | None = None
    ratio: float | None = None
    past: list[Point] = field(default_factory=list)

    @property
    def signal(self) -> str:
        return self.watch.series.signal

    @property
    def points(self) -> Sequence[Point]:
        return self.watch.points


def backtest(wanted: Wanted, playbook: str, began: Sequence[str] = (), per_month: float = 1.0) -> Backtest:
    """Replay the files against the rules of `playbook`. Raises CrisisError subclasses only."""
    from crisis.wiring.preparing import prepare

    if not 0 <= per_month <= 1000:
        raise Usage(f"{per_month:g} false alarms a month cannot be wanted", hint="write a number such as 1 or 0.5")
    setting, rules = wanted.chosen(), prepare(playbook, current_folder()).plan.severity
    gathered = gather(wanted, fine=True)
    starts = tuple(sorted(_moment(text, gathered.zone) for text in began))
    bars, asked = thresholds_of(rules), list(_rules(rules))
    series = list(gathered.series(fine=True))
    with judging() as shown:
        length = sum(gathered.about(one, fine=True) for one in series)
        held, firings = _replayed(series, setting, asked, bars, lambda rows: shown.through(rows, length, "replayed"))
    alerts = sorted((one for each in held for one in each.watch.alerts), key=lambda one: (one.at, one.signal))
    measured = {one.signal for one in held}
    named = {bar.signal for bar in bars if bar.relative} & measured or _USUAL
    first, last = gathered.report.first, gathered.report.last
    unknown = sum((until - since for since, until in gathered.report.gaps), timedelta(0))
    asks = {one.severity for one in asked}
    seeing = [one for one in asked if measured.intersection(part.signal for _, part in one.by_signals.parts())]
    told = tuple(dict.fromkeys(one.severity for one in seeing))
    fired = [(name, list(apart(one.at for one in firings if one.severity == name))) for name in told]
    return Backtest(
        report=gathered.report,
        setting=setting.name,
        playbook=playbook,
        seen=max(timedelta(0), last - first - unknown - LEARNING) if first and last else timedelta(0),
        began=starts,
        per_month=per_month,
        firings=tuple(firings),
        alerts=tuple(alerts),
        leads=tuple(
            lead for what, at in (*fired, ("alert", [one.at for one in alerts])) for lead in leads(what, at, starts)
        ),
        told=told,
        not_told=tuple(name for name, rule in rules.items() if name not in asks and (rule.any_ or rule.all_)),
        blind=tuple(sorted(asks.difference(told))),
        unmeasured=tuple(sorted({bar.signal for bar in bars} - measured)),
        proposed=tuple(
            one
            for each in held
            if each.signal in named
            for one in propose(each.signal, each.past, each.every, starts, per_month)
        ),
        zone=gathered.zone,
    )


def _replayed(
    series: Sequence[Series],
    setting: Setting,
    rules: Sequence[_Rule],
    bars: Sequence[Threshold],
    shown: Callable[[Iterator[_Coming]], Iterator[_Coming]],
) -> tuple[list[_Held], list[Firing]]:
    """Every row in the order in which it became known, and after each moment what the rules say then."""
    from crisis.engine.conditions import judge

    held = [_Held(Watch(one, setting), one.part) for one in series]
    asked_for = {bar.signal for bar in bars}
    known: set[int] = set()
    firings: list[Firing] = []

    def coming(n: int) -> Iterator[_Coming]:
        return ((row[0] + series[n].delay, n, row) for row in series[n].rows)

    together = shown(merge(*(coming(n) for n in range(len(series))), key=lambda one: one[:2]))
    for at, rows in groupby(together, lambda one: one[0]):
        for _, n, row in rows:
            held[n].past += held[n].watch.feed(row)
            known.add(n)
        world = world_of((held[n] for n in sorted(known) if held[n].signal in asked_for), bars)
        for rule in rules:
            verdict = judge(rule.by_signals, world)
            if not verdict.holds:
                continue
            if rule.last is None or at - rule.last > APART:
                sure = judge(rule.condition, world).holds
                firings.append(Firing(at, rule.severity, rule.name, verdict.because, not sure))
            rule.last = at
    return held, firings


def _rules(rules: Mapping[str, SeverityRule]) -> Iterator[_Rule]:
    """The rules that signals have a say in, the worst severity first."""
    from crisis.playbook.conditions import Condition
    from crisis.playbook.values import SEVERITIES

    for severity in SEVERITIES:
        if rule := rules.get(severity):
            named = [(f"severity.{severity}.any[{n}]", part) for n, part in enumerate(rule.any_)]
            if rule.all_:
                named.append((f"severity.{severity}.all", Condition(all_=rule.all_)))
            for name, condition in named:
                if by_signals := _by_signals(condition):
                    yield _Rule(severity, name, condition, by_signals)


def _by_signals(condition: Condition) -> Condition | None:
    """The condition without what only people can know; nothing if that is all it asks."""
    from crisis.playbook.authored import changed

    if condition.signal is not None:
        return condition
    if condition.not_ is not None:
        inner = _by_signals(condition.not_)
        return changed(condition, not_=inner) if inner else None
    kept = tuple(part for part in map(_by_signals, (*(condition.any_ or ()), *(condition.all_ or ()))) if part)
    if not kept:
        return None
    return changed(condition, any_=kept) if condition.any_ is not None else changed(condition, all_=kept)


def _moment(text: str, zone: tzinfo) -> datetime:
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        raise Usage(f"{quoted(text, 40)} is no time", hint="write it like 2026-03-07T14:30, or with its zone") from None
    return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)
