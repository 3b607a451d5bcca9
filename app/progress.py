"""What a headless run shows while it runs: a bar with ticks and speed, sentences of what goes on, and how minds do."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from app.amounts import rate
from engine.society.society import Society
from engine.values import Events, TickRecord

LINES_EVERY = 0.4
PLAIN_EVERY = 5.0
TOLD = 2
SLOW = 2.0
"""Seconds after which even a single tick makes a speed."""


class Staff(Protocol):
    """The minds of a society, as far as they are told of: `app.minds.Staff`."""

    look: Callable[[], None]

    def report(self) -> list[dict[str, Any]]:
        """Return what each language model has done so far."""
        ...


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
    """A bar on a terminal; on anything else a line every few seconds. Use it as a context.

    Within a tick that waits for language models it tells how they get on, as often.
    """

    def __init__(
        self, society: Society, first: int, last: int, quiet: bool = False, staff: Staff | None = None
    ) -> None:
        self.society = society
        self.first, self.last = first, last
        self.quiet = quiet
        self._staff = staff
        self.console = Console(stderr=True, highlight=False)
        self.teller = Teller(society)
        self._bar: Progress | None = None
        self._task = TaskID(0)
        self._shown = self._begun = time.perf_counter()
        self._shown_tick = self._seen = first
        self._looked, self._answered = self._begun, 0

    def __enter__(self) -> ProgressView:
        if self.console.is_terminal and not self.quiet:
            self._bar = Progress(
                TextColumn("{task.description}"),
                BarColumn(bar_width=None),
                TextColumn(
                    "tick {task.completed:,.0f} of {task.total:,.0f} · {task.fields[speed]} ticks/s{task.fields[minds]}"
                ),
                TimeRemainingColumn(),
                console=self.console,
            )
            self._task = self._bar.add_task("", total=self.last, completed=self.first, speed="–", minds="")
            self._bar.start()
        if self._staff is not None and not self.quiet:
            self._staff.look = self.look
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._staff is not None:
            self._staff.look = lambda: None
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
        speed = rate(ticks / (now - self._shown)) if ticks > 1 or now - self._shown > SLOW else "–"
        self._shown, self._shown_tick = now, record.tick
        clock, minds = self._clock(record.tick), self._thinking(now)
        told = self.teller.sentences(record.events, TOLD)
        if self._bar is None:
            self._plain(f"{clock} · tick {record.tick:,} of {self.last:,} · {speed} ticks/s{minds} · {'; '.join(told)}")
            return
        for sentence in told:
            self._bar.print(f"[dim]{clock}[/dim]  {sentence}", highlight=False)
        self._bar.update(self._task, description=clock, completed=record.tick, speed=speed, minds=minds)

    def look(self) -> None:
        """Tell how language models get on within a tick; called while their answers are waited for."""
        now = time.perf_counter()
        if now - max(self._shown, self._looked) < (LINES_EVERY if self._bar is not None else PLAIN_EVERY):
            return
        minds = self._thinking(now)
        if self._bar is not None:
            self._bar.update(self._task, minds=minds)
        else:
            self._plain(f"{self._clock(self._seen + 1)} · tick {self._seen + 1:,} of {self.last:,}{minds}")

    def _thinking(self, now: float) -> str:
        """Return what language models do: decisions a second since last told, who waits, what fell back; "" without."""
        known = self._staff.report() if self._staff is not None else []
        if not known:
            return ""
        answered, waiting = (sum(mind[name] for mind in known) for name in ("answered", "waiting"))
        fallen = sum(sum(mind["fallbacks"].values()) for mind in known)
        speed = rate((answered - self._answered) / max(1e-3, now - self._looked))
        self._looked, self._answered = now, answered
        told = [f"{speed} decisions/s", *([f"{waiting:,} wait"] if waiting else [])]
        if fallen:
            told.append(f"{fallen:,} fell back")
        return f" · {', '.join(told)}"

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
