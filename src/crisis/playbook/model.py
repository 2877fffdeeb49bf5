"""`kind: Playbook`: the whole response to one crisis type, as data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from crisis.playbook.authored import Parsed, authored, described
from crisis.playbook.conditions import Condition
from crisis.playbook.values import (
    SEVERITIES,
    After,
    Cadences,
    Date,
    Duration,
    FactName,
    Id,
    Number,
    Phase,
    RepeatEvery,
    Severity,
    StandDownCriterion,
)

API_VERSION = "crisis/v1"

FactType = Literal["text", "yes-no", "number", "time", "choice", "choice-many"]
Proof = Literal["signed", "present", "verbal"]


@authored
class About:
    """What this playbook is for, who keeps it, and when it was last looked at."""

    type: str = described("The crisis type, in words.", default="")
    definition: str = described("When this is the right playbook.", default="")
    effects: tuple[str, ...] = described("What may follow.", default=())
    approach: tuple[str, ...] = described("How such a crisis is met.", default=())
    owner: str = described("The role that keeps this playbook.", default="")
    reviewed: Date | None = described("When it was last reviewed.", default=None)
    review_every: Duration | None = described("How often it should be.", default=None)


@authored
class Fact:
    """Something known, not known, or not known yet with a time to ask again."""

    type: FactType = described("What kind of value it has.")
    prompt: str = described("The question as it is asked.")
    required: bool = described("A walk without a terminal cannot begin without it.", default=False)
    options: Mapping[str, str] = described("For choice and choice-many: value and label.", default_factory=dict)
    minimum: Number | None = described("For number: the least it may be.", default=None)
    maximum: Number | None = described("For number: the most it may be.", default=None)
    sensitive: bool = described("Kept outside the hash chain, erasable, never in a text or a rule.", default=False)
    visible_to: tuple[str, ...] = described("The roles that see a sensitive value.", default=())
    ask_again: Duration | None = described("When to ask again after `not known yet`.", default=None)
    help: str = described("Shown when the person asks why.", default="")


@authored
class SeverityRule:
    """When a severity is proposed, and the clocks that come with it."""

    any_: tuple[Condition, ...] = described("Proposed if one of these holds.", default=())
    all_: tuple[Condition, ...] = described("Proposed if all of these hold.", default=())
    first_statement: Duration | None = described("From the first report to the first statement.", default=None)
    first_statement_cleared: Duration | None = described("The same with a cleared text.", default=None)
    update_every: Cadences = described("How often the next update is promised.", default=())


@authored
class Role:
    """What someone does in a crisis."""

    title: str = described("The role's name as people say it.", default="")
    duties: tuple[str, ...] = described("What they do.", default=())
    deputy: Id | None = described("The role that steps in when nobody holds this one.", default=None)
    when: Condition | None = described("The role exists only then.", default=None)


@authored
class Rung:
    """One rung of the ladder: who is paged together, and how long they have."""

    page: tuple[str, ...] = described("Roles.")
    acknowledge_within: Duration | None = described("Then the next rung is paged.", default=None)


def _acknowledge(value: Any) -> str:
    if value in ("any", "all") or (str(value).isascii() and str(value).isdigit() and int(value) > 0):
        return str(value)
    raise ValueError("write any, all, or a number")


@authored
class Escalation:
    """Who is paged in which order at this severity."""

    ladder: tuple[Rung, ...] = described("The rungs in order.")
    repeat: int = described("How often the whole ladder is gone through.", default=1)
    acknowledge: Annotated[
        str, Parsed(_acknowledge, {"anyOf": [{"enum": ["any", "all"]}, {"type": "integer", "minimum": 1}]})
    ] = described("How many must acknowledge: any, all, or a number.", default="any")


@authored
class Inform:
    """Who hears of it in a phase, and how."""

    phase: Phase = described("The phase.")
    roles: tuple[str, ...] = described("Roles, in order.")
    by: str = described("By phone, in person, …", default="")


@authored
class Translation:
    """Who vouches that a translation says what the approved source text says."""

    of: tuple[str, ...] = described("Roles that may vouch.")
    per: Literal["language"] = described("One sign-off for each language.", default="language")


@authored
class LastResort:
    """A cleared, unedited safety text that one named role may send when everyone is silent."""

    after: Duration = described("How long the approvers and their deputies have been silent.")
    when: Condition = described("Danger to people is known.")
    by: str = described("The role that may.")
    only: Literal["cleared-unedited"] = described("Nothing else may go out so.", default="cleared-unedited")
    review_within: Duration = described("When it must be reviewed afterwards.")


@authored
class Chain:
    """An approval chain: who must say yes to a text, how many, and whose no is final."""

    of: tuple[str, ...] = described("The roles that may approve.")
    quorum: int = described("How many different people.", default=1)
    required: tuple[str, ...] = described("Roles without which it does not count.", default=())
    veto: tuple[str, ...] = described("Roles whose no is final for this text.", default=())
    self_approval: bool = described("Whether who drafted a text may approve it.", default=False)
    within: Duration = described("How long an approver has before the deputy is asked.")
    on_timeout: Literal["deputies"] = described("Silence never approves.", default="deputies")
    expires: Duration = described("How long an approval is good for.")
    proof: tuple[Proof, ...] = described("Which proofs count.", default=("signed", "present", "verbal"))
    translation: Translation | None = described("Sign-off of languages that no approver reads.", default=None)
    last_resort: LastResort | None = described("What may be done when everyone is silent.", default=None)


def _approval(value: Any) -> Mapping[str, str]:
    if isinstance(value, str):
        return {"": value}
    keys = {*SEVERITIES, "otherwise"}
    if isinstance(value, Mapping) and value and set(value) <= keys and all(isinstance(v, str) for v in value.values()):
        return {"" if key == "otherwise" else key: chain for key, chain in value.items()}
    raise ValueError("write a chain's name, or one for each severity, such as {SEV1: safety, otherwise: public}")


_APPROVAL_SCHEMA = {
    "anyOf": [
        {"type": "string"},
        {
            "type": "object",
            "propertyNames": {"enum": [*SEVERITIES, "otherwise"]},
            "additionalProperties": {"type": "string"},
            "minProperties": 1,
        },
    ]
}


@authored
class MessageUse:
    """A message of this playbook: which template, to whom, where, in which languages, approved by whom."""

    template: Id = described("The folder under templates/messages.")
    audience: str = described("Who it is for.")
    channels: tuple[str, ...] = described("Where it goes, most important first.")
    languages: tuple[str, ...] = described("In which languages.")
    approval: Annotated[Mapping[str, str], Parsed(_approval, _APPROVAL_SCHEMA)] = described("The approval chain.")
    cleared_approval: str | None = described("The shorter chain for a cleared, unedited text.", default=None)
    first_statement: bool = described("Publishing it meets the first-statement clock.", default=False)


@authored
class ClockUse:
    """A legal clock from the knowledge files, and what starts it here."""

    use: Id = described("The clock's id.")
    starts_with: Condition = described("The fact that starts it.")
    for_: FactName | None = described("The fact that lists the countries concerned.", default=None)
    met_with: Condition | None = described("The fact or the outcome of a step that shows it was done.", default=None)


@authored
class Repeat:
    """Do it again: every so often, until something holds."""

    every: RepeatEvery = described("A duration, or update_every.")
    until: Condition | None = described("When to stop.", default=None)


@authored
class StepHead:
    """What every step has, whatever its kind."""

    id: Id = described("Its name in this playbook.")
    kind: str = described("What is done.")
    phase: Phase = described("The phase it belongs to.")
    title: str = described("What it is called on screen.", default="")
    role: Id = described("Who does it.", default="crisis-lead")
    why: str = described("Why it is there; shown when the person asks.", default="")
    after: tuple[After, ...] = described("The steps it follows.", default=())
    when: Condition | None = described("Only then.", default=None)
    within: Duration | None = described("A clock from the moment it may begin.", default=None)
    repeat: Repeat | None = described("Do it again.", default=None)
    on: Mapping[str, str] = described("Where an outcome leads back to, or close.", default_factory=dict)
    for_each: FactName | None = described("Once for each value of a choice-many fact.", default=None)
    do_not: tuple[str, ...] = described("What not to do in this step.", default=())


@authored
class StandDown:
    """By what one sees that it is over."""

    criteria: tuple[StandDownCriterion, ...] = described(
        "Each is shown ticked or not; one with `for` cannot be seen sooner than so long after the first report.",
        default=(),
    )
    contrary: Mapping[str, Condition] = described(
        "By criterion, in its own words: what monitoring may say against it.", default_factory=dict
    )


@authored
class PostMortem:
    """What the debrief asks beside the usual."""

    questions: tuple[str, ...] = described("Questions for this type of crisis.", default=())


@authored
class Cluster:
    """SCCT: whom the public will blame, by facts; unknown until they are known."""

    victim: Condition | None = described("It happened to us.", default=None)
    accidental: Condition | None = described("We caused it without meaning to.", default=None)
    preventable: Condition | None = described("We could have prevented it.", default=None)


@authored
class Playbook:
    """A playbook without its steps, which are validated one by one against their own kind."""

    apiVersion: Literal["crisis/v1"] = described("crisis/v1.")  # noqa: N815  # the name of the key in the file
    kind: Literal["Playbook"] = described("Playbook.")
    id: Id = described("Its name; the file is called so.")
    title: str = described("What it is called on screen.")
    extends: Id | None = described("The playbook this one builds on.", default=None)
    abstract: bool = described("Only to be extended, never started.", default=False)
    remove: tuple[str, ...] = described("Steps of the extended playbook to leave out.", default=())
    about: About = described("What it is for.", default_factory=About)
    cluster: Cluster = described("Whom the public will blame (SCCT).", default_factory=Cluster)
    facts: Mapping[FactName, Fact] = described("What must be found out.", default_factory=dict)
    severity: Mapping[Severity, SeverityRule] = described("How bad it is.", default_factory=dict)
    roles: Mapping[Id, Role] = described("Who does what.", default_factory=dict)
    escalation: Mapping[Severity, Escalation] = described("Who is paged.", default_factory=dict)
    inform: tuple[Inform, ...] = described("Who hears of it when.", default=())
    approvals: Mapping[Id, Chain] = described("Approval chains.", default_factory=dict)
    messages: Mapping[Id, MessageUse] = described("What is said.", default_factory=dict)
    clocks: tuple[ClockUse, ...] = described("Legal clocks.", default=())
    stand_down: StandDown = described("When it is over.", default_factory=StandDown)
    do_not: tuple[str, ...] = described("What never to do.", default=())
    postmortem: PostMortem = described("What to ask afterwards.", default_factory=PostMortem)


__all__ = ["API_VERSION", "Playbook", "StepHead"]
