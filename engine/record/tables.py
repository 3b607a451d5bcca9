"""The tables of an export: what each takes from a tick, and what its columns mean."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.record.header import RunHeader
from engine.values import ARGUMENTS, CONTINUE, Outcome, Source, Thought, ThoughtChoice, TickRecord

if TYPE_CHECKING:
    import polars


class Table:
    """Rows gathered from tick after tick; `about` says what each column means."""

    name: str
    title: str
    about: Mapping[str, str]

    def __init__(self, header: RunHeader) -> None:
        self.header = header
        self.rows = 0
        self._parts: dict[str, list[Any]] = {}

    def take(self, record: TickRecord, frame: Mapping[str, NDArray[Any]]) -> None:
        """Take the rows of a tick."""
        raise NotImplementedError

    def add(self, rows: int, **columns: NDArray[Any] | Sequence[Any]) -> None:
        """Hold rows of columns until they are written."""
        self.rows += rows
        for name, values in columns.items():
            self._parts.setdefault(name, []).append(values)

    def drain(self) -> dict[str, NDArray[Any]]:
        """Return what is held, one array a column, and hold nothing."""
        parts, self._parts, self.rows = self._parts, {}, 0
        return {name: np.concatenate(values) for name, values in parts.items()}

    def columns(self, held: dict[str, NDArray[Any]]) -> dict[str, polars.Series]:
        """Return the table's columns for what was held."""
        import polars

        return {name: polars.Series(name, values) for name, values in held.items()}


class Ticks(Table):
    """One row for each tick."""

    name, title = "ticks", "One row for each tick."
    about: Mapping[str, str] = {
        "tick": "number of the tick",
        "asked": "people who were asked to decide",
        "decisions": "decisions that landed, `continue` included",
        "events": "events that happened",
        "commands": "commands of persons and of the schedule that were applied",
        "state_hash": "XXH3 of the whole state after the tick, hexadecimal",
    }

    def take(self, record: TickRecord, frame: Mapping[str, NDArray[Any]]) -> None:
        """Take the row of a tick."""
        sizes = (record.tick, record.asked.size, record.decisions.size, record.events.size, len(record.commands))
        names = ("tick", "asked", "decisions", "events", "commands")
        counts = {name: np.array([size], np.int64) for name, size in zip(names, sizes, strict=True)}
        self.add(1, **counts, state_hash=[record.state_hash.hex()])


class Decided(Table):
    """Decisions but those to carry on."""

    name, title = "decisions", "One row for each decision, but for those to carry on (`continue`)."
    about: Mapping[str, str] = {
        "tick": "tick at which it landed",
        "agent": "who decided",
        "action": "name of the action",
        **{f"argument_{k + 1}": "number; what it means depends on the action" for k in range(ARGUMENTS)},
        "asked_at": "tick at which the person was asked",
        "source": "mind, person, or the kind of fallback",
        "outcome": "done, refused, started or interrupted",
        "reason": "why it was refused, or nothing",
    }

    def take(self, record: TickRecord, frame: Mapping[str, NDArray[Any]]) -> None:
        """Take the decisions of a tick."""
        rows = np.flatnonzero(record.decisions.action != CONTINUE)
        chosen = record.decisions.take(rows)
        self.add(
            rows.size, tick=np.full(rows.size, record.tick), agent=chosen.agent, action=chosen.action, args=chosen.args,
            asked_at=chosen.asked_at, source=chosen.source, outcome=record.outcome[rows], reason=record.reason[rows],
        )  # fmt: skip

    def columns(self, held: dict[str, NDArray[Any]]) -> dict[str, polars.Series]:
        """Return the table's columns, with codes as words."""
        args = held.pop("args")
        words = {
            "action": self.header.actions,
            "source": tuple(source.name.lower() for source in Source),
            "outcome": tuple(outcome.name.lower() for outcome in Outcome),
            "reason": self.header.reasons,
        }
        held |= {f"argument_{k + 1}": args[:, k] for k in range(ARGUMENTS)}
        found = super().columns(held)
        for name, known in words.items():
            found[name] = _in_words(held[name], known, np.ones(args.shape[0], np.bool_))
        return {name: found[name] for name in self.about}


