"""The reference of what people do and what happens (docs/events.md), made from a society's own definitions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from engine.actions.act import GONE, UNKNOWN
from engine.actions.definition import Action, Parameter
from engine.society.society import BASIC_APPEALS, Society

_INTRODUCTION = """\
# What people do, and what happens

The actions, events, appeals, topics, measures and frame columns of a society with every module on, as the bundled
city has it. Leave a module out and what is its goes with it; on a grid of hexes there are no `space.x` and `space.y`.
This page is made from the program: do not edit it, change the definition.

Each value has a kind, which says how its number reads. `agent` is the number of a person. `place`, `good`, `recipe`,
`topic`, `action` and `reason` are numbers that stand for names: exports write the names, and a run file's header has
them (docs/run-file.md). `number` and `coins` are what they say. `fact` is the number of a piece of news, and what a
`subject` is depends on the topic.
"""


def society_reference(society: Society) -> str:
    """Return the whole reference of an assembled society."""
    return "\n".join(
        [
            _INTRODUCTION,
            *_events(society),
            *_actions(society),
            *_appeals(society),
            *_topics(society),
            *_measures(society),
            *_frame(society),
        ]
    )


def _events(society: Society) -> Iterator[str]:
    yield "## Events\n\nWhat happens, by whose definition it is. An event has one person and up to four values.\n"
    rows = (
        (f"`{kind.name}`", society.log.owner(kind.name), _values(kind.fields), kind.text, kind.about)
        for kind in society.log.kinds
    )
    yield from _table(("event", "of", "values", "reads", "when"), rows)


def _actions(society: Society) -> Iterator[str]:
    yield (
        "## Actions\n\nWhat people can do. One that lasts begins with the outcome `started` and ends later; it can be "
        f"broken off for another. Any decision can be refused because {UNKNOWN}, or because {GONE}.\n"
    )
    owners = _owners(society)
    rows = (
        (
            f"`{action.name}`",
            owners[action.name],
            _values(action.parameters),
            action.text,
            action.about + (" It lasts." if action.lasting else ""),
            "; ".join(action.reasons) or "never",
        )
        for action in society.actions
    )
    yield from _table(("action", "of", "arguments", "reads", "what it is", "refused because"), rows)


def _owners(society: Society) -> dict[str, str]:
    """Return whose each action is: a module, or `basic`."""
    kinds: dict[type[Action], str] = {}
    for name, module in society.modules.items():
        kinds |= {type(action): name for action in module.actions()}
    return {action.name: kinds.get(type(action), "basic") for action in society.actions}


def _appeals(society: Society) -> Iterator[str]:
    yield (
        "## Appeals\n\nWhat a choice can promise, from -1000 to 1000, and how much a person longs for it, from 0 to "
        "1000.\nA role's `weights` in the scenario say how much each counts.\n"
    )
    owners = {appeal.name: "basic" for appeal in BASIC_APPEALS}
    for name, module in society.modules.items():
        for appeal in module.appeals:
            owners.setdefault(appeal.name, name)
    rows = ((f"`{appeal.name}`", owners[appeal.name], appeal.about) for appeal in society.appeals)
    yield from _table(("appeal", "of", "what it is"), rows)


def _topics(society: Society) -> Iterator[str]:
    yield "## Topics\n\nWhat people can talk about.\n"
    owners = {topic.name: name for name, module in society.modules.items() for topic in module.topics()}
    rows = ((f"`{topic.name}`", owners[topic.name], topic.kind, topic.text) for topic in society.topics)
    yield from _table(("topic", "of", "subject", "reads"), rows)


def _measures(society: Society) -> Iterator[str]:
    yield (
        "## Measures\n\nFigures that are taken every `measures.every` ticks, and at the first. A list has one number "
        "for each part of its unit.\n"
    )
    rows = (
        (f"`{name}.{measure.name}`", measure.unit, measure.about)
        for name, module in society.modules.items()
        for measure in module.measures()
    )
    yield from _table(("measure", "unit", "what it is"), rows)


def _frame(society: Society) -> Iterator[str]:
    yield (
        "## Frame columns\n\nWhat is kept of everyone at every tick; the rest of the state is in the checkpoints. "
        "Frames leave out the low bits that they name.\n"
    )
    rows = (
        (
            f"`{name}`",
            f"{column.per}, {np.dtype(column.dtype).name}",
            column.unit,
            column.about + (f" (without {column.shift} low bits)" if column.shift else ""),
        )
        for name, column in society.world.columns()
        if column.frame
    )
    yield from _table(("column", "per", "unit", "what it is"), rows)


def _values(fields: Sequence[Parameter]) -> str:
    return ", ".join(f"{field.name} ({field.kind})" if field.name != field.kind else field.name for field in fields)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |\n|{'---|' * len(heads)}"
    for row in rows:
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"
    yield ""
