"""The action `talk`."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from engine.actions.definition import Action, Ends, EventKind, Parameter
from engine.actions.menu import Menu
from engine.rng import purpose
from engine.society.society import Now, Society
from engine.society.talk.offers import choose, lay_out
from engine.society.ties.table import SLOTS
from engine.values import CONTINUE, Bools, Bytes, Int16s, Int32s, Outcome, Speech

if TYPE_CHECKING:
    from engine.society.talk import Talk

PARTNER = purpose("talk.partner")
_NAMED = frozenset({"agent", "good", "fact"})
"""Kinds of subject that are names and goods: slots in what is said."""


def about(society: Society, topic: int, subject: int) -> str:
    """Return in words what is talked about."""
    if not 0 <= topic < len(society.topics):
        return "nothing in particular"
    what = society.topics[topic]
    return what.text.format(subject=society.words(what.kind, subject))


def _reads(society: Society, agent: int, values: Sequence[int]) -> str:
    partner, topic, subject = int(values[0]), int(values[1]), int(values[2])
    return f"{society.name(agent)} talked with {society.name(partner)} about {about(society, topic, subject)}"


def _spoken(society: Society, agent: int, values: Sequence[int], draw: int) -> str:
    topic, subject = int(values[1]), int(values[2])
    lines = society.topics[topic].lines if 0 <= topic < len(society.topics) else None
    said = () if lines is None or subject < 0 else lines(agent, subject)
    return said[draw % len(said)] if said else ""


TALKED = EventKind(
    "talked",
    "{agent} talked with {partner} about {topic}",
    (Parameter("partner", "agent"), Parameter("topic", "topic"), Parameter("subject", "subject")),
    "Two people finished a talk; the first chose partner, topic and subject.",
    _reads,
    _spoken,
)


class TalkTo(Action):
    """Talk with someone beside oneself about something that one can say."""

    name = "talk"
    text = "talk with {partner} about {topic}"
    about = "Talk with someone close by about a topic."
    parameters = (Parameter("partner", "agent"), Parameter("topic", "topic"), Parameter("subject", "subject"))
    lasting = True
    promises = MappingProxyType({"company": 700, "news": 300})
    reasons: ClassVar[tuple[str, ...]] = (
        "there is no such person",
        "they are not close by",
        "they are busy",
        "there is nothing to say about that",
        "they walked away",
    )

    def __init__(self, module: Talk) -> None:
        self.module = module

    def bind(self, society: Society) -> None:
        """Take the topics, the ties if there are any, and the activities in which one is busy."""
        super().bind(society)
        names = [appeal.name for appeal in society.appeals]
        self._company = names.index("company") if "company" in names else -1
        self._trust = names.index("trust") if "trust" in names else -1
        self._promise = np.zeros((len(society.topics), len(names)), np.int16)
        for t, topic in enumerate(society.topics):
            for appeal, value in topic.appeals.items():
                if appeal in names:
                    self._promise[t, names.index(appeal)] = value
        self._busy = np.array([action.name in self.module.settings.busy for action in society.actions], np.bool_)
        self._busy[CONTINUE] = False
        self._ties = society.module("ties") if society.has("ties") else None

    def _table(self) -> tuple[Int32s, Int16s, Int16s]:
        if self._ties is not None:
            partner, trust, familiarity = self._ties.table
            return partner, trust, familiarity
        people = self.society.world.count
        nothing = np.zeros((people, SLOTS), np.int16)
        return np.full((people, SLOTS), -1, np.int32), nothing, nothing

    def offer(self, now: Now, menu: Menu) -> None:
        """Offer talk with the best few of those beside each, about whatever each can say to them."""
        society, topics = self.society, self.society.topics
        beside = society.contacts(now, menu.who)
        if not beside.items.size or not topics:
            return
        doing = society.people.action
        words = society.rng.words(PARTNER, menu.who, now.tick)[:, 0]
        rows, speakers, partners, known, trusted = choose(
            beside.start, beside.items, menu.who, doing == self.code, self._busy[doing], words,
            self.module.settings.partners, *self._table(),
        )  # fmt: skip
        if not rows.size:
            return
        subjects = np.stack([topic.subjects(now, speakers, partners) for topic in topics]).astype(np.int32, copy=False)
        lay_out(
            self.code, rows, partners, known, trusted, subjects, words, self.module.settings.topics,
            self._promise, self._company, self._trust, *menu.columns,
        )  # fmt: skip

    def check(self, now: Now, who: Int32s, args: Int32s) -> Bytes:
        """Refuse those who are not there, far off or busy, and what one cannot say."""
        society, partner = self.society, args[:, 0]
        alive = society.people.alive
        known = (partner >= 0) & (partner < alive.size) & (partner != who)
        known &= alive[np.where(known, partner, 0)]
        out = np.where(known, 0, self.because(0)).astype(np.uint8)
        rows = np.flatnonzero(known)
        who, partner, args = who[rows], np.ascontiguousarray(partner[rows]), args[rows]
        reason = np.where(self._sayable(now, who, partner, args), 0, self.because(3)).astype(np.uint8)
        reason[self._busy[society.people.action[partner]]] = self.because(2)
        cells = society.bodies.cell
        reason[society.space.distance(cells[who], cells[partner]) > 1] = self.because(1)
        out[rows] = reason
        return out

    def _sayable(self, now: Now, who: Int32s, partner: Int32s, args: Int32s) -> Bools:
        out = args[:, 2] >= 0
        out &= (args[:, 1] >= 0) & (args[:, 1] < len(self.society.topics))
        for t, topic in enumerate(self.society.topics):
            rows = np.flatnonzero(out & (args[:, 1] == t))
            if rows.size and topic.legal is not None:
                out[rows] = topic.legal(now, who[rows], partner[rows], np.ascontiguousarray(args[rows, 2]))
        return np.asarray(out, np.bool_)

    def start(self, now: Now, who: Int32s, args: Int32s) -> Ends:
        """Begin to talk."""
        until = now.tick + self.society.ticks(self.module.settings.minutes)
        return Ends.started(np.full(who.size, until, np.int32))

    def finish(self, now: Now, who: Int32s, args: Int32s) -> Ends:
        """Have talked, unless the other walked away."""
        society, partner = self.society, args[:, 0]
        cells = society.bodies.cell
        near = society.space.distance(cells[who], cells[partner]) <= self.module.settings.earshot
        near &= society.people.alive[partner]
        now.log.emit("talked", who[near], partner[near], args[near, 1], args[near, 2])
        reason = np.where(near, 0, self.because(4)).astype(np.uint8)
        return Ends.where(reason, Outcome.DONE)

    def recalls(self, args: Sequence[int]) -> str:
        """Say with whom and about what."""
        return f"talk with {self.society.name(int(args[0]))} about {about(self.society, int(args[1]), int(args[2]))}"

    def says(self, agent: int, args: Sequence[int]) -> str:
        """Say with whom, what they are to each other, and about what or whom."""
        society, partner, topic, subject = self.society, int(args[0]), int(args[1]), int(args[2])
        said = f"talk with {society.name(partner)}"
        if self._ties is None:
            return f"{said} about {about(society, topic, subject)}"
        said += f", {self._ties.relation(agent, partner)}, about {about(society, topic, subject)}"
        if 0 <= topic < len(society.topics) and society.topics[topic].kind == "agent":
            said += f", {self._ties.relation(agent, subject)}"
        return said

    def speech(self, agent: int, args: Sequence[int]) -> Speech | None:
        """Say what to whom, with slots for the person and the subject."""
        society, partner, topic, subject = self.society, int(args[0]), int(args[1]), int(args[2])
        if not 0 <= topic < len(society.topics):
            return None
        what = society.topics[topic]
        slots, subject_word = {"you": society.name(partner).split(" ", 1)[0]}, society.words(what.kind, subject)
        if what.kind in _NAMED:
            slots["it"], subject_word = subject_word, "{it}"
        said = f"about {what.text.format(subject=subject_word)}"
        if self._ties is None:
            return Speech(f"say to {{you}} {said}", slots)
        if what.kind == "agent":
            said += f", {self._ties.relation(agent, subject)}"
        return Speech(f"say to {{you}}, {self._ties.relation(agent, partner)}, {said}", slots)
