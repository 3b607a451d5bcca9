"""What a run would take, told before it: some ticks are lived into nowhere, and language models are asked a sample.

The people of a language model are served by the reflex meanwhile, but asked as rarely as the model would be; so the
number of decisions is that of the scenario, and the sample is made of prompts that really come.
"""

from __future__ import annotations

import math
import shutil
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import psutil

from app import headless, runs
from app.amounts import amount, duration, rate
from app.cli import print_json
from app.compose import Laboratory
from app.home import RUN_SUFFIX, home
from app.language import open_model
from app.minds import RULES, reflex_weights, weights_by_name
from cognition.language.model import Counts, LanguageModel
from cognition.language.probe import memory_of
from cognition.minds.deliberate import DeliberateMind
from cognition.minds.reflex import ReflexMind
from cognition.prompts.prompt import Prompts
from engine.errors import MindError
from engine.record.reader import RunReader
from engine.scenario import Scenario
from engine.values import Int32s, Observations, Source, Thought

TICKS = 60
"""How many ticks are lived without language models."""
LIVED_SECONDS, MOST_LIVED = 3.0, 720
"""With language models: as many ticks as fit into these seconds, up to so many."""
PROBE_SECONDS, PATIENCE = 8.0, 20.0
"""How long all models together are asked, and how long one answer is waited for."""
FIRST_SAMPLE, MOST_SAMPLED = 4, 256
LEAST_ROUND = 0.2
"""Of a model's seconds: with less left, no further round is begun."""
COUNTED = ("prompt", "cached", "generated")
LIMITS = ("most_decisions", "most_tokens", "most_money")


@dataclass
class Sampled:
    """A language model with its place among the minds, and what came of asking it.

    asked: how many of its people were to be asked, by tick lived; put, sent: how many were put to it, and in how many
    cases there was more than one choice; answered, fallen: of these; counts and cost of these; thoughts: all it had.
    """

    place: int
    name: str
    settings: Mapping[str, Any]
    model: LanguageModel
    asked: list[int] = field(default_factory=list)
    rounds: int = 0
    put: int = 0
    sent: int = 0
    answered: int = 0
    seconds: float = 0.0
    counts: Counts = field(default_factory=Counts)
    cost: float = 0.0
    thoughts: int = 0

    @property
    def is_endpoint(self) -> bool:
        """Whether it works elsewhere."""
        return self.name.startswith(("http://", "https://"))

    @property
    def speed(self) -> float:
        """Decisions a second."""
        return self.answered / self.seconds if self.seconds else 0.0

    def take(self, mind: DeliberateMind, batch: Observations, anew: bool) -> None:
        """Ask about a batch and count; `anew` leaves out what was counted before, of a model that was still cold."""
        if anew:
            self.put = self.sent = self.answered = 0
            self.seconds, self.counts, self.cost = 0.0, Counts(), 0.0
        before, decided = self.model.usage(), mind.decided[Source.MIND]
        begun = time.perf_counter()
        mind.ask(batch)
        mind.answers(True)
        self.seconds += time.perf_counter() - begun
        after = self.model.usage()
        self.rounds += 1
        self.put += batch.size
        self.sent += after.asked - before.asked
        self.answered += mind.decided[Source.MIND] - decided
        self.cost += after.cost - before.cost
        spent = (getattr(after.counts, name) - getattr(before.counts, name) for name in COUNTED)
        self.counts += Counts(*spent)

    def people_asked(self, ticks: int) -> float:
        """Return how many times its people are asked in a run: at first everyone, then as in the ticks lived."""
        first, rest = self.asked[0], self.asked[1:]
        return first + (sum(rest) / len(rest) if rest else first) * (ticks - 1)

    def told(self, ticks: int, window: float | None) -> dict[str, Any]:
        """Return what it would do in a run of so many ticks, of `window` seconds where they do not wait for it."""
        sent = max(1, self.sent)
        decisions = self.people_asked(ticks) * self.sent / max(1, self.put)
        decisions = decisions if window is None else min(decisions, self.speed * window)
        ends_by, most = self._limit(sent)
        ends_by, decisions = (ends_by, most) if most < decisions else ("", decisions)
        return {
            "name": self.name,
            "is_endpoint": self.is_endpoint,
            "decisions": round(decisions),
            "decisions_per_s": round(self.speed, 3),
            "seconds": round(decisions / self.speed, 1) if self.speed else 0.0,
            "prompt_tokens": round(decisions * self.counts.prompt / sent),
            "cached_tokens": round(decisions * self.counts.cached / sent),
            "generated_tokens": round(decisions * self.counts.generated / sent),
            "cost": round(decisions * self.cost / sent, 6),
            "currency": self.model.usage().currency,
            "ends_by": ends_by,
            "measured_decisions": self.sent,
            "measured_fallbacks": self.sent - self.answered,
        }

    def _limit(self, sent: int) -> tuple[str, float]:
        """Return the limit in the settings that would be met first, and after how many decisions."""
        each = (1.0, (self.counts.prompt + self.counts.generated) / sent, self.cost / sent)
        known = zip(LIMITS, each, strict=True)
        limits = [(self.settings[name] / own, name) for name, own in known if name in self.settings and own]
        most, name = min(limits, default=(math.inf, ""))
        return name, most


