"""People: from the organisation file, from a name typed in the night; their numbers lie outside the chain."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Collection, Mapping

from crisis.engine.events import Member
from crisis.engine.people import Roster
from crisis.engine.plan import Plan
from crisis.engine.state import Incident
from crisis.kernel.contacts import contact_in_words, most_direct
from crisis.kernel.fingerprints import salted
from crisis.kernel.names import as_kept, folded, is_me, is_nobody
from crisis.playbook.documents import Organisation
from crisis.runtime.ports import Blob, Ids, Journal


def members_of(organisation: Organisation, ids: Ids) -> tuple[tuple[Member, ...], list[Blob]]:
    """Everyone of the organisation file, with the blobs of their contact details."""
    members, blobs = [], []
    for person in organisation.people:
        contact, blob = _sealed(person.contact, ids)
        blobs += blob
        members.append(
            Member(
                id=person.id,
                name=person.name,
                roles=person.roles,
                deputies=dict(person.deputies),
                languages=person.languages,
                contact=contact,
            )
        )
    return tuple(members), blobs


def as_meant(said: Mapping[str, str], me: str) -> Mapping[str, str]:
    """Somebody named on the spot, where `me` walks: `myself` is who walks, and `no one` is nobody."""
    name = said.get("name", "")
    if is_nobody(name):
        return {}
    return {**said, "name": me} if is_me(name) else said


def person_from(
    name: str,
    contact: str,
    roles: tuple[str, ...],
    known: Mapping[str, Member],
    ids: Ids,
    taken: Collection[str] = (),
    acting: str = "",
) -> tuple[Member, list[Blob]]:
    """A member for someone named on the spot; someone known by that name gets the roles as well.

    `taken` are names that others have acted under: nobody new gets one of them as an id, and with it what they did.
    Whoever is `acting` keeps the name that they act under: what they do next is theirs.
    """
    name = as_kept(name)
    for member in known.values():
        if folded(name) in (folded(member.name), folded(member.id)):
            more = tuple(dict.fromkeys((*member.roles, *roles)))
            return _with_contact(member, more, contact, ids)
    made = Member(id=name if name == acting else _free_id(name, {*known, *taken}), name=name, roles=roles)
    return _with_contact(made, roles, contact, ids)


def contact_of(member: Member, journal: Journal) -> str:
    """How to reach them, most direct first; empty where nothing is known or it was erased."""
    data = journal.blob(member.contact) if member.contact else None
    return contact_in_words(data) if data is not None else ""


def _with_contact(member: Member, roles: tuple[str, ...], contact: str, ids: Ids) -> tuple[Member, list[Blob]]:
    sealed, blobs = _sealed({"number": contact.strip()} if contact.strip() else {}, ids)
    return (
        Member(
            id=member.id,
            name=member.name,
            roles=roles,
            deputies=member.deputies,
            languages=member.languages,
            contact=sealed or member.contact,
        ),
        blobs,
    )


def _sealed(contact: Mapping[str, str], ids: Ids) -> tuple[str, list[Blob]]:
    if not contact:
        return "", []
    salt = ids.salt()
    data = json.dumps(dict(contact), ensure_ascii=False, sort_keys=True).encode()
    key = salted(data, salt)
    return key, [Blob(key=key, data=data, salt=salt)]


def _free_id(name: str, taken: Collection[str]) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    base = re.sub(r"[^a-z0-9]+", "-", plain.split(" ")[0] if plain.strip() else "").strip("-") or "person"
    number, candidate = 2, base
    while candidate in taken:
        candidate, number = f"{base}-{number}", number + 1
    return candidate


def asked(role: str, plan: Plan, incident: Incident, people: Roster) -> str:
    """`Ana Berg (legal)`; for a role that nobody holds, whoever leads."""
    names = [member.name for member in people.primaries(role)] or [people.name(incident.lead)]
    planned = plan.roles.get(role)
    return f"{' or '.join(names)} ({(planned.title if planned else '') or role})"


def reach_of(contact: str, name: str) -> str:
    """`Ana Berg, +45 12 34 56 78`: the most direct way to reach them."""
    return f"{name}, {most_direct(contact)}" if contact else name
