"""What people are coloured by: palettes that all can tell apart, robust ranges, and the legend's entries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication

from app.design import OKABE_ITO
from engine.remote.wire import About, Columns

Floats = NDArray[np.float32]

SEQUENCE = (
    "#0d0887", "#46039f", "#7201a8", "#9c179e", "#bd3786", "#d8576b", "#ed7953", "#fb9f3a", "#fdca26", "#f0f921",
)  # fmt: skip
"""From little to much (plasma, van der Walt and Smith 2015): even to the eye, and nothing in it is lost on a meadow."""
CONTRAST = ("#b35806", "#e08214", "#fdb863", "#f7f3ea", "#a8c8e4", "#4a90c8", "#2166ac")
"""From bad to good through neutral, told apart whatever kind of cones one has."""
KINDS = (*OKABE_ITO, "#332288", "#882255", "#117733", "#ddcc77", "#88ccee", "#aa4499")
"""Colours of kinds when there are more than eight: Okabe and Ito's, then Tol's (2021)."""
UNKNOWN = "#8b9099"
MILLION = 1_000_000
CLASSES = 5
LACKS = ("drives.hunger",)
"""Levels of which much is bad."""
MOST_ENTRIES = 8


@dataclass(frozen=True)
class Entry:
    """A line of the legend: words, colour "#rrggbb", and how many living people it counts."""

    label: str
    colour: str
    count: int


@dataclass(frozen=True)
class Colouring:
    """Everybody's colour, linear float32[people,3]; the legend's entries; to which each belongs, -1 for none."""

    colours: Floats
    entries: tuple[Entry, ...]
    group: NDArray[np.int64]


def linear(colour: str) -> Floats:
    """Return "#rrggbb" as linear light, float32[3]; the display's gamma is taken as 2."""
    return np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)], np.float32) ** 2


def title(about: About, name: str) -> str:
    """Return what a colour's name reads in the menu."""
    fixed = {
        "role": _tr("Role"),
        "action": _tr("Activity"),
        "mood": _tr("Mood"),
        "trust": _tr("Trust of the selected"),
        "home": _tr("Home"),
    }
    return fixed.get(name, name.rpartition(".")[2].replace("_", " ").capitalize())


def colour_people(
    about: About, columns: Columns, name: str, trust: Mapping[int, int], names: Sequence[str] = ()
) -> Colouring:
    """Return the colouring by something of `View.colours`; `trust` is the selected's in each, -1000..1000."""
    alive = np.asarray(columns["people.alive"], np.bool_)
    if name == "action":
        return _kinds(np.asarray(columns["people.action"], np.int64), _activities(about), KINDS, alive)
    if name == "home" and "people.home" in columns:
        return _homes(about, np.asarray(columns["people.home"], np.int64), alive)
    if name == "trust":
        return _trust(trust, alive)
    if name == "mood":
        return _mood(columns, alive)
    if name in columns:
        unit = next((column.unit for column in about.columns if column.name == name), "")
        return _amount(np.asarray(columns[name], np.float64), unit, alive)
    return _roles(about, np.asarray(columns["people.role"], np.int64), alive)


def _roles(about: About, role: NDArray[np.int64], alive: NDArray[np.bool_]) -> Colouring:
    made = _kinds(
        role,
        [entry.name.replace("_", " ").capitalize() for entry in about.roles],
        [entry.colour for entry in about.roles],
        alive,
        every=True,
    )
    tone = 0.93 + 0.15 * ((np.arange(len(role)) * 0.618034) % 1.0)
    return Colouring((made.colours * tone[:, None]).astype(np.float32), made.entries, made.group)


def _activities(about: About) -> list[str]:
    words = [name.replace("_", " ").capitalize() for name in about.actions]
    return [_tr("Nothing"), *words[1:]]


def _kinds(
    code: NDArray[np.int64],
    words: Sequence[str],
    colours: Sequence[str],
    alive: NDArray[np.bool_],
    every: bool = False,
) -> Colouring:
    """Colour by kind; the legend has the commonest, or every kind that there is."""
    count = np.bincount(code[alive], minlength=len(words))[: len(words)]
    palette = np.array([linear(colours[index % len(colours)]) for index in range(max(len(words), 1))], np.float32)
    order = [int(index) for index in np.argsort(-count, kind="stable") if count[index] or every]
    order = sorted(order if every else order[:MOST_ENTRIES])  # by kind: a legend whose lines swap places cannot be read
    place = np.full(max(len(words), 1), -1, np.int64)
    place[order] = np.arange(len(order))
    entries = tuple(Entry(words[index], colours[index % len(colours)], int(count[index])) for index in order)
    safe = np.clip(code, 0, len(palette) - 1)
    return Colouring(palette[safe], entries, np.where(alive, place[safe], -1))


