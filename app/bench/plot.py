"""The figure of a bench's courses: ms a step by number of people, ours and the peers', as SVG or PNG.

The SVG carries both a light and a dark look and takes the one that its reader prefers; the PNG is the light one.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape

from app.bench.figures import Bench, Course, Point
from app.bench.table import shown
from engine.errors import SociariumError

FORMATS = (".svg", ".png")
WIDTH, HEIGHT = 1080, 520
PANEL, GAP, LEFT, TOP, BOTTOM = 420, 112, 84, 118, 72
ROOM_FOR_WORDS = 110
"""From so much room on between two points there are words between them."""

SHARPNESS = 2
"""Pixels of the PNG to a unit of the picture."""

FONT = "font-family='-apple-system, Segoe UI, Helvetica, Arial, DejaVu Sans, sans-serif'"

LIGHT = {"card": "#ffffff", "edge": "#d0d7de", "text": "#1f2328", "faint": "#59636e", "grid": "#e6eaef"}
DARK = {"card": "#0d1117", "edge": "#3d444d", "text": "#f0f6fc", "faint": "#9198a1", "grid": "#21262d"}
OURS = (("#0f766e", "#2dd4bf"), ("#1d4ed8", "#79b8ff"))
THEIRS = (("#c2410c", "#ffa657"), ("#8250df", "#d2a8ff"))
"""Colours of lines on light and on dark."""


class Line(NamedTuple):
    """One program in a panel, and its colour's class."""

    course: Course
    points: Sequence[Point]
    colour: str


def check_plot(file: Path) -> None:
    """Raise SociariumError when a picture cannot be written to a file: asked before minutes of measuring."""
    if file.suffix.lower() not in FORMATS:
        raise SociariumError(f"--plot {file}: the picture is made as SVG or PNG; give a name that ends in .svg or .png")
    if not file.parent.is_dir():
        raise SociariumError(f"--plot {file}: there is no folder {file.parent}; make it first")


def write_plot(bench: Bench, found: Mapping[str, float], file: Path) -> None:
    """Write the figure of a bench's courses; see `check_plot`."""
    if file.suffix.lower() == ".svg":
        file.write_text(picture(bench, found), encoding="utf-8")
    else:
        _write_png(picture(bench, found, both_looks=False), file)


def picture(bench: Bench, found: Mapping[str, float], both_looks: bool = True) -> str:
    """Return the figure as an SVG document: a panel for each group of courses."""
    groups = [list(courses) for _, courses in groupby(bench.courses, lambda course: course.group)]
    panels = [lines for lines in (_lines(courses, found) for courses in groups) if lines]
    every = [point for lines in panels for line in lines for point in line.points]
    if not every:
        raise SociariumError(f"bench {bench.name} measured nothing that can be drawn")
    people, ms = ([point[column] for point in every] for column in (0, 1))
    across = math.log10(min(people)) - 0.1, math.log10(max(people)) + 0.1
    up = math.floor(math.log10(min(ms))), math.ceil(math.log10(max(ms)))
    out = [
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {HEIGHT}' width='{WIDTH}' height='{HEIGHT}'>",
        f"<title>{escape(bench.name)}: ms a step by number of people</title>",
        _style() if both_looks else "",
        f"<rect x='0.5' y='0.5' width='{WIDTH - 1}' height='{HEIGHT - 1}' rx='14' class='card edged' "
        f"fill='{LIGHT['card']}' stroke='{LIGHT['edge']}'/>",
    ]
    for k, lines in enumerate(panels):
        out += _Panel(LEFT + k * (PANEL + GAP), across, up).draw(lines)
    return "\n".join([*(part for part in out if part), "</svg>", ""])


def _lines(courses: Sequence[Course], found: Mapping[str, float]) -> list[Line]:
    colours = {True: iter(f"ours{k}" for k in range(len(OURS))), False: iter(f"peer{k}" for k in range(len(THEIRS)))}
    drawn = ((course, course.points(found)) for course in courses)
    return [Line(course, points, next(colours[course.ours])) for course, points in drawn if points]


