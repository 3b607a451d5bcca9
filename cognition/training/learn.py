"""Learning: the network imitates the teacher's choices, and speaks lines of the phrase grammar."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

from cognition.language.model import ModelInfo, Profile, Share, Way
from cognition.prompts.prompt import Prompts
from cognition.training.examine import prompts_for
from cognition.training.lines import grammar, line, phrases
from cognition.training.network import Network, Shape
from cognition.training.situations import Situation, is_near, is_right, shuffled, with_a_speaker, with_other_wants
from cognition.training.tokens import BEGIN, END, MARK, VOCABULARY, Tokens
from engine.scenario import Scenario

PROFILE = Profile(way=Way.MARK, slots=True, words=28, temperature=1.0, word_temperature=0.7, grammar=tuple(grammar()))
"""How ember is asked."""

PHRASE_WEIGHT = 1500
"""How often a tokenizer is shown each phrase of the grammar."""

IS_QUICK_IN_HALF = torch.backends.cpu.get_cpu_capability() == "AVX512"
"""Whether this processor multiplies bfloat16 faster than float32; one that has to spell it out is 40 times slower."""

SHARPNESS = 0.03
"""The teacher's choices are softened by softmax(utility / this), in full utilities: about as wide as its own noise."""


@dataclass(frozen=True, slots=True)
class Example:
    """A prompt's own tokens after the prefix, where options end, the teacher's utilities, and a line that follows.

    `said` is (place of its first token in `own`, how many); (0, 0) for none.
    """

    prefix: tuple[int, ...]
    own: tuple[int, ...]
    ends: tuple[int, ...]
    utilities: tuple[float, ...]
    said: tuple[int, int] = (0, 0)


class Examples:
    """Makes examples out of situations, in exactly the prompts that models get.

    speech: share of examples with a line; other_wants: share with wants that are drawn; few: most examples show only
    some of the choices.
    """

    def __init__(
        self,
        scenarios: Sequence[Scenario],
        tokens: Tokens,
        speech: float = 0.0,
        other_wants: float = 0.0,
        few: bool = False,
    ) -> None:
        self._prompts = prompts_of(scenarios)
        self._tokens = tokens
        self._speech, self._other_wants, self._few = speech, other_wants, few

    def some(self, situations: Iterable[Situation], chance: random.Random) -> list[Example]:
        """Return an example of each situation: half of them in the words of the first scenario, half in another's.

        All these are of the same other one, so that many have their beginning in common.
        """
        other = chance.choice(self._prompts)
        return [self.of(each, chance, self._prompts[0] if chance.random() < 0.5 else other) for each in situations]

    def of(self, situation: Situation, chance: random.Random, prompts: Prompts) -> Example:
        """Return an example: its choices in another order, now and then with other wants, and with a line."""
        if chance.random() < self._other_wants:
            situation = with_other_wants(situation, chance)
        is_spoken = any(choice.speech for choice in situation.seen.choices) and chance.random() < self._speech
        if is_spoken:
            situation = with_a_speaker(situation, chance)
        few = self._few and chance.random() < 0.85
        situation = shuffled(situation, chance, chance.randrange(2, 11) if few else len(situation.seen.choices))
        seen, utilities = situation.seen, situation.utilities()
        request = prompts.of(0, seen, range(len(seen.choices)), 0).request
        shared = sum(part.share <= Share.ROLE for part in request.parts)
        prefix, _ = self._tokens.prompt(request.parts[:shared])
        own, ends = self._tokens.prompt(request.parts[shared:])
        said = (0, 0)
        speakers = [k for k, choice in enumerate(seen.choices) if choice.speech is not None]
        if is_spoken and speakers:
            k = chance.choice(speakers)
            speech, then = seen.choices[k].speech, request.options[k].then
            assert speech is not None and then is not None
            words = self._tokens.of(f'{line(speech, seen, chance)}"')
            own = own + self._tokens.of(then.lead)
            said = len(own), len(words)
            own = own + words
        return Example((BEGIN, *prefix), tuple(own), tuple(ends), tuple(utilities), said)


def prompts_of(scenarios: Sequence[Scenario]) -> list[Prompts]:
    """Return what writes the prompts of scenarios for situations, whose wants have their weights in them."""
    model = ModelInfo("ember", "", profile=PROFILE)
    return [prompts_for(told, model) for told in scenarios]


def texts(scenario: Scenario, situations: Iterable[Situation], chance: random.Random) -> Iterator[str]:
    """Yield parts of prompts and lines, from which a tokenizer learns its words.

    Of lines so many that each word of the phrase grammar becomes a piece: what is spelt out, a small network misspells.
    """
    yield from (f" {phrase}" for phrase in phrases() for _ in range(PHRASE_WEIGHT))
    (prompts,) = prompts_of([scenario])
    for situation in situations:
        seen = situation.seen
        request = prompts.of(0, seen, range(len(seen.choices)), 0).request
        yield from (part.text for part in request.parts)
        for choice, option in zip(seen.choices, request.options, strict=True):
            if choice.speech is not None and option.then is not None:
                yield option.then.lead
                yield f'{line(choice.speech, seen, chance)}"'


@dataclass(frozen=True, slots=True)
class Batch:
    """Examples side by side, padded to the longest; all have the same prefix."""

    prefix: Tensor
    own: Tensor
    examples: Sequence[Example]


