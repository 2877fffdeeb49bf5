from __future__ import annotations

import math
import types
import typing
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crisis.adapters.journal.codec import NEWEST, Unwritable, decode, encode
from crisis.engine import events as ev
from crisis.kernel.errors import Tampered, Unreadable

WHOLE = st.integers(-(2**63) + 1, 2**63 - 1)
NUMBER = st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | WHOLE | NUMBER | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
# Offsets to the second: places had such before there were zones, and the instant must be kept all the same.
MOMENT = st.datetimes(
    min_value=datetime(2, 1, 1),  # noqa: DTZ001
    max_value=datetime(9998, 12, 31),  # noqa: DTZ001
    timezones=st.integers(-86399, 86399).map(lambda seconds: timezone(timedelta(seconds=seconds))),
)
PLAIN: dict[object, st.SearchStrategy[object]] = {
    str: st.text(),
    bool: st.booleans(),
    int: WHOLE,
    float: NUMBER,
    datetime: MOMENT,
    types.NoneType: st.none(),
}


def values(hint: object) -> st.SearchStrategy[Any]:
    """Whatever the type hint of a field allows."""
    if hint is Any:
        return JSON
    if hint in PLAIN:
        return PLAIN[hint]
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return instances(hint)
    inner = typing.get_args(hint)
    match typing.get_origin(hint):
        case typing.Literal:
            return st.sampled_from(inner)
        case types.UnionType | typing.Union:
            return st.one_of(*(values(one) for one in inner))
        case origin if origin is tuple:
            return st.lists(values(inner[0]), max_size=3).map(tuple)
        case origin if origin is Mapping:
            return st.dictionaries(st.text(), values(inner[1]), max_size=3)
    raise NotImplementedError(f"teach this test to make {hint}")


def instances(cls: Any) -> st.SearchStrategy[Any]:
    hints = typing.get_type_hints(cls)
    return st.builds(cls, **{name: values(hints[name]) for name in cls.__struct_fields__})


@pytest.mark.parametrize("name", ev.EVENT_TYPES)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_every_event_comes_back_as_it_was_written(name: str, data: st.DataObject) -> None:
    event = data.draw(instances(ev.EVENT_TYPES[name]))
    text = encode(event)
    back = decode(name, NEWEST, text)
    assert (type(back), back) == (type(event), event)
    assert encode(back) == text


@given(moment=st.datetimes(timezones=st.timezones()))
@settings(max_examples=50, deadline=None)
def test_a_moment_in_any_zone_keeps_its_instant_and_is_written_in_utc(moment: datetime) -> None:
    try:
        instant = moment.astimezone(UTC)
    except OverflowError:
        with pytest.raises(Unwritable):
            encode(ev.FactSet(fact="f", since=moment))
        return
    text = encode(ev.FactSet(fact="f", since=moment))
    back = decode("FactSet", NEWEST, text)
    assert isinstance(back, ev.FactSet)
    assert back.since == instant
    assert f'"since":"{instant.isoformat(timespec="microseconds")}"' in text


def test_the_hour_that_comes_twice_is_told_apart() -> None:
    autumn = datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"))
    first, second = (
        encode(ev.FactSet(fact="f", since=autumn)),
        encode(ev.FactSet(fact="f", since=autumn.replace(fold=1))),
    )
    assert "T00:30" in first
    assert "T01:30" in second


def test_the_text_is_canonical_whatever_order_things_were_put_in() -> None:
    one = ev.Answered(step="s", round=1, ask="a", value={"b": 1, "a": {"d": 2, "c": "ü"}})
    other = ev.Answered(value={"a": {"c": "ü", "d": 2}, "b": 1}, ask="a", round=1, step="s")
    assert encode(one) == encode(other) == '{"ask":"a","round":1,"step":"s","value":{"a":{"c":"ü","d":2},"b":1}}'


def test_an_event_from_before_a_field_was_added_takes_its_default() -> None:
    assert decode("Closed", NEWEST, '{"reason":"over"}') == ev.Closed(reason="over", left_open=())


def test_a_moment_without_a_zone_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        encode(ev.FactSet(fact="f", since=datetime(2026, 3, 1)))  # noqa: DTZ001


def endless() -> list[object]:
    value: list[object] = []
    value.append(value)
    return value


@pytest.mark.parametrize(
    "value",
    [math.nan, {"a": [-math.inf]}, "\udc80", {"\ud800": 1}, 2**63, -(10**5000), endless()],
    ids=["nan", "inf", "half", "half-key", "big", "huge", "endless"],
)
def test_what_would_not_come_back_the_same_is_refused_by_name(value: object) -> None:
    with pytest.raises(Unwritable, match="Answered") as caught:
        encode(ev.Answered(step="s", round=1, ask="a", value=value))
    assert caught.value.hint


@pytest.mark.parametrize(("name", "v"), [("Teleported", 1), ("Noted", 2), ("Noted", 0), ("\x1b[2J", 1)])
def test_an_event_from_a_newer_version_is_not_guessed_at(name: str, v: int) -> None:
    with pytest.raises(Unreadable) as caught:
        decode(name, v, '{"text":"x"}')
    assert "upgrade" in caught.value.hint
    assert "\x1b" not in caught.value.message


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{}", '{"text":1}', '{"text":"\\ud800"}', "\ud800", '{"text":' + "[" * 100_000, "null"],
)
def test_a_text_that_makes_no_sense_is_called_tampered(text: str) -> None:
    with pytest.raises(Tampered, match="Noted"):
        decode("Noted", NEWEST, text)


def test_signals_as_they_were_written_before_exports_were_kept_come_back_to_the_byte() -> None:
    text = '{"readings":{"mention_rate":{"count":300,"lasting":0.0,"ratio":14.0,"value":null}}}'
    event = decode("SignalsRead", NEWEST, text)
    assert isinstance(event, ev.SignalsRead)
    assert (event.readings["mention_rate"].ratio, event.measured) == (14.0, None)
    assert encode(event) == text
