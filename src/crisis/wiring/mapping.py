"""Column maps: what a dry run understood, and the files in which people say what their columns mean."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from crisis.adapters.importers import read_export, read_exports
from crisis.kernel.errors import NotFound, Unreadable, Usage
from crisis.kernel.text import one_line
from crisis.signals.mention import ImportReport, together

if TYPE_CHECKING:
    from crisis.adapters.importers import ColumnMap

_LARGEST_MAP = 64 * 1024


def understood(files: Sequence[Path], tz: str | None, map_file: Path | None) -> tuple[ImportReport, dict[str, object]]:
    """What a dry run says: the report, and the column map that reads the first file just so.

    A file that no table knows gets a map to fill in, with its columns.
    """
    from crisis.adapters.importers.errors import UnknownLayout

    given = read_map(map_file) if map_file is not None and map_file.exists() else None
    try:
        first = read_export(files[0], tz=tz, column_map=given)
    except UnknownLayout as error:
        if len(error.columns) < 2:
            raise
        return _unknown(error.columns)
    reports = [one.finish() for one in read_exports(files, tz=tz, column_map=given)]
    found = first.column_map()
    return together(reports), replace(found, time_zone=tz or (given.time_zone if given else None)).as_data()


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
