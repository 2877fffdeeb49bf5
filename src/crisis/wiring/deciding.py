"""Approving, refusing and posting from a second terminal; and what to send to somebody who has none."""

from __future__ import annotations

import sys
from collections.abc import Collection, Sequence

from crisis.adapters.operator.fitting import tell
from crisis.adapters.operator.screen import is_said_back, spelled
from crisis.adapters.operator.typed import somebody_is_there
from crisis.engine import commands
from crisis.engine.answers import NoLongerOpen
from crisis.engine.approvals import left_behind, translations_behind, who_counts, with_the_same_text
from crisis.engine.events import Line, Verdict
from crisis.engine.graph import approve_step
from crisis.engine.look import OpenAsk, agenda, roster_of
from crisis.engine.outlook import Outlook
from crisis.engine.shapes import WITHOUT_ADDRESS, Link, Release
from crisis.engine.signoff import decides_on, waiting_sheet
from crisis.engine.state import Sheet
from crisis.kernel.diagnostics import nearest
from crisis.kernel.errors import Interrupted, NotFound, Refused, Usage
from crisis.kernel.fingerprints import short
from crisis.kernel.text import one_line, quoted, safe, sentence
from crisis.messages.channels import title as channel_title
from crisis.messages.languages import called
from crisis.runtime.desk import Case, Desk
from crisis.runtime.posted import as_note, came_too_late
from crisis.runtime.roster import contact_of
from crisis.wiring.acting import as_whom, at, needs_terminal, reason_of, typed
from crisis.wiring.correcting import correct_link, left_out_at, messages_out_at, post_after_all, same_link
from crisis.wiring.live import names_on, zone_of
from crisis.wiring.naming import meant

_TRIES = 3
"""Times that somebody on the telephone may say a fingerprint: it is read from one screen and typed at another."""


def decide_on(
    verdict: Verdict,
    message: str,
    sheet: str,
    verbal: str,
    reason: str,
    incident: str | None,
    me: str,
    url: str | None,
) -> str:
    """Show the exact texts, ask once more, and record the decision."""
    needs_terminal("a decision")
    desk, case, who = at(incident, me, url)
    name, waiting = waits_for_a_decision(case, message)
    if sheet and not waiting.id.startswith(sheet.replace(" ", "").lower()):
        raise Refused(
            f"sheet {short(sheet)} does not wait (any more); sheet {short(waiting.id)} does",
            hint="read the text as it is now, then decide again",
        )
    person = _person(case, verbal) if verbal else who
    outlook = Outlook(case.plan, case.incident, max(desk.clock.now(), case.incident.at))
    people, (view, _) = outlook.people, waiting_sheet(outlook, name, waiting.id)
    _, lines = decides_on(person, verdict, view, waiting, people, outlook.now)
    on_sheet = view.state.to_decide()
    _show(case, desk, name, waiting)
    if verdict == "no" and not reason.strip():
        reason = typed("What must change? ")
    read_back = False
    if verbal and verdict == "yes":
        ask = "Read it to them, then type the fingerprint they said back (8 signs, 0-9 and a-f): "
        for _ in range(_TRIES):
            if read_back := is_said_back(typed(ask), waiting.id):
                break
            ask = "That is not this sheet's. Let them say it again, and type it: "
        if not read_back:
            raise Refused("that is not this sheet's fingerprint: nothing was recorded")
    else:
        word = "approve" if verdict == "yes" else "refuse"
        all_of_it = "the text" if len(lines) == 1 else f"all {len(lines)} texts"
        texts = all_of_it if lines == on_sheet else ", ".join(line.place for line in lines)
        if typed(f"Type {word} to {word} {texts} as {people.name(person)}: ") != word:
            raise Interrupted("Nothing was recorded.")
    command = commands.Decide(
        message=name,
        sheet=waiting.id,
        verdict=verdict,
        person=person,
        proof="verbal" if verbal else "present",
        heard_by=who if verbal else "",
        read_back=read_back,
        reason=reason_of(reason),
        as_of=case.incident.version,
    )
    desk.execute(case.incident.id, command, who=who)
    done = "approved" if verdict == "yes" else "refused"
    part = "" if lines == on_sheet else f"{', '.join(line.place for line in lines)} of "
    said = sentence(f"{one_line(people.name(person))} {done} {part}sheet {short(waiting.id)}")
    stands = f"{said} {_stand(desk, case.incident.id, name)}"
    return "\n".join([stands, *as_whom(case, who, me)])


