"""What people say aloud in a tick: short lines that fit a bubble, made from events. Shown, never stored."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.society.society import Society
from engine.values import Events

MOST_LINES = 64
"""Lines of one tick; of more, some from all over."""
LONGEST_LINE = 140


def spoken(tick: int, events: Events, society: Society) -> list[list[Any]]:
    """Return lines [tick, agent, text, to]; `to` is -1 where nobody in particular is spoken to."""
    kinds = society.log.kinds
    speaks = np.array([kind.spoken is not None for kind in kinds], np.bool_)
    rows = np.flatnonzero(speaks[events.kind]) if events.size else np.zeros(0, np.int64)
    if rows.size > MOST_LINES:
        rows = rows[np.linspace(0, rows.size - 1, MOST_LINES).astype(np.int64)]
    lines: list[list[Any]] = []
    with society.recalling():
        for row in rows.tolist():
            kind, agent, values = int(events.kind[row]), int(events.agent[row]), events.values[row].tolist()
            text = society.says(kind, agent, values, draw(agent, tick))
            if text:
                to = next((values[i] for i, field in enumerate(kinds[kind].fields) if field.kind == "agent"), -1)
                lines.append([tick, agent, _clipped(text), to])
    return lines


def draw(agent: int, tick: int) -> int:
    """Return a number that chooses among phrasings: always the same for the same person and tick."""
    mixed = (agent * 0x9E3779B1 ^ tick * 0x85EBCA77) & 0xFFFFFFFF
    return (mixed ^ mixed >> 15) * 0x2C1B3C6D >> 12 & 0xFFFF


def _clipped(text: str) -> str:
    if len(text) <= LONGEST_LINE:
        return text
    return f"{text[: LONGEST_LINE - 1].rsplit(' ', 1)[0].rstrip(' ,;:')}…"
