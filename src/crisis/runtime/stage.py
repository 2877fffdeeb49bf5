"""What one person is shown of an incident: where things stand, and each question with all that it needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from crisis.engine import shapes
from crisis.engine.approvals import standing, who_counts
from crisis.engine.events import Line
from crisis.engine.look import Agenda, OpenAsk, correctable, started, ways_back
from crisis.engine.outlook import Outlook
from crisis.engine.people import Roster
from crisis.engine.plan import PlannedStep
from crisis.kernel.errors import Refused
from crisis.projections.names import Names
from crisis.projections.out_there import as_they_were, out_there
from crisis.projections.posting import stopped_and_posting
from crisis.projections.situation import as_it_was, posting_in_words
from crisis.runtime import scene as sc
from crisis.runtime.beforehand import Compose, before_writing, spoken_to
from crisis.runtime.compose import compose
from crisis.runtime.desk import Case, Desk
from crisis.runtime.drafts import as_sent, left_out_before, left_out_elsewhere
from crisis.runtime.facts import sayable
from crisis.runtime.monitoring import figures_for
from crisis.runtime.open_question import facts_changed
from crisis.runtime.roster import asked, contact_of, reach_of

if TYPE_CHECKING:
    from crisis.plan.book import TemplateEngine


class Stage:
    """Puts together what the person who walks is shown; reads only. Times are in their zone.

    `me` is who reads it, and is called *you* there; nobody is where nobody reads.
    """

    def __init__(self, desk: Desk, me: str, engine: TemplateEngine, zone: tzinfo) -> None:
        self.desk = desk
        self.me = me
        self.engine = engine
        self.zone = zone

    def now(self, case: Case) -> datetime:
        """The time, never before the last event, in the zone of the person who walks."""
        return max(self.desk.clock.now(), case.incident.at).astimezone(self.zone)

    def question(self, case: Case, ahead: Agenda, one: OpenAsk) -> sc.Question:
        """The question with all that its operator may need, its times in the zone of the person who walks."""
        one = one.told_in(self.zone)
        people = self.desk.people(case)
        now = self.now(case)
        wants = one.ask.wants
        proposed: tuple[sc.ProposedText, ...] = ()
        former, elsewhere, source_language, has_media = sc.Former(), sc.Elsewhere(), "", True
        state = case.incident.steps[one.step.id]

        def composed(name: str) -> tuple[sc.ProposedText, ...]:
            return compose(case.plan, case.incident, name, now, self.zone, self.engine)

        if isinstance(wants, shapes.Draft):
            source_language = case.plan.messages[wants.message].source_language
            proposed = composed(wants.message)
            has_media = bool(case.plan.messages[wants.message].attachments)
            elsewhere = left_out_elsewhere(case, wants.message)
            if state.again == "repeat":
                former = sc.Former(left_out=left_out_before(case, wants.message))
            elif state.again:
                former = as_sent(case, wants.message, self.desk.journal.blob, now)

        def around() -> sc.Around:
            return sc.Around(
                scene=self.scene(case, ahead),
                who=asked(one.ask.role, case.plan, case.incident, people),
                figures=figures_for(case, one, now, self.zone),
                beforehand=self._beforehand(case, wants, composed),
                texts=self._texts(case, wants, people, now),
                people=self._people(case, one, people, now),
                contacts=self._contacts(wants, people),
                left_to_do=tuple(other.told_in(self.zone) for other in ahead.asks if other.key != one.key),
                can_go_back=_ways_back(case, (one.step,)),
                to_correct=_to_correct(case),
                facts=self._facts(case, ahead),
                links=_links(case),
            )

        return sc.Question(
            look=around,
            step=one.step.id,
            step_title=one.step.title,
            open_ask=one,
            why=one.step.why,
            again=state.why_again,
            proposed=proposed,
            former=former,
            limits=case.plan.channel_limits,
            source_language=source_language,
            facts_changed=facts_changed(case, one),
            elsewhere=elsewhere,
            has_media=has_media,
            can_skip=one.step.kind.skippable or one.no_longer_applies,
            may_close="close" in one.step.on.values() and is_last(one, ahead),
            version=case.incident.version,
        )

    def meanwhile(self, case: Case, ahead: Agenda) -> sc.Meanwhile:
        """What can be done while nothing must be answered."""

        def around() -> sc.Around:
            here = started(case.plan, case.incident)
            return sc.Around(
                scene=self.scene(case, ahead),
                can_go_back=_ways_back(case, here),
                to_correct=_to_correct(case),
                facts=self._facts(case, ahead),
                links=_links(case),
            )

        choices = tuple(self.question(case, ahead, one) for one in ahead.asks)
        return sc.Meanwhile(look=around, choices=choices, until=ahead.wakes_at)

    def scene(self, case: Case, ahead: Agenda) -> sc.Scene:
        """Where things stand."""
        incident, people = case.incident, self.desk.people(case)
        step_do_not = next((one.step.do_not for one in ahead.asks if one.step.do_not), ())
        running = tuple(clock for clock in ahead.clocks if clock.met_at is None)
        pending = [
            line
            for message in incident.messages.values()
            for line in message.lines
            if not message.is_out(line) and line not in message.left_out
        ]
        deputies = people.deputies("crisis-lead")
        return sc.Scene(
            incident=incident.id,
            uid=incident.uid,
            title=incident.title,
            drill=incident.drill,
            severity=incident.severity,
            known_since=incident.known_since,
            lead="you lead" if incident.lead == self.me else f"{people.name(incident.lead)} leads",
            deputy=deputies[0].name if deputies else "",
            out=sum(len(message.history) for message in incident.messages.values()),
            approved_not_out=len(pending),
            waiting=self._waiting(ahead, people),
            clocks=running,
            do_not=(*step_do_not, *case.plan.do_not)[:3],
            posting=posting_in_words(*stopped_and_posting(case.plan, incident)),
            outdated=as_they_were(out_there(case.plan, incident)),
        )

    def _facts(self, case: Case, ahead: Agenda) -> tuple[sc.SayableFact, ...]:
        held = (one.step.hold_until for one in ahead.asks if isinstance(one.ask.wants, shapes.Override))
        parts = [part for condition in held if condition is not None for _, part in condition.parts()]
        return sayable(case, {part.fact for part in parts if part.fact is not None}, self.zone)

    def _waiting(self, ahead: Agenda, roster: Roster) -> tuple[str, ...]:
        """Who is waited for, each once, with their number and all they are waited for as."""

        def reach(person: str) -> str:
            if person == self.me:
                return "you"
            member = roster.members.get(person)
            return reach_of(contact_of(member, self.desk.journal) if member else "", roster.name(person))

        roles: dict[tuple[tuple[str, ...], str, datetime | None], list[str]] = {}
        for _, one in ahead.waiting:
            roles.setdefault((one.people, one.what, one.until), []).append(one.role.replace("-", " "))
        return tuple(
            f"{' or '.join(map(reach, people)) or 'nobody yet'} ({', '.join(as_)})"
            + (f" until {until.astimezone(self.zone):%H:%M}" if until else "")
            + f": {what}"
            for (people, what, until), as_ in roles.items()
        )

    def _people(self, case: Case, one: OpenAsk, people: Roster, now: datetime) -> Mapping[str, str]:
        """Who may answer: for a sign-off those whose yes would count now, each with their roles."""
        if not isinstance(one.ask.wants, shapes.SignOff):
            return {member.id: member.name for member in people.members.values()}
        view = Outlook(case.plan, case.incident, now).seen_by(one.step).message
        if view is None:
            return {}
        return {
            person: f"{people.name(person)} ({', '.join(role.replace('-', ' ') for role in counts)})"
            for person, counts in who_counts(view.state, view.chain, people, now, view.source_language).items()
        }

    def _contacts(self, wants: shapes.Shape, people: Roster) -> Mapping[str, str]:
        """How to reach those who may have to be called for the answer."""
        if not isinstance(wants, shapes.SignOff | shapes.Reach):
            return {}
        found = {member.id: contact_of(member, self.desk.journal) for member in people.members.values()}
        return {person: contact for person, contact in found.items() if contact}

    def _beforehand(self, case: Case, wants: shapes.Shape, composed: Compose) -> tuple[str, ...]:
        match wants:
            case shapes.Draft(message=name):
                return before_writing(case, name, composed, self.desk.journal.blob, self.zone)
            case shapes.Reach(person=person) if spoken := spoken_to(case, person, self.now(case), self.zone):
                return (spoken,)
            case _:
                return ()

    def _texts(self, case: Case, wants: shapes.Shape, people: Roster, now: datetime) -> tuple[sc.LinedText, ...]:
        lines: tuple[Line, ...] = ()
        match wants:
            case shapes.SignOff(message=name) | shapes.Waiver(message=name) | shapes.LastResortCall(message=name):
                lines = case.incident.message(name).to_decide()
            case shapes.Release(message=name, lines=lines):
                pass
            case shapes.Link(message=name, line=line):
                lines = (line,)
            case _:
                return ()
        return tuple(
            sc.LinedText(
                line=line,
                text=self.text_of(case, line),
                approved_by=self._approved_by(case, name, line, people, now),
            )
            for line in lines
        )

    def _approved_by(self, case: Case, name: str, line: Line, people: Roster, now: datetime) -> str:
        planned, state = case.plan.messages[name], case.incident.message(name)
        _, chain = case.plan.chain_for(name, case.incident.severity)
        how = standing(line, state, chain, people, now, planned.source_language)
        by = ", ".join(
            f"{people.name(one.person)} {one.at.astimezone(self.zone):%H:%M}{' (verbal)' * (one.proof == 'verbal')}"
            for one in how.by
        )
        if how.how == "waived":
            return f"{by}; WAIVED: the rest is missing" if by else "WAIVED: nobody has approved it"
        return by or how.how

    def text_of(self, case: Case, line: Line) -> str:
        """The exact text of a line. Raises Refused where the journal has lost it."""
        data = self.desk.journal.blob(line.sha256)
        if data is None:
            check = f"run `crisis verify {case.incident.id}`"
            raise Refused(f"the text of {line.place} is missing from the journal", hint=check)
        return data.decode()


def is_last(one: OpenAsk, ahead: Agenda) -> bool:
    """Whether nothing else must be done, by anyone: only then a step that leads to the close brings it about."""
    return not ahead.waiting and all(other.step.id == one.step.id or other.ask.optional for other in ahead.asks)


def _ways_back(case: Case, here: Sequence[PlannedStep]) -> Mapping[str, str]:
    """Where one can go back to: first the drafts of what is out. What tells them apart, and their round, is said."""
    names, states = Names.of(case.plan, case.incident), case.incident.steps
    led = ways_back(case.plan, case.incident, here)
    again = {one: f", round {states[one].round}" if states[one].round > 1 else "" for one in led}
    out = correctable(case.plan, case.incident, led)
    correct = {one: f"{case.plan.by_id[one].title}: correct what is out" for one in out}
    return correct | {one: f"{names.step(one)}{again[one]}" for one in led}


def _to_correct(case: Case) -> tuple[sc.Correction, ...]:
    """The drafts of what is out and says facts as they were, where nothing is under way yet that puts it right."""
    plan, incident = case.plan, case.incident
    wrong: dict[str, list[str]] = {}
    for one in out_there(plan, incident):
        if one.outdated:
            wrong.setdefault(one.message, []).extend(one.outdated)
    drafts = {name: incident.message(name).drafted_in or plan.drafts[name][0] for name in wrong}
    return tuple(
        sc.Correction(drafts[name], plan.messages[name].title, as_it_was(tuple(dict.fromkeys(facts))))
        for name, facts in wrong.items()
        if (state := incident.steps.get(drafts[name])) is not None
        and state.status == "finished"
        and not _is_being_put_right(case, name)
    )


def _links(case: Case) -> tuple[sc.KnownLink, ...]:
    """Where everything that may still stand in public can be seen, newest first."""
    return tuple(
        sc.KnownLink(one.message, one.title, one.publication.line, one.publication.link)
        for one in reversed(out_there(case.plan, case.incident))
    )


def _is_being_put_right(case: Case, name: str) -> bool:
    """Whether texts of that message that say every fact as it is are on their way."""
    state = case.incident.message(name)
    on_their_way = bool(state.open_lines()) or state.is_being_posted()
    return on_their_way and not state.outdated(case.plan.messages[name].facts, case.incident.facts)
