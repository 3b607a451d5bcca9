"""`MesaFramesSpace`: the same Space with a mesa-frames model that holds where everyone is.

mesa-frames 0.1.0a0 (https://github.com/adamamer20/mesa_frames) keeps people and positions in polars data frames.
Entering, leaving and moving go through its grid and are read back from it. Its hexagonal neighbourhoods miss cells, its
torus merges them, its capacity is not kept and its randomness knows no seed, so those stay ours: both spaces give the
same state at every tick. Its rows change their order from call to call; nothing here depends on it.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import SpaceError
from engine.rng import Rng
from engine.society.places import Places
from engine.spaces.hex.space import HexSpace
from engine.spaces.hex.terrain import Terrain
from engine.values import Int32s, Int64s
from engine.world import World

MEND = "install it with `uv pip install -e '.[frames]'`, or set space.backend to hex"


class MesaFramesSpace(HexSpace):
    """The Space protocol with positions held by a mesa-frames grid; all else is `HexSpace`."""

    def __init__(
        self,
        world: World,
        places: Places,
        terrain: Terrain,
        capacity: int,
        substeps: int,
        pitch_metres: float,
        tick_seconds: int,
        rng: Rng,
    ) -> None:
        """Survey the map, declare the columns and make the model; as `HexSpace`.

        Raises SpaceError also when mesa-frames is missing or does not load.
        """
        self._frames, self._polars = _libraries()
        self._model: Any = None
        self._members = 0
        super().__init__(world, places, terrain, capacity, substeps, pitch_metres, tick_seconds, rng)

    @property
    def model(self) -> Any:
        """The mesa-frames model that holds the positions; `rebuild` makes a new one."""
        return self._model

    def enter(self, agents: Int32s, cells: Int32s) -> None:
        """Put people into the space; see `Space`."""
        super().enter(agents, cells)
        if self._members < self.world.count:
            self._populate()
        else:
            self._place(np.unique(agents))
        self._read()

    def _leave(self, who: Int32s) -> None:
        known = self._model.space.agents["agent_id"].to_numpy()
        gone = np.intersect1d(known, who)
        super()._leave(who)
        if gone.size:
            with _quiet():
                self._model.space.remove_agents(self._ids_of(gone))

    def move(self, tick: int) -> None:
        """Move everyone by one tick: from where the grid has them, to where the grid has them after its own move."""
        self._read()
        before = self._own.cell.copy()
        super().move(tick)
        moved = np.flatnonzero(before != self._own.cell)
        if moved.size:
            wanted = self._own.cell.copy()
            with _quiet():
                self._model.space.move_agents(self._ids_of(moved), self._positions(moved))
            self._read()
            if not np.array_equal(wanted, self._own.cell):
                raise SpaceError(f"mesa-frames lost a move at tick {tick}; set space.backend to hex")

    def rebuild(self) -> None:
        """Make the index and the model anew from the World's columns; see `Space`."""
        super().rebuild()
        self._populate()

    def _populate(self) -> None:
        """Make a model whose agent set has every id given so far and whose grid has everyone who is in the space."""
        frames, polars = self._frames, self._polars
        self._members = self.world.count

        with _quiet():
            model = frames.ModelDF(seed=0)
            people = type("People", (frames.AgentSetPolars,), {"step": lambda _: None})(model)
            people.add(polars.DataFrame({"unique_id": np.arange(self._members, dtype=np.int64)}))
            model.agents += people
            model.space = frames.GridPolars(
                model,
                [self.grid.width, self.grid.height],
                torus=self.grid.torus,
                capacity=None,
                neighborhood_type="hexagonal",
            )
        self._model = model
        self._place(np.flatnonzero(self.world.alive & (self._own.cell >= 0)))

    def _place(self, who: NDArray[Any]) -> None:
        if who.size:
            with _quiet():
                self._model.space.place_agents(self._ids_of(who), self._positions(who))

    def _read(self) -> None:
        """Take the positions over from the grid."""
        held = self._model.space.agents
        column, row = held["dim_0"].to_numpy(), held["dim_1"].to_numpy()
        who: Int64s = held["agent_id"].to_numpy()
        self._own.cell[who] = row * self.grid.width + column

    def _ids_of(self, who: NDArray[Any]) -> Any:
        return self._polars.Series("agent_id", who.astype(np.int64))

    def _positions(self, who: NDArray[Any]) -> Any:
        row, column = np.divmod(self._own.cell[who].astype(np.int64), self.grid.width)
        return self._polars.DataFrame({"dim_0": column, "dim_1": row})


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence what mesa-frames makes newer polars warn of."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _libraries() -> tuple[Any, Any]:
    os.environ.setdefault("POLARS_MAX_THREADS", "1")  # threads cost more than they give on so few rows
    try:
        with _quiet():
            return import_module("mesa_frames"), import_module("polars")
    except ImportError as error:
        raise SpaceError(f"space.backend is mesa-frames, which does not load ({error}); {MEND}") from error
