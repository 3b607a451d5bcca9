"""A run as tables for other tools: Parquet or CSV, with a README that says what is in them."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from engine.errors import RunFileError
from engine.record.header import RunHeader
from engine.record.reader import RunReader
from engine.record.tables import Decided, Happened, Measured, People, Table, Thinking, Ticks, frame_tables

FORMATS = ("parquet", "csv")

FLUSH_ROWS = 500_000
"""Rows of a table that are held in memory before they are written out."""

README, DICTIONARY = "README.txt", "dictionary.json"
_OURS = re.compile(
    r"README\.txt|dictionary\.json|(ticks|decisions|thoughts|events|measures|people|frames(_\w+)?)(-\d+\.part|\.parquet|\.csv)"
)
FIRST_LINE = "Tables of a Sociarium run"


def export_run(
    reader: RunReader,
    folder: Path,
    to: str,
    watch: Callable[[int], None] | None = None,
    namer: Callable[[int], str] = lambda _: "",
) -> list[Path]:
    """Write a run's tables into a folder and return the files written; memory stays flat however long the run is.

    `watch` is called with each tick when its rows are done; `namer` gives the names of people. An earlier export is
    replaced. Raises RunFileError for an unknown format, a folder that holds anything else, a run without ticks, or a
    disk that does not take the tables.
    """
    if to not in FORMATS:
        raise RunFileError(f"there is no format {to}; use one of {', '.join(FORMATS)}")
    first, last = reader.first_tick, reader.last_tick
    if first is None or last is None:
        raise RunFileError(f"{reader.path}: holds no ticks; the run was ended before its first")
    import polars

    try:
        return _export(reader, Path(folder), to, range(first, last + 1), watch, namer)
    except (OSError, polars.exceptions.PolarsError) as error:
        raise RunFileError(f"{folder}: the tables cannot be written ({error}); check the folder and disk") from error


def _export(
    reader: RunReader,
    folder: Path,
    to: str,
    ticks: range,
    watch: Callable[[int], None] | None,
    namer: Callable[[int], str],
) -> list[Path]:
    header = reader.header
    people = People(header, namer)
    thoughts = Thinking(header, reader.thoughts)
    tables = [
        Ticks(header),
        Decided(header),
        thoughts,
        Happened(header),
        *frame_tables(header),
        Measured(header),
        people,
    ]
    _make_room(folder)
    readme = folder / README
    readme.write_text(FIRST_LINE, encoding="utf-8")  # so that an export that is cut short can be replaced
    sinks = [Sink(folder, table, to) for table in tables]
    frames = reader.frames(ticks[0], ticks[-1]) if header.frame else ((tick, {}) for tick in ticks)
    for record, (tick, frame) in zip(reader.records(ticks[0], ticks[-1]), frames, strict=True):
        for table, sink in zip(tables, sinks, strict=True):
            table.take(record, frame)
            sink.write(FLUSH_ROWS)
        if watch is not None:
            watch(tick)
    people.end()
    files = [sink.close() for sink in sinks]
    written = {file: table for file, table in zip(files, tables, strict=True) if file is not None}
    readme.write_text(_readme(header, ticks, written), encoding="utf-8")
    dictionary = folder / DICTIONARY
    dictionary.write_text(json.dumps(json.loads(header.to_json()), indent=1), encoding="utf-8")
    return [*written, readme, dictionary]


def _make_room(folder: Path) -> None:
    """Make the folder, or empty it of an earlier export. Raises RunFileError when it holds anything else."""
    folder.mkdir(parents=True, exist_ok=True)
    there = sorted(folder.iterdir())
    if not there:
        return
    readme = folder / README
    ours = readme.is_file() and readme.read_text(encoding="utf-8", errors="replace").startswith(FIRST_LINE)
    odd = [path.name for path in there if not (ours and path.is_file() and _OURS.fullmatch(path.name))]
    if odd:
        raise RunFileError(f"{folder}: is not empty ({odd[0]}); name a new folder")
    for path in there:
        path.unlink()


class Sink:
    """Writes a table piece by piece, and in the end as one file."""

    def __init__(self, folder: Path, table: Table, to: str) -> None:
        self._folder, self._table, self._to = folder, table, to
        self._parts: list[Path] = []

    def write(self, least: int) -> None:
        """Write what the table holds, if that is at least so many rows."""
        import polars

        if self._table.rows < max(least, 1):
            return
        frame = polars.DataFrame(self._table.columns(self._table.drain()))
        part = self._folder / f"{self._table.name}-{len(self._parts)}.part"
        if self._to == "parquet":
            frame.write_parquet(part)
        else:
            frame.write_csv(part, include_header=not self._parts)
        self._parts.append(part)

    def close(self) -> Path | None:
        """Put the pieces together; return the file, or None where the table has no rows."""
        import polars

        self.write(1)
        if not self._parts:
            return None
        target = self._folder / f"{self._table.name}.{self._to}"
        if len(self._parts) == 1:
            self._parts[0].replace(target)
        elif self._to == "parquet":
            polars.scan_parquet(self._parts).sink_parquet(target)
        else:
            with target.open("wb") as whole:
                for part in self._parts:
                    with part.open("rb") as piece:
                        shutil.copyfileobj(piece, whole)
        for part in self._parts:
            part.unlink(missing_ok=True)
        return target


def _readme(header: RunHeader, ticks: range, written: Mapping[Path, Table]) -> str:
    lines = [
        f"{FIRST_LINE}: {header.name}, seed {header.seed}, run {header.run}",
        f"Ticks {ticks[0]} to {ticks[-1]}, made by Sociarium {header.program}, {header.created}.",
        f"{DICTIONARY} holds the kinds of event, the names that numbers stand for, and the scenario.",
    ]
    for file, table in written.items():
        lines += ["", f"{file.name}: {table.title}"]
        width = max(len(name) for name in table.about)
        lines += [f"  {name:<{width}}  {about}" for name, about in table.about.items()]
    return "\n".join(lines) + "\n"