def what_to_send(message: str, incident: str | None, url: str | None) -> str:
    """A message to send to the approvers, and a call script; plain text on stdout."""
    desk, case, _ = at(incident, "", url)
    name, sheet = waits_for_a_decision(case, message)
    zone = zone_of(case.plan.timezone)
    drill = "DRILL DRILL DRILL\n" if case.incident.drill else ""
    title = case.plan.messages[name].title
    due = sheet.due.astimezone(zone)
    lines = [
        f"{drill}{case.incident.id} {one_line(case.incident.title)}: please decide by {due:%H:%M %Z}.",
        f"{title}, sheet {spelled(sheet.id)}. The exact texts:",
        "",
    ]
    if behind := _behind(case, name):
        lines += [behind, ""]
    for alike in with_the_same_text(case.incident.message(name).to_decide()):
        lines += [_heading(alike), safe(_text(desk, case, alike[0])), ""]
    lines += [
        f"Call back and say: I approve sheet {spelled(sheet.id)}. Or: I refuse it, because …",
        "",
        "── Call script for whoever hears it",
        *(f"   Ring {one}" for one in _to_ring(case, desk, name)),
        "1. Read every text aloud, with its channel and language.",
        f"2. Ask: do you approve exactly this? Let them say the fingerprint back: {spelled(sheet.id)}.",
        f"3. Record it: crisis approve {name} -i {case.incident.id} --verbal THEIR-NAME",
        f"   or, if they refuse: crisis reject {name} -i {case.incident.id} --verbal THEIR-NAME",
    ]
    return "\n".join(lines)


def _to_ring(case: Case, desk: Desk, name: str) -> list[str]:
    """`Ana Berg (legal), +45 12 34 56 78`, for everyone whose yes would count now."""
    state, people = case.incident.message(name), roster_of(case.plan, case.incident)
    _, chain = case.plan.chain_for(name, case.incident.severity)
    now, source_language = max(desk.clock.now(), case.incident.at), case.plan.messages[name].source_language
    counting = who_counts(state, chain, people, now, source_language)
    return [
        f"{one_line(people.name(person))} ({', '.join(role.replace('-', ' ') for role in counts)}), "
        + (one_line(contact_of(people.members[person], desk.journal)) or "no number known")
        + f"  (--verbal {person})"
        for person, counts in counting.items()
    ]


def post(place: str, link: str, correct: bool, message: str, incident: str | None, me: str, url: str | None) -> str:
    """Show what is to be posted, keep the link of what is, or correct it; a person at a terminal is asked for both."""
    desk, case, who = at(incident, me, url)
    waiting = _by_message(_posting(case, ""))
    if message:
        message = _message(case, message, waiting)
    asks = _posting(case, message)
    if not correct and place and place not in _places(asks) and left_out_at(place, message, case):
        needs_terminal("publishing")
        return "\n".join([*post_after_all(place, link, message, case, desk, who), *as_whom(case, who, me)])
    if correct or (place and place not in _places(asks) and messages_out_at(place, message, case)):
        needs_terminal("correcting a link")
        said = correct_link(place, link, message, case, desk, who, is_meant=correct)
        return "\n".join([*said, *as_whom(case, who, me)])
    if not asks and waiting:
        raise Refused(f"nothing of {quoted(message, 60)} waits to be posted", hint=_what_waits(case, waiting))
    if not asks:
        ahead = desk.ahead(case.incident.id)
        held = [one.what for step, one in ahead.waiting if step.kind_name == "publish"]
        raise Refused(
            "; ".join(held) or "nothing is approved and waiting to be posted",
            hint=f"`crisis status {case.incident.id}` shows who is waited for",
        )
    if place or link:
        needs_terminal("publishing")
        return "\n".join([_posted(place, link, message, case, desk, who), *as_whom(case, who, me)])
    texts = "\n".join(_to_copy(case, desk, asks))
    if not somebody_is_there():
        return f"{texts}\nWhen it is out: crisis publish PLACE --link … -i {case.incident.id}"
    sys.stdout.write(f"{texts}\n")
    sys.stdout.flush()
    return "\n".join(_one_after_the_other(message, case, desk, who, as_whom(case, who, me)))


