"""A list to choose from: its ends do not meet, and in a short one letters lead to the line that begins with them."""

from __future__ import annotations

from typing import Any

from prompt_toolkit.application import Application
from prompt_toolkit.filters import Condition
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent, merge_key_bindings
from prompt_toolkit.keys import Keys
from questionary.prompts.common import Choice, InquirerControl

from crisis.kernel.text import one_line


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


class ShortList:
    """Letters in a short list lead to the line that begins with them, and Enter after others takes nothing.

    What is typed at a list that `questionary` has made: otherwise letters vanish, and Enter takes what is marked.
    """

    def __init__(self, application: Application[Any]) -> None:
        self._list = list_of(application)
        self._typed = ""
        self._typed_at: int | None = None  # the line that was marked then: whoever moves means that line
        keys = KeyBindings()

        @keys.add(Keys.Any)
        def _type(event: KeyPressEvent) -> None:
            if event.data.isprintable():
                self._type(event.data)

        @keys.add("backspace", eager=True)
        def _forget(_: KeyPressEvent) -> None:
            self._forget()

        @keys.add("enter", eager=True, filter=Condition(self._is_unclear))
        def _refuse(_: KeyPressEvent) -> None:
            typed = one_line(self._typed, 20)
            self._forget()
            self._say(f'No one line here begins with "{typed}": move to the one that is meant; Enter takes it.')

        own = [application.key_bindings] if application.key_bindings is not None else []
        application.key_bindings = merge_key_bindings([*own, keys])

    def _type(self, letters: str) -> None:
        if not self._typed and letters.isspace():
            return  # Space begins no line; whoever presses it means what is marked, or nothing
        if self._typed_at != self._list.pointed_at:
            self._forget()
        self._typed += letters.lower()
        if len(meant := self._meant()) == 1:
            self._list.pointed_at = meant[0]
        self._typed_at = self._list.pointed_at
        self._list.error_message = None

    def _say(self, what: Any) -> None:
        # questionary shows it under the list, and declares it as nothing but None.
        self._list.error_message = what

    def _forget(self) -> None:
        self._typed, self._typed_at = "", None
        self._list.error_message = None

    def _meant(self) -> list[int]:
        """The lines that begin with what was typed."""
        return [at for at, one in enumerate(self._list.choices) if _words(one).startswith(self._typed.lstrip())]

    def _is_unclear(self) -> bool:
        return self._typed_at == self._list.pointed_at and len(self._meant()) != 1


def _words(choice: Choice) -> str:
    title = choice.title if isinstance(choice.title, str) else "".join(part[1] for part in choice.title or ())
    return " ".join(title.split()).lower()
