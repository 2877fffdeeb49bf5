"""The texts of a message as a person makes them: a page for the editor, and what came of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from crisis.messages.promises import promise_in
from crisis.runtime.compose import sized
from crisis.runtime.scene import Former, ProposedText

_HEAD = re.compile(r"=== ([a-z0-9-]+)/([a-zA-Z-]+) ===.*")
_NOTE = """\
Write under each line of ===. Remove a line of === with its text to leave that one out.
What stands above the first of them is not read.
"""


def _nowhere(_: Page) -> None:
    """A page that is kept in memory only."""


@dataclass(slots=True)
class Page:
    """What a person has made of the proposed texts, by place, until it is sent.

    `made_from` has the proposal that each edit was made from. `anew`: they started again from what is proposed, and
    what was sent before is not taken up. `trouble` says what became of a page that could not be read. `seen` is the
    version of the incident at which what the texts say had last changed when they were shown (0: never shown),
    `taken_up` what was sent before, once it was taken up. `on_change` is told of every change.
    """

    edits: dict[str, ProposedText] = field(default_factory=dict)
    made_from: dict[str, str] = field(default_factory=dict)
    left_out: frozenset[str] = frozenset()
    anew: bool = False
    trouble: str = ""
    seen: int = field(default=0, compare=False)
    taken_up: Former = field(default=Former(), compare=False)
    on_change: Callable[[Page], None] = field(default=_nowhere, compare=False, repr=False)

    def is_touched(self) -> bool:
        """Whether anything differs from what is proposed."""
        return bool(self.edits or self.left_out)

    def clear(self) -> None:
        """Back to the texts that are proposed; what is left out stays so, until somebody brings it back."""
        self.edits.clear()
        self.made_from.clear()
        self.anew = True
        self.on_change(self)

    def leave_out(self, places: frozenset[str], proposed: Sequence[ProposedText]) -> None:
        """Exactly these of the proposed texts are not sent; where that is every one of them, none is left out."""
        self._leave_out(places, proposed)
        self.on_change(self)

    def write(self, written: Mapping[str, str], proposed: Sequence[ProposedText], limits: Mapping[str, int]) -> None:
        """Take what came back from the editor: what differs is an edit, what is missing is left out."""
        shown = {one.place: one for one in self.texts(proposed)}
        proposals = {one.place: one for one in proposed}
        kept = [place for place in written if place in proposals]
        for place in kept:
            before = shown.get(place, proposals[place])
            if written[place] != trimmed(before.text):
                self._edit(before, written[place], proposals[place], limits)
        if kept:
            self._leave_out(frozenset(place for place in proposals if place not in kept), proposed)
        self.on_change(self)

    def take_up(self, former: Former, proposed: Sequence[ProposedText]) -> None:
        """Go on from the texts that were sent before: their edits, without what was left out of them."""
        is_known = (former.texts, former.left_out) == (self.taken_up.texts, self.taken_up.left_out)
        if self.anew or self.is_touched() or is_known:
            return
        self.taken_up = former
        proposals = {one.place: one.text for one in proposed}
        for one in former.texts:
            if one.edited and one.place in proposals:
                self.edits[one.place] = one
                self.made_from[one.place] = "" if former.outdated else proposals[one.place]
        self._leave_out(former.left_out, proposed)

    def texts(self, proposed: Sequence[ProposedText]) -> list[ProposedText]:
        """The proposed texts with the edits in their place, without those left out."""
        return [self.edits.get(one.place, one) for one in self._sent(proposed)]

    def outdated(self, proposed: Sequence[ProposedText]) -> list[str]:
        """The places that are sent, and whose proposal has changed since they were edited."""
        return [one.place for one in self._sent(proposed) if self.made_from.get(one.place, one.text) != one.text]

    def _sent(self, proposed: Sequence[ProposedText]) -> Sequence[ProposedText]:
        # A page that was kept may have been made of fewer texts than there are: it never leaves out all of them.
        return [one for one in proposed if one.place not in self.left_out] or proposed

    def _leave_out(self, places: frozenset[str], proposed: Sequence[ProposedText]) -> None:
        known = frozenset(one.place for one in proposed)
        self.left_out = known & places if known - places else frozenset()

    def _edit(self, before: ProposedText, text: str, offered: ProposedText, limits: Mapping[str, int]) -> None:
        promised = offered.promises
        promises = promise_in(text, offered.text, promised, before.promises) if promised else None
        made = ProposedText(channel=before.channel, language=before.language, text=text, edited=True, promises=promises)
        self.edits[before.place] = sized(made, limits)
        self.made_from[before.place] = offered.text


def write_page(texts: Sequence[ProposedText]) -> str:
    """The texts on one page, each under its line of ===."""
    parts = [f"\n=== {one.place} === {one.size or one.problem}\n{_escaped(one.text)}\n" for one in texts]
    return _NOTE + "".join(parts)


def read_page(page: str) -> dict[str, str]:
    """The texts of an edited page by place, those that are empty left out; whatever was done to the page."""
    found: dict[str, list[str]] = {}
    current: list[str] | None = None
    for line in page.replace("\r\n", "\n").split("\n"):
        head = _HEAD.fullmatch(line)
        if head:
            current = found.setdefault(f"{head[1]}/{head[2]}", [])
        elif current is not None:
            current.append(line.removeprefix("\\") if _HEAD.fullmatch(line.lstrip("\\")) else line)
    texts = {place: trimmed("\n".join(lines)) for place, lines in found.items()}
    return {place: text for place, text in texts.items() if text}


def trimmed(text: str) -> str:
    """A text as it comes back from an editor that changed nothing."""
    return text.replace("\r\n", "\n").strip()


def _escaped(text: str) -> str:
    """A line of a text that looks like a line of === is not one."""
    lines = text.split("\n")
    return "\n".join(f"\\{line}" if _HEAD.fullmatch(line.lstrip("\\")) else line for line in lines)
