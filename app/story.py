"""The story of a run in plain words: who lived there, how long, what happened most, what was measured."""

from __future__ import annotations

import os
import shutil
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from app.amounts import rate
from app.headless import Result
from app.progress import percentile
from engine.measures import Measures
from engine.record.reader import RunReader
from engine.record.replay import span
from engine.scenario import Scenario

MOST_TOLD = 10
BOOKKEEPING = ("interrupted", "refused", "arrived", "met")
"""Kinds of event that say how things went on rather than what happened; told last."""


def summary(result: Result) -> str:
    """Return what a person reads when a run ends."""
    laboratory, tally = result.laboratory, result.tally
    society, world, scenario = laboratory.society, laboratory.society.world, laboratory.scenario
    kinds = [kind.name for kind in society.log.kinds]
    happened = _happened({kinds[code]: count for code, count in tally.events.items()}, MOST_TOLD)
    seconds = sum(tally.milliseconds) / 1000
    ticks = len(tally.milliseconds)
    lines = [
        _headline(scenario, scenario.seed, int(world.alive.sum()), world.tick),
        f"  happened   {happened}",
        f"  decided    {tally.chosen:,} things to do in {tally.decisions:,} decisions, {tally.refused:,} refused, "
        f"{tally.fallbacks:,} fallbacks",
        *(f"  thought    {_mind(mind)}" for mind in result.minds),
        *(f"  {line}" for line in _measures(*_taken(laboratory.runner.measures))),
        f"  speed      {rate(ticks / seconds if seconds else 0)} ticks/s, "
        f"median {percentile(tally.milliseconds, 0.5):.2f} ms a tick "
        f"({percentile(tally.milliseconds, 0.99):.2f} ms at the 99th percentile)",
        f"  state      {world.state_hash().hex()} at tick {world.tick:,}",
        f"  run file   {result.path} ({_size(result.path)})",
        f"Look closer: sociarium info {result.path}",
    ]
    return _wrapped(lines)


def facts(reader: RunReader) -> dict[str, Any]:
    """Return the story of a run file as one JSON-able object."""
    header, tally = reader.header, reader.tally()
    first, last = span(reader)
    measured = reader.measured()
    return {
        "run": str(reader.path),
        "scenario": header.name,
        "seed": header.seed,
        "program": header.program,
        "rules": header.rules.get("rules", ""),
        "space": header.space,
        "minds": list(header.minds),
        "created": header.created,
        "parent": header.parent,
        "changes": list(header.changes),
        "first_tick": first,
        "last_tick": last,
        "finished": reader.finished,
        "people": int(reader.frame(last)["people.alive"].sum()),
        "state_hash": reader.state_hash(last).hex(),
        "bytes": reader.path.stat().st_size,
        "decisions": tally.decided,
        "events": {name: count for name, count in tally.events.items() if count},
        "refused": {reason: count for reason, count in tally.refused.items() if count},
        "measures": dict(reader.record(measured[-1]).measures) if measured else {},
        "thoughts": [{**asdict(usage), "source": usage.source.name.lower()} for usage in reader.thinking.usage()],
        "thought_bytes": reader.thinking.size(),
    }


def tell(reader: RunReader) -> str:
    """Return the story of a run file for a person."""
    from app.compose import read_scenario

    header, known = reader.header, facts(reader)
    scenario = read_scenario(header.scenario, str(reader.path))
    lines = [
        _headline(scenario, header.seed, known["people"], known["last_tick"]),
        f"  made by    Sociarium {header.program}, rules {header.rules['rules']}, {header.space} space, "
        f"{', '.join(dict.fromkeys(header.minds))} minds, {header.created}",
    ]
    if header.parent:
        changed = f", with {', '.join(header.changes)}" if header.changes else ", with nothing changed"
        lines.append(f"  branch     of run {header.parent[0][:8]} at tick {header.parent[1]:,}{changed}")
    if known["last_tick"] < scenario.time.ticks:
        lines.append(
            f"  unfinished tick {known['last_tick']:,} of {scenario.time.ticks:,}; "
            f"go on with `sociarium resume {reader.path}`"
        )
    lines.append(f"  happened   {_happened(known['events'])}")
    lines += [f"  {line}" for line in _measures(known["measures"], header.words)]
    lines += _thoughts(known["thoughts"], known["thought_bytes"])
    lines.append(f"  state      {known['state_hash']} at tick {known['last_tick']:,}")
    lines.append(f"  file       {_size(reader.path)}")
    return _wrapped(lines)


