"""The deliberate mind: it lays what someone perceives before a language model, and takes the choice that it makes.

Nobody waits for a model with nothing to choose: who has one choice takes it. Where a model fails, and for whatever
reason, the reflex decides in its place on what the person perceives then; the cause is counted and kept with the
thought. Order of choices and all chance in the answer are pure functions of seed, agent and tick (Philox, streams
"deliberate.order" and "deliberate.seed").
"""

from __future__ import annotations

import re
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace

import numpy as np

from cognition.language.model import Answer, Cause, Counts, LanguageModel, Request
from cognition.language.wrappers.budget import Spent, budget_of
from cognition.minds.framing import pack, pack_counts, part, unpack, unpack_counts
from cognition.prompts.prompt import Prompted, Prompts, filled
from engine.errors import MindError
from engine.ports import Mind, PeopleColumns
from engine.rng import Rng, purpose
from engine.values import (
    ARGUMENTS,
    CONTINUE,
    Choice,
    Decisions,
    Int32s,
    Observation,
    Observations,
    Source,
    Thought,
    ThoughtChoice,
    ThoughtPart,
)

ORDER, SEED = purpose("deliberate.order"), purpose("deliberate.seed")
_KIND = "deliberate"
_HALF_A_SECOND = 0.5
AT_ONCE_ASIDE = 3
"""Observations that are put into words in one go between two ticks: about 2 ms."""
HEAR_EVERY = 0.02
"""Seconds between two looks for answers aside."""

