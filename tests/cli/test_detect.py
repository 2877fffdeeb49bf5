from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crisis.adapters.system import SystemClock
from crisis.cli.run import run

EXPORTS = Path(__file__).parent.parent / "fixtures" / "exports"
START = datetime(2026, 3, 2, tzinfo=UTC)
MARKUP = "<!doctype html><html><head><title>Sign in</title></head><body>Please sign in.</body></html>"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    return tmp_path


@pytest.fixture
def say(here: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """Run `crisis detect`; gives the exit code, stdout and stderr."""

    def said(*arguments: object) -> tuple[int, str, str]:
        code = run(["detect", *map(str, arguments)])
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return code, out, err

    return said


@pytest.fixture
def told(say: Any) -> Any:
    """Run `crisis detect --json` that must go well; gives the document."""

    def document(*arguments: object) -> dict[str, Any]:
        code, out, err = say(*arguments, "--json")
        assert (code, err) == (0, "")
        return json.loads(out)

    return document


def counts(days: float = 8, events: dict[int, float] | None = None) -> list[str]:
    """Rows of counts per five minutes with a rhythm, and at some rows an hour of so many times as much."""
    times = {n + k: factor for n, factor in (events or {}).items() for k in range(12)}
    rows = []
    for n in range(int(days * 288)):
        at = START + n * timedelta(minutes=5)
        usual = 10 + 8 * (at.hour in range(8, 20)) + (n * 7919 % 13) / 3
        rows.append(f"{at:%Y-%m-%d %H:%M:%S},{round(usual * times.get(n, 1))}")
    return rows


def mentions(days: int = 9, storm: int = 0, **storm_is: Any) -> str:
    """Mentions of a made-up brand, and in the last `storm` bins of five minutes a hundred angry ones each."""
    lines = ["date,author,text,sentiment,reach,source"]
    for n in range(days * 288):
        at = START + n * timedelta(minutes=5)
        hot = n >= days * 288 - storm
        for k in range(storm_is.get("each", 100) if hot else 2):
            feeling = "negative" if hot or (n + k) % 10 == 0 else "neutral"
            lines.append(f"{at + timedelta(seconds=k):%Y-%m-%d %H:%M:%S},u{k},Kettle {n} {k},{feeling},10,forum")
    return "\n".join(lines)


def write(path: Path, text: str | bytes) -> Path:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def table(path: Path, rows: list[str]) -> Path:
    return write(path, "\n".join(["timestamp,value", *rows]))


EVENTS = {900: 12.0, 1500: 30.0}


def test_an_alert_says_when_what_how_much_and_against_what(told: Any, here: Path) -> None:
    found = told(table(here / "counts.csv", counts(events=EVENTS)), "--alerts")["alerts"]
    assert found
    first = found[0]
    assert {"at", "signal", "value", "baseline", "ratio", "odds", "since", "window_minutes"} <= set(first)
    assert first["at"] == (START + 900 * timedelta(minutes=5)).isoformat()
    assert first["signal"] == "mention_rate"
    assert first["ratio"] == pytest.approx(first["value"] / first["baseline"], rel=1e-4)
    assert first["ratio"] > 3


def test_alerts_on_a_prefix_are_those_of_the_whole_up_to_there(told: Any, here: Path) -> None:
    rows = counts(events=EVENTS)
    whole = told(table(here / "whole.csv", rows), "--alerts")["alerts"]
    assert len(whole) >= 2
    times = [f"{START + n * timedelta(minutes=5)}".replace(" ", "T") for n in range(len(rows))]
    for cut in (300, 900, 901, 905, 1200, 1501, 1512, 2000):
        part = told(table(here / "part.csv", rows[:cut]), "--alerts")["alerts"]
        assert part == [alert for alert in whole if alert["at"] < times[cut]]


def test_rows_of_seconds_are_judged_by_the_minute_and_on_a_prefix_as_on_the_whole(told: Any, here: Path) -> None:
    seconds = [START + n * timedelta(seconds=10) for n in range(14_000)]
    rows = [f"{at},{40 if 11_000 <= n < 11_300 else n % 3}" for n, at in enumerate(seconds)]
    whole = told(table(here / "whole.csv", rows), "--alerts")["alerts"]
    assert whole
    hit = next(n for n, at in enumerate(seconds) if f"{at}".replace(" ", "T")[:19] == whole[0]["at"][:19])
    assert 11_000 <= hit < 11_030
    for cut in (10_000, hit - 1, hit, hit + 1, hit + 2, hit + 5, 12_000):
        part = told(table(here / "part.csv", rows[:cut]), "--alerts")["alerts"]
        assert part == [alert for alert in whole if alert["at"][:19] < f"{seconds[cut]}".replace(" ", "T")[:19]]


def test_a_row_that_is_longer_than_a_window_is_what_an_alert_speaks_of(told: Any, here: Path) -> None:
    rows = [f"{START + n * timedelta(hours=1):%Y-%m-%d %H:%M},{900 if n == 190 else 10 + n % 5}" for n in range(200)]
    (alert,) = told(table(here / "hours.csv", rows), "--alerts")["alerts"]
    assert (alert["value"], alert["window_minutes"]) == (900, 60)


def test_quiet_raises_fewer_alerts_than_watchful(told: Any, here: Path) -> None:
    file = table(here / "counts.csv", counts(days=20, events=dict.fromkeys(range(600, 5600, 431), 2.5)))
    watchful, quiet = (told(file, "--alerts", "--setting", name)["alerts"] for name in ("watchful", "quiet"))
    assert 0 < len(quiet) < len(watchful)


def test_a_file_from_newest_to_oldest_gives_the_same_alerts(told: Any, here: Path) -> None:
    rows = counts(events=EVENTS)
    forth, back = table(here / "forth.csv", rows), table(here / "back.csv", rows[::-1])
    assert told(forth, "--alerts") == told(back, "--alerts")


@pytest.mark.parametrize("name", sorted(path.stem for path in (EXPORTS / "expected").glob("*.json")))
def test_the_report_of_every_tool_is_what_its_importer_says(told: Any, name: str) -> None:
    document = told(EXPORTS / name)
    wanted = {
        "format", "time_zone", "time_zone_from", "rows", "mentions", "reposts", "skipped", "sentiment", "first",
        "last", "signals",
    }  # fmt: skip
    assert wanted <= set(document)
    assert document["rows"] == document["mentions"] + document["counts"] + sum(document["skipped"].values())
    assert sum(document["sentiment"].values()) == document["mentions"]
    assert "unknown" in document["sentiment"]
    for signal in document["signals"]:
        assert {"signal", "value", "baseline", "ratio", "odds", "since", "learned"} <= set(signal)
        assert not signal["learned"]
        assert signal["baseline"] is None


def test_a_storm_is_unusual_in_rate_share_and_reach_and_the_table_says_so(say: Any, told: Any, here: Path) -> None:
    file = write(here / "export.csv", mentions(storm=6))
    signals = {signal["signal"]: signal for signal in told(file)["signals"]}
    for name in ("mention_rate", "negative_share", "negative_rate", "reach"):
        assert signals[name]["unusual"], name
        assert signals[name]["ratio"] > 2
        assert signals[name]["since"] >= (START + timedelta(days=9, minutes=-60)).isoformat()
    assert not signals["spread"]["unusual"]
    code, out, _ = say(file)
    assert code == 0
    assert "UNUSUAL" in next(line for line in out.splitlines() if line.startswith("mention_rate"))
    assert "█" in out


def test_a_quiet_week_is_usual(told: Any, here: Path) -> None:
    signals = told(write(here / "export.csv", mentions()))["signals"]
    assert not any(signal["unusual"] for signal in signals)


def test_the_same_export_given_twice_counts_once(told: Any, here: Path) -> None:
    one, two = (write(here / name, mentions(days=2)) for name in ("one.csv", "two.csv"))
    alone, both = told(one), told(one, two)
    assert both["mentions"] == alone["mentions"]
    assert both["skipped"]["duplicate"] == alone["mentions"]
    assert both["signals"] == alone["signals"]
    series = [table(here / name, counts()) for name in ("a.csv", "b.csv")]
    assert told(*series)["signals"] == told(series[0])["signals"]


def test_the_column_of_visits_is_site_traffic(told: Any, here: Path) -> None:
    file = write(here / "site.csv", "\n".join(["hour,page views", *counts(days=2)]))
    assert [signal["signal"] for signal in told(file)["signals"]] == ["site_traffic"]


def test_a_playbook_proposes_a_severity_with_its_rule_and_its_reason(told: Any, say: Any, here: Path) -> None:
    file = write(here / "export.csv", mentions(storm=6))
    document = told(file, "--playbook", "product-defect")
    assert document["proposal"]["severity"] == "SEV2"
    assert document["proposal"]["rule"].startswith("severity.SEV2.any[")
    assert "negative rate" in document["proposal"]["because"]
    assert document["advice"]["do"] == "open"
    assert "rules" not in document
    rules = told(file, "--playbook", "product-defect", "--explain")["rules"]
    assert {rule["holds"] for rule in rules} >= {"yes", "unasked"}
    code, out, _ = say(file, "--playbook", "product-defect", "--explain")
    assert code == 0
    assert "open the playbook" in out
    assert "cannot be told" in out


def test_a_quiet_week_advises_to_do_nothing_and_when_to_look_again(told: Any, here: Path) -> None:
    document = told(write(here / "export.csv", mentions()), "--playbook", "product-defect")
    assert document["proposal"]["severity"] == "SEV4"
    assert document["advice"]["do"] == "nothing"
    assert document["advice"]["look_again_at"] > document["last"]


def test_what_a_dry_run_writes_can_be_given_back(told: Any, say: Any, here: Path) -> None:
    file = write(here / "export.csv", mentions(days=2))
    code, out, _ = say(file, "--dry-run", "--map", "columns.yaml")
    assert code == 0
    assert "written to columns.yaml" in out
    assert told(file, "--map", "columns.yaml")["mentions"] == told(file)["mentions"]
    before = (here / "columns.yaml").read_text()
    say(file, "--dry-run", "--map", "columns.yaml")
    assert (here / "columns.yaml").read_text() == before


def test_a_dry_run_offers_a_map_for_columns_that_nobody_knows(told: Any, say: Any, here: Path) -> None:
    file = write(here / "own.csv", "wann,wer,was\n2026-03-02 10:00,ann,Der Kessel pfeift\n")
    code, _, err = say(file)
    assert code == 1
    assert "wann" in err
    assert say(file, "--dry-run", "--map", "own.yaml")[0] == 0
    assert told(file, "--map", "own.yaml")["mentions"] == 1


def test_a_column_with_a_hostile_name_is_written_as_escapes_and_still_found(told: Any, say: Any, here: Path) -> None:
    file = write(here / "own.csv", "w\u202eann,was\n2026-03-02 10:00,Der Kessel pfeift\n")
    code, out, _ = say(file, "--dry-run", "--map", "own.yaml")
    assert code == 0
    assert "\u202e" not in out
    assert told(file, "--map", "own.yaml")["mentions"] == 1


def test_millions_are_counted_by_the_engine_and_stand_as_the_rows_do(
    told: Any, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("duckdb")
    file = write(here / "export.csv", mentions(days=12, storm=9))
    by_rows = told(file)
    monkeypatch.setattr("crisis.adapters.importers.bulk.ENGINE_FROM", 0)
    monkeypatch.setattr("crisis.wiring.gathering._WORTH_A_LOOK", 0)
    by_engine = told(file)
    assert by_engine["mentions"] == by_rows["mentions"]
    assert by_engine["sentiment"] == by_rows["sentiment"]
    pairs = zip(by_engine["signals"], by_rows["signals"], strict=True)
    assert all(one == other for one, other in pairs)


@pytest.mark.parametrize("minute", [1, 4, 11, 44, 59])
@pytest.mark.parametrize("by_engine", [False, True])
def test_the_last_hour_is_told_whole_though_its_last_bin_has_only_begun(
    told: Any, here: Path, monkeypatch: pytest.MonkeyPatch, minute: int, by_engine: bool
) -> None:
    if by_engine:
        pytest.importorskip("duckdb")
        monkeypatch.setattr("crisis.adapters.importers.bulk.ENGINE_FROM", 0)
        monkeypatch.setattr("crisis.wiring.gathering._WORTH_A_LOOK", 0)
    ends = datetime(2026, 3, 4, 14, minute, tzinfo=UTC)
    times = [ends - timedelta(minutes=n) for n in range(2 * 24 * 60)]
    rows = "".join(f"{at:%Y-%m-%dT%H:%M:%SZ},it leaks\n" for at in reversed(times))
    found = told(write(here / "steady.csv", f"date,text\n{rows}"))
    (now,) = (one for one in found["signals"] if one["signal"] == "mention_rate")
    assert 58 <= now["value"] <= 62
    assert 0.95 <= now["ratio"] <= 1.05


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", 1),
        (MARKUP.encode(), 1),
        (b"\x89PNG\r\n\x1a\n", 1),
        (b"PK\x03\x04 no archive", 1),
        (b"PAR1 no table", 1),
        (b'{"mentions": [', 1),
        (b"[" * 100_000, 1),
        (b"\xff\xfe\x00\x00" * 100, 1),
        (b"timestamp,value\n", 0),
        (b"timestamp,value\n\x00\x00,\x00\n", 0),
        (b"timestamp,value\nno time,1\n2026-03-02 10:00,-5\n2026-03-02 10:05,1e400\n", 0),
        (b"date,text\n2026-03-02 10:00," + b"a" * 200_000 + b"\n", 0),
        (b'date,text\n2026-03-02 10:00,"never closed\n2026-03-02 10:05,b\n', 0),
        (b"date,text\n03/04/2026,either\n", 2),
        (b"date,text\n2026-03-02 10:00,\x1b[2J=cmd()\n", 0),
        (b"date,text,reach\n2026-03-02 10:00,a,1e15\n2026-03-02 10:00,b,1e15\n", 0),
    ],
)
def test_damage_is_a_clear_error_or_a_counted_skip(say: Any, here: Path, content: bytes, code: int) -> None:
    file = write(here / "export.csv", content)
    for options in ((), ("--json",), ("--alerts",), ("--dry-run",)):
        found, out, err = say(file, *options)
        assert found == code
        assert bool(err) is bool(code)
        assert "\x1b" not in out


