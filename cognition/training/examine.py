"""Examining a mind on situations that it never saw, through the program that serves it, beside simple baselines."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from cognition.language.model import Answer, LanguageModel, ModelInfo, Request
from cognition.prompts.prompt import Prompted, Prompts
from cognition.training.lines import fits
from cognition.training.situations import Situation, is_near, is_right, shuffled
from engine.scenario import Scenario
from engine.values import Choice, Speech

MOST_AT_ONCE = 200
_SHOWN = 12
"""Lines that a card shows."""
Chooser = Callable[[Situation], int]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Shares of situations: the teacher's top choice taken; one within a tenth of the range from worst to best."""

    right: float
    near: float


@dataclass(frozen=True, slots=True)
class Spoken:
    """Of so many lines: how many are distinct, and how many fit topic, relation and slots. `some` are a few of them."""

    lines: int
    distinct: int
    fit: int
    some: tuple[tuple[str, str], ...]


def agreement(situations: Sequence[Situation], chosen: Sequence[int]) -> Agreement:
    """Return how well choices agree with the teacher."""
    pairs = list(zip((situation.utilities() for situation in situations), chosen, strict=True))
    return Agreement(
        sum(is_right(utilities, choice) for utilities, choice in pairs) / len(pairs),
        sum(is_near(utilities, choice) for utilities, choice in pairs) / len(pairs),
    )


def baselines(situations: Sequence[Situation], seed: int) -> dict[str, Agreement]:
    """Return the agreement of choosing at random, always the first, and always what is right most often."""
    chance = random.Random(seed)
    tops: Counter[str] = Counter()
    for situation in situations:
        utilities = situation.utilities()
        tops[situation.seen.choices[utilities.index(max(utilities))].action] += 1
    usual = tops.most_common(1)[0][0]
    found: Mapping[str, Chooser] = {
        "random": lambda situation: chance.randrange(len(situation.seen.choices)),
        "first": lambda situation: 0,
        f"most frequent ({usual})": lambda situation: next(
            (k for k, choice in enumerate(situation.seen.choices) if choice.action == usual), 0
        ),
    }
    return {name: agreement(situations, [choose(each) for each in situations]) for name, choose in found.items()}


def in_drawn_order(situations: Sequence[Situation], seed: int) -> list[Situation]:
    """Return the situations with their choices in drawn order, as they are laid before a mind."""
    chance = random.Random(seed)
    return [shuffled(situation, chance, len(situation.seen.choices)) for situation in situations]


def prompts_for(scenario: Scenario, model: ModelInfo) -> Prompts:
    """Return what writes prompts for situations, whose wants have their weights in them."""
    return Prompts(scenario, {role: {} for role in scenario.roles}, model)


def asked(model: LanguageModel, requests: Sequence[Request]) -> list[Answer]:
    """Ask a model everything, some at a time, and return the answers in the order of the requests."""
    found: dict[int, Answer] = {}
    for start in range(0, len(requests), MOST_AT_ONCE):
        some = requests[start : start + MOST_AT_ONCE]
        model.ask(some)
        missing = {request.number for request in some}
        while missing:
            for answer in model.answers(1.0):
                found[answer.number] = answer
                missing.discard(answer.number)
    return [found[request.number] for request in requests]


def choices_of(model: LanguageModel, prompts: Prompts, situations: Sequence[Situation]) -> list[int]:
    """Return what a model takes as the best in each situation: the likeliest, without chance."""
    prompted = [prompts.of(n, each.seen, range(len(each.seen.choices)), n) for n, each in enumerate(situations)]
    answers = asked(model, [silent(each) for each in prompted])
    return [max(range(len(a.probabilities)), key=a.probabilities.__getitem__, default=0) for a in answers]


def silent(prompted: Prompted) -> Request:
    """Return a request without words after the choice."""
    request = prompted.request
    options = tuple(type(option)(option.answer) for option in request.options)
    return Request(request.number, request.parts, request.seed, options, request.way, temperature=request.temperature)


def lines_of(model: LanguageModel, prompts: Prompts, situations: Sequence[Situation], most: int) -> Spoken:
    """Let a model speak with choices that are drawn among those with words, and judge the lines with open slots."""
    chance, requests, speeches = random.Random(3), list[Request](), list[Speech]()
    for situation in situations:
        speaking = [choice for choice in situation.seen.choices if choice.speech is not None]
        if not speaking or len(requests) == most:
            continue
        request, speech = only(prompts, situation, chance.choice(speaking), len(requests), chance.randrange(2**63))
        requests.append(request)
        speeches.append(speech)
    said = [answer.words for answer in asked(model, requests)]
    fit = [fits(words, speech) for words, speech in zip(said, speeches, strict=True)]
    spread = max(1, len(said) // _SHOWN)
    some = tuple((speech.lead, words) for speech, words in zip(speeches[::spread], said[::spread], strict=True))
    return Spoken(len(said), len(set(said)), sum(fit), some)


def only(prompts: Prompts, situation: Situation, choice: Choice, number: int, seed: int) -> tuple[Request, Speech]:
    """Return the request for the words of one choice of a situation: the same prompt, with the choice made."""
    seen = situation.seen
    request = prompts.of(number, seen, range(len(seen.choices)), seed).request
    then, speech = request.options[seen.choices.index(choice)].then, choice.speech
    assert then is not None and speech is not None
    return Request(number, request.parts, seed, words=then), speech