def _one_after_the_other(message: str, case: Case, desk: Desk, who: str, as_whom: Sequence[str]) -> Sequence[str]:
    """What a person posts now, until they post no more; `as_whom` it was recorded is said where something was."""
    incident, before = case.incident.id, case.incident.version
    while places := _places(_posting(case, message)):
        try:
            place = typed(f"Which one do you post now? ({', '.join(places)}; Enter: none) ")
            if place in places:
                tell(_posted(place, "", message, case, desk, who))
            elif place:
                tell(f"{one_line(place, 60)} is not among them.")
            else:
                recorded = as_whom if case.incident.version > before else ()
                return [f"NOT POSTED YET: {', '.join(places)}", *recorded]
        except Usage as wrong:
            tell(f"Not accepted: {wrong.message}")
        except Interrupted as left:
            # Texts are locked before their link is asked for: what is in the journal says whether that was done.
            untouched = desk.case(incident).incident.version == before
            locked = "The texts stay locked for posting; that link was not recorded."
            raise Interrupted("Nothing was recorded." if untouched else locked) from left
        case = desk.case(incident)
    return ["All of it is out.", *as_whom]


def _places(asks: Sequence[OpenAsk]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(place for places in _by_message(asks).values() for place in places))


def _by_message(asks: Sequence[OpenAsk]) -> dict[str, list[str]]:
    """The places where each message waits to be posted: those that are locked first."""
    found: dict[str, list[str]] = {}
    wanted = [one.ask.wants for one in asks]
    for link in (one for one in wanted if isinstance(one, Link)):
        found.setdefault(link.message, []).append(link.line.place)
    for release in (one for one in wanted if isinstance(one, Release)):
        found.setdefault(release.message, []).extend(line.place for line in release.lines)
    return found


def _posted(place: str, link: str, message: str, case: Case, desk: Desk, who: str) -> str:
    """Lock the texts, show the one for `place`, and keep its link, which is asked for where it was not given."""
    several = [name for name, places in _by_message(_posting(case, message)).items() if place in places]
    if len(several) > 1:
        raise Usage(f"{place} waits in several messages: {', '.join(several)}", hint="say which with --message")
    for one in _posting(case, message):
        if isinstance(one.ask.wants, Release) and place in {line.place for line in one.ask.wants.lines}:
            answer = commands.Answer(step=one.step.id, round=one.round, ask=one.ask.key, value="post")
            desk.execute(case.incident.id, answer, who=who)
    case = desk.case(case.incident.id)
    links = {one.ask.wants.line.place: one for one in _posting(case, message) if isinstance(one.ask.wants, Link)}
    if place not in links:
        waits = ", ".join(_places(_posting(case, message)))
        hint = f"what waits: {waits}"
        raise NotFound(
            f"{quoted(place, 60)} is not waiting to be posted" if place else "the link is of which place?", hint=hint
        )
    one = links[place]
    assert isinstance(one.ask.wants, Link)  # noqa: S101  # links holds nothing else
    if not link:
        for line in one.ask.advice:
            tell(safe(line))
        sys.stderr.write(f"{place} {short(one.ask.wants.line.sha256)}: copy this, post it, then paste the link.\n\n")
        sys.stderr.write(f"{safe(_text(desk, case, one.ask.wants.line))}\n\n")
        link = typed("To whom was it sent? " if one.ask.wants.line.channel in WITHOUT_ADDRESS else "Link: ")
    answer = commands.Answer(step=one.step.id, round=one.round, ask=one.ask.key, value={"link": link.strip()})
    try:
        desk.execute(case.incident.id, answer, who=who)
    except NoLongerOpen:
        if (note := as_note(one.ask.wants, answer.value)) is None:
            raise
        desk.execute(case.incident.id, note, who=who)
        raise came_too_late(one.ask.wants) from None
    after = desk.case(case.incident.id).incident
    return "\n".join([f"{place} is out: {one_line(link)}", *same_link(after, one.ask.wants.line, link.strip())])


def _posting(case: Case, message: str) -> list[OpenAsk]:
    asks = agenda(case.plan, case.incident, case.incident.at).asks
    return [one for one in asks if isinstance(one.ask.wants, Release | Link) and message in ("", one.ask.wants.message)]


def _to_copy(case: Case, desk: Desk, asks: list[OpenAsk]) -> list[str]:
    lines = []
    for one in asks:
        wants = one.ask.wants
        if not isinstance(wants, Release | Link):
            continue
        state, texts = (
            case.incident.message(wants.message),
            wants.lines if isinstance(wants, Release) else (wants.line,),
        )
        lines += [advice for each in one.ask.advice if (advice := safe(each)) not in lines]
        for line in texts:
            how = "WITHOUT A FULL APPROVAL (waived)" if line in state.waived else "approved"
            how = "AS A LAST RESORT, not approved" if line in state.last_resort else how
            head = f"── {line.place} {short(line.sha256)} {how}, NOT POSTED YET"
            lines += [head, safe(_text(desk, case, line)), ""]
    return lines


