"""In which order one person is asked what is open: the playbook's, until they say otherwise."""

from __future__ import annotations

from collections.abc import Sequence

from crisis.engine.look import OpenAsk

#: A question as long as its step is open, in whatever round.
Place = tuple[str, str]

#: A step in one of its rounds.
Round = tuple[str, int]


class Order:
    """What the person who walks has said of the order. Nothing of it is recorded: another terminal has its own."""

    def __init__(self) -> None:
        self._next: Place | None = None  # asked next, where it is still open
        self._begun: Round | None = None  # a step that nobody had to take up, and that was: its next question follows
        self._chosen: Round | None = None  # a step that is done first: all that it must be asked
        self._aside: set[tuple[str, int, str]] = set()  # asked again once everything else was

    def first_of(self, asks: Sequence[OpenAsk]) -> OpenAsk | None:
        """The question to ask; None where nothing of it must be answered."""
        wanted, self._next = self._next, None
        if more := [one for one in asks if place_of(one) == wanted]:
            return more[0]
        begun, self._begun = self._begun, None
        if more := [one for one in asks if _round_of(one) == begun]:
            return more[0]
        due = [one for one in asks if not one.ask.optional]
        if more := [one for one in due if _round_of(one) == self._chosen]:
            return more[0]
        self._chosen = None
        fresh = [one for one in due if one.key not in self._aside]
        if not fresh:
            self._aside.clear()
            fresh = due
        return fresh[0] if fresh else None

    def come_back(self, to: Place | None) -> None:
        """Whoever wrote a note, or was refused, goes on where they were."""
        self._next = to

    def move_on(self) -> None:
        """They thought better of it: nothing holds them here."""
        self._next = self._chosen = None

    def prefer(self, step: str, number: int, ask: str, instead_of: OpenAsk | None) -> None:
        """They do that first, with all that its step asks; what they were asked waits for all else, if it can."""
        if instead_of is not None and not instead_of.is_for_posting:
            self._aside.add(instead_of.key)
        self._next, self._chosen = (step, ask), (step, number)

    def answered(self, one: OpenAsk) -> None:
        """They have answered it."""
        if one.ask.optional:
            self._begun = _round_of(one)


def place_of(one: OpenAsk) -> Place:
    """Where that question is found again."""
    return one.step.id, one.ask.key


def _round_of(one: OpenAsk) -> Round:
    return one.step.id, one.round
