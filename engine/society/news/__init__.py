"""News: facts that people pass on in talk, each with its source and its tick."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from engine.errors import SocietyError
from engine.rng import purpose
from engine.society.module import Appeal, EventKind, Fact, Measure, Module, Parameter, Topic
from engine.society.news.knowing import ONE, eager, known, newest_untold, spread, tell
from engine.society.news.settings import SOURCES, NewsSettings
from engine.society.society import Now, Society
from engine.values import ARGUMENTS, Bools, Int32s
from engine.world import Column

LONGEST = 280
"""Most characters of an announcement."""
_BYTES = 4 * LONGEST
_LONG_AGO = -(2**24)
CHANCE = purpose("news.chance")
OVER = "something that is news no more"
RECALLED = 10_000
"""How many facts are remembered, after they are news no more, by how they read."""
ECHO = 4
"""One in so many of those who hear an announcement repeats it aloud."""


def _repeats(society: Society, agent: int, values: Sequence[int], draw: int) -> str:
    said = society.words("fact", values[0])
    return "" if draw % ECHO or said == OVER else f"Did you hear that? {_sentence(said)}"


def _sentence(said: str) -> str:
    said = said.strip()
    return f"{said[:1].upper()}{said[1:]}{'' if said[-1:] in '.!?…' else '.'}"


def _in_first_person(said: str, name: str) -> str:
    """Return a sentence as the person of that name would say it."""
    if said.startswith(f"{name}'s "):
        said = f"My {said[len(name) + 3 :]}"
    elif said.startswith(f"{name} "):
        said = f"I {said[len(name) + 1 :]}"
    return said.replace(f"{name}'s ", "my ").replace(name, "me")


class News(Module):
    """A fact is an event that people remember, or an announcement; a bounded number of them are news at once.

    A fact's number counts up from 0 and its place in the table is that number modulo the table's size, so a new fact
    takes the place of the oldest. Facts also end when they are `days` old. Only the people in an event, those who saw
    it or heard an announcement, and those who were told in talk know a fact.
    """

    name = "news"
    about = "Facts that people pass on in talk, with source and tick."
    Settings: ClassVar[type[NewsSettings]] = NewsSettings
    appeals = (Appeal("news", "hearing and telling what is new", 40),)
    events = (
        EventKind(
            "announced",
            "{agent} heard it announced: {fact}",
            (Parameter("fact", "fact"),),
            "An announcement.",
            spoken=_repeats,
        ),
        EventKind(
            "learnt",
            "{agent} learnt from {source}: {fact}",
            (Parameter("fact", "fact"), Parameter("source", "agent")),
            "Someone was told a piece of news that was new to them.",
        ),
    )
    fleeting = ("fact",)
    settings: NewsSettings

    def __init__(self, settings: Any, society: Society) -> None:
        super().__init__(settings, society)
        self._recalled: dict[int, str] = {}

    def columns(self) -> tuple[Column, ...]:
        """Return the table of facts, and who knows which, from whom, since when, over how many hops."""
        size = self.settings.facts
        sources = max(1, len(self.settings.sources))
        return (
            Column("next", np.int32, per="world", about="number of the next fact"),
            Column("serial", np.int32, per="world", shape=(size,), fill=-1, about="the fact's number, -1 for none"),
            Column("kind", np.int16, per="world", shape=(size,), about="kind of the event that it tells of"),
            Column("doer", np.int32, per="world", shape=(size,), fill=-1, about="whose doing it tells of, -1 nobody's"),
            Column("values", np.int32, per="world", shape=(size, ARGUMENTS), about="the values of that event"),
            Column("tick", np.int32, per="world", shape=(size,), unit="tick", about="when it came about"),
            Column("place", np.int16, per="world", shape=(size,), fill=-1, about="where, -1 for no place"),
            Column("text", np.uint8, per="world", shape=(size, _BYTES), about="an announcement's words, UTF-8"),
            Column("told", np.int32, per="world", shape=(sources,), fill=_LONG_AGO, unit="tick",
                   about="when an event of each source last became news"),
            Column("knows", np.uint64, about="a bit for each fact: whether the person knows it"),
            Column("heard_from", np.int32, shape=(size,), fill=-1, about="who told the person, -1 for nobody"),
            Column("heard_at", np.int32, shape=(size,), fill=-1, unit="tick", about="when the person came to know it"),
            Column("hops", np.uint8, shape=(size,), about="through how many mouths it came"),
        )  # fmt: skip

    def topics(self) -> tuple[Topic, ...]:
        """People tell what is new."""
        return (Topic("news", "the news: {subject}", "fact", self._subjects, {"news": 800}, self._legal, self._lines),)

    def measures(self) -> tuple[Measure, ...]:
        """Return how many facts there are, how far they have spread, and over how many hops."""
        return (
            Measure("facts", "facts", "Facts that are news.", lambda: float(self._places().size)),
            Measure("share", "0..1", "Mean share of people who know a fact.", lambda: self._mean(self._shares())),
            Measure("shares", "0..1, oldest first", "Share of people who know each fact.", self._shares),
            Measure("hops", "mouths", "Mean number of mouths that a fact came through.", self._hops),
        )

    def namers(self) -> Mapping[str, Callable[[int], str]]:
        """Facts read as what they tell."""
        return {"fact": self.words}

    def bind(self) -> None:
        """Find the kinds of event that become news."""
        log = self.society.log
        kinds = {kind.name: kind for kind in log.kinds}
        for name, source in self.settings.sources.items():
            unknown = [role for role in source.roles if self.society.role(role) < 0]
            if unknown and source != SOURCES.get(name):
                known = ", ".join(self.society.roles)
                raise SocietyError(f"modules.news.sources.{name}.roles names {unknown[0]}; known: {known}")
        self._announced = log.code("announced")
        self._sources = [
            (place, name, source, [k for k, field in enumerate(kinds[name].fields) if field.kind == "agent"])
            for place, (name, source) in enumerate(self.settings.sources.items())
            if name in kinds
        ]
        names = [topic.name for topic in self.society.topics]
        self._topic = names.index("news") if "news" in names else -1
        self._promise = np.zeros(len(self.society.places), np.int16)
        for kind, promise in self.settings.places.items():
            self._promise[self.society.places.of_kind(kind)] = promise

    def feel(self, now: Now, who: Int32s, feel: Callable[[str, NDArray[Any]], None]) -> None:
        """The curious long for news, the more so the more they have to tell."""
        curious = self.society.trait("curious", who)
        feel("news", eager(self.own.knows, self.own.heard_at, self._since(now), who, curious))

    def attract(self, now: Now, attract: Callable[[str, NDArray[Any]], None]) -> None:
        """There is news where people meet."""
        attract("news", self._promise)

    def settle(self, now: Now) -> None:
        """Let old facts end, talk spread facts, and events become facts."""
        self._end_old(now)
        if self._topic >= 0:
            self._spread(now)
        for place, kind, source, fields in self._sources:
            agents, values = now.log.of(kind)
            pause = self.society.ticks(source.pause) if source.pause else 0
            if not agents.size or now.tick - self.own.told[place] < pause:
                continue
            rows = self._worth_telling(now, agents, source.chance, source.roles)
            for row in rows[: 1 if source.pause else self.settings.facts]:
                self.own.told[place] = now.tick
                fact = self.arise(now, now.log.code(kind), int(agents[row]), values[row])
                people = [agents[row : row + 1], values[row, fields]]
                if source.seen:
                    people.append(self.society.space.contacts(agents[row : row + 1], source.seen).items)
                self.let_know(now, np.unique(np.concatenate(people)).astype(np.int32), fact)

    def _worth_telling(self, now: Now, agents: Int32s, chance: int, roles: tuple[str, ...]) -> NDArray[np.int64]:
        worth = np.ones(agents.size, np.bool_)
        if chance < 1000:
            worth = self.society.rng.below(1000, CHANCE, agents, now.tick) < chance
        if roles:
            worth &= np.isin(self.society.people.role[agents], [self.society.role(role) for role in roles])
        return np.flatnonzero(worth)

    def _end_old(self, now: Now) -> None:
        oldest = now.tick - self.settings.days * self.society.scenario.time.day
        for place in np.flatnonzero((self.own.serial >= 0) & (self.own.tick < oldest)):
            self._end(int(place))

    def _end(self, place: int) -> None:
        """Let the fact of a place be news no more; who knew it knows it no more."""
        self.own.knows &= ~(ONE << np.uint64(place))
        self.own.serial[place] = -1

    def _spread(self, now: Now) -> None:
        speakers, values = now.log.of("talked")
        rows = np.flatnonzero(values[:, 1] == self._topic)
        if not rows.size:
            return
        speakers, listeners = speakers[rows], np.ascontiguousarray(values[rows, 0])
        facts, own = np.ascontiguousarray(values[rows, 2]), self.own
        new = tell(own.knows, own.heard_from, own.heard_at, own.hops, own.serial, speakers, listeners, facts, now.tick)
        now.log.emit("learnt", listeners[new], facts[new], speakers[new])

    def arise(self, now: Now, kind: int, doer: int, values: Int32s, text: str = "") -> int:
        """Write down a new fact, in the place of the oldest if need be; nobody knows it yet. Returns its number."""
        own = self.own
        fact = int(own.next[0])
        own.next[0] += 1
        place = fact % self.settings.facts
        self._end(place)
        own.serial[place], own.kind[place], own.doer[place], own.tick[place] = fact, kind, doer, now.tick
        own.values[place] = values
        own.place[place] = self.society.bodies.place[doer] if doer >= 0 else -1
        words = text.encode()[:_BYTES]
        own.text[place] = 0
        own.text[place, : len(words)] = np.frombuffer(words, np.uint8)
        return fact

    def let_know(self, now: Now, who: Int32s, fact: int) -> None:
        """Let people know a fact at first hand."""
        own, place = self.own, fact % self.settings.facts
        who = who[who >= 0]
        own.knows[who] |= ONE << np.uint64(place)
        own.heard_from[who, place] = -1
        own.heard_at[who, place] = now.tick
        own.hops[who, place] = 0

    def command(self, now: Now, do: str, what: Mapping[str, object]) -> bool:
        """Take `announce`: text, and the role and the place (by name or kind) of those who hear it, or null.

        Raises SocietyError for a text, a role or a place that will not do.
        """
        if do != "announce":
            return False
        text = what.get("text")
        if not isinstance(text, str) or not 1 <= len(text) <= LONGEST:
            raise SocietyError(f"an announcement needs a text of 1 to {LONGEST} characters; shorten or write it")
        hearers = self.society.people.alive.copy()
        if what.get("role") is not None:
            hearers &= self.society.people.role == self._role(str(what["role"]))
        if what.get("place") is not None:
            hearers &= np.isin(self.society.bodies.place, self._where(str(what["place"])))
        who = np.flatnonzero(hearers).astype(np.int32)
        fact = self.arise(now, self._announced, -1, np.zeros(ARGUMENTS, np.int32), text)
        self.let_know(now, who, fact)
        now.log.emit("announced", who, fact)
        return True

    def _role(self, name: str) -> int:
        role = self.society.role(name)
        if role < 0:
            raise SocietyError(f"there is no role {name!r} to announce to; known: {', '.join(self.society.roles)}")
        return role

    def _where(self, name: str) -> Int32s:
        found = self.society.places.find(name)
        places = np.array([found], np.int32) if found >= 0 else self.society.places.of_kind(name)
        if places.size == 0:
            raise SocietyError(f"there is no place or kind of place {name!r} to announce at; name one that the map has")
        return places

    def knows(self, who: Int32s, facts: Int32s) -> Bools:
        """Whether each knows that fact, bool[m]."""
        return known(self.own.knows, self.own.serial, who, facts)

    def words(self, fact: int) -> str:
        """Return what a fact tells; of one that is news no more only what was remembered, while the past is told."""
        if fact < 0 or self.own.serial[fact % self.settings.facts] != fact:
            return self._recalled.get(fact, OVER) if self.society.is_recalling else OVER
        return self._tells(fact % self.settings.facts)

    def remember(self) -> None:
        """Note what every fact tells that is news."""
        for fact in self.own.serial.tolist():
            if fact >= 0 and fact not in self._recalled:
                self._recalled[fact] = self.words(fact)
        while len(self._recalled) > RECALLED:
            del self._recalled[next(iter(self._recalled))]

    def _tells(self, place: int) -> str:
        own = self.own
        if own.kind[place] == self._announced:
            return bytes(own.text[place]).rstrip(b"\0").decode("utf-8", "replace")
        kind, where = int(own.kind[place]), int(own.place[place])
        said = self.society.sentence(kind, int(own.doer[place]), own.values[place].tolist())
        says_where = any(field.kind == "place" for field in self.society.log.kinds[kind].fields)
        return said if where < 0 or says_where else f"{said}, {self.society.words('place', where)}"

    def _spoken(self, slot: int) -> str:
        """Return an event that is news as people speak of it."""
        own, society = self.own, self.society
        kind, where, values = int(own.kind[slot]), int(own.place[slot]), own.values[slot].tolist()
        said = society.sentence(kind, int(own.doer[slot]), values)
        named = [values[i] for i, field in enumerate(society.log.kinds[kind].fields) if field.kind == "place"]
        for place in named:
            said = said.replace(f" {society.words('place', place)}", f" {society.spot(place)}")
        return said if where < 0 or named else f"{said} at {society.spot(where)}"

    def _lines(self, speaker: int, fact: int) -> tuple[str, ...]:
        said = self.words(fact)
        if said == OVER:
            return "Have you heard the news?", "There is news!"
        place = fact % self.settings.facts
        if self.own.serial[place] == fact and self.own.kind[place] != self._announced:
            said = _in_first_person(self._spoken(place), self.society.name(speaker))
        said = _sentence(said)
        return f"Have you heard? {said}", f"Guess what! {said}", f"There is news: {said}", said

    def facts(self, agent: int) -> tuple[Fact, ...]:
        """Say how much news someone knows, and what they came to know last."""
        own = self.own
        places = [int(place) for place in self._places() if int(own.knows[agent]) >> int(place) & 1]
        if not places:
            return ()
        last = max(places, key=lambda place: (int(own.heard_at[agent, place]), int(own.serial[place])))
        told = Fact(
            "latest news", "text", words=self.words(int(own.serial[last])), agent=int(own.heard_from[agent, last])
        )
        return told, Fact("news known", "amount", len(places), "fact" if len(places) == 1 else "facts")

    def _subjects(self, now: Now, who: Int32s, partner: Int32s) -> Int32s:
        own = self.own
        newest, since = int(own.next[0]) - 1, self._since(now)
        return newest_untold(own.knows, own.heard_at, own.serial, newest, since, who, partner)

    def _since(self, now: Now) -> int:
        """Return the tick from which what one came to know is still fresh."""
        return now.tick - self.society.ticks(self.settings.eager)

    def _legal(self, now: Now, who: Int32s, partner: Int32s, subject: Int32s) -> Bools:
        return known(self.own.knows, self.own.serial, who, subject)

    def _places(self) -> NDArray[np.int64]:
        """Return the places that hold a fact, oldest first."""
        places = np.flatnonzero(self.own.serial >= 0)
        return places[np.argsort(self.own.serial[places])]

    def _spreads(self) -> list[tuple[int, int]]:
        alive = self.society.world.alive
        return [spread(self.own.knows, self.own.hops, alive, int(place)) for place in self._places()]

    def _shares(self) -> list[float]:
        people = max(1, int(np.count_nonzero(self.society.world.alive)))
        return [round(knowers / people, 6) for knowers, _ in self._spreads()]

    def _hops(self) -> float:
        spreads = self._spreads()
        knowers = sum(count for count, _ in spreads)
        return sum(way for _, way in spreads) / knowers if knowers else 0.0

    @staticmethod
    def _mean(shares: list[float]) -> float:
        return sum(shares) / len(shares) if shares else 0.0
