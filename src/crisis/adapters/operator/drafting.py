"""The texts of a message: shown, accepted as they are, edited in an editor, or some of them left out."""

from __future__ import annotations

import re
from collections.abc import Sequence

from crisis.adapters.operator import screen
from crisis.adapters.operator.prompts import Live, Option, Prompts, Shown
from crisis.engine.events import Json
from crisis.runtime.scene import ProposedText, Question

_HEAD = re.compile(r"^=== ([a-z0-9-]+)/([a-zA-Z-]+) ===.*$")
_NOTE = (
    "# One text under each line of ===. Remove a line of === and its text to leave it out. Lines with # are ignored.\n"
)


def drafted_texts(question: Question, prompts: Prompts, live: Live) -> Json:
    """The texts to send for approval, as the shape `Draft` wants them."""
    texts = list(question.proposed)
    while True:
        ready = [text for text in texts if not text.problem]
        prompts.show(screen.drafts(texts))
        options = []
        if ready:
            left = f", leave out {len(texts) - len(ready)}" if len(ready) < len(texts) else ""
            options.append(Option("send", f"Send {len(ready)} text{'s' if len(ready) != 1 else ''} for approval{left}"))
        options.append(Option("edit", "Edit in your editor"))
        options.append(Option("whole", "Show every text in full"))
        if len(texts) > 1:
            options.append(Option("some", "Leave some out"))
        chosen = prompts.select(f"{question.step_title}?", options, options[0].key, live)
        if chosen == "send":
            return [_as_answer(text) for text in ready]
        if chosen == "whole":
            prompts.show(screen.in_full(texts))
        elif chosen == "edit":
            texts = _edited(texts, prompts)
        else:
            kept = prompts.tick(
                "Which ones go out?",
                [Option(one.place, one.place, one.problem) for one in texts],
                {one.place for one in ready},
                live,
            )
            texts = [text for text in texts if text.place in kept] or texts


def _as_answer(text: ProposedText) -> Json:
    return {"channel": text.channel, "language": text.language, "text": text.text}


def _edited(texts: Sequence[ProposedText], prompts: Prompts) -> list[ProposedText]:
    """The texts after the editor; sizes are measured again when they are sent."""
    page = _NOTE + "".join(f"\n=== {one.place} === {one.size or one.problem}\n{one.text}\n" for one in texts)
    written = _read_page(prompts.edit(page, "texts.txt"))
    if not written:
        prompts.show([Shown("Nothing was left in the editor: the texts are as before.", "quiet")])
        return list(texts)
    known = {one.place: one for one in texts}
    result = []
    for place, body in written.items():
        before = known.get(place)
        if before is None:
            prompts.show([Shown(f"{place} is not a text of this message: left out.", "loud")])
        elif body == before.text:
            result.append(before)
        else:
            result.append(
                ProposedText(
                    channel=before.channel, language=before.language, text=body, edited=True, promises=before.promises
                )
            )
    return result or list(texts)


def _read_page(page: str) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    current: list[str] | None = None
    for line in page.splitlines():
        head = _HEAD.match(line)
        if head:
            current = found.setdefault(f"{head[1]}/{head[2]}", [])
        elif current is not None and not (line.startswith("# ") and not found):
            current.append(line)
    texts = {place: "\n".join(lines).strip() for place, lines in found.items()}
    return {place: text for place, text in texts.items() if text}
