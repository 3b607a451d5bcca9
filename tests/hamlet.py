"""The hamlet: a small society that has everything on."""

from __future__ import annotations

import os
from collections.abc import Callable

from app.compose import Laboratory, compose, read_scenario, sections
from engine.scenario import Scenario, set_paths
from engine.values import TickRecord

SOAK = os.environ.get("SOCIARIUM_SOAK") == "1"

HAMLET = """
sociarium: 1
name: hamlet
seed: 11
time: {tick: 120, ticks: 120}
space: {width: 30, height: 30, substeps: 3, pitch: 40}
terrain: {houses: 10, workshops: 1, fields: 3}
resources:
  - {good: grain, on: [field], most: 6, start: 4, regrowth: 6}
  - {good: berries, on: [forest, meadow], most: 2, regrowth: 0.5}
  - {good: wood, on: [forest], most: 4, regrowth: 0.5}
population: {count: 60, roles: {citizen: 0.7, merchant: 0.2, leader: 0.1}}
roles:
  citizen: {}
  merchant: {weights: {trade: 200}}
  leader: {may: [call]}
modules: {drives: {}, goods: {}, trade: {}, ties: {}, news: {}, talk: {}, calls: {}}
events:
  - {at: 20, do: add_people, people: 70, role: citizen}
  - {at: 40, do: remove_people, people: 15}
  - {at: 50, do: announce, text: The bridge is open again}
  - {at: 60, do: set, path: modules.drives.hunger, value: 3000}
measures: {every: 20}
record: {checkpoint_every: 32, min_free_mb: 0}
"""
"""Every module is on; people come (past the spare capacity) and go, and a setting changes on the way."""


def hamlet() -> Scenario:
    """Return the hamlet's scenario."""
    return read_scenario(HAMLET, "hamlet")


def changed(scenario: Scenario, **values: str) -> Scenario:
    """Return the scenario with fields set; `__` stands for a dot in a path."""
    return set_paths(scenario, [(path.replace("__", "."), value) for path, value in values.items()], sections())


def founded(scenario: Scenario) -> Laboratory:
    """Return a society that has just been founded, without a run file."""
    laboratory = compose(scenario)
    laboratory.found()
    return laboratory


def hashes(laboratory: Laboratory, ticks: int, watch: Callable[[TickRecord], None] = lambda _: None) -> list[str]:
    """Run on for some ticks and return the state hash of each."""
    seen = []
    for _ in range(ticks):
        record = laboratory.runner.tick()
        watch(record)
        seen.append(record.state_hash.hex())
    return seen
