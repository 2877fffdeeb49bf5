"""How things stand, held against a playbook's rules: the severity they propose, and what to do about it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from crisis.adapters.system import current_folder
from crisis.signals.standing import Standing

if TYPE_CHECKING:
    from crisis.engine.conditions import World
    from crisis.engine.events import Reading
    from crisis.engine.severity import Proposal
    from crisis.playbook.model import SeverityRule
    from crisis.signals.proposal import Advice, Held
    from crisis.signals.thresholds import Threshold


class Assessed(Struct, frozen=True, kw_only=True):
    """What a playbook says about it: the proposal, the advice, and each rule with its answer."""

    playbook: str
    proposal: Proposal
    advice: Advice
    rules: tuple[tuple[str, str, str], ...]


def assess(playbook: str, standings: tuple[Standing, ...]) -> Assessed:
    """The severity that the playbook's rules propose, the advice, and what each rule says."""
    from crisis.wiring.preparing import prepare

    return assess_by(prepare(playbook, current_folder()).plan.severity, playbook, standings)


def assess_by(rules: Mapping[str, SeverityRule], playbook: str, standings: tuple[Standing, ...]) -> Assessed:
    """The same, by these rules of that playbook."""
    from crisis.engine.conditions import judge, judge_all
    from crisis.engine.severity import propose
    from crisis.playbook.values import SEVERITIES
    from crisis.signals.proposal import advise, thresholds_of

    world = world_of(standings, thresholds_of(rules))
    proposal = propose(rules, world)
    said: list[tuple[str, str, str]] = []
    for severity in SEVERITIES:
        if rule := rules.get(severity):
            named = [(f"severity.{severity}.any[{n}]", judge(part, world)) for n, part in enumerate(rule.any_)]
            named += [(f"severity.{severity}.all", judge_all(rule.all_, world))] if rule.all_ else []
            said += [(name, verdict.truth.name.lower(), verdict.because) for name, verdict in named]
    ends = max((one.ends for one in standings), default=datetime(1970, 1, 1, tzinfo=UTC))
    advice = advise(proposal.severity, proposal.because, standings, ends, by_rule=bool(proposal.rule))
    return Assessed(playbook=playbook, proposal=proposal, advice=advice, rules=tuple(said))


def world_of(held: Iterable[Held], bars: Sequence[Threshold]) -> World:
    """What rules can know when nobody has been asked anything: the signals, read off their bars."""
    from crisis.engine.conditions import World

    return World(facts={}, signals=readings(held, bars), severity="", outcomes={})


def readings(held: Iterable[Held], bars: Sequence[Threshold]) -> dict[str, Reading]:
    """Each signal as the engine's rules read it, off the worst bar that it has held."""
    from crisis.signals.proposal import readings_of

    return {name: _engine_reading(one) for name, one in readings_of(held, bars).items()}


def _engine_reading(one: Any) -> Any:
    from crisis.engine.events import Reading

    def known(value: float) -> float | None:
        return None if math.isnan(value) else value

    return Reading(
        value=known(one.value),
        ratio=known(one.ratio),
        lasting=one.lasting / timedelta(seconds=1),
        count=round(one.count),
    )
