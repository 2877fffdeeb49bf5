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
        self._begun: OpenAsk | None = None  # a step that nobody had to take up, and that was: its next question follows
        self._chosen: Round | None = None  # a step that is done first: all that it must be asked
        self._aside: set[tuple[str, int, str]] = set()  # asked again once everything else was

    def first_of(self, asks: Sequence[OpenAsk]) -> OpenAsk | None:
        """The question to ask; None where nothing of it must be answered."""
        due = [one for one in asks if not one.ask.optional]
        return self._wanted(asks) or self._begun_before(asks) or self._chosen_before(due) or self._fresh(due)

    def _wanted(self, asks: Sequence[OpenAsk]) -> OpenAsk | None:
        wanted, self._next = self._next, None
        return next((one for one in asks if place_of(one) == wanted), None) if wanted else None

    def _begun_before(self, asks: Sequence[OpenAsk]) -> OpenAsk | None:
        begun, self._begun = self._begun, None
        if begun is None:
            return None
        # What was just answered may still be open, and would be asked for ever.
        return next((one for one in asks if _round_of(one) == _round_of(begun) and one.key != begun.key), None)

    def _chosen_before(self, due: Sequence[OpenAsk]) -> OpenAsk | None:
        if self._chosen is None:
            return None
        one = next((one for one in due if _round_of(one) == self._chosen), None)
        if one is None:
            self._chosen = None  # it has ended, or pauses
        return one

    def _fresh(self, due: Sequence[OpenAsk]) -> OpenAsk | None:
        if not self._aside:
            return due[0] if due else None
        fresh = next((one for one in due if one.key not in self._aside), None)
        if fresh is None and due:
            self._aside.clear()
            return due[0]
        return fresh

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
            self._begun = one


def place_of(one: OpenAsk) -> Place:
    """Where that question is found again."""
    return one.step.id, one.ask.key


def _round_of(one: OpenAsk) -> Round:
    return one.step.id, one.round
