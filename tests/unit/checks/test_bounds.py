"""What is told of a text without writing it: how much it may count, and whether it can be filled at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import partial

import pytest
from babel.localedata import locale_identifiers
from hypothesis import given, settings
from hypothesis import strategies as st

from crisis.adapters import templates as engine
from crisis.adapters.shelf import BundledShelf
from crisis.checks.bounds import BETWEEN, WIDE, WRITTEN, heaviest, longest_text
from crisis.checks.examples import combinations, values_of
from crisis.messages import localised
from crisis.messages.channels import CHANNEL_KINDS, measure
from crisis.plan.load import Shelf
from crisis.playbook.documents import Message, Organisation
from crisis.playbook.model import Fact
from crisis.playbook.reader import read
from crisis.playbook.validate import validate

WRITTEN_FACTS: Mapping[str, Mapping[str, object]] = {
    "thing": {"type": "text", "prompt": "Which?", "required": "true"},
    "hurt": {"type": "yes-no", "prompt": "Hurt?"},
    "remedy": {"type": "choice", "prompt": "What?", "options": {"refund": "Money", "repair": "Repair"}},
    "places": {"type": "choice-many", "prompt": "Where?", "options": {"north": "N", "south": "S", "øst": "Ø"}},
    "cases": {"type": "number", "prompt": "How many?"},
    "since": {"type": "time", "prompt": "Since when?"},
}
FACTS = {name: fact for name, data in WRITTEN_FACTS.items() if (fact := validate(Fact, data).value) is not None}
OURS = Organisation(apiVersion="crisis/v1", kind="Organisation", name="Smørrebrød €", website="f.eu")
#: Those that write at the greatest length, in other digits, in other scripts; one that CLDR does not know.
LANGUAGES = ("en", "da", "fr", "ja", "kde", "trv", "tok", "ta", "jgo", "nnh", "ff-Adlm", "mn-Mong-MN", "pl", "xx")


def counts(text: str) -> dict[str, int]:
    return {channel: measure(text, channel).used for channel in CHANNEL_KINDS}


def test_no_language_writes_at_more_length_than_is_reckoned_with() -> None:
    """Every locale of CLDR, every style: hence every language that a playbook may declare."""
    moments = {value for name in ("now", "next_update", "since") for value in values_of(name, FACTS.get(name), None)}
    (now,) = values_of("now", None, None)
    assert isinstance(now, datetime)
    at = [moment for moment in moments if isinstance(moment, datetime)]
    numbers = [number for number in values_of("cases", FACTS["cases"], None) if isinstance(number, int)]
    for language in locale_identifiers():
        texts = {
            "date": [localised.format_date(one, language, style) for one in at for style in localised.DATE_STYLES],
            "time": [localised.format_time(one, language, UTC, when) for one in at for when in (now, None)],
            "datetime": [
                localised.format_datetime(one, language, UTC, style) for one in at for style in localised.DATE_STYLES
            ],
            "number": [localised.format_number(one, language, n) for one in numbers for n in (None, 0, 6)],
        }
        for name, written in texts.items():
            assert max(map(weight, written)) <= WRITTEN[name], (language, name)
        for n in range(1, 6):
            assert weight(localised.format_list(["x"] * n, language)) <= (1 + BETWEEN) * n, language


def test_no_language_takes_more_bytes_for_a_fact_than_is_reckoned_with() -> None:
    at, now = datetime(2026, 9, 30, 21, 40, tzinfo=UTC), datetime(2026, 9, 28, 0, 0, tzinfo=UTC)
    for language in locale_identifiers():
        for write in (
            *(partial(localised.format_date, at, style=style) for style in localised.DATE_STYLES),
            *(partial(localised.format_datetime, at, zone=UTC, style=style) for style in localised.DATE_STYLES),
            *(partial(localised.format_time, at, zone=UTC, now=when) for when in (now, at, None)),
            *(partial(localised.format_number, number) for number in (3, 12_500, 10**14)),
            *(partial(localised.format_list, ["x"] * n) for n in range(1, 6)),
        ):
            assert len(write(language=language).encode()) <= engine.WIDEST * len(write(language="").encode()), language


def weight(text: str) -> int:
    """How many of WIDE count as much on every channel: it has two bytes, and counts one wherever bytes do not."""
    return max(measure(text, "x").used, len(text), len(text.encode("utf-16-le")) // 2, -(-len(text.encode()) // 2))


def test_the_sign_for_what_is_not_known_is_one_that_counts_everywhere() -> None:
    assert measure(WIDE * 71, "sms").used == measure("漢" * 71, "sms").used == 2
    assert weight(WIDE) == 1
    assert len(WIDE.encode()) == 2


# ── a text is never longer than is told of it ──

NAMES = st.sampled_from([*FACTS, "website", "brand", "hotline", "next_update"])
FILTERS = (
    "time",
    "date",
    "date('full')",
    "datetime",
    "datetime('full')",
    "number",
    "number(6)",
    "listed",
    "join(' / ')",
)
MORE = ("upper", "trim", "default('nobody')", "plural('case', 'cases')", "default('ikke oplyst endnu – se f.eu')")
FILTERED = st.builds("{{{{ {} | {} }}}}".format, NAMES, st.sampled_from(FILTERS + MORE))
PIECES = st.one_of(
    st.sampled_from(["Stop. ", "\n", "Se ", "å", "[", "€", "漢字", "👍🏽", "https://example.com/a ", "end", "x" * 40]),
    st.builds("{{{{ {} }}}}".format, NAMES),
    FILTERED,
    st.builds("{{{{ {} if hurt else {} | upper }}}}".format, NAMES, NAMES),
    st.builds("{{{{ 'æ' if cases | number == '3' else {} }}}}".format, NAMES),
)
TESTS = st.sampled_from(
    [
        "hurt",
        "not hurt",
        "remedy == 'refund'",
        "cases is known",
        "cases > 5",
        "cases | number == '12.500'",
        "since | time",
    ]
)


def nested(bodies: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    whole = st.builds("{{% if {} %}}\n{}\n{{% else %}}\n{}\n{{% endif %}}".format, TESTS, bodies, bodies)
    return st.lists(st.one_of(PIECES, whole), min_size=1, max_size=6).map(" ".join)


BODIES = st.recursive(st.lists(PIECES, min_size=1, max_size=4).map(" ".join), nested, max_leaves=6)


def filled(body: str, language: str, ours: Organisation | None) -> Iterator[str]:
    used = sorted(engine.facts_used(body))
    for long in (True, False):
        for values in combinations(used, FACTS, ours, long=long):
            try:
                yield engine.render(body, values, language=language, zone=UTC)
            except engine.TemplateError:
                continue


@settings(deadline=None)  # a slow machine is no fault of a text
@given(body=BODIES, language=st.sampled_from(LANGUAGES), ours=st.sampled_from([None, OURS]))
def test_no_text_counts_more_than_the_longest_that_is_told_of_its_body(
    body: str, language: str, ours: Organisation | None
) -> None:
    known = {name: heaviest(values_of(name, FACTS.get(name), ours)) for name in engine.facts_used(body)}
    most = counts(longest_text(body, known))
    for text in filled(body, language, ours):
        assert {name: used for name, used in counts(text).items() if used > most[name]} == {}


# ── whether a text can be filled is found without a language ──

FAILING = (
    "{{ thing | date }}",
    "{{ hurt }}",
    "{{ since | date('short') }}",
    "{{ cases | number(9) }}",
    "{{ cases | plural('a', 5) }}",
    "{{ cases | plural('a', 'b', few=5) }}",
    "{{ cases | plural('a', 'b', many=remedy) }}",
    "{{ places | upper }}",
    "{{ remedy > 3 }}",
    "{{ nope }}",
    "{% if cases | number == '12.500' %}{{ thing | date }}{% endif %}",
    "{{ (thing | date) if cases | number == '12,500' else thing }}",
    "{% if (since | time) < 'b' and thing | number %}{% endif %}",
    "{{ cases | plural('', 'b') or thing | date }}",
    "{{ 'a' | default(cases | number) | number }}",
    "{{ thing | upper | time }}",
    "x" * 32_000 + "{{ cases }} {{ since }}" * 2,
)


def outcome(tried: bool, body: str, values: Mapping[str, object], language: str) -> tuple[str, str] | None:
    """What is wrong with the body, if anything: tried out, or filled in earnest."""
    try:
        if tried:
            engine.try_out(body, values, language=language, zone=UTC)
        else:
            engine.render(body, values, language=language, zone=UTC)
    except engine.TemplateError as error:
        return error.message, error.hint
    return None


def held_together(body: str, facts: Mapping[str, Fact], language: str) -> None:
    for long in (True, False):
        for values in combinations(sorted(engine.facts_used(body)), facts, None, long=long):
            assert outcome(True, body, values, language) == outcome(False, body, values, language)


@pytest.mark.parametrize("language", ["en", "da", "pl", "ja", "xx"])
@pytest.mark.parametrize("body", FAILING, ids=lambda body: body[:40])
def test_trying_a_body_out_finds_what_filling_it_would(body: str, language: str) -> None:
    held_together(body, FACTS, language)


@settings(deadline=None)  # a slow machine is no fault of a text
@given(body=BODIES, language=st.sampled_from(LANGUAGES))
def test_trying_any_body_out_finds_what_filling_it_would(body: str, language: str) -> None:
    held_together(body, FACTS, language)


def test_a_text_that_only_a_language_makes_too_long_is_found() -> None:
    long = {"places": ["x" * 30] * 900, "since": datetime(2026, 9, 30, 12, 0, tzinfo=UTC)}
    for body in (
        "{{ places }}" * 2 + "{{ since | date('full') }}" * 150,
        "{{ since | date('full') }}, and again: " * 490,
    ):
        assert outcome(True, body, long, "xx") is None
        assert outcome(True, body, long, "mn-Mong-MN") == ("the text is longer than 65,536 bytes", "")


def bundled() -> Iterator[tuple[str, str, Mapping[str, Fact]]]:
    shelf: Shelf = BundledShelf()
    for name in shelf.templates():
        files = shelf.template(name) or {}
        document, _ = read("message.yaml", files["message.yaml"].data)
        message = validate(Message, document.data).value if document else None
        assert message is not None
        facts = dict.fromkeys(message.facts, FACTS["thing"])
        for file, found in files.items():
            if file.endswith(".j2"):
                yield file.partition(".")[0], found.data.decode(), facts


def test_every_bundled_body_is_tried_out_as_it_is_filled() -> None:
    for language, body, facts in bundled():
        held_together(body, facts, language)
