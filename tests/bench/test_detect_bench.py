"""What reading exports costs, as multiples of what it cannot cost less than, within one run and in turns.

Run with `pytest tests/bench/test_detect_bench.py -s`. Processor time and memory are those of a process of its own.
`CRISIS_BENCH_ROWS=10000000` measures ten million mentions instead of one; the files take 1.7 GB in a temporary folder.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

duckdb = pytest.importorskip("duckdb")
pytest.importorskip("python_calamine")

ROWS = int(os.environ.get("CRISIS_BENCH_ROWS", "1000000"))
PASS = (sys.executable, "-c", "pass")
CRISIS = str(Path(sys.executable).with_name("crisis"))
#: The grouped count with nothing around it, by the same engine with the same bounds, in a process of its own.
BARE = """
import duckdb, sys
engine = duckdb.connect(config={"threads": 2, "memory_limit": "400MB"})
query = "SELECT date_trunc('hour', date::TIMESTAMP), source, sentiment, count(*), sum(reach) FROM {} GROUP BY ALL"
engine.execute(query.format(sys.argv[1])).fetchall()
"""
MADE = """
SELECT TIMESTAMP '2026-01-01' + to_microseconds((i * (60 * 86400 * 1000000::BIGINT / {rows}))::BIGINT) AS date,
    ['x', 'news', 'forum', 'blog', 'facebook', 'reddit'][1 + (hash(i) % 6)::INT] AS source,
    'user' || (hash(i * 3) % 100000) AS author,
    rpad('The kettle of ' || (hash(i * 7) % 1000000) || ' keeps leaking', 100, ' and nobody answers') AS text,
    ['negative', 'neutral', 'positive', ''][1 + (hash(i * 11) % 4)::INT] AS sentiment,
    (hash(i * 13) % 5000)::INT AS reach
FROM range({rows}) t(i)
"""


def made(folder: Path, rows: int, form: str) -> Path:
    """So many mentions of sixty days, 100 characters each."""
    path = folder / f"{rows}.{form}"
    engine = duckdb.connect(config={"memory_limit": "1GB"})
    engine.execute(f"COPY ({MADE.format(rows=rows)}) TO '{path}' (FORMAT {form})")
    return path


def measured(command: Sequence[str]) -> tuple[float, int]:
    """The processor seconds of one run, and its peak memory in MB."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return used.ru_utime + used.ru_stime, used.ru_maxrss // 1024


def in_turns(*commands: Sequence[str], times: int) -> list[tuple[float, int]]:
    """The fewest seconds and the most memory of each command, run in turns so that all meet the same machine."""
    runs = [[measured(command) for command in commands] for _ in range(times)]
    return [(min(one for one, _ in of_one), max(one for _, one in of_one)) for of_one in zip(*runs, strict=True)]


def side_by_side(theirs: Sequence[str], ours: Sequence[str], times: int = 9) -> tuple[float, float, int]:
    """How many times the processor time of theirs ours takes, the median of runs next to each other; seconds and MB.

    Where both take a second, a machine whose speed wavers gives either its best moment, and never the other.
    """
    measured(theirs), measured(ours)
    pairs = [(measured(theirs), measured(ours)) for _ in range(times)]
    ratio = median(our / their for (their, _), (our, _) in pairs)
    return ratio, median(our for _, (our, _) in pairs), max(memory for _, (_, memory) in pairs)


def told(benchmark: BenchmarkFixture, found: Mapping[str, float], bounds: Mapping[str, float]) -> None:
    """Print and keep every figure, and hold each to its bound."""
    benchmark.extra_info.update(found)
    for name, figure in found.items():
        print(f"\n{name}: {figure:.2f} (at most {bounds[name]:g})", end="")
    over = {name: round(figure, 2) for name, figure in found.items() if figure > bounds[name]}
    assert not over


# Of ten million, signals may take 1.5 times the bare count. The count itself costs less than the bare one, which groups
# by words as well, and a start as much as that of the bare one, though it loads more of ours and less of the engine's.
# The rest is the same however many rows there are, hence the other bounds for fewer: sixty days of seven signals, the
# texts of the last seven days (read meanwhile), a look at five thousand complaints, at the first rows, and for the
# words that these do not have.
BOUND = 1.5 if ROWS >= 10_000_000 else 2.4


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_mentions_to_signals_against_the_bare_count(form: str, benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    many, tenth = made(tmp_path, ROWS, form), made(tmp_path, ROWS // 10, form)
    count = (sys.executable, "-c", BARE, f"read_{form}('{many}')")
    ratio, seconds, megabytes = side_by_side(count, (CRISIS, "detect", str(many), "--json"))
    ((_, of_tenth),) = in_turns((CRISIS, "detect", str(tenth), "--json"), times=3)
    benchmark.pedantic(measured, args=((CRISIS, "detect", str(tenth), "--json"),), rounds=1)  # type: ignore[no-untyped-call]
    print(f"\n{form}, {ROWS:,} rows: {seconds:.2f} s; {megabytes} MB, {of_tenth} MB for a tenth", end="")
    found = {"to the count": ratio, "MB": megabytes, "MB to a tenth's": megabytes / of_tenth}
    told(benchmark, found, {"to the count": BOUND, "MB": 500, "MB to a tenth's": 2})


def test_fifty_rows(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    file = tmp_path / "fifty.csv"
    rows = [f"2026-03-02 10:{n:02},u{n},Kettle {n} leaks,negative,10" for n in range(50)]
    file.write_text("\n".join(["date,author,text,sentiment,reach", *rows]))
    command = (CRISIS, "detect", str(file), "--json")
    floor, ours = in_turns(PASS, command, times=9)
    benchmark.pedantic(measured, args=(command,), rounds=3)  # type: ignore[no-untyped-call]
    told(benchmark, {"fifty rows": ours[0] / floor[0]}, {"fifty rows": 25})


def test_seven_thousand_rows_of_a_spreadsheet(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    file = tmp_path / "talkwalker.xlsx"
    start = datetime(2026, 3, 22, tzinfo=UTC)
    known = ("url", "indexed", "search_indexed", "published", "content", "source_type", "lang", "sentiment", "reach")
    rows: list[list[object]] = [[*known, *(f"tag {n}" for n in range(93 - len(known)))]]
    for n in range(7000):
        text = f"The kettle number {n} keeps leaking on the table and nobody answers the telephone"
        at = f"{start + n * timedelta(minutes=5):%d/%m/%y %H:%M:%S}"
        mention = [
            f"https://a.example.com/{n}",
            "",
            "",
            at,
            text,
            "BLOG,BLOG_OTHER",
            "en",
            "0" if n % 5 else "-5",
            str(n),
        ]
        rows.append([*mention, *(f"v{n}" if k % 2 else None for k in range(93 - len(known)))])
    file.write_bytes(spreadsheets()(rows))
    command = (CRISIS, "detect", str(file), "--tz", "UTC", "--json")
    (ours,) = in_turns(command, times=5)
    benchmark.pedantic(measured, args=(command,), rounds=1)  # type: ignore[no-untyped-call]
    told(benchmark, {"seconds": ours[0]}, {"seconds": 2})


def spreadsheets() -> Callable[..., bytes]:
    """The writer that the importers' tests have."""
    path = Path(__file__).parent.parent / "unit" / "importers" / "conftest.py"
    spec = importlib.util.spec_from_file_location("importers_conftest", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    writer: Callable[..., bytes] = module._xlsx
    return writer
