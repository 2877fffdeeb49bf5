"""What things are called: people, roles, steps, messages and facts, by name instead of by id."""

from __future__ import annotations

from msgspec import Struct

from crisis.engine.look import roster_of
from crisis.engine.people import Roster
from crisis.engine.plan import Plan
from crisis.engine.state import Incident
from crisis.playbook.values import SEVERITY_WORDS

#: What a statement was compiled into: the steps share a title, this tells them apart.
_PARTS = {"draft": "draft", "approve": "approval", "publish": "publishing"}


class Names(Struct, frozen=True):
    """The names in a plan; of people too, where there is an incident."""

    plan: Plan
    people: Roster

    @classmethod
    def of(cls, plan: Plan, incident: Incident | None = None) -> Names:
        """The names of a plan and of the people of an incident that runs on it."""
        return cls(plan, roster_of(plan, incident) if incident is not None else Roster({}, {}))

    def person(self, person: str) -> str:
        """`Ana Berg`; the id where nobody knows more."""
        return self.people.name(person)

    def role(self, role: str) -> str:
        """`legal`, or what the playbook calls it."""
        known = self.plan.roles.get(role)
        return (known.title if known is not None else "") or role.replace("-", " ")

    def roles(self, roles: tuple[str, ...]) -> str:
        """`legal, executive`."""
        return ", ".join(self.role(one) for one in roles)

    def step(self, step: str) -> str:
        """`Is it real?`; of a statement with its part: `Holding statement (draft)`."""
        planned = self.plan.by_id.get(step)
        if planned is None:
            return step
        part = _PARTS.get(planned.kind_name)
        return f"{planned.title} ({part})" if part else planned.title

    def message(self, message: str) -> str:
        """`Holding statement`."""
        planned = self.plan.messages.get(message)
        return planned.title if planned is not None else message

    def fact(self, fact: str) -> str:
        """`injury`, `family told`."""
        return fact.replace("_", " ")

    def account(self, account: str) -> str:
        """`x @brand`; what a playbook lists beside the accounts is its own name."""
        return self.plan.accounts.get(account, account)

    def severity(self, severity: str) -> str:
        """`SEV1 critical`."""
        return f"{severity} {SEVERITY_WORDS.get(severity, '')}".strip()