class Happened(Table):
    """Events, with a column for each value that any kind of event has."""

    name, title = "events", "One row for each event; columns that its kind does not have are empty."

    def __init__(self, header: RunHeader) -> None:
        super().__init__(header)
        self._fields: dict[str, list[tuple[int, int, str]]] = {}
        kinds: dict[str, set[str]] = {}
        for entry in header.events:
            for name, kind in entry.fields:
                kinds.setdefault(name, set()).add(kind)
        for code, entry in enumerate(header.events):
            for k, (name, kind) in enumerate(entry.fields):
                column = name if len(kinds[name]) == 1 and name not in ("tick", "kind", "agent") else f"{name}_{kind}"
                self._fields.setdefault(column, []).append((code, k, kind))
        self.about = {
            "tick": "tick at which it happened",
            "kind": "name of the kind of event",
            "agent": "to whom, or by whom",
            **{name: f"{uses[0][2]}; of {self._kinds(uses)}" for name, uses in self._fields.items()},
        }

    def _kinds(self, uses: Sequence[tuple[int, int, str]]) -> str:
        return ", ".join(dict.fromkeys(self.header.events[code].name for code, _, _ in uses))

    def take(self, record: TickRecord, frame: Mapping[str, NDArray[Any]]) -> None:
        """Take the events of a tick."""
        events = record.events
        ticks = np.full(events.size, record.tick)
        self.add(events.size, tick=ticks, kind=events.kind, agent=events.agent, values=events.values)

    def columns(self, held: dict[str, NDArray[Any]]) -> dict[str, polars.Series]:
        """Return the table's columns, with values under their names, and in words where these are known."""
        values = held.pop("values")
        found = super().columns(held)
        kinds = held["kind"]
        found["kind"] = _in_words(kinds, [entry.name for entry in self.header.events], np.ones(kinds.size, np.bool_))
        for name, uses in self._fields.items():
            column, known = np.zeros(kinds.size, np.int64), np.zeros(kinds.size, np.bool_)
            for code, k, _ in uses:
                rows = kinds == code
                column[rows], known = values[rows, k], known | rows
            found[name] = _in_words(column, self.header.words.get(uses[0][2]), known)
        return {name: found[name] for name in self.about}


class Framed(Table):
    """The frames' columns of one kind of row (agent, cell, place, world)."""

    def __init__(self, header: RunHeader, per: str) -> None:
        super().__init__(header)
        self._per = per
        self._columns = [column for column in header.frame if column.per == per]
        self.name = "frames" if per == "agent" else f"frames_{per}"
        self.title = (
            "One row for each person and tick."
            if per == "agent"
            else f"One row for each {per} at the first tick, and for each that changed at later ones."
        )
        about = {"tick": "number of the tick", per: f"number of the {per}"}
        for column in self._columns:
            exact = f", without its low {column.shift} bits" if column.shift else ""
            about |= {
                name: f"column {column.name} ({column.dtype}{exact})" for name in _parts_of(column.name, column.shape)
            }
        self.about = about
        self._before: dict[str, NDArray[Any]] = {}

    def take(self, record: TickRecord, frame: Mapping[str, NDArray[Any]]) -> None:
        """Take the frame of a tick."""
        held: dict[str, NDArray[Any]] = {}
        for column in self._columns:
            table = frame[column.name].reshape(len(frame[column.name]), -1)
            held |= {name: table[:, k] for k, name in enumerate(_parts_of(column.name, column.shape))}
        rows = np.arange(max((len(values) for values in held.values()), default=0))
        if self._per != "agent":
            before, self._before = self._before, held
            if before and all(before[name].shape == now.shape for name, now in held.items()):
                rows = np.flatnonzero(np.any([before[name] != now for name, now in held.items()], axis=0))
                held = {name: now[rows] for name, now in held.items()}
        self.add(rows.size, **{"tick": np.full(rows.size, record.tick), self._per: rows, **held})


def _parts_of(name: str, shape: tuple[int, ...]) -> list[str]:
    count = int(np.prod(shape))
    return [name] if not shape else [f"{name}_{k + 1}" for k in range(count)]


def frame_tables(header: RunHeader) -> list[Framed]:
    """Return a table for each kind of row that the frame has."""
    return [Framed(header, per) for per in dict.fromkeys(column.per for column in header.frame)]


