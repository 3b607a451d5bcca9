"""Which speech bubbles are open, and where: never over each other nor over the legend. Knows no Qt.

Each frame the speakers that matter most get a bubble, in the first of a few spots round their head that is free;
whoever finds none, and whoever is beyond the number, is a small dot that opens when the pointer is on the person.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from app.session import Line

SHORT_LIFE, LIFE_A_LETTER, LONGEST_LIFE = 2.4, 0.045, 8.0
"""Seconds for which a line is shown: so long, more for each letter, at most."""
MOST_OPEN = 6
MOST_DOTS = 14
MOST_KEPT = 240
GAP = EDGE = 6.0
"""Logical pixels between bubbles, and from the edge of the surface."""
TAIL = 12.0
"""How far a bubble stays above the head; its tail bridges that."""
SPOTS = (
    (0.0, 0.0), (-0.34, 0.0), (0.34, 0.0), (0.0, -0.6), (-0.42, -0.6), (0.42, -0.6), (0.0, -1.2), (-0.45, -1.2),
    (0.45, -1.2),
)  # fmt: skip
"""Where a bubble may be, from its place right above the head, in widths and heights of it."""

Box = tuple[float, float, float, float]
"""Left, top, width, height in logical pixels."""


@dataclass(slots=True)
class Spoken:
    """A line that is shown: by whom, and the seconds that it has been and will be shown."""

    line: Line
    life: float
    age: float = 0.0
    spot: int = -1
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Placed:
    """An open bubble: whose, its box, and where its tail points."""

    agent: int
    box: Box
    tip: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Speaker:
    """Somebody who may have a bubble: where the head is, how large the bubble would be, how much it matters."""

    agent: int
    head: tuple[float, float]
    size: tuple[float, float]
    weight: float


@dataclass
class Said:
    """What was said lately, newest of each person, and how long it is still shown."""

    lines: dict[int, Spoken] = field(default_factory=dict)

    def hear(self, lines: Sequence[Line]) -> None:
        """Take new lines; a person's newest replaces the one before."""
        for line in lines[-MOST_KEPT:]:
            life = min(SHORT_LIFE + LIFE_A_LETTER * len(line.text), LONGEST_LIFE)
            before = self.lines.pop(line.agent, None)
            self.lines[line.agent] = Spoken(
                line, life, spot=-1 if before is None else before.spot, is_open=before is not None and before.is_open
            )
        while len(self.lines) > MOST_KEPT:
            del self.lines[next(iter(self.lines))]

    def pass_time(self, seconds: float) -> bool:
        """Let time go by, which it does not while the society is paused; return whether somebody fell silent."""
        before = len(self.lines)
        for agent, spoken in list(self.lines.items()):
            spoken.age += seconds
            if spoken.age > spoken.life:
                del self.lines[agent]
        return len(self.lines) < before


def lay_out(
    speakers: Iterable[Speaker], surface: tuple[float, float], taken: Sequence[Box], most: int, before: dict[int, int]
) -> tuple[list[Placed], dict[int, int], list[Speaker]]:
    """Place bubbles greedily by weight; return the open ones, the spot of each, and who has to be a dot.

    `taken` are boxes that stay free (the legend); `before` is each one's last spot, which is tried first so that
    nothing hops about. No bubble overlaps another or `taken`, and none reaches beyond the surface.
    """
    width, height = surface
    placed: list[Placed] = []
    spots: dict[int, int] = {}
    dots: list[Speaker] = []
    full = list(taken)
    for speaker in sorted(speakers, key=lambda one: -one.weight):
        found = None
        if len(placed) < most:
            found = _place(speaker, width, height, full, before.get(speaker.agent, -1))
        if found is None:
            dots.append(speaker)
            continue
        spot, box = found
        full.append(box)
        spots[speaker.agent] = spot
        placed.append(Placed(speaker.agent, box, speaker.head))
    return placed, spots, dots


def _place(speaker: Speaker, width: float, height: float, full: Sequence[Box], last: int) -> tuple[int, Box] | None:
    wide, high = speaker.size
    x, y = speaker.head
    if wide + 2 * EDGE > width or high + 2 * EDGE > height or not (-40 <= x <= width + 40 and -20 <= y <= height + 60):
        return None
    order = [last, *(spot for spot in range(len(SPOTS)) if spot != last)] if last >= 0 else range(len(SPOTS))
    for spot in order:
        across, up = SPOTS[spot]
        left = min(max(x - wide / 2 + across * wide, EDGE), width - wide - EDGE)
        top = min(max(y - TAIL - high + up * high, EDGE), height - high - EDGE)
        box = (left, top, wide, high)
        if not any(_overlap(box, other) for other in full):
            return spot, box
    return None


def _overlap(one: Box, other: Box) -> bool:
    return (
        one[0] < other[0] + other[2] + GAP
        and other[0] < one[0] + one[2] + GAP
        and one[1] < other[1] + other[3] + GAP
        and other[1] < one[1] + one[3] + GAP
    )
