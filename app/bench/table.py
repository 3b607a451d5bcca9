"""The figures as a table for people."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Console
from rich.table import Table

from app.bench.figures import Bench, Figure

COLOURS = {"aim": "green", "bar": "yellow", "no": "red"}


WIDE = 120
"""From so many columns the table says what each figure is."""


def bench_table(bench: Bench, found: Mapping[str, float], wide: bool) -> Table:
    """Return one bench's figures beside bars and aims; if `wide` with what each of them is.

    What studies find stands in a column of its own where there is any; figures of courses without a bar are left to
    `course_table`.
    """
    known = {figure.name: figure for figure in bench.figures}
    studied = any(known[name].studies for name in found if name in known)
    table = Table(title=f"{bench.name}: {bench.about}", title_justify="left")
    for heading in ("figure", "value", "unit", "bar", "aim", "met?", *(("studies",) if studied else ())):
        table.add_column(heading, justify="right" if heading in ("value", "bar", "aim") else "left", no_wrap=True)
    if wide:
        table.add_column("what")
    elsewhere = {name for course in bench.courses for name in course.names(found)}
    for name, value in found.items():
        figure = known.get(name, Figure(name, "", ""))
        if name in elsewhere and figure.bar is None:
            continue
        met = figure.met(value)
        table.add_row(
            figure.name,
            shown(value),
            figure.unit,
            "" if figure.bar is None else shown(figure.bar),
            "" if figure.aim is None else shown(figure.aim),
            f"[{COLOURS[met]}]{met}[/]" if met else "",
            *((figure.studies,) if studied else ()),
            *((figure.about,) if wide else ()),
        )
    return table


def course_table(bench: Bench, found: Mapping[str, float]) -> Table:
    """Return a bench's courses: each program at each size."""
    table = Table(title=f"{bench.name}: programs by size", title_justify="left")
    for heading in ("", "program", "people", "ms a step", "moved a second", "memory, MB"):
        table.add_column(heading, justify="left" if heading in ("", "program") else "right", no_wrap=True)
    for course in bench.courses:
        points = course.points(found)
        for point in points:
            first = point is points[0]
            table.add_row(
                course.group if first else "",
                course.label if first else "",
                f"{point.people:,}",
                shown(point.ms),
                shown(point.per_s),
                shown(point.mb),
                end_section=point is points[-1],
            )
    return table


def shown(value: float) -> str:
    """Return a number with three digits that say something, or whole."""
    size = abs(value)
    if size >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.1f}" if size >= 10 else f"{value:.2f}" if size >= 1 else f"{value:.3f}"


def print_tables(benches: Mapping[str, Bench], figures: Mapping[str, Mapping[str, float]]) -> None:
    """Print the table of each bench that was run."""
    console = Console()
    for name, found in figures.items():
        console.print(bench_table(benches[name], found, console.width >= WIDE))
        if any(course.points(found) for course in benches[name].courses):
            console.print(course_table(benches[name], found))
