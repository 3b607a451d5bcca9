"""One person at one moment: who it is, how it stands with them, what was laid before them, and what they chose."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from engine.actions.definition import FOREVER
from engine.record.reader import RunReader
from engine.remote.introduction import minds_of
from engine.remote.looking_back import LookingBack
from engine.remote.wording import SocietyWording, Wording, source_words
from engine.runner import Runner
from engine.society.society import REFLEX, TRAITS, Society
from engine.values import CONTINUE, Observations, Outcome, Source, TickRecord

LANDS_WITHIN = 256
"""Ticks after the asking within which the answer is looked for."""

ASKED_WITHIN = 64
"""Ticks before the shown one within which the record is searched for the last asking."""

MOST_NEAR = 32
"""People nearby who are named; the nearest."""

UNEXPLAINED: dict[str, Any] = {"perceived": None, "choices": [], "decision": None, "unknown": ""}
"""What `person` says of why somebody did what they did, where it does not look."""

Explain = Callable[[Observations, int], Sequence[int] | None]
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Asking:
    """The moment at which someone was asked: what was laid before them and what they could choose from."""

    tick: int
    perceived: Json
    choices: list[Json]


def portrait(society: Society, agent: int) -> Json:
    """Return who somebody is and what the modules have to say of them, as `person` tells it."""
    people, world = society.people, society.world
    now = society.now(world.tick)
    code, until = int(people.action[agent]), int(people.until[agent])
    busy = code != CONTINUE
    home, place, mind = int(people.home[agent]), int(society.bodies.place[agent]), int(people.mind[agent])
    thinking = int(people.thinking[agent])
    return {
        "agent": agent,
        "name": society.name(agent),
        "role": society.roles[int(people.role[agent])],
        "alive": bool(world.alive[agent]),
        "tick": world.tick,
        "day": now.day,
        "minute": now.minute,
        "place": society.words("place", place) if place >= 0 else "",
        "home": society.words("place", home) if home >= 0 else "",
        "doing": society.actions[code].recalls(people.args[agent].tolist()) if busy else "",
        "since": int(people.since[agent]) if busy else None,
        "until": until if busy and until < FOREVER else None,
        "mind": society.minds[mind] if mind < len(society.minds) else "",
        "thinking": thinking if thinking >= 0 else None,
        "driven": bool(people.driven[agent]),
        "traits": {name: int(people.traits[agent, k]) for k, name in enumerate(TRAITS)},
        "facts": [
            {"module": name, **asdict(fact)} for name, module in society.modules.items() for fact in module.facts(agent)
        ],
    }


def sketch(reader: RunReader, words: Wording, agent: int, tick: int, moment: tuple[int, int]) -> Json:
    """Return what the frame of a tick tells of somebody, where the society cannot be put together again."""
    frame, header = reader.frame(tick), reader.header

    def value(name: str, default: int = -1) -> int:
        column = frame.get(name)
        return default if column is None or agent >= len(column) else int(column[agent])

    action = value("people.action", CONTINUE)
    return {
        "agent": agent,
        "name": words.name(agent),
        "role": _read(words, "role", value("people.role")),
        "alive": bool(value("people.alive", 0)),
        "tick": tick,
        "day": moment[0],
        "minute": moment[1],
        "place": _read(words, "place", value("space.place")),
        "home": _read(words, "place", value("people.home")),
        "doing": header.actions[action].replace("_", " ") if 0 < action < len(header.actions) else "",
        "since": None,
        "until": None,
        "mind": minds_of(header)[0],
        "thinking": None,
        "driven": bool(value("people.driven", 0)),
        "traits": {},
        "facts": [],
    }


def _read(words: Wording, kind: str, number: int) -> str:
    return words.words(kind, number) if number >= 0 else ""


def picture(runner: Runner) -> tuple[int, dict[str, Any]]:
    """Return the tick and a copy of the frame's columns of people."""
    columns = {column: runner.society.world[column] for column in runner.society.frame_columns}
    count = runner.society.world.count
    return runner.society.world.tick, {
        name: np.array(column) for name, column in columns.items() if len(column) == count
    }


def ties(society: Society, agent: int, limit: int) -> list[Json]:
    """Return whom somebody knows, closest first."""
    links = [link for module in society.modules.values() for link in module.links(agent)]
    links.sort(key=lambda link: (-link.trust - link.familiarity, link.agent))
    return [{**asdict(link), "name": society.name(link.agent)} for link in links[:limit]]


def possible(runner: Runner, agent: int) -> Json:
    """Return what somebody could be driven to do at the next tick; leaves no trace in the society."""
    society = runner.society
    try:
        who = np.array([agent], np.int32)
        now = society.now(society.world.tick + 1)
        view = runner.observer.batch(now, who, np.zeros(1, np.uint8)).view(agent)
        by_person = {action.name for action in society.actions if "person" in action.by}
        return {
            "tick": society.world.tick,
            "choices": [
                {"action": choice.action, "args": list(choice.args), "text": choice.text}
                for choice in view.choices
                if choice.action in by_person
            ],
        }
    finally:
        society.forget()


def explained(past: LookingBack, reader: RunReader, agent: int, tick: int, explain: Explain) -> Json:
    """Return why somebody did what they did: the last asking at or before a tick, and what came of it.

    Raises ReplayError where the run cannot be looked back into.
    """
    first, asked = reader.first_tick or 0, last_asked(past, reader, agent, tick)
    if asked < 0:
        return UNEXPLAINED
    if asked <= first:
        unknown = "What was chosen before this run branched off is in the run that it came from."
        return {**UNEXPLAINED, "unknown": unknown}
    moment = asking(past, agent, asked, explain)
    chosen = answered(past, reader, agent, asked, tick, moment.choices)
    return {"perceived": moment.perceived, "choices": ranked(moment.choices), "decision": chosen, "unknown": ""}