class Thinking(Table):
    """What language models thought."""

    name, title = "thoughts", "One row for each thought of a language model."
    about: Mapping[str, str] = {
        "tick": "tick at which it landed",
        "agent": "who thought",
        "model": "name of the language model",
        "asked_at": "tick at which it was asked",
        "choices": "how many choices were shown",
        "action": "name of the action of the one chosen, or nothing",
        "probability": "of the one chosen; empty where the model could not tell",
        "words": "what was said",
        "source": "mind, or the kind of fallback where the model failed",
        "prompt_tokens": "tokens of the prompt",
        "cached_tokens": "of them those that the model knew already",
        "generated_tokens": "tokens that were written",
        "milliseconds": "how long it took",
    }

    def __init__(self, header: RunHeader, thoughts: Callable[[int], Sequence[Thought]]) -> None:
        super().__init__(header)
        self._thoughts = thoughts

    def take(self, record: TickRecord, frame: Mapping[str, NDArray[Any]]) -> None:
        """Take the thoughts that landed at a tick."""
        rows = [self._row(thought) for thought in self._thoughts(record.tick)]
        columns = dict(zip(self.about, zip(*rows, strict=True), strict=True)) if rows else {}
        self.add(len(rows), **{name: np.array(values, object) for name, values in columns.items()})

    def _row(self, thought: Thought) -> tuple[Any, ...]:
        """Return a thought's values in the order of the columns."""
        is_chosen = 0 <= thought.chosen < len(thought.choices)
        choice = thought.choices[thought.chosen] if is_chosen else ThoughtChoice(-1, ())
        actions = self.header.actions
        return (
            thought.landed, thought.agent, thought.model, thought.tick, len(thought.choices),
            actions[choice.action] if 0 <= choice.action < len(actions) else None, choice.probability, thought.words,
            thought.source.name.lower(), thought.prompt_tokens, thought.cached_tokens, thought.generated_tokens,
            thought.milliseconds,
        )  # fmt: skip

    def columns(self, held: dict[str, NDArray[Any]]) -> dict[str, polars.Series]:
        """Return the table's columns."""
        import polars

        kinds = {"probability": polars.Float64, "action": polars.String}
        return {name: polars.Series(name, values.tolist(), kinds.get(name)) for name, values in held.items()}


class Measured(Table):
    """Measures in long format."""

    name, title = "measures", "One row for each number measured."
    about: Mapping[str, str] = {
        "tick": "tick after which it was measured",
        "measure": "name of the measure",
        "position": "place in the list, from 0, where the measure is a list; else empty",
        "value": "the number",
    }

    def take(self, record: TickRecord, frame: Mapping[str, NDArray[Any]]) -> None:
        """Take the measures of a tick."""
        for name, value in record.measures.items():
            values = value if isinstance(value, list) else [value]
            places = np.arange(len(values)) if isinstance(value, list) else np.array([-1])
            ticks = np.full(len(values), record.tick)
            self.add(
                len(values), tick=ticks, measure=[name] * len(values), position=places, value=np.array(values, float)
            )

    def columns(self, held: dict[str, NDArray[Any]]) -> dict[str, polars.Series]:
        """Return the table's columns."""
        places = held["position"]
        return super().columns(held) | {"position": _in_words(places, None, places >= 0)}


class People(Table):
    """Everyone who ever lived in the run."""

    name, title = "people", "One row for each person who ever lived in the run."
    about: Mapping[str, str] = {
        "agent": "number of the person",
        "name": "name of the person, where the run file tells it",
        "first_tick": "first recorded tick",
        "last_tick": "last recorded tick at which the person was in the world",
    }

    def __init__(self, header: RunHeader, namer: Callable[[int], str]) -> None:
        super().__init__(header)
        self._namer = namer
        self._first: NDArray[np.int64] = np.zeros(0, np.int64)
        self._last: NDArray[np.int64] = np.zeros(0, np.int64)

    def take(self, record: TickRecord, frame: Mapping[str, NDArray[Any]]) -> None:
        """See who is there at a tick."""
        there = np.zeros(max(self._first.size, int(record.asked.max(initial=-1)) + 1), np.bool_)
        there[record.asked] = True
        if "people.alive" in frame:
            there = frame["people.alive"]
        new = there.size - self._first.size
        if new > 0:
            self._first = np.append(self._first, np.full(new, record.tick))
            self._last = np.append(self._last, np.full(new, record.tick))
        self._last[: there.size][there] = record.tick

    def end(self) -> None:
        """Hold the rows, once all ticks are seen."""
        people = self._first.size
        self.add(
            people, agent=np.arange(people), name=[self._namer(i) for i in range(people)],
            first_tick=self._first, last_tick=self._last,
        )  # fmt: skip


def _in_words(codes: NDArray[Any], words: Sequence[str] | None, known: NDArray[np.bool_]) -> polars.Series:
    """Return codes as their words, or as numbers where there are none; empty where not `known` or out of range."""
    import polars

    if words is None:
        return polars.Series(codes).zip_with(polars.Series(known), polars.Series([None], dtype=polars.Int64))
    inside = known & (codes >= 0) & (codes < len(words))
    places = polars.Series(np.where(inside, codes, len(words)).astype(np.int64))
    return polars.Series([*words, None], dtype=polars.String).gather(places)
