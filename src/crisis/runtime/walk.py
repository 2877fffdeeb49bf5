"""The one loop: what is open is asked, what is answered is kept, until it is over or others are waited for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING

from msgspec import Struct

from crisis.engine import shapes
from crisis.engine.allowed import LONGEST_ANSWER
from crisis.engine.answers import NoLongerOpen
from crisis.engine.commands import Answer, Command, CorrectLink, GoBack, Note, Skip
from crisis.engine.events import DraftedText, Json, Member, Recorded
from crisis.engine.look import started, way_back
from crisis.kernel.errors import CrisisError, Exit, NeedsOperator, Refused, Usage
from crisis.runtime import posted
from crisis.runtime import scene as sc
from crisis.runtime.desk import Case, Desk
from crisis.runtime.drafts import drafted
from crisis.runtime.facts import fact_as_said, sealed
from crisis.runtime.monitoring import exports_read
from crisis.runtime.open_question import Watching
from crisis.runtime.order import Order, place_of
from crisis.runtime.ports import Blob, Monitoring, News, Operator
from crisis.runtime.roster import as_meant, person_from
from crisis.runtime.stage import Stage
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
        self.stage = Stage(desk, me if operator.present else "", engine, zone)
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
            one = self._order.first_of(ahead.asks)
            question = self.stage.question(case, ahead, one) if one is not None else None
            watch = Watching(self, incident, question.open_ask if question is not None else None, ahead.wakes_at)
            if question is not None:
                reply = self.operator.ask(question, watch)
            elif ahead.asks or ahead.waiting or ahead.wakes_at is not None:
                reply = self.operator.wait(self.stage.meanwhile(case, ahead), watch)
            else:
                close = f"close it with `crisis close -i {incident}`"
                raise NeedsOperator(f"{incident} has nothing left to ask and is not closed", hint=close)
            self._carry_out(incident, question, reply)

    def unheard(self, case: Case) -> Iterator[News]:
        """What happened since the last look, one's own doings left out; put into words for whoever listens."""
        fresh = case.events[self._told :]
        self._told = case.incident.version
        lines = (news_of(one, case.plan, case.incident, self.stage.zone, own=one.seq in self._own) for one in fresh)
        return (line for line in lines if line is not None)

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
                case sc.SayFact(name=name, value=value, changed=changed):
                    self._order.come_back(here)
                    self._say_fact(incident, name, value, changed)
                case sc.SayLink(of=known, link=link):
                    self._order.come_back(here)
                    said = CorrectLink(message=known.message, line=known.line, link=link, was=known.link)
                    self._execute(incident, said)
                case sc.Prefer(step=step, round=number, ask=ask):
                    self._order.prefer(step, number, ask, question.open_ask if question is not None else None)
                case sc.LeaveOut(reason=why) | sc.Return(why=why) if len(why) > LONGEST_ANSWER:
                    raise Usage(f"a reason has at most {LONGEST_ANSWER:,} characters; this one has {len(why):,}")
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
            self.operator.refuse(self._kept(incident, question, reply, error) or error)

    def _kept(
        self, incident: str, question: sc.Question | None, reply: sc.Reply, why: CrisisError
    ) -> CrisisError | None:
        """Where the link of a post came too late: keep it all the same, and say so."""
        wants = question.open_ask.ask.wants if question is not None else None
        if not isinstance(wants, shapes.Link) or not isinstance(reply, sc.Say) or not isinstance(why, NoLongerOpen):
            return None
        if (note := posted.as_note(wants, reply.value)) is None:
            return None
        self._execute(incident, note)
        return posted.came_too_late(wants)

    def _go_back(self, incident: str, question: sc.Question | None, to: str, why: str) -> None:
        case = self.desk.case(incident)
        here = (case.plan.by_id[question.step],) if question is not None else started(case.plan, case.incident)
        source = way_back(case.plan, case.incident, to, here)
        asked_here = question is not None and source == question.step
        number = question.open_ask.round if question is not None and asked_here else case.incident.steps[source].round
        self._execute(incident, GoBack(to=to, source=source, round=number, why=why))
        self._order.take_up(to, self.desk.case(incident).incident.steps[to].round)

    def _say_fact(self, incident: str, name: str, value: Json, seen: int) -> None:
        case = self.desk.case(incident)
        fact, state = case.plan.facts[name], case.incident.facts.get(name)
        if (state.changed if state is not None else 0) != seen:
            raise Refused("somebody has said this meanwhile: look at what is known now, then say it again if need be")
        if why := shapes.FactValue(name=name, fact=fact).illegal(value):
            raise Usage(why)
        command, blobs = fact_as_said(name, fact, value, self.desk.ids)
        # It was no answer to what stands there: that it was taken in is told as what others say is.
        self._own.difference_update(one.seq for one in self._execute(incident, command, blobs=blobs))

    def _answer(self, incident: str, question: sc.Question, value: Json, behalf: str) -> None:
        one = question.open_ask
        wants = one.ask.wants
        if isinstance(wants, shapes.NamePerson) and not wants.illegal(value):
            value = as_meant(value, self.me)
        if why := wants.illegal(value):
            raise Usage(why)
        texts: tuple[DraftedText, ...] = ()
        blobs: list[Blob] = []
        key, member, read = "", None, None
        match wants:
            case shapes.Draft():
                limits = self.desk.case(incident).plan.channel_limits
                texts, blobs = drafted(value["texts"], question.proposed, limits)
            case shapes.FactValue(fact=fact) if fact.sensitive and "value" in value:
                blobs = [sealed(value["value"], self.desk.ids)]
                key = blobs[0].key
            case shapes.NamePerson(roles=roles) if value:
                member, blobs = self._named(incident, value, (value["role"],) if "role" in value else roles)
            case shapes.Export() if "files" in value:
                case = self.desk.case(incident)
                old = value.get("old", False)
                read = exports_read(self.monitoring, value["files"], case, self.stage.now(case), old=old)
        command = Answer(
            step=one.step.id,
            round=one.round,
            ask=one.ask.key,
            value=value,
            texts=texts,
            sealed=key,
            member=member,
            read=read,
            as_of=question.version,
        )
        self._execute(incident, command, on_behalf_of=behalf, blobs=blobs)

    def _named(self, incident: str, value: Json, roles: tuple[str, ...]) -> tuple[Member, list[Blob]]:
        case = self.desk.case(incident)
        taken = {one.who for one in case.events}
        name, contact, known = value["name"], value.get("contact", ""), case.incident.roster
        return person_from(name, contact, roles, known, self.desk.ids, taken, acting=self.me)

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
