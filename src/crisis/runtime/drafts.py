"""Texts between a person and the journal: what was sent for approval, and what is sent now."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from crisis.engine.events import DraftedText, Json, Line
from crisis.engine.state import MessageState
from crisis.kernel.errors import Usage
from crisis.kernel.fingerprints import fingerprint
from crisis.runtime.compose import sized
from crisis.runtime.ports import Blob
from crisis.runtime.scene import ProposedText


def as_sent(
    state: MessageState, read: Callable[[str], bytes | None], limits: Mapping[str, int]
) -> tuple[ProposedText, ...]:
    """The texts of a message as they were last sent for approval, those that are out left aside.

    `read` gives the bytes of a text by its fingerprint.
    """
    former = []
    for drafted in state.texts:
        data = None if state.is_out(drafted.line) else read(drafted.line.sha256)
        if data is not None:
            text = ProposedText(
                channel=drafted.line.channel,
                language=drafted.line.language,
                text=data.decode(),
                edited=drafted.edited,
                promises=drafted.promises,
            )
            former.append(sized(text, limits))
    return tuple(former)


def drafted(
    given: Sequence[Json], proposed: Sequence[ProposedText], limits: Mapping[str, int]
) -> tuple[tuple[DraftedText, ...], list[Blob]]:
    """The texts of an answer as they will be stored. Raises Usage for those that do not fit their channel."""
    offered = {(one.channel, one.language): one for one in proposed}
    texts, blobs, problems = [], [], []
    for one in given:
        made = offered.get((one["channel"], one["language"]))
        edited = made is None or made.text != one["text"]
        checked = sized(ProposedText(channel=one["channel"], language=one["language"], text=one["text"]), limits)
        if checked.problem:
            problems.append(f"{checked.place}: {checked.problem}")
        digest = fingerprint(one["text"])
        blobs.append(Blob(key=digest, data=one["text"].encode()))
        texts.append(
            DraftedText(
                line=Line(channel=one["channel"], language=one["language"], sha256=digest),
                cleared=bool(made and made.cleared and not edited),
                edited=edited,
                promises=_promise(one.get("promises"), made),
            )
        )
    if problems:
        raise Usage("; ".join(problems), hint="shorten it, or leave that channel out")
    return tuple(texts), blobs


def _promise(given: Json, made: ProposedText | None) -> datetime | None:
    """The time that a text promises: the earlier one, where it was edited while the proposal moved on."""
    proposed = made.promises if made else None
    if not isinstance(given, str) or proposed is None:
        return proposed
    return min(proposed, datetime.fromisoformat(given))