@pytest.mark.parametrize("options", [("--alerts",), ("--playbook", "product-defect", "--explain")])
def test_in_a_narrow_terminal_no_line_is_cut_and_words_stay_whole(
    say: Any, here: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...]
) -> None:
    file = table(here / "counts.csv", counts(events=EVENTS))
    _, wide, _ = say(file, *options)
    monkeypatch.setattr("crisis.wiring.detecting._width", lambda: 70)
    code, narrow, err = say(file, *options)
    assert (code, err) == (0, "")
    assert max(map(len, narrow.splitlines())) <= 70 < max(map(len, wide.splitlines()))
    if "--alerts" in options:
        assert [word.rstrip(",") for word in narrow.split()] == wide.split()
    monkeypatch.setattr("crisis.wiring.detecting._width", lambda: 500)
    assert say(file, *options)[1] == wide


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (["missing.csv"], 5, "missing.csv"),
        ([], 2, "FILE"),
        (["counts.csv", "--setting", "loud"], 2, "watchful"),
        (["counts.csv", "--tz", "Mars/Olympus"], 2, "time zone"),
        (["counts.csv", "--map", "none.yaml"], 5, "none.yaml"),
        (["counts.csv", "--map", "counts.csv"], 2, "column map"),
        (["counts.csv", "--playbook", "no-such"], 5, "no-such"),
        (["counts.csv", "--explain"], 2, "--playbook"),
        (["counts.csv", "--alerts", "--playbook", "product-defect", "--explain"], 2, "leave out --alerts"),
        (["counts.csv", "--alerts", "--explain"], 2, "leave out --alerts"),
        (["counts.csv", "--alerts", "--playbook", "product-defect"], 2, "leave out --playbook"),
        (["counts.csv", "mentions.csv"], 2, "twice"),
        (["."], 1, "directory"),
    ],
)
def test_what_cannot_be_done_says_why_and_exits_by_the_table(
    say: Any, here: Path, arguments: list[str], code: int, word: str
) -> None:
    table(here / "counts.csv", counts(days=1))
    write(here / "mentions.csv", mentions(days=1))
    found, out, err = say(*arguments)
    assert (found, out) == (code, "")
    assert word in err


