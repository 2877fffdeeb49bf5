"""From exports to signals: read what is given, watch it, and hold it against a playbook's rules."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crisis.adapters.importers import read_export, read_exports
from crisis.kernel.errors import NotFound, Unreadable, Usage
from crisis.kernel.text import hostile_characters, one_line
from crisis.signals.mention import ImportReport, together
from crisis.signals.settings import SETTINGS, Setting
from crisis.signals.standing import Standing, stand
from crisis.signals.streams import Stream
from crisis.signals.tally import BASE, Bin, Series, Tally

if TYPE_CHECKING:
    from crisis.adapters.importers import ColumnMap, Import
    from crisis.adapters.importers.bulk import Bulk
    from crisis.engine.severity import Proposal
    from crisis.signals.alerts import Alert
    from crisis.signals.proposal import Advice

SCHEMA_VERSION = 1
_VISITS = frozenset({"visits", "pageviews", "sessions", "hits"})
_WORTH_A_LOOK = 1024 * 1024
_BULK_BINS = 3  # of millions of mentions a quarter-hour is fine enough, and three times as quick
_LARGEST_MAP = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What was asked for on the command line."""

    files: Sequence[Path]
    tz: str | None = None
    map_file: Path | None = None
    setting: str = "watchful"

    def chosen(self) -> Setting:
        """The setting. Raises Usage for one that does not exist."""
        if self.setting not in SETTINGS:
            raise Usage(
                f"there is no setting {one_line(self.setting, 40)!r}", hint=f"write one of {', '.join(SETTINGS)}"
            )
        return SETTINGS[self.setting]

    def column_map(self) -> ColumnMap | None:
        """The column map, if one was named."""
        return read_map(self.map_file) if self.map_file is not None else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Show:
    """What is to be shown, and how."""

    as_json: bool = False
    alerts: bool = False
    explain: bool = False
    dry_run: bool = False


@dataclass(slots=True)
class Gathered:
    """Everything that was read: the counts of each signal, the mentions in bins, and the report."""

    report: ImportReport
    counts: dict[str, Stream]
    tally: Tally
    zone: tzinfo

    def series(self, *, fine: bool) -> Iterator[Series]:
        """Every signal there is, as series."""
        yield from self.tally.series(self.zone, fine=fine)
        for signal, stream in self.counts.items():
            every = stream.step() or BASE
            yield Series(signal, "count", every, ((at, value, None) for at, value in stream.rows(self.zone)), every)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessed:
    """What a playbook says about it: the proposal, the advice, and each rule with its answer."""

    playbook: str
    proposal: Proposal
    advice: Advice
    rules: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Detected:
    """How things stand."""

    report: ImportReport
    setting: str
    standings: tuple[Standing, ...]
    assessed: Assessed | None = None


def answer(wanted: Wanted, show: Show, playbook: str | None = None) -> dict[str, Any] | str:
    """What the command says: a document for programs, or text for people. Raises CrisisError subclasses only."""
    if show.dry_run:
        return _dry_run(wanted, as_json=show.as_json)
    from crisis.adapters.render import signals as render

    if show.explain and not playbook:
        raise Usage("--explain explains a playbook's rules", hint="say which with --playbook")
    if show.alerts:
        found = alerts(wanted)
        if show.as_json:
            data = [render.alert_data(one) for one in found]
            return {"schema_version": SCHEMA_VERSION, "setting": wanted.setting, "alerts": data}
        return "\n".join(render.alert_lines(found, None))
    detected = detect(wanted, playbook)
    assessed = detected.assessed
    rules = assessed.rules if assessed and show.explain else None
    if show.as_json:
        document = {"schema_version": SCHEMA_VERSION, **detected.report.as_data(), "setting": detected.setting}
        document["signals"] = [render.standing_data(one) for one in detected.standings]
        if assessed:
            document |= {"playbook": assessed.playbook}
            document |= render.assessed_data(assessed.proposal, assessed.advice, rules)
        return document
    plain = not (sys.stdout.encoding or "").lower().startswith("utf")
    lines = [
        *render.report_lines(detected.report, None),
        "",
        *render.signal_lines(detected.standings, None, plain=plain),
    ]
    if assessed:
        lines += ["", *render.assessed_lines(assessed.proposal, assessed.advice, rules, None)]
    return "\n".join(lines)


def _dry_run(wanted: Wanted, *, as_json: bool) -> dict[str, Any] | str:
    report, column_map = understood(wanted)
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


