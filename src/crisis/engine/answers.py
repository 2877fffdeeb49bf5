"""An answer to an open question becomes events, or is refused. The same door for every operator."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from crisis.engine import events as ev
from crisis.engine import shapes
from crisis.engine.approvals import standings
from crisis.engine.commands import Answer, By, Decide, ReadSignals
from crisis.engine.graph import reopening
from crisis.engine.monitoring import counts_now, known_without, trend
from crisis.engine.outlook import Outlook
from crisis.engine.plan import PlannedStep
from crisis.engine.shapes import is_by_hand
from crisis.engine.signoff import sheet_changed_at, signed, text_has_changed
from crisis.engine.state import Incident
from crisis.engine.steps import Ask, MessageView, Open
from crisis.kernel.errors import Refused, Usage
from crisis.kernel.fingerprints import fingerprint
from crisis.kernel.moments import as_moment
from crisis.playbook.values import AWARE_AT


class NoLongerOpen(Refused):
    """What was asked is not asked any more."""

    def __init__(self) -> None:
        super().__init__("this question is no longer open: something changed meanwhile")


def answered(outlook: Outlook, command: Answer, by: By) -> tuple[ev.Event, ...]:
    """The events of an answer. Raises Refused where the question is gone or the answer is not allowed."""
    incident = outlook.incident
    step, ask = _open_ask(outlook, command)
    wants = ask.wants
    if not by.present and not incident.drill and is_by_hand(wants):
        raise Refused(f"{ask.prompt} This needs a person at a terminal: a pipe or a file is no proof")
    if why := wants.illegal(command.value):
        raise Usage(f"{step.title}: that is no answer to {ask.prompt!r}: {why}")
    if command.as_of and _changed_at(outlook, step, wants) > command.as_of:
        raise text_has_changed()
    plain = ev.Answered(step=step.id, round=command.round, ask=ask.key, value=command.value)
    match wants:
        case shapes.FactValue():
            return (_fact(step, wants, command, by),)
        case shapes.SeverityChoice():
            return (_severity(wants, command), plain)
        case shapes.Draft():
            return _drafted(outlook, step, command, plain)
        case shapes.SignOff():
            return signed(outlook, _decision(wants, command), by)
        case shapes.NamePerson():
            return _named(outlook, step, wants, command, plain)
        case shapes.Waiver():
            return (_waiver(outlook, step, wants, command), plain)
        case shapes.LastResortCall():
            return (_last_resort(outlook, step, wants, command, by), plain)
        case shapes.Release():
            return _release(outlook, step, wants, command, plain)
        case shapes.Link():
            return (_link(incident, wants, command),)
        case shapes.OnlyIn():
            return (*_left_out(incident, wants, command), plain)
        case shapes.Override():
            return (ev.HoldOverridden(step=step.id, reason=command.value),)
        case shapes.Accounts():
            made = ev.PostingResumed if wants.resume else ev.PostingFrozen
            return (*(made(account=one, evidence=what) for one, what in command.value.items()), plain)
        case shapes.Reach():
            return (
                ev.Reached(
                    step=step.id, round=command.round, role=wants.role, person=wants.person, answer=command.value
                ),
            )
        case shapes.Export(instead=wrong):
            return _exported(incident, wrong, command, plain, by)
        case shapes.Text() | shapes.Choice() | shapes.Ticks() | shapes.When() | shapes.Day() | shapes.Rows():
            return (plain,)


def _changed_at(outlook: Outlook, step: PlannedStep, wants: shapes.Shape) -> int:
    """The version at which what `wants` is about last changed."""
    view, facts = outlook.message(step), outlook.incident.facts
    match wants:
        case shapes.Draft() if view is not None:
            return max((facts[name].changed for name in view.template_facts if name in facts), default=0)
        case shapes.SignOff() | shapes.Waiver() | shapes.LastResortCall() | shapes.OnlyIn():
            return sheet_changed_at(view.state, view.state.sheet) if view is not None and view.state.sheet else 0
        case shapes.Release() if view is not None:
            return view.state.drafted_seq
        case _:
            return 0


def _open_ask(outlook: Outlook, command: Answer) -> tuple[PlannedStep, Ask]:
    step, state = outlook.plan.by_id.get(command.step), outlook.incident.steps.get(command.step)
    if step is None or state is None or state.status != "started" or state.round != command.round:
        raise NoLongerOpen
    following = outlook.next_of(step)
    asks = following.asks if isinstance(following, Open) else ()
    for ask in asks:
        if ask.key == command.ask:
            return step, ask
    raise NoLongerOpen


def _with(event: ev.Answered, value: ev.Json) -> ev.Answered:
    return ev.Answered(step=event.step, round=event.round, ask=event.ask, value=value)


def _fact(step: PlannedStep, wants: shapes.FactValue, command: Answer, by: By) -> ev.Event:
    if "again" in command.value:
        again = datetime.fromisoformat(command.value["again"])
        return ev.FactSet(fact=wants.name, known=False, ask_again_at=again, step=step.id)
    value = command.value["value"]
    check_aware_at(wants.name, value, by)
    if wants.fact.sensitive and not command.sealed:
        raise Refused(f"{wants.name} is sensitive and may not stand in the chain")
    return ev.FactSet(fact=wants.name, value=None if command.sealed else value, sealed=command.sealed, step=step.id)


def check_aware_at(fact: str, value: ev.Json, by: By) -> None:
    """Nobody knew before it happened: raises Usage where `aware_at` is in the future."""
    moment = as_moment(value) if fact == AWARE_AT else None
    if moment is not None and moment > by.at:
        raise Usage("that time is in the future: say when the first report reached anyone of ours")


def _named(
    outlook: Outlook, step: PlannedStep, wants: shapes.NamePerson, command: Answer, plain: ev.Answered
) -> tuple[ev.Event, ...]:
    """Who was named; `counted` says of somebody who could approve before that the number of people is as it was."""
    if command.value == {}:
        return (plain if wants.anyone else _with(plain, {"nobody": wants.roles[0]}),)
    if command.member is None:
        raise Refused("the person who was named is missing: their number may not stand in the chain")
    who, view = command.member.id, outlook.message(step)
    of = view.chain.of if view is not None else ()
    counted = any(outlook.people.may_speak_for(who, role, deputies_too=True) for role in of)
    said = {"named": who, "counted": True} if counted else {"named": who}
    return (ev.RosterChanged(member=command.member), _with(plain, said))


def _severity(wants: shapes.SeverityChoice, command: Answer) -> ev.Event:
    return ev.SeverityDecided(
        severity=command.value["severity"],
        reason=command.value.get("reason", ""),
        proposed=wants.proposed,
        because=wants.because,
        ground=wants.ground,
    )


def _drafted(outlook: Outlook, step: PlannedStep, command: Answer, plain: ev.Answered) -> tuple[ev.Event, ...]:
    name = step.message
    if outlook.incident.message(name).is_being_posted():
        raise Refused("these texts are about to be posted and cannot be edited", hint="withdraw them first")
    written = [(text.line.channel, text.line.language, text.line.sha256) for text in command.texts]
    said = [(text["channel"], text["language"], fingerprint(text["text"])) for text in command.value["texts"]]
    if written != said:
        raise Refused("the texts to store are not the texts that were answered")
    if any(text.promises is not None and text.promises <= outlook.now for text in command.texts):
        raise Usage("the next update that is promised lies in the past", hint="take the texts as they are offered now")
    # What goes with the text is part of it: whoever approves it approves the pictures, too.
    attachments = tuple(outlook.plan.messages[name].attachments.values())
    texts = tuple(replace(text, line=replace(text.line, attachments=attachments)) for text in command.texts)
    again = outlook.incident.steps[step.id].again or None
    is_one_of_several = len(outlook.plan.drafts[name]) > 1
    drafted = ev.Drafted(message=name, texts=texts, again=again, step=step.id if is_one_of_several else "")
    return (drafted, _with(plain, {"texts": [text.line.place for text in texts]}))


def signals_read(incident: Incident, read: ReadSignals, by: By, wrong: tuple[str, ...] = ()) -> ev.SignalsRead:
    """What was read; without readings where it is an export that says nothing of how things stand now."""
    measured, known = read.measured, known_without(incident.measured, wrong)
    counts = measured is None or counts_now(measured, by.at, known, incident.measured_at)
    return ev.SignalsRead(readings=read.readings if counts else {}, measured=measured, instead=wrong)


def _exported(
    incident: Incident, wrong: tuple[str, ...], command: Answer, plain: ev.Answered, by: By
) -> tuple[ev.Event, ...]:
    if "not_now" in command.value:
        return (plain,)
    read = command.read
    if read is None or read.measured is None:
        raise Refused("what these files say was not read")
    # Where a file lies on whose machine belongs into no log; what it is called does.
    known = known_without(incident.measured, wrong)
    counts = counts_now(read.measured, by.at, known, incident.measured_at)
    goes = trend(known, read.measured) if counts else ""
    said = {"files": list(read.measured.files), "trend": goes}
    return (signals_read(incident, read, by, wrong), _with(plain, said))


def _decision(wants: shapes.SignOff, command: Answer) -> Decide:
    said = command.value
    return Decide(
        message=wants.message,
        sheet=wants.sheet,
        verdict=said["verdict"],
        person=said["person"],
        proof=said.get("proof", "verbal"),
        heard_by=said.get("heard_by", ""),
        read_back=bool(said.get("read_back", False)),
        reason=said.get("reason", ""),
    )


def _view(outlook: Outlook, step: PlannedStep) -> MessageView:
    view = outlook.message(step)
    if view is None or view.state.sheet is None:
        raise Refused("nothing waits for approval here")
    return view


def _waiver(outlook: Outlook, step: PlannedStep, wants: shapes.Waiver, command: Answer) -> ev.Event:
    view = _view(outlook, step)
    sheet = view.state.sheet
    assert sheet is not None  # noqa: S101  # _view has refused otherwise
    texts = standings(view.state.to_decide(), view.state, view.chain, outlook.people, outlook.now, view.source_language)
    # What has its full approval goes by that, and never stands there as waived.
    lines = tuple(line for line, how in texts.items() if not how.approved)
    return ev.ApprovalWaived(
        message=wants.message, sheet=sheet.id, lines=lines, rules=wants.rules, reason=command.value
    )


def _last_resort(
    outlook: Outlook, step: PlannedStep, wants: shapes.LastResortCall, command: Answer, by: By
) -> ev.Event:
    view = _view(outlook, step)
    sheet, rule = view.state.sheet, view.chain.last_resort
    if rule is None or sheet is None:
        raise Refused("this chain knows no last resort")
    if not outlook.people.may_speak_for(by.who, rule.by, deputies_too=False):
        raise Refused(f"only the {rule.by} may send a last resort")
    return ev.LastResortTaken(
        message=wants.message,
        sheet=sheet.id,
        lines=view.state.to_decide(),
        reason=command.value,
        review_due=outlook.now + rule.review_within,
    )


def _left_out(incident: Incident, wants: shapes.OnlyIn, command: Answer) -> tuple[ev.Event, ...]:
    lines = incident.message(wants.message).open_lines() if "leave_out" in command.value else ()
    return tuple(
        ev.LeftOut(message=wants.message, line=line, reason=command.value["leave_out"])
        for line in lines
        if line.language in wants.without
    )


def _release(
    outlook: Outlook, step: PlannedStep, wants: shapes.Release, command: Answer, plain: ev.Answered
) -> tuple[ev.Event, ...]:
    view, plan = outlook.message(step), outlook.plan
    assert view is not None  # noqa: S101  # a publish step has a message
    if command.value == "edit":
        draft = view.state.drafted_in or plan.drafts[wants.message][0]
        back = reopening(plan, outlook.incident, draft, step.id)
        return (plain, ev.SentBack(step=step.id, to=draft, why="taken back to be edited", cause="asked", reopens=back))
    texts = standings(wants.lines, view.state, view.chain, outlook.people, outlook.now, view.source_language)
    for line, how in texts.items():
        if not how.approved:
            raise Refused(f"{line.place} is not approved (any more)")
    return (ev.Locked(message=wants.message, lines=wants.lines), plain)


def _link(incident: Incident, wants: shapes.Link, command: Answer) -> ev.Event:
    message = incident.message(wants.message)
    if wants.line not in message.locked:
        raise Refused(f"{wants.line.place} was not released for posting")
    if "left_out" in command.value:
        return ev.LeftOut(message=wants.message, line=wants.line, reason=command.value["left_out"])
    text = next(text for text in message.texts if text.line == wants.line)
    return ev.Published(message=wants.message, line=wants.line, link=command.value["link"], promises=text.promises)
