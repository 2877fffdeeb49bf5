"""Draw docs/signals-chart.svg: a made-up week of mentions, and a storm in it.

.venv/bin/pip install -e '.[chart]'
.venv/bin/python docs/record/signals-chart.py
"""

from __future__ import annotations

import math
import random  # noqa: TID251  # made-up data, always the same
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from crisis.cli.run import run

START = datetime(2026, 3, 2, tzinfo=UTC)
PICTURE = Path(__file__).parents[1] / "signals-chart.svg"
STORM = 5.4  # days after the start


def export() -> str:
    """Mentions of seven days: more by day than by night, and then many and angry ones that slowly fade."""
    chance = random.Random(7)  # noqa: S311  # as above
    lines = ["date,text,sentiment"]
    for n in range(7 * 288):
        day, at = n / 288, START + n * timedelta(minutes=5)
        heat = math.exp((STORM - day) * 3) if day > STORM else 0.0
        usual = 2 + 4 * math.sin(math.pi * (at.hour - 6) / 16) if 6 <= at.hour < 22 else 2
        for k in range(round(usual * chance.uniform(0.3, 1.7) + 45 * heat)):
            feeling = "negative" if chance.random() < 0.15 + 0.6 * heat else "neutral"
            lines.append(f"{at + timedelta(seconds=k):%Y-%m-%d %H:%M:%S},Kettle {n} {k},{feeling}")
    return "\n".join(lines)


def main() -> None:
    """Write the export, have it drawn, and put the drawing where the docs want it."""
    with tempfile.TemporaryDirectory() as folder:
        source, drawn = Path(folder) / "kettle.csv", Path(folder) / "chart.svg"
        source.write_text(export())
        if run(["detect", str(source), "--chart", str(drawn)]):
            raise SystemExit(1)
        PICTURE.unlink(missing_ok=True)
        PICTURE.write_bytes(drawn.read_bytes())


if __name__ == "__main__":
    main()
