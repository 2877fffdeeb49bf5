"""Plain numbered questions, append-only: for screen readers, dumb terminals, and whoever prefers them."""

from __future__ import annotations

import re
import select
import sys
from collections.abc import Callable, Collection, Sequence
from typing import IO

from crisis.adapters.operator.prompts import Changed, Live, MenuWanted, Option, Shown, said_of
from crisis.adapters.operator.stopping import Stopping
from crisis.adapters.operator.typed import forget_typed, whole
from crisis.kernel.errors import Interrupted
from crisis.kernel.text import one_line, safe

_AT_ONCE = 0.05  # seconds within which the lines of one paste follow each other
_MANNERS = {"loud": "! ", "good": "", "head": "", "quiet": "", "text": "", "quoted": "  > ", "plain": ""}

_RULES = re.compile(r"─+ | ─+")  # they set a line off for the eye, and are spelled out to the ear


class PlainPrompts:
    """Questions as lines; the answer is a line. `?` opens the menu."""

    def __init__(self, stopping: Stopping, *, read: IO[str] | None = None, write: IO[str] | None = None) -> None:
        self.stopping = stopping
        self._read = read or sys.stdin
        self._write = write or sys.stderr
        self._foot: tuple[str, ...] = ()

    def select(self, message: str, options: Sequence[Option], default: str | None, live: Live) -> str:
        """One of the options, by number; where nothing is offered, an empty line asks again."""
        keys = [option.key for option in options]
        first = 0 if default is None else keys.index(default) + 1 if default in keys else 1
        enter = f", Enter for {first}" if first else ""
        self._options(message, options, live)
        while True:
            said = self._line(f"Number 1 to {len(options)}{enter}, ? for more: ", live, message).strip()
            number = first if not said else int(said) if said.isascii() and said.isdigit() else 0
            if 1 <= number <= len(options):
                return keys[number - 1]
            if said:
                self._drop_pasted()
            self._say(f"Please type a number from 1 to {len(options)}.")

    def tick(self, message: str, options: Sequence[Option], ticked: Collection[str], live: Live) -> list[str]:
        """Some of the options, by numbers."""
        self._options(message, options, live)
        chosen = self._numbers(message, options, [one.key for one in options if one.key in ticked], live)
        self._say(said_of(chosen, options))
        return chosen

    def _numbers(self, message: str, options: Sequence[Option], ticked: list[str], live: Live) -> list[str]:
        numbers = [str(n) for n, option in enumerate(options, 1) if option.key in ticked]
        enter = "none" if not numbers else "all" if len(numbers) == len(options) else " ".join(numbers)
        while True:
            said = self._line(f"Numbers, all, or none; Enter for {enter}: ", live, message).strip().lower()
            if said == "all":
                return [option.key for option in options]
            if said == "none":
                return []
            if not said:
                return ticked
            words = said.replace(",", " ").split()
            if all(word.isascii() and word.isdigit() and 1 <= int(word) <= len(options) for word in words):
                chosen = {int(word) for word in words}
                return [option.key for n, option in enumerate(options, 1) if n in chosen]
            self._drop_pasted()
            self._say(f"Please type numbers from 1 to {len(options)}, such as 1 3 4, or all, or none.")

    def text(self, message: str, default: str, live: Live) -> str:
        """A line of text, or the lines that were pasted."""
        self._foot_lines(live)
        shown = f" [{one_line(default, 80)}]" if default else ""
        lines = [self._line(f"{one_line(message, 400)}{shown}: ", live)]
        if self._more_at_once():
            self._say("\nSeveral lines came at once: they are one text. A single dot on a line ends it.")
            while (line := self._line("", live, message)).strip() != ".":
                lines.append(line)
        return "\n".join(lines).strip() or default

    def edit(self, text: str, name: str, live: Live, rescue: Callable[[str], None]) -> str:
        """`text` after the person has edited it in their editor."""
        from crisis.adapters.operator.editor import edited

        return edited(text, name, live.stopped_by, rescue)

    def write(self, message: str, text: str, live: Live, rescue: Callable[[str], None]) -> str:
        """The text that the person types, line by line, up to a single dot; as it was where nothing comes before it."""
        self._foot_lines(live)
        self._say(f"{one_line(message, 400)} It says now:")
        self.show([Shown(line, "quoted") for line in text.split("\n")])
        self._say("Type it anew, line by line. A single dot on a line ends it; a dot at once leaves it as it is.")
        lines: list[str] = []
        try:
            while (line := self._line("", live, message)).strip() != ".":
                lines.append(line)
        except (MenuWanted, Interrupted):
            if lines:
                rescue("\n".join(lines))
            raise
        return "\n".join(lines) if lines else text

    def show(self, lines: Sequence[Shown]) -> None:
        """Say the lines."""
        for line in lines:
            text = safe(line.text) if line.manner == "text" else _RULES.sub("", safe(line.text))
            self._say(_MANNERS.get(line.manner, "") + text)

    def _options(self, message: str, options: Sequence[Option], live: Live) -> None:
        self._foot_lines(live)
        self._say(one_line(message, 400))
        for number, option in enumerate(options, 1):
            note = f" ({one_line(option.note, 80)})" if option.note else ""
            self._say(f"  {number}. {one_line(option.label, 160)}{note}")

    def _foot_lines(self, live: Live) -> None:
        """Where things stand, said again only when it has changed."""
        foot = live.foot()
        if foot != self._foot:
            self._foot = foot
            for line in foot:
                self._say(safe(line, keep=""))

    def _say(self, text: str) -> None:
        self._put(f"{text}\n")

    def _put(self, text: str) -> None:
        try:
            self._write.write(text)
            self._write.flush()
        except UnicodeEncodeError:
            # A terminal that cannot show a character gets it written out.
            encoding = getattr(self._write, "encoding", None) or "ascii"
            self._write.write(text.encode(encoding, "backslashreplace").decode(encoding))
            self._write.flush()
        except OSError:
            raise self._gone() from None

    def _gone(self) -> Interrupted:
        """The terminal has been closed: by a signal if one has come, else as if the person had left."""
        return self.stopping.interrupted() if self.stopping.number else Interrupted("The terminal is gone.")

    def _more_at_once(self) -> bool:
        """Whether the next line is there already: nobody types so fast, it was pasted with the one before."""
        return bool(select.select([self._read], [], [], _AT_ONCE)[0])

    def _drop_pasted(self) -> None:
        """What came along with a line that is no answer must not answer the next question."""
        if self._more_at_once():
            forget_typed(self._read)
            self._say("\nSeveral lines came at once: none of them was taken.")

    def _line(self, prompt: str, live: Live, question: str = "") -> str:
        """One line from the person; while they think, the news is said and a stale question ends.

        Below the news the question stands again: whoever hears the screen has only its last lines. What stands there
        is `question`, where the prompt does not say it.
        """
        self._put(prompt)
        self.stopping.raising = True
        try:
            self.stopping.check()
            while not select.select([self._read], [], [], 1.0)[0]:
                news = tuple(live.news())
                for one in news:
                    self._say(f"\n{one.text}")
                if live.is_stale():
                    self._say("")
                    # What was typed for this question must not answer the next one.
                    forget_typed(self._read)
                    raise Changed
                if news:
                    again = f"Still open: {one_line(question, 400)}\n" if question else ""
                    self._put(f"{again}{prompt}")
            line = self._read.readline()
        except KeyboardInterrupt:
            # The terminal has thrown away what was typed on this line, and cannot say what it was.
            self._say("\nWhat was typed on this line was not recorded.")
            raise Interrupted("You left.") from None
        except UnicodeDecodeError:
            self._say("\nThat cannot be read as text: your terminal does not send UTF-8. Please type it again.")
            return self._line(prompt, live, question)
        except OSError:
            raise self._gone() from None
        finally:
            self.stopping.raising = False
        if not line:
            raise Interrupted("You left.")
        if line.strip() == "?":
            raise MenuWanted
        return whole(line.rstrip("\n"))
