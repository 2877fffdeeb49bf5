"""A list to tick: letters do nothing in it, so that an answer meant for another question ticks nothing."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from prompt_toolkit.application import Application
from prompt_toolkit.filters import Condition
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent, merge_key_bindings
from prompt_toolkit.keys import Keys
from questionary.prompts.common import InquirerControl

from crisis.adapters.operator.pointing import list_of

HOW = "(space ticks, * ticks all, Enter when done)"
_NO_LETTERS = "Nothing is ticked by typing: move to a line, space ticks it; Enter when done."


class TickList:
    """The keys of a list that `questionary` has made, and what is ticked on it."""

    def __init__(self) -> None:
        self.list: InquirerControl
        self._typed_at: int | None = None  # the line on which letters were typed, until somebody moves or is told

    @property
    def ticked(self) -> list[str]:
        """What is ticked, whether or not it has been answered."""
        return [str(key) for key in self.list.selected_options]

    def is_meant(self, _: Collection[str]) -> bool | str:
        """Whether Enter means the list: after letters it may end an answer to another question."""
        if not self._is_typed():
            return True
        self._typed_at = None
        return _NO_LETTERS

    def mind_letters(self, application: Application[Any]) -> None:
        """Take the keys over: `*` ticks all, and what is typed, with the spaces in it, ticks nothing."""
        self.list = list_of(application)
        keys = KeyBindings()

        @keys.add("a", eager=True)
        @keys.add("i", eager=True)
        @keys.add(Keys.Any)
        def _typed(event: KeyPressEvent) -> None:
            if event.data.isprintable():
                self._typed_at = self.list.pointed_at

        @keys.add(" ", eager=True, filter=Condition(self._is_typed))
        def _between_words(_: KeyPressEvent) -> None:
            """Part of what is typed."""

        @keys.add("*", eager=True, filter=~Condition(self._is_typed))
        def _all(_: KeyPressEvent) -> None:
            every = [one.value for one in self.list.choices]
            self.list.selected_options = [] if len(self.ticked) == len(every) else every
            self.list.error_message = None

        own = [application.key_bindings] if application.key_bindings is not None else []
        application.key_bindings = merge_key_bindings([*own, keys])

    def _is_typed(self) -> bool:
        return self._typed_at is not None and self._typed_at == self.list.pointed_at
