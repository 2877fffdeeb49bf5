"""What was asked for, read: the counts, the mentions in bins, and the report of what was left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from crisis.adapters.importers import read_exports
from crisis.adapters.render.reading import Reading, reading
from crisis.adapters.system import SystemClock
from crisis.engine.monitoring import AHEAD
from crisis.kernel.durations import roughly
from crisis.kernel.errors import Usage
from crisis.kernel.text import quoted
from crisis.signals.gaps import Gap, gaps_of
from crisis.signals.mention import ImportReport, together
from crisis.signals.settings import SETTINGS, Setting
from crisis.signals.streams import MINUTE, Stream
from crisis.signals.tally import BASE, HISTORY, Bin, Series, Tally
from crisis.wiring.mapping import read_map

if TYPE_CHECKING:
    from crisis.adapters.importers import ColumnMap, Import
    from crisis.adapters.importers.lexicon import Lexicon

_VISITS = frozenset({"visits", "pageviews", "sessions", "hits"})
_WORTH_A_LOOK = 1024 * 1024
_BULK_BINS = 3  # of millions of mentions a quarter-hour is fine enough, and three times as quick


class Wanted(Struct, frozen=True, kw_only=True):
    """What was asked for on the command line."""

    files: Sequence[Path]
    tz: str | None = None
    map_file: Path | None = None
    setting: str = "watchful"
    estimate: str | None = None
    """The language in which sentiment is estimated where the tool gives none."""

    def chosen(self) -> Setting:
        """The setting. Raises Usage for one that does not exist."""
        if self.setting not in SETTINGS:
            raise Usage(f"there is no setting {quoted(self.setting, 40)}", hint=f"write one of {', '.join(SETTINGS)}")
        return SETTINGS[self.setting]

    def column_map(self) -> ColumnMap | None:
        """The column map, if one was named."""
        return read_map(self.map_file) if self.map_file is not None else None


class Gathered(Struct):
    """Everything that was read: the counts of each signal, the mentions in bins, and the report."""

    report: ImportReport
    counts: dict[str, Stream]
    tally: Tally
    zone: tzinfo
    gaps: tuple[Gap, ...] = ()
    """Of the mentions: what lies between the files and none of them covers."""

    def series(self, *, fine: bool) -> Iterator[Series]:
        """Every signal there is, as series."""
        yield from self.tally.series(self.zone, fine=fine, gaps=self.gaps)
        for signal, stream in self.counts.items():
            yield _series_of(signal, stream, self.zone)

    def about(self, series: Series, *, fine: bool) -> int:
        """About how many rows it has."""
        first, last = self.report.first, self.report.last
        if first is None or last is None:
            return 0
        span = last - first
        if series.signal not in self.counts and not fine:
            span = min(span, HISTORY)
        return span // series.every + 1


def gather(wanted: Wanted, *, fine: bool = False) -> Gathered:
    """Read all files; `fine`: every mention to five minutes, however many. Raises CrisisError subclasses only."""
    with reading(sum(_size(path) for path in wanted.files)) as shown:
        return _gathered(wanted, shown, fine=fine)


def _gathered(wanted: Wanted, shown: Reading, *, fine: bool) -> Gathered:
    reports: list[ImportReport] = []
    counts: dict[str, Stream] = {}
    tally = Tally()
    zones: list[str] = []
    covered: list[tuple[datetime, datetime]] = []
    lexicon = _lexicon(wanted.estimate)
    for read in read_exports(wanted.files, tz=wanted.tz, column_map=wanted.column_map(), opener=shown.open):
        if read.records == "counts":
            stream, signal = _stream_of(read), _signal_of(read)
            if signal in counts:
                counts[signal].absorb(stream)
            else:
                counts[signal] = stream
            reports.append(read.report)
        elif counted := _in_bulk(read, tally, shown, fine=fine, alone=len(wanted.files) == 1 and not lexicon):
            reports.append(counted)
        else:
            reports.append(_tallied(read, tally, lexicon))
            covered += [read.covers] if read.covers else []
        zones.append(read.zone.label)
    if tally.bins and "mention_rate" in counts:
        raise Usage(
            "one file holds mentions and another counts of mentions: together they would count twice",
            hint="give them in two calls",
        )
    report = together(reports)
    tally.until = report.last
    for stream in counts.values():
        report = _settled(report, stream)
    gaps = gaps_of(tally, covered)
    report = replace(report, gaps=tuple((one.since, one.until) for one in gaps), notes=(*report.notes, *_ahead(report)))
    return Gathered(report, counts, tally, _zone_of(zones), gaps)


def _series_of(signal: str, stream: Stream, zone: tzinfo) -> Series:
    step = stream.step() or BASE
    if step < MINUTE and stream.lasts(MINUTE):
        minutes = ((at, value, None) for at, value in stream.minutes(step, zone))
        # An alert is told at the row that ends its minute.
        return Series(signal, "count", MINUTE, minutes, MINUTE, delay=MINUTE - step)
    return Series(signal, "count", step, ((at, value, None) for at, value in stream.rows(zone)), step)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except (OSError, ValueError):  # whoever opens it says what is wrong
        return 0


def _stream_of(read: Import) -> Stream:
    stream = Stream()
    for count in read.counts():
        stream.add(count.at, count.value)
    stream.settle()
    return stream


def _signal_of(read: Import) -> str:
    """What the numbers of a file of counts are, by the name of their column."""
    return "site_traffic" if _VISITS & set(read.layout.fields.get("value", ())) else "mention_rate"


def _lexicon(language: str | None) -> Lexicon | None:
    if language is None:
        return None
    from crisis.adapters.importers.lexicon import Lexicon

    return Lexicon(language)


def _in_bulk(read: Import, tally: Tally, shown: Reading, *, fine: bool, alone: bool) -> ImportReport | None:
    """What the engine counts of it; nothing where it must be read row by row."""
    # The engine counts and does not compare: what several files share would count twice. Nor does it read words.
    if not alone or read.source.size < _WORTH_A_LOOK:
        return None
    from importlib.util import find_spec

    from crisis.adapters.importers.bulk import Bulk, OtherForms

    bulk = Bulk.of(read, 1 if fine else _BULK_BINS) if find_spec("duckdb") is not None else None
    if bulk is None:
        return None
    shown.elsewhere()
    try:
        return bulk.count(tally)
    except OtherForms:
        return None


def _tallied(read: Import, tally: Tally, lexicon: Lexicon | None) -> ImportReport:
    estimated: Counter[str] = Counter()
    for mention in read:
        feeling = mention.sentiment
        if lexicon is not None and feeling == "unknown":
            feeling = lexicon.of(mention)
            estimated[feeling] += 1
        tally.add(
            mention.at,
            Bin(1, feeling == "negative", feeling != "unknown", mention.reach or 0, mention.engagement or 0),
            mention.source,
            f"country {mention.country}" if mention.country else "",
            f"language {mention.language}" if mention.language else "",
        )
        if feeling == "negative" and not mention.repost_of:
            tally.complain(mention.at, mention.text)
    tally.estimates += estimated.total() - estimated["unknown"]
    return replace(read.report, estimated=dict(estimated)) if lexicon is not None else read.report


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


def _ahead(report: ImportReport) -> Iterator[str]:
    """That the newest row lies in the future: then how things stand now is read off the wrong hours."""
    ahead = report.last - SystemClock().now() if report.last is not None else timedelta(0)
    if ahead > AHEAD:
        yield f"the newest is {roughly(ahead)} ahead of the clock here: another time zone (--tz), or planned for later?"


def _zone_of(labels: Sequence[str]) -> tzinfo:
    """The zone of the files, so that a day's hours are those of the brand; UTC where they differ."""
    from crisis.adapters.importers.zones import zone_of

    if len(set(labels)) != 1:
        return UTC
    try:
        return zone_of(labels[0])
    except Usage:  # two offsets of which nobody knows the zone
        return UTC
