"""Each thing that can happen, said in one plain sentence, with names instead of ids."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from typing import assert_never

from crisis.engine import events as ev
from crisis.engine.conditions import say_value
from crisis.engine.events import Event, Line
from crisis.kernel.fingerprints import short
from crisis.projections.answers import answer_in_words
from crisis.projections.monitored import measured_in_words
from crisis.projections.names import Names
from crisis.projections.situation import ANSWERS
from crisis.projections.times import said_at, said_at_of

#: How an approval was given, from the strongest to the weakest.
PROOFS = {"signed": "signed", "present": "present at the terminal", "verbal": "verbal sign-off"}
_AGAIN = {
    "lapsed": "it no longer holds",
    "outdated": "it is out of date",
    "asked": "asked for",
    "repeat": "its turn has come round",
    "route": "the playbook leads back",
    "refused": "refused",
}


def sentence(event: Event, names: Names, zone: tzinfo | None, ended: str = "", was: ev.FactSet | None = None) -> str:
    """What happened. Text from outside is in it as it was given: whoever shows it makes it safe.

    `ended` stands for the outcome of a step where that would say too much. `was` is what was known of a fact until
    `event` said otherwise.
    """
    match event:
        case ev.Opened(incident=incident, title=title, lead=lead, drill=drill):
            kind = "a drill, " if drill else ""
            return f"Opened {incident}: {kind}{title}; {names.person(lead)} leads"
        case ev.RosterChanged(member=member):
            roles = f" ({names.roles(member.roles)})" if member.roles else ""
            return f"Put {member.name}{roles} on the roster"
        case ev.FactSet():
            return _fact(event, names, zone, was)
        case ev.SignalsRead(measured=measured, instead=wrong) if measured is not None:
            instead = f" instead of {', '.join(wrong)}, which was the wrong export" if wrong else ""
            return f"Read {', '.join(measured.files)}{instead}: {measured_in_words(measured, zone)}"
        case ev.SignalsRead(readings=readings):
            return f"Monitoring: {'; '.join(_reading(name, one) for name, one in readings.items())}"
        case ev.SeverityDecided():
            return _severity(event, names)
        case ev.Started(step=step, round=number):
            return f"“{names.step(step)}” began{_round(number)}"
        case ev.Answered(step=step):
            return f"“{names.step(step)}”: {answer_in_words(event, names, zone)}"
        case ev.Finished():
            return _finished(event, names, ended)
        case ev.SentBack(to=to, why=why, cause=cause):
            return f"“{names.step(to)}” must be done again: {why or _AGAIN.get(cause, cause)}"
        case ev.Dropped(step=step, why=why):
            return f"“{names.step(step)}” no longer applies{_because(why)}"
        case ev.Drafted(message=message, texts=texts):
            return f"Wrote {names.message(message)}: {places([text.line for text in texts])}{_without(event, names)}"
        case ev.SheetIssued(message=message, sheet=sheet, lines=lines, due=due):
            wanted = f"until {said_at(due, zone)}"
            return f"{names.message(message)} sent for approval, sheet {short(sheet)}, {wanted}: {places(lines)}"
        case ev.Decided():
            return _decided(event, names)
        case ev.ApprovalWaived(message=message, lines=lines, rules=rules, reason=reason):
            rule = f" ({', '.join(rules)})" if rules else ""
            return f"{names.message(message)} goes out WITHOUT A FULL APPROVAL{rule}: {reason} ({places(lines)})"
        case ev.LastResortTaken(message=message, lines=lines, reason=reason, review_due=due):
            review = f"to be reviewed by {said_at(due, zone)}"
            return f"{names.message(message)} goes out as a LAST RESORT, {review}: {reason} ({places(lines)})"
        case ev.Locked(message=message, lines=lines):
            return f"Began to post {names.message(message)}: {places(lines)}"
        case ev.Published(message=message, line=line, link=link, promises=promises):
            promise = f"; promises an update by {said_at(promises, zone)}" if promises else ""
            return f"Posted {names.message(message)} on {place(line)}: {link}{promise}"
        case ev.LinkCorrected(message=message, line=line, link=link, was=was_link):
            return f"{names.message(message)}: link of {line.place} corrected: {link} (was {was_link})"
        case ev.LeftOut(message=message, line=line, reason=reason):
            return f"{names.message(message)} was not posted on {place(line)}: {reason}"
        case ev.Withdrawn(message=message, why=why):
            return f"Took {names.message(message)} back before it was posted{_because(why)}"
        case ev.HoldOverridden(step=step, reason=reason):
            return f"“{names.step(step)}” did not wait for what should come first: {reason}"
        case ev.PostingFrozen(account=account, evidence=evidence):
            return f"Stopped what is scheduled on {names.account(account)}{_because(evidence)}"
        case ev.PostingResumed(account=account, evidence=evidence):
            return f"Let posting go again on {names.account(account)}{_because(evidence)}"
        case ev.Reached(person=person, role=role, answer=answer):
            return f"Called {names.person(person)} ({names.role(role)}): {ANSWERS.get(answer, answer)}"
        case ev.Noted(text=text):
            return f"Note: {text}"
        case ev.Injected(source=source, text=text):
            return f"From outside ({source or 'somebody'}): {text}"
        case ev.ClockBreached(name=name, due=due):
            return f"Clock breached: {name}, was due {said_at(due, zone)}"
        case ev.Erased(fact=fact, reason=reason):
            return f"The value of {names.fact(fact)} was erased{_because(reason)}"
        case ev.Closed(reason=reason, left_open=left):
            still = f"; left open: {', '.join(left)}" if left else ""
            return f"Closed: {reason}{still}"
        case _:
            assert_never(event)


def place(line: Line) -> str:
    """`x/en 3f2a90c1…`."""
    return f"{line.place} {short(line.sha256)}"


def places(lines: Sequence[Line]) -> str:
    """Where, and which text exactly, line by line."""
    return ", ".join(place(line) for line in lines)


def _because(why: str) -> str:
    return f": {why}" if why else ""


def _round(number: int) -> str:
    return f" again (round {number})" if number > 1 else ""


def _fact(event: ev.FactSet, names: Names, zone: tzinfo | None, was: ev.FactSet | None) -> str:
    label = names.fact(event.fact)
    before = f" ({_was(was, names, zone)})" if was is not None else ""
    if not event.known:
        again = f", ask again at {said_at(event.ask_again_at, zone)}" if event.ask_again_at else ""
        return f"{label.capitalize()}: not known yet{before}{again}"
    said = "recorded, kept outside this log" if event.sealed else fact_value(event.fact, event.value, names, zone)
    since = f" (known since {said_at(event.since, zone)})" if event.since else ""
    return f"{label.capitalize()}: {said}{before}{since}"


def _was(was: ev.FactSet, names: Names, zone: tzinfo | None) -> str:
    """`was Kettle 3`; what is kept outside the log is not told when it is past, either."""
    return "was recorded otherwise before" if was.sealed else f"was {fact_value(was.fact, was.value, names, zone)}"


def fact_value(fact: str, value: ev.Json, names: Names, zone: tzinfo | None) -> str:
    """A fact's value as people say it: options by their labels, times in their zone."""
    spec = names.plan.facts.get(fact)
    if spec is None:
        return say_value(value)
    if spec.type == "time" and isinstance(value, str):
        return said_at_of(value, zone)
    if isinstance(value, list):
        return say_value([spec.options.get(str(one), one) for one in value])
    return spec.options.get(value, value) if isinstance(value, str) else say_value(value)


