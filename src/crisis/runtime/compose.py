"""Template and facts become the texts that are offered: measured, with what they promise."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, tzinfo
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from crisis.engine.clocks import update_interval
from crisis.engine.plan import Plan, PlannedMessage
from crisis.engine.state import Incident
from crisis.kernel.fingerprints import fingerprint
from crisis.kernel.text import hostile_characters, is_blank, safe
from crisis.messages.channels import measure
from crisis.messages.wording import TemplateError
from crisis.runtime.scene import ProposedText

if TYPE_CHECKING:
    from crisis.plan.book import TemplateEngine

#: What is promised when the playbook says nothing of updates.
DEFAULT_UPDATE = timedelta(hours=2)


def compose(
    plan: Plan, incident: Incident, name: str, now: datetime, zone: tzinfo, engine: TemplateEngine
) -> tuple[ProposedText, ...]:
    """The texts of a message on every channel and in every language, most important channel first."""
    planned = plan.messages[name]
    values = values_of(plan, incident, now)
    promised = values["next_update"]

    @cache
    def filled(body: str, language: str) -> _Filled:
        # Several channels mostly take the same body.
        used = engine.facts_used(body)
        promises = promised if isinstance(promised, datetime) and "next_update" in used else None
        says = tuple(name for name in planned.facts if name in used)
        asked = engine.only_asked(body)
        only_asked = tuple(name for name in says if name in asked)
        return _Filled(engine.render(body, values, language=language, zone=zone), promises, says, only_asked)

    return tuple(
        _text(plan, incident.id, planned, channel, language, filled, now)
        for channel in planned.use.channels
        for language in planned.use.languages
    )


class _Filled(NamedTuple):
    """What a body says now, the time that it promises, the facts that it names, and those it only asks for a yes."""

    text: str
    promises: datetime | None
    says: tuple[str, ...]
    only_asked: tuple[str, ...]


def values_of(plan: Plan, incident: Incident, now: datetime) -> Mapping[str, object]:
    """What a template may use. What is not known, or sensitive, is None."""
    values: dict[str, object] = dict.fromkeys(plan.facts)
    for name, state in incident.facts.items():
        spec = plan.facts.get(name)
        if spec is None or not state.known or spec.sensitive:
            continue
        values[name] = datetime.fromisoformat(state.value) if spec.type == "time" else state.value
    values |= {
        "brand": plan.brand or None,
        "website": plan.website or None,
        "hotline": plan.hotline or None,
        "now": now,
        "next_update": next_update(plan, incident, now),
    }
    return values


def next_update(plan: Plan, incident: Incident, now: datetime) -> datetime:
    """The time to promise: one interval from now, at the next quarter of an hour, so that it can be kept."""
    interval = update_interval(plan, incident, now) or DEFAULT_UPDATE
    at = (now + interval).replace(second=0, microsecond=0)
    return at + timedelta(minutes=-at.minute % 15)


def sized(text: ProposedText, limits: Mapping[str, int]) -> ProposedText:
    """`text` with its size on its channel, and the problem if it does not fit."""
    measured = measure(text.text, text.channel, limit=limits.get(text.channel))
    problem = text.problem or _unseen(text.text) or ("there is nothing in it" if is_blank(text.text) else "")
    problem = problem or ("" if measured.fits else f"{measured} {measured.unit}: too long for {text.channel}")
    return replace(text, size=str(measured), problem=problem, warnings=measured.warnings)


def _unseen(text: str) -> str:
    """Who approves a text must see all of it: what a screen would hide or obey is named."""
    hostile = hostile_characters(text)
    return f"holds characters that cannot be seen: {' '.join(safe(one) for one in hostile)}" if hostile else ""


def _text(
    plan: Plan,
    incident: str,
    planned: PlannedMessage,
    channel: str,
    language: str,
    filled: Callable[[str, str], _Filled],
    now: datetime,
) -> ProposedText:
    found = planned.body(channel, language)
    if found is None:
        return ProposedText(channel=channel, language=language, text="", problem=f"there is no text in {language}")
    key, body = found
    try:
        now_filled = filled(body, language)
    except TemplateError as error:
        way_out = f"; `crisis fact {error.fact}=… -i {incident}` says it, and the text is made anew"
        lacks = error.fact if error.fact in plan.facts else ""
        # Whoever is to say a fact need not know on which line of a file it is wanted.
        problem = f"{error.said}{way_out}" if lacks else error.message
        return ProposedText(channel=channel, language=language, text="", problem=problem, lacks=lacks)
    cleared = planned.cleared.get(key) == fingerprint(body)
    in_time = not planned.cleared_until or now.date().isoformat() <= planned.cleared_until
    made = ProposedText(
        channel=channel,
        language=language,
        text=now_filled.text,
        cleared=cleared and in_time,
        promises=now_filled.promises,
        says=now_filled.says,
        only_asked=now_filled.only_asked,
    )
    return sized(made, plan.channel_limits)
