from __future__ import annotations

from collections.abc import Sequence

import pytest

from crisis.checks.organisation import organisation_rules
from crisis.kinds import SPECS
from crisis.plan.book import Book
from crisis.playbook.documents import Organisation
from crisis.playbook.validate import validate, validate_playbook

PLAYBOOK = {
    "apiVersion": "crisis/v1",
    "kind": "Playbook",
    "id": "small",
    "title": "Small",
    "roles": {"crisis-lead": {"deputy": "second"}, "second": {}, "legal": {}},
    "approvals": {"public": {"of": ["crisis-lead", "legal"], "quorum": "2", "within": "10m", "expires": "2h"}},
}
ANA = {"id": "ana", "name": "Ana", "roles": ["legal"]}
BO = {"id": "bo", "name": "Bo", "roles": ["crisis-lead"]}


def found(people: Sequence[object], **more: object) -> list[tuple[str, tuple[str | int, ...]]]:
    data = {"apiVersion": "crisis/v1", "kind": "Organisation", "name": "Fjord", "people": people, **more}
    ours = validate(Organisation, data).value
    written = validate_playbook(PLAYBOOK, SPECS).value
    assert ours is not None
    assert written is not None
    book = Book(playbook=written.playbook, steps=written.steps)
    return [(one.code, one.path) for one in organisation_rules(ours, [book], ["night"])]


def test_a_chain_that_can_be_staffed_is_fine() -> None:
    assert found([ANA, BO]) == []


def test_a_person_whose_name_hides_something_is_refused() -> None:
    data = {
        "apiVersion": "crisis/v1",
        "kind": "Organisation",
        "name": "Fjord",
        "people": [{**ANA, "name": "Ana\u200b"}],
    }
    (problem,) = validate(Organisation, data).diagnostics
    assert problem.path == ("people", 0, "name")
    assert "characters that cannot be seen: U+200B" in problem.message


def test_persons_are_counted_and_not_roles() -> None:
    assert found([{**ANA, "roles": ["legal", "crisis-lead"]}]) == [("chain-people", ("people",))]


def test_a_role_that_nobody_holds_falls_to_the_role_that_stands_in() -> None:
    assert found([ANA, {**BO, "roles": ["second"]}]) == []


def test_a_role_that_nobody_holds_and_nobody_stands_in_for_is_told() -> None:
    assert ("unheld-role", ("people",)) in found([BO])


def test_an_organisation_without_people_is_asked_who_it_is() -> None:
    assert found([]) == []


@pytest.mark.parametrize(
    ("deputies", "path", "code"),
    [
        ({"legal": "bo"}, "legal", "deputy"),
        ({"legal": "ana"}, "legal", "deputy"),
        ({"crisis-lead": "bo"}, "crisis-lead", "deputy"),
        ({"legal": "nobody"}, "legal", "unknown-person"),
    ],
)
def test_a_deputy_must_hold_the_role(deputies: dict[str, str], path: str, code: str) -> None:
    assert found([{**ANA, "deputies": deputies}, BO]) == [(code, ("people", 0, "deputies", path))]


def test_a_deputy_who_holds_the_role_is_fine() -> None:
    cem = {"id": "cem", "name": "Cem", "roles": ["legal"]}
    assert found([{**ANA, "deputies": {"legal": "cem"}}, BO, cem]) == []


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"timezone": "Europe/Nowhere"}, ("unknown-time-zone", ("timezone",))),
        ({"timezone": "../../etc/passwd"}, ("unknown-time-zone", ("timezone",))),
        ({"languages": ["en", "Danish!"]}, ("unknown-language", ("languages", 1))),
        ({"channels": [{"id": "a", "kind": "twiter"}]}, ("unknown-channel", ("channels", 0, "kind"))),
        (
            {"channels": [{"id": "a", "kind": "x", "publishers": ["eva"]}]},
            ("unknown-person", ("channels", 0, "publishers", 0)),
        ),
        (
            {"channels": [{"id": "a", "kind": "x"}, {"id": "a", "kind": "x"}]},
            ("duplicate-id", ("channels", 1, "id")),
        ),
        ({"risks": [{"scenario": "s", "likelihood": "6", "impact": "1"}]}, ("risk", ("risks", 0, "likelihood"))),
        (
            {"risks": [{"scenario": "s", "likelihood": "1", "impact": "1", "playbook": "smal"}]},
            ("unknown-playbook", ("risks", 0, "playbook")),
        ),
        (
            {"risks": [{"scenario": "s", "likelihood": "1", "impact": "1", "drill": "nigth"}]},
            ("unknown-drill", ("risks", 0, "drill")),
        ),
    ],
)
def test_what_the_organisation_names_must_exist(more: dict[str, object], expected: tuple[object, ...]) -> None:
    assert found([ANA, BO], **more) == [expected]


def test_a_role_that_no_playbook_knows_is_told() -> None:
    assert found([{**ANA, "roles": ["legal", "laywer"]}, BO]) == [("unknown-role", ("people", 0, "roles", 1))]
