"""The texts of a message: shown, accepted as they are, edited in an editor, or some of them left out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from msgspec.structs import replace

from crisis.adapters.operator import screen
from crisis.adapters.operator.prompts import Live, Option, Prompts, Shown
from crisis.engine.events import Json
from crisis.kernel.errors import CrisisError
from crisis.runtime.compose import sized
from crisis.runtime.scene import ProposedText, Question

_HEAD = re.compile(r"=== ([a-z0-9-]+)/([a-zA-Z-]+) ===.*")
_NOTE = """\
Write under each line of ===. Remove a line of === with its text to leave that one out.
What stands above the first of them is not read.
"""


@dataclass(slots=True)
class Page:
    """What a person has made of the proposed texts. Kept while the question is open: a clock may interrupt it."""

    edits: dict[str, ProposedText] = field(default_factory=dict)
    made_from: dict[str, str] = field(default_factory=dict)
    left_out: frozenset[str] = frozenset()

    def is_touched(self) -> bool:
        """Whether anything differs from what is proposed."""
        return bool(self.edits or self.left_out)

    def clear(self) -> None:
        """Back to what is proposed."""
        self.edits.clear()
        self.made_from.clear()
        self.left_out = frozenset()

    def texts(self, proposed: Sequence[ProposedText]) -> list[ProposedText]:
        """The proposed texts with the edits in their place, without those left out."""
        kept = [one for one in proposed if one.place not in self.left_out]
        return [self.edits.get(one.place, one) for one in kept or proposed]

    def outdated(self, proposed: Sequence[ProposedText]) -> list[str]:
        """The places whose proposal has changed since they were edited."""
        return [one.place for one in proposed if self.made_from.get(one.place, one.text) != one.text]


def drafted_texts(question: Question, prompts: Prompts, live: Live, page: Page) -> Json:
    """The texts to send for approval, as the shape `Draft` wants them."""
    for place in page.outdated(question.proposed):
        word = f"  {place} is as you edited it; a fact or the promised time has changed since: read it again."
        prompts.show([Shown(word, "loud")])
    while True:
        texts = page.texts(question.proposed)
        ready = [text for text in texts if not text.problem]
        prompts.show(screen.drafts(texts))
        options = _options(texts, len(ready), page)
        match prompts.select(f"{question.step_title}?", options, options[0].key, live):
            case "send":
                return [_as_answer(text) for text in ready]
            case "whole":
                prompts.show(screen.in_full(texts))
            case "edit":
                _edit(question, texts, page, prompts, live)
            case "again":
                page.clear()
            case _:
                _leave_out(question, ready, page, prompts, live)


def _options(texts: Sequence[ProposedText], ready: int, page: Page) -> list[Option]:
    options = []
    if ready:
        left = f", leave out {len(texts) - ready}" if ready < len(texts) else ""
        options.append(Option("send", f"Send {ready} text{'s' if ready != 1 else ''} for approval{left}"))
    options += [Option("edit", "Edit in your editor"), Option("whole", "Show every text in full")]
    if len(texts) > 1:
        options.append(Option("some", "Leave some out"))
    if page.is_touched():
        options.append(Option("again", "Start again from the proposed texts"))
    return options


def _as_answer(text: ProposedText) -> Json:
    answer = {"channel": text.channel, "language": text.language, "text": text.text}
    # An edited text keeps the time that it was written with, however often it is offered again.
    promise = {"promises": text.promises.isoformat()} if text.edited and text.promises else {}
    return {**answer, **promise}


def _leave_out(question: Question, ready: Sequence[ProposedText], page: Page, prompts: Prompts, live: Live) -> None:
    options = [Option(one.place, one.place, one.problem) for one in question.proposed]
    kept = prompts.tick("Which ones go out?", options, {one.place for one in ready}, live)
    page.left_out = frozenset(option.key for option in options if option.key not in kept) if kept else frozenset()


def _edit(question: Question, texts: Sequence[ProposedText], page: Page, prompts: Prompts, live: Live) -> None:
    """Let the person edit the texts; what they wrote is measured at once, and kept."""
    try:
        written = read_page(prompts.edit(write_page(texts), "texts.txt", live))
    except CrisisError as error:
        if error.exit >= 128:  # left, or told to stop
            raise
        prompts.show([Shown(error.message, "loud"), Shown(f"  {error.hint}", "quiet")])
        return
    if not written:
        prompts.show([Shown("Nothing was left in the editor: the texts are as before.", "quiet")])
        return
    proposals = {one.place: one for one in question.proposed}
    before = {one.place: one for one in texts}
    for place in [place for place in written if place not in proposals]:
        prompts.show([Shown(f"{place} is not a text of this message: left out.", "loud")])
    kept = [place for place in written if place in proposals]
    page.left_out = frozenset(place for place in proposals if place not in kept) if kept else page.left_out
    for place in kept:
        _keep(page, proposals[place], before.get(place, proposals[place]), written[place], question.limits)
    if page.edits:
        word = "Your texts are kept while this question is open, and for good once they are sent: Ctrl-C loses them."
        prompts.show([Shown(word, "loud")])


def _keep(page: Page, proposal: ProposedText, before: ProposedText, text: str, limits: Mapping[str, int]) -> None:
    if text == _trimmed(before.text):
        return
    made = ProposedText(
        channel=proposal.channel, language=proposal.language, text=text, edited=True, promises=before.promises
    )
    page.edits[proposal.place] = replace(sized(made, limits), edited=True)
    page.made_from[proposal.place] = proposal.text


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
    texts = {place: _trimmed("\n".join(lines)) for place, lines in found.items()}
    return {place: text for place, text in texts.items() if text}


def _escaped(text: str) -> str:
    """A line of a text that looks like a line of === is not one."""
    lines = text.split("\n")
    return "\n".join(f"\\{line}" if _HEAD.fullmatch(line.lstrip("\\")) else line for line in lines)


def _trimmed(text: str) -> str:
    return text.replace("\r\n", "\n").strip()