COMPLAINT = "My kettle caught fire while nobody was at home and I hate this awful thing"


def test_the_complaint_that_returns_is_a_signal_with_an_example_made_safe(told: Any, say: Any, here: Path) -> None:
    lines = mentions(storm=0).splitlines()
    last = START + timedelta(days=9)
    lines += [
        f"{last - timedelta(minutes=30 - k % 30):%Y-%m-%d %H:%M:%S},v{k},{COMPLAINT.upper()} {k}\x1b[2J,negative,10,x"
        for k in range(60)
    ]
    file = write(here / "export.csv", "\n".join(lines))
    topic = next(one for one in told(file)["signals"] if one["signal"] == "repeat_topic")
    assert topic["value"] >= 60
    assert topic["unusual"]
    assert topic["ratio"] > 10
    assert {"baseline", "odds", "since"} <= {name for name, value in topic.items() if value is not None}
    assert topic["example"].startswith(COMPLAINT.upper())
    assert "\x1b" not in topic["example"]
    _, out, _ = say(file)
    assert f"said again and again: “{COMPLAINT.upper()}" in out
    assert "\x1b" not in out


def without_sentiment(days: int = 9, language: str = "") -> str:
    lines = ["date,text,source,language"]
    for n in range(days * 288):
        at = START + n * timedelta(minutes=5)
        text = "I hate this awful kettle" if n % 9 == 0 else "The kettle stands on the table"
        lines.append(f"{at:%Y-%m-%d %H:%M:%S},{text},forum,{language}")
    return "\n".join(lines)


