"""Prompts that redraw: questionary, with the clock line at the foot and the news above, while a question is open."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable, Collection, Sequence
from typing import Any

import questionary
from prompt_toolkit.application import Application, run_in_terminal
from prompt_toolkit.data_structures import Point
from prompt_toolkit.filters import Condition, is_done
from prompt_toolkit.formatted_text import FormattedText
from prompt_toolkit.input.typeahead import clear_typeahead
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent, merge_key_bindings
from prompt_toolkit.layout import ConditionalContainer, HSplit, Layout, Window
from prompt_toolkit.layout.controls import FormattedTextControl
from prompt_toolkit.layout.dimension import Dimension
from prompt_toolkit.output import create_output
from prompt_toolkit.shortcuts import print_formatted_text
from prompt_toolkit.styles import Style

from crisis.adapters.operator.editor import edited
from crisis.adapters.operator.lines import broken, folded, padded, quoted, whole_parts, wrapped
from crisis.adapters.operator.pointing import Pointing, ends_do_not_meet
from crisis.adapters.operator.prompts import WAITING_KEYS, Changed, Live, MenuWanted, Option, Shown, said_of
from crisis.adapters.operator.stopping import Stopping, stopped_by
from crisis.adapters.operator.ticking import HOW, TickList
from crisis.adapters.operator.typed import forget_typed, whole
from crisis.kernel.errors import Interrupted
from crisis.kernel.text import one_line, safe
from crisis.runtime.ports import News

#: The columns that pointer and tick take before an option.
_BESIDE = 5

#: How often the foot is redrawn and the journal looked at, in seconds.
BEAT = 0.5

#: Said at the foot of a page that took the place of another by itself.
JUST_CHANGED = "This page has just become another: Enter once to go on, and again to answer."

#: How long the hands must have rested before a prompt that is stale is taken away, in seconds.
REST = 2.0

STYLE = Style(
    [
        ("head", "bold"),
        ("quiet", "fg:#8a939b"),
        ("loud", "bold fg:ansiyellow"),
        ("good", "fg:ansigreen"),
        ("text", ""),
        ("quoted", ""),
        ("foot", "reverse"),
        ("note", "fg:#8a939b"),
        ("qmark", "fg:ansicyan bold"),
        ("question", "bold"),
        ("pointer", "fg:ansicyan bold"),
        ("highlighted", "fg:ansicyan bold"),
        ("selected", "fg:ansigreen"),
        ("answer", "fg:ansicyan"),
    ]
)


class RedrawingPrompts:
    """A person at a terminal that can redraw. Everything goes to stderr; stdout is for data."""

    def __init__(self, stderr: Any, stopping: Stopping) -> None:
        self.stopping = stopping
        self._output = create_output(stdout=stderr)
        #: What was ticked or typed at a question that was left for the menu or asked anew: for it, and for no other.
        self._half_ticked: dict[tuple[str, str], list[str]] = {}
        self._half_typed: dict[tuple[str, str], str] = {}
        #: The list that was ticked last: what is asked about it next belongs to the same answer.
        self._ticked: tuple[tuple[str, str], list[str]] | None = None

    def select(self, message: str, options: Sequence[Option], default: str | None, live: Live) -> str:
        """One of the options; typing leads to the one that begins so, in a long list it filters."""
        choices = [questionary.Choice(_label(option, self._width), value=option.key) for option in options]
        keys = [option.key for option in options]
        question = questionary.select(
            _clean(message, self._width),
            choices=choices,
            default=default if default in keys else None,
            qmark="?",
            pointer="»",
            instruction=" ",
            style=STYLE,
            use_jk_keys=False,
            output=self._output,
            erase_when_done=True,
        )
        Pointing(question.application, is_offered=default is not None, is_long=len(options) > 6)
        chosen = str(self._run(question.application, live))
        self._say_answer(message, next(one_line(one.label, 160) for one in options if one.key == chosen))
        return chosen

    def tick(self, message: str, options: Sequence[Option], ticked: Collection[str], live: Live) -> list[str]:
        """Some of the options: space ticks, `*` ticks all, Enter is done."""
        ticked = self._half_ticked.pop((live.about, message), ticked)
        self._ticked = None
        marks = TickList()
        choices = [
            questionary.Choice(_label(one, self._width), value=one.key, checked=one.key in ticked) for one in options
        ]
        question = questionary.checkbox(
            _clean(message, self._width),
            choices=choices,
            qmark="?",
            pointer="»",
            instruction=HOW,
            validate=marks.is_meant,
            style=STYLE,
            use_jk_keys=False,
            output=self._output,
            erase_when_done=True,
        )
        ends_do_not_meet(question.application)
        marks.mind_letters(question.application)
        try:
            chosen = [str(key) for key in self._run(question.application, live)]
        except (MenuWanted, Changed):
            self._half_ticked[live.about, message] = marks.ticked
            raise
        self._ticked = (live.about, message), chosen
        self._say_answer(message, said_of(chosen, options))
        return chosen

    def text(self, message: str, default: str, live: Live) -> str:
        """A line of text."""
        # The default stands there in grey: Enter takes it, and typing needs no deleting first.
        grey = FormattedText([("class:quiet", one_line(default, 100))])
        question = questionary.text(
            _clean(message, self._width),
            default=self._half_typed.pop((live.about, message), ""),
            qmark="?",
            style=STYLE,
            output=self._output,
            placeholder=grey if default else None,
            erase_when_done=True,
        )
        try:
            said = whole(str(self._run(question.application, live))) or default
        except (MenuWanted, Changed):
            self._half_typed[live.about, message] = question.application.current_buffer.text
            raise
        except Interrupted:
            if typed := safe(question.application.current_buffer.text):
                self.show([Shown(f"Not recorded, as it was not ended with Enter: {typed}", "loud")])
            raise
        self._say_answer(message, safe(said))
        return said

    def edit(self, text: str, name: str, live: Live, rescue: Callable[[str], None]) -> str:
        """`text` after the person has edited it in $VISUAL or $EDITOR."""
        return edited(text, name, live.stopped_by, rescue)

    def write(self, message: str, text: str, live: Live, rescue: Callable[[str], None]) -> str:
        """`text` as the person types it here: Enter begins a line, Esc and then Enter is done."""
        question = questionary.text(
            _clean(message, self._width),
            default=text,
            qmark="?",
            style=STYLE,
            multiline=True,
            instruction="(Enter: a new line; Esc, then Enter: done)\n",
            output=self._output,
            erase_when_done=True,
        )
        try:
            return whole(str(self._run(question.application, live, esc_is_text=True)))
        except Interrupted:
            rescue(whole(question.application.current_buffer.text))
            raise

    def show(self, lines: Sequence[Shown]) -> None:
        """Show lines above the next prompt."""
        width = self._width
        for line in lines:
            self._put([(f"class:{line.manner}", _fitted(line, width))])

    def _say_answer(self, message: str, answer: str) -> None:
        """The question and its answer, which stay on the page: on one line, or the answer below, between words."""
        asked = _clean(message, self._width)
        fits = "\n" not in broken(f"? {asked.split(chr(10))[-1]}  {answer}", self._width)
        said = f"  {answer}" if fits else f"\n  {broken(answer, self._width - 2, '  ')}"
        self._put([("class:qmark", "?"), ("class:question", f" {asked}")], [("class:answer", said)])

    def _put(self, *pieces: list[tuple[str, str]]) -> None:
        try:
            print_formatted_text(*map(FormattedText, pieces), sep="", style=STYLE, output=self._output)
        except OSError:
            raise self._left("The terminal is gone.") from None

    @property
    def _width(self) -> int:
        """How many columns may be filled."""
        return max(20, self._output.get_size().columns - 1)

    def _run(self, application: Application[Any], live: Live, *, esc_is_text: bool = False) -> Any:
        typed_ahead = _dress(application, live, esc_is_text=esc_is_text)

        def failed(_: object, context: dict[str, Any]) -> None:
            # prompt_toolkit would print a traceback and wait for Enter: nobody is left in front of that.
            if not application.is_done:
                application.exit(exception=context.get("exception") or RuntimeError(context.get("message")))

        def beat() -> None:
            asyncio.get_running_loop().set_exception_handler(failed)
            application.create_background_task(_beat(application, live, self))

        try:
            return application.run(pre_run=beat, handle_sigint=False, set_exception_handler=False)
        except (KeyboardInterrupt, EOFError):
            raise self._left("You left.") from None
        except OSError:
            raise self._left("The terminal is gone.") from None
        except MenuWanted:
            self._keep_ticks(live)
            if KeyboardInterrupt in typed_ahead or EOFError in typed_ahead:
                raise self._left("You left.") from None
            raise
        except Changed:
            self._keep_ticks(live)
            # What was typed for this question must not answer the next one.
            application.input.flush_keys()
            clear_typeahead(application.input)
            forget_typed(sys.stdin)
            raise

    def _keep_ticks(self, live: Live) -> None:
        """An answer in more than one part that is left is asked from its beginning, as it was ticked."""
        if self._ticked and self._ticked[0][0] == live.about:
            self._half_ticked.update([self._ticked])

    def _left(self, word: str) -> Interrupted:
        """A terminal that is closed ends its prompts, too: then the signal that says so counts."""
        return self.stopping.interrupted() if self.stopping.number else Interrupted(word)


class _Label(list[tuple[str, str]]):
    """A styled title that can be filtered: for that, questionary takes every title for a string."""

    def lower(self) -> str:
        """The words that are shown, without capitals."""
        return " ".join("".join(text for _, text in self).split()).lower()


def _label(option: Option, width: int) -> _Label:
    """What stands behind the pointer, broken between words; the lines after the first stand under it."""
    label = broken(one_line(option.label, 160), width - _BESIDE, " " * _BESIDE)
    pieces = _Label([("class:text", label)])
    if option.note:
        note = one_line(option.note, 80)
        fits = len(label.split("\n")[-1]) + 3 + len(note) < width - _BESIDE
        pieces.append(
            (
                "class:note",
                f"   {note}" if fits else f"\n{' ' * _BESIDE}{broken(note, width - _BESIDE, ' ' * _BESIDE)}",
            )
        )
    return pieces


def _clean(message: str, width: int) -> str:
    return broken(one_line(message, 400), width - 2, "")


def _dress(application: Application[Any], live: Live, *, esc_is_text: bool) -> Sequence[type[BaseException]]:
    """Put the foot under the prompt, and bind Esc, Ctrl-C and Ctrl-D, which prompts handle each in their own way.

    What is returned fills with those of the three that came when another key had ended the prompt already: keys that
    were typed ahead come in one go.
    """
    typed_ahead: list[type[BaseException]] = []

    def lines() -> list[str]:
        width = max(20, application.output.get_size().columns - 1)
        if live.unasked:
            return [padded(f" {JUST_CHANGED}", width), *standing(width)]
        return standing(width)

    def standing(width: int) -> list[str]:
        lead_elsewhere = WAITING_KEYS if esc_is_text else live.keys
        headline, *rest = (safe(line, keep="") for line in (*live.foot(), *lead_elsewhere))
        return [
            padded(f" {line}", width)
            for line in (*folded(headline, width - 1), *(whole_parts(one, width - 1) for one in rest))
        ]

    def foot() -> FormattedText:
        return FormattedText([("class:foot", "\n".join(lines()))])

    window = Window(
        FormattedTextControl(foot, get_cursor_position=lambda: Point(0, 0)),
        height=lambda: Dimension.exact(len(lines())),
        dont_extend_height=True,
    )
    focused = application.layout.current_control
    # Once answered, only the question and its answer stay on the page.
    below = ConditionalContainer(HSplit([Window(height=1), window]), filter=~is_done)
    application.layout = Layout(HSplit([application.layout.container, below]))
    application.layout.focus(focused)
    keys = KeyBindings()

    def leave(event: KeyPressEvent, why: type[BaseException]) -> None:
        if event.app.is_done:
            typed_ahead.append(why)
        else:
            event.app.exit(exception=why())

    @keys.add("enter", eager=True, filter=Condition(lambda: live.unasked))
    def _read_first(_: KeyPressEvent) -> None:
        """It may have been meant for the page before; after any key it is not swallowed any more."""

    def seen(_: object) -> None:
        live.unasked = False

    application.key_processor.after_key_press += seen

    @keys.add("escape", eager=False, filter=Condition(lambda: not esc_is_text))
    def _menu(event: KeyPressEvent) -> None:
        leave(event, MenuWanted)

    @keys.add("c-c", eager=True)
    def _interrupt(event: KeyPressEvent) -> None:
        leave(event, KeyboardInterrupt)

    @keys.add("c-d", eager=True)
    def _end(event: KeyPressEvent) -> None:
        leave(event, EOFError)

    own = [application.key_bindings] if application.key_bindings is not None else []
    application.key_bindings = merge_key_bindings([*own, keys])
    application.refresh_interval = BEAT
    application.ttimeoutlen = 0.1
    # Where Esc is the first of two keys, it waits for the other however long it takes.
    application.timeoutlen = None if esc_is_text else 0.2  # type: ignore[assignment]  # declared by its default
    return typed_ahead


class _Hands:
    """Whether somebody is typing.

    What they are in the midst of is not taken from under them: Enter would fall on the next question. The engine
    refuses an answer to one that is gone.
    """

    def __init__(self, application: Application[Any]) -> None:
        self._last: float | None = None
        application.key_processor.after_key_press += self._moved

    def _moved(self, _: object) -> None:
        self._last = time.monotonic()

    def rest(self) -> bool:
        return self._last is None or time.monotonic() - self._last >= REST


async def _beat(application: Application[Any], live: Live, prompts: RedrawingPrompts) -> None:
    """While the prompt is open: say what others did, and end it when it is stale or we are told to stop."""
    hands = _Hands(application)
    while True:
        await asyncio.sleep(BEAT)
        if application.is_done or application.future is None:
            return
        if number := live.stopped_by():
            application.exit(exception=stopped_by(number))
            return
        try:
            if news := live.news():
                await run_in_terminal(lambda heard=news: prompts.show([_shown(one) for one in heard]))  # type: ignore[misc]
            stale = live.is_stale()
        except Exception as error:  # noqa: BLE001  # a background task must not fail unheard: the walk decides
            if not application.is_done:
                application.exit(exception=error)
            return
        if stale and hands.rest() and not application.is_done:
            application.exit(exception=Changed())
            return


def _fitted(line: Shown, width: int) -> str:
    """An exact text is shown as it is, to be copied; everything else breaks between words."""
    match line.manner:
        case "text":
            return safe(line.text)
        case "quoted":
            return quoted(safe(line.text), width, "  │ ")
        case _:
            return wrapped(safe(line.text), width)


def _shown(news: News) -> Shown:
    return Shown(news.text, "loud" if news.loud else "good")
