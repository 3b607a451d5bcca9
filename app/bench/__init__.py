"""`sociarium bench`: what this machine does, figure by figure, beside what is asked of it.

Each measurement runs in a child process of its own, in turn with the others, with fixed seeds; a first round is thrown
away and the medians of the rest are reported.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from rich.console import Console

from app.bench import plot
from app.bench.children import BenchError, Children
from app.bench.engine import ENGINE
from app.bench.figures import Bench, Figure
from app.bench.host import HOST
from app.bench.minds import MINDS
from app.bench.record import RECORD
from app.bench.sizes import FULL, TINY, USUAL
from app.bench.table import print_tables
from app.bench.view import VIEW
from engine.errors import SociariumError

__all__ = ["BENCHES", "Bench", "BenchError", "Figure", "check_plot", "print_table", "run_benches", "write_plot"]

BENCHES: Mapping[str, Bench] = {bench.name: bench for bench in (ENGINE, RECORD, HOST, MINDS, VIEW)}
"""Every bench by name."""

DRAWN = ENGINE.name
"""The bench that `--plot` draws."""


def run_benches(names: Sequence[str], full: bool = False, quick: bool = False) -> dict[str, dict[str, float]]:
    """Return the figures of the named benches (all when none is named) as {bench: {figure: number}}.

    `full` is the long form; `quick` runs tiny sizes, whose numbers say nothing. What was left out is told on stderr.
    Raises SociariumError for an unknown name, BenchError when a measurement fails.
    """
    for name in names:
        if name not in BENCHES:
            raise SociariumError(f"there is no bench {name!r}; known: {', '.join(BENCHES)}")
    sizes = TINY if quick else FULL if full else USUAL
    figures: dict[str, dict[str, float]] = {}
    notes: list[str] = []
    with tempfile.TemporaryDirectory(prefix="sociarium-bench-") as folder, _said() as say:
        for name in dict.fromkeys(names or BENCHES):
            children = Children(Path(folder), partial(say, name))
            figures[name] = {key: round(value, 4) for key, value in BENCHES[name].measure(sizes, children).items()}
            notes += [f"bench {name}: {note}" for note in children.notes]
    for note in notes:
        print(note, file=sys.stderr)
    return figures


def check_plot(names: Sequence[str], file: Path) -> None:
    """Raise SociariumError when the named benches give no picture, or it cannot be written to a file."""
    plot.check_plot(file)
    if names and DRAWN not in names:
        raise SociariumError(f"--plot draws what `{DRAWN}` measures; name it: sociarium bench {DRAWN} --plot {file}")


def write_plot(figures: Mapping[str, Mapping[str, float]], file: Path) -> None:
    """Draw ms a step by number of people, ours and the peers', into an SVG or PNG file."""
    plot.write_plot(BENCHES[DRAWN], figures[DRAWN], file)


def print_table(figures: Mapping[str, Mapping[str, float]]) -> None:
    """Print what `run_benches` returned, beside bars and aims."""
    print_tables(BENCHES, figures)


@contextmanager
def _said() -> Iterator[Callable[[str, str], None]]:
    """Yield what tells on stderr what is being measured: one line that changes on a terminal, else a line each."""
    console = Console(stderr=True, highlight=False)
    if not console.is_terminal:
        yield lambda name, about: console.print(f"bench {name}: {about}")
        return
    with console.status("bench") as status:
        yield lambda name, about: status.update(f"bench {name}: {about}")
