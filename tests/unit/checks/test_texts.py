"""Templates, measured with facts as they might be."""

from __future__ import annotations

from collections.abc import Mapping

from crisis.adapters import templates as engine
from crisis.checks import rules
from crisis.kernel.diagnostics import Diagnostic
from crisis.kinds import SPECS
from crisis.plan.book import Book, LoadedTemplate
from crisis.playbook.documents import Channel, Message, Organisation
from crisis.playbook.validate import validate_playbook

FACTS: Mapping[str, Mapping[str, object]] = {
    "thing": {"type": "text", "prompt": "Which?", "required": "true"},
    "hurt": {"type": "yes-no", "prompt": "Hurt?"},
    "remedy": {"type": "choice", "prompt": "What?", "options": {"refund": "Money", "repair": "Repair"}},
}


def found(
    body: str, channels: list[str], organisation: Organisation | None = None, facts: tuple[str, ...] = tuple(FACTS)
) -> list[Diagnostic]:
    use = {"template": "t", "audience": "all", "channels": channels, "languages": ["en"], "approval": "public"}
    data = {
        "apiVersion": "crisis/v1",
        "kind": "Playbook",
        "id": "p",
        "title": "P",
        "abstract": "true",
        "facts": FACTS,
        "roles": {"crisis-lead": {}},
        "approvals": {"public": {"of": ["crisis-lead"], "within": "1m", "expires": "1h"}},
        "messages": {"m": {**use, "first_statement": "true"}},
    }
    written = validate_playbook(data, SPECS).value
    assert written is not None
    message = Message(apiVersion="crisis/v1", kind="Message", id="t", title="T", languages=("en",), facts=facts)
    book = Book(
        playbook=written.playbook,
        steps=(),
        templates={"t": LoadedTemplate(message, {"en": body})},
        known_templates=frozenset({"t"}),
        organisation=organisation,
        engine=engine,
    )
    return list(rules(book))


def codes(body: str, channels: list[str], organisation: Organisation | None = None) -> list[str]:
    return [one.code for one in found(body, channels, organisation)]


def organisation(*channels: Channel, name: str = "Fjord") -> Organisation:
    return Organisation(apiVersion="crisis/v1", kind="Organisation", name=name, channels=channels)


def test_a_text_that_fits_whatever_the_facts_is_fine() -> None:
    assert codes("{% if hurt %}Stop using {{ thing }}.{% else %}We look into it.{% endif %}", ["x", "sms"]) == []


def test_branches_that_exclude_each_other_are_not_added_up() -> None:
    long = "x" * 200
    assert codes("{% if hurt %}" + long + "{% else %}" + long + "{% endif %}", ["x"]) == []


def test_a_text_that_is_too_long_only_with_some_facts_is_a_warning() -> None:
    body = "{% if hurt %}" + "x" * 270 + "{% endif %} {% if remedy == 'refund' %}" + "y" * 60 + "{% endif %} End."
    assert codes(body, ["x"]) == ["text-may-be-too-long"]


def test_a_text_that_is_always_too_long_is_an_error_with_both_numbers() -> None:
    (one,) = found("x" * 281, ["x"])
    assert one.code == "text-too-long"
    assert "281/280" in one.message


def test_an_account_s_own_limit_counts() -> None:
    ours = organisation(Channel(id="a", kind="x", limit=4000))
    assert codes("x" * 281, ["x"], ours) == []
    assert codes("x" * 5000, ["x"], ours) == ["text-too-long"]


def test_a_long_brand_counts() -> None:
    ours = organisation(name="F" * 150)
    assert codes("{{ brand }} and {{ brand }}", ["x"], ours) == ["text-too-long"]


def test_a_link_counts_as_the_network_counts_it() -> None:
    ours = Organisation(apiVersion="crisis/v1", kind="Organisation", name="F", website="f.eu")
    assert codes("x" * 257 + " {{ website }}", ["x"], ours) == ["text-too-long"]
    assert codes("x" * 256 + " {{ website }}", ["x"], ours) == []


def test_only_accounts_that_there_are_want_a_picture() -> None:
    assert codes("Hello", ["instagram"]) == []
    assert codes("Hello", ["instagram"], organisation(Channel(id="a", kind="instagram"))) == ["needs-media"]


def test_the_first_statement_must_be_possible_while_little_is_known() -> None:
    assert codes("We offer {{ remedy }}.", ["website"]) == ["text-needs-fact"]
    assert codes("{% if remedy is known %}We offer {{ remedy }}.{% endif %} Sorry.", ["website"]) == []


def test_a_body_that_misuses_a_fact_fails() -> None:
    assert codes("{{ thing | date }}", ["website"]) == ["text-fails"]