def _mind(told: Mapping[str, Any]) -> str:
    """Return what a language model did in a run that has just ended."""
    prompt, cached = told["prompt_tokens"], told["cached_tokens"]
    fell = ", ".join(f"{count:,} {cause.replace('_', ' ')}" for cause, count in told["fallbacks"].items())
    line = (
        f"{told['name']}: {told['decisions']:,} decisions, {rate(told['decisions_per_s'])} a second, {prompt:,} tokens "
        f"asked ({cached / prompt if prompt else 0:.0%} from its cache), {told['generated_tokens']:,} written; "
        f"{'fallbacks: ' + fell if fell else 'no fallbacks'}"
    )
    if told["cost"]:
        line += f"; cost {told['cost']:,.4g} {told['currency']}"
    if told["restarts"]:
        line += f"; started again {told['restarts']:,} times"
    return f"{line} (last: {told['fault']})" if told["fault"] and (fell or told["restarts"]) else line


def _thoughts(known: Sequence[Mapping[str, Any]], size: int) -> list[str]:
    """Return a line on each language model: how many thoughts, in how many of them it failed, and their tokens."""
    lines = []
    for model in dict.fromkeys(usage["model"] for usage in known):
        mine = [usage for usage in known if usage["model"] == model]
        thoughts, prompt, cached, written = (
            sum(usage[name] for usage in mine)
            for name in ("thoughts", "prompt_tokens", "cached_tokens", "generated_tokens")
        )
        failed = [
            f"{usage['thoughts']:,} {usage['source'].replace('_', ' ')}" for usage in mine if usage["source"] != "mind"
        ]
        lines.append(
            f"  thought    {model}: {thoughts:,} thoughts ({', '.join([*failed]) or 'none failed'}), {prompt:,} tokens "
            f"asked ({cached / prompt if prompt else 0:.0%} from its cache), {written:,} written, "
            f"{sum(usage['milliseconds'] for usage in mine) / thoughts if thoughts else 0:,.0f} ms each"
        )
    if lines:
        total = sum(usage["thoughts"] for usage in known)
        lines.append(f"  thoughts   take {size / 2**20:,.1f} MB of the file, {size / total:,.0f} bytes each")
    return lines


def _taken(measures: Measures) -> tuple[dict[str, float | list[float]], dict[str, Sequence[str]]]:
    """Take every measure now; return figures and labels."""
    figures = {name: measure.take() for name, measure in measures.all.items()}
    return figures, {name: measure.labels for name, measure in measures.all.items()}


def _happened(counts: Mapping[str, int], most: int | None = None) -> str:
    """Return what happened most, the story before the bookkeeping."""
    told = sorted(counts.items(), key=lambda entry: (entry[0] in BOOKKEEPING, -entry[1], entry[0]))
    return ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in told[:most]) or "nothing"


def _headline(scenario: Scenario, seed: int, people: int, tick: int) -> str:
    return f"{scenario.title or scenario.name}: {people:,} people, {_days(scenario, tick)}, seed {seed}"


def _days(scenario: Scenario, tick: int) -> str:
    day, minute = scenario.time.moment_of(tick)
    return f"tick {tick:,}, day {day} {minute // 60:02}:{minute % 60:02}"


def _measures(measures: Mapping[str, Any], labels: Mapping[str, Sequence[str]]) -> list[str]:
    """Return one line for each measure: a number, named numbers, or a small chart of a distribution."""
    width = max((len(name) for name in measures), default=0)
    return [f"measured   {name:<{width}}  {_figure(value, labels.get(name, ()))}" for name, value in measures.items()]


def _figure(value: Any, labels: Sequence[str]) -> str:
    if not isinstance(value, list):
        return _number(value)
    if labels:
        return ", ".join(f"{label} {_number(part)}" for label, part in zip(labels, value, strict=False))
    top = max(value, default=0) or 1
    return "".join("▁▂▃▄▅▆▇█"[min(7, int(8 * max(0, part) / top))] for part in value)


def _number(value: float) -> str:
    return f"{value:,.3f}".rstrip("0").rstrip(".")


def _wrapped(lines: Sequence[str]) -> str:
    """Return lines folded to the width of the terminal, so that their second column stays a column."""
    width = max(60, shutil.get_terminal_size((100, 24)).columns)
    return "\n".join(
        line
        if os.sep in line  # a path is for copying
        else textwrap.fill(line, width, subsequent_indent=" " * 13, break_long_words=False, break_on_hyphens=False)
        for line in lines
    )


def _size(path: Path) -> str:
    log = path.with_name(path.name + "-wal")
    size = path.stat().st_size + (log.stat().st_size if log.exists() else 0)
    return f"{size / 2**20:,.1f} MB" if size >= 2**20 else f"{size / 2**10:,.0f} kB"
