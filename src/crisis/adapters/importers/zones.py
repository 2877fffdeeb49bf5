"""Which zone and which day/month order a file's times are in: proven by its post ids, given, or asked for."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import TYPE_CHECKING, Literal

from msgspec import Struct, field

from crisis.adapters.importers.errors import AmbiguousDates, NeedsZone, WrongZone
from crisis.adapters.importers.times import ORDERS, Order, needs_order
from crisis.kernel.errors import Usage
from crisis.kernel.text import quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Convention = Literal["hidden", "utc", "declared", "assumed"]
"""What a tool's naive times are: unknown; UTC as its readers take them; UTC by its header; UTC for want of better."""

_QUARTER = timedelta(minutes=15)
_FIRST = 200
_TOLERANCE = timedelta(seconds=90)  # some tools write minutes only
_EXACT = timedelta(seconds=2)
_FARTHEST = timedelta(hours=14)
_FIXED = re.compile(r"(?:UTC|GMT)?([+-])(\d{1,2})(?::?(\d{2}))?", re.I | re.ASCII)


class Zone(Struct, frozen=True):
    """The decision: a label, how it was found, and the way from a naive local time to UTC."""

    label: str
    found: str
    utc: Callable[[datetime], datetime]


class Offsets(Struct):
    """What post ids say about local minus UTC, read in one order of day and month."""

    days: dict[date, Counter[timedelta]] = field(default_factory=lambda: defaultdict(Counter))
    agreed: Counter[timedelta] = field(default_factory=Counter)
    exact: int = 0
    off: int = 0

    def add(self, local: datetime, true: datetime) -> None:
        """Take in one row: what its cell says and when it really was (aware)."""
        away = local.replace(tzinfo=None) - true.replace(tzinfo=None)
        offset = _QUARTER * round(away / _QUARTER)
        if abs(away - offset) > _TOLERANCE or abs(offset) > _FARTHEST:
            self.off += 1
            return
        self.agreed[offset] += 1
        self.exact += abs(away - offset) <= _EXACT
        self.days[local.date()][offset] += 1

    @property
    def total(self) -> int:
        """Rows that agree on some offset."""
        return self.agreed.total()

    def proof(self) -> list[timedelta]:
        """The one offset, or the two of summer and winter, that the ids prove; nothing if they prove none."""
        if not self.total or self.total < 4 * self.off or (self.total < 3 and self.exact < self.total):
            return []
        top = self.agreed.most_common(2)
        if top[0][1] >= 0.95 * self.total:
            return [top[0][0]]
        season = len(top) == 2 and abs(top[0][0] - top[1][0]) <= timedelta(hours=1)
        return sorted(offset for offset, _ in top) if season and sum(n for _, n in top) >= 0.95 * self.total else []


class Clues(Struct):
    """Everything a first pass over a file learns about how its times are meant."""

    naive: int = 0
    aware: int = 0
    possible: Counter[tuple[Order, ...]] = field(default_factory=Counter)
    by_ids: Counter[tuple[Order, ...]] = field(default_factory=Counter)
    offsets: dict[Order | None, Offsets] = field(default_factory=lambda: defaultdict(Offsets))
    example: str = ""
    first: list[str] = field(default_factory=list)
    """What the first rows have for a time."""

    def add(self, text: str, local: Callable[[Order | None], datetime | None], true: datetime | None) -> None:
        """Take in one row's time cell, how it reads in each order, and the moment its post id gives, if any."""
        if len(self.first) < _FIRST:
            self.first.append(text)
        orders = needs_order(text)
        if orders:
            self.naive += 1
            self.possible[orders] += 1
            if {"dmy", "mdy"} <= set(orders):
                self.example = self.example or text
            if true:
                near = {order: at for order in orders if (at := local(order)) and _is_near(at, true)}
                self.by_ids[tuple(near)] += 1
                for order, at in near.items():
                    self.offsets[order].add(at, true)
            return
        at = local(None)
        if at is None:
            return
        if at.tzinfo is not None:
            self.aware += 1
            return
        self.naive += 1
        if true:
            self.offsets[None].add(at, true)


def decide_order(clues: Clues, given: Order | None) -> Order | None:
    """The order of day and month for the whole file; None where no date needs one."""
    if not clues.possible:
        return None
    fits = _fitting(clues.possible, ORDERS)
    told = _fitting(clues.by_ids, fits) if clues.by_ids.total() else ()
    if given:
        if given not in fits or (told and given not in told):
            proof = "the post ids prove another order" if given in fits else "most dates cannot be read so"
            raise AmbiguousDates(
                f"the order was given as {given}, but {proof}", hint="leave the order out, or correct it"
            )
        return given
    if len(told) == 1:
        return told[0]
    # A year of two digits could stand first as well; only post ids or the caller may say so.
    usual = tuple(order for order in told or fits if order != "ymd")
    if len(usual) == 1:
        return usual[0]
    if not usual and fits == ("ymd",):
        return "ymd"
    if usual:
        raise AmbiguousDates(
            f"dates such as {quoted(clues.example, 40)} may be day first or month first, and no row decides",
            hint="give the order with date_order in a column map (dmy, mdy or ymd), or export a longer span",
        )
    raise AmbiguousDates(
        "some dates can only be day first and others only month first, so the file was changed after its export",
        hint="export it again, and do not save it from a spreadsheet program",
    )


