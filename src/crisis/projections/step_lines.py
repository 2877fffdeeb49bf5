"""What there is to do in a step, line by line, as its kind means it; ticked where an incident shows it done."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from crisis.engine import events as ev
from crisis.engine.events import Recorded
from crisis.engine.plan import PlannedStep
from crisis.engine.state import MessageState
from crisis.kernel.durations import roughly
from crisis.kinds.checklist import ticking
from crisis.kinds.debrief import USUAL
from crisis.kinds.notify import answer_of, to_call
from crisis.playbook.model import Chain
from crisis.playbook.values import SEVERITIES
from crisis.projections.names import Names
from crisis.projections.progress import Run
from crisis.projections.reasons import in_words
from crisis.projections.words import ANSWERS, fact_value


class Line(Struct, frozen=True):
    """Something to know (`done` is None), or something to tick off."""

    text: str
    done: bool | None = None


def lines_of(step: PlannedStep, names: Names, run: Run | None, severity: str) -> Iterator[Line]:
    """The lines of a step; a kind that is not known here has none."""
    match step.kind_name:
        case "question":
            return _facts(step, names, run)
        case "checklist":
            return _items(step, run)
        case "assess":
            return _rules(names)
        case "decision":
            return _options(step, names)
        case "notify":
            return _calls(step, names, run, severity)
        case "freeze" | "resume-posting":
            return _accounts(step, names, run)
        case "draft":
            return _texts(step, names)
        case "approve":
            return _chains(step, names, severity)
        case "publish":
            return _places(step, names, run)
        case "action":
            return iter((Line(step.spec.do),))
        case "measure":
            return _export(step, run)
        case "pause":
            return iter((Line(f"for {roughly(step.spec.for_)}"),) if step.spec.for_ else ())
        case "stand-down":
            return _criteria(step, names, run)
        case "debrief":
            return _questions(step, names, run)
        case _:
            return iter(())


def _answer(step: PlannedStep, run: Run | None, ask: str) -> Recorded | None:
    """What was answered in the latest round."""
    latest = run.steps[step.id].round if run else None
    return latest.answers.get(ask) if latest else None


def _value(recorded: Recorded | None) -> ev.Json:
    return recorded.event.value if recorded and isinstance(recorded.event, ev.Answered) else None


def _facts(step: PlannedStep, names: Names, run: Run | None) -> Iterator[Line]:
    for name in step.spec.facts:
        fact = names.plan.facts.get(name)
        prompt = fact.prompt if fact else names.fact(name)
        if run is None:
            yield Line(f"{prompt}{' (required)' if fact and fact.required else ''}", done=False)
            continue
        state = run.incident.facts.get(name)
        if state is None:
            yield Line(f"{prompt} · not asked yet", done=False)
        elif not state.known:
            again = f", ask again {run.when(state.ask_again_at)}" if state.ask_again_at else ""
            yield Line(f"{prompt} · not known yet{again}", done=False)
        else:
            said = "recorded, kept outside the log" if state.sealed else fact_value(name, state.value, names, run.zone)
            yield Line(f"{prompt} · {said} ({run.when(state.at)})", done=True)


def _items(step: PlannedStep, run: Run | None) -> Iterator[Line]:
    latest = run.steps[step.id].round if run else None
    answers = {key: _value(one) for key, one in latest.answers.items()} if latest else {}
    ticked = ticking(step.spec, answers)
    why = _value(_answer(step, run, "why"))
    for number, item in enumerate(step.spec.items):
        evidence = _value(_answer(step, run, f"evidence:{number}"))
        shown = f" · {evidence}" if evidence else " (with evidence)" if item.evidence else ""
        if run is not None and latest is not None and number in ticked:
            yield Line(f"{item.text}{shown} · {run.by(latest.answers[ticked[number]])}", done=True)
        elif run is not None and why:
            yield Line(f"{item.text} · not done: {why}", done=False)
        else:
            yield Line(f"{item.text}{shown}", done=False)


def _rules(names: Names) -> Iterator[Line]:
    for level, rule in sorted(names.plan.severity.items()):
        parts = [in_words(one, names) for one in rule.any_]
        if rule.all_:
            parts.append(" and ".join(in_words(one, names) for one in rule.all_))
        rules = "; or ".join(parts)
        yield Line(f"{names.severity(level)} if {rules}" if rules else f"{names.severity(level)} otherwise")


def _options(step: PlannedStep, names: Names) -> Iterator[Line]:
    for option, label in step.spec.options.items():
        target = step.on.get(option, "")
        then = (
            ""
            if not target
            else ", then the incident is closed"
            if target == "close"
            else f", then {', '.join(map(names.step, names.plan.whole(target)))}"
        )
        reason = ", with a reason" if option in step.spec.reasons else ""
        yield Line(f"choose “{label}”{reason}{then}")


def _calls(step: PlannedStep, names: Names, run: Run | None, severity: str) -> Iterator[Line]:
    if step.spec.say:
        yield Line(f"say: {step.spec.say}")
    roles: dict[str, None] = dict.fromkeys(step.spec.roles)
    if not roles:
        levels = [severity] if severity else [run.incident.severity] if run and run.incident.severity else SEVERITIES
        for level in levels:
            ladder = names.plan.escalation.get(level)
            roles |= dict.fromkeys(role for rung in (ladder.ladder if ladder else ()) for role in rung.page)
    state = run.incident.steps.get(step.id) if run else None
    for role in roles:
        answers = state.answers if state else {}
        primaries = names.people.primaries(role)
        called = [key.split(":", 2)[2] for key in answers if key.startswith(f"reach:{role}:")]
        calls = {
            person: answer
            for person in dict.fromkeys((*called, *to_call(role, names.people, answers)))
            if (answer := answer_of(answers, role, person)) is not None
        }
        if run and not calls and [one.id for one in primaries] == [run.incident.lead]:
            yield Line(f"{names.role(role)} · {primaries[0].name} leads, and need not be called")
            continue
        said = "; ".join(f"{names.person(one)}: {ANSWERS.get(answer, answer)}" for one, answer in calls.items())
        yield Line(f"Call {names.role(role)}{f' · {said}' if said else ''}", done="acknowledged" in calls.values())


def _accounts(step: PlannedStep, names: Names, run: Run | None) -> Iterator[Line]:
    if step.kind_name == "freeze":
        everything = dict.fromkeys((*names.plan.accounts, *step.spec.items))
        why = _value(_answer(step, run, "why"))
        for account in everything:
            frozen = run is not None and account in run.incident.frozen
            evidence = _value(_answer(step, run, f"evidence:{account}"))
            evidence = evidence or (run.incident.frozen.get(account, "") if run else "")
            note = f" · {evidence}" if evidence else f" · not stopped: {why}" if why and not frozen else ""
            yield Line(f"{names.account(account)}{note}", done=frozen)
    elif run is None:
        yield Line("class by class; nothing that has gone stale")
    else:
        for account in run.incident.frozen:
            yield Line(names.account(account), done=account in run.incident.resumed)


def _texts(step: PlannedStep, names: Names) -> Iterator[Line]:
    message = names.plan.messages[step.spec.message]
    yield Line(f"for {message.use.audience}")
    yield Line(f"channels: {', '.join(message.use.channels)}; languages: {', '.join(message.use.languages)}")
    if message.slots:
        yield Line(f"says: {', '.join(slot.replace('-', ' ') for slot in message.slots)}")
    if message.facts:
        yield Line(f"uses: {', '.join(names.fact(fact) for fact in message.facts)}")


def _chains(step: PlannedStep, names: Names, severity: str) -> Iterator[Line]:
    found: dict[str, tuple[Chain, list[str]]] = {}
    for level in [severity] if severity else SEVERITIES:
        name, chain = names.plan.chain_for(step.spec.message, level)
        found.setdefault(name, (chain, []))[1].append(level)
    cleared = names.plan.messages[step.spec.message].use.cleared_approval
    for chain, levels in found.values():
        at = f"{', '.join(levels)}: " if len(found) > 1 else ""
        yield Line(f"{at}{_chain(chain, names)}")
    if cleared and cleared not in found:
        yield Line(f"a cleared text, not edited: {_chain(names.plan.approvals[cleared], names)}")


def _chain(chain: Chain, names: Names) -> str:
    people = "person" if chain.quorum == 1 else "people"
    parts = [f"{chain.quorum} {people} of {names.roles(chain.of)}"]
    if chain.required:
        parts.append(f"{names.roles(chain.required)} must be one of them")
    if chain.veto:
        parts.append(f"a no of {names.roles(chain.veto)} is final")
    parts.append(f"{roughly(chain.within)} to answer, then the deputies")
    parts.append(f"good for {roughly(chain.expires)}")
    if chain.translation:
        parts.append(f"each translation vouched for by {names.roles(chain.translation.of)}")
    if chain.last_resort:
        rule = chain.last_resort
        parts.append(
            f"last resort after {roughly(rule.after)} if {in_words(rule.when, names)}, by {names.role(rule.by)},"
            f" only a cleared text that was not edited, reviewed within {roughly(rule.review_within)}"
        )
    return "; ".join(parts)


def _places(step: PlannedStep, names: Names, run: Run | None) -> Iterator[Line]:
    use = names.plan.messages[step.spec.message].use
    message = run.incident.message(step.spec.message) if run else MessageState()
    # A correction may be written for some of the places: in the others what went out before still stands.
    now = {line.place for line in message.lines}
    out = {one.line.place: one for one in message.history if one.line.place not in now or message.is_out(one.line)}
    left = {line.place for line in message.left_out}
    for channel in use.channels:
        for language in use.languages:
            place = f"{channel}/{language}"
            if run is None:
                yield Line(place, done=False)
            elif place in out:
                one = out[place]
                yield Line(f"{place} · {one.link} · {names.person(one.who)}, {run.when(one.at)}", done=True)
            elif place in left or (now and place not in now):
                yield Line(f"{place} · left out")
            elif run.steps[step.id].applies:
                yet = "" if run.incident.closed_at else " YET"
                yield Line(f"{place} · NOT POSTED{yet}", done=False)


def _export(step: PlannedStep, run: Run | None) -> Iterator[Line]:
    read = _answer(step, run, "export")
    said = _value(read) or {}
    if step.spec.optional:
        yield Line("optional: offered while others are waited for")
    what = step.spec.export or "An export of the monitoring tool"
    by = f" · {', '.join(said['files'])}, {run.by(read)}" if run and read and "files" in said else ""
    yield Line(f"{what}: read, against the last one and against the time before each message{by}", done=bool(by))


def _criteria(step: PlannedStep, names: Names, run: Run | None) -> Iterator[Line]:
    ticks = _answer(step, run, "criteria")
    seen = _value(ticks) or []
    for number, text in enumerate(names.plan.criteria):
        by = f" · {run.by(ticks)}" if run and ticks and number in seen else ""
        yield Line(f"{text}{by}", done=number in seen)


def _questions(step: PlannedStep, names: Names, run: Run | None) -> Iterator[Line]:
    asked = {**USUAL, **{f"question:{number}": text for number, text in enumerate(names.plan.questions)}}
    for key, text in asked.items():
        yield Line(text, done=_answer(step, run, key) is not None)
    yield Line("Actions, each with an owner and a date", done=_answer(step, run, "action:0") is not None)
