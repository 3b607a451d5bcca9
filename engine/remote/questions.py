"""Answers what a view asks of a society, live or recorded. Questions change nothing; docs/wire.md lists them.

Where an answer comes from: what is now, of a live society, from a short visit on the tick's thread; frames, events,
decisions and measures from the run file, which may be read while it is written; why somebody did something, and what
all columns were, from a second laboratory that repeats the run up to there (`looking_back`).
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from engine.errors import ReplayError, SociariumError
from engine.population import names
from engine.record.space import free_bytes
from engine.remote import history, people
from engine.remote.ground import Ground, Opened
from engine.remote.introduction import introduce, introduce_by_header, minds_of
from engine.remote.looking_back import Laboratory
from engine.remote.marks import checkpoints, marks
from engine.remote.parameters import Parameters, UnknownQuestion, WrongParameter, meant
from engine.remote.people import Json
from engine.remote.speech import spoken, words_at
from engine.remote.strips import Strips
from engine.remote.telling import Telling
from engine.remote.thinking import serving, usage_told
from engine.remote.wire import About, Message, Status
from engine.society.society import Society
from engine.values import TickRecord

__all__ = ["Laboratory", "Opened", "Questions", "UnknownQuestion", "WrongParameter"]

PAGE = 200
MOST_ROWS = 2_000
MOST_NAMES = 20_000
MOST_COLUMNS = 64
SOON = 0.3
"""Seconds within which a tick must come for it to show why somebody does what they do now."""
KEPT_PORTRAITS = 64
LIVE_LEVELS = {"millionths": 1_000, "0..1000": 1}
"""Units of frame columns that are levels -> what a thousandth is in them."""
PATIENCE = 0.01
"""Seconds that a frame waits for what was said in it."""


class Questions(Ground):
    """Answers questions about one society. May be called from any thread."""

    def __init__(self, opened: Opened) -> None:
        super().__init__(opened)
        self._counts, self._measured = history.Counts(), history.Measured()
        self._about: Message | None = None
        self._levels: Strips | None = None
        self._portraits: OrderedDict[tuple[int, int], Json] = OrderedDict()
        self._telling = Telling(self._past, self._live)

    def answer(self, question: str, parameters: Mapping[str, str]) -> Message:
        """Return the answer.

        Raises UnknownQuestion, WrongParameter, or another SociariumError when the file or the society has no answer.
        """
        if question not in QUESTIONS:
            raise UnknownQuestion(f"there is no question {question[:40]!r}; known: {', '.join(sorted(QUESTIONS))}")
        answer, known = QUESTIONS[question]
        return answer(self, Parameters(question, parameters, known.split()))

    def said(self, record: TickRecord, society: Society) -> list[list[Any]]:
        """Return what was said in a tick just made, [tick, agent, text, to]; on the tick's thread."""
        society.remember()
        return spoken(record.tick, record.events, society, self._opened.words.last)

    # ------------------------------------------------------------------ what does not change

    def about(self, asked: Parameters) -> Message:
        """Return the introduction."""
        if self._about is None:
            first = self._span()[0]
            if self._live is not None:
                self._about = self._live.visit(lambda runner: introduce(runner, self._header, first, True))
            elif (laboratory := self._past.laboratory()) is not None and not self._past.trouble:
                self._about = introduce(laboratory.runner, self._header, first, False)
            else:
                self._about = introduce_by_header(self._reader)
        return self._about

    def status(self, asked: Parameters) -> Message:
        """Return how it goes; a recorded run has ended."""
        if self._live is not None:
            return Message({"status": asdict(self._live.status())})
        last, path = self._span()[1], self._opened.path
        alive = int(self._reader.frame(last).get("people.alive", np.zeros(0, np.bool_)).sum())
        status = Status("ended", last, last, alive, 0.0, 0.0, 0, 0, path.stat().st_size, free_bytes(path), 0.0)
        return Message({"status": asdict(status)})

    def names(self, asked: Parameters) -> Message:
        """Return people's names by id."""
        first = asked.whole("first", 0, 2**31 - 1, 0)
        count = min(asked.whole("count", 1, MOST_NAMES, MOST_NAMES), max(0, self._people() - first))
        agents = np.arange(first, first + count, dtype=np.int32)
        if self._live is not None:
            scenario = self._live.visit(lambda runner: runner.society.scenario)
        elif (laboratory := self._past.laboratory()) is not None:
            scenario = laboratory.society.scenario
        else:
            return Message({"first": first, "names": [f"#{agent}" for agent in agents.tolist()]})
        return Message({"first": first, "names": names(scenario, agents)})

    # ------------------------------------------------------------------ one tick

    def frame(self, asked: Parameters) -> Message:
        """Return the frame of a tick, and what was said in it."""
        tick = self._tick(asked)
        if tick is None:
            assert self._live is not None
            now, columns = self._live.visit(people.picture)
            return Message({"tick": now, "said": []}, columns)
        return Message({"tick": tick, "said": self._said_at(tick)}, history.frame(self._reader, tick))

    def _said_at(self, tick: int) -> list[list[Any]]:
        """Return what was said at a past tick, as far as that is quick to say."""
        events = self._reader.record(tick).events
        words = words_at(self._reader, tick, events)
        if self._live is not None:
            return self._live.visit(lambda runner: spoken(tick, events, runner.society, words))
        if self._about is None or self._past.trouble:
            return []
        laboratory = self._past.laboratory()
        try:
            with self._past.wording(PATIENCE):
                return [] if laboratory is None else spoken(tick, events, laboratory.society, words)
        except SociariumError:
            return []

    def columns(self, asked: Parameters) -> Message:
        """Return some columns of people."""
        wanted, tick = asked.words("names"), self._tick(asked)
        if not 1 <= len(wanted) <= MOST_COLUMNS:
            raise WrongParameter(f"columns: names has {len(wanted)} names; write 1 to {MOST_COLUMNS}, commas between")
        known = [entry["name"] for entry in self.about(asked).head["columns_of_people"]]
        for name in wanted:
            if name not in known:
                raise WrongParameter(f"columns: people have no column {name[:40]!r}; {meant(name, known)}")
        if tick is not None and {column.name for column in self._header.frame}.issuperset(wanted):
            frame = self._reader.frame(tick)
            return Message({"tick": tick}, {name: frame[name] for name in wanted})
        found = self._visit_or(
            tick, lambda society: (society.world.tick, {name: np.array(society.world[name]) for name in wanted})
        )
        return Message({"tick": found[0]}, found[1])

    def person(self, asked: Parameters) -> Message:
        """Tell of somebody at a tick, and why they did what they did."""
        agent, tick = self._agent(asked), self._tick(asked)
        told: Json
        if tick is None:
            assert self._live is not None
            if asked.whole("why", 0, 1, 1):
                seen = self._live.witness(people.Beholder(agent, self._opened.explain), SOON)
                if seen is not None:
                    return Message(seen)
            told = self._live.visit(lambda runner: people.portrait(runner.society, agent))
            tick = told["tick"]
        else:
            told = {}
        if asked.whole("why", 0, 1, 1) == 0:
            return Message({**(told or self._portrait(agent, tick)), **people.UNEXPLAINED})
        found = self._portraits.get((agent, tick))
        if found is None:
            found = self._portraits[agent, tick] = self._person(agent, tick, told)
            while len(self._portraits) > KEPT_PORTRAITS:
                self._portraits.popitem(last=False)
        return Message({**found, **told})

    def _portrait(self, agent: int, tick: int) -> Json:
        try:
            return self._past.at(tick, lambda society: people.portrait(society, agent))
        except ReplayError:
            return self._sketch(agent, tick)

    def _person(self, agent: int, tick: int, told: Json) -> Json:
        try:
            why = people.explained(self._past, self._reader, agent, tick, self._opened.explain)
        except ReplayError as error:
            why = {**people.UNEXPLAINED, "unknown": str(error)}
        return {**(told or self._portrait(agent, tick)), **why}

    def _sketch(self, agent: int, tick: int) -> Json:
        moment = About.from_head({k: v for k, v in self.about(_NOTHING).head.items() if k != "kind"}).moment(tick)
        with self._past.wording() as words:
            return people.sketch(self._reader, words, agent, tick, moment)

    def thought(self, asked: Parameters) -> Message:
        """Return somebody's last thought that landed at or before a tick, whole."""
        agent, tick = self._agent(asked), self._tick(asked)
        found = self._reader.last_thought(agent, self._span()[1] if tick is None else tick)
        return Message({"thought": None if found is None else self._telling.thought(found)})

    def choices(self, asked: Parameters) -> Message:
        """Return what somebody could be driven to do now."""
        if self._live is None:
            raise WrongParameter("choices: a recorded run cannot be driven; continue it as a branch")
        agent = self._agent(asked)
        return Message(self._live.visit(lambda runner: people.possible(runner, agent)))

    def ties(self, asked: Parameters) -> Message:
        """Return whom somebody knows."""
        agent, tick, limit = self._agent(asked), self._tick(asked), asked.whole("limit", 1, MOST_ROWS, PAGE)
        found = self._visit_or(tick, lambda society: (society.world.tick, people.ties(society, agent, limit)))
        return Message({"tick": found[0], "rows": found[1]})

    # ------------------------------------------------------------------ many ticks

    def levels(self, asked: Parameters) -> Message:
        """Return somebody's levels over time."""
        agent, ticks = self._agent(asked), asked.ticks(*self._span())
        points = asked.whole("points", 1, MOST_ROWS, PAGE)
        at, found = self._strips().levels(self._reader, agent, *ticks, points)
        return Message({"ticks": at, "levels": found})

    def trail(self, asked: Parameters) -> Message:
        """Return the way that somebody went."""
        agent, (first, last) = self._agent(asked), self._span()
        ticks = asked.ticks(first, last, max(first, asked.whole("last", first, 2**31 - 1, last) - PAGE))
        at, cells = self._strips().trail(self._reader, agent, *ticks, MOST_ROWS)
        return Message({}, {"tick": at, "cell": cells})

    def _strips(self) -> Strips:
        if self._levels is None:
            framed = {column.name for column in self._header.frame}
            self._levels = Strips(
                {
                    entry["name"].rpartition(".")[2]: (entry["name"], LIVE_LEVELS[entry["unit"]])
                    for entry in self.about(_NOTHING).head["columns_of_people"]
                    if entry["name"] in framed and entry["unit"] in LIVE_LEVELS and not entry["shape"]
                }
            )
        return self._levels

    def decisions(self, asked: Parameters) -> Message:
        """Return somebody's decisions, newest first."""
        agent, reach = self._agent(asked), self._span()
        first, last = asked.ticks(*reach)
        limit, cursor = asked.whole("limit", 1, MOST_ROWS, PAGE), asked.cursor(*reach)
        rows, more = history.decisions_page(self._reader, agent, first, last, cursor, limit)
        return Message({"rows": self._telling.decisions(rows), "next": more})

    def events(self, asked: Parameters) -> Message:
        """Return events as sentences."""
        first, last = self._span()
        ticks, cursor = asked.ticks(first, last), asked.cursor(first, last)
        agent = self._agent(asked) if asked.has("agent") else None
        kinds = asked.words("kinds") if asked.has("kinds") else None
        newest = asked.one_of("order", ("newest", "oldest"), "newest") == "newest"
        limit = asked.whole("limit", 1, MOST_ROWS, PAGE)
        search = history.EventSearch(self._reader, agent, kinds, self._place(asked), newest)
        rows, more = search.page(*ticks, cursor, limit)
        return Message({"rows": self._telling.events(rows), "next": more})

    def _place(self, asked: Parameters) -> int:
        """Return the number of the place that is asked about, or -1."""
        if not asked.has("place"):
            return -1
        places = [entry["name"] for entry in self.about(asked).head["places"]]
        wanted = asked.text("place")
        if wanted in places:
            return places.index(wanted)
        if not places:
            raise WrongParameter("events: this run's places are not known; search without one")
        if not wanted.isdecimal():
            raise WrongParameter(f"events: there is no place {wanted[:40]!r}; write a place's name or number")
        return asked.whole("place", 0, len(places) - 1)

    def minds(self, asked: Parameters) -> Message:
        """Return whom minds serve at a tick, how the language models do now, and what they took in the whole run."""
        usage = [usage_told(one) for one in self._reader.thinking.usage()]
        now = {"seconds": time.monotonic(), "minds": self._opened.minds(), "known": self._opened.known()}
        try:
            return Message({**self._visit_or(self._tick(asked), serving), **now, "usage": usage})
        except ReplayError:  # other rules made this run: of its minds only the names are known
            names = list(minds_of(self._header))
            return Message(
                {"tick": self._span()[1], "names": names, "people": [], "thinking": [], **now, "usage": usage}
            )

    def tally(self, asked: Parameters) -> Message:
        """Return how often each kind of event happened."""
        return Message({"events": self._counts.kinds(self._reader, *self._span())})

    def density(self, asked: Parameters) -> Message:
        """Return how many events there were over time, and what was commanded."""
        run, buckets = self._span(), asked.whole("buckets", 1, MOST_ROWS, PAGE)
        first, last = asked.ticks(*run)
        start, wide, counts = self._counts.density(self._reader, run, first, last, buckets)
        told = {
            "marks": self._telling.marks(marks(self._reader, first, last)),
            "checkpoints": checkpoints(self._reader, first, last),
        }
        return Message({"first": start, "last": last, "ticks": wide, "events": counts, **told})

    def measures(self, asked: Parameters) -> Message:
        """Return measures over time."""
        ticks, points = asked.ticks(*self._span()), asked.whole("points", 1, MOST_ROWS, MOST_ROWS)
        wanted = asked.words("names")
        known = [entry["name"] for entry in self.about(asked).head["measures"]]
        for name in wanted:
            if name not in known:
                raise WrongParameter(f"measures: there is no measure {name[:40]!r}; {meant(name, known)}")
        at, values = self._measured.between(self._reader, *ticks, points, wanted)
        return Message({"ticks": at, "values": values})


_NOTHING = Parameters("about", {}, ())

Answer = Callable[[Questions, Parameters], Message]
QUESTIONS: Mapping[str, tuple[Answer, str]] = {
    "about": (Questions.about, ""),
    "status": (Questions.status, ""),
    "names": (Questions.names, "first count"),
    "frame": (Questions.frame, "tick"),
    "columns": (Questions.columns, "names tick"),
    "person": (Questions.person, "agent tick why"),
    "thought": (Questions.thought, "agent tick"),
    "choices": (Questions.choices, "agent"),
    "levels": (Questions.levels, "agent first last points"),
    "trail": (Questions.trail, "agent first last"),
    "decisions": (Questions.decisions, "agent first last limit cursor"),
    "events": (Questions.events, "agent kinds place first last order limit cursor"),
    "minds": (Questions.minds, "tick"),
    "tally": (Questions.tally, ""),
    "density": (Questions.density, "first last buckets"),
    "measures": (Questions.measures, "names first last points"),
    "ties": (Questions.ties, "agent tick limit"),
}
"""Each question with the parameters that it takes."""
