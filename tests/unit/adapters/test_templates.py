from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import Environment

from crisis.adapters.templates import TemplateError, TemplateProblem, facts_used, only_asked, problems, render
from crisis.adapters.templates.filling import fill
from crisis.messages.wording import Wording

ZONE = ZoneInfo("Europe/Copenhagen")
VALUES: dict[str, object] = {
    "product": "Kettle 3",
    "hazard": None,
    "injury": None,
    "recall": True,
    "cases": 1204,
    "price": Decimal("2.50"),
    "sold_in": ["Denmark", "Norway", "Sweden"],
    "sold_since": date(2026, 1, 2),
    "next_update": datetime(2026, 3, 7, 4, 30, tzinfo=ZONE),
    "now": datetime(2026, 3, 7, 2, 0, tzinfo=UTC),
    "long": "x" * 65_000,
}


def text(body: str, language: str = "en", **values: object) -> str:
    return render(body, {**VALUES, **values}, language=language, zone=ZONE)


# ── what a message needs ──


def test_a_statement_is_filled_in_and_leaves_no_holes() -> None:
    body = (
        "\n\nStop using {{ product }}.\n\n"
        "{% if injury %}\nWe are sorry that somebody was hurt.\n{% endif %}\n\n\n"
        "  {% if recall %}\nBring it back.   \n  {% endif %}\n"
        "{# for the translator #}\n\n"
        "Next update by {{ next_update | time }}.\n\n\n"
    )
    assert text(body) == "Stop using Kettle 3.\n\nBring it back.\n\nNext update by 04:30 CET."


@pytest.mark.parametrize(
    ("body", "written"),
    [
        ("{{ cases }}", "1.204"),
        ("{{ price }} {{ price | number(2) }} {{ price | number(decimals=0) }}", "2,5 2,50 2"),
        ("{{ sold_in }}", "Denmark, Norway og Sweden"),
        ("{{ sold_in | join(' / ') }} {{ sold_in | listed }}", "Denmark / Norway / Sweden Denmark, Norway og Sweden"),
        ("{{ sold_since }}", "2. januar 2026"),
        ("{{ next_update }}", "7. marts 2026 04.30 CET"),
        ("{{ next_update | date('full') }}", "lørdag den 7. marts 2026"),
        ("{{ next_update | datetime('medium') }}", "7. mar. 2026 04.30 CET"),
        ("{{ cases | plural('sag', 'sager') }} {{ 1 | plural('sag', other='sager') }}", "sager sag"),
        ("{{ product | upper }} {{ product | lower }} {{ 'acme DK' | capitalize }}", "KETTLE 3 kettle 3 Acme DK"),
        ("{{ hazard | default('en fejl') }} {{ product | default('x') }}", "en fejl Kettle 3"),
        ("{{ product if recall else hazard }}", "Kettle 3"),
        ("[{{ '  a ' | trim }}]", "[a]"),
        ("{% if hazard is known %}a{% elif cases > 1000 and not injury %}b{% else %}c{% endif %}", "b"),
        ("{% if product in ['Kettle 3', 'Kettle 4'] %}a{% endif %}{% if 'Norway' in sold_in %}b{% endif %}", "ab"),
        ("{% if next_update > now %}later{% endif %}", "later"),
        ("<b>&amp;\"'", "<b>&amp;\"'"),
        ("a\r\nb", "a\nb"),
        ("", ""),
    ],
)
def test_facts_are_written_as_the_text_s_language_writes_them(body: str, written: str) -> None:
    assert problems(body, VALUES) == []
    assert text(body, "da") == written


def test_russian_nouns_take_all_their_forms() -> None:
    body = "{{ n | plural('случай', 'случая', few='случая', many='случаев') }}"
    assert [text(body, "ru", n=n) for n in (1, 3, 7)] == ["случай", "случая", "случаев"]


def test_the_next_update_names_its_day_when_that_is_another() -> None:
    body = "Next update by {{ next_update | time }}."
    later = datetime(2026, 3, 8, 9, 0, tzinfo=ZONE)
    assert text(body, next_update=later) == "Next update by Sunday 09:00 CET."
    assert text(body, next_update=later, now=None) == "Next update by 09:00 CET."