SOURCES = {
    Cause.TIMEOUT: Source.FALLBACK_TIMEOUT,
    Cause.DIED: Source.FALLBACK_MIND_DIED,
    Cause.NONSENSE: Source.FALLBACK_NONSENSE,
    Cause.BUDGET: Source.FALLBACK_BUDGET,
    Cause.TOO_LONG: Source.FALLBACK_BUDGET,
    Cause.REFUSED: Source.FALLBACK_MIND_DIED,
}
"""What a failure of a model is as the source of a decision; the thought keeps the exact reason."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """Who was asked at which tick, and how."""

    agent: int
    tick: int
    prompted: Prompted


class DeliberateMind:
    """Asks a language model for everyone whom it serves.

    number: its own in `people.mind`; note: takes the thoughts of decisions as they are heard, in the tick at which they
    land or between two, for the run file; fallback: a mind of its own that answers at once; model: must answer every
    request sooner or later (see the timeout wrapper); aside: in a tick only take down what people perceive; put it into
    words, and hear answers, in `work_aside`, between two ticks.
    """

    def __init__(
        self,
        model: LanguageModel,
        prompts: Prompts,
        rng: Rng,
        people: PeopleColumns,
        number: int,
        fallback: Mind,
        note: Callable[[Sequence[Thought]], None],
        aside: bool = False,
    ) -> None:
        self.model = model
        self.decided: Counter[Source] = Counter()
        self.fault = ""
        """What went wrong aside, the last time."""
        self._name = model.info.name
        self._prompts, self._rng, self._people, self._number = prompts, rng, people, number
        self._fallback, self._note, self._aside = fallback, note, aside
        self._batch: Observations | None = None
        self._perceived: deque[tuple[Observation, int]] = deque()
        self._failed: dict[int, tuple[int, Source]] = {}
        self._heard: list[tuple[_Asked, Answer, Source]] = []
        self._heard_at = 0.0
        self._raised: Exception | None = None
        self._asked: dict[int, _Asked] = {}
        self._ready: list[Decisions] = []
        self._next = 0
        self._resumed = False
        self._earlier: dict[int, int] = {}

    @property
    def unworded(self) -> int:
        """How many wait for their observation to be put into words."""
        return len(self._perceived)

    def rest(self) -> float | None:
        """Return in how many seconds there is work aside, 0 for now; None while there is none to come."""
        if self._perceived:
            return 0.0
        return max(0.0, self._heard_at + HEAR_EVERY - time.monotonic()) if self._aside and self._asked else None

    def ask(self, batch: Observations) -> None:
        """Take what everyone perceives; put it into words and hand all requests on at once, unless that is done aside.

        What was to be done aside, and for which there was no time, is done first.
        """
        while self._perceived:
            self.work_aside()
        self._batch = batch
        if self._resumed:
            batch = self._with_those_in_flight(batch)
            self._resumed = False
        if not batch.size:
            return
        perceived = []
        for seen in batch.views():
            tick = self._earlier.pop(seen.agent, batch.tick)
            if len(seen.choices) < 2:
                self._take_only(seen, tick)
            else:
                perceived.append((seen, tick))
        if self._aside:
            self._perceived.extend(perceived)
        else:
            self._put(perceived)

    def work_aside(self) -> None:
        """Put some observations into words and hand them on, else hear answers that are ready.

        Those who cannot be put into words have the reflex decide at the next tick. What a model raises when it is
        heard, the next `answers` raises.
        """
        some = [self._perceived.popleft() for _ in range(min(AT_ONCE_ASIDE, len(self._perceived)))]
        try:
            if some:
                self._put(some)
            else:
                self._hear(0.0, self._landing(1))
        except Exception as error:
            self.fault = f"{type(error).__name__}: {str(error)[:200]}"
            self._failed |= {seen.agent: (tick, Source.FALLBACK_MIND_DIED) for seen, tick in some}
            if not some:
                self._raised = error

    def _put(self, perceived: Sequence[tuple[Observation, int]]) -> None:
        """Put observations into words and hand the requests on. Raises what the model or the words raise."""
        requests: list[Request] = []
        try:
            for seen, tick in perceived:
                asked = _Asked(seen.agent, tick, self._prompt(seen))
                self._asked[self._next] = asked
                self._next += 1
                requests.append(asked.prompted.request)
            if requests:
                self.model.ask(requests)
        except Exception:
            for request in requests:  # none was taken, so nobody may wait for them
                del self._asked[request.number]
            raise

    def _prompt(self, seen: Observation) -> Prompted:
        who, count = np.array([seen.agent], np.int32), len(seen.choices)
        order = np.argsort(self._rng.words(ORDER, who, seen.tick, count)[0], kind="stable")
        high, low = self._rng.words(SEED, who, seen.tick, 2)[0].tolist()
        return self._prompts.of(self._next, seen, order.tolist(), high << 32 | low)

    def _with_those_in_flight(self, batch: Observations) -> Observations:
        """After a restore: ask once more about those whose answers had not landed; their tick of asking stays."""
        people = self._people
        due = people.alive & (people.mind == self._number) & (people.thinking >= 0) & (people.thinking < batch.tick)
        again = np.setdiff1d(np.flatnonzero(due).astype(np.int32), batch.agent)
        if not again.size:
            return batch
        self._earlier = dict(zip(again.tolist(), people.thinking[again].tolist(), strict=True))
        who = np.union1d(batch.agent, again).astype(np.int32)
        return replace(batch, agent=who, cause=np.zeros(who.size, np.uint8))

    def answers(self, wait: bool) -> Decisions:
        """Return the decisions that are ready; with `wait` all, each at the latest when the model's patience ends."""
        while wait and self._perceived:
            self.work_aside()
        self._fall_back(self._failed)
        self.decided.update(source for _, source in self._failed.values())
        self._failed = {}
        if self._raised is not None:
            raised, self._raised = self._raised, None
            raise raised
        landing = self._landing(0)
        is_more = self._hear(0.0, landing)
        while is_more or (wait and self._asked):
            is_more = self._hear(_HALF_A_SECOND if wait and self._asked else 0.0, landing)
        if self._heard:
            heard, self._heard = self._heard, []
            self._land(heard)
        ready, self._ready = self._ready, []
        return Decisions.join(ready)

    def _landing(self, later: int) -> int:
        """Return the tick at which an answer lands that is heard in a tick (0), or aside, before the next (1)."""
        return later + (0 if self._batch is None else self._batch.tick)

    def _hear(self, wait: float, landing: int) -> bool:
        """Take the answers that are ready, waiting up to `wait` seconds for the first; return whether there were."""
        self._heard_at = time.monotonic()
        found = self.model.answers(wait)
        told = []
        for answer in found:
            asked = self._asked.pop(answer.number, None)
            if asked is not None:
                one = thought(asked.agent, asked.tick, landing, self._name, asked.prompted, answer)
                told.append(one)
                self._heard.append((asked, answer, one.source))
        if told:
            self.decided.update(one.source for one in told)
            self._note(told)
        return bool(found)

    def _land(self, landed: Sequence[tuple[_Asked, Answer, Source]]) -> None:
        failed = {}
        for asked, answer, source in landed:
            if source is Source.MIND:
                self._decide(asked.agent, asked.tick, asked.prompted.choices[answer.option])
            else:
                failed[asked.agent] = asked.tick, source
        self._fall_back(failed)

    def _take_only(self, seen: Observation, tick: int) -> None:
        """Take the only choice there is, or carry on where there is none."""
        choice = seen.choices[0] if seen.choices else Choice("continue", CONTINUE, (), "", {})
        self._decide(seen.agent, tick, choice)

    def _decide(self, agent: int, tick: int, choice: Choice) -> None:
        args = np.zeros((1, ARGUMENTS), np.int32)
        args[0, : len(choice.args)] = choice.args
        self._ready.append(Decisions.of(_one(agent), np.array([choice.code], np.int16), args, tick))

    def _fall_back(self, failed: Mapping[int, tuple[int, Source]]) -> None:
        """Let the reflex decide for those about whom the model did not, on what they perceive now.

        failed: agent -> tick of asking, and why.
        """
        if not failed or self._batch is None:
            return
        who = np.array(sorted(failed), np.int32)
        self._fallback.ask(replace(self._batch, agent=who, cause=np.zeros(who.size, np.uint8)))
        made = self._fallback.answers(True)
        ticks = np.array([failed[agent][0] for agent in made.agent.tolist()], np.int32)
        source = np.array([failed[agent][1] for agent in made.agent.tolist()], np.uint8)
        self._ready.append(replace(made, asked_at=ticks, source=source))

    def snapshot(self) -> bytes:
        """Return the counts and what was spent; who is being thought about is in the World (`people.thinking`)."""
        parts = {"counts": pack_counts({source.name: n for source, n in self.decided.items()})}
        if (budget := budget_of(self.model)) is not None:
            spent = budget.spent()
            parts["spent"] = pack_counts({"decisions": spent.decisions, **asdict(spent.counts)})
        return pack(_KIND, parts)

    def restore(self, data: bytes) -> None:
        """Go on from a snapshot. Raises MindError when it is damaged or another mind's."""
        parts = unpack(_KIND, data)
        counts = unpack_counts(_KIND, part(_KIND, parts, "counts"))
        known = {source.name: source for source in Source}
        if not set(counts) <= set(known):
            raise MindError(f"the snapshot of the {_KIND} mind counts what there is not; use one of this version")
        if (budget := budget_of(self.model)) is not None and "spent" in parts:
            budget.restore(_spent(unpack_counts(_KIND, parts["spent"])))
        self.model.forget(list(self._asked))
        self._perceived.clear()
        self._failed, self._heard, self._raised = {}, [], None
        self._asked, self._ready, self._batch, self._resumed = {}, [], None, True
        self.decided = Counter({known[name]: count for name, count in counts.items()})


