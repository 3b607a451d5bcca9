"""What people say, over their heads: who gets a bubble, a dot, or the tag with the name."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from app.design import Design
from app.session import Line
from app.view import View
from app.viewport.bubbles import MOST_DOTS, MOST_OPEN, TAIL, Box, Placed, Said, Speaker, lay_out
from app.viewport.ground import Floats
from app.viewport.overlay import Dot, Overlay, Words
from app.viewport.people import People
from app.viewport.picking import HEIGHT, project

FAR, FURTHER = 42.0, 85.0
"""Distances of the camera beyond which fewer bubbles are open."""
MOST_TRIED = 14
"""How many are tried for a bubble; all others are dots at most."""
TOO_SMALL = 5.0
"""Pixels of a person below which nothing is heard of them, unless they are selected or under the pointer."""


class Talk:
    """Lays out bubbles each frame of the screen and hands them to the overlay."""

    def __init__(self, view: View, design: Design, overlay: Overlay) -> None:
        self.view, self.design, self.overlay = view, design, overlay
        self.said = Said()
        self.tied: frozenset[int] = frozenset()
        self.shown = True

    def clear(self) -> None:
        """Forget everything that was said."""
        self.said.lines.clear()
        self.overlay.show_bubbles([], {}, [])

    def hear(self, lines: Sequence[Line]) -> None:
        """Take what was said."""
        self.said.hear(lines)

    def lay_out(
        self, people: People, matrix: Floats, scale: float, distance: float, blend: float, taken: Sequence[Box]
    ) -> None:
        """Place everything for this frame; scale is how many pixels a world unit is at depth 1."""
        named = [agent for agent in (self.view.hovered, self.view.chosen) if 0 <= agent < people.count]
        spoken = [agent for agent in self.said.lines if agent < people.count] if self.shown else []
        agents = np.array(list(dict.fromkeys([*named, *spoken])), np.int64)
        if not agents.size:
            self.overlay.show_bubbles([], {}, [])
            return
        surface = (float(self.overlay.width()), float(self.overlay.height()))
        sizes = people.shown_sizes(agents)
        heads = people.feet(blend, agents)
        heads[:, 2] += HEIGHT * np.maximum(sizes, 1.0) * 0.98
        screen, depth = project(matrix, heads, *surface)
        tall = np.where(depth > 0.1, scale * HEIGHT / np.maximum(depth, 1e-6), 0.0)
        seen = ((sizes > 0) & (tall >= TOO_SMALL)) | (np.isin(agents, named) & (tall > 0))
        seen &= (screen[:, 0] >= 0) & (screen[:, 0] <= surface[0])
        seen &= (screen[:, 1] >= -10) & (screen[:, 1] <= surface[1] + 40)
        weighed = sorted(
            ((self._weight(int(agents[at]), float(tall[at])), at) for at in np.flatnonzero(seen)), reverse=True
        )
        speakers: list[Speaker] = []
        words: dict[int, Words] = {}
        quiet: list[tuple[float, float]] = []
        for weight, at in weighed[: MOST_TRIED + MOST_DOTS]:
            agent, head = int(agents[at]), (float(screen[at, 0]), float(screen[at, 1]))
            if len(speakers) < MOST_TRIED:
                words[agent] = self._words(agent)
                speakers.append(Speaker(agent, head, self.overlay.size_of(words[agent]), weight))
            else:
                quiet.append(head)
        self._place(speakers, words, quiet, surface, distance, taken)

    def _place(
        self,
        speakers: Sequence[Speaker],
        words: dict[int, Words],
        quiet: Sequence[tuple[float, float]],
        surface: tuple[float, float],
        distance: float,
        taken: Sequence[Box],
    ) -> None:
        most = MOST_OPEN if distance < FAR else 3 if distance < FURTHER else 2
        before = {agent: spoken.spot for agent, spoken in self.said.lines.items()}
        placed, spots, left = lay_out(speakers, surface, taken, most, before)
        for agent, spoken in self.said.lines.items():
            spoken.is_open = agent in spots
            spoken.spot = spots.get(agent, -1)
        heads = [*(one.head for one in left if words[one.agent].text), *quiet]
        dots = [Dot(head) for head in heads if _is_free(head, placed, taken)]
        self.overlay.show_bubbles(placed, words, dots[:MOST_DOTS])

    def _weight(self, agent: int, tall: float) -> float:
        """Return how much somebody's bubble matters: chosen, tied to the chosen, near, new; open ones stay open."""
        spoken = self.said.lines.get(agent)
        weight = 10_000.0 if agent == self.view.hovered else 8_000.0 if agent in self.view.selected else 0.0
        weight += 4_000.0 if agent in self.tied else 0.0
        weight += min(tall, 400.0)
        if spoken is not None:
            weight += (150.0 if spoken.is_open else 0.0) - 10.0 * spoken.age
        return weight

    def _words(self, agent: int) -> Words:
        view = self.view
        role = colour = ""
        roles = () if view.frame is None else view.frame.columns["people.role"]
        if view.about is not None and agent < len(roles):
            entry = view.about.roles[int(roles[agent])]
            role, colour = entry.name.replace("_", " ").capitalize(), entry.colour
        spoken = self.said.lines.get(agent) if self.shown else None
        text = "" if spoken is None else spoken.line.text
        return Words(view.name(agent), role, colour or self.design.theme.soft, text)


def _is_free(head: tuple[float, float], placed: Sequence[Placed], taken: Sequence[Box]) -> bool:
    """Whether a dot over a head lies on no bubble."""
    x, y = head[0], head[1] - TAIL
    boxes = [*(one.box for one in placed), *taken]
    return not any(
        left - 9 <= x <= left + wide + 9 and top - 6 <= y <= top + high + 6 for left, top, wide, high in boxes
    )
