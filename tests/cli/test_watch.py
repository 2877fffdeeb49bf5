from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from crisis.cli.run import run

HEAD = "apiVersion: crisis/v1\nkind: Watch\nid: kettle\n"
EMPTY = b"<rss><channel><title>n</title></channel></rss>"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("CRISIS_WATCH", str(tmp_path / "memory.db"))
    return tmp_path


@pytest.fixture
def say(here: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Run `crisis`; gives the exit code, stdout and stderr."""

    def said(*arguments: object) -> tuple[int, str, str]:
        code = run([str(one) for one in arguments])
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return code, out, err

    return said


def brandwatch(sources: ModuleType, standins: ModuleType, storm: int) -> Callable[[Any], Any]:
    """Three days of mentions with a rhythm, in the last half-hour `storm` times as many."""
    now = datetime.now(UTC)  # noqa: TID251  # what is watched must be of just now
    posts = []
    at = now - timedelta(days=3)
    while at < now:
        many = 2 * (storm if at > now - timedelta(minutes=35) else 1)
        posts += [standins.Post(len(posts) + n + 1, at + n * timedelta(seconds=0.1)) for n in range(many)]
        at += timedelta(minutes=5)

    def answer(question: Any) -> Any:
        found = standins.between(
            posts, standins.moment(question.query["startDate"]), standins.moment(question.query["endDate"]), now
        )
        return sources.Reply(
            {
                "results": [
                    {
                        "resourceId": str(post.n), "date": post.at.isoformat(), "pageType": "forum",
                        "sentiment": "neutral", "author": "a", "snippet": post.text,
                        "url": f"https://forum.example/{post.n}",
                    }
                    for post in found
                ]
            }
        )  # fmt: skip

    return answer


def written(here: Path, url: str, more: str = "") -> None:
    (here / "watch.yaml").write_text(f"{HEAD}{more}feeds:\n  - url: {url}\n    id: bw\n    kind: brandwatch\n")


def test_what_is_unusual_is_a_line_with_the_command_that_would_open_an_incident(
    say: Any, here: Path, sources: ModuleType, standins: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRISIS_BRANDWATCH_TOKEN", "s3cret")
    with sources.source(brandwatch(sources, standins, storm=40)) as server:
        written(here, f"{server.url}/projects/1/data/mentions?queryId=2", "timezone: Europe/Copenhagen\n")
        code, out, err = say("watch", "--once")
        assert (code, err) == (0, "")
        assert "UNUSUAL" in out
        assert "mention_rate" in out
        assert "To open an incident: crisis start\n" in out
        # It was said: a second look has nothing to add.
        assert say("watch", "--once") == (0, "", "")
    assert not (here / "journal.db").exists()


def test_with_a_playbook_it_says_which_severity_the_rules_propose_and_why(
    say: Any, here: Path, sources: ModuleType, standins: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRISIS_BRANDWATCH_TOKEN", "s3cret")
    with sources.source(brandwatch(sources, standins, storm=80)) as server:
        written(here, f"{server.url}/projects/1/data/mentions?queryId=2")
        code, out, _ = say("watch", "--once", "--playbook", "product-defect")
    assert code == 0
    assert "proposed: SEV" in out
    assert "crisis start product-defect" in out


def test_json_is_one_object_a_line(
    say: Any, here: Path, sources: ModuleType, standins: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRISIS_BRANDWATCH_TOKEN", "s3cret")
    with sources.source(brandwatch(sources, standins, storm=40)) as server:
        written(here, f"{server.url}/projects/1/data/mentions?queryId=2")
        code, out, err = say("watch", "--once", "--json", "--playbook", "product-defect")
    said = [json.loads(line) for line in out.splitlines()]
    assert (code, err) == (0, "")
    assert [one["event"] for one in said] == ["polled", "proposal"]
    assert said[0]["new"] > 1000
    assert said[1]["alerts"][0]["feed"] == "bw"
    assert said[1]["command"] == "crisis start product-defect"
    assert {"proposal", "advice", "playbook"} <= set(said[1])


def test_a_feed_on_the_command_line_needs_no_file(say: Any, sources: ModuleType) -> None:
    with sources.source(lambda _: sources.Reply(EMPTY)) as server:
        assert say("watch", "--once", "--feed", server.url) == (0, "", "")


def test_a_feed_that_drips_does_not_hold_up_a_watch_that_asks_once(
    say: Any, sources: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crisis.adapters.feeds.http.PATIENCE", 0.5)
    with sources.source(lambda _: sources.Reply(EMPTY * 20, drip=0.01)) as server:
        code, out, err = say("watch", "--once", "--feed", server.url)
    assert (code, out) == (1, "")
    assert "DOWN" in err
    assert "longer than 0.5 s" in err


def test_one_failing_feed_does_not_stop_the_others_and_all_failing_is_no_success(say: Any, sources: ModuleType) -> None:
    page = b"<!doctype html><html><body>Sign in</body></html>"
    with sources.source(lambda q: sources.Reply(page if q.path == "/page" else EMPTY)) as server:
        code, out, err = say("watch", "--once", "--feed", f"{server.url}/page", "--feed", f"{server.url}/feed")
        assert (code, out) == (0, "")
        assert "DOWN" in err
        assert "web page" in err
        assert "unknown, and not zero" in err
        assert say("watch", "--once", "--feed", f"{server.url}/page")[0] == 1


def test_nothing_to_watch_is_said_with_what_to_do(say: Any) -> None:
    code, _, err = say("watch", "--once")
    assert code == 5
    assert "--feed" in err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--feed", "kettle"], "no address of the web"),
        (["--feed", "wss://sky.example/subscribe"], "brings everything"),
        (["--feed", "https://u:pw@news.example/feed"], "password or a token"),
        (["--feed", "https://news.example/feed", "--for", "2"], "--for"),
        (["--feed", "https://news.example/feed", "--for", "2h", "--once"], "exclude each other"),
        (["--feed", "https://news.example/feed", "--until", "25:00"], "is no time"),
        (["--feed", "https://news.example/feed", "--until", "2026-03-07T07:30"], "is over"),
        (["--feed", "https://news.example/feed", "--until", "07:30", "--for", "2h"], "exclude each other"),
        (["--feed", "https://news.example/feed", "--setting", "loud"], "no setting"),
        (["--feed", "https://news.example/feed", "--notify", "horn"], "desktop, bell, none"),
        (["--feed", "https://news.example/feed", "--estimate-sentiment", "da"], "it can be done in en"),
        (["--feed", "https://news.example/feed", "--playbook", "produkt-defect"], "no playbook"),
        (["--feed", "https://news.example/feed", "--state", "."], "is a folder"),
        (["--feed", "https://news.example/feed", "--feed", "https://news.example/feed"], "another feed"),
        (["--feed", "https://api.x.com/2/tweets/counts/recent?query=a"], "CRISIS_X_TOKEN is not set"),
        (["missing.yaml"], "no file"),
    ],
)
def test_what_cannot_be_watched_is_refused_before_anything_is_asked(
    say: Any, here: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], says: str
) -> None:
    monkeypatch.delenv("CRISIS_X_TOKEN", raising=False)
    code, _, err = say("watch", *arguments)
    assert code in (2, 5)
    assert says in err
    assert "pw" not in err.replace("password", "")
    assert not (here / "memory.db").exists()


def test_a_file_with_faults_is_not_watched(say: Any, here: Path) -> None:
    feeds = "".join(f"  - url: https://news.example/{n}\n" for n in range(101))
    (here / "watch.yaml").write_text(f"{HEAD}feeds:\n{feeds}")
    assert ": too-many-feeds error" in say("check", "watch.yaml")[1]
    code, _, err = say("watch")
    assert code == 2
    assert "at most 100" in err


def test_check_passes_a_sound_watch_file_and_finds_unknown_keys(say: Any, here: Path) -> None:
    (here / "watch.yaml").write_text(HEAD + "feeds:\n  - url: https://news.example/feed\n    every: 15m\n")
    assert say("check", "watch.yaml")[0] == 0
    (here / "watch.yaml").write_text(HEAD + "feeds:\n  - url: https://news.example/feed\n    evry: 15m\n")
    assert "did you mean 'every'" in say("check", "watch.yaml")[1]
    code, _, err = say("watch")
    assert code == 1
    assert "watch.yaml:6:" in err
    (here / "watch.yaml").write_text(HEAD + "feeds: []\n")
    assert "no-feeds" in say("check", "watch.yaml")[1]


def test_schema_knows_what_may_be_watched(say: Any) -> None:
    code, out, _ = say("schema", "watch")
    assert code == 0
    assert "feeds" in json.loads(out)["properties"]


def test_without_its_libraries_it_says_which_they_are(
    say: Any, sources: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "httpx", None)
    _, _, err = say("watch", "--once", "--feed", "https://news.example/feed")
    assert "-m pip install " in err
    assert "httpx>=" in err


def test_ctrl_c_ends_it_saved_and_it_goes_on_where_it_was(here: Path, sources: ModuleType) -> None:
    with sources.source(lambda _: sources.Reply(EMPTY)) as server:
        process = subprocess.Popen(
            [sys.executable, "-m", "crisis", "watch", "--feed", server.url],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        ends = time.monotonic() + 30
        while not server.asked and time.monotonic() < ends:
            time.sleep(0.05)
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert out == ""
    assert "Saved" in err
    assert "Traceback" not in err


def test_it_ends_after_the_time_that_was_given(say: Any, sources: ModuleType) -> None:
    with sources.source(lambda _: sources.Reply(EMPTY)) as server:
        began = time.monotonic()
        code, _, err = say("watch", "--feed", server.url, "--for", "1s")
    assert code == 0
    assert time.monotonic() - began < 15
    assert "watched from now on" in err


def test_with_notify_desktop_what_is_unusual_is_shown_there_too(
    say: Any,
    here: Path,
    sources: ModuleType,
    standins: ModuleType,
    desktops: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if not desktops.can_be_had():
        pytest.skip("no dbus-daemon on this machine")
    monkeypatch.setenv("CRISIS_BRANDWATCH_TOKEN", "s3cret")
    with sources.source(brandwatch(sources, standins, storm=40)) as server, desktops.desktop() as shown:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", shown.address)
        written(here, f"{server.url}/projects/1/data/mentions?queryId=2")
        code, out, err = say("watch", "--once", "--notify", "desktop")
        assert (code, err) == (0, "")
        assert "UNUSUAL" in out
        ((title, body, _),) = shown.notices
        assert title.startswith("crisis: UNUSUAL")
        assert "mention_rate" in body
        assert say("watch", "--once", "--notify", "desktop") == (0, "", "")
        assert len(shown.notices) == 1


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_with_notify_desktop_and_no_desktop_it_says_so_in_one_line_and_watches(
    say: Any, sources: ModuleType, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...]
) -> None:
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    monkeypatch.delenv("DISPLAY", raising=False)
    with sources.source(lambda _: sources.Reply(EMPTY)) as server:
        code, _, err = say("watch", "--feed", server.url, "--for", "1s", "--notify", "desktop", *options)
        assert code == 0
        assert err.count("no desktop notifications, the bell instead: ") == 1
        assert say("watch", "--feed", server.url, "--once", "--notify", "desktop") == (0, "", "")


@pytest.mark.parametrize("by_file", [True, False])
def test_sentiment_is_estimated_where_the_feed_gives_none_if_asked(
    say: Any,
    here: Path,
    sources: ModuleType,
    standins: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    by_file: bool,
) -> None:
    pytest.importorskip("vaderSentiment")
    monkeypatch.setenv("CRISIS_BRANDWATCH_TOKEN", "s3cret")
    plain = brandwatch(sources, standins, storm=40)

    def answer(question: Any) -> Any:
        found = plain(question)
        for one in found.body["results"]:
            one["sentiment"] = None
            one["snippet"] = f"This kettle is a terrible, horrible failure {one['resourceId']}"
        return found

    with sources.source(answer) as server:
        more = "estimate_sentiment: en\n" if by_file else ""
        written(here, f"{server.url}/projects/1/data/mentions?queryId=2", more)
        options = () if by_file else ("--estimate-sentiment", "en")
        code, out, err = say("watch", "--once", *options)
    assert (code, err) == (0, "")
    assert "negative_rate" in out
    assert "bw  100% of its sentiments are estimates from the words, not the tool's" in out
    assert b"terrible" not in (here / "memory.db").read_bytes()


def test_an_estimate_in_another_language_is_a_finding(say: Any, here: Path) -> None:
    (here / "watch.yaml").write_text(f"{HEAD}estimate_sentiment: da\nfeeds:\n  - url: https://news.example/feed\n")
    code, out, _ = say("check", "watch.yaml")
    assert code == 1
    assert "estimate_sentiment" in out
