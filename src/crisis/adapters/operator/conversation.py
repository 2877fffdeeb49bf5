"""A person at a terminal: each shape of question becomes a prompt or a few, and their answer a value."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from crisis.adapters.operator import asking, screen
from crisis.adapters.operator.drawer import Drawer
from crisis.adapters.operator.page import Page
from crisis.adapters.operator.prompts import (
    KEYS,
    KEYS_WITHOUT_SKIP,
    WAITING_KEYS,
    Changed,
    FactWanted,
    MenuWanted,
    Option,
    Prompts,
    Shown,
)
from crisis.adapters.operator.stopping import Stopping
from crisis.engine.events import Json
from crisis.engine.look import OpenAsk
from crisis.engine.shapes import Draft, Export, Link, NamePerson, SignOff
from crisis.kernel.errors import CrisisError, Interrupted
from crisis.kernel.text import one_line, safe, sentence
from crisis.runtime.monitoring import LongOver
from crisis.runtime.ports import News, Watch
from crisis.runtime.scene import (
    Around,
    KnownLink,
    LeaveOut,
    LookAgain,
    Meanwhile,
    Prefer,
    Question,
    Reply,
    Return,
    Say,
    SayableFact,
    SayFact,
    SayLink,
    Scene,
    WriteNote,
)


class LiveScene(Struct):
    """The foot of a prompt and what moves while it is open."""

    scene: Scene
    watch: Watch
    now: Callable[[], datetime]
    stopping: Stopping
    about: str = ""
    unasked: bool = False
    outlasts: bool = False  # what becomes of the question does not end the prompt
    keys: tuple[str, ...] = KEYS

    def foot(self) -> tuple[str, ...]:
        """The clock line and what goes with it."""
        return screen.foot(self.watch.scene() or self.scene, self.now())

    def news(self) -> tuple[News, ...]:
        """What others did since the last look."""
        return self.watch.news()

    def is_stale(self) -> bool:
        """Whether the prompt should end."""
        stale = self.watch.is_stale()  # asked in any case: it renews the foot
        return stale and not self.outlasts

    def beside(self) -> LiveScene:
        """The same for a prompt beside the question, which outlasts it."""
        return replace(self, outlasts=True, unasked=False)

    def stopped_by(self) -> int:
        """The signal that asks us to stop, or 0."""
        return self.stopping.number


class Conversation:
    """The operator that is a person."""

    present = True
    via = "terminal"

    def __init__(
        self, prompts: Prompts, me: str, now: Callable[[], datetime], stopping: Stopping, drawer: Drawer | None = None
    ) -> None:
        self.prompts = prompts
        self.me = me
        self.now = now
        self.stopping = stopping
        self.drawer = drawer or Drawer()
        self._step = ""
        #: What the page that waits said, until a question is asked: it is not said twice.
        self._waiting: tuple[tuple[str, ...], tuple[str, ...], datetime | None] | None = None
        self._unasked = False  # the page that is left became another by itself
        self._opens_menu = False  # the menu is wanted, and not the question
        self._advice: list[Shown] = []
        self._pages: dict[tuple[str, str], Page] = {}
        self._given: tuple[str, Json] | None = None  # the export that was named last, and at which question
        self._doubted: tuple[str, Json] | None = None  # one that ended long ago: is it meant?
        self._sent: tuple[str, str] | None = None  # what was sent, until it is known that nothing was wrong with it

    def ask(self, question: Question, watch: Watch) -> Reply:
        """Ask, and offer the menu when it is wanted instead."""
        self.stopping.check()
        live = LiveScene(
            question.around.scene,
            watch,
            self.now,
            self.stopping,
            _about(question),
            self._unasked,
            keys=KEYS if question.can_skip else KEYS_WITHOUT_SKIP,
        )
        self._unasked = False
        self._waiting = None
        if self._opens_menu:
            self._opens_menu = False
            return self._menu(question, live.beside())
        self._introduce(question)
        try:
            return Say(self._value(question, live))
        except MenuWanted:
            if watch.scene() is None:
                return self._menu(question, live.beside())
            self._opens_menu = True  # with what can be done by now: others have acted since the question was put
            return LookAgain(here=True)
        except FactWanted as wanted:
            return self._say(next(one for one in question.around.facts if one.name == wanted.name), live.beside())
        except Changed:
            self._unasked = True
            return LookAgain(here=True)
        except asking.NotNow:
            return LookAgain()

    def wait(self, meanwhile: Meanwhile, watch: Watch) -> Reply:
        """Show who is waited for; whatever can be done meanwhile may be taken up."""
        self.stopping.check()
        around, scene = meanwhile.around, meanwhile.around.scene
        live = LiveScene(scene, watch, self.now, self.stopping, keys=WAITING_KEYS)
        self._step = ""
        page = (scene.outdated, scene.waiting, meanwhile.until)
        if page != self._waiting:
            self.prompts.show(screen.waiting(scene, meanwhile.until, self.now()))
        self._waiting = page
        options = [
            Option("wait", "Wait: this page renews itself"),
            *_corrections(around),
            *(Option(str(n), screen.offer(one.open_ask)) for n, one in enumerate(meanwhile.choices)),
            _NOTE,
            *_aside(around),
            *_ENDS,
        ]
        try:
            return self._meanwhile(self.prompts.select("Meanwhile?", options, "wait", live), meanwhile, live)
        except MenuWanted:
            return LookAgain()
        except Changed:
            self._unasked = True
            return LookAgain()

    def _meanwhile(self, chosen: str, meanwhile: Meanwhile, live: LiveScene) -> Reply:
        if chosen.isdecimal():
            return Prefer(*meanwhile.choices[int(chosen)].open_ask.key)
        return self._besides(chosen, meanwhile.around, live.beside()) or LookAgain()

    def tell(self, news: Iterable[News]) -> None:
        """Show what has happened; what was sent and not refused has happened, and lies in the journal."""
        self._forget_sent()
        if lines := [Shown(one.text, "loud" if one.loud else "good") for one in news]:
            self.prompts.show(lines)

    def refuse(self, why: CrisisError) -> None:
        """Say that it was refused."""
        self._sent = None
        self._doubted = self._given if isinstance(why, LongOver) else None
        if self._doubted:
            self.prompts.show([Shown(sentence(why.message), "loud")])
            return
        lines = [Shown(f"Not accepted: {why.message}", "loud")]
        self.prompts.show(lines + ([Shown(f"  {why.hint}", "quiet")] if why.hint else []))

    def _value(self, question: Question, live: LiveScene) -> Json:
        wants = question.open_ask.ask.wants
        if isinstance(wants, Export):
            return self._export(question, live)
        if not isinstance(wants, Draft):
            return asking.value_for(question, self.prompts, live, self.me, self.now, Page())
        name = (question.around.scene.uid, wants.message)
        if name not in self._pages:
            self._pages[name] = self.drawer.page(*name)
        page = self._pages[name]
        page.take_up(question.former, question.proposed)
        value = asking.value_for(question, self.prompts, live, self.me, self.now, page)
        self._sent = name
        return value

    def _export(self, question: Question, live: LiveScene) -> Json:
        """An export; one that ended long ago only if it is meant."""
        doubted, self._doubted = self._doubted, None
        is_meant = doubted is not None and doubted[0] == live.about
        if doubted and is_meant and (taken := asking.all_the_same(doubted[1], self.prompts, live)):
            return taken
        value = asking.value_for(question, self.prompts, live, self.me, self.now, Page())
        self._given = (live.about, value["files"]) if "files" in value else None
        return value

    def _forget_sent(self) -> None:
        """What was sent and not refused is in the journal."""
        if self._sent is not None:
            self.drawer.throw_away(*self._sent)
            self._pages.pop(self._sent, None)
            self._sent = None

    def _introduce(self, question: Question) -> None:
        first = question.step != self._step
        self._step = question.step
        lines = screen.introduction(question, self.now(), first=first)
        advice = [one for one in lines if one.manner == "quiet"]
        # What was just said is not said again before the next question of the same step, but why whoever was named
        # does not help: they may have been named again.
        again = isinstance(question.open_ask.ask.wants, NamePerson)
        is_new = first or again or advice != self._advice
        self.prompts.show(lines if is_new else [one for one in lines if one not in advice])
        self._advice = advice

    def _menu(self, question: Question, live: LiveScene) -> Reply:
        """What else can be done than to answer."""
        around = question.around
        options = [Option("back", "Back to the question"), *_corrections(around), _NOTE]
        for n, one in enumerate(around.left_to_do):
            if isinstance(one.ask.wants, SignOff):
                # An approver who calls back must not wait while somebody looks for where to write it down.
                options.append(Option(f"take {n}", f"Somebody has decided: {one.step.title}"))
        if around.left_to_do:
            options.append(Option("other", "Do something else first", f"{len(around.left_to_do)} open"))
        options += _aside(around)
        if question.can_skip:
            posts = "posts nothing of it, " if isinstance(question.open_ask.ask.wants, Draft) else ""
            options.append(Option("skip", "Skip this step", f"{posts}needs a reason"))
        options += [Option("why", "Why this step?"), *_ENDS]
        try:
            return self._chosen(self.prompts.select("What else?", options, "back", live), question, live)
        except MenuWanted:
            return LookAgain(here=True)

    def _chosen(self, chosen: str, question: Question, live: LiveScene) -> Reply:
        match chosen.split():
            case ["other"]:
                return self._other(question.around.left_to_do, live)
            case ["skip"]:
                return LeaveOut(self.prompts.text(f"Why skip {question.step_title!r}?", "", live))
            case ["why"]:
                self.prompts.show(screen.why(question))
            case ["take", number]:
                return Prefer(*question.around.left_to_do[int(number)].key)
        return self._besides(chosen, question.around, live) or LookAgain(here=True)

    def _besides(self, chosen: str, around: Around, live: LiveScene) -> Reply | None:
        """Do what can be done beside a question and while waiting alike; None where there is nothing to carry out."""
        match chosen.split():
            case ["correct", number]:
                one = around.to_correct[int(number)]
                return Return(one.draft, self.prompts.text("Why?", f"it {one.wrong}", live))
            case ["note"]:
                return WriteNote(self.prompts.text("Note (facts only, nothing said to counsel)", "", live))
            case ["fact"]:
                return self._fact(around.facts, live)
            case ["link"]:
                return self._link(around.links, live)
            case ["return"]:
                return self._return(around.can_go_back, live)
            case ["situation"]:
                self.prompts.show(screen.situation(around.scene, self.now()))
            case ["leave"]:
                raise Interrupted("You left.")
        return None

    def _fact(self, facts: Sequence[SayableFact], live: LiveScene) -> Reply:
        options = [Option(one.name, one.fact.prompt, screen.known_now(one)) for one in facts]
        chosen = self.prompts.select("Which fact?", options, options[0].key, live)
        return self._say(next(one for one in facts if one.name == chosen), live)

    def _say(self, one: SayableFact, live: LiveScene) -> Reply:
        if one.fact.help:
            self.prompts.show([Shown(f"  {safe(one.fact.help)}", "quiet")])
        said = asking.fact_said(one.fact.prompt, one.fact, one.suggested, self.prompts, live, self.now)
        if one.fact.sensitive and one.is_known and "again" in said and not self._forgets(live):
            return LookAgain(here=True)
        return SayFact(one.name, said, one.changed)

    def _link(self, links: Sequence[KnownLink], live: LiveScene) -> Reply:
        options = [
            Option(str(n), f"{one.line.place}: {one_line(one.title, 60)}", one_line(one.link, 100))
            for n, one in enumerate(links)
        ]
        known = links[int(self.prompts.select("Which link is wrong?", options, None, live))]
        prompt, wants = (
            f"The right link of {known.line.place} (empty: leave it as it is)",
            Link(message=known.message, line=known.line),
        )
        while said := self.prompts.text(prompt, "", live).strip():
            if not (why := wants.illegal({"link": said})):
                return SayLink(known, said)
            self.prompts.show([Shown(sentence(why), "loud")])
        return LookAgain(here=True)

    def _forgets(self, live: LiveScene) -> bool:
        """Whether what is kept is not known any more: it is not shown, so that Enter may have meant to leave it."""
        options = [Option("keep", "Leave what is kept as it is"), Option("forget", "It is not known any more")]
        return self.prompts.select("What is kept?", options, "keep", live) == "forget"

    def _return(self, can_go_back: Mapping[str, str], live: LiveScene) -> Reply:
        steps = [Option(step, title) for step, title in can_go_back.items()]
        to = self.prompts.select("Back to which step?", steps, steps[-1].key, live)
        return Return(to, self.prompts.text("Why?", "", live) or "to correct it")

    def _other(self, others: Sequence[OpenAsk], live: LiveScene) -> Reply:
        options = [Option(str(n), screen.offer_of_step(one)) for n, one in enumerate(others)]
        taken = others[int(self.prompts.select("Which?", options, "0", live))]
        return Prefer(*taken.key)


_NOTE = Option("note", "Write a note")

#: What every page offers last.
_ENDS = (Option("situation", "Where do we stand?"), Option("leave", "Leave: everything is saved"))


def _corrections(around: Around) -> list[Option]:
    """What is out and wrong comes before all else that can be done.

    The first line does nothing: the mark comes to stand there when something is typed that no line has.
    """
    return [
        Option(f"correct {n}", f"Correct the {one_line(one.title.lower(), 80)}: it {one.wrong}")
        for n, one in enumerate(around.to_correct)
    ]


def _aside(around: Around) -> list[Option]:
    """What else can be done beside any question, and while waiting."""
    correct = ", or correct what is out" if around.scene.out else ""
    return [
        *([Option("fact", "Say or correct a fact")] if around.facts else []),
        *([Option("link", "Correct a link")] if around.links else []),
        *([Option("return", f"Go back to an earlier step{correct}")] if around.can_go_back else []),
    ]


def _about(question: Question) -> str:
    """What tells a question of an incident in its round from every other."""
    one = question.open_ask
    return f"{question.around.scene.uid} {one.step.id} {one.round} {one.ask.key}"
