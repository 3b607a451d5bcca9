"""How one of the listed options is chosen: by marks, by labels, or by the texts themselves.

Each way gives every option a score: a mark's logit, a label's logit, or the log-probability of the option's own tokens
when only what an option could go on with is allowed (each step's softmax is over the tokens that some option has next,
so these probabilities sum to 1 over the options). Option k has probability softmax(scores / temperature)[k], and the
one chosen is the first whose cumulative probability passes number 0 of the request's seed; at temperature 0 it is the
one with the highest score, of equals the first.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from cognition.language.llama.chance import CHOICE, drawn, taken
from cognition.language.llama.prompt import Unfit
from cognition.language.llama.vocabulary import Vocabulary

Int64s = NDArray[np.int64]
Float32s = NDArray[np.float32]
_GLUE = frozenset("([{<\"'«“‘/-–_#@")


def chosen(scores: Sequence[float], temperature: float, seed: int) -> tuple[int, tuple[float, ...]]:
    """Return (option, probabilities) for these scores; see the head of this file for the formula."""
    best = max(range(len(scores)), key=scores.__getitem__)
    heat = temperature if temperature > 0 else 1.0
    weights = [math.exp((score - scores[best]) / heat) for score in scores]
    total = math.fsum(weights)
    probabilities = tuple(weight / total for weight in weights)
    return (taken(probabilities, drawn(seed, CHOICE)) if temperature > 0 else best), probabilities


def is_spaced(before: str) -> bool:
    """Whether a word that follows this text has a space before it."""
    return bool(before) and not before[-1].isspace() and before[-1] not in _GLUE


def answer_tokens(vocabulary: Vocabulary, answer: str, spaced: bool) -> tuple[int, ...]:
    """Return an answer's tokens where it stands after text that asks for a space before it, or does not."""
    text = answer.lstrip(" ")
    return vocabulary.tokens(f" {text}" if spaced else text)


def label_tokens(vocabulary: Vocabulary, answers: Sequence[str], before: str) -> Int64s:
    """Return the one token of each label, "A" or " A" by what precedes it. Raises Unfit where one is more tokens."""
    spaced = is_spaced(before)
    for way in (spaced, not spaced):
        rows = [answer_tokens(vocabulary, answer, way) for answer in answers]
        if all(len(row) == 1 for row in rows):
            found = [row[0] for row in rows]
            if len(set(found)) < len(found):
                raise Unfit("two options have the same label")
            return np.array(found, np.int64)
    broken = next(answer for answer in answers if len(answer_tokens(vocabulary, answer, spaced)) != 1)
    raise Unfit(f"the label {broken!r} is not a single token of this model")


@dataclass(slots=True, eq=False)
class Branch:
    """A place in a trie of answers: which options pass here, which end here, and what may come next."""

    token: int
    depth: int
    options: list[int] = field(default_factory=list)
    ending: list[int] = field(default_factory=list)
    next: dict[int, Branch] = field(default_factory=dict)

    @property
    def forks(self) -> bool:
        """Whether there is something to be decided here."""
        return len(self.next) + bool(self.ending) > 1


class Trie:
    """The answers of a request as a tree of tokens.

    `nodes` are those that have to be decoded (without the root), parents first: places where answers part, and the
    ways to them. An answer that goes on in another ends here by an end of line or of turn.
    """

    def __init__(self, answers: Sequence[tuple[int, ...]], ends: Int64s) -> None:
        self._ends = ends
        self._count = len(answers)
        self.root = Branch(-1, -1)
        for option, answer in enumerate(answers):
            if not answer:
                raise Unfit(f"the text of option {option} is empty")
            at = self.root
            at.options.append(option)
            for token in answer:
                if token not in at.next:
                    at.next[token] = Branch(token, at.depth + 1)
                at = at.next[token]
                at.options.append(option)
            at.ending.append(option)
        self.nodes: list[Branch] = []
        self._gather(self.root)

    def wanted(self, at: Branch) -> Int64s:
        """Return the tokens whose logits decide here: the next of each branch, then those that end an answer."""
        own = np.fromiter(at.next, np.int64, len(at.next))
        return np.concatenate([own, self._ends]) if at.ending else own

    def scores(self, read: dict[int, Float32s]) -> list[float]:
        """Return each option's log-probability. read: the logits wanted, by the identity of their branch."""
        found = [0.0] * self._count
        stack = [(self.root, 0.0)]
        while stack:
            at, score = stack.pop()
            ways = [0.0] * (len(at.next) + bool(at.ending))
            if at.forks:
                logits = read[id(at)].astype(np.float64)
                own = logits[: len(at.next)]
                if at.ending:
                    own = np.append(own, np.logaddexp.reduce(logits[len(at.next) :]))
                ways = (own - np.logaddexp.reduce(own)).tolist()
            stack += [(branch, score + way) for branch, way in zip(at.next.values(), ways, strict=False)]
            for option in at.ending:
                found[option] = score + ways[-1] - math.log(len(at.ending))
        return found

    def _gather(self, at: Branch) -> bool:
        """Collect what has to be decoded below a branch, parents first; return whether anything there forks."""
        needed = at.forks
        place = len(self.nodes)
        for branch in at.next.values():
            needed = self._gather(branch) or needed
        if needed and at is not self.root:
            self.nodes.insert(place, at)
        return needed
