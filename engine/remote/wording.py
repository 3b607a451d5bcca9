"""How a run's numbers read: by a society that is put together again, or by what the file says of itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from engine.record.header import RunHeader
from engine.society.society import NOTHING, Society
from engine.values import CONTINUE, Source


class Wording(Protocol):
    """Turns numbers of a run into words."""

    def name(self, agent: int) -> str:
        """Return a person's name."""
        ...

    def words(self, kind: str, number: int) -> str:
        """Return how a number of a kind reads."""
        ...

    def event(self, kind: int, agent: int, values: Sequence[int]) -> str:
        """Return an event as a sentence."""
        ...

    def decision(self, action: int, args: Sequence[int]) -> str:
        """Return a decision in words that hold at any time."""
        ...


class SocietyWording:
    """Words by a society of the run; those of news are as the society knows them."""

    def __init__(self, society: Society) -> None:
        self._society = society
        fleeting = {"subject", *(kind for module in society.modules.values() for kind in module.fleeting)}
        self.fleeting = frozenset(
            code for code, kind in enumerate(society.log.kinds) if any(field.kind in fleeting for field in kind.fields)
        )
        """Kinds of event whose sentence tells of something that stands for nothing later."""

    def name(self, agent: int) -> str:
        """Return a person's name."""
        return self._society.name(agent)

    def words(self, kind: str, number: int) -> str:
        """Return how a number of a kind reads."""
        return self._society.words(kind, number)

    def event(self, kind: int, agent: int, values: Sequence[int]) -> str:
        """Return an event as a sentence."""
        with self._society.recalling():
            return self._society.sentence(kind, agent, values)

    def decision(self, action: int, args: Sequence[int]) -> str:
        """Return a decision in words that hold at any time."""
        if not 0 <= action < len(self._society.actions):
            return NOTHING[2]
        with self._society.recalling():
            return self._society.actions[action].recalls(args)


class HeaderWording:
    """Words by a run file's header alone: for runs that this program cannot put together again. People are numbers."""

    def __init__(self, header: RunHeader) -> None:
        self._header = header

    def name(self, agent: int) -> str:
        """Return a person's number."""
        return f"#{agent}"

    def words(self, kind: str, number: int) -> str:
        """Return how a number of a kind reads, as far as the header knows."""
        if kind == "agent":
            return self.name(number)
        if kind == "coins":
            return "1 coin" if number == 1 else f"{number} coins"
        lists = {"action": self._header.actions, "reason": self._header.reasons, **self._header.words}
        if kind in lists:
            return lists[kind][number] if 0 <= number < len(lists[kind]) else NOTHING[0]
        return "a piece of news" if kind == "fact" else str(number)

    def event(self, kind: int, agent: int, values: Sequence[int]) -> str:
        """Return an event as a sentence."""
        if not 0 <= kind < len(self._header.events):
            return NOTHING[2]
        entry = self._header.events[kind]
        said = entry.text.replace("{agent}", self.name(agent))
        for (field, of), value in zip(entry.fields, values, strict=False):
            said = said.replace(f"{{{field}}}", self.words(of, value))
        return said

    def decision(self, action: int, args: Sequence[int]) -> str:
        """Return the name of the action."""
        actions = self._header.actions
        return actions[action].replace("_", " ") if 0 <= action < len(actions) else NOTHING[2]


def source_words(source: int) -> str:
    """Return where a decision came from: "mind", "person", "fallback (timeout)"."""
    if source not in tuple(Source):
        return NOTHING[2]
    name = Source(source).name.lower().replace("_", " ")
    return f"fallback ({name.removeprefix('fallback ')})" if Source(source).is_fallback else name


def is_carrying_on(action: int) -> bool:
    """Whether a decision is to go on as before."""
    return action == CONTINUE
