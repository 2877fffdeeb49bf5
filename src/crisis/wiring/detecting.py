"""`crisis detect`: from what was asked for to what is said, for people or for programs."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from crisis.adapters.render.reading import judging
from crisis.adapters.render.terminal import folded
from crisis.kernel.errors import Usage
from crisis.kernel.text import hostile_characters, one_line
from crisis.signals.mention import ImportReport
from crisis.signals.standing import Standing, stand
from crisis.wiring.gathering import Gathered, Wanted, gather
from crisis.wiring.mapping import understood, write_map

if TYPE_CHECKING:
    from crisis.signals.alerts import Alert
    from crisis.signals.course import Course
    from crisis.signals.settings import Setting
    from crisis.wiring.assessing import Assessed

SCHEMA_VERSION = 1


class Show(Struct, frozen=True, kw_only=True):
    """What is to be shown, and how."""

    as_json: bool = False
    alerts: bool = False
    explain: bool = False
    dry_run: bool = False
    backtest: bool = False
    began: Sequence[str] = ()
    per_month: float | None = None
    chart: Path | None = None
    """Where a chart is to be written."""


class Detected(Struct, frozen=True, kw_only=True):
    """How things stand."""

    report: ImportReport
    setting: str
    standings: tuple[Standing, ...]
    assessed: Assessed | None = None


def answer(wanted: Wanted, show: Show, playbook: str | None = None) -> dict[str, Any] | str:
    """What the command says: a document for programs, or text for people. Raises CrisisError subclasses only."""
    _refuse_what_would_be_ignored(show, playbook)
    courses: list[Course] | None = None
    if show.chart is not None:
        from crisis.wiring.charting import can_write

        can_write(show.chart)
        courses = []
    if show.dry_run:
        return _dry_run(wanted, as_json=show.as_json)
    if show.backtest:
        return _backtest(wanted, show, playbook)
    from crisis.adapters.render import signals as render

    if show.alerts:
        found, report = alerts(wanted, courses)
        drawn = _chart(wanted, show, courses, found)
        if show.as_json:
            data = [render.alert_data(one) for one in found]
            document = {"schema_version": SCHEMA_VERSION, "setting": wanted.setting, "alerts": data} | drawn
            said = report.as_data()
            return document | {name: said[name] for name in ("estimated_sentiment", "gaps") if name in said}
        width = _width()
        lines = [*render.alert_lines(found, None, width=width), *render.gap_lines(report, None)]
        lines += [f"sentiment is estimated: {render.estimate_line(report.estimated)}"] if report.estimated else []
        return "\n".join([*folded(lines, width), *_drawn_lines(drawn)])
    detected = detect(wanted, playbook, courses)
    drawn = _chart(wanted, show, courses, [alert for one in detected.standings for alert in one.alerts], detected)
    assessed = detected.assessed
    rules = assessed.rules if assessed and show.explain else None
    if show.as_json:
        document = {"schema_version": SCHEMA_VERSION, **detected.report.as_data(), "setting": detected.setting}
        document |= {"signals": [render.standing_data(one) for one in detected.standings]} | drawn
        if assessed:
            document |= {"playbook": assessed.playbook}
            document |= render.assessed_data(assessed.proposal, assessed.advice, rules)
        return document
    width = _width()
    plain = not (sys.stdout.encoding or "").lower().startswith("utf")
    lines = [
        *render.report_lines(detected.report, None),
        "",
        *render.signal_lines(detected.standings, None, plain=plain, width=width),
    ]
    if assessed:
        lines += ["", *render.assessed_lines(assessed.proposal, assessed.advice, rules, None)]
    return "\n".join([*folded(lines, width), *_drawn_lines(drawn)])


def _refuse_what_would_be_ignored(show: Show, playbook: str | None) -> None:
    if show.chart is not None and (show.dry_run or show.backtest):
        raise Usage("--chart draws what is detected", hint="leave out --dry-run and --backtest")
    if show.dry_run:
        return
    if show.began and not show.backtest:
        raise Usage("--began is for a backtest", hint="add --backtest")
    if show.per_month is not None and not show.backtest:
        raise Usage("--per-month is for a backtest", hint="add --backtest")
    if show.alerts and show.backtest:
        raise Usage("--alerts and --backtest are two questions", hint="ask one after the other")
    if show.explain and (show.alerts or show.backtest):
        other = "--alerts" if show.alerts else "--backtest"
        raise Usage("--explain says how the rules stand at the end", hint=f"leave out {other}, or --explain")
    if show.explain and not playbook:
        raise Usage("--explain explains a playbook's rules", hint="say which with --playbook")
    if show.alerts and playbook:
        raise Usage("--alerts asks no playbook", hint="leave out --playbook, or --alerts")


def _chart(
    wanted: Wanted,
    show: Show,
    courses: Sequence[Course] | None,
    found: Sequence[Alert],
    detected: Detected | None = None,
) -> dict[str, Any]:
    """Where the chart was written, if one was wanted."""
    if show.chart is None:
        return {}
    from crisis.adapters.render.chart import standing_table
    from crisis.wiring.charting import chart_detected

    tables = [standing_table(detected.standings)] if detected else []
    chart_detected(show.chart, wanted.files, courses or (), found, tables)
    return {"chart": str(show.chart)}


def _drawn_lines(drawn: Mapping[str, Any]) -> list[str]:
    return ["", f"drawn: {one_line(drawn['chart'])}"] if drawn else []


def _backtest(wanted: Wanted, show: Show, playbook: str | None) -> dict[str, Any] | str:
    from crisis.adapters.render.backtest import backtest_data, backtest_lines
    from crisis.adapters.render.signals import report_lines
    from crisis.wiring.backtesting import backtest

    if not playbook:
        raise Usage("--backtest tries a playbook's rules", hint="say which with --playbook")
    found = backtest(wanted, playbook, show.began, 1.0 if show.per_month is None else show.per_month)
    if show.as_json:
        return {"schema_version": SCHEMA_VERSION, **found.report.as_data(), "backtest": backtest_data(found)}
    width = _width()
    lines = [*report_lines(found.report, None), "", *backtest_lines(found, None, width=width)]
    return "\n".join(folded(lines, width))


def _width() -> int:
    """The columns of the terminal that is written to; 0 where it is none, so that a file is the same everywhere."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else 0


