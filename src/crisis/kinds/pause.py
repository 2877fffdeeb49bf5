"""`kind: pause`: nothing to do until a time; it ends by itself, or when someone says so."""

from __future__ import annotations

from datetime import datetime

from crisis.engine.shapes import Choice, When
from crisis.engine.steps import Ask, Done, Next, Open, Seen, StepKind
from crisis.playbook.authored import authored, described
from crisis.playbook.values import Duration


@authored
class PauseSpec:
    """How long; left out, the person is asked."""

    for_: Duration | None = described("How long; left out: the person says until when.", default=None)
    until_update: bool = described("Until it is time to prepare the next promised update.", default=False)


def advance(spec: PauseSpec, seen: Seen) -> Next:
    """Ask until when if it is not given; then let time pass."""
    if spec.for_ is not None:
        until = seen.started_at + spec.for_
    elif spec.until_update and seen.prepare_update_at is not None:
        until = seen.prepare_update_at
    elif "until" in seen.answers:
        until = datetime.fromisoformat(seen.answers["until"])
    else:
        return Open(asks=(Ask(key="until", role=seen.role, prompt=f"{seen.title}: when?", wants=When()),))
    if until <= seen.now or "end" in seen.answers:
        return Done("over")
    wants = Choice(options={"now": "Do not wait any longer"})
    prompt = f"{seen.title}: pauses until"
    ask = Ask(key="end", role=seen.role, prompt=prompt, at=until, wants=wants, optional=True)
    return Open(asks=(ask,), until=until)


KIND = StepKind(
    PauseSpec,
    advance,
    outcomes=lambda spec: ("over",),
    by_itself=lambda spec: frozenset({"over"} if spec.until_update else ()),  # where that time has come
    summary="wait until a time",
    asks=lambda spec: ("until", "end"),
)
