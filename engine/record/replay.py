"""Replay: a runner driven by a run file instead of by its minds. Seeking and verifying rest on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from engine.errors import ReplayError, RunFileError, SocietyError
from engine.ports import PeopleColumns
from engine.record.reader import RunReader
from engine.runner import Runner
from engine.values import Bytes, Command, Decisions, Int32s, Observations, TickRecord

READ_AHEAD = 64


class Tape:
    """A run file's ticks in order: attention, mind and schedule at once for a runner that repeats it."""

    def __init__(self, reader: RunReader) -> None:
        self.reader = reader
        self._ahead: dict[int, TickRecord] = {}
        self._tick = 0

    def record(self, tick: int) -> TickRecord:
        """Return what was recorded at a tick."""
        if tick not in self._ahead:
            last = min(tick + READ_AHEAD - 1, span(self.reader)[1])
            self._ahead = {record.tick: record for record in self.reader.records(tick, last)}
        return self._ahead[tick]

    def schedule(self, tick: int) -> Sequence[Command]:
        """Return the commands that were applied at a tick."""
        return self.record(tick).commands

    def pick(self, tick: int, people: PeopleColumns) -> tuple[Int32s, Bytes]:
        """Return who was asked at a tick, and why."""
        self._tick = tick
        record = self.record(tick)
        return record.asked, record.cause

    def ask(self, batch: Observations) -> None:
        """Take the batch and leave it unread: the answers are on the tape."""
        self._tick = batch.tick

    def answers(self, wait: bool) -> Decisions:
        """Return the minds' decisions that landed at the tick; those of persons are in its commands."""
        decisions = self.record(self._tick).decisions
        return decisions.take(decisions.source != 1)

    def snapshot(self) -> bytes:
        """Return nothing: a tape has no state of its own."""
        return b""

    def restore(self, data: bytes) -> None:
        """Ignore it."""


@contextmanager
def driven_by(runner: Runner, tape: Tape) -> Iterator[None]:
    """Let the tape decide in place of the runner's minds, attention, schedule and recorder."""
    kept = runner.mind, runner.attention, runner.commands.schedule, runner.recorder
    runner.mind, runner.attention, runner.commands.schedule, runner.recorder = tape, tape, tape.schedule, None
    try:
        yield
    finally:
        runner.mind, runner.attention, runner.commands.schedule, runner.recorder = kept


def span(reader: RunReader) -> tuple[int, int]:
    """Return the first and last tick of a run. Raises RunFileError when it has none."""
    first, last = reader.first_tick, reader.last_tick
    if first is None or last is None:
        raise RunFileError(f"{reader.path} holds no ticks: the run was ended before its first; run the scenario again")
    return first, last


def seek(runner: Runner, reader: RunReader, tick: int) -> None:
    """Bring a freshly composed runner to the state after `tick`: the checkpoint before it, and the steps from there.

    Raises RunFileError outside the run, ReplayError when the state is not the recorded one.
    """
    first, last = span(reader)
    if not first <= tick <= last:
        raise RunFileError(f"{reader.path} holds ticks {first} to {last}, not {tick}; choose one of them")
    runner.restore(reader.snapshot_before(tick))
    with driven_by(runner, Tape(reader)):
        while runner.society.world.tick < tick:
            runner.step()
    if runner.society.world.state_hash() != reader.state_hash(tick):
        raise ReplayError(
            f"{reader.path}: the state at tick {tick} is not the recorded one; `sociarium verify` tells where it parts"
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a verification found: `ticks` compared, and the first tick that differs with the reason, if any."""

    ticks: int
    parted_at: int | None = None
    reason: str = ""


def verify(runner: Runner, reader: RunReader, rules: str, watch: Callable[[int], None] | None = None) -> Verdict:
    """Replay a run from its first tick and compare every state hash.

    `rules` is this program's rules version: where hashes differ it tells damage from a run made by other rules.
    """
    first, last = span(reader)
    with driven_by(runner, Tape(reader)):
        try:
            runner.restore(reader.snapshot_before(first))
        except SocietyError as error:
            return Verdict(0, first, f"{_reason(reader, first, rules)} ({error})")
        if runner.society.world.state_hash() != reader.state_hash(first):
            return Verdict(0, first, _reason(reader, first, rules))
        for tick in range(first + 1, last + 1):
            try:
                reader.check_tick(tick)
                runner.step()
            except RunFileError as error:
                return Verdict(tick - first - 1, tick, str(error))
            if runner.society.world.state_hash() != reader.state_hash(tick):
                return Verdict(tick - first - 1, tick, _reason(reader, tick, rules))
            if watch is not None:
                watch(tick)
    return Verdict(last - first)


def _reason(reader: RunReader, tick: int, rules: str) -> str:
    """Say why the state parted although every checksum up to this tick is right."""
    made_by = reader.header.rules.get("rules", "unknown")
    if made_by != rules:
        return (
            f"the state parts at tick {tick}: the run was made by other rules ({made_by}, here {rules}); "
            f"use Sociarium {reader.header.program}"
        )
    return f"the state parts at tick {tick} although rules and checksums agree; please report this run"