def _dry_run(wanted: Wanted, *, as_json: bool) -> dict[str, Any] | str:
    report, column_map = understood(wanted.files, wanted.tz, wanted.map_file)
    if as_json:
        return {"schema_version": SCHEMA_VERSION, **report.as_data(), "map": column_map}
    import yaml

    from crisis.adapters.render.signals import map_text

    written = str(yaml.safe_dump(column_map, sort_keys=False, allow_unicode=True))
    if hostile_characters(written):  # a column may be called anything: then as escapes, which mean the same
        written = str(yaml.safe_dump(column_map, sort_keys=False))
    text = map_text(report, written)
    if wanted.map_file is not None and write_map(wanted.map_file, text):
        return f"{text}# written to {one_line(str(wanted.map_file))}"
    return text


def alerts(wanted: Wanted, courses: list[Course] | None = None) -> tuple[list[Alert], ImportReport]:
    """Every moment at which a detector that knew nothing of the future would have spoken, in order of time.

    And what was read. `courses` collects what a chart needs.
    """
    setting, gathered = wanted.chosen(), gather(wanted, fine=True)
    found = [alert for one in stood(gathered, setting, courses, fine=True) for alert in one.alerts]
    return sorted(found, key=lambda alert: (alert.at, alert.signal)), gathered.report


def detect(wanted: Wanted, playbook: str | None = None, courses: list[Course] | None = None) -> Detected:
    """How every signal stands at the end of what was read, and what `playbook` says to that.

    `courses` collects what a chart needs.
    """
    setting, gathered = wanted.chosen(), gather(wanted)
    standings = stood(gathered, setting, courses)
    assessed = None
    if playbook:
        from crisis.wiring.assessing import assess

        assessed = assess(playbook, standings)
    return Detected(report=gathered.report, setting=setting.name, standings=standings, assessed=assessed)


def stood(
    gathered: Gathered, setting: Setting, courses: list[Course] | None = None, *, fine: bool = False
) -> tuple[Standing, ...]:
    """How every signal of what was read stands, with a bar where that takes long. `courses` and `fine` as above."""
    found = []
    with judging() as shown:
        for one in gathered.series(fine=fine):
            course = None
            if courses is not None:
                from crisis.wiring.charting import course_of

                if course := course_of(one):
                    courses.append(course)
            rows = shown.through(one.rows, gathered.about(one, fine=fine), one.signal)
            found.append(stand(replace(one, rows=rows), setting, course))
    return tuple(one for one in found if one is not None)