def last_asked(past: LookingBack, reader: RunReader, agent: int, tick: int) -> int:
    """Return when somebody was last asked, at or before a tick of the run; before its first if never in it."""
    first = reader.first_tick or 0
    start = max(first, tick - ASKED_WITHIN + 1)
    for begin in range(tick, start - 1, -8):
        records = list(reader.records(max(start, begin - 7), begin))
        for record in reversed(records):
            at = int(np.searchsorted(record.asked, agent))
            if at < record.asked.size and record.asked[at] == agent:
                return record.tick
    return past.at(tick, lambda society: int(society.people.asked[agent]))


def asking(past: LookingBack, agent: int, tick: int, explain: Explain) -> Asking:
    """Return what was laid before somebody at the tick at which they were asked."""
    return past.witness(tick, lambda society, batch: laid_before(society, batch, agent, explain))


def laid_before(society: Society, batch: Observations, agent: int, explain: Explain) -> Asking:
    """Return what a batch lays before somebody in it."""
    mind = int(society.people.mind[agent])
    by_rules = mind >= len(society.minds) or society.minds[mind] == REFLEX
    view = batch.view(agent)
    scores = explain(batch, agent) if by_rules else None
    near = society.contacts(society.now(batch.tick), np.array([agent], np.int32)).items[:MOST_NEAR].tolist()
    perceived = {
        "tick": batch.tick,
        "place": view.place,
        "doing": view.doing,
        "happened": view.happened,
        "near": [{"agent": other, "name": society.name(other)} for other in near],
        "feels": dict(view.feels),
    }
    choices = [
        {
            "action": choice.action,
            "args": list(choice.args),
            "text": choice.text,
            "score": None if scores is None else int(scores[c]),
            "chosen": False,
            "appeal": dict(choice.appeal),
        }
        for c, choice in enumerate(view.choices)
    ]
    return Asking(batch.tick, perceived, choices)


class Beholder:
    """Sees somebody decide in the tick to come; tells None when they were not asked in it (`Eyes` of errands)."""

    def __init__(self, agent: int, explain: Explain) -> None:
        self._agent, self._explain = agent, explain
        self._moment: Asking | None = None

    def look(self, society: Society, batch: Observations) -> None:
        """See what is laid before them."""
        at = int(np.searchsorted(batch.agent, self._agent))
        if at < batch.agent.size and batch.agent[at] == self._agent:
            self._moment = laid_before(society, batch, self._agent, self._explain)

    def tell(self, society: Society, record: TickRecord) -> Json | None:
        """Return who they are after the tick, and why they did what they did in it."""
        moment = self._moment
        if moment is None:
            return None
        row = _decided(record, self._agent, record.tick)
        actions = [action.name for action in society.actions]
        told = None
        if row is not None:
            told = _marked(decision(record, row, actions, SocietyWording(society)), moment.choices)
        why = {"perceived": moment.perceived, "choices": ranked(moment.choices), "decision": told, "unknown": ""}
        return {**portrait(society, self._agent), **why}


def answered(
    past: LookingBack, reader: RunReader, agent: int, asked: int, last: int, choices: list[Json]
) -> Json | None:
    """Return the decision that an asking led to, marked among the choices, or None where none has landed by `last`."""
    header = reader.header
    for record in reader.records(asked, min(last, asked)):
        if (found := _decided(record, agent, asked)) is not None:
            return _told(past, record, found, header.actions, choices)
    for start in range(asked + 1, min(last, asked + LANDS_WITHIN) + 1, 16):
        for record in reader.records(start, min(start + 15, last)):
            if (found := _decided(record, agent, asked)) is not None:
                return _told(past, record, found, header.actions, choices)
    return None


def _decided(record: TickRecord, agent: int, asked: int) -> int | None:
    decisions = record.decisions
    mine = (decisions.agent == agent) & (decisions.asked_at == asked) & (decisions.source != Source.PERSON)
    rows = np.flatnonzero(mine)
    return int(rows[0]) if rows.size else None


def _told(past: LookingBack, record: TickRecord, row: int, actions: Sequence[str], choices: list[Json]) -> Json:
    with past.wording() as words:
        return _marked(decision(record, row, actions, words), choices)


def _marked(told: Json, choices: list[Json]) -> Json:
    """Mark the choice that a decision took, and tell the decision in its words."""
    taken = next((c for c in choices if c["action"] == told["action"] and _same(c["args"], told["args"])), None)
    if taken is not None:
        taken["chosen"], told["text"], told["args"] = True, taken["text"], taken["args"]
    return told


def _same(args: Sequence[int], given: Sequence[int]) -> bool:
    return list(args) == list(given[: len(args)]) and not any(given[len(args) :])


def decision(record: TickRecord, row: int, actions: Sequence[str], words: Wording) -> Json:
    """Return a decision of a tick as questions tell it."""
    decisions = record.decisions
    code, args = int(decisions.action[row]), decisions.args[row].tolist()
    reason = int(record.reason[row])
    return {
        "tick": record.tick,
        "asked_at": int(decisions.asked_at[row]),
        "action": actions[code] if 0 <= code < len(actions) else "",
        "args": args,
        "text": words.decision(code, args),
        "source": source_words(int(decisions.source[row])),
        "outcome": Outcome(int(record.outcome[row])).name.lower() if record.outcome[row] < len(Outcome) else "",
        "reason": words.words("reason", reason) if reason else "",
    }


def ranked(choices: list[Json]) -> list[Json]:
    """Return choices best first; without scores in the order in which they were laid out."""
    return sorted(choices, key=lambda choice: -choice["score"] if choice["score"] is not None else 0)
