"""What is looked at in `crisis.yaml`: people, deputies, channels, and whether the playbooks can be staffed."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from zoneinfo import ZoneInfo

from crisis.kernel.diagnostics import Diagnostic, Path, nearest
from crisis.kernel.text import quoted
from crisis.messages.channels import CHANNELS
from crisis.plan.book import Book
from crisis.playbook.documents import Organisation, Person
from crisis.playbook.model import Playbook

_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z]{2,8})*", re.ASCII)


def organisation_rules(
    ours: Organisation, books: Sequence[Book], drills: Collection[str] | None = None
) -> Iterator[Diagnostic]:
    """All findings in an organisation, given the playbooks it may have to walk and the names of its drills."""
    playbooks = [book.playbook for book in books if not book.playbook.abstract]
    yield from _duplicates(ours)
    yield from _zones_and_languages(ours)
    yield from _channels(ours)
    yield from _deputies(ours)
    if playbooks and ours.people:
        yield from _roles(ours, {name for one in playbooks for name in one.roles})
        yield from _staffing(ours, playbooks)
        yield from _quorums(ours, playbooks)
    yield from _risks(ours, {one.id for one in playbooks}, drills)


def _duplicates(ours: Organisation) -> Iterator[Diagnostic]:
    for section, ids in (
        ("people", [one.id for one in ours.people]),
        ("channels", [one.id for one in ours.channels]),
        ("parties", [one.id for one in ours.parties]),
    ):
        for n, name in enumerate(ids):
            if name in ids[:n]:
                text = f"{name!r} stands twice in {section} (first as number {ids.index(name) + 1})"
                yield Diagnostic("duplicate-id", text, (section, n, "id"), "give each its own id")


def _zones_and_languages(ours: Organisation) -> Iterator[Diagnostic]:
    zones: list[tuple[str, Path]] = [(ours.timezone, ("timezone",))]
    languages: list[tuple[str, Path]] = [(one, ("languages", n)) for n, one in enumerate(ours.languages)]
    for n, person in enumerate(ours.people):
        zones.append((person.timezone, ("people", n, "timezone")))
        languages += [(one, ("people", n, "languages", k)) for k, one in enumerate(person.languages)]
    for zone, path in zones:
        if zone and not _is_zone(zone):
            text = f"no time zone is called {quoted(zone, 60)}"
            yield Diagnostic("unknown-time-zone", text, path, "write it as Europe/Copenhagen")
    for language, path in languages:
        if not _LANGUAGE.fullmatch(language):
            text = f"{quoted(language, 60)} is no code of a language"
            yield Diagnostic("unknown-language", text, path, "write it as en, da or pt-BR")


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return False
    return True


def _channels(ours: Organisation) -> Iterator[Diagnostic]:
    people = {person.id for person in ours.people}
    for n, channel in enumerate(ours.channels):
        if channel.kind not in CHANNELS:
            text = f"no kind of channel is called {quoted(channel.kind, 60)}"
            yield Diagnostic("unknown-channel", text, ("channels", n, "kind"), nearest(channel.kind[:100], CHANNELS))
        for k, name in enumerate(channel.publishers):
            if name not in people:
                text = f"nobody is called {name!r}"
                yield Diagnostic("unknown-person", text, ("channels", n, "publishers", k), nearest(name, people))


def _deputies(ours: Organisation) -> Iterator[Diagnostic]:
    people = {person.id: person for person in ours.people}
    for n, person in enumerate(ours.people):
        for role, deputy in person.deputies.items():
            path: Path = ("people", n, "deputies", role)
            if role not in person.roles:
                text = f"{person.id} names a deputy for {role}, and does not hold that role"
                yield Diagnostic("deputy", text, path, f"add {role} to the roles of {person.id}", at_key=True)
            elif deputy == person.id:
                yield Diagnostic("deputy", f"{person.id} cannot be their own deputy", path, "name somebody else")
            elif deputy not in people:
                yield Diagnostic("unknown-person", f"nobody is called {deputy!r}", path, nearest(deputy, people))
            elif role not in people[deputy].roles:
                text = f"{deputy} is to step in as {role}, and does not hold that role: their yes would not count"
                yield Diagnostic("deputy", text, path, f"add {role} to the roles of {deputy}")


def _roles(ours: Organisation, known: set[str]) -> Iterator[Diagnostic]:
    for n, person in enumerate(ours.people):
        for k, role in enumerate(person.roles):
            if role not in known:
                text = f"no playbook knows the role {role!r}"
                yield Diagnostic("unknown-role", text, ("people", n, "roles", k), nearest(role, known), "warning")


def _staffing(ours: Organisation, playbooks: Sequence[Playbook]) -> Iterator[Diagnostic]:
    """unheld-role: an approval would have to be asked of a role that nobody holds."""
    needed: dict[str, list[str]] = {}
    for playbook in playbooks:
        for role in dict.fromkeys(role for chain in playbook.approvals.values() for role in chain.of):
            if role in playbook.roles and not _speakers(role, ours.people, playbook):
                needed.setdefault(role, []).append(playbook.id)
    for role, names in needed.items():
        text = (
            f"nobody holds the role {role}, nor the one that stands in for it; {_listed(names)} must ask for approval"
        )
        hint = f"add {role} to somebody's roles; until then the walk asks who it is"
        yield Diagnostic("unheld-role", text, ("people",), hint, "warning", at_key=True)


def _quorums(ours: Organisation, playbooks: Sequence[Playbook]) -> Iterator[Diagnostic]:
    """chain-people: fewer people than the quorum hold the roles of a chain."""
    short: dict[tuple[str, int, int], list[str]] = {}
    for playbook in playbooks:
        for name, chain in playbook.approvals.items():
            able = {person for role in chain.of for person in _speakers(role, ours.people, playbook)}
            if 0 < len(able) < chain.quorum <= len(set(chain.of)):
                short.setdefault((name, chain.quorum, len(able)), []).append(playbook.id)
    for (name, quorum, number), names in short.items():
        count = "1 person" if number == 1 else f"{number} people"
        text = f"the chain {name} of {_listed(names)} wants {quorum} people, and only {count} may say yes"
        hint = "persons are counted, not roles: give one of its roles to somebody else"
        yield Diagnostic("chain-people", text, ("people",), hint, at_key=True)


def _speakers(role: str, people: Sequence[Person], playbook: Playbook) -> set[str]:
    """Who may come to speak for the role: who holds it, their deputies, or who holds the role that stands in."""
    holders = {person.id for person in people if role in person.roles}
    deputy = playbook.roles[role].deputy if role in playbook.roles else None
    return holders or {person.id for person in people if deputy in person.roles}


def _risks(ours: Organisation, playbooks: set[str], drills: Collection[str] | None) -> Iterator[Diagnostic]:
    for n, risk in enumerate(ours.risks):
        for key, value in (("likelihood", risk.likelihood), ("impact", risk.impact)):
            if not 1 <= value <= 5:
                yield Diagnostic("risk", f"{key} is {value}, and goes from 1 to 5", ("risks", n, key), "write 1 to 5")
        if risk.playbook and playbooks and risk.playbook not in playbooks:
            text = f"no playbook is called {risk.playbook!r}"
            yield Diagnostic("unknown-playbook", text, ("risks", n, "playbook"), nearest(risk.playbook, playbooks))
        if risk.drill and drills is not None and risk.drill not in drills:
            text = f"no drill is called {risk.drill!r}"
            yield Diagnostic("unknown-drill", text, ("risks", n, "drill"), nearest(risk.drill, drills))


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
