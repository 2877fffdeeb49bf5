"""A plan as bytes and back: what an incident keeps is what it was opened on."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from crisis.engine.plan import Plan, PlannedClock, PlannedMessage, PlannedStep
from crisis.kernel.errors import Unreadable
from crisis.kinds import KINDS
from crisis.plan.codec import decode_plan, encode_plan
from crisis.playbook.conditions import Condition
from crisis.playbook.documents import LegalClock
from crisis.playbook.model import (
    Chain,
    ClockUse,
    Cluster,
    Escalation,
    Fact,
    Inform,
    LastResort,
    MessageUse,
    Role,
    Rung,
    SeverityRule,
    Translation,
)
from crisis.playbook.values import Cadence, Edge, Item

SPECS: dict[str, dict[str, Any]] = {
    "question": {"facts": ("product", "injury")},
    "checklist": {"items": (Item("Seen", evidence=True), Item("Asked"))},
    "decision": {"options": {"open": "Open it", "leave": "Leave it"}, "reasons": ("leave",)},
    "notify": {"roles": ("legal",), "say": "Kettle 3 burns"},
    "freeze": {"items": ("ads", "queue")},
    "draft": {"message": "holding"},
    "approve": {"message": "holding"},
    "publish": {"message": "holding", "hold_until": Condition(outcome={"checklist": "done"})},
    "pause": {"for_": timedelta(hours=1, seconds=5)},
    "action": {"do": "Phone the insurer"},
}
HURT = Condition(fact="injury", is_="yes")
EVERY_TEST = Condition(
    all_=(
        HURT,
        Condition(
            any_=(
                Condition(signal="rate", at_least="10x", at_most="40x", for_=timedelta(minutes=15), min_count=200),
                Condition(not_=Condition(severity="SEV3-or-worse")),
            )
        ),
        Condition(outcome={"decision": "open"}),
    )
)


def step(kind: str) -> PlannedStep:
    return PlannedStep(
        id=kind,
        kind_name=kind,
        kind=KINDS[kind],
        spec=KINDS[kind].spec(**SPECS.get(kind, {})),
        phase="response",
        role="crisis-lead",
        title=kind.capitalize(),
        why="Because",
        after=(Edge("before"), Edge("triage", ("open", "later"))),
        when=EVERY_TEST,
        within=timedelta(minutes=10),
        repeat_every=timedelta(hours=4),
        repeat_as_promised=True,
        repeat_until=HURT,
        repeat_from="draft",
        on={"rejected": "draft", "done": "close"},
        hold_until=HURT,
        do_not=("Speculate",),
        group="holding",
        stands_for="holding",
    )


def whole() -> Plan:
    """A plan with every kind of step and every field set."""
    resort = LastResort(after=timedelta(minutes=15), when=HURT, by="crisis-lead", review_within=timedelta(hours=4))
    chain = Chain(
        of=("legal",),
        quorum=1,
        required=("legal",),
        veto=("legal",),
        self_approval=True,
        within=timedelta(minutes=10),
        expires=timedelta(hours=2),
        proof=("verbal",),
        translation=Translation(of=("reader",)),
        last_resort=resort,
    )
    use = MessageUse(
        template="holding",
        audience="customers",
        channels=("x",),
        languages=("en", "da"),
        approval={"SEV1": "a", "": "b"},
        cleared_approval="c",
        first_statement=True,
    )
    holding = PlannedMessage(
        use=use,
        title="Holding",
        source_language="en",
        bodies={"en": "Stop {{ product }}"},
        facts=("product",),
        slots=("do-now",),
        attachments={"a.jpg": "0" * 64},
        alt_texts={"a.jpg": {"en": "A label"}},
        cleared={"en": "1" * 64},
        cleared_by="Ana",
        cleared_until="2026-12-31",
    )
    clock = LegalClock(
        id="gdpr-33", title="Tell them", due="72h", source="https://example.org", countries=("dk",), verify=True
    )
    severity = SeverityRule(
        any_=(EVERY_TEST,),
        all_=(HURT,),
        first_statement=timedelta(minutes=30),
        first_statement_cleared=timedelta(minutes=15),
        update_every=(Cadence(timedelta(hours=1), timedelta(hours=4)), Cadence(timedelta(hours=4))),
    )
    return Plan(
        playbook="p",
        title="P",
        steps=tuple(step(kind) for kind in KINDS),
        definition="d",
        type="t",
        facts={
            "z": Fact(type="text", prompt="Z?"),
            "a": Fact(
                type="choice",
                prompt="A?",
                required=True,
                options={"z": "Z", "a": "A"},
                minimum=1,
                maximum=2.5,
                sensitive=True,
                visible_to=("legal",),
                ask_again=timedelta(minutes=15),
                help="h",
            ),
        },
        severity={"SEV1": severity},
        roles={"legal": Role(title="Legal", duties=("x",), deputy="lead", when=HURT)},
        escalation={
            "SEV1": Escalation(
                ladder=(Rung(page=("legal",), acknowledge_within=timedelta(minutes=5)),), repeat=2, acknowledge="all"
            )
        },
        inform=(Inform(phase="response", roles=("legal",), by="phone"),),
        approvals={"b": chain},
        messages={"holding": holding},
        clocks=(PlannedClock(clock=clock, use=ClockUse(use="gdpr-33", starts_with=HURT, for_="sold_in")),),
        clock_notice="n",
        cluster=Cluster(victim=HURT, accidental=HURT, preventable=HURT),
        criteria=("Quiet",),
        criteria_for={"Quiet": timedelta(hours=24)},
        contrary={"Quiet": Condition(signal="mention_rate", at_least="2x")},
        do_not=("Speculate",),
        questions=("When?",),
        accounts={"x": "x @brand"},
        brand="Brand",
        website="https://example.org",
        hotline="1",
        timezone="Europe/Copenhagen",
        channel_limits={"x": 4_000},
    )


def test_no_field_of_the_example_is_left_at_its_default() -> None:
    made = whole()
    for thing in (made, made.steps[0], made.messages["holding"], made.approvals["b"], made.facts["a"]):
        for name in type(thing).__annotations__:
            assert getattr(thing, name) not in ("", (), {}, None, False), f"{type(thing).__name__}.{name}"


def test_a_plan_that_is_read_back_is_the_plan_that_was_written() -> None:
    made = whole()
    data = encode_plan(made)
    again = decode_plan(data)
    assert again == made
    assert encode_plan(again) == data


def test_the_same_plan_gives_the_same_bytes() -> None:
    assert encode_plan(whole()) == encode_plan(whole())


def test_what_is_offered_keeps_its_order() -> None:
    again = decode_plan(encode_plan(whole()))
    assert list(again.facts) == ["z", "a"]
    assert list(again.facts["a"].options) == ["z", "a"]
    assert list(again.by_id["decision"].spec.options) == ["open", "leave"]


@pytest.mark.parametrize("kind", list(KINDS))
def test_a_step_of_every_kind_survives(kind: str) -> None:
    made = Plan(playbook="p", title="P", steps=(step(kind),))
    again = decode_plan(encode_plan(made))
    assert again.steps == made.steps
    assert again.steps[0].kind is KINDS[kind]


def test_a_plan_of_a_newer_crisis_says_so() -> None:
    raw = json.loads(encode_plan(whole())) | {"format": 2}
    with pytest.raises(Unreadable, match="a newer crisis"):
        decode_plan(json.dumps(raw).encode())


@pytest.mark.parametrize(
    "spoil",
    [
        lambda raw: raw.pop("steps"),
        lambda raw: raw.update(steps=[{}]),
        lambda raw: raw["steps"][0].update(kind_name="dance"),
        lambda raw: raw["steps"][0].update(within="soon"),
        lambda raw: raw["steps"][0]["spec"].update(facts=7),
        lambda raw: raw.update(surprise=1),
        lambda raw: raw.pop("title"),
    ],
)
def test_a_plan_that_makes_no_sense_is_unreadable(spoil: Any) -> None:
    raw = json.loads(encode_plan(whole()))
    spoil(raw)
    with pytest.raises(Unreadable):
        decode_plan(json.dumps(raw).encode())


@pytest.mark.parametrize("data", [b"", b"nonsense", b"[]", b"7", b'{"format": 1}', b'{"format": 1, "steps": 7}'])
def test_what_is_no_plan_is_unreadable(data: bytes) -> None:
    with pytest.raises(Unreadable):
        decode_plan(data)
