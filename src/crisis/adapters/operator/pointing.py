"""A list to choose from: arrow keys and letters lead to a line, and Enter takes none that they did not lead to."""

from __future__ import annotations

from typing import Any

from prompt_toolkit.application import Application
from prompt_toolkit.filters import Condition
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent, merge_key_bindings
from prompt_toolkit.keys import Keys
from questionary.prompts.common import Choice, InquirerControl

from crisis.kernel.text import one_line

#: Where the mark stands while no line is marked.
NOWHERE = -1


def list_of(application: Application[Any]) -> InquirerControl:
    """The list in a prompt that `questionary` has made."""
    (found,) = (one for one in application.layout.find_all_controls() if isinstance(one, InquirerControl))
    return found


def ends_do_not_meet(application: Application[Any]) -> None:
    """Whoever holds an arrow stays at the last line: round the corner stands what they were leaving, often a Yes."""
    options, keys = list_of(application), KeyBindings()

    @keys.add("up", eager=True, filter=Condition(lambda: options.pointed_at <= 0))
    @keys.add("c-p", eager=True, filter=Condition(lambda: options.pointed_at <= 0))
    @keys.add("down", eager=True, filter=Condition(lambda: options.pointed_at >= options.choice_count - 1))
    @keys.add("c-n", eager=True, filter=Condition(lambda: options.pointed_at >= options.choice_count - 1))
    def _stay(_: KeyPressEvent) -> None:
        """There is nothing beyond."""

    own = [application.key_bindings] if application.key_bindings is not None else []
    application.key_bindings = merge_key_bindings([*own, keys])


class Pointing:
    """Arrow keys and letters in a list that `questionary` has made lead to a line; Enter takes no other.

    In a short list letters lead to the line that begins with them; a long one shows the lines that have them. Where
    they lead to none, or to several, Enter takes nothing and says so. Without a line that `is_offered` nothing is
    marked, and Enter takes nothing until a key has led to one.
    """

    def __init__(self, application: Application[Any], *, is_offered: bool, is_long: bool) -> None:
        self._list = list_of(application)
        self._is_long = is_long
        self._typed = ""
        if not is_offered:
            self._list.pointed_at = NOWHERE
        self._before = self._list.pointed_at  # the line that was marked before letters were typed
        self._is_meant = is_offered
        keys = KeyBindings()

        @keys.add("up", eager=True)
        @keys.add("c-p", eager=True)
        def _up(_: KeyPressEvent) -> None:
            self._move(-1)

        @keys.add("down", eager=True)
        @keys.add("c-n", eager=True)
        def _down(_: KeyPressEvent) -> None:
            self._move(1)

        @keys.add(Keys.Any)
        def _type(event: KeyPressEvent) -> None:
            # Space begins no line; whoever presses it means what is marked, or nothing.
            if event.data.isprintable() and (self._typed or not event.data.isspace()):
                self._point(self._typed + event.data)

        @keys.add("backspace", eager=True)
        def _take_back(_: KeyPressEvent) -> None:
            # What was typed at a short list is not shown: whoever takes something back begins anew.
            self._point(self._typed[:-1] if self._is_long else "")

        @keys.add("enter", eager=True, filter=Condition(lambda: not self._is_meant))
        def _refuse(_: KeyPressEvent) -> None:
            self._say(self._why_nothing())
            if self._typed and not self._found():
                self._point("", keep_word=True)

        own = [application.key_bindings] if application.key_bindings is not None else []
        application.key_bindings = merge_key_bindings([*own, keys])

    def _move(self, step: int) -> None:
        """To the next line; whoever holds an arrow stays at the last."""
        last = self._list.choice_count - 1
        if self._list.pointed_at == NOWHERE:
            self._list.pointed_at = 0 if step > 0 else last
        else:
            self._list.pointed_at = min(max(self._list.pointed_at + step, 0), last)
        self._is_meant = True
        self._say(None)
        if not self._is_long:
            self._typed = ""  # what is typed next begins anew; what a long list shows stays as it is
        if not self._typed:
            self._before = self._list.pointed_at

    def _point(self, typed: str, *, keep_word: bool = False) -> None:
        """Mark the line to which what is typed leads; where it leads to none, the one that was marked before it."""
        self._typed = typed
        if self._is_long:
            self._list.search_filter = _folded(typed) or None
        found, meant = self._found(), self._meant()
        if meant is not None:
            self._list.pointed_at = meant
        elif self._is_long and typed and found:
            self._list.pointed_at = NOWHERE  # other lines stand there now
        else:
            self._list.pointed_at = self._before
        self._is_meant = meant is not None or (not typed and self._before != NOWHERE)
        if not keep_word:
            self._say(None)

    def _say(self, what: Any) -> None:
        # questionary shows it under the list, and declares it as nothing but None.
        self._list.error_message = what

    def _why_nothing(self) -> str:
        if not self._typed:
            return "Choose a line: arrow keys, or type its beginning."
        typed, found = one_line(self._typed, 20), self._found()
        if self._is_long:
            several, none = f'Several lines have "{typed}"', f'No line has "{typed}"'
        else:
            several, none = f'Several lines begin with "{typed}"', f'No line begins with "{typed}"'
        if found:
            return f"{several}: type more, or move to the one that is meant."
        return f"{none}: nothing is chosen. Use the arrow keys."

    def _found(self) -> list[Choice]:
        """The lines to which what was typed may lead."""
        typed = _folded(self._typed)
        if self._is_long:
            return [one for one in self._list.choices if typed in _words(one)]
        return [one for one in self._list.choices if _words(one).startswith(typed)]

    def _meant(self) -> int | None:
        """Where the one line stands to which what was typed leads."""
        if not self._typed:
            return None
        typed, found = _folded(self._typed), self._found()
        beginning = [one for one in found if _words(one).startswith(typed)]
        whole = [one for one in found if _label(one) == typed]
        meant = next((alike[0] for alike in (found, beginning, whole) if len(alike) == 1), None)
        return None if meant is None else int(self._list.filtered_choices.index(meant))


def _words(choice: Choice) -> str:
    title = choice.title if isinstance(choice.title, str) else "".join(part[1] for part in choice.title or ())
    return _folded(title)


def _label(choice: Choice) -> str:
    """The words of a line without the note beside it."""
    title = choice.title if isinstance(choice.title, str) else next((part[1] for part in choice.title or ()), "")
    return _folded(title)


def _folded(text: str) -> str:
    return " ".join(text.split()).lower()
