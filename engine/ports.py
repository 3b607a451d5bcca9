"""The protocols that hold the house together. They carry batches; `tests/contract` holds the suites for each.

Space, Mind and Recorder are all that the runner knows of the outside. Nothing per agent is a Python object in the tick.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.values import Bools, Csr, Decisions, Int16s, Int32s, Observations, Thought, TickRecord


class Space(Protocol):
    """Where bodies are: it places and moves them and answers who is near whom.

    Its state is the World's columns `space.*`; whatever else it keeps is derived from them by `rebuild`.
    """

    @property
    def cells(self) -> int:
        """The number of cells (hex) or of navigation cells (plane)."""
        ...

    def enter(self, agents: Int32s, cells: Int32s) -> None:
        """Put people into the space at these cells, or into the nearest passable cells with room, by agent order."""
        ...

    def leave(self, agents: Int32s) -> None:
        """Take people out of the space; they are nobody's contact and fill no room from now on."""
        ...

    def head_for_place(self, agents: Int32s, places: Int32s) -> None:
        """Set people walking to places; they stop by themselves inside the place's radius."""
        ...

    def head_for_agent(self, agents: Int32s, targets: Int32s) -> None:
        """Set people walking towards other people, wherever these go, until they are beside them."""
        ...

    def stroll(self, agents: Int32s) -> None:
        """Set people walking about at random near where they are, until `halt`."""
        ...

    def halt(self, agents: Int32s) -> None:
        """Let people stand."""
        ...

    def arrived(self, agents: Int32s) -> Bools:
        """Whether each is where it was heading (True also for those who were not heading anywhere)."""
        ...

    def stuck(self, agents: Int32s) -> Bools:
        """Whether each has been unable to come nearer to its goal for a number of steps that the space states."""
        ...

    def move(self, tick: int) -> None:
        """Move everyone by one tick, `substeps` steps, in an order drawn anew for each step."""
        ...

    def contacts(self, agents: Int32s, radius: int) -> Csr:
        """Return who is within `radius` cells of each, itself excluded, ordered by (distance, id)."""
        ...

    def nearest(self, agents: Int32s, cells: Bools) -> Int32s:
        """Return the nearest cell of the mask for each (int32, -1 if none), ties to the smallest cell."""
        ...

    def place_distance(self, agents: Int32s, places: Int32s) -> Int32s:
        """Return the way to a place in tenths of a path step, int32; 2^30 where there is no way."""
        ...

    def place_distances(self, agents: Int32s, places: Int32s) -> Int32s:
        """Return the same for every pair, int32[len(agents), len(places)]."""
        ...

    def set_doors(self, building: str, door: int | None, shut: bool) -> None:
        """Shut or open one of a building's doors, counted from 0, or all of them. SpaceError: there is no such door."""
        ...

    def set_speed(self, agents: Int32s, centimetres: Int32s) -> None:
        """Set walking speeds in centimetres a second, on a path."""
        ...

    def distance(self, cells: Int32s, others: Int32s) -> Int32s:
        """Return the distance between cells in cells as the crow flies."""
        ...

    def neighbourhood(self, cells: Int32s, radius: int) -> Csr:
        """Return the cells within `radius` of each, itself first, ordered by (distance, cell)."""
        ...

    def rebuild(self) -> None:
        """Make all that is derived anew from the World's columns, after these were restored or people came or went."""
        ...


class Mind(Protocol):
    """Who decides. Asked with a whole batch; answers may come some ticks later, each with the tick of its asking."""

    def ask(self, batch: Observations) -> None:
        """Take a batch of observations; each asked agent gets exactly one answer, sooner or later."""
        ...

    def answers(self, wait: bool) -> Decisions:
        """Return the decisions that are ready; with `wait` (lockstep) all that were asked for."""
        ...

    def snapshot(self) -> bytes:
        """Return what the mind needs to go on after a restore, requests in flight included."""
        ...

    def restore(self, data: bytes) -> None:
        """Go on from a snapshot. Raise MindError when it is not one of this mind's."""
        ...


class Aside(Protocol):
    """What minds put off until after a tick, so that the tick is short; done on the tick's thread, little by little."""

    def rest(self) -> float | None:
        """Return in how many seconds there is some, 0 for now; None while there is none to come."""
        ...

    def work_aside(self) -> None:
        """Do a little of it: some milliseconds."""
        ...


class Store(Protocol):
    """Named rows that a mind or module keeps in the run file; buffered, and committed with the tick."""

    def put(self, key: str, value: bytes) -> None:
        """Set a row; seen by `get` at once, on disk with the tick."""
        ...

    def get(self, key: str) -> bytes | None:
        """Return a row, or None."""
        ...

    def keys(self) -> Sequence[str]:
        """Return all keys in order."""
        ...


class Recorder(Protocol):
    """The run file's only writer."""

    def commit(self, record: TickRecord) -> None:
        """Write a tick in one transaction, with all rows put into stores since the last. Ticks come without gaps."""
        ...

    def note(self, thoughts: Sequence[Thought]) -> None:
        """Keep what language models thought; buffered, and committed with the tick."""
        ...

    def store(self, owner: str) -> Store:
        """Lend a named store."""
        ...

    def close(self) -> None:
        """Finish: after this the run is one file."""
        ...


class Attention(Protocol):
    """Who thinks at a tick, under a budget."""

    def pick(self, tick: int, people: PeopleColumns) -> tuple[Int32s, NDArray[np.uint8]]:
        """Return the agents to ask (int32, ascending) and why (uint8, `Asked`)."""
        ...


class PeopleColumns(Protocol):
    """The columns of the World that attention and minds may read. All of length n (every id given so far).

    A person counts as stirred while `stirred > asked`: something happened since the last asking. `thinking` is the tick
    of the asking whose answer is still to come, or -1.
    """

    alive: Bools
    driven: Bools
    role: NDArray[np.uint8]
    mind: NDArray[np.uint8]
    action: Int16s
    until: Int32s
    asked: Int32s
    stirred: Int32s
    thinking: Int32s


Weights = Mapping[str, Mapping[str, int]]
"""Role -> appeal -> weight (100 is neutral)."""