def test_the_text_is_composed_so_that_its_fingerprint_is_one() -> None:
    assert text("{{ a }}\u0308", a="u") == "ü"


# ── what is not known ──


def test_a_fact_that_is_not_known_is_named_with_its_line() -> None:
    with pytest.raises(TemplateError) as error:
        text("Stop.\n{{ hazard }} is the cause.")
    assert error.value.message == "the fact 'hazard' is not known yet (line 2 of the template)"
    assert (error.value.line, error.value.fact) == (2, "hazard")
    assert "is known" in error.value.hint


@pytest.mark.parametrize("body", ["{{ nope }}", "{% if nope %}{% endif %}", "{{ nope | upper }}", "{{ nope == 1 }}"])
def test_a_fact_that_was_not_given_is_named(body: str) -> None:
    with pytest.raises(TemplateError, match="the fact 'nope' is missing") as error:
        text(body)
    assert error.value.fact == "nope"


def test_a_fact_that_is_not_known_is_false_and_equal_to_nothing() -> None:
    body = "{% if hazard %}a{% endif %}{% if hazard == 'fire' %}b{% endif %}{% if hazard in ['fire'] %}c{% endif %}"
    assert text(body + "{% if hazard is not known and nope is not known %}d{% endif %}") == "d"
    assert text(body, hazard="fire") == "abc"


@pytest.mark.parametrize(
    "condition",
    ["hazard != 'fire'", "hazard not in ['fire']", "'fire' != hazard", "hazard > 3", "'a' in hazard", "hazard | upper"],
)
def test_nothing_is_concluded_from_a_fact_that_is_not_known(condition: str) -> None:
    with pytest.raises(TemplateError, match="the fact 'hazard' is not known yet"):
        text(f"{{% if {condition} %}}There was no fire.{{% endif %}}")


# ── unfit facts ──


@pytest.mark.parametrize("hostile", ["\x1b[2J", "\u202egnp", "\ud800", "\u200f", "\x00", "a\rb", "\ufeff", "\u2028"])
def test_a_fact_cannot_bring_in_invisible_or_control_characters(hostile: str) -> None:
    for value, body in ((hostile, "{{ f }}"), (["ok", hostile], "{{ f | join }}"), (hostile, "{% if f %}{% endif %}")):
        with pytest.raises(TemplateError, match="the fact 'f' holds invisible or control characters: ") as error:
            text(body, f=value)
        assert error.value.message.isprintable()


@pytest.mark.parametrize(
    "value",
    [object(), b"a", {"a": 1}, [1], ["a"] * 1001, "x" * 70_000, float("nan"), Decimal("inf"), datetime(2026, 1, 1)],  # noqa: DTZ001 - that it has no zone is what is refused
    ids=lambda value: type(value).__name__,
)
def test_a_value_that_no_text_can_hold_is_refused_by_name(value: object) -> None:
    with pytest.raises(TemplateError, match="the fact 'f'"):
        text("{{ f }}", f=value)


def test_a_fact_that_the_body_does_not_use_does_no_harm() -> None:
    assert text("ok", f=object()) == "ok"


def test_now_must_be_a_time() -> None:
    with pytest.raises(TemplateError, match="'now' is not a time"):
        text("ok", now="now")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("{{ recall }}", "yes or no is not a text"),
        ("{{ none }}", "nothing to write"),
        ("{{ product | time }}", "`time` takes a time"),
        ("{{ product | date }}", "`date` takes a date or a time"),
        ("{{ sold_since | datetime }}", "`datetime` takes a time"),
        ("{{ next_update | date('short') }}", "no style of date is called 'short'"),
        ("{{ product | number }}", "`number` takes a number"),
        ("{{ recall | plural('a', 'b') }}", "`plural` takes a number"),
        ("{{ cases | number('2') }}", "how many decimals"),
        ("{{ cases | number(7) }}", "0 to 6 decimals"),
        ("{{ product | join }}", "`join` takes a list"),
        ("{{ cases | upper }}", "`upper` takes a text"),
        ("{{ sold_in | join(long) }}", "too long"),
        ("{{ long }}{{ long }}", "the text is longer than 65,536 bytes"),
        ("{% if cases > 'a' %}{% endif %}", "two facts of different kinds are compared"),
    ],
)
def test_a_fact_of_the_wrong_kind_is_an_error_that_says_so(body: str, message: str) -> None:
    assert problems(body, VALUES) == []
    with pytest.raises(TemplateError, match=message):
        text(body)