def test_an_estimate_is_made_where_it_is_wanted_and_marked_where_shown(told: Any, say: Any, here: Path) -> None:
    pytest.importorskip("vaderSentiment")
    file = write(here / "export.csv", without_sentiment())
    plain = told(file)
    assert "negative_share" not in {one["signal"] for one in plain["signals"]}
    assert "estimated_sentiment" not in plain
    document = told(file, "--estimate-sentiment", "en")
    assert document["sentiment"] == plain["sentiment"]  # the tool's own stays what it was
    assert document["estimated_sentiment"] == {"negative": 288, "neutral": 8 * 288}
    marked = {one["signal"]: one.get("estimated") for one in document["signals"]}
    assert marked["negative_share"] == marked["negative_rate"] == marked["repeat_topic"] == 1
    assert marked["mention_rate"] is None
    _, out, _ = say(file, "--estimate-sentiment", "en")
    assert "estimated, where the tool gave none: 0 positive, 2,304 neutral, 288 negative" in out
    assert "negative_share*" in out
    assert "* 100% of the sentiments are estimates" in out
    assert told(file, "--estimate-sentiment", "en", "--alerts")["estimated_sentiment"]
    assert "sentiment is estimated" in say(file, "--estimate-sentiment", "en", "--alerts")[1]