class _Panel:
    """A log-log panel `PANEL` wide that begins at `left`; `across` and `up` are the powers of ten at its edges."""

    def __init__(self, left: float, across: tuple[float, float], up: tuple[int, int]) -> None:
        self.left, self.right, self.low, self.high = left, left + PANEL, HEIGHT - BOTTOM, TOP
        self.across, self.up = across, up

    def x(self, people: float) -> float:
        """Return where so many people are."""
        first, last = self.across
        return self.left + PANEL * (math.log10(people) - first) / (last - first)

    def y(self, ms: float) -> float:
        """Return where so many ms are."""
        first, last = self.up
        return self.low - (self.low - self.high) * (math.log10(ms) - first) / max(last - first, 1)

    def draw(self, lines: Sequence[Line]) -> list[str]:
        """Return the panel with its lines."""
        out = [*self._grid(), *self._legend(lines)]
        out += [part for line in lines for part in self._line(line)]
        return [*out, *self._last(lines), *self._gap(lines)]

    def _grid(self) -> list[str]:
        out = []
        for power in range(self.up[0], self.up[1] + 1):
            y = self.y(10.0**power)
            out.append(_stroke(f"M{self.left:.1f} {y:.1f}H{self.right:.1f}", "grid", LIGHT["grid"], 1))
            out.append(_text(self.left - 10, y + 4, f"{10.0**power:,g} ms", "faint", 12, "end"))
        for power in range(math.ceil(self.across[0]), math.floor(self.across[1]) + 1):
            x = self.x(10.0**power)
            out.append(_stroke(f"M{x:.1f} {self.low:.1f}V{self.high:.1f}", "grid", LIGHT["grid"], 1))
            out.append(_text(x, self.low + 22, f"{10**power:,}", "faint", 12, "middle"))
        out.append(_text((self.left + self.right) / 2, self.low + 46, "people", "faint", 13, "middle"))
        return out

    def _legend(self, lines: Sequence[Line]) -> list[str]:
        out = [_text(self.left, 44, f"{lines[0].course.group}: time of a step", "text", 18, weight=600)]
        x, y = self.left, 72.0
        for line in lines:
            label, colour = line.course.label, _light(line.colour)
            if x > self.left and x + 22 + 7 * len(label) > self.right:
                x, y = self.left, y + 20
            out.append(_stroke(f"M{x:.1f} {y - 4:.1f}h16", line.colour, colour, _thickness(line)))
            out.append(_text(x + 22, y, label, line.colour, 12, weight=600 if line.course.ours else 400))
            x += 40 + 7 * len(label)
        return out

    def _line(self, line: Line) -> list[str]:
        places = [(self.x(point.people), self.y(point.ms)) for point in line.points]
        path, colour = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in places), _light(line.colour)
        dots = [
            f"<circle cx='{x:.1f}' cy='{y:.1f}' r='{_thickness(line) + 1.5}' class='{line.colour} dot' fill='{colour}'>"
            f"<title>{escape(line.course.label)}: {point.people:,} people, {shown(point.ms)} ms</title></circle>"
            for (x, y), point in zip(places, line.points, strict=True)
        ]
        return [_stroke(path, line.colour, colour, _thickness(line)), *dots]

    def _last(self, lines: Sequence[Line]) -> list[str]:
        """Write the ms of the last point of each line: above it, or below where another line is close above."""
        every = [(self.x(point.people), self.y(point.ms)) for line in lines for point in line.points]
        out, slowest = [], _slowest(lines)
        for line in lines:
            last = line.points[-1]
            x, y, words = self.x(last.people), self.y(last.ms), f"{shown(last.ms)} ms"
            if slowest and last == slowest[1] and not self._has_room(slowest):
                words += f", {_times(slowest)}"
            is_under = any(abs(x - other) < 1 and 0 < y - above < 40 for other, above in every)
            where = (x + 8, y + 16, "start") if is_under else (x - 8, y - 8, "end")
            out.append(_text(where[0], where[1], words, line.colour, 13, where[2], 600 if line.course.ours else 400))
        return out

    def _gap(self, lines: Sequence[Line]) -> list[str]:
        """Say how many times faster ours is than the slowest peer, between both points where there is room."""
        slowest = _slowest(lines)
        if slowest is None or not self._has_room(slowest):
            return []
        ours, peer = slowest
        words = _times(slowest)
        x, low, high = self.x(peer.people), self.y(ours.ms) - 9, self.y(peer.ms) + 9
        at, half = high + (low - high) / 3, 4.4 * len(words)
        return [
            _stroke(f"M{x:.1f} {low:.1f}V{high:.1f}", "faint", LIGHT["faint"], 1.2, "3 4"),
            f"<rect x='{x - half:.1f}' y='{at - 10:.1f}' width='{2 * half:.1f}' height='20' class='card' "
            f"fill='{LIGHT['card']}'/>",
            _text(x, at + 5, words, "text", 14, "middle", 600),
        ]

    def _has_room(self, pair: tuple[Point, Point]) -> bool:
        return self.y(pair[0].ms) - self.y(pair[1].ms) > ROOM_FOR_WORDS


