"""`kind: publish`: approved texts are locked, posted by a person, and the link is kept."""

from __future__ import annotations

from collections.abc import Iterable

from crisis.engine.approvals import standings
from crisis.engine.events import Line
from crisis.engine.shapes import WITHOUT_ADDRESS, Link, Override, Release
from crisis.engine.state import MessageState
from crisis.engine.steps import Ask, Done, MessageView, Next, Open, Seen, StepKind, Waiting
from crisis.kinds.draft import message_of
from crisis.messages.channels import without_their_media
from crisis.playbook.authored import authored, described
from crisis.playbook.conditions import Condition
from crisis.playbook.values import Id


@authored
class PublishSpec:
    """Which message, and what must come first."""

    message: Id = described("A message of this playbook.")
    hold_until: Condition | None = described("Publishing waits for this; a named person may override.", default=None)


def advance(spec: PublishSpec, seen: Seen) -> Next:
    """Release, then a link for each text; what is not posted is said to be so."""
    view = message_of(seen)
    state = view.state
    settled = [line for line in state.lines if state.is_out(line) or line in state.left_out]
    outcome = "published" if state.published else "not-published"
    if len(settled) == len(state.lines):
        return Done(outcome)
    locked = [line for line in state.lines if line in state.locked and line not in settled]
    if locked:
        return Open(asks=tuple(_link(line, view, seen) for line in locked))
    left = [line for line in state.lines if line not in settled]
    texts = standings(left, state, view.chain, seen.people, seen.now, view.source_language)
    approved = tuple(line for line, how in texts.items() if how.approved)
    if not approved:
        return Done(outcome, because="what is not out is not approved")
    expires = min((how.until for how in texts.values() if how.approved and how.until is not None), default=None)
    # What went out although it was held must not stand there wrong because its correction is held.
    as_before = seen.overridden_before if state.corrects else ""
    if seen.held and not (seen.hold_overridden or as_before):
        what = f"Post the {view.title.lower()} although {seen.held}?"
        prompt = f"{what} Why can it not wait? (your reason goes into the journal; empty: it waits)"
        override = Ask(
            key="override",
            role=seen.role,
            prompt=prompt,
            wants=Override(why_held=seen.held),
            suggested=seen.overridden_before,
            optional=True,
        )
        lead = seen.people.primaries(seen.role) or seen.people.primaries("crisis-lead")
        people = tuple(member.id for member in lead) or (seen.lead,)
        waits = Waiting(people=people, role=seen.role, what=f"{view.title.lower()} {_how(state)} and held: {seen.held}")
        return Open(asks=(override,), waiting=(waits,), until=expires)
    wants = Release(message=view.name, lines=approved)
    prompt = f"{view.title}: {_how(state).removeprefix('is ')}, NOT POSTED YET. Post it now?"
    held = (f"Posted although {seen.held}, as before: {as_before}",) if seen.held and not seen.hold_overridden else ()
    advice = (*held, *_pictures(approved))
    release = Ask(key="release", role=seen.role, prompt=prompt, wants=wants, suggested="post", advice=advice)
    return Open(asks=(release,), until=expires)


def _how(state: MessageState) -> str:
    if set(state.last_resort) & set(state.lines):
        return "goes out AS A LAST RESORT"
    return "goes on WITHOUT A FULL APPROVAL" if set(state.waived) & set(state.lines) else "is approved"


def _warning(line: Line, view: MessageView, seen: Seen) -> tuple[str, ...]:
    """A locked text does not lapse, since part of it may be out; whoever posts it must know what has changed."""
    says = view.state.says(line)
    named = view.template_facts if says is None else says
    changed = [name.replace("_", " ") for name in view.state.outdated(named, seen.facts)]
    if not changed:
        return ()
    return (
        f"!! {', '.join(changed)} has changed since these texts were written: read this one before you post it.",
        "   To write them anew: go back to the draft, which takes back what is not out yet.",
    )


def _pictures(lines: Iterable[Line]) -> tuple[str, ...]:
    missing = without_their_media((line.channel, bool(line.attachments)) for line in lines)
    return (f"!! {missing}: show yours to an approver first.",) if missing else ()


def _replaced(line: Line, state: MessageState) -> tuple[str, ...]:
    """Where the text stands that this one puts right: it stays up until somebody takes it down."""
    if not state.corrects:
        return ()
    before = [one for one in state.history if one.line.place == line.place and one.draft != state.drafted_seq]
    if not before:
        return ()
    return (f"!! The one before was wrong: take it down, or say there that it was ({before[-1].link})",)


def _link(line: Line, view: MessageView, seen: Seen) -> Ask:
    what = "send it, then say to whom" if line.channel in WITHOUT_ADDRESS else "post it, then paste the link"
    advice = (*_warning(line, view, seen), *_replaced(line, view.state), *_pictures([line]))
    wants = Link(message=view.name, line=line)
    return Ask(key=f"link:{line.place}", role=seen.role, prompt=f"{line.place}: {what}", wants=wants, advice=advice)


KIND = StepKind(
    PublishSpec,
    advance,
    outcomes=lambda spec: ("published", "not-published"),
    by_itself=lambda spec: frozenset({"published", "not-published"}),  # where nothing is left to be posted
    reads_facts=True,
    summary="post the approved texts and keep the links",
    asks=lambda spec: ("release", "link", "override"),
)
