"""What each command does; one function a command, named after it."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from app import headless, story
from app.cli import print_json
from app.compiling import Compiling
from app.compose import bundled, compose, find_scenario, read_scenario, rules_version, sections
from app.estimate import tell_estimate
from app.home import RUN_SUFFIX, new_run
from app.runs import changed
from engine.population import namer
from engine.record.reader import RunReader
from engine.record.replay import verify
from engine.scenario import Scenario, scenario_schema

TELL_EVERY = 0.2
"""Seconds between two lines of progress for a program that reads them."""


def open_headless(what: str) -> tuple[int, Path | None]:
    """Run a scenario to its end, or tell the story of a run file; return the exit status and the new run file."""
    if what.endswith(RUN_SUFFIX):
        with RunReader(Path(what)) as reader:
            print(story.tell(reader))
        return 0, None
    scenario = find_scenario(what)
    result = headless.run(scenario, _out(None, scenario))
    return _finish(result, as_json=False), result.path


def command_run(options: argparse.Namespace) -> int:
    """Run a scenario into a run file."""
    scenario = changed(find_scenario(options.scenario), options.set)
    changes = {
        "time.ticks": options.ticks,
        "seed": options.seed,
        "space.backend": options.space,
        "cognition.minds": None if options.mind is None else f"[{{mind: {json.dumps(options.mind)}}}]",
    }
    scenario = changed(scenario, [f"{path}={value}" for path, value in changes.items() if value is not None])
    if options.estimate:
        return tell_estimate(scenario, options.json)
    return _finish(headless.run(scenario, _out(options.out, scenario), quiet=options.json), options.json)


def command_resume(options: argparse.Namespace) -> int:
    """Go on with a run that ended early."""
    return _finish(headless.resume(options.run, options.ticks, quiet=options.json), options.json)


def command_branch(options: argparse.Namespace) -> int:
    """Go on from a tick of a run, in a new file."""
    with RunReader(options.run) as reader:
        scenario = read_scenario(reader.header.scenario, str(options.run))
    out = _out(options.out, scenario, f"{scenario.name}-branch-{options.at}")
    result = headless.branch(
        options.run,
        options.at,
        lambda original: changed(original, options.set),
        options.ticks,
        out,
        quiet=options.json,
        changes=options.set,
    )
    return _finish(result, options.json)


def command_verify(options: argparse.Namespace) -> int:
    """Replay a run and compare every state hash."""
    with RunReader(options.run) as reader:
        scenario = read_scenario(reader.header.scenario, str(options.run))
        with Compiling(options.json):
            runner = compose(scenario, replay=True).runner
        verdict = verify(runner, reader, rules_version(scenario))
    if options.json:
        print_json(
            {"run": str(options.run), "ticks": verdict.ticks, "parted_at": verdict.parted_at, "reason": verdict.reason}
        )
    elif verdict.parted_at is None:
        print(f"{options.run}: all {verdict.ticks:,} ticks replay to the recorded state, bit for bit")
    if verdict.parted_at is not None:
        reason = verdict.reason.removeprefix(f"{options.run}: ")
        print(f"sociarium: {options.run}: {reason}", file=sys.stderr)
        return 1
    return 0


def command_info(options: argparse.Namespace) -> int:
    """Tell the story of a run."""
    with RunReader(options.run) as reader:
        if options.json:
            print_json(story.facts(reader))
        else:
            print(story.tell(reader))
    return 0


def command_export(options: argparse.Namespace) -> int:
    """Write a run as tables."""
    from engine.record.export import export_run

    with RunReader(options.run) as reader:
        scenario = read_scenario(reader.header.scenario, str(options.run))
        watch = _teller(reader) if options.progress else None
        written = export_run(reader, options.folder, options.to, watch, namer(scenario))
    if options.json:
        print_json({"run": str(options.run), "folder": str(options.folder), "files": [path.name for path in written]})
    else:
        print(f"{options.folder}: {', '.join(path.name for path in written)}")
    return 0


def _teller(reader: RunReader) -> Callable[[int], None]:
    """Return what prints how much of a run is done, now and then: a reader that has gone is noticed by that, too."""
    first, last = reader.first_tick or 0, reader.last_tick or 0
    told = 0.0

    def tell(tick: int) -> None:
        nonlocal told
        if time.monotonic() - told >= TELL_EVERY or tick == last:
            told = time.monotonic()
            print_json({"share": round((tick - first + 1) / (last - first + 1), 3)})

    return tell


def command_scenario(options: argparse.Namespace) -> int:
    """Check a scenario, or print the schema."""
    if options.what == "schema":
        print(json.dumps(scenario_schema(sections()), indent=2, ensure_ascii=False))
        return 0
    scenario = find_scenario(options.file)
    with Compiling(quiet=False):
        compose(scenario)
    print(f"{options.file}: {scenario.population.count:,} people, {len(scenario.modules)} modules; nothing is wrong")
    return 0


def command_bench(options: argparse.Namespace) -> int:
    """Measure this machine."""
    from app.bench import check_plot, print_table, run_benches, write_plot

    if options.plot is not None:
        check_plot(options.names, options.plot)
    figures = run_benches(options.names, full=options.full)
    if options.plot is not None:
        write_plot(figures, options.plot)
    if options.json:
        print_json(figures)
    else:
        print_table(figures)
    return 0


def _out(given: Path | None, scenario: Scenario, stem: str = "") -> Path:
    if given is not None:
        return given
    return new_run(stem or scenario.name, scenario.seed, datetime.now())


def _finish(result: headless.Result, as_json: bool) -> int:
    if as_json:
        print_json(result.report())
    else:
        print(story.summary(result))
    if result.stopped:
        tick = result.laboratory.society.world.tick
        print(f"sociarium: stopped after tick {tick:,}; go on with `sociarium resume {result.path}`", file=sys.stderr)
        return 1
    return 0


def scenarios() -> list[str]:
    """Return the names of the bundled scenarios."""
    return list(bundled())
