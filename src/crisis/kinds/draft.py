"""`kind: draft`: the texts of a message are written, for every channel and language."""

from __future__ import annotations

from crisis.engine.approvals import promise_stale_from
from crisis.engine.shapes import Draft
from crisis.engine.steps import Ask, Done, Lapsed, MessageView, Next, Open, Seen, Stands, StepKind
from crisis.playbook.authored import authored, described
from crisis.playbook.values import Id

_CHANGED = "has changed since this text was written"


@authored
class DraftSpec:
    """Which message."""

    message: Id = described("A message of this playbook.")


def advance(spec: DraftSpec, seen: Seen) -> Next:
    """Ask for the texts; the templates, filled with the facts, are offered."""
    if "texts" in seen.answers:
        return Done("drafted")
    view = message_of(seen)
    places = tuple((channel, language) for channel in view.use.channels for language in view.use.languages)
    advice = ("It is put right since, and is as the text says it.",) if _is_put_right(view, seen) else ()
    wants = Draft(message=view.name, places=places)
    return Open(asks=(Ask(key="texts", role=seen.role, prompt=seen.title, wants=wants, advice=advice),))


def stands(spec: DraftSpec, seen: Seen) -> Stands | Lapsed:
    """Until a fact in the text changes, or the time it promises is too close."""
    view = message_of(seen)
    state = view.state
    for name in state.outdated(view.template_facts, seen.facts):
        return Lapsed(f"{name.replace('_', ' ')} {_CHANGED}")
    stale_from = promise_stale_from(state)
    if stale_from is not None and stale_from <= seen.now:
        return Lapsed("the update it promises is too close to be kept")
    return Stands(stale_from)


def _is_put_right(view: MessageView, seen: Seen) -> bool:
    """Whether what sent the text back is again as the text says it."""
    return seen.why_again.endswith(_CHANGED) and not view.state.outdated(view.template_facts, seen.facts)


def message_of(seen: Seen) -> MessageView:
    """The step's message; the compiler has made sure that there is one."""
    if seen.message is None:
        raise ValueError(f"{seen.step} has no message")
    return seen.message


KIND = StepKind(
    DraftSpec,
    advance,
    outcomes=lambda spec: ("drafted",),
    stands=stands,
    reads_facts=True,
    summary="write the texts of a message",
    asks=lambda spec: ("texts",),
)
