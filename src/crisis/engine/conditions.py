"""What a condition says of an incident: yes, no, or not known, and why."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import IntEnum
from operator import is_

from msgspec import Struct, field

from crisis.engine.events import Json, Reading
from crisis.engine.state import FactState
from crisis.kernel.durations import roughly
from crisis.playbook.conditions import Condition
from crisis.playbook.values import SEVERITY_WORDS


class Truth(IntEnum):
    """Yes, no, and two ways of not knowing: nobody asked yet, or asked in vain. In this order, worst last."""

    NO = 0
    UNASKED = 1
    UNKNOWN = 2
    YES = 3


class Verdict(Struct, frozen=True):
    """The answer, with its reason in words."""

    truth: Truth
    because: str

    @property
    def holds(self) -> bool:
        """Whether it is a plain yes."""
        return self.truth is Truth.YES


class World(Struct, frozen=True, kw_only=True):
    """All that a condition can be about; `verdicts` has what was said of it as it was before, if anything was.

    `titles` is what the steps are called in front of people.
    """

    facts: Mapping[str, FactState]
    signals: Mapping[str, Reading]
    severity: str
    outcomes: Mapping[str, str]
    titles: Mapping[str, str] = field(default_factory=dict)
    verdicts: Verdicts | None = None


class Mentioned(Struct, frozen=True):
    """What a condition mentions, with all its parts."""

    facts: tuple[str, ...]
    signals: tuple[str, ...]
    severity: bool
    outcomes: tuple[str, ...]

    def and_of(self, other: Mentioned) -> Mentioned:
        """What either of them is about."""
        return Mentioned(
            facts=tuple(dict.fromkeys((*self.facts, *other.facts))),
            signals=tuple(dict.fromkeys((*self.signals, *other.signals))),
            severity=self.severity or other.severity,
            outcomes=tuple(dict.fromkeys((*self.outcomes, *other.outcomes))),
        )

    def touched(self, before: World, world: World) -> bool:
        """Whether anything of that kind has changed at all."""
        return bool(
            (self.facts and before.facts is not world.facts)
            or (self.outcomes and before.outcomes is not world.outcomes)
            or (self.signals and before.signals is not world.signals)
            or (self.severity and before.severity != world.severity)
        )

    def of(self, world: World) -> tuple[object, ...]:
        """That, as it is in `world`."""
        return (
            *map(world.facts.get, self.facts),
            *map(world.signals.get, self.signals),
            world.severity if self.severity else None,
            *map(world.outcomes.get, self.outcomes),
        )


class _Judged(Struct):
    condition: Condition  # held, so that its identity stays its own
    world: World
    mentioned: Mentioned
    grounds: tuple[object, ...]
    verdict: Verdict


class Verdicts:
    """What conditions said of one incident: judged again only once something they mention has changed."""

    def __init__(self) -> None:
        self._judged: dict[int, _Judged] = {}

    def of(self, condition: Condition, world: World) -> Verdict:
        """What `condition` says of `world`."""
        last = self._judged.get(id(condition))
        if last is None:
            mentioned = mentioned_in(condition)
            last = _Judged(condition, world, mentioned, mentioned.of(world), _judge(condition, world))
            self._judged[id(condition)] = last
        elif last.world is not world:
            if last.mentioned.touched(last.world, world):
                grounds = last.mentioned.of(world)
                if not all(map(is_, last.grounds, grounds)):
                    last.grounds, last.verdict = grounds, _judge(condition, world)
            last.world = world
        return last.verdict


def judge(condition: Condition, world: World) -> Verdict:
    """What `condition` says of `world`. A condition without a test says yes."""
    return _judge(condition, world) if world.verdicts is None else world.verdicts.of(condition, world)


def _judge(condition: Condition, world: World) -> Verdict:
    if condition.fact is not None:
        return _judge_fact(condition.fact, condition.is_, world.facts.get(condition.fact))
    if condition.signal is not None:
        return _judge_signal(condition, world.signals.get(condition.signal))
    if condition.severity is not None:
        return _judge_severity(condition.severity, world.severity)
    if condition.outcome is not None:
        return _judge_outcome(condition.outcome, world)
    if condition.any_ is not None:
        verdicts = [_judge(part, world) for part in condition.any_]
        best = max((one.truth for one in verdicts), default=Truth.NO)
        return Verdict(best, " or ".join(one.because for one in verdicts if one.truth is best))
    if condition.all_ is not None:
        return _least([_judge(part, world) for part in condition.all_])
    if condition.not_ is not None:
        verdict = _judge(condition.not_, world)
        opposite = {Truth.YES: Truth.NO, Truth.NO: Truth.YES}.get(verdict.truth, verdict.truth)
        return Verdict(opposite, verdict.because)
    return Verdict(Truth.YES, "always")


def judge_all(conditions: tuple[Condition, ...], world: World) -> Verdict:
    """What they say together: the least of them."""
    return _least([judge(part, world) for part in conditions])


def mentioned_in(condition: Condition) -> Mentioned:
    """What `condition` mentions, with all its parts."""
    parts = [part for _, part in condition.parts()]
    return Mentioned(
        facts=tuple(dict.fromkeys(part.fact for part in parts if part.fact is not None)),
        signals=tuple(dict.fromkeys(part.signal for part in parts if part.signal is not None)),
        severity=any(part.severity is not None for part in parts),
        outcomes=tuple(dict.fromkeys(step for part in parts for step in part.outcome or ())),
    )


def _least(verdicts: list[Verdict]) -> Verdict:
    if len(verdicts) == 1:
        return verdicts[0]
    least = min((one.truth for one in verdicts), default=Truth.YES)
    return Verdict(least, " and ".join(one.because for one in verdicts if one.truth is least))


def say_value(value: Json) -> str:
    """A fact's value as people say it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(str(one) for one in value) or "none"
    return str(value)


