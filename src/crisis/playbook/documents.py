"""The other kinds of file: `Organisation`, `Message`, `Scenario`, `Clocks`, `Watch`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from crisis.playbook.authored import Parsed, authored, described
from crisis.playbook.conditions import Condition
from crisis.playbook.values import Date, Duration, FactName, Id, Moment, PersonName, Severity


@authored
class SpokespersonClearance:
    """On what someone may speak to the media, and until when."""

    topics: tuple[str, ...] = described("Topics.")
    until: Date | None = described("The last day.", default=None)


@authored
class Person:
    """Someone of ours."""

    id: Id = described("A short name, used with --as.")
    name: PersonName = described("As it is written in a timeline.")
    roles: tuple[Id, ...] = described("The roles they hold.", default=())
    deputies: Mapping[Id, Id] = described("For a role: who steps in.", default_factory=dict)
    department: str = described("Where they work.", default="")
    contact: Mapping[str, str] = described("phone, email, chat, pager.", default_factory=dict)
    timezone: str = described("Their time zone, such as Europe/Copenhagen.", default="")
    languages: tuple[str, ...] = described("The languages they read well enough to approve.", default=())
    verified: Date | None = described("When the contact details were last checked.", default=None)
    public_key: str = described("For signed approvals.", default="")
    spokesperson: SpokespersonClearance | None = described("Clearance to speak.", default=None)


@authored
class Channel:
    """One of our accounts or outlets."""

    id: Id = described("Its name here.")
    kind: str = described("x, facebook, website, email, …")
    handle: str = described("The account.", default="")
    limit: int | None = described("If it differs from the network's.", default=None)
    publishers: tuple[Id, ...] = described("Who may publish there.", default=())
    dark_site: str = described("The address of the prepared page.", default="")
    switch: str = described("How the prepared page is switched on.", default="")


@authored
class Party:
    """Someone outside: agency, counsel, insurer, regulator, platform trust and safety …"""

    id: Id = described("Its name here.")
    name: PersonName = described("As it is written in a timeline.")
    kind: str = described("agency, counsel, insurer, regulator, platform, …")
    country: str = described("For a regulator.", default="")
    contact: Mapping[str, str] = described("phone, email, portal.", default_factory=dict)
    hours: str = described("When they can be reached.", default="")
    reference: str = described("Policy or customer number.", default="")


@authored
class Risk:
    """A line of the risk register."""

    scenario: str = described("What may happen.")
    likelihood: int = described("1 (rare) to 5.")
    impact: int = described("1 (small) to 5.")
    playbook: Id | None = described("What we would start.", default=None)
    drill: Id | None = described("How we rehearse it.", default=None)
    owner: str = described("Who keeps this line.", default="")
    review: Date | None = described("When to look again.", default=None)


@authored
class Organisation:
    """`kind: Organisation`: who we are. Optional; without it the walk asks."""

    apiVersion: Literal["crisis/v1"] = described("crisis/v1.")  # noqa: N815  # the name of the key in the file
    kind: Literal["Organisation"] = described("Organisation.")
    name: str = described("The brand, as it stands in texts.")
    website: str = described("Where people learn more.", default="")
    hotline: str = described("The number people may call.", default="")
    timezone: str = described("The house time zone, such as Europe/Copenhagen.", default="")
    languages: tuple[str, ...] = described("The languages our public speaks; empty: as the playbook.", default=())
    policy: str = described("Where the social-media policy is.", default="")
    people: tuple[Person, ...] = described("Who does what.", default=())
    channels: tuple[Channel, ...] = described("Our accounts and outlets.", default=())
    parties: tuple[Party, ...] = described("Whom we need outside.", default=())
    risks: tuple[Risk, ...] = described("The risk register.", default=())


@authored
class Clearance:
    """An approval given to a template in advance, bound to its exact bodies."""

    by: str = described("Who cleared it.")
    on: Date = described("When.")
    expires: Date | None = described("Until when.", default=None)
    fingerprints: Mapping[str, str] = described("Body (en, en.x) and its SHA-256.")


@authored
class Media:
    """A picture, video or attachment that goes with a text."""

    file: str = described("Beside message.yaml.")
    sha256: str = described("Its fingerprint.")
    alt: Mapping[str, str] = described("What it shows, in each language.", default_factory=dict)
    rights: str = described("Whose it is.", default="")


@authored
class Message:
    """`kind: Message`: a template; its bodies lie beside it as `<lang>.j2` and `<lang>.<channel>.j2`."""

    apiVersion: Literal["crisis/v1"] = described("crisis/v1.")  # noqa: N815  # the name of the key in the file
    kind: Literal["Message"] = described("Message.")
    id: Id = described("Its name; the folder is called so.")
    title: str = described("What it is called on screen.")
    audience: str = described("Who it is for.", default="")
    source_language: str = described("The language that is written first.", default="en")
    languages: tuple[str, ...] = described("The languages there are bodies for.")
    facts: tuple[FactName, ...] = described("The facts the bodies use.", default=())
    slots: tuple[str, ...] = described("What the text contains: do-now, empathy, facts, …", default=())
    translated_from: Mapping[str, str] = described(
        "Body and the SHA-256 of the source text it was translated from.", default_factory=dict
    )
    media: tuple[Media, ...] = described("What goes with it.", default=())
    clearance: Clearance | None = described("An approval given in advance.", default=None)


@authored
class ScriptedPerson:
    """How a person behaves in a drill."""

    answers_after: Duration | None = described("How long they take to answer.", default=None)
    unreachable: bool = described("They never answer.", default=False)
    rejects: tuple[str, ...] = described("Messages they refuse once, with `because`.", default=())
    because: str = described("What they say when they refuse.", default="")


@authored
class Inject:
    """One event fed into a drill."""

    id: Id = described("Its name.")
    at: Duration = described("How long after the beginning.")
    from_: str = described("Who it comes from.", default="")
    text: str = described("What is said.", default="")
    facts: Mapping[FactName, Any] = described("Facts that become known.", default_factory=dict)
    signals: Mapping[FactName, Any] = described("Signals, such as mention_rate: 14x.", default_factory=dict)
    severity: Severity | None = described("The lead changes the severity.", default=None)


@authored
class Never:
    """Something that must not happen."""

    published: str = described("A message, or any.")
    without: Literal["approved", "known-facts"] = described("Without what.", default="approved")


@authored
class Expectation:
    """What must be true of a drill; exactly one of published, never, outcome, condition."""

    published: str | None = described("This message is published …", default=None)
    within: Duration | None = described("… within this time of the beginning.", default=None)
    never: Never | None = described("This must not happen.", default=None)
    outcome: Annotated[
        Any,
        Parsed(
            lambda value: value,
            {"anyOf": [{"const": "closed"}, {"type": "object", "additionalProperties": {"type": "string"}}]},
        ),
    ] = described("closed, or a step and its outcome.", default=None)
    approved_by: Mapping[str, str] | None = described("A message and the person who approved it.", default=None)
    voided: str | None = described("An approval of this message was given and did not stand.", default=None)
    severity: Severity | None = described("The severity at the end.", default=None)
    condition: Condition | None = described("Any condition, at the end.", default=None)
    objective: str = described("The objective this shows.", default="")


@authored
class Scenario:
    """`kind: Scenario`: the script of a drill."""

    apiVersion: Literal["crisis/v1"] = described("crisis/v1.")  # noqa: N815  # the name of the key in the file
    kind: Literal["Scenario"] = described("Scenario.")
    id: Id = described("Its name.")
    title: str = described("What is rehearsed.")
    playbook: Id = described("The playbook.")
    begins: Moment = described("When it begins, with its time zone.")
    known_before: Duration | None = described("How long before that it was known.", default=None)
    organisation: Organisation | None = described("Who is there; left out: the operator alone.", default=None)
    operator: Id = described("Who walks.", default="operator")
    pace: Duration | None = described("How long each answer takes.", default=None)
    lasts: Duration | None = described("When the exercise is over; left out: once it is closed.", default=None)
    people: Mapping[Id, ScriptedPerson] = described("How the others behave.", default_factory=dict)
    facts: Mapping[FactName, Any] = described("What is known when asked.", default_factory=dict)
    answers: Mapping[str, Any] = described("For each step, what is answered.", default_factory=dict)
    injects: tuple[Inject, ...] = described("What happens meanwhile.", default=())
    expect: tuple[Expectation, ...] = described("What must be true.")
    objectives: Mapping[str, str] = described("What the drill is for.", default_factory=dict)


@authored
class LegalClock:
    """A deadline in law. Incomplete, not legal advice: ask counsel."""

    id: Id = described("Its name.")
    title: str = described("What is due to whom.")
    due: str = described("A duration such as 72h, or asap.")
    anchor: str = described("What it counts from.", default="")
    source: str = described("Where it stands.")
    verify: bool = described("Sources disagree: ask before relying on it.", default=False)
    countries: tuple[str, ...] = described("Where it applies; empty: ask.", default=())


@authored
class Clocks:
    """`kind: Clocks`: the legal clocks we know of."""

    apiVersion: Literal["crisis/v1"] = described("crisis/v1.")  # noqa: N815  # the name of the key in the file
    kind: Literal["Clocks"] = described("Clocks.")
    reviewed_on: Date = described("When this was last checked.")
    notice: str = described("What to say beside every clock.")
    clocks: tuple[LegalClock, ...] = described("The clocks.")


@authored
class WatchedFeed:
    """Something that is watched. What kind of feed it is, its address says."""

    url: str = described("Its address; a token stands in the environment, not in it.")
    id: Id | None = described("Its name on screen and in memory; left out: made from the address.", default=None)
    kind: Id | None = described("rss, mastodon, bluesky, …, where the address does not say it.", default=None)
    words: tuple[str, ...] = described("Only texts with one of these words count; bluesky needs some.", default=())
    token: str = described("The environment variable that holds the token.", default="")
    every: Duration | None = described("How often it is asked; left out: as often as suits it.", default=None)


@authored
class Watch:
    """`kind: Watch`: what `crisis watch` watches."""

    apiVersion: Literal["crisis/v1"] = described("crisis/v1.")  # noqa: N815  # the name of the key in the file
    kind: Literal["Watch"] = described("Watch.")
    id: Id = described("Its name; what was learned is remembered under it.")
    feeds: tuple[WatchedFeed, ...] = described("What is watched; mentions that several of them bring count once.")
    playbook: Id | None = described("The playbook whose rules propose a severity.", default=None)
    setting: Literal["watchful", "quiet"] = described("quiet: fewer false alarms.", default="watchful")
    estimate_sentiment: Literal["en"] | None = described(
        "Estimate the sentiment from the words where a feed gives none; in English, in no other.", default=None
    )
    timezone: str = described("Whose hours make a day, such as Europe/Copenhagen.", default="")
