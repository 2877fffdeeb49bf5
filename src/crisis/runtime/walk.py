"""The one loop: what is open is asked, what is answered is kept, until it is over or others are waited for."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from msgspec import Struct

from crisis.engine import shapes
from crisis.engine.approvals import standing, who_counts
from crisis.engine.commands import Answer, Command, GoBack, Note, Skip
from crisis.engine.events import DraftedText, Json, Line, Member, Recorded
from crisis.engine.look import Agenda, OpenAsk, correctable, started, way_back, ways_back
from crisis.engine.outlook import Outlook
from crisis.engine.people import Roster
from crisis.engine.plan import PlannedStep
from crisis.kernel.errors import CrisisError, Exit, NeedsOperator, Refused, Usage
from crisis.kernel.fingerprints import salted
from crisis.projections.names import Names
from crisis.projections.out_there import as_they_were, out_there
from crisis.runtime import scene as sc
from crisis.runtime.beforehand import Compose, before_writing, spoken_to
from crisis.runtime.compose import compose
from crisis.runtime.desk import Case, Desk
from crisis.runtime.drafts import as_sent, drafted, left_out_before, left_out_elsewhere
from crisis.runtime.monitoring import exports_read, figures_for
from crisis.runtime.open_question import Watching, facts_changed
from crisis.runtime.order import Order, place_of
from crisis.runtime.ports import Blob, Monitoring, News, Operator
from crisis.runtime.roster import asked, contact_of, person_from, reach_of
from crisis.runtime.words import news_of

if TYPE_CHECKING:
    from crisis.plan.book import TemplateEngine


class Ended(Struct, frozen=True):
    """How a walk ended: the incident, and whether it is closed."""

    incident: str
    closed: bool


class Walk:
    """One person at one incident."""

    def __init__(
        self,
        desk: Desk,
        operator: Operator,
        me: str,
        engine: TemplateEngine,
        zone: tzinfo,
        monitoring: Monitoring | None = None,
    ) -> None:
        self.desk = desk
        self.operator = operator
        self.me = me
        self.engine = engine
        self.zone = zone
        self.monitoring = monitoring
        self._told = 0
        self._own: set[int] = set()
        self._order = Order()

    def run(self, incident: str) -> Ended:
        """Walk until it is closed. Raises NeedsOperator where somebody else must act, Interrupted where they left."""
        self._told = self.desk.case(incident).incident.version
        while True:
            self.desk.tick(incident)
            case = self.desk.case(incident)
            self.operator.tell(self.unheard(case))
            if case.incident.closed_at is not None:
                return Ended(incident, closed=True)
            ahead = self.desk.ahead(incident)
            question, choices = self._choose(case, ahead)
            watch = Watching(self, incident, question.open_ask if question else None, ahead.wakes_at)
            if question is not None:
                reply = self.operator.ask(question, watch)
            elif choices or ahead.waiting or ahead.wakes_at is not None:
                reply = self.operator.wait(self._meanwhile(case, ahead, choices), watch)
            else:
                close = f"close it with `crisis close -i {incident}`"
                raise NeedsOperator(f"{incident} has nothing left to ask and is not closed", hint=close)
            self._carry_out(incident, question, reply)

    def now(self, case: Case) -> datetime:
        """The time, never before the last event, in the zone of the person who walks."""
        return max(self.desk.clock.now(), case.incident.at).astimezone(self.zone)

    def unheard(self, case: Case) -> Iterator[News]:
        """What happened since the last look, one's own doings left out; put into words for whoever listens."""
        fresh = case.events[self._told :]
        self._told = case.incident.version
        lines = (news_of(one, case.plan, case.incident, self.zone, own=one.seq in self._own) for one in fresh)
        return (line for line in lines if line is not None)

    def _choose(self, case: Case, ahead: Agenda) -> tuple[sc.Question | None, tuple[sc.Question, ...]]:
        """The next question that must be answered, in the playbook's order; else what may be."""
        if (one := self._order.first_of(ahead.asks)) is not None:
            return self.question(case, ahead, one), ()
        return None, tuple(self.question(case, ahead, one) for one in ahead.asks)

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
            version=case.incident.version,
        )

    def _meanwhile(self, case: Case, ahead: Agenda, choices: tuple[sc.Question, ...]) -> sc.Meanwhile:
        def around() -> sc.Around:
            here = started(case.plan, case.incident)
            return sc.Around(scene=self.scene(case, ahead), can_go_back=_ways_back(case, here))

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
            frozen=any(account not in incident.resumed for account in incident.frozen),
            outdated=as_they_were(out_there(case.plan, incident)),
        )

    def _waiting(self, ahead: Agenda, roster: Roster) -> tuple[str, ...]:
        """Who is waited for, each once, with their number and all they are waited for as."""

        def reach(person: str) -> str:
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
                return before_writing(case, name, composed, self.desk.journal.blob)
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
            return f"{by}; WAIVED: the rest could not be asked" if by else "WAIVED: nobody could be asked"
        return by or how.how

    def text_of(self, case: Case, line: Line) -> str:
        """The exact text of a line. Raises Refused where the journal has lost it."""
        data = self.desk.journal.blob(line.sha256)
        if data is None:
            check = f"run `crisis verify {case.incident.id}`"
            raise Refused(f"the text of {line.place} is missing from the journal", hint=check)
        return data.decode()

    def _carry_out(self, incident: str, question: sc.Question | None, reply: sc.Reply) -> None:
        """Do what was replied; what is refused is said, and asked again."""
        here = place_of(question.open_ask) if question is not None else None
        try:
            match reply:
                case sc.LookAgain(here=True):
                    self._order.come_back(here)
                case sc.LookAgain():
                    self._order.move_on()
                case sc.WriteNote(text=text):
                    self._order.come_back(here)
                    self._execute(incident, Note(text=text))
                case sc.Prefer(step=step, round=number, ask=ask) if question is not None:
                    self._order.prefer(step, number, ask, question.open_ask, question.around.left_to_do)
                case sc.Prefer(step=step, round=number, ask=ask):
                    self._order.prefer(step, number, ask)
                case sc.LeaveOut(reason=why) | sc.Return(why=why) if len(why) > shapes.LONGEST_ANSWER:
                    raise Usage(f"a reason has at most {shapes.LONGEST_ANSWER:,} characters; this one has {len(why):,}")
                case sc.Return(to=to, why=why):
                    self._go_back(incident, question, to, why)
                case _ if question is None:
                    return
                case sc.LeaveOut(reason=reason):
                    self._execute(incident, Skip(step=question.step, round=question.open_ask.round, reason=reason))
                case sc.Say(value=value, on_behalf_of=behalf):
                    self._answer(incident, question, value, behalf)
                    self._order.answered(question.open_ask)
        except CrisisError as error:
            if error.exit not in (Exit.REFUSED, Exit.USAGE, Exit.NOT_FOUND):
                raise
            self._order.come_back(here)
            self.operator.refuse(error)

    def _go_back(self, incident: str, question: sc.Question | None, to: str, why: str) -> None:
        case = self.desk.case(incident)
        here = (case.plan.by_id[question.step],) if question is not None else started(case.plan, case.incident)
        source = way_back(case.plan, to, here)
        asked_here = question is not None and source == question.step
        number = question.open_ask.round if question is not None and asked_here else case.incident.steps[source].round
        self._execute(incident, GoBack(to=to, source=source, round=number, why=why))

    def _answer(self, incident: str, question: sc.Question, value: Json, behalf: str) -> None:
        one = question.open_ask
        wants = one.ask.wants
        if why := wants.illegal(value):
            raise Usage(f"{one.step.title}: that is no answer: {why}")
        texts: tuple[DraftedText, ...] = ()
        blobs: list[Blob] = []
        sealed, member, read = "", None, None
        match wants:
            case shapes.Draft():
                limits = self.desk.case(incident).plan.channel_limits
                texts, blobs = drafted(value["texts"], question.proposed, limits)
            case shapes.FactValue(fact=fact) if fact.sensitive and "value" in value:
                salt = self.desk.ids.salt()
                data = json.dumps(value["value"], ensure_ascii=False).encode()
                sealed = salted(data, salt)
                blobs = [Blob(key=sealed, data=data, salt=salt)]
            case shapes.NamePerson(roles=roles) if value:
                member, blobs = self._named(incident, value, (value["role"],) if "role" in value else roles)
            case shapes.Export() if "files" in value:
                case = self.desk.case(incident)
                old = value.get("old", False)
                read = exports_read(self.monitoring, value["files"], case, self.now(case), old=old)
        command = Answer(
            step=one.step.id,
            round=one.round,
            ask=one.ask.key,
            value=value,
            texts=texts,
            sealed=sealed,
            member=member,
            read=read,
            as_of=question.version,
        )
        self._execute(incident, command, on_behalf_of=behalf, blobs=blobs)

    def _named(self, incident: str, value: Json, roles: tuple[str, ...]) -> tuple[Member, list[Blob]]:
        case = self.desk.case(incident)
        taken = {one.who for one in case.events}
        return person_from(value["name"], value.get("contact", ""), roles, case.incident.roster, self.desk.ids, taken)

    def _execute(
        self, incident: str, command: Command, *, on_behalf_of: str = "", blobs: Sequence[Blob] = ()
    ) -> tuple[Recorded, ...]:
        written = self.desk.execute(
            incident,
            command,
            who=self.me,
            via=self.operator.via,
            present=self.operator.present,
            on_behalf_of=on_behalf_of,
            blobs=blobs,
        )
        self._own.update(one.seq for one in written)
        return written


def _ways_back(case: Case, here: Sequence[PlannedStep]) -> Mapping[str, str]:
    """Where one can go back to: first the drafts of what is out. What tells them apart, and their round, is said."""
    names, states = Names.of(case.plan, case.incident), case.incident.steps
    led = ways_back(case.plan, case.incident, here)
    again = {one: f", round {states[one].round}" if states[one].round > 1 else "" for one in led}
    out = correctable(case.plan, case.incident, led)
    correct = {one: f"{case.plan.by_id[one].title}: correct what is out" for one in out}
    return correct | {one: f"{names.step(one)}{again[one]}" for one in led}
