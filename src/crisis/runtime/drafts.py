"""Texts between a person and the journal: what was sent for approval, and what is sent now."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from crisis.engine.approvals import promise_stale_from
from crisis.engine.events import DraftedText, Json, Line
from crisis.engine.state import MessageState
from crisis.kernel.errors import Usage
from crisis.kernel.fingerprints import fingerprint
from crisis.messages.promises import promise_in
from crisis.projections.out_there import out_there
from crisis.runtime.compose import sized
from crisis.runtime.desk import Case
from crisis.runtime.ports import Blob
from crisis.runtime.scene import Elsewhere, Former, ProposedText


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
    places = {one.place for one in found}
    return Former(
        tuple(found),
        outdated=changed or (stale_from is not None and stale_from <= now),
        left_out=frozenset(_places(case, name)) - places - _wrong_at(case, name),
        sources=_sources(state, plan.messages[name].source_language),
    )


def left_out_before(case: Case, name: str) -> frozenset[str]:
    """The places that somebody left out of a message the last time; not those where it could not be posted then."""
    state = case.incident.message(name)
    kept = {one.place for one in state.lines if one not in state.left_out or one in state.locked}
    return frozenset(_places(case, name)) - kept - _wrong_at(case, name) if kept else frozenset()


def _wrong_at(case: Case, name: str) -> frozenset[str]:
    """The places where the message is out and says facts as they were: only a text there puts that right."""
    posted = out_there(case.plan, case.incident)
    return frozenset(one.publication.line.place for one in posted if one.message == name and one.outdated)


def _places(case: Case, name: str) -> Sequence[str]:
    use = case.plan.messages[name].use
    return [f"{channel}/{language}" for channel in use.channels for language in use.languages]


def _sources(state: MessageState, source_language: str) -> Mapping[str, str]:
    """The fingerprint that the source of each translation had when that translation came to say what it says."""
    return {
        line.place: source.sha256
        for line, beside in state.made_beside.items()
        for source in beside
        if source.channel == line.channel and source.language == source_language != line.language
    }


def left_out_elsewhere(case: Case, name: str) -> Elsewhere:
    """The languages of a message that were left out, every text in them, of the other one that was written last."""
    plan, written = case.plan, case.incident.messages.items()
    others = sorted((one for one in written if one[0] != name), key=lambda one: one[1].drafted_seq)
    for other, state in reversed(others):
        if kept := {line.language for line in state.lines if line not in state.left_out}:
            without = set(plan.messages[other].use.languages) - kept
            languages = tuple(one for one in plan.messages[name].use.languages if one in without)
            return Elsewhere(plan.messages[other].title, languages) if languages else Elsewhere()
    return Elsewhere()


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
                says=made.says if made is not None else None,
                # What somebody wrote in by hand may say that there is none.
                only_asked=as_offered.only_asked if as_offered is not None else (),
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
