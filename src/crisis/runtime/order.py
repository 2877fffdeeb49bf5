"""In which order one person is asked what is open: the playbook's, until they say otherwise."""

from __future__ import annotations

from collections.abc import Sequence

from crisis.engine.look import OpenAsk

#: A question as long as its step is open, in whatever round.
Place = tuple[str, str]

#: A step in one of its rounds.
Round = tuple[str, int]


#: What tells a question from every other of the incident.
Key = tuple[str, int, str]


class Order:
    """What the person who walks has said of the order. Nothing of it is recorded: another terminal has its own."""

    def __init__(self) -> None:
        self._next: Place | None = None  # asked next, where it is still open
        self._taken_up: Round | None = None  # all that this step must be asked comes before the rest
        self._aside: dict[Key, Round] = {}  # asked again once that other step has been

    def first_of(self, asks: Sequence[OpenAsk]) -> OpenAsk | None:
        """The question to ask; None where nothing of it must be answered."""
        due = [one for one in asks if not one.ask.optional]
        return self._wanted(asks) or self._of_what_was_taken_up(due) or self._fresh(due)

    def _wanted(self, asks: Sequence[OpenAsk]) -> OpenAsk | None:
        wanted, self._next = self._next, None
        return next((one for one in asks if place_of(one) == wanted), None) if wanted else None

    def _of_what_was_taken_up(self, due: Sequence[OpenAsk]) -> OpenAsk | None:
        one = next((one for one in due if _round_of(one) == self._taken_up), None)
        if one is None:
            self._taken_up = None  # it has ended, or pauses
        return one

    def _fresh(self, due: Sequence[OpenAsk]) -> OpenAsk | None:
        others = {_round_of(one) for one in due if one.key not in self._aside}
        self._aside = {key: first for key, first in self._aside.items() if first in others}
        return next((one for one in due if one.key not in self._aside), None)

    def come_back(self, to: Place | None) -> None:
        """Whoever wrote a note, or was refused, goes on where they were."""
        self._next = to

    def move_on(self) -> None:
        """They thought better of it: nothing holds them here."""
        self._next = self._taken_up = None

    def take_up(self, step: str, number: int) -> None:
        """They do that step now: all that it asks comes before the rest."""
        self._next, self._taken_up = None, (step, number)

    def prefer(self, step: str, number: int, ask: str, instead_of: OpenAsk | None = None) -> None:
        """They do that first, with all that its step asks; then what they were asked comes back, if it can wait."""
        if instead_of is not None and not instead_of.is_for_posting:
            self._aside[instead_of.key] = (step, number)
        self._next, self._taken_up = (step, ask), (step, number)

    def answered(self, one: OpenAsk) -> None:
        """They have answered it. What nobody had to take up is a step taken up: its next question follows."""
        if one.ask.optional:
            self._taken_up = _round_of(one)


def place_of(one: OpenAsk) -> Place:
    """Where that question is found again."""
    return one.step.id, one.ask.key


def _round_of(one: OpenAsk) -> Round:
    return one.step.id, one.round
