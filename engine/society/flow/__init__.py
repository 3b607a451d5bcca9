"""Flow: what studies of crowds measure, on a plane: who passes a gate, how dense people stand, how
fast they walk, and how much alike they are headed.
"""

from __future__ import annotations

import math
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from engine.errors import SocietyError
from engine.scenario.fields import Section, listed, text, whole
from engine.scenario.space import PlaneSection, Point
from engine.society.flow.gates import Gates, passed
from engine.society.module import Measure, Module, Settings
from engine.society.society import Now, Society
from engine.values import Bools, Int32s, Int64s
from engine.world import Column

GRAIN = 4096
"""Steps to a metre in which a plane keeps positions and velocities."""

BINS = (0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0)
"""Densities, people to a square metre, between which mean speeds are told apart."""

AROUND = 1
"""Cells around somebody in which others are counted for the density there."""


class GateSection(Section):
    """A line on the ground; who crosses it is counted."""

    name: Annotated[str, text("Name of the gate", 60, 1)]
    line: Annotated[
        tuple[Point, Point], Field(description="Both its ends, [east, north] in metres",
                                   json_schema_extra={"unit": "metres"})
    ]  # fmt: skip


class FlowSettings(Settings):
    """Which gates are watched, and over what time a flow is a mean."""

    gates: Annotated[tuple[GateSection, ...], listed("Lines across which people are counted", "sections", 64)] = ()
    window: Annotated[int, whole("Time over which the flow is a mean", "simulated seconds", 1, 3600)] = 10


class Flow(Module):
    """Counts at gates; densities and speeds are looked at when they are measured."""

    name = "flow"
    about = "What crowds do: flow through gates, density, speed by density, and order. For planes."
    Settings = FlowSettings

    def __init__(self, settings: Any, society: Society) -> None:
        if not isinstance(society.scenario.space, PlaneSection):
            raise SocietyError("module flow measures on a plane, but the space is of hexes; switch flow off")
        self.ticks = max(1, settings.window // society.scenario.time.tick)
        super().__init__(settings, society)

    def columns(self) -> tuple[Column, ...]:
        """Return where each was at the tick before, and who passed each gate."""
        gates = (max(1, len(self.settings.gates)),)
        return (
            Column(
                "x", np.int32, fill=-1, unit="1/4096 m", about="where the person was at the tick before, -1 outside"
            ),
            Column("y", np.int32, fill=-1, unit="1/4096 m", about="where the person was at the tick before"),
            Column(
                "there", np.int64, "world", gates, unit="people", about="who passed from the line's left to its right"
            ),
            Column("back", np.int64, "world", gates, unit="people", about="who passed the other way"),
            Column("recent", np.int32, "world", (self.ticks, *gates), unit="people", about="who passed there, by tick"),
        )

    def bind(self) -> None:
        """Take the gates as whole steps of the plane."""
        ends = np.array([gate.line for gate in self.settings.gates], np.float64).reshape(-1, 4)
        self._gates = Gates(*np.rint(ends * GRAIN).astype(np.int64).T)

    def measures(self) -> tuple[Measure, ...]:
        """Return counts and flows by gate, density, and speeds by density."""
        names = tuple(gate.name for gate in self.settings.gates)
        bins = tuple(f"{low:g} to {high:g}" for low, high in zip((0.0, *BINS), (*BINS, math.inf), strict=True))
        return (
            Measure("passed", "people", "Who passed each gate from its left to its right, less who came back.",
                    self._net, names),
            Measure("rate", "people a second", "Who passed each gate from left to right lately, a second.",
                    self._rate, names),
            Measure("density", "people a square metre", "Mean density around those who walk.", self._mean_density),
            Measure("speed", "metres a second", "Mean speed of those who walk.", self._mean_speed),
            Measure("order", "0 to 1", "How much alike those who walk are headed: the length of their mean direction.",
                    self._order),
            Measure("fundamental", "metres a second", "Mean speed of those who walk, by people a square metre.",
                    self._by_density, bins),
        )  # fmt: skip

    def settle(self, now: Now) -> None:
        """Count who passed the gates in this tick, and note where everyone is."""
        own, bodies = self.own, self.see("space")
        inside = self.society.people.alive & (bodies.cell >= 0)
        slot = now.tick % self.ticks
        own.recent[slot] = 0
        known = np.flatnonzero(inside & (own.x >= 0)).astype(np.int32)
        if self.settings.gates:
            way = (own.x[known], own.y[known], bodies.x[known], bodies.y[known])
            there, back = passed(self._gates, *(part.astype(np.int64) for part in way))
            own.there += there
            own.back += back
            own.recent[slot] = there
        own.x[:] = np.where(inside, bodies.x, -1)
        own.y[:] = np.where(inside, bodies.y, -1)

    def _net(self) -> list[float]:
        count = len(self.settings.gates)
        return [float(net) for net in (self.own.there - self.own.back)[:count]]

    def _rate(self) -> list[float]:
        count, seconds = len(self.settings.gates), self.ticks * self.society.scenario.time.tick
        lately: Int64s = self.own.recent.sum(axis=0, dtype=np.int64)
        return [float(people) / seconds for people in lately[:count]]

    def _walking(self) -> Bools:
        bodies = self.see("space")
        walking: Bools = self.society.people.alive & (bodies.cell >= 0) & (bodies.goal_kind > 0)
        return walking

    def _speeds(self, who: Int32s) -> NDArray[np.float64]:
        bodies = self.see("space")
        speeds: NDArray[np.float64] = np.hypot(bodies.u[who], bodies.v[who]) / GRAIN
        return speeds

    def _densities(self, who: Int32s) -> NDArray[np.float64]:
        """Return people to a square metre around each: others and oneself in a circle (Helbing et al. 2007, eq. 1)."""
        reach = AROUND * self.society.land.pitch
        near = np.diff(self.society.space.contacts(who, AROUND).start) + 1
        densities: NDArray[np.float64] = near / (math.pi * reach * reach)
        return densities

    def _mean_density(self) -> float:
        who = np.flatnonzero(self._walking()).astype(np.int32)
        return float(self._densities(who).mean()) if who.size else 0.0

    def _mean_speed(self) -> float:
        who = np.flatnonzero(self._walking()).astype(np.int32)
        return float(self._speeds(who).mean()) if who.size else 0.0

    def _order(self) -> float:
        """Return the order parameter of Vicsek et al. 1995, Phys. Rev. Lett. 75, 1226, over those who move."""
        who = np.flatnonzero(self._walking()).astype(np.int32)
        speeds = self._speeds(who)
        bodies, moving = self.see("space"), speeds > 0
        along = np.stack([bodies.u[who], bodies.v[who]])[:, moving] / (GRAIN * speeds[moving])
        return float(np.hypot(*along.mean(axis=1))) if moving.any() else 0.0

    def _by_density(self) -> list[float]:
        who = np.flatnonzero(self._walking()).astype(np.int32)
        where, speeds = np.searchsorted(BINS, self._densities(who), side="right"), self._speeds(who)
        counts = np.bincount(where, minlength=len(BINS) + 1)
        sums = np.bincount(where, speeds, minlength=len(BINS) + 1)
        return [float(total / count) if count else 0.0 for total, count in zip(sums, counts, strict=True)]