def _homes(about: About, home: NDArray[np.int64], alive: NDArray[np.bool_]) -> Colouring:
    words = [*(place.name for place in about.places), _tr("No home")]
    return _kinds(np.where(home < 0, len(words) - 1, home), words, KINDS, alive)


def _trust(trust: Mapping[int, int], alive: NDArray[np.bool_]) -> Colouring:
    value = np.zeros(len(alive))
    known = np.zeros(len(alive), np.bool_)
    for agent, amount in trust.items():
        if 0 <= agent < len(alive):
            value[agent], known[agent] = amount / 1000, True
    colours = blend(CONTRAST, 0.5 + 0.5 * value)
    colours[~known] = linear(UNKNOWN)
    group = np.digitize(value, (-0.25, 0.25))
    group = np.where(known, 2 - group, 3)
    words = (_tr("Trusted"), _tr("Neither"), _tr("Distrusted"), _tr("Strangers"))
    return _classed(colours, words, (CONTRAST[-1], CONTRAST[3], CONTRAST[0], UNKNOWN), group, alive)


def _mood(columns: Columns, alive: NDArray[np.bool_]) -> Colouring:
    parts = [
        1 - array / MILLION if name in LACKS else array / MILLION
        for name, array in columns.items()
        if name.startswith("drives.")
    ]
    value = np.mean(parts, 0) if parts else np.full(len(alive), 0.5)
    words = (_tr("Very well"), _tr("Well"), _tr("So so"), _tr("Badly"), _tr("Very badly"))
    group = CLASSES - 1 - np.clip((value * CLASSES).astype(np.int64), 0, CLASSES - 1)
    return _classed(blend(CONTRAST, value), words, [CONTRAST[index] for index in (6, 5, 3, 1, 0)], group, alive)


def _amount(value: NDArray[np.float64], unit: str, alive: NDArray[np.bool_]) -> Colouring:
    """Colour by a number: levels as they are, else by rank among the living, so that one rich one changes nothing."""
    if unit == "millionths":
        breaks = np.linspace(0, MILLION, CLASSES + 1)
    else:
        living = value[alive]
        breaks = np.quantile(living, np.linspace(0, 1, CLASSES + 1)) if living.size else np.zeros(CLASSES + 1)
    breaks, kept = np.unique(breaks, return_index=True)
    share = np.interp(value, breaks, kept / CLASSES) if len(breaks) > 1 else np.full(len(value), 0.5)
    edges = breaks[1:-1]
    group = np.searchsorted(edges, value, "right").astype(np.int64)
    low, high = breaks[: len(edges) + 1], breaks[1:] if len(breaks) > 1 else breaks
    words, shades = [], []
    for index, (start, end) in enumerate(zip(low, high, strict=True)):
        words.append(_span(float(start), float(end), unit))
        middle = (kept[index] + (kept[index + 1] if index + 1 < len(kept) else kept[index])) / 2 / CLASSES
        shades.append(_hex(blend(SEQUENCE, np.array([middle]))[0]))
    last = len(words) - 1
    return _classed(blend(SEQUENCE, share), words[::-1], shades[::-1], last - np.clip(group, 0, last), alive)


def _span(start: float, end: float, unit: str) -> str:
    if unit == "millionths":
        return f"{start / 10_000:.0f}\u2013{end / 10_000:.0f} %"
    if start == end:
        return f"{start:,.0f} {unit}"
    return f"{start:,.0f}\u2013{end:,.0f} {unit}"


def _classed(
    colours: Floats, words: Sequence[str], shades: Sequence[str], group: NDArray[Any], alive: NDArray[np.bool_]
) -> Colouring:
    count = np.bincount(group[alive], minlength=len(words))
    entries = tuple(Entry(word, shade, int(number)) for word, shade, number in zip(words, shades, count, strict=False))
    return Colouring(colours, entries, np.where(alive, group, -1))


def blend(palette: Sequence[str], share: NDArray[np.float64]) -> Floats:
    """Return colours between those of a palette, linear float32[n,3], at shares 0..1."""
    stops = np.array([np.sqrt(linear(colour)) for colour in palette])
    at = np.clip(share, 0, 1) * (len(stops) - 1)
    mixed = np.stack([np.interp(at, np.arange(len(stops)), stops[:, channel]) for channel in range(3)], -1)
    return (mixed**2).astype(np.float32)


def _hex(colour: Floats) -> str:
    red, green, blue = (round(float(part) ** 0.5 * 255) for part in colour)
    return f"#{red:02x}{green:02x}{blue:02x}"


def _tr(text: str) -> str:
    return QCoreApplication.translate("Colours", text)
