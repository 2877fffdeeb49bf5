"""The same complaint again: in any language, in bounded memory, and not when each says something else."""

from __future__ import annotations

import pytest

from crisis.signals.complaints import KEPT, Complaints, Hour, phrases


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("My kettle caught fire!! https://a.example/1", "@acme my KETTLE caught fire… https://b.example/2"),
        ("Order 4711 never came, and nobody answers", "Order 4712 never came and nobody answers"),
        ("电水壶昨天晚上突然着火了，没有人回复", "朋友的电水壶昨天晚上突然着火了！"),
        ("やかんが昨日の夜に突然燃えた", "うちのやかんが昨日の夜に突然燃えた。"),
        ("กาต้มน้ำไฟไหม้เมื่อคืนนี้", "กาต้มน้ำไฟไหม้เมื่อคืนนี้!!"),
        ("मेरी केतली में कल रात आग लग गई", "मेरी केतली में कल रात आग लग गई।"),
        ("غلايتي اشتعلت الليلة الماضية", "غلايتي اشتعلت الليلة الماضية؟"),
    ],
)
def test_texts_that_say_the_same_share_a_phrase(one: str, other: str) -> None:
    assert set(phrases(one)) & set(phrases(other))


def test_texts_that_say_something_else_share_none() -> None:
    assert not set(phrases("My kettle caught fire last night")) & set(phrases("The lid of it does not close"))
    assert phrases("lol") == phrases("") == phrases("@acme https://a.example 12") == ()


def test_an_hour_counts_those_who_say_the_same_and_keeps_the_first() -> None:
    hour = Hour()
    for n in range(500):
        hour.add(f"number{n}x was {n}y and then {n}z went" if n % 2 else f"User {n}: the kettle caught fire again", 1)
    most, first = hour.most()
    assert 200 <= most <= 250  # thinned out, it may count too few, and never too many
    assert first == "User 0: the kettle caught fire again"
    assert len(hour.times) <= 4 * KEPT
    assert hour.times.keys() == hour.first.keys()


def test_the_fullest_hour_speaks_for_a_longer_row() -> None:
    complaints = Complaints()
    for hour, times in ((3, 2), (4, 5)):
        for _ in range(times):
            complaints.add(hour, f"It broke in hour number {'abcdef'[hour]}", worth=10)
    assert complaints.most(range(3, 6)) == (50, "It broke in hour number e")
    assert complaints.most(range(9, 12)) == (0, "")


def test_a_hostile_text_costs_no_more_than_its_beginning() -> None:
    Hour().add("\ud800" + "( " * 1_000_000, 1)
    assert len(phrases("a b " * 1_000_000)) <= 6


@pytest.mark.parametrize("sign", [chr(n) for n in range(128)])
def test_a_text_of_plain_signs_has_the_phrases_that_it_has_among_others(sign: str) -> None:
    text = f"The kettle{sign}leaks{sign}{sign}again {sign}7and nobody answers{sign}"
    assert phrases(text) == phrases(f"{text} \u00bf")
    assert phrases(text[:12]) == phrases(f"{text[:12]}\u00bf")


def test_marks_stay_the_same_as_they_are_kept_between_runs() -> None:
    assert phrases("The kettle leaks again, and nobody answers") == (
        1168450913,
        1673264779,
        2409409712,
        2455915913,
        3535426175,
    )
