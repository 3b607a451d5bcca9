"""The script mind: people who do what a file says, at the tick it says.

A script is a YAML list or a CSV table:

    - {tick: 40, agent: 7, action: go_to_place, arguments: [market]}          tick,agent,action,arguments
    - {tick: 90, agent: 7, action: rest}                                      40,7,go_to_place,market

An argument is a number, or a name where the action's parameter has names (a place, a good). In CSV every column after
`action` is an argument. Between two entries a person carries on with what it is doing.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from cognition.minds.framing import pack, pack_decisions, part, unpack, unpack_decisions
from engine.errors import MindError, Problem, ScenarioError, SociariumError
from engine.ports import Mind, PeopleColumns
from engine.scenario.reading import Bounds, Node, read_yaml, scalar_value, shorten
from engine.values import ARGUMENTS, CONTINUE, Bools, Decisions, Int16s, Int32s, Int64s, Observations

MOST_ENTRIES = 100_000
MOST_PROBLEMS = 20

_KIND = "script"
_BOUNDS = Bounds(size=8 << 20, values=12 * MOST_ENTRIES, depth=8)
_FIELDS = ("tick", "agent", "action", "arguments")
_SHAPE = "write {tick: 40, agent: 7, action: rest}"
_LAST = 2**31 - 1

Number = Callable[[str, object], int]
"""(kind of parameter, what is written) -> the number of a name; raises SociariumError for one that does not exist."""


class Entry(NamedTuple):
    """One line of a script: at `tick` the `agent` decides for the action with this code and these arguments."""

    tick: int
    agent: int
    action: int
    args: tuple[int, ...] = ()


@dataclass(frozen=True)
class Script:
    """Entries as columns, by agent and tick: key int64[e] (agent * 2^32 + tick), action int16[e], args int32[e,4]."""

    key: Int64s
    action: Int16s
    args: Int32s

    @staticmethod
    def of(entries: Iterable[Entry]) -> Script:
        """Return the script of these entries; of two for the same agent and tick the later one counts."""
        rows = {(entry.agent << 32) + entry.tick: entry for entry in entries}
        order = sorted(rows)
        args = np.zeros((len(order), ARGUMENTS), np.int32)
        for row, key in enumerate(order):
            args[row, : len(rows[key].args)] = rows[key].args
        return Script(np.array(order, np.int64), np.array([rows[key].action for key in order], np.int16), args)


class ScriptMind:
    """Decides as the script says for the people in it; the fallback decides for everyone else.

    A person carries on (`continue`) between entries. With `people` (the World's columns) an entry that was missed,
    since attention did not ask at its tick, is decided at the next asking (of several the latest); without, it is left
    out. It does not look whether an action is legal: act does, and refuses with a reason. Between ticks the mind has no
    state but what the fallback keeps, so it is the same after a seek, a branch and a resume.
    """

    def __init__(
        self, script: Script | Sequence[Entry], fallback: Mind | None = None, people: PeopleColumns | None = None
    ) -> None:
        self._script = script if isinstance(script, Script) else Script.of(script)
        self._agents = np.unique(self._script.key >> 32)
        self._fallback = fallback
        self._people = people
        self._ready: list[Decisions] = []

    def ask(self, batch: Observations) -> None:
        """Decide at once for those in the script; hand the others on."""
        own = self._has(batch.agent) if self._fallback is not None else np.ones(batch.size, np.bool_)
        if own.any():
            agents = batch.agent[own]
            action, args = self._decide(batch.tick, agents)
            self._ready.append(Decisions.of(agents, action, args, batch.tick))
        if self._fallback is not None:
            self._fallback.ask(batch.take(~own) if own.any() else batch)

    def answers(self, wait: bool) -> Decisions:
        """Return what is decided, in ascending order of agents."""
        ready, self._ready = self._ready, []
        others = Decisions.none() if self._fallback is None else self._fallback.answers(wait)
        if not ready:
            return others
        joined = Decisions.join([*ready, others])
        return joined.take(np.argsort(joined.agent, kind="stable"))

    def _has(self, agents: Int32s) -> Bools:
        if not self._agents.size:
            return np.zeros(agents.size, np.bool_)
        place = np.minimum(np.searchsorted(self._agents, agents), self._agents.size - 1)
        return np.equal(self._agents[place], agents)

    def _decide(self, tick: int, agents: Int32s) -> tuple[Int16s, Int32s]:
        """Return action int16[m] and args int32[m,4]: the last entry since the last asking, else `continue`."""
        action = np.full(agents.size, CONTINUE, np.int16)
        args = np.zeros((agents.size, ARGUMENTS), np.int32)
        if self._script.key.size:
            now = (agents.astype(np.int64) << 32) + tick
            row = np.searchsorted(self._script.key, now, side="right") - 1
            since = now - 1
            if self._people is not None:
                asked = np.minimum(self._people.asked[agents], tick - 1)
                since = now - (tick - asked)
            due = np.flatnonzero((row >= 0) & (self._script.key[row] > since))
            action[due], args[due] = self._script.action[row[due]], self._script.args[row[due]]
        return action, args

    def snapshot(self) -> bytes:
        """Return what is decided and not handed out, and the fallback's snapshot."""
        others = b"" if self._fallback is None else self._fallback.snapshot()
        return pack(_KIND, {"ready": pack_decisions(Decisions.join(self._ready)), "fallback": others})

    def restore(self, data: bytes) -> None:
        """Go on from a snapshot. Raises MindError when it is damaged or another mind's."""
        parts = unpack(_KIND, data)
        ready = unpack_decisions(_KIND, part(_KIND, parts, "ready"))
        if self._fallback is not None:
            self._fallback.restore(part(_KIND, parts, "fallback"))
        self._ready = [ready] if ready.size else []


def load_script(
    path: Path,
    actions: Mapping[str, int],
    parameters: Mapping[str, Sequence[str]] | None = None,
    number: Number | None = None,
) -> Script:
    """Read a script from a `.yaml`, `.yml` or `.csv` file.

    actions: name -> code; parameters: name -> the kinds of its parameters (then their number must fit); number: turns
    the names of arguments into numbers. Raises MindError with every problem found: file, line, what is wrong, the mend.
    """
    origin = str(path)
    text = _read_text(path)
    if path.suffix.lower() in (".yaml", ".yml"):
        rows, problems = _yaml_rows(text, origin)
    elif path.suffix.lower() == ".csv":
        rows, problems = _csv_rows(text, origin)
    else:
        raise _failed(origin, "is neither .yaml nor .csv", "name the script's file with one of these endings")
    reader = _Rows(actions, parameters, number, problems)
    entries = [entry for row in rows if (entry := reader.entry(row)) is not None]
    if reader.problems:
        more = len(reader.problems) - MOST_PROBLEMS
        told = reader.problems[:MOST_PROBLEMS]
        if more > 0:
            told.append(Problem("", None, f"{more} more problems", "mend these first"))
        raise MindError(str(ScenarioError(origin, told)))
    return Script.of(entries)


class _Row(NamedTuple):
    """One entry as it is written, with its line and its path in the document."""

    line: int
    path: str
    values: Mapping[str, object]
    arguments: Sequence[object]


class _Rows:
    """Turns what is written into entries, noting problems."""

    def __init__(
        self,
        actions: Mapping[str, int],
        parameters: Mapping[str, Sequence[str]] | None,
        number: Number | None,
        problems: list[Problem],
    ) -> None:
        self.actions = actions
        self.parameters = parameters
        self.number = number
        self.problems = problems
        self.lines: dict[tuple[int, int], int] = {}

    def entry(self, row: _Row) -> Entry | None:
        before = len(self.problems)
        tick, agent = self._whole(row, "tick"), self._whole(row, "agent")
        name = row.values.get("action")
        if not isinstance(name, str) or name not in self.actions:
            known = shorten(", ".join(sorted(self.actions)), 300)
            self._note(row, f"there is no action {shorten(str(name))!r}", f"use one of: {known}")
            return None
        args = self._arguments(row, name)
        if len(self.problems) > before:
            return None
        if (tick, agent) in self.lines:
            first = self.lines[tick, agent]
            self._note(row, f"person {agent} decides twice at tick {tick}, first in line {first}", "keep one")
            return None
        self.lines[tick, agent] = row.line
        return Entry(tick, agent, self.actions[name], args)

    def _whole(self, row: _Row, field: str) -> int:
        value = row.values.get(field)
        if type(value) is int and 0 <= value <= _LAST:
            return value
        self._note(row, f"{field} is {shorten(str(value))!r}", f"write a whole number of 0..{_LAST}")
        return 0

    def _arguments(self, row: _Row, name: str) -> tuple[int, ...]:
        kinds = None if self.parameters is None else self.parameters.get(name, ())
        most = ARGUMENTS if kinds is None else len(kinds)
        if len(row.arguments) > most or (kinds is not None and len(row.arguments) < most):
            wanted = f"up to {most}" if kinds is None else str(most)
            self._note(row, f"{name} has {len(row.arguments)} arguments", f"give it {wanted}")
            return ()
        return tuple(self._argument(row, "" if kinds is None else kinds[i], v) for i, v in enumerate(row.arguments))

    def _argument(self, row: _Row, kind: str, value: object) -> int:
        try:
            if type(value) is not int and self.number is not None and kind:
                value = self.number(kind, value)
        except SociariumError as error:
            what, _, mend = str(error).partition("; ")
            self._note(row, shorten(what, 200), mend or "check the name")
            return 0
        if type(value) is int and -_LAST <= value <= _LAST:
            return value
        self._note(row, f"the argument {shorten(str(value))!r} is not a number", "write a whole number within 32 bits")
        return 0

    def _note(self, row: _Row, what: str, mend: str) -> None:
        self.problems.append(Problem(row.path, row.line, what, mend))


def _read_text(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            data = stream.read(_BOUNDS.size + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise _failed(str(path), f"cannot be read ({reason})", "check the name and the permissions") from error
    if len(data) > _BOUNDS.size:
        raise _failed(str(path), f"is larger than {_BOUNDS.size} bytes", "split the script or shorten it")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _failed(str(path), "is not UTF-8 text", "save the file as UTF-8", line) from error


def _failed(origin: str, what: str, mend: str, line: int | None = None) -> MindError:
    return MindError(str(ScenarioError(origin, [Problem("", line, what, mend)])))


def _yaml_rows(text: str, origin: str) -> tuple[Iterator[_Row], list[Problem]]:
    try:
        root, problems = read_yaml(text, origin, _BOUNDS)
    except ScenarioError as error:
        raise MindError(str(error)) from error
    if not isinstance(root.value, list):
        raise _failed(origin, "is not a list of entries", f"begin each with `- `: {_SHAPE}", root.line)
    if len(root.value) > MOST_ENTRIES:
        raise _failed(origin, f"holds more than {MOST_ENTRIES} entries", "split the script")
    return (row for i, node in root.below.items() if (row := _yaml_row(node, f"[{i}]", problems)) is not None), problems


def _yaml_row(node: Node, path: str, problems: list[Problem]) -> _Row | None:
    if not isinstance(node.value, dict):
        problems.append(Problem(path, node.line, "is not an entry", _SHAPE))
        return None
    odd = [key for key in node.value if key not in _FIELDS]
    if odd:
        problems.append(Problem(path, node.line, f"has the field {shorten(odd[0])!r}", f"use {', '.join(_FIELDS)}"))
        return None
    arguments = node.value.get("arguments")
    if not isinstance(arguments, list):
        arguments = [] if arguments is None else [arguments]
    return _Row(node.line, path, node.value, arguments)


def _csv_rows(text: str, origin: str) -> tuple[Iterator[_Row], list[Problem]]:
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[_Row] = []
    problems: list[Problem] = []
    try:
        header = [cell.strip().lower() for cell in next(lines, [])]
        if header[:3] != list(_FIELDS[:3]):
            raise _failed(origin, "has no header", "let the first line be tick,agent,action,arguments", 1)
        for cells in lines:
            values = [_cell(cell) for cell in cells]
            while values and values[-1] is None:
                values.pop()
            if not values:
                continue
            if len(rows) == MOST_ENTRIES:
                raise _failed(origin, f"holds more than {MOST_ENTRIES} entries", "split the script")
            if len(values) < 3:
                problems.append(Problem("", lines.line_num, "is cut off", "write tick,agent,action"))
                continue
            fields = dict(zip(_FIELDS, values[:3], strict=False))
            rows.append(_Row(lines.line_num, "", fields, values[3:]))
    except csv.Error as error:
        raise _failed(origin, f"is not CSV ({error})", "check quotes and commas", lines.line_num) from error
    return iter(rows), problems


def _cell(cell: str) -> object:
    try:
        return scalar_value(cell.strip())
    except ValueError:
        return cell.strip()