def tell_estimate(scenario: Scenario, as_json: bool) -> int:
    """Measure, and print what the whole run would take; return the exit status.

    Raises MindError when a language model cannot work.
    """
    thinking = [mind for mind in scenario.cognition.minds if mind.mind not in RULES]
    found = _with_models(scenario) if thinking else _without(scenario)
    if as_json:
        print_json(found)
    else:
        for line in _lines(found):
            print(line)
    return 0


def _without(scenario: Scenario) -> dict[str, Any]:
    """Run a few ticks into a throw-away file and reckon up what all would take."""
    ticks = min(TICKS, scenario.time.ticks)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"estimate{RUN_SUFFIX}"
        result = headless.run(runs.changed(scenario, [f"time.ticks={ticks}"]), path, quiet=True)
        size = path.stat().st_size
    tally = result.tally
    share = scenario.time.ticks / ticks
    return _told(
        scenario, median(tally.milliseconds) / 1000 * scenario.time.ticks, size * share, tally.decisions * share, ticks
    )


def _told(scenario: Scenario, seconds: float, size: float, decisions: float, ticks: int) -> dict[str, Any]:
    return {
        "ticks": scenario.time.ticks,
        "seconds": round(seconds, 1),
        "megabytes": round(size / 2**20, 1),
        "decisions": round(decisions),
        "free_megabytes": round(shutil.disk_usage(_existing(home())).free / 2**20),
        "measured_ticks": ticks,
    }


def _existing(path: Path) -> Path:
    return path if path.exists() or path == path.parent else _existing(path.parent)


def _with_models(scenario: Scenario) -> dict[str, Any]:
    """Live some ticks with the reflex in the models' place, then ask each model a sample of what it would be asked."""
    minds = scenario.cognition.minds
    sampled: dict[int, Sampled] = {}
    with ExitStack() as stack:
        for place, mind in enumerate(minds):
            if mind.mind in RULES:
                continue
            model = open_model(mind.mind, _for_a_sample(mind.settings), scenario.time.mode == "lockstep")
            stack.callback(model.close)
            sampled[place] = Sampled(place, mind.mind, mind.settings, model)
        path = Path(stack.enter_context(tempfile.TemporaryDirectory())) / f"estimate{RUN_SUFFIX}"
        with runs.founded(_stood_in(scenario, sampled), path, headless.WAITING) as laboratory:
            runs.warm(laboratory)
            lived = _live(laboratory, sampled)
            for one in sampled.values():
                _sample(laboratory, scenario, one, PROBE_SECONDS / len(sampled))
            memory = memory_of([psutil.Process().pid, *(child.pid for child in psutil.Process().children(True))])
            laboratory.runner.tick()  # what was thought is written with it
        with RunReader(path) as reader:
            thoughts = reader.thinking.size()
        size = path.stat().st_size
    return _reckoned(scenario, list(sampled.values()), lived, (size - thoughts) / len(lived), thoughts, memory)


