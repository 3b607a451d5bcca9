"""What a host says of its society once, when it is opened: the land, places, roles, and what every number means."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import yaml

from engine.record.header import RunHeader
from engine.record.reader import RunReader
from engine.record.replay import span
from engine.remote.wire import About, ColumnEntry, Columns, EventEntry, MeasureEntry, Message, PlaceEntry, RoleEntry
from engine.runner import Runner
from engine.society.land import KINDS
from engine.society.society import Society

PLANE = "plane"
"""The name of the space of squares, whose sides a scenario gives in metres."""

FALLBACK_MIND = "reflex"
"""Who decides for people whom no mind of the scenario serves; its number comes after theirs."""

COLOURS = ("#0072b2", "#e69f00", "#009e73", "#d55e00", "#cc79a7", "#56b4e9", "#f0e442", "#8c8c8c")
"""Colours of roles that choose none: those of Okabe and Ito (2008), which the colour-blind can tell apart."""


def introduce(runner: Runner, header: RunHeader, first: int, live: bool) -> Message:
    """Return `about` of a society; `first` is the first tick of its run."""
    society = runner.society
    scenario, land = society.scenario, society.land
    time, space = scenario.time, scenario.space
    about = About(
        name=scenario.name,
        title=scenario.title or scenario.name,
        description=scenario.description,
        run=header.run,
        program=header.program,
        seed=scenario.seed,
        scenario=header.scenario,
        tick=time.tick,
        day=time.day,
        start=time.start_minute,
        ticks=time.ticks,
        mode=time.mode,
        rate=time.rate,
        space=header.space,
        width=land.columns,
        height=land.rows,
        edges=land.edges,
        substeps=space.substeps,
        live=live,
        first=first,
        parent=header.parent,
        changes=header.changes,
        kinds=KINDS,
        roles=tuple(
            RoleEntry(name, role.colour or COLOURS[i % len(COLOURS)], role.description)
            for i, (name, role) in enumerate(scenario.roles.items())
        ),
        actions=tuple(action.name for action in society.actions),
        appeals=tuple(appeal.name for appeal in society.appeals),
        minds=minds_of(header),
        places=tuple(
            PlaceEntry(place.name, place.kind, place.cell, place.radius, place.capacity, place.heading)
            for place in society.places.all
        ),
        columns=tuple(_columns(society, header)),
        events=tuple(
            EventEntry(kind.name, society.log.owner(kind.name), kind.text, kind.about) for kind in society.log.kinds
        ),
        measures=tuple(
            MeasureEntry(name, measure.unit, measure.about, measure.labels)
            for name, measure in runner.measures.all.items()
        ),
        pitch=land.pitch,
    )
    columns: Columns = {
        "kind": np.asarray(land.kind, np.uint8),
        "elevation": np.asarray(land.elevation, np.int16),
        "bridge": np.asarray(land.bridge, np.bool_),
        **land.shapes,
    }
    return Message({"kind": "about", **about.to_head()}, columns)


def minds_of(header: RunHeader) -> tuple[str, ...]:
    """Return the names of minds by the numbers of `people.mind`."""
    return (*header.minds, FALLBACK_MIND)


def _columns(society: Society, header: RunHeader) -> list[ColumnEntry]:
    framed, words = {column.name for column in header.frame}, dict[str, tuple[str, ...]]()
    found = []
    for full, column in society.world.columns():
        if column.per != "agent":
            continue
        if column.kind and column.kind not in words:
            words[column.kind] = society.vocabulary(column.kind)
        reads = minds_of(header) if full == "people.mind" else words.get(column.kind, ())
        dtype = np.dtype(column.dtype).name
        found.append(ColumnEntry(full, dtype, column.shape, column.unit, column.about, full in framed, reads))
    return found


def introduce_by_header(reader: RunReader) -> Message:
    """Return `about` of a recorded run that this program cannot put together: on flat meadow, without places."""
    header, first = reader.header, span(reader)[0]
    document = _document(header.scenario)
    time, space = _section(document, "time"), _section(document, "space")
    cells = reader.frame(first).get("space.cell", np.zeros(1, np.int32))
    most = int(cells.max(initial=0)) + 1
    cell = _whole(space, "cell", 2) if header.space == PLANE else 1
    width = _whole(space, "width", max(8, math.isqrt(most) + 1) * cell) // cell
    height = max(_whole(space, "height", 0) // cell, -(-most // width), 8)
    seconds = _whole(time, "tick", 120)
    about = About(
        name=header.name,
        title=str(document.get("title") or header.name),
        description=str(document.get("description") or ""),
        run=header.run,
        program=header.program,
        seed=header.seed,
        scenario=header.scenario,
        tick=seconds,
        day=_whole(time, "day", max(2, 86_400 // seconds)),
        start=_minute(str(time.get("start", "06:00"))),
        ticks=span(reader)[1],
        mode="lockstep",
        rate=4.0,
        space=header.space,
        width=width,
        height=height,
        edges=str(space.get("edges", "bounded")),
        substeps=_whole(space, "substeps", 4),
        live=False,
        first=first,
        parent=header.parent,
        changes=header.changes,
        kinds=KINDS,
        roles=tuple(
            RoleEntry(str(name), COLOURS[i % len(COLOURS)], "") for i, name in enumerate(_section(document, "roles"))
        )
        or (RoleEntry("person", COLOURS[0], ""),),
        actions=header.actions,
        appeals=header.appeals,
        minds=minds_of(header),
        places=(),
        columns=tuple(
            ColumnEntry(column.name, column.dtype, column.shape, "", "", True)
            for column in header.frame
            if column.per == "agent"
        ),
        events=tuple(EventEntry(entry.name, entry.owner, entry.text, "") for entry in header.events),
        measures=tuple(MeasureEntry(name, "", "", header.words.get(name, ())) for name in _measured(reader)),
        pitch=float(cell if header.space == PLANE else _whole(space, "pitch", 10)),
    )
    land: Columns = {
        "kind": np.zeros(width * height, np.uint8),
        "elevation": np.zeros(width * height, np.int16),
        "bridge": np.zeros(width * height, np.bool_),
    }
    return Message({"kind": "about", **about.to_head()}, land)


def _document(text: str) -> Mapping[str, Any]:
    try:
        found = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError):
        return {}
    return found if isinstance(found, Mapping) else {}


def _section(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = document.get(name)
    return found if isinstance(found, Mapping) else {}


def _whole(section: Mapping[str, Any], name: str, default: int) -> int:
    value = section.get(name)
    return value if type(value) is int and 1 <= value <= 100_000 else default


def _minute(text: str) -> int:
    hours, _, minutes = text.partition(":")
    return int(hours) * 60 + int(minutes) if hours.isdecimal() and minutes.isdecimal() else 360


def _measured(reader: RunReader) -> tuple[str, ...]:
    ticks = reader.measured()
    return tuple(reader.record(ticks[0]).measures) if ticks else ()
