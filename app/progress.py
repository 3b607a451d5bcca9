"""What a headless run shows while it runs: a bar with ticks and speed, and sentences of what is going on."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Sequence
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from engine.society.society import Society
from engine.values import Events, TickRecord

LINES_EVERY = 0.4
PLAIN_EVERY = 5.0
TOLD = 2


class Teller:
    """Chooses, of the events since it was last asked, those that are rarest: they are the most worth telling."""

    def __init__(self, society: Society) -> None:
        self.society = society
        self.counts: Counter[int] = Counter()

    def sentences(self, events: Events, most: int) -> list[str]:
        """Return up to `most` sentences about a tick's events."""
        kinds = events.kind.tolist()
        self.counts.update(kinds)
        rare = sorted(range(len(kinds)), key=lambda row: (self.counts[kinds[row]], row))
        told: list[str] = []
        seen: set[int] = set()
        for row in rare:
            if kinds[row] not in seen and len(told) < most:
                seen.add(kinds[row])
                told.append(self.society.sentence(kinds[row], int(events.agent[row]), events.values[row].tolist()))
        return told


class ProgressView:
    """A bar on a terminal; on anything else a line every few seconds. Use it as a context."""

    def __init__(self, society: Society, first: int, last: int, quiet: bool = False) -> None:
        self.society = society
        self.first, self.last = first, last
        self.quiet = quiet
        self.console = Console(stderr=True, highlight=False)
        self.teller = Teller(society)
        self._bar: Progress | None = None
        self._task = TaskID(0)
        self._shown = self._begun = time.perf_counter()
        self._shown_tick = self._seen = first

    def __enter__(self) -> ProgressView:
        if self.console.is_terminal and not self.quiet:
            self._bar = Progress(
                TextColumn("{task.description}"),
                BarColumn(bar_width=None),
                TextColumn("tick {task.completed:,.0f} of {task.total:,.0f} · {task.fields[speed]} ticks/s"),
                TimeRemainingColumn(),
                console=self.console,
            )
            self._task = self._bar.add_task("", total=self.last, completed=self.first, speed="–")
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.update(self._task, completed=self._seen)
            self._bar.stop()

    def show(self, record: TickRecord) -> None:
        """Take note of a tick; draw when enough time has passed."""
        now = time.perf_counter()
        self._seen = record.tick
        if self.quiet or now - self._shown < (LINES_EVERY if self._bar is not None else PLAIN_EVERY):
            return
        ticks = record.tick - self._shown_tick
        speed = f"{ticks / (now - self._shown):,.0f}" if ticks > 1 else "–"
        self._shown, self._shown_tick = now, record.tick
        clock = self._clock(record.tick)
        told = self.teller.sentences(record.events, TOLD)
        if self._bar is None:
            self._plain(f"{clock} · tick {record.tick:,} of {self.last:,} · {speed} ticks/s · {'; '.join(told)}")
            return
        for sentence in told:
            self._bar.print(f"[dim]{clock}[/dim]  {sentence}", highlight=False)
        self._bar.update(self._task, description=clock, completed=record.tick, speed=speed)

    def say(self, line: str) -> None:
        """Say something besides, such as why the run pauses."""
        if self._bar is not None:
            self._bar.print(line, highlight=False)
        else:
            self._plain(line)

    def _clock(self, tick: int) -> str:
        moment = self.society.now(tick)
        return f"day {moment.day} {moment.minute // 60:02}:{moment.minute % 60:02}"

    def _plain(self, line: str) -> None:
        print(line, file=sys.stderr, flush=True)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which a share of the values lies (nearest rank), 0.0 of none."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(share * len(ranked)))] if ranked else 0.0
