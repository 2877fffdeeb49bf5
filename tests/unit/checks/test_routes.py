"""Routes that come back without anybody doing anything, and those on whose way somebody is asked."""

from __future__ import annotations

import pytest

from crisis.checks.routes import endless_routes
from crisis.checks.survey import Survey
from crisis.kinds import SPECS
from crisis.plan.book import Book
from crisis.playbook.validate import validate_playbook

Step = dict[str, object]


def step(name: str, kind: str, *after: str, **more: object) -> Step:
    return {"id": name, "kind": kind, "phase": "response", "after": list(after), **more}


DRAFTED = [
    step("first", "action", do="x"),
    step("draft", "draft", "first", message="m"),
    step("approve", "approve", "draft", message="m", on={"rejected": "draft"}),
]


def publish(*after: str, to: str) -> Step:
    return step("publish", "publish", *after, message="m", on={"not-published": to})


def found(*steps: Step) -> list[str]:
    head = {"apiVersion": "crisis/v1", "kind": "Playbook", "id": "p", "title": "P", "abstract": "true"}
    facts = {"hurt": {"type": "yes-no", "prompt": "Hurt?"}}
    written = validate_playbook({**head, "facts": facts, "steps": list(steps)}, SPECS).value
    assert written is not None
    survey = Survey(Book(playbook=written.playbook, steps=written.steps))
    return [f"{one.code} {one.path[-1]}" for one in endless_routes(survey)]


@pytest.mark.parametrize("to", ["approve", "publish"])
def test_a_text_that_is_not_posted_does_not_go_back_to_where_nobody_writes_it_anew(to: str) -> None:
    assert found(*DRAFTED, publish("approve", to=to)) == ["endless-route not-published"]


@pytest.mark.parametrize("to", ["draft", "first"])
def test_to_its_draft_or_to_what_comes_before_it_does(to: str) -> None:
    assert found(*DRAFTED, publish("approve", to=to)) == []


def test_somebody_who_is_asked_on_the_way_stops_it_unless_that_may_not_apply() -> None:
    asked = step("asked", "action", "approve", do="x")
    assert found(*DRAFTED, asked, publish("approve", "asked", to="approve")) == []
    perhaps = {**asked, "when": {"fact": "hurt"}}
    assert found(*DRAFTED, perhaps, publish("approve", "asked", to="approve")) == ["endless-route not-published"]
    assert found(*DRAFTED, perhaps, publish("asked", to="approve")) == []


def test_what_was_frozen_is_frozen_when_it_comes_back() -> None:
    assert found(step("stop", "freeze", items=["Ads"], on={"frozen": "stop"})) == ["endless-route frozen"]
    assert found(step("call", "notify", roles=["legal"], on={"unreached": "call"})) == []