def batched(examples: Sequence[Example]) -> Batch:
    """Return examples as one batch."""
    longest = max(len(example.own) for example in examples)
    own = torch.full((len(examples), longest), END)
    for row, example in enumerate(examples):
        own[row, : len(example.own)] = torch.tensor(example.own)
    return Batch(torch.tensor(examples[0].prefix), own, examples)


def batches(examples: Sequence[Example], size: int, chance: random.Random) -> list[Batch]:
    """Return examples as batches of the same prefix and about the same length, in drawn order."""
    by_prefix: dict[tuple[int, ...], list[Example]] = {}
    for example in examples:
        by_prefix.setdefault(example.prefix, []).append(example)
    out = []
    for same in by_prefix.values():
        same.sort(key=lambda example: len(example.own))
        out += [batched(same[k : k + size]) for k in range(0, len(same), size)]
    chance.shuffle(out)
    return out


def scores(network: Network, hidden: Tensor, batch: Batch) -> Tensor:
    """Return the score of each option, float32[batch, most options], -1e4 where there is none."""
    most = max(len(example.ends) for example in batch.examples)
    rows = [row for row, example in enumerate(batch.examples) for _ in example.ends]
    places = [end for example in batch.examples for end in example.ends]
    slots = [k for example in batch.examples for k in range(len(example.ends))]
    values = hidden[rows, places].float() @ network.embedding.weight[MARK].float()
    out = torch.full((len(batch.examples), most), -1e4)
    return out.index_put((torch.tensor(rows), torch.tensor(slots)), values)


def loss_of(network: Network, batch: Batch) -> tuple[Tensor, Tensor]:
    """Return the loss of choosing (cross-entropy to the softened teacher) and of speaking (0 without lines)."""
    with torch.autocast("cpu", torch.bfloat16, enabled=IS_QUICK_IN_HALF):
        hidden = network(batch.prefix, batch.own)
    found = scores(network, hidden, batch)
    target = torch.full_like(found, -1e9)
    for row, example in enumerate(batch.examples):
        target[row, : len(example.utilities)] = torch.tensor(example.utilities) / SHARPNESS
    choosing = -(target.softmax(1) * found.log_softmax(1)).sum(1).mean()
    spoken = [
        (row, first + k - 1, example.own[first + k])
        for row, example in enumerate(batch.examples)
        for first, count in [example.said]
        for k in range(count)
    ]
    if not spoken:
        return choosing, torch.zeros(())
    rows, places, wanted = (list(column) for column in zip(*spoken, strict=True))
    logits = network.logits(hidden[rows, places])
    return choosing, functional.cross_entropy(logits, torch.tensor(wanted))


@dataclass(frozen=True, slots=True)
class Course:
    """How long and how hard is learnt: seconds of wall time, peak learning rate, examples a step, share with lines."""

    seconds: float
    rate: float = 1.2e-3
    size: int = 32
    speech: float = 0.4
    other_wants: float = 0.5
    line_weight: float = 0.7


def learn(
    network: Network,
    make: Callable[[], list[Example]],
    course: Course,
    watch: Callable[[float, int, float, float], None],
) -> None:
    """Train for the course's time with AdamW (Loshchilov and Hutter 2019), warm-up and a cosine to nothing.

    make returns fresh examples, some thousand at a time; watch(share of time, step, losses) is called at every step.
    """
    optimiser = torch.optim.AdamW(network.parameters(), course.rate, betas=(0.9, 0.98), weight_decay=0.02)
    chance, began, step = random.Random(5), time.monotonic(), 0
    pool: list[Batch] = []
    network.train()
    while (gone := (time.monotonic() - began) / course.seconds) < 1:
        if not pool:
            pool = batches(make(), course.size, chance)
        for group in optimiser.param_groups:
            group["lr"] = course.rate * min(1.0, (step + 1) / 100) * (0.02 + 0.49 * (1 + math.cos(math.pi * gone)))
        choosing, speaking = loss_of(network, pool.pop())
        optimiser.zero_grad(set_to_none=True)
        (choosing + course.line_weight * speaking).backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        step += 1
        watch(gone, step, choosing.item(), speaking.item())


@torch.no_grad()
def agreement(network: Network, examples: Sequence[Example]) -> tuple[float, float]:
    """Return how often the network takes the teacher's top choice, and how often one within a tenth of the range."""
    network.eval()
    right = near = 0
    for batch in batches([replace(example, said=(0, 0)) for example in examples], 64, random.Random(0)):
        with torch.autocast("cpu", torch.bfloat16, enabled=IS_QUICK_IN_HALF):
            hidden = network(batch.prefix, batch.own)
        for example, chosen in zip(batch.examples, scores(network, hidden, batch).argmax(1).tolist(), strict=True):
            right += is_right(example.utilities, chosen)
            near += is_near(example.utilities, chosen)
    network.train()
    return right / len(examples), near / len(examples)


SHAPE = Shape(VOCABULARY)
"""Ember's."""


def save(network: Network, path: Path) -> None:
    """Write the weights."""
    torch.save(network.state_dict(), path)


def new_network(vocabulary: int) -> Network:
    """Return an untrained network of ember's shape."""
    torch.manual_seed(0)
    return Network(replace(SHAPE, vocabulary=vocabulary))


def load(path: Path) -> dict[str, Tensor]:
    """Return the weights of a file that `save` wrote; nothing in it is run."""
    weights: dict[str, Tensor] = torch.load(path, weights_only=True)
    return weights
