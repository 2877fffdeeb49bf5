from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from crisis.adapters.notifiers.terminal import JsonLines, Terminal
from crisis.adapters.render.watching import Status, data_of, lines_of
from crisis.runtime.feeds import Began, Down, Gap, Polled, Proposal, Said, Up
from crisis.signals.alerts import Alert
from crisis.signals.proposal import Advice

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ZONE = ZoneInfo("Europe/Copenhagen")
HOSTILE = "news\x1b[2J\n\u202eevil"

ALERT = Alert(NOON, "mention_rate", 66, 3.5, 18.8, 6.1, NOON - 5 * MINUTE, 5 * MINUTE, 1.2)


def assessed(do: str) -> Any:
    class Proposed(SimpleNamespace):
        def __str__(self) -> str:
            return "SEV2 serious (mention rate 18x)"

    proposal = Proposed(
        severity="SEV2", because="mention rate 18x", rule="severity.SEV2.any[0]", is_unsure=False, unknown=()
    )
    return SimpleNamespace(playbook="p", proposal=proposal, advice=Advice(do, "it says so", NOON))  # type: ignore[arg-type]


SAID: tuple[Said, ...] = (
    Began(feed=HOSTILE, kind="rss", every=10 * MINUTE, until=None),
    Began(feed=HOSTILE, kind="bluesky", every=timedelta(seconds=5), until=NOON),
    Down(feed=HOSTILE, why=f"{HOSTILE} broke", hint=HOSTILE, again=NOON),
    Down(feed="news", why="it broke", hint="wait", again=None),
    Up(feed=HOSTILE, down_since=NOON),
    Gap(feed=HOSTILE, since=NOON, until=NOON + MINUTE),
    Polled(feed=HOSTILE, new=3, until=NOON),
    Proposal(at=NOON, alerts=((HOSTILE, ALERT),), command="crisis start"),
    Proposal(at=NOON, alerts=(), assessed=assessed("open"), command="crisis start p"),
    Proposal(at=NOON, alerts=((HOSTILE, ALERT),), examples={HOSTILE: HOSTILE * 50}, estimated={HOSTILE: 0.5}),
)


@pytest.mark.parametrize("said", SAID)
def test_whatever_is_said_is_safe_to_print_and_one_line_of_json(said: Said) -> None:
    lines = lines_of(said, ZONE)
    assert "\x1b" not in "".join(lines)
    assert "\u202e" not in "".join(lines)
    assert all("\n" not in line for line in lines)
    document = json.dumps(data_of(said))
    assert "\n" not in document
    assert document.isascii()
    assert next(iter(data_of(said))) == "event"


def test_people_are_told_in_their_own_time_and_in_few_words() -> None:
    told = [lines_of(one, ZONE) for one in SAID]
    assert told[1][0].endswith("(bluesky), every 5 s: known until 2026-03-02 13:00 CET")
    assert told[2][0].count("broke; from here on its counts are unknown, and not zero") == 1
    assert told[3] == ["DOWN: news: it broke; from here on its counts are unknown, and not zero", "  wait"]
    assert "is beyond its memory: unknown, and not zero" in told[5][0]
    assert told[6] == []
    assert told[7][0] == "UNUSUAL, 2026-03-02 13:00 CET:"
    assert "18.8x" in told[7][1]
    assert told[7][-1] == "To open an incident: crisis start"
    assert told[8] == [
        "BY THE RULES, 2026-03-02 13:00 CET:",
        "proposed: SEV2 serious (mention rate 18x)",
        "advice: open the playbook: it says so",
        "To open an incident: crisis start p",
    ]


def test_a_complaint_that_returns_has_an_example_and_what_rests_on_estimates_says_so() -> None:
    repeats = replace(ALERT, signal="repeat_topic")
    said = Proposal(
        at=NOON,
        alerts=(("news", repeats), ("other", ALERT)),
        examples={"news": "it leaks"},
        estimated={"news": 0.314, "other": 1.0},
    )
    lines = lines_of(said, ZONE)
    assert "  news  said again and again: “it leaks”" in lines
    assert "  news  31% of its sentiments are estimates from the words, not the tool's" in lines
    assert not [line for line in lines if line.startswith("  other  100%")]  # its alert does not rest on them
    assert [line for line in lines_of(replace(said, assessed=assessed("open")), ZONE) if "other  100%" in line]
    data = data_of(said)
    assert [one.get("estimated") for one in data["alerts"]] == [0.314, None]
    assert (data["examples"], data["estimated_sentiment"]) == ({"news": "it leaks"}, {"news": 0.314, "other": 1.0})


def test_what_the_rules_do_not_call_for_is_left_to_whoever_looks() -> None:
    said = Proposal(
        at=NOON, alerts=(("news", ALERT),), assessed=assessed("answer_individually"), command="crisis start p"
    )
    assert lines_of(said, ZONE)[-1] == "Should it be one after all: crisis start p"


def test_the_status_says_how_much_how_far_and_who_is_silent() -> None:
    status = Status(ZONE)
    assert status.line(Began(feed="one", kind="rss", every=MINUTE, until=None)) == ""
    assert status.line(Polled(feed="one", new=1200, until=NOON)) == (
        "1,200 counted until 13:00 CET · 1 of 1 feeds answer · learning, for a day"
    )
    assert "1 of 2 feeds answer" in status.line(Down(feed="two", why="", hint="", again=None))
    assert "2 of 2 feeds answer" in status.line(Up(feed="two", down_since=NOON))
    assert status.line(Polled(feed="two", new=1, until=None, learned=True)).endswith("nothing unusual")
    assert status.line(Proposal(at=NOON)).endswith("last unusual 13:00 CET")


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def terminal(out: Any, err: Any) -> Terminal:
    return Terminal(out, err, lambda said: lines_of(said, ZONE), Status(ZONE).line)


def test_at_a_terminal_a_proposal_rings_and_the_status_stays_below_what_is_said() -> None:
    out, err = Screen(), Screen()
    one = terminal(out, err)
    for said in SAID[4:8]:
        one.tell(said)
    one.close()
    assert out.getvalue().startswith("UNUSUAL")
    assert err.getvalue().count("\a") == 1
    assert err.getvalue().endswith("last unusual 13:00 CET\n")
    # Each line that is said first clears the status.
    assert "\r\x1b[K" in err.getvalue()


def test_without_a_terminal_there_is_no_bell_and_no_status() -> None:
    out, err = io.StringIO(), io.StringIO()
    one = terminal(out, err)
    for said in SAID:
        one.tell(said)
    one.close()
    assert "\a" not in out.getvalue() + err.getvalue()
    assert "\r" not in err.getvalue()
    assert "counted" not in err.getvalue()


def test_a_terminal_that_cannot_show_a_sign_gets_it_written_out() -> None:
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="ascii")
    said = Proposal(at=NOON, alerts=(("Købmand", ALERT),), command="crisis start")
    terminal(out, io.StringIO()).tell(said)
    assert b"K\\xf8bmand" in raw.getvalue()
    JsonLines(out, data_of).tell(said)
    assert json.loads(raw.getvalue().splitlines()[-1])["alerts"][0]["feed"] == "Købmand"
    JsonLines(out, data_of).close()
