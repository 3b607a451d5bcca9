"""What people say aloud in a tick: short lines that fit a bubble. Shown, never stored.

A line is what a language model wrote for the decision that the event comes of, or else a phrase of the event's kind.
A talk is told of when it ends, so a model's words are kept from the decision until then.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from engine.actions.definition import EventKind
from engine.record.reader import RunReader
from engine.society.society import Society
from engine.values import Events, Thought

MOST_LINES = 64
"""Lines of one tick; of more, some from all over."""
LONGEST_LINE = 140


MOST_SPEAKERS = 1 << 16
"""People whose last words are kept in memory."""


class Words(NamedTuple):
    """What somebody said with a decision."""

    action: int
    args: tuple[int, ...]
    text: str


NO_WORDS: Mapping[int, Words] = MappingProxyType({})


class LastWords:
    """The last words of each person, for as many as there is room for. No part of the state: a view's memory."""

    def __init__(self) -> None:
        self.last: OrderedDict[int, Words] = OrderedDict()
        """By person, the one who spoke longest ago first."""

    def note(self, thoughts: Sequence[Thought]) -> None:
        """Keep the words of these thoughts."""
        for thought in thoughts:
            words = _words(thought)
            if words is not None:
                self.last[thought.agent] = words
                self.last.move_to_end(thought.agent)
        while len(self.last) > MOST_SPEAKERS:
            self.last.popitem(last=False)


def words_at(reader: RunReader, tick: int, events: Events) -> Mapping[int, Words]:
    """Return the last words of those to whom something happened at a tick, as the run file has them."""
    found = {
        agent: _words(thought) for agent, thought in reader.thinking.last_words(events.agent.tolist(), tick).items()
    }
    return {agent: words for agent, words in found.items() if words is not None}


def _words(thought: Thought) -> Words | None:
    if not thought.words or not 0 <= thought.chosen < len(thought.choices):
        return None
    choice = thought.choices[thought.chosen]
    return Words(choice.action, choice.args, thought.words)


def spoken(tick: int, events: Events, society: Society, words: Mapping[int, Words] = NO_WORDS) -> list[list[Any]]:
    """Return lines [tick, agent, text, to]; `to` is -1 where nobody in particular is spoken to.

    `words` are the last ones of people, who say them in the event that comes of their decision.
    """
    kinds = society.log.kinds
    speaks = np.array([kind.spoken is not None for kind in kinds], np.bool_)
    rows = np.flatnonzero(speaks[events.kind]) if events.size else np.zeros(0, np.int64)
    if rows.size > MOST_LINES:
        rows = rows[np.linspace(0, rows.size - 1, MOST_LINES).astype(np.int64)]
    lines: list[list[Any]] = []
    with society.recalling():
        for row in rows.tolist():
            kind, agent, values = int(events.kind[row]), int(events.agent[row]), events.values[row].tolist()
            said = words.get(agent)
            fits = said is not None and _comes_of(kinds[kind], values, said, society)
            text = said.text if said and fits else society.says(kind, agent, values, draw(agent, tick))
            if text:
                to = next((values[i] for i, field in enumerate(kinds[kind].fields) if field.kind == "agent"), -1)
                lines.append([tick, agent, _clipped(text), to])
    return lines


def _comes_of(kind: EventKind, values: Sequence[int], words: Words, society: Society) -> bool:
    """Whether an event is that of the decision that the words go with: of the same parameters with the same values."""
    if not 0 <= words.action < len(society.actions):
        return False
    wanted = [parameter.kind for parameter in society.actions[words.action].parameters]
    count = len(wanted)
    return wanted == [field.kind for field in kind.fields] and list(words.args[:count]) == list(values[:count])


def draw(agent: int, tick: int) -> int:
    """Return a number that chooses among phrasings: always the same for the same person and tick."""
    mixed = (agent * 0x9E3779B1 ^ tick * 0x85EBCA77) & 0xFFFFFFFF
    return (mixed ^ mixed >> 15) * 0x2C1B3C6D >> 12 & 0xFFFF


def _clipped(text: str) -> str:
    if len(text) <= LONGEST_LINE:
        return text
    return f"{text[: LONGEST_LINE - 1].rsplit(' ', 1)[0].rstrip(' ,;:')}…"