def _slowest(lines: Sequence[Line]) -> tuple[Point, Point] | None:
    """Return ours and the slowest peer's point, at the most people that both were measured with; None without a peer.

    Where there are two programs of ours, peers are held against the last.
    """
    ours = {point.people: point for line in [line for line in lines if line.course.ours][-1:] for point in line.points}
    shared = [[point for point in line.points if point.people in ours] for line in lines if not line.course.ours]
    pairs = [(ours[points[-1].people], points[-1]) for points in shared if points]
    return max(pairs, key=lambda pair: pair[1].ms / pair[0].ms) if pairs else None


def _times(pair: tuple[Point, Point]) -> str:
    times = pair[1].ms / pair[0].ms
    return f"{times:,.0f} times" if times >= 10 else f"{times:.1f} times"


def _thickness(line: Line) -> float:
    return 3 if line.course.ours else 2


def _light(colour: str) -> str:
    return {**_classes(0), **LIGHT}[colour]


def _classes(look: int) -> dict[str, str]:
    """Return the colours of lines by class, of the light look (0) or the dark (1)."""
    return {
        f"{kind}{k}": pair[look] for kind, pairs in (("ours", OURS), ("peer", THEIRS)) for k, pair in enumerate(pairs)
    }


def _style() -> str:
    """Return what turns the picture dark for readers who prefer that."""
    rules = [f".card{{fill:{DARK['card']}}}", f".edged{{stroke:{DARK['edge']}}}", f".grid{{stroke:{DARK['grid']}}}"]
    rules += [f"text.{name}{{fill:{DARK[name]}}}" for name in ("text", "faint")]
    rules.append(f"path.faint{{stroke:{DARK['faint']}}}")
    for name, colour in _classes(1).items():
        rules.append(f"path.{name}{{stroke:{colour}}}.dot.{name},text.{name}{{fill:{colour}}}")
    return f"<style>@media (prefers-color-scheme: dark){{{''.join(rules)}}}</style>"


def _text(x: float, y: float, words: str, colour: str, size: int, anchor: str = "start", weight: int = 400) -> str:
    return (
        f"<text x='{x:.1f}' y='{y:.1f}' class='{colour}' fill='{_light(colour)}' font-size='{size}' "
        f"font-weight='{weight}' text-anchor='{anchor}' {FONT}>{escape(words)}</text>"
    )


def _stroke(path: str, classes: str, colour: str, width: float, dashes: str = "") -> str:
    dashed = f" stroke-dasharray='{dashes}'" if dashes else ""
    return (
        f"<path d='{path}' class='{classes}' fill='none' stroke='{colour}' stroke-width='{width}' "
        f"stroke-linejoin='round' stroke-linecap='round'{dashed}/>"
    )


def _write_png(document: str, file: Path) -> None:
    """Draw an SVG document by Qt, which needs no screen for it."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    try:
        from PySide6.QtCore import QByteArray
        from PySide6.QtGui import QGuiApplication, QImage, QPainter
        from PySide6.QtSvg import QSvgRenderer
    except ImportError as error:
        raise SociariumError(f"--plot {file}: a PNG needs Qt ({error}); give a name that ends in .svg") from None
    application = QGuiApplication.instance() or QGuiApplication([])
    image = QImage(SHARPNESS * WIDTH, SHARPNESS * HEIGHT, QImage.Format.Format_ARGB32)
    image.fill(0)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    QSvgRenderer(QByteArray(document.encode())).render(painter)
    painter.end()
    del application
    if not image.save(str(file)):
        raise SociariumError(f"--plot {file}: cannot be written; is there room, and may you write there?")
