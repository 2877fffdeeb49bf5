"""Texts between a person and the journal: what was sent for approval, and what is sent now."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from crisis.engine.approvals import promise_stale_from
from crisis.engine.events import DraftedText, Json, Line
from crisis.kernel.errors import Usage
from crisis.kernel.fingerprints import fingerprint
from crisis.messages.promises import promise_in
from crisis.runtime.compose import sized
from crisis.runtime.desk import Case
from crisis.runtime.ports import Blob
from crisis.runtime.scene import Former, ProposedText


def as_sent(case: Case, name: str, read: Callable[[str], bytes | None], now: datetime) -> Former:
    """The texts of a message as they were last sent for approval, without those that were left out since.

    `read` gives the bytes of a fingerprint.
    """
    plan, state = case.plan, case.incident.message(name)
    found = [
        sized(
            ProposedText(
                channel=drafted.line.channel,
                language=drafted.line.language,
                text=data.decode(),
                edited=drafted.edited,
                promises=drafted.promises,
            ),
            plan.channel_limits,
        )
        for drafted in state.texts
        if drafted.line not in state.left_out and (data := read(drafted.line.sha256)) is not None
    ]
    stale_from = promise_stale_from(state)
    changed = bool(state.outdated(plan.messages[name].facts, case.incident.facts))
    return Former(tuple(found), changed or (stale_from is not None and stale_from <= now))


def languages_left_out(case: Case, name: str) -> frozenset[str]:
    """The languages of a message that were left out, every text in them, of what was written last in the incident."""
    plan, written = case.plan, case.incident.messages.items()
    latest: dict[str, bool] = {}
    for other, state in sorted(written, key=lambda one: one[1].drafted_seq):
        kept = {line.language for line in state.lines if line not in state.left_out}
        latest |= {language: language not in kept for language in plan.messages[other].use.languages if kept}
    return frozenset(one for one in plan.messages[name].use.languages if latest.get(one))


def drafted(
    given: Sequence[Json], proposed: Sequence[ProposedText], limits: Mapping[str, int]
) -> tuple[tuple[DraftedText, ...], list[Blob]]:
    """The texts of an answer as they will be stored. Raises Usage for those that do not fit their channel."""
    offered = {(one.channel, one.language): one for one in proposed}
    texts, blobs, problems = [], [], []
    for one in given:
        made = offered.get((one["channel"], one["language"]))
        as_offered = made if made is not None and made.text == one["text"] else None
        # What was offered was measured when it was offered.
        checked = as_offered or _measured(one, limits)
        if checked.problem:
            problems.append(f"{checked.place}: {checked.problem}")
        digest = fingerprint(one["text"])
        blobs.append(Blob(key=digest, data=one["text"].encode()))
        texts.append(
            DraftedText(
                line=Line(channel=one["channel"], language=one["language"], sha256=digest),
                cleared=as_offered is not None and as_offered.cleared,
                edited=as_offered is None,
                promises=as_offered.promises if as_offered else _promise(one, made),
            )
        )
    if problems:
        raise Usage("; ".join(problems), hint="shorten it, or leave that channel out")
    return tuple(texts), blobs


def _measured(given: Json, limits: Mapping[str, int]) -> ProposedText:
    return sized(ProposedText(channel=given["channel"], language=given["language"], text=given["text"]), limits)


def _promise(given: Json, made: ProposedText | None) -> datetime | None:
    """The time that an edited text promises; it may have been written while another was proposed."""
    if made is None or made.promises is None:
        return None
    then = given.get("promises")
    written_with = datetime.fromisoformat(then) if isinstance(then, str) else None
    return promise_in(given["text"], made.text, made.promises, written_with)