# ── findings before any fact is known ──


def test_findings_have_their_place_and_a_way_out() -> None:
    body = "Stop using {{ prodct }}.\n\n{{ next_update | dat }}\n{{ a.b }}"
    assert problems(body, ["product", "next_update", "a"]) == [
        TemplateProblem(1, 15, "no fact is called 'prodct'", "did you mean 'product'?"),
        TemplateProblem(3, 18, "no filter is called 'dat'", "did you mean 'date'?"),
        TemplateProblem(4, None, "a fact has no parts", "write its name alone"),
    ]


def test_the_facts_of_a_body_are_those_it_mentions_anywhere() -> None:
    assert facts_used("{{ a | default(b) }}{% if c is known and d == 'e' %}{{ f if g else h }}{% endif %}") == set(
        "abcdfgh"
    )
    assert facts_used("plain") == frozenset()
    with pytest.raises(TemplateError, match="line 2"):
        facts_used("a\n{{")


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ("{% if a %}x{% elif not b and (c or a) %}y{% endif %}", {"a", "b", "c"}),
        ("{{ 'x' if a else 'y' }}", {"a"}),
        ("{% if a is known %}x{% endif %}{% if a %}y{% endif %}", set()),
        ("{% if a == 'no' or b %}x{% endif %}", {"b"}),
        ("{% if a %}{{ a }}{% endif %}{% if b %}x{% endif %}", {"b"}),
        ("{% if a in ['x'] %}x{% endif %}{{ b | default('x') }}", set()),
        ("{{ a or b }}", set()),
        ("{{", set()),
    ],
)
def test_of_what_is_only_asked_not_known_says_the_same_as_no(body: str, names: set[str]) -> None:
    assert only_asked(body) == names


FORBIDDEN = {
    "attribute": "{{ ''.__class__ }}",
    "attribute of a fact": "{{ product.upper }}",
    "item": "{{ product['__class__'] }}",
    "slice": "{{ product[::2] }}",
    "attr filter": "{{ product | attr('__class__') }}",
    "format filter": "{{ '%s' | format(product) }}",
    "map filter": "{{ sold_in | map('upper') }}",
    "inner filter": "{{ product | _settled }}",
    "call": "{{ product.upper() }}",
    "range": "{{ range(10**9) }}",
    "cycler": "{{ cycler.__init__.__globals__ }}",
    "bomb": "{{ 'a' * 10**9 }}",
    "power": "{{ 9 ** 9 ** 9 }}",
    "sum": "{{ cases + 1 }}",
    "minus": "{{ -cases }}",
    "chain": "{{ long ~ long }}",
    "for": "{% for a in sold_in %}{% for b in sold_in %}x{% endfor %}{% endfor %}",
    "recursion": "{% for a in sold_in recursive %}{{ loop(sold_in) }}{% endfor %}",
    "set": "{% set a = 1 %}",
    "macro": "{% macro a() %}{{ a() }}{% endmacro %}",
    "call block": "{% call a() %}{% endcall %}",
    "import": "{% import 'a' as a %}",
    "from": "{% from 'a' import b %}",
    "include": "{% include 'a' %}",
    "extends": "{% extends 'a' %}",
    "block": "{% block a %}{% endblock %}",
    "filter block": "{% filter upper %}{% endfilter %}",
    "raw": "{% raw %}{{ a }}{% endraw %}",
    "autoescape": "{% autoescape true %}{% endautoescape %}",
    "do": "{% do a %}",
    "self": "{{ self }}",
    "super": "{{ super }}",
    "dunder": "{{ __builtins__ }}",
    "inner name": "{{ _words }}",
    "look-alike name": "{{ \u212aettle }}",
    "test": "{{ 'a' if product is string else 'b' }}",
    "test with arguments": "{% if product is known(1) %}{% endif %}",
    "test of a constant": "{% if 'a' is known %}{% endif %}",
    "no else": "{{ 'a' if recall }}",
    "dictionary": "{{ {'a': 1} }}",
    "list of facts": "{{ [product, product] }}",
    "too many arguments": "{{ cases | number(1, 2) }}",
    "star": "{{ sold_in | join(*sold_in) }}",
    "two stars": "{{ sold_in | join(**sold_in) }}",
    "argument twice": "{{ cases | number(decimals=1, decimals=2) }}",
    "escape in a constant": "{{ '\\x1b[2J' }}",
    "surrogate in a constant": "{{ '\\ud800' }}",
    "surrogate": "a\ud800",
    "bidi": "a\u202eb",
    "bell": "a\x07",
    "infinite": "{{ 1e999 }}",
    "long number": "{{ " + "9" * 5000 + " }}",
    "parentheses": "{{ " + "(" * 10_000 + "1" + ")" * 10_000 + " }}",
    "open parentheses": "{{ " + "(" * 10_000,
    "brackets": "{{ " + "[" * 10_000 + "]" * 10_000 + " }}",
    "nots": "{{ " + "not " * 7_000 + "a }}",
    "filters": "{{ product" + "|trim" * 5_000 + " }}",
    "nested ifs": "{% if recall %}" * 1_000 + "{% endif %}" * 1_000,
    "elifs": "{% if recall %}" + "{% elif recall %}" * 1_000 + "{% endif %}",
    "many tags": "{{ product }}" * 501,
    "long": "a" * 40_000,
    "open tags": "{{" * 16_000,
    "open blocks": "{%" * 16_000,
    "open comment": "{# a",
    "no end": "{% if recall %}",
    "no start": "{% endif %}",
    "nothing": "{{ }}",
}


