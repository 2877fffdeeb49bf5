"""What a conversation needs of a terminal. Two kinds satisfy it: prompts that redraw, and plain numbered ones."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Protocol

from msgspec import Struct

from crisis.kernel.text import one_line
from crisis.runtime.ports import News


class Option(Struct, frozen=True):
    """Something to choose. `key` comes back, `label` is shown, `note` stands beside it in grey."""

    key: str
    label: str
    note: str = ""


class Shown(Struct, frozen=True):
    """A line to show, with its manner: plain, head, quiet, loud, good, text (exact, to be copied), quoted."""

    text: str
    manner: str = "plain"


def said_of(chosen: Sequence[str], options: Sequence[Option]) -> str:
    """What was ticked, in words: `nothing ticked`, `2 of 5 ticked`, or the one by its name."""
    if not chosen:
        return "nothing ticked"
    if len(chosen) == 1:
        return one_line(next(one.label for one in options if one.key == chosen[0]), 160)
    return f"all {len(options)} ticked" if len(chosen) == len(options) else f"{len(chosen)} of {len(options)} ticked"


#: What is possible at a question of an incident, said at its foot where keys are typed; some steps cannot be skipped.
KEYS = ("Esc: note, skip, go back, something else · Ctrl-C: leave, all is saved",)
KEYS_WITHOUT_SKIP = ("Esc: note, go back, something else · Ctrl-C: leave, all is saved",)

#: The same while nothing is asked: there is nothing to skip, and nowhere to go back from.
WAITING_KEYS = ("Ctrl-C: leave, all is saved",)


class MenuWanted(Exception):
    """The person wants something else than to answer: Esc, or `?` where there is no Esc."""


class FactWanted(Exception):
    """The person wants to say the fact that is called so, without which there is nothing to answer."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class Changed(Exception):
    """The question is gone: it was answered elsewhere, or time has changed what is known."""


class Live(Protocol):
    """What lives while a prompt is open. `about` tells one question from every other, also of the same words.

    `unasked`: the page before has just become this one by itself, so that Enter may have been meant for that.
    `keys` says which keys lead elsewhere, for prompts that read single keys; it is their last line.
    """

    @property
    def about(self) -> str:
        """Which question it is."""

    #: Whether the page has just become this one by itself; a prompt that minds it takes it back once it was seen.
    unasked: bool

    @property
    def keys(self) -> tuple[str, ...]:
        """What else the keys do."""

    def foot(self) -> tuple[str, ...]:
        """The lines at the foot of the prompt, as of now."""

    def news(self) -> tuple[News, ...]:
        """What others did since the last look."""

    def is_stale(self) -> bool:
        """Whether the prompt should end."""

    def beside(self) -> Live:
        """The same for a prompt beside the question, such as a note: what becomes of the question does not end it."""

    def stopped_by(self) -> int:
        """The signal that asks us to stop, or 0."""


class Prompts(Protocol):
    """The few ways in which a person is asked. Each may raise MenuWanted, Changed or Interrupted."""

    def select(self, message: str, options: Sequence[Option], default: str | None, live: Live) -> str:
        """One of the options, by key. Enter alone takes `default`; where that is None it takes none."""

    def tick(self, message: str, options: Sequence[Option], ticked: Collection[str], live: Live) -> list[str]:
        """Some of the options, by key, in their order."""

    def text(self, message: str, default: str, live: Live) -> str:
        """A line of text; may be empty."""

    def edit(self, text: str, name: str, live: Live, rescue: Callable[[str], None]) -> str:
        """`text` after the person has edited it in their editor. Raises Usage where that did not work.

        Told to stop meanwhile, it gives what was written so far to `rescue`.
        """

    def write(self, message: str, text: str, live: Live, rescue: Callable[[str], None]) -> str:
        """`text`, of several lines, as the person types it here; whoever leaves it before gives it to `rescue`."""

    def show(self, lines: Sequence[Shown]) -> None:
        """Show lines above whatever comes next."""