def _for_a_sample(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return a mind's settings without its limits, which are for the run, and with little patience."""
    patience = settings.get("timeout")
    kept = {name: value for name, value in settings.items() if name not in LIMITS}
    return kept if isinstance(patience, float | int) and patience < PATIENCE else {**kept, "timeout": PATIENCE}


def _stood_in(scenario: Scenario, places: Iterable[int]) -> Scenario:
    """Return the scenario with the reflex in the models' place; ticks wait for nobody."""
    changes = ["time.mode=lockstep"]
    for place in places:
        changes += [f"cognition.minds[{place}].mind=reflex", f"cognition.minds[{place}].settings={{}}"]
    return runs.changed(scenario, changes)


def _live(laboratory: Laboratory, sampled: Mapping[int, Sampled]) -> list[float]:
    """Live some ticks, count whom the models would have been asked about; return the seconds of each tick."""
    people, spent = laboratory.society.people, list[float]()
    for place in sampled:
        laboratory.staff.deliberates[place] = True
    most = min(MOST_LIVED, laboratory.scenario.time.ticks)
    while len(spent) < most and (sum(spent) < LIVED_SECONDS or len(spent) < 2):
        begun = time.perf_counter()
        record = laboratory.runner.tick()
        spent.append(time.perf_counter() - begun)
        minds = people.mind[record.asked]
        for place, one in sampled.items():
            one.asked.append(int((minds == place).sum()))
    return spent


def _sample(laboratory: Laboratory, scenario: Scenario, one: Sampled, seconds: float) -> None:
    """Ask a model about some of its people again and again, for so many seconds, and keep what it thought.

    Raises MindError when it never decided.
    """
    society, thoughts = laboratory.society, list[Thought]()
    living = society.world.living()
    mine = living[society.people.mind[living] == one.place]
    if not mine.size:
        return
    settings = scenario.cognition.reflex
    reflex = ReflexMind(reflex_weights(scenario, society), settings.noise, settings.inertia, society.rng)
    prompts = Prompts(scenario, weights_by_name(scenario, society), one.model.info)
    mind = DeliberateMind(one.model, prompts, society.rng, society.people, one.place, reflex, thoughts.extend)
    chance, size, end = np.random.default_rng(scenario.seed), FIRST_SAMPLE, time.monotonic() + seconds
    while True:
        who = np.sort(chance.choice(mine, min(size, mine.size), replace=False)).astype(np.int32)
        first = one.rounds == 1
        one.take(mind, _observed(laboratory, who), anew=first)
        left = end - time.monotonic()
        if left < LEAST_ROUND * seconds:
            break
        size = max(1, min(MOST_SAMPLED, int(left * one.speed)))
    if not mind.decided[Source.MIND] and one.sent:
        why = next((thought.why for thought in thoughts if thought.why), "it gives no reason")
        raise MindError(f"{one.name}: decided none of {one.sent} times that it was asked ({why}); mend that first")
    if laboratory.runner.recorder is not None:
        laboratory.runner.recorder.note(thoughts)
    one.thoughts = len(thoughts)


def _observed(laboratory: Laboratory, who: Int32s) -> Observations:
    society = laboratory.society
    society.forget()
    now = society.now(society.world.tick + 1)
    return laboratory.runner.observer.batch(now, who, np.zeros(who.size, np.uint8))


def _reckoned(
    scenario: Scenario,
    sampled: Sequence[Sampled],
    lived: Sequence[float],
    tick_bytes: float,
    thought_bytes: int,
    memory: int,
) -> dict[str, Any]:
    """Put together what the whole run would take."""
    ticks = scenario.time.ticks
    base = median(lived) * ticks
    window = ticks / scenario.time.rate if scenario.time.mode == "live" else None
    minds = [one.told(ticks, window) for one in sampled]
    here = sum(mind["seconds"] for mind, one in zip(minds, sampled, strict=True) if not one.is_endpoint)
    there = max((mind["seconds"] for mind, one in zip(minds, sampled, strict=True) if one.is_endpoint), default=0.0)
    decisions = sum(mind["decisions"] for mind in minds)
    each = thought_bytes / max(1, sum(one.thoughts for one in sampled))
    quick = sum(one.people_asked(ticks) for one in sampled)
    found = _told(scenario, window or base + max(here, there), tick_bytes * ticks + each * decisions, quick, len(lived))
    costs: dict[str, float] = {}
    for mind in minds:
        if mind["currency"]:
            costs[mind["currency"]] = round(costs.get(mind["currency"], 0.0) + mind["cost"], 6)
    return {**found, "memory_megabytes": round(memory / 2**20), "cost": costs, "minds": minds}


def _lines(found: Mapping[str, Any]) -> list[str]:
    """Return an estimate for a person."""
    minds: Sequence[Mapping[str, Any]] = found.get("minds", ())
    long = duration(found["seconds"]) if minds else f"{found['seconds']:,.0f} s"
    lines = [
        f"{found['ticks']:,} ticks would take about {long}, {found['decisions']:,} decisions and "
        f"{found['megabytes']:,.0f} MB (measured over {found['measured_ticks']} ticks; {found['free_megabytes']:,} MB "
        "are free)"
    ]
    for mind in minds:
        prompt = mind["prompt_tokens"]
        lines.append(
            f"  {mind['name']}: {mind['decisions']:,} decisions at {rate(mind['decisions_per_s'])} a second, "
            f"{amount(prompt)} tokens asked ({mind['cached_tokens'] / prompt if prompt else 0:.0%} from its cache), "
            f"{amount(mind['generated_tokens'])} written (by a sample of {mind['measured_decisions']:,}, of which "
            f"{mind['measured_fallbacks']:,} fell back)"
        )
        if mind["ends_by"]:
            lines.append(f"  {mind['name']}: stops at its {mind['ends_by']}; the reflex decides from there on")
        if mind["is_endpoint"] and not mind["currency"]:
            lines.append(f"  {mind['name']}: costs what its prices say; name them in settings.prices to have it told")
    if minds:
        lines.append(f"  memory: about {found['memory_megabytes']:,} MB, with the models")
    lines += [f"  cost: about {cost:,.2f} {currency}" for currency, cost in found.get("cost", {}).items()]
    return lines