def test_of_a_text_in_another_language_nothing_is_guessed(told: Any, say: Any, here: Path) -> None:
    pytest.importorskip("vaderSentiment")
    document = told(write(here / "export.csv", without_sentiment(days=2, language="de")), "--estimate-sentiment", "en")
    assert document["estimated_sentiment"] == {"unknown": 2 * 288}
    assert "negative_share" not in {one["signal"] for one in document["signals"]}
    code, out, err = say(here / "export.csv", "--estimate-sentiment", "de")
    assert (code, out) == (2, "")
    assert "it can be done in en" in err


def test_the_tools_own_sentiment_is_never_estimated_again(told: Any, here: Path) -> None:
    pytest.importorskip("vaderSentiment")
    file = write(here / "export.csv", mentions(days=2))
    document = told(file, "--estimate-sentiment", "en")
    assert "estimated_sentiment" not in document
    assert document["signals"] == told(file)["signals"]


def test_every_signal_there_is_says_value_baseline_ratio_odds_and_since(told: Any, here: Path) -> None:
    lines = mentions(storm=6).splitlines()
    lines = [f"{lines[0]},engagement,country,language", *(f"{line},7,DE,de" for line in lines[1:])]
    found = told(write(here / "export.csv", "\n".join(lines)))["signals"]
    visits = told(write(here / "site.csv", "\n".join(["hour,visits", *counts(events={2298: 20.0})])))["signals"]
    assert {one["signal"] for one in found + visits} == {
        "mention_rate", "negative_share", "negative_rate", "reach", "engagement", "velocity", "spread",
        "repeat_topic", "site_traffic",
    }  # fmt: skip
    for one in found + visits:
        assert {"value", "baseline", "ratio", "odds", "since"} <= set(one)
        assert one["baseline"] is not None, one
        assert one["ratio"] is not None, one
        if one["unusual"]:
            assert one["odds"] > 1, one
            assert one["since"], one


