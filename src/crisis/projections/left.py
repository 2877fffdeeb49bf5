"""What was not done or known: skipped, done in part, overridden, left open, never begun, not put right; and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from msgspec import Struct

from crisis.engine import events as ev
from crisis.engine.events import Recorded
from crisis.engine.graph import statuses, world_of
from crisis.engine.steps import UNDONE
from crisis.messages.languages import called
from crisis.projections.out_there import out_there
from crisis.projections.progress import Run
from crisis.projections.situation import as_it_was
from crisis.projections.words import place


class Left(Struct, frozen=True, kw_only=True):
    """Something that was not done as the playbook has it: what, how it ended, why, and who said so."""

    what: str
    how: str
    why: str
    who: str
    at: datetime | None


def left_of(run: Run, events: Iterable[Recorded]) -> tuple[Left, ...]:
    """All of it: what happened so in its order, then what is open, then what never began."""
    events = tuple(events)
    return (*_in_passing(run, events), *_not_written(run, events), *_still(run))


def _in_passing(run: Run, events: Iterable[Recorded]) -> Iterator[Left]:
    names, made_up_for = run.names, _made_up_for(events)
    for one in events:
        if one.seq in made_up_for:
            continue
        match one.event:
            case ev.Finished(step=step, outcome=outcome, because=why) if outcome in UNDONE:
                what, how = names.step(step), outcome.replace("-", " ")
            case ev.LeftOut(message=message, line=line, reason=why):
                if any(out.seq > one.seq and out.line == line for out in run.incident.message(message).history):
                    continue  # it was posted after all
                what, how = f"{names.message(message)} on {place(line)}", "not posted there"
            case ev.HoldOverridden(step=step, reason=why):
                what, how = names.step(step), "did not wait for what should come first"
            case ev.Dropped(step=step, why=why):
                what, how = names.step(step), "no longer applied"
            case _:
                continue
        latest = run.steps[step].round if isinstance(one.event, ev.Finished) and step in run.steps else None
        who = names.person(one.who) if one.who else ", ".join(map(names.person, latest.doers if latest else ()))
        yield Left(what=what, how=how, why=why, who=who, at=one.at)


def _made_up_for(events: Iterable[Recorded]) -> frozenset[int]:
    """The `seq` of each end of a step that is not how it stands: it ended anew, or began again after it was dropped.

    Where its turn came round, what was left out the turn before is left out for good.
    """
    ends: dict[str, int] = {}
    drops: dict[str, int] = {}
    found: set[int] = set()
    for one in events:
        match one.event:
            case ev.SentBack(cause="repeat", reopens=reopens):
                for step in reopens:
                    ends.pop(step, None)
            case ev.Started(step=step) if step in drops:
                found.add(drops.pop(step))
            case ev.Dropped(step=step):
                drops[step] = one.seq
            case ev.Finished(step=step):
                if step in ends:
                    found.add(ends[step])
                ends[step] = one.seq
            case _:
                pass
    return frozenset(found)


def _not_written(run: Run, events: Iterable[Recorded]) -> Iterator[Left]:
    """The places of a message that were left out of what went out of it, or of what was written last."""
    drafts = [(one, one.event) for one in events if isinstance(one.event, ev.Drafted)]
    told = {(one.event.message, one.event.line.place) for one in events if isinstance(one.event, ev.LeftOut)}
    for recorded, draft in drafts:
        message = run.incident.message(draft.message)
        if recorded.seq not in {message.drafted_seq, *(one.draft for one in message.history)}:
            continue
        use = run.plan.messages[draft.message].use
        written = {text.line.place for text in draft.texts}
        without = [
            (channel, language)
            for channel in use.channels
            for language in use.languages
            if (place := f"{channel}/{language}") not in written and (draft.message, place) not in told
        ]
        if without:
            told |= {(draft.message, f"{channel}/{language}") for channel, language in without}
            what = f"{run.names.message(draft.message)} {_where(without, use.channels)}"
            who = run.names.person(recorded.who)
            yield Left(what=what, how="left out when it was written", why="", who=who, at=recorded.at)


def _where(places: Sequence[tuple[str, str]], channels: Sequence[str]) -> str:
    """`in Danish, and on instagram/en`: a language by its name where it is missing everywhere."""
    whole = [one for one in dict.fromkeys(one for _, one in places) if all((each, one) in places for each in channels)]
    rest = ", ".join(f"{channel}/{language}" for channel, language in places if language not in whole)
    said = ([f"in {called(whole)}"] if whole else []) + ([f"on {rest}"] if rest else [])
    return ", and ".join(said)


def _still(run: Run) -> Iterator[Left]:
    where = statuses(run.plan, run.incident, world_of(run.plan, run.incident))
    for step in run.plan.steps:
        state = run.incident.steps.get(step.id)
        title = run.names.step(step.id)
        if state is not None and state.status == "started":
            # Nobody was asked for what is optional: it was there to be taken up.
            how = "optional, not taken up" if getattr(step.spec, "optional", False) else "left open"
            yield Left(what=title, how=how, why="", who="", at=state.started_at)
        elif state is not None and state.status == "reopened":
            yield Left(what=title, how="to be done again", why=state.why_again, who="", at=state.finished_at)
        elif state is None and where[step.id] in ("blocked", "ready"):
            yield Left(what=title, how="never begun", why="", who="", at=None)
    yield from _unknown(run)
    yield from _wrong(run)
    for name, message in run.incident.messages.items():
        for line in message.lines:
            if not message.is_out(line) and line not in message.left_out:
                what = f"{run.names.message(name)} on {place(line)}"
                yield Left(what=what, how="written, NOT POSTED", why="", who="", at=message.drafted_at)


def _unknown(run: Run) -> Iterator[Left]:
    """The facts that somebody was asked for, in one line: nobody knows them."""
    asked = run.incident.facts
    unknown = [name for name in (*run.plan.facts, *asked) if name in asked and not asked[name].known]
    if unknown:
        what = f"Facts: {', '.join(map(run.names.fact, dict.fromkeys(unknown)))}"
        how = "not known yet" if run.incident.closed_at is None else "not known at the close"
        yield Left(what=what, how=how, why="", who="", at=None)


def _wrong(run: Run) -> Iterator[Left]:
    """What people still read, and is no longer so."""
    for one in out_there(run.plan, run.incident):
        if one.outdated:
            what = f"{run.names.message(one.message)} on {place(one.publication.line)}"
            yield Left(
                what=what, how="OUT AND WRONG", why=f"it {as_it_was(one.outdated)}", who="", at=one.publication.at
            )