def waits_for_a_decision(case: Case, message: str) -> tuple[str, Sheet]:
    """The message and the sheet that waits for a decision."""
    waiting: dict[str, Sheet] = {}
    for step in case.plan.steps:
        if step.kind_name != "approve":
            continue
        state, message_state = case.incident.steps.get(step.id), case.incident.message(step.message)
        is_open = state is not None and state.status == "started"
        sheet = message_state.sheet if is_open else None
        if sheet is None and message_state.reviewed_at is None:
            sheet = message_state.review  # what went out as a last resort is looked at afterwards
        if sheet is not None:
            waiting[step.message] = sheet
    if message:
        name = _message(case, message, waiting)
        if name not in waiting:
            raise Refused(f"nothing of {quoted(name, 60)} waits for a decision", hint=_what_waits(case, waiting))
        return name, waiting[name]
    if not waiting:
        raise Refused("nothing waits for a decision", hint=f"`crisis status {case.incident.id}` shows what is going on")
    if len(waiting) > 1:
        raise Usage(f"several messages wait: {', '.join(waiting)}", hint="say which one")
    return next(iter(waiting.items()))


def _message(case: Case, said: str, waiting: Collection[str]) -> str:
    """The message that is called so, by its id or by its title. Raises NotFound."""
    for name, planned in case.plan.messages.items():
        if said.strip().casefold() in (name.casefold(), planned.title.casefold()):
            return name
    near = nearest(said[:100], case.plan.messages)
    hint = near if near.startswith("did you mean") or not waiting else _what_waits(case, waiting)
    raise NotFound(f"{case.plan.playbook} has no message {quoted(said, 60)}", hint=hint)


def _what_waits(case: Case, waiting: Collection[str]) -> str:
    if not waiting:
        return f"`crisis status {case.incident.id}` shows what is going on"
    return f"what waits: {', '.join(f'{name} ({one_line(case.plan.messages[name].title, 60)})' for name in waiting)}"


def _person(case: Case, name: str) -> str:
    people = names_on(case.incident)
    if (person := meant(name, people)) is not None:
        return person
    known = ", ".join(f"{one} ({one_line(called, 60)})" for one, called in people.items())
    near = nearest(name[:100], people)
    hint = near if near.startswith("did you mean") else f"on it: {known}"
    raise NotFound(f"nobody called {quoted(name, 60)} is on the roster", hint=hint)


def _text(desk: Desk, case: Case, line: Line) -> str:
    data = desk.journal.blob(line.sha256)
    if data is None:
        check = f"run `crisis verify {case.incident.id}`"
        raise Refused(f"the text of {line.place} is missing from the journal", hint=check)
    return data.decode()


def _behind(case: Case, name: str) -> str:
    source_language = case.plan.messages[name].source_language
    return left_behind(translations_behind(case.incident.message(name), source_language), source_language)


def _show(case: Case, desk: Desk, name: str, sheet: Sheet) -> None:
    mark = "DRILL " if case.incident.drill else ""
    tell(f"{mark}{case.incident.id} · {case.plan.messages[name].title} · sheet {spelled(sheet.id)}\n")
    if behind := _behind(case, name):
        tell(f"{behind}\n")
    for alike in with_the_same_text(case.incident.message(name).to_decide()):
        tell(f"{_heading(alike)}\n{safe(_text(desk, case, alike[0]))}\n")


def _heading(alike: Sequence[Line]) -> str:
    """`── Facebook, Website: English (9414bae6…)`."""
    channels = ", ".join(channel_title(line.channel) for line in alike)
    return f"── {channels}: {called([alike[0].language])} ({short(alike[0].sha256)})"


def _stand(desk: Desk, incident: str, name: str) -> str:
    case = desk.case(incident)
    asked, states = approve_step(case.plan, case.incident, name), case.incident.steps
    approval = states.get(asked.id) if asked is not None else None
    drafts = [states[draft] for draft in case.plan.drafts.get(name, ()) if draft in states]
    if any(draft.status == "started" for draft in drafts):
        return "It is back at the draft."
    if approval is not None and approval.status == "finished":
        is_out = not case.incident.message(name).open_lines()
        return "What went out has been reviewed." if is_out else "It is approved. NOT POSTED YET."
    waiting = [
        one for step, one in desk.ahead(incident).waiting if step.kind_name == "approve" and step.message == name
    ]
    name_of = desk.people(case).name
    others = dict.fromkeys(
        f"{one_line(' or '.join(map(name_of, one.people))) or 'nobody yet'} ({one.role.replace('-', ' ')})"
        for one in waiting
    )
    return f"Still waited for: {', '.join(others)}." if others else "It is not approved yet."