def gather(wanted: Wanted, *, fine: bool = False) -> Gathered:
    """Read all files; `fine`: every mention to five minutes, however many. Raises CrisisError subclasses only."""
    reports: list[ImportReport] = []
    counts: dict[str, Stream] = {}
    tally = Tally()
    zones: list[str] = []
    for read in read_exports(wanted.files, tz=wanted.tz, column_map=wanted.column_map()):
        if read.records == "counts":
            stream, signal = Stream(), _signal_of(read)
            for count in read.counts():
                stream.add(count.at, count.value)
            stream.settle()
            if signal in counts:
                counts[signal].absorb(stream)
            else:
                counts[signal] = stream
            reports.append(read.report)
        else:
            reports.append(_tallied(read, tally, fine=fine, alone=len(wanted.files) == 1))
        zones.append(read.zone.label)
    if tally.bins and "mention_rate" in counts:
        raise Usage(
            "one file holds mentions and another counts of mentions: together they would count twice",
            hint="give them in two calls",
        )
    report = together(reports)
    for stream in counts.values():
        report = _settled(report, stream)
    return Gathered(report, counts, tally, _zone_of(zones))


def alerts(wanted: Wanted) -> list[Alert]:
    """Every moment at which a detector that knew nothing of the future would have spoken, in order of time."""
    setting, gathered = wanted.chosen(), gather(wanted, fine=True)
    stood = (stand(series, setting) for series in gathered.series(fine=True))
    found = [alert for one in stood if one is not None for alert in one.alerts]
    return sorted(found, key=lambda alert: (alert.at, alert.signal))


def detect(wanted: Wanted, playbook: str | None = None) -> Detected:
    """How every signal stands at the end of what was read, and what `playbook` says to that."""
    setting, gathered = wanted.chosen(), gather(wanted)
    stood = (stand(series, setting) for series in gathered.series(fine=False))
    standings = tuple(one for one in stood if one is not None)
    assessed = assess(playbook, standings) if playbook else None
    return Detected(report=gathered.report, setting=setting.name, standings=standings, assessed=assessed)


def assess(playbook: str, standings: tuple[Standing, ...]) -> Assessed:
    """The severity that the playbook's rules propose, the advice, and what each rule says."""
    from crisis.engine.conditions import World, judge, judge_all
    from crisis.engine.severity import propose
    from crisis.playbook.values import SEVERITIES
    from crisis.signals.proposal import advise, readings_of, thresholds_of
    from crisis.wiring.preparing import prepare

    rules = prepare(playbook, Path.cwd()).plan.severity
    readings = readings_of(standings, thresholds_of(rules))
    world = World(
        facts={}, signals={name: _engine_reading(one) for name, one in readings.items()}, severity="", outcomes={}
    )
    proposal = propose(rules, world)
    said: list[tuple[str, str, str]] = []
    for severity in SEVERITIES:
        if rule := rules.get(severity):
            named = [(f"severity.{severity}.any[{n}]", judge(part, world)) for n, part in enumerate(rule.any_)]
            named += [(f"severity.{severity}.all", judge_all(rule.all_, world))] if rule.all_ else []
            said += [(name, verdict.truth.name.lower(), verdict.because) for name, verdict in named]
    ends = max((one.ends for one in standings), default=datetime(1970, 1, 1, tzinfo=UTC))
    advice = advise(proposal.severity, proposal.because, standings, ends, by_rule=bool(proposal.rule))
    return Assessed(playbook=playbook, proposal=proposal, advice=advice, rules=tuple(said))


def understood(wanted: Wanted) -> tuple[ImportReport, dict[str, object]]:
    """What a dry run says: the report, and the column map that reads the first file just so.

    A file that no table knows gets a map to fill in, with its columns.
    """
    from crisis.adapters.importers.errors import UnknownLayout

    given = read_map(wanted.map_file) if wanted.map_file is not None and wanted.map_file.exists() else None
    try:
        first = read_export(wanted.files[0], tz=wanted.tz, column_map=given)
    except UnknownLayout as error:
        if len(error.columns) < 2:
            raise
        return _unknown(error.columns)
    reports = [one.finish() for one in read_exports(wanted.files, tz=wanted.tz, column_map=given)]
    found = first.column_map()
    return together(reports), replace(found, time_zone=wanted.tz or (given.time_zone if given else None)).as_data()


