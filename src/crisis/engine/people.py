"""Who holds which role, who steps in, and when."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from crisis.engine.events import Member


class Roster(Struct, frozen=True):
    """The people of an incident, and the playbook's word on which role stands in for which."""

    members: Mapping[str, Member]
    stand_in_roles: Mapping[str, str]

    def holders(self, role: str) -> tuple[Member, ...]:
        """Everyone who holds the role itself, deputies too."""
        return tuple(member for member in self.members.values() if role in member.roles)

    def deputies(self, role: str) -> tuple[Member, ...]:
        """Those who step in for a holder of the role, in the order the holders name them."""
        named = dict.fromkeys(member.deputies.get(role, "") for member in self.holders(role))
        return tuple(self.members[one] for one in named if one in self.members)

    def primaries(self, role: str) -> tuple[Member, ...]:
        """Who is asked first: the holders who are nobody's deputy for it.

        A role that nobody holds falls to the role that deputises for it, without waiting.
        """
        holders, deputies = self.holders(role), self.deputies(role)
        first = tuple(member for member in holders if member not in deputies) or holders
        if first:
            return first
        stand_in = self.stand_in_roles.get(role, "")
        return self.holders(stand_in) if stand_in else ()

    def may_speak_for(self, person: str, role: str, *, deputies_too: bool) -> bool:
        """Whether `person` counts for `role` now."""
        speakers = self.primaries(role) + (self.deputies(role) if deputies_too else ())
        return any(member.id == person for member in speakers)

    def name(self, person: str) -> str:
        """The person's name, or the id where the roster does not know them."""
        member = self.members.get(person)
        return member.name if member else person