@pytest.mark.parametrize("body", FORBIDDEN.values(), ids=FORBIDDEN.keys())
def test_what_a_message_does_not_need_is_a_finding_and_never_runs(body: str) -> None:
    found = problems(body, VALUES)
    assert found
    assert all(problem.line >= 1 and problem.message.isprintable() and len(problem.message) < 300 for problem in found)
    with pytest.raises(TemplateError) as error:
        text(body)
    assert error.value.line == found[0].line


@pytest.mark.parametrize("body", ["{{ a.b }}", "{{ a() }}", "{{ a + 1 }}", "{{ a | attr('b') }}", "{% set a = 1 %}"])
def test_what_reading_would_let_through_is_still_not_filled(body: str) -> None:
    tree = Environment().parse(body)
    with pytest.raises(TemplateError, match="is not for messages"):
        fill(tree, {"a": "text"}, Wording("en", ZONE, None))


TAGS = [
    "{{",
    "}}",
    "{%",
    "%}",
    "{#",
    "#}",
    "{%-",
    "-%}",
    "if",
    "elif",
    "else",
    "endif",
    "known",
    "is",
    "not",
    "and",
    "or",
    "in",
    "==",
    "!=",
    "<",
    "|",
    "(",
    ")",
    "[",
    "]",
    ",",
    ".",
    "'",
    '"',
    "1",
    "2.5",
    "none",
    "true",
]
WORDS = [
    "product",
    "hazard",
    "sold_in",
    "cases",
    "time",
    "date",
    "number",
    "join",
    "default",
    "upper",
    "for",
    "\n",
    "a",
]


@settings(deadline=None)
@given(st.lists(st.sampled_from(TAGS + WORDS), max_size=40).map(" ".join) | st.text(max_size=60))
def test_any_body_is_a_text_or_a_clear_error(body: str) -> None:
    found = problems(body, VALUES)
    try:
        assert isinstance(text(body), str)
    except TemplateError as error:
        assert error.message  # noqa: PT017 - either way is fine, any other exception is not
    else:
        assert [problem for problem in found if "no fact is called" not in problem.message] == []


def test_a_body_at_every_limit_is_rendered() -> None:
    nested = "{% if recall %}" * 8 + "a" + "{% endif %}" * 8
    branches = "{% if hazard %}" + "{% elif hazard %}" * 30 + "{% else %}b{% endif %}"
    wide = "{% if " + " and ".join(["recall"] * 28) + " %}c{% endif %}"
    assert text(nested + branches + wide + "{{ product }}" * 400) == "abc" + "Kettle 3" * 400


def test_importing_the_adapter_does_not_import_the_engine() -> None:
    script = "import sys, crisis.adapters.templates; print(sorted({'jinja2', 'babel', 'inspect'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "jinja2" not in done.stdout
    assert "babel" not in done.stdout
