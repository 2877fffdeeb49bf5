"""Who holds which role, who steps in, and when."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from crisis.engine.events import Member
from crisis.engine.memory import once


class Roster(Struct, frozen=True, dict=True):
    """The people of an incident, and the playbook's word on which role stands in for which."""

    members: Mapping[str, Member]
    stand_in_roles: Mapping[str, str]
    out_of_reach: frozenset[str] = frozenset()  # who cannot be called at all

    def holders(self, role: str) -> tuple[Member, ...]:
        """Everyone who holds the role itself, deputies too."""
        return self._by_role.get(role, ())

    @once
    def _by_role(self) -> Mapping[str, tuple[Member, ...]]:
        found: dict[str, list[Member]] = {}
        for member in self.members.values():
            for role in dict.fromkeys(member.roles):
                found.setdefault(role, []).append(member)
        return {role: tuple(members) for role, members in found.items()}

    def deputies(self, role: str) -> tuple[Member, ...]:
        """Those who step in for a holder of the role, in the order the holders name them."""
        if role not in self._deputies:
            named = dict.fromkeys(member.deputies.get(role, "") for member in self.holders(role))
            self._deputies[role] = tuple(self.members[one] for one in named if one in self.members)
        return self._deputies[role]

    @once
    def _deputies(self) -> dict[str, tuple[Member, ...]]:
        return {}

    def primaries(self, role: str) -> tuple[Member, ...]:
        """Who is asked first: the holders who are nobody's deputy for it.

        A role that nobody holds falls to the role that deputises for it, without waiting.
        """
        if role not in self._primaries:
            holders, deputies = self.holders(role), self.deputies(role)
            first = tuple(member for member in holders if member not in deputies) or holders
            stand_in = self.stand_in_roles.get(role, "")
            self._primaries[role] = first or (self.holders(stand_in) if stand_in else ())
        return self._primaries[role]

    @once
    def _primaries(self) -> dict[str, tuple[Member, ...]]:
        return {}

    def may_speak_for(self, person: str, role: str, *, deputies_too: bool) -> bool:
        """Whether `person` counts for `role` now; deputies do as well where nobody before them can be called at all."""
        first = self.primaries(role)
        for member in first:
            if member.id == person:
                return True
        gone = self.out_of_reach
        deputies_too = deputies_too or (bool(gone) and all(member.id in gone for member in first))
        return deputies_too and any(member.id == person for member in self.deputies(role))

    def name(self, person: str) -> str:
        """The person's name, or the id where the roster does not know them."""
        member = self.members.get(person)
        return member.name if member else person