def minutes_of_mentions(begins: datetime, ends: datetime, every: int = 5, above: str = "") -> str:
    span = range(int((ends - begins) / timedelta(minutes=every)))
    moments = [begins + n * timedelta(minutes=every) for n in span]
    rows = [f"{at:%Y-%m-%dT%H:%M:%SZ},kettle {at:%d %H:%M},neutral,x" for at in moments]
    return "\n".join([f"{above}date,text,sentiment,source", *rows]) + "\n"


def test_what_lies_between_two_files_is_unknown_and_teaches_nothing(told: Any, say: Any, here: Path) -> None:
    day = timedelta(days=1)
    (here / "first.csv").write_text(minutes_of_mentions(START, START + 3 * day))
    (here / "second.csv").write_text(minutes_of_mentions(START + 6 * day, START + 8 * day))
    (here / "both.csv").write_text(
        minutes_of_mentions(START, START + 3 * day)
        + minutes_of_mentions(START + 6 * day, START + 8 * day).split("\n", 1)[1]
    )
    apart, whole = told("first.csv", "second.csv"), told("both.csv")
    assert apart["gaps"] == [{"from": "2026-03-05T00:00:00+00:00", "until": "2026-03-08T00:00:00+00:00"}]
    assert "gaps" not in whole
    rates = [next(one for one in each["signals"] if one["signal"] == "mention_rate") for each in (apart, whole)]
    assert rates[0]["baseline"] == pytest.approx(12, rel=0.05)
    assert rates[1]["baseline"] < 11.4  # three days of zeros
    assert apart["mentions"] == whole["mentions"] == 5 * 288
    assert told("first.csv", "second.csv", "--alerts")["gaps"] == apart["gaps"]
    monday = "2026-03-05 00:00 UTC to 2026-03-08 00:00 UTC, in no file: unknown, and not zero"
    for options in ((), ("--alerts",)):
        code, out, _ = say("first.csv", "second.csv", *options)
        assert code == 0
        assert f"gap: {monday}" in out


