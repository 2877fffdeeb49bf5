"""Is the record still what was written? The chain, the kept summary, and what a checkpoint remembers."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from crisis.adapters.journal.chain import first_link
from crisis.adapters.journal.rows import rows_of
from crisis.engine.events import Recorded
from crisis.kernel.errors import CrisisError, NotFound, Unreadable, Usage
from crisis.kernel.fingerprints import short
from crisis.kernel.ids import is_incident_id
from crisis.kernel.text import one_line
from crisis.projections.kept import SCHEMA_VERSION as OF_SUMMARIES
from crisis.projections.kept import version_of
from crisis.runtime.ports import Envelope, Head, Intact, Journal
from crisis.wiring.cases import brief_again, read_case
from crisis.wiring.reading import find, is_open, journal_at, named

SCHEMA_VERSION = 1

#: A checkpoint is a few hundred bytes for each incident; what is larger is something else.
_LARGEST = 1024 * 1024

_MAKES_ONE = "`crisis verify --json > FILE` makes one of every incident that is open"

_WHOLE_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)

#: How often a head and its events are read again while others write.
_PATIENCE = 20

#: The versions of summaries before this one, and what they all say alike.
_FORMER = range(1, OF_SUMMARIES)
_ALIKE = (
    *("incident", "title", "playbook", "drill", "timezone", "severity", "severity_word", "phase", "lead"),
    *("opened_at", "known_since", "closed_at", "updated_at", "version", "frozen", "frozen_accounts", "do_not"),
)


class Checkpoint(Struct, frozen=True, kw_only=True):
    """What was kept elsewhere: that the incident had so many events, and what the chain's last link was."""

    incident: str
    version: int
    hash: str


class Verdict(Struct, frozen=True, kw_only=True):
    """What was found. `anchored`: compared with a checkpoint, and it fits."""

    incident: str
    version: int
    hash: str
    problems: tuple[str, ...]
    anchored: bool

    def as_json(self) -> dict[str, Any]:
        """A document that `--checkpoint` accepts later."""
        return {
            "schema_version": SCHEMA_VERSION,
            "kind": "Checkpoint",
            "incident": self.incident,
            "version": self.version,
            "hash": self.hash,
            "intact": not self.problems,
            "anchored": self.anchored,
            "problems": list(self.problems),
        }


def verify(url: str | None, wanted: str | None, checkpoint: Path | None) -> tuple[Verdict, ...]:
    """Verify an incident; where none is named and several could be meant, those of the checkpoint, else all open ones.

    Raises NotFound, Usage or Unreadable; what is wrong with a record is in its verdict.
    """
    journal = journal_at(url)
    kept = read_checkpoint(checkpoint) if checkpoint is not None else ()
    heads, headless = journal.heads(), journal.headless()
    by_incident: dict[str, list[Checkpoint]] = {}
    for one in kept:
        by_incident.setdefault(one.incident, []).append(one)
    # Nothing lists an incident whose head was taken away; its events say that it was there.
    if not wanted and kept:
        strays = (name for name in headless if name not in by_incident)
        of_kept = (_of_kept(journal, name, said, heads, headless) for name, said in by_incident.items())
        return (*(_verdict(journal, name, None) for name in strays), *of_kept)
    if not wanted:
        meant = [*((name, None) for name in headless), *((head.incident, head) for head in heads if is_open(head))]
        if len(meant) > 1:
            return tuple(_verdict(journal, name, head) for name, head in meant)
    found = _of_one(journal, wanted, by_incident, heads, headless)
    # Whatever is asked for, a head that was taken away is told.
    others = tuple(
        f"the head of {one_line(other, 40)} is missing: its events are there, and no list shows it"
        for other in headless
        if other != found.incident
    )
    return (replace(found, problems=(*found.problems, *others), anchored=found.anchored and not others),)


def _of_kept(
    journal: Journal, incident: str, kept: Sequence[Checkpoint], heads: Sequence[Head], headless: Sequence[str]
) -> Verdict:
    """What is found of an incident of the checkpoint, which has its whole name there."""
    head = next((one for one in heads if one.incident == incident), None)
    if head is not None or incident in headless:
        return _verdict(journal, incident, head, kept)
    counted = max(one.version for one in kept)
    why = (
        f"the whole incident is missing: the checkpoint counts {counted} events"
        if is_incident_id(incident)
        else "the checkpoint names it, and no incident is called so"
    )
    return Verdict(incident=incident, version=0, hash="", problems=(why,), anchored=False)


def _of_one(
    journal: Journal,
    wanted: str | None,
    kept: Mapping[str, Sequence[Checkpoint]],
    heads: tuple[Head, ...],
    headless: tuple[str, ...],
) -> Verdict:
    head = None
    try:
        head = find(heads, wanted)
        incident = head.incident
    except NotFound:
        meant = named({one: one for one in headless}, wanted) if wanted else headless
        if len(meant) == 1 or (meant and not wanted):
            incident = meant[0]
        elif wanted and len(gone := named({one: one for one in kept}, wanted)) == 1:
            incident = gone[0]
        else:
            raise
    if not kept:
        return _verdict(journal, incident, head)
    if incident not in kept:
        names = ", ".join(one_line(one, 40) for one in kept)
        raise Usage(f"the checkpoint is of {names}, not of {incident}", hint="leave the incident out, or give its own")
    return _of_kept(journal, incident, kept[incident], heads, headless)