def _spent(counts: Mapping[str, int]) -> Spent:
    if set(counts) != {"decisions", *(field.name for field in fields(Counts))}:
        raise MindError(f"the snapshot of the {_KIND} mind says not what was spent; use one of this version")
    return Spent(counts["decisions"], Counts(**{name: n for name, n in counts.items() if name != "decisions"}))


def _source(choices: int, answer: Answer) -> Source:
    if answer.failure is not None:
        return SOURCES[answer.failure.cause]
    return Source.MIND if 0 <= answer.option < choices else Source.FALLBACK_NONSENSE


def _one(agent: int) -> Int32s:
    return np.array([agent], np.int32)


def thought(agent: int, tick: int, landed: int, model: str, prompted: Prompted, answer: Answer) -> Thought:
    """Return what a request and its answer come to, for the run file and the inspector."""
    request, source = prompted.request, _source(len(prompted.choices), answer)
    counts = answer.tokens if len(answer.tokens) == len(request.parts) else (0,) * len(request.parts)
    chances: Sequence[float | None] = answer.probabilities
    if len(chances) != len(prompted.choices):
        chances = (None,) * len(prompted.choices)
    dropped = frozenset(answer.dropped)
    chosen = answer.option if source is Source.MIND else -1
    then = request.options[chosen].then if chosen >= 0 else None
    return Thought(
        agent=agent,
        tick=tick,
        landed=landed,
        model=model,
        parts=tuple(
            ThoughtPart(p.text, int(p.share), p.is_frame, p.option, counts[k], k in dropped)
            for k, p in enumerate(request.parts)
        ),
        choices=tuple(
            ThoughtChoice(choice.code, choice.args, chance)
            for choice, chance in zip(prompted.choices, chances, strict=True)
        ),
        chosen=chosen,
        words="" if chosen < 0 else spoken(answer.words, prompted.choices[chosen]),
        words_lead="" if then is None else then.lead,
        thinking=answer.thought,
        prompt_tokens=answer.counts.prompt,
        cached_tokens=answer.counts.cached,
        generated_tokens=answer.counts.generated,
        milliseconds=answer.milliseconds,
        source=source,
        why="" if answer.failure is None else answer.failure.why,
    )


def spoken(words: str, choice: Choice) -> str:
    """Return what is said with a choice: slots filled, one line, "" where nothing fit to be said was written.

    A slot that begins a line begins it with a capital.
    """
    if choice.speech is None:
        return ""
    said = " ".join(filled(words, choice.speech.slots).split()).strip('" ')
    if words.startswith("{"):
        said = said[:1].upper() + said[1:]
    return "" if re.search(r"[{}]", said) else said