def _fitting(seen: Counter[tuple[Order, ...]], orders: Iterable[Order]) -> tuple[Order, ...]:
    """The orders that read most rows: one decisive row decides, one damaged in a hundred does not hinder."""
    misses = {order: sum(n for possible, n in seen.items() if order not in possible) for order in orders}
    fewest = min(misses.values(), default=0)
    return tuple(order for order, n in misses.items() if n == fewest) if fewest <= 0.01 * seen.total() else ()


def _is_near(local: datetime, true: datetime) -> bool:
    return abs(local.replace(tzinfo=UTC) - true) <= _FARTHEST + _QUARTER


def zone_of(text: str) -> tzinfo:
    """`Europe/Berlin`, `UTC`, `+02:00` … as a zone; anything else raises Usage."""
    if text.upper() in {"UTC", "GMT", "Z"}:
        return UTC
    if fixed := _FIXED.fullmatch(text):
        offset = timedelta(hours=int(fixed[2]), minutes=int(fixed[3] or 0))
        if offset <= _FARTHEST:
            return timezone(offset if fixed[1] == "+" else -offset)
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Usage(
            f"there is no time zone {quoted(text, 40)}", hint="write it like Europe/Berlin, UTC or +02:00"
        ) from None


def decide_zone(clues: Clues, order: Order | None, tz: str | None, convention: Convention, why: str) -> Zone:
    """The zone of the file's naive times.

    Post ids prove it; without them `tz` is believed, then the tool's `convention` (`why` says whose);
    raises WrongZone where `tz` contradicts the ids or the header, NeedsZone where nothing tells.
    """
    given = zone_of(tz) if tz else None
    if not clues.naive:
        return Zone("UTC", "the times carry their offset" if clues.aware else "no times", _as_utc)
    offsets = clues.offsets.get(order, Offsets())
    proof = offsets.proof()
    ids = f"{offsets.total} post id{'s' if offsets.total != 1 else ''}"
    if given:
        if convention == "declared" and not proof and datetime(2026, 1, 1, tzinfo=given).utcoffset():
            raise WrongZone(f"the file says that {why}, and --tz says {tz}", hint="leave --tz out")
        if proof and not _agrees(given, offsets):
            raise WrongZone(f"--tz says {tz}, but {ids} prove {_named(proof)}", hint="leave --tz out, or correct it")
        return Zone(str(tz), f"given, and {ids} agree" if proof else "given", _in(given))
    if len(proof) == 1:
        return Zone(_named(proof), f"inferred from {ids}", _in(timezone(proof[0])))
    if proof:
        return Zone(_named(proof), f"inferred from {ids}", _in_seasons(offsets))
    if convention == "hidden":
        raise NeedsZone(
            f"the times carry no offset ({why}) and no post id tells it",
            hint="say it with --tz, like --tz Europe/Berlin",
        )
    return Zone("UTC", why, _in(UTC))


def _agrees(zone: tzinfo, offsets: Offsets) -> bool:
    right = 0
    for day, seen in offsets.days.items():
        edges = [datetime(day.year, day.month, day.day, hour, tzinfo=zone).utcoffset() for hour in (0, 12, 23)]
        right += sum(n for offset, n in seen.items() if offset in edges)
    return right >= 0.9 * offsets.total


def _named(offsets: list[timedelta]) -> str:
    return " and ".join("UTC" if not offset else str(timezone(offset)) for offset in offsets)


def _as_utc(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC)


def _in(zone: tzinfo) -> Callable[[datetime], datetime]:
    return _as_utc if zone is UTC else lambda at: at.replace(tzinfo=zone).astimezone(UTC)


def _in_seasons(offsets: Offsets) -> Callable[[datetime], datetime]:
    """Summer and winter time without a zone's name: each day takes the offset of the nearest day with proof."""
    days = sorted(offsets.days)
    usual = [offsets.days[day].most_common(1)[0][0] for day in days]

    def utc(at: datetime) -> datetime:
        n = bisect_left(days, at.date())
        if n == len(days) or (n and at.date() - days[n - 1] < days[n] - at.date()):
            n -= 1
        return (at - usual[n]).replace(tzinfo=UTC)

    return utc