def _judge_fact(name: str, wanted: str | None, state: FactState | None) -> Verdict:
    label = name.replace("_", " ")
    if state is None:
        return Verdict(Truth.UNASKED, f"{label} was not asked yet")
    if not state.known:
        return Verdict(Truth.UNKNOWN, f"{label} is not known yet")
    said = f"{label}: {say_value(state.value)}"
    if wanted is None:
        true = bool(state.value) and state.value != "no"
    elif isinstance(state.value, list):
        true = wanted in state.value
    elif isinstance(state.value, bool):
        true = state.value == (wanted in ("yes", "true"))
    elif isinstance(state.value, int | float):
        true = _number(wanted) == float(state.value)
    else:
        true = state.value == wanted
    return Verdict(Truth.YES if true else Truth.NO, said)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _judge_signal(condition: Condition, reading: Reading | None) -> Verdict:
    label = str(condition.signal).replace("_", " ")
    if reading is None:
        return Verdict(Truth.UNASKED, f"{label} is not measured")
    parts = [label]
    truth = True
    for bound, is_least in ((condition.at_least, True), (condition.at_most, False)):
        if bound is None:
            continue
        measured = reading.ratio if bound.endswith("x") else reading.value
        if measured is None:
            return Verdict(Truth.UNASKED, f"{label} has no {'baseline' if bound.endswith('x') else 'value'}")
        limit = float(bound.removesuffix("x"))
        truth = truth and (measured >= limit if is_least else measured <= limit)
        parts.append(f"is {measured:g}{'× the baseline' if bound.endswith('x') else ''}")
    if condition.for_ is not None:
        truth = truth and reading.lasting >= condition.for_.total_seconds()
        parts.append(f"for {roughly(timedelta(seconds=reading.lasting))}")
    if condition.min_count is not None:
        truth = truth and reading.count >= condition.min_count
        parts.append(f"with {reading.count} mentions")
    return Verdict(Truth.YES if truth else Truth.NO, " ".join(parts))


def is_severity(severity: str, wanted: str) -> bool:
    """Whether a severity that was decided is the `wanted` one; `SEV2-or-worse` wants that or a higher one."""
    level = wanted.removesuffix("-or-worse")
    return severity <= level if wanted.endswith("-or-worse") else severity == level


def _judge_severity(wanted: str, severity: str) -> Verdict:
    if not severity:
        return Verdict(Truth.UNASKED, "no severity was decided yet")
    true = is_severity(severity, wanted)
    return Verdict(Truth.YES if true else Truth.NO, f"severity is {severity} {SEVERITY_WORDS[severity]}")


def _judge_outcome(wanted: Mapping[str, str], world: World) -> Verdict:
    verdicts = []
    for step, outcome in wanted.items():
        came_to = world.outcomes.get(step, "")
        label = f"“{world.titles[step]}”" if step in world.titles else step
        said = f"{label}: {came_to}" if came_to else f"{label} is not done"
        verdicts.append(Verdict(Truth.YES if came_to == outcome else Truth.NO, said))
    return _least(verdicts)