def test_files_that_follow_each_other_or_overlap_leave_no_gap(told: Any, here: Path) -> None:
    day = timedelta(days=1)
    (here / "first.csv").write_text(minutes_of_mentions(START, START + 3 * day))
    (here / "next.csv").write_text(minutes_of_mentions(START + 3 * day, START + 4 * day))
    silent_after = minutes_of_mentions(START + 2 * day, START + 3 * day)
    (here / "overlaps.csv").write_text(
        silent_after + minutes_of_mentions(START + 6 * day, START + 7 * day).split("\n", 1)[1]
    )
    assert "gaps" not in told("first.csv", "next.csv")
    assert "gaps" not in told("first.csv", "overlaps.csv")


def test_a_file_covers_the_range_it_states(told: Any, here: Path) -> None:
    day = timedelta(days=1)
    (here / "first.csv").write_text(minutes_of_mentions(START, START + 3 * day))
    for until, gaps in (("2026-03-09T00:00:00Z", 0), ("2026-03-07T00:00:00Z", 1)):
        above = f"Report:,Bulk Mentions Download\nFrom:,2026-03-05T00:00:00Z\nTo:,{until}\n\n"
        (here / "second.csv").write_text(minutes_of_mentions(START + 6 * day, START + 7 * day, above=above))
        assert len(told("first.csv", "second.csv").get("gaps", [])) == gaps  # mentions after its end deny what it says


def test_a_count_of_visits_covers_no_mentions(told: Any, here: Path) -> None:
    day = timedelta(days=1)
    (here / "first.csv").write_text(minutes_of_mentions(START, START + 3 * day))
    (here / "second.csv").write_text(minutes_of_mentions(START + 6 * day, START + 7 * day))
    hours = [f"{START + n * timedelta(hours=1):%Y-%m-%d %H:%M:%S},{100 + n % 7}" for n in range(7 * 24)]
    (here / "visits.csv").write_text("\n".join(["timestamp,visits", *hours]) + "\n")
    assert len(told("first.csv", "second.csv", "visits.csv")["gaps"]) == 1


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("options", [(), ("--alerts",), ("--backtest", "--playbook", "product-defect")])
def test_at_a_terminal_the_judging_of_many_rows_is_shown_and_the_answer_is_the_same(
    say: Any, here: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...]
) -> None:
    (here / "counts.csv").write_text("\n".join(["timestamp,value", *counts(4, {900: 9})]))
    (here / "mentions.csv").write_text(minutes_of_mentions(START, START + timedelta(days=3)))
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("CRISIS_ACCESSIBLE", raising=False)
    monkeypatch.setattr("crisis.adapters.render.reading.MANY", 500)
    for file in ("counts.csv", "mentions.csv"):
        plain = say(file, *options)
        stream = Terminal()
        with monkeypatch.context() as patched:
            patched.setattr("sys.stderr", stream)
            code, out, _ = say(file, *options)
        assert (code, out, "") == plain
        assert ("replayed" if "--backtest" in options else "mention_rate") in stream.getvalue()


@pytest.mark.parametrize(("ahead", "noted"), [(timedelta(hours=5), True), (timedelta(minutes=5), False)])
def test_what_lies_in_the_future_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], ahead: timedelta, noted: bool
) -> None:
    newest = SystemClock().now() + ahead
    rows = [f"{(newest - timedelta(minutes=7 * n)).isoformat(timespec='seconds')},it leaks {n}" for n in range(20)]
    (tmp_path / "m.csv").write_text("\n".join(["time,text", *rows]))
    assert run(["detect", str(tmp_path / "m.csv"), "--json"]) == 0
    notes = json.loads(capsys.readouterr().out)["notes"]
    assert any("ahead of the clock here" in note for note in notes) == noted