def read_map(path: Path) -> ColumnMap:
    """The column map in a file. Raises NotFound, Unreadable, or Usage."""
    import yaml

    from crisis.adapters.importers import column_map_from

    name = one_line(str(path))
    try:
        with path.open("rb") as opened:
            data = yaml.safe_load(opened.read(_LARGEST_MAP))
    except FileNotFoundError:
        raise NotFound(f"there is no column map {name}", hint=f"--dry-run --map {name} writes it") from None
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        raise Unreadable(f"{name} cannot be read: {one_line(str(error), 120)}", hint="--dry-run writes one") from None
    if not isinstance(data, dict):
        raise Usage(f"{name} is no column map", hint="--dry-run writes one to edit")
    return column_map_from(data)


def write_map(path: Path, text: str) -> bool:
    """Write the map where nothing is yet; says whether it was written. Raises Unreadable."""
    try:
        with path.open("x", encoding="utf-8") as opened:
            opened.write(text)
    except FileExistsError:
        return False
    except (OSError, ValueError) as error:
        raise Unreadable(f"{one_line(str(path))} cannot be written: {one_line(str(error))}") from None
    return True


def _unknown(columns: Sequence[str]) -> tuple[ImportReport, dict[str, object]]:
    report = ImportReport(
        format="unknown",
        container="",
        records="mentions",
        time_zone="",
        time_zone_from="",
        rows=0,
        mentions=0,
        reposts=0,
        counts=0,
        skipped={},
        sentiment={},
        first=None,
        last=None,
        notes=(f"its columns: {', '.join(one_line(name, 40) for name in columns)}",),
    )
    time, text = (columns[0], columns[-1]) if columns else ("", "")
    return report, {"records": "mentions", "fields": {"at": time, "text": text}}


def _signal_of(read: Import) -> str:
    """What the numbers of a file of counts are, by the name of their column."""
    return "site_traffic" if _VISITS & set(read.layout.fields.get("value", ())) else "mention_rate"


def _tallied(read: Import, tally: Tally, *, fine: bool, alone: bool) -> ImportReport:
    # The engine counts and does not compare: what several files share would count twice.
    bulk = _by_engine(read, 1 if fine else _BULK_BINS) if alone and read.source.size >= _WORTH_A_LOOK else None
    if bulk is not None:
        tally.exact = bulk.every // BASE
        for one in bulk:
            negative = one.mentions if one.sentiment == "negative" else 0
            rated = one.mentions if one.sentiment != "unknown" else 0
            tally.add(one.at, Bin(one.mentions, negative, rated, one.reach, one.engagement), one.source)
        return bulk.report
    for mention in read:
        feeling = mention.sentiment
        tally.add(
            mention.at,
            Bin(1, feeling == "negative", feeling != "unknown", mention.reach or 0, mention.engagement or 0),
            mention.source,
            f"country {mention.country}" if mention.country else "",
            f"language {mention.language}" if mention.language else "",
        )
    return read.report


def _by_engine(read: Import, bins: int) -> Bulk | None:
    from importlib.util import find_spec

    from crisis.adapters.importers.bulk import Bulk, engine_can

    return Bulk(read, bins * BASE) if find_spec("duckdb") is not None and engine_can(read) else None


def _settled(report: ImportReport, stream: Stream) -> ImportReport:
    notes = list(report.notes)
    if stream.was_sorted:
        notes.append("the rows were not in order of time, and were sorted")
    if stream.added_up:
        notes.append(f"{stream.added_up} rows had the time of another, and were added to it")
    skipped = dict(report.skipped)
    for reason, rows in (("out of order", stream.late), ("duplicate", stream.again)):
        if rows:
            skipped[reason] = skipped.get(reason, 0) + rows
    counts = report.counts - stream.late - stream.again
    return replace(report, counts=counts, skipped=skipped, notes=tuple(notes))


def _zone_of(labels: Sequence[str]) -> tzinfo:
    """The zone of the files, so that a day's hours are those of the brand; UTC where they differ."""
    from crisis.adapters.importers.zones import zone_of

    if len(set(labels)) != 1:
        return UTC
    try:
        return zone_of(labels[0])
    except Usage:  # two offsets of which nobody knows the zone
        return UTC


def _engine_reading(one: Any) -> Any:
    from crisis.engine.events import Reading

    def known(value: float) -> float | None:
        return None if math.isnan(value) else value

    return Reading(
        value=known(one.value),
        ratio=known(one.ratio),
        lasting=one.lasting / timedelta(seconds=1),
        count=round(one.count),
    )