def _reading(name: str, reading: ev.Reading) -> str:
    measured = f"{reading.ratio:g} times the baseline" if reading.ratio is not None else ""
    measured = measured or (f"{reading.value:g}" if reading.value is not None else "no value")
    return f"{name.replace('_', ' ')} {measured}, {reading.count} mentions"


def _severity(event: ev.SeverityDecided, names: Names) -> str:
    reason = f": {event.reason}" if event.reason else ""
    other = event.proposed and event.proposed != event.severity
    proposed = f" (proposed: {event.because or names.severity(event.proposed)})" if event.proposed else ""
    return f"Decided {names.severity(event.severity)}{', not what was proposed' if other else ''}{reason}{proposed}"


def _finished(event: ev.Finished, names: Names, ended: str) -> str:
    step = names.plan.by_id.get(event.step)
    outcome = event.outcome
    if step is not None and step.kind_name == "decision":
        outcome = step.spec.options.get(outcome, outcome)
    again = f"; to be done again: {', '.join(names.step(one) for one in event.reopens)}" if event.reopens else ""
    said = ended or outcome.replace("-", " ")
    return f"“{names.step(event.step)}” ended: {said}{_because(event.because)}{again}"


def _without(event: ev.Drafted, names: Names) -> str:
    """The places of the message for which nothing was written."""
    planned = names.plan.messages.get(event.message)
    written = {text.line.place for text in event.texts}
    every = [f"{one}/{two}" for one in planned.use.channels for two in planned.use.languages] if planned else []
    missing = [place for place in every if place not in written]
    return f"; not for {', '.join(missing)}" if missing else ""


def _decided(event: ev.Decided, names: Names) -> str:
    said = "approved" if event.verdict == "yes" else "REFUSED"
    who = f"{names.person(event.person)} ({names.roles(event.roles)})"
    deputy = f", deputy for {names.person(event.deputy_for)}," if event.deputy_for else ""
    sheet = f"{names.message(event.message)}, sheet {short(event.sheet)}"
    return f"{who}{deputy} {said} {sheet}, {proof(event, names)}{_because(event.reason)} ({places(event.lines)})"


def proof(event: ev.Decided, names: Names) -> str:
    """`present at the terminal`, or `verbal sign-off, heard by Bo Lind and read back`; a no is not read back."""
    how = PROOFS.get(event.proof, event.proof)
    if not event.heard_by:
        return how
    return f"{how}, heard by {names.person(event.heard_by)}{' and read back' if event.verdict == 'yes' else ''}"


__all__ = ["ANSWERS", "PROOFS", "fact_value", "place", "places", "proof", "sentence"]