def _verdict(journal: Journal, incident: str, head: Head | None, kept: Sequence[Checkpoint] = ()) -> Verdict:
    """What is found of one incident, held against whatever a checkpoint says of it."""
    found = journal.verify(incident)
    problems = list(found.problems)
    if head is not None and not problems:
        problems += _summary(journal, head)
    problems += dict.fromkeys(why for one in kept for why in _against(one, found, journal))
    anchored = bool(kept) and not problems
    return Verdict(
        incident=incident, version=found.version, hash=found.hash, problems=tuple(problems), anchored=anchored
    )


def as_document(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """One JSON document that `--checkpoint` accepts later: that of the verdict, or a list of several."""
    if len(verdicts) == 1:
        return verdicts[0].as_json()
    intact = not any(one.problems for one in verdicts)
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "Checkpoints",
        "intact": intact,
        "incidents": [one.as_json() for one in verdicts],
    }


def read_checkpoint(path: Path) -> tuple[Checkpoint, ...]:
    """The checkpoint in a file, or the several of one. Raises NotFound or Unreadable."""
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST + 1)
    except FileNotFoundError:
        raise NotFound(f"there is no checkpoint file {one_line(str(path))}", hint=_MAKES_ONE) from None
    except OSError as error:
        raise Unreadable(f"{one_line(str(path))} cannot be read: {error.strerror}", hint="check the path") from None
    try:
        raw = json.loads(data) if len(data) <= _LARGEST else None
    except (ValueError, RecursionError):
        raw = None
    several = raw.get("incidents") if isinstance(raw, dict) else None
    entries = several if isinstance(several, list) else [raw]
    if any(isinstance(one, dict) and one.get("intact") is False for one in entries):
        why = "was made of a record that was not intact: it anchors nothing"
        raise Unreadable(f"{one_line(str(path))} {why}", hint="take one that was made before")
    found = [_checkpoint(one) for one in entries]
    kept = tuple(one for one in found if one is not None)
    if not kept or len(kept) < len(found):
        why = "is not a checkpoint: it names no incident, version and hash"
        raise Unreadable(f"{one_line(str(path))} {why}", hint=_MAKES_ONE)
    return kept


def _checkpoint(raw: object) -> Checkpoint | None:
    if not isinstance(raw, dict):
        return None
    incident, version, digest = raw.get("incident"), raw.get("version"), raw.get("hash")
    if isinstance(incident, str) and type(version) is int and version > 0 and isinstance(digest, str):
        return Checkpoint(incident=incident, version=version, hash=digest)
    return None


def _summary(journal: Journal, head: Head) -> list[str]:
    """What the kept summary says, against what the events say."""
    try:
        case = read_case(journal, head)
        for _ in range(_PATIENCE):  # somebody may be writing meanwhile: compare a head with its own events
            if case.incident.version == head.version:
                break
            head = journal.head(head.incident) or head
            case = read_case(journal, head)
        rebuilt, ahead = brief_again(case)
    except CrisisError as error:
        return [error.message]
    kept = dict(head.brief)
    written_by = version_of(kept, head.incident)
    if written_by is None:
        return ["the kept summary (status, list) cannot be read; the next event that is recorded writes it anew"]
    if written_by in _FORMER:
        # It said some things in other words: what has stayed the same is compared.
        return _differing(_as_former(kept), _as_former(rebuilt))
    if written_by != OF_SUMMARIES:
        return [f"the kept summary (status, list) is of no version known here: {one_line(str(written_by), 40)}"]
    if differing := _differing(kept, rebuilt):
        return differing
    if head.wakes_at != ahead.wakes_at:
        return ["the kept time of the next deadline is not the one that follows from the events"]
    return []


def _differing(kept: Mapping[str, Any], rebuilt: Mapping[str, Any]) -> list[str]:
    differing = sorted(key for key in {*kept, *rebuilt} if kept.get(key) != rebuilt.get(key))
    said = "the kept summary (status, list) does not say what the events say"
    return [f"{said}: {', '.join(one_line(key, 40) for key in differing)}"] if differing else []


def _as_former(brief: Mapping[str, Any]) -> dict[str, Any]:
    """What a summary of the former version and one of today say alike of the same events."""
    published = brief.get("published")
    out = [one for one in published if isinstance(one, dict)] if isinstance(published, list) else []
    places = sorted({f"{one.get('message')} {one.get('channel')} {one.get('language')}" for one in out})
    return {key: brief.get(key) for key in _ALIKE} | {"published": places}


def _against(kept: Checkpoint, found: Intact, journal: Journal) -> list[str]:
    if kept.version > found.version:
        missing = f"events {found.version + 1} to {kept.version} are missing"
        return [f"{missing}: the checkpoint counts {kept.version}, the journal {found.version}"]
    if not _WHOLE_HASH.fullmatch(kept.hash):
        length = f"it has {len(kept.hash)} characters" if len(kept.hash) != 64 else "it has characters that none has"
        return [f"the checkpoint's hash of event {kept.version} is no whole one: {length}"]
    if found.problems:
        return []  # it is known to be tampered with; what its links were cannot be told
    then = found.hash if kept.version == found.version else _hash_at(kept, journal.read(kept.incident))
    if then != kept.hash:
        said = f"at event {kept.version} the chain was {short(kept.hash)}, it is {short(then)} now"
        return [f"the record was rewritten after the checkpoint: {said}"]
    return []


def _hash_at(kept: Checkpoint, events: Sequence[Recorded]) -> str:
    """The chain's link at an earlier event, made again from the events up to it."""
    last = first_link(kept.incident)
    for command, group in groupby(events[: kept.version], key=lambda one: one.command):
        envelopes = [
            Envelope(seq=one.seq, at=one.at, who=one.who, via=one.via, event=one.event, on_behalf_of=one.on_behalf_of)
            for one in group
        ]
        last = rows_of(kept.incident, last, command, envelopes)[-1].hash
    return last
