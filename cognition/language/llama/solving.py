"""One request from its prompt to its answer: what is fed to the model in which order, whatever else is in the batch.

Labels and texts: prompt, thought, choice, words. Marks: prompt up to the last mark, choice, and only where words or a
thought are wanted the rest of the prompt, the thought, the words; so a thought never changes a choice by marks.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cognition.language.llama.chance import THOUGHT, WORDS
from cognition.language.llama.choosing import Trie, answer_tokens, chosen, is_spaced, label_tokens
from cognition.language.llama.prompt import Prompt, Unfit
from cognition.language.llama.vocabulary import Vocabulary
from cognition.language.llama.writing import Feed, Rows, Work, Writer, Written
from cognition.language.model import Request, Way, Writing

Int64s = NDArray[np.int64]
Tokens = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Solved:
    """What came out: as the fields of an Answer."""

    option: int
    probabilities: tuple[float, ...]
    words: str
    thought: str
    prompt: int
    generated: int


Solving = Generator[Feed, Rows, Solved]


class Solver:
    """Answers requests of one model. mark: the token whose logit is the mark, None where the model has none."""

    def __init__(self, vocabulary: Vocabulary, writer: Writer, mark: int | None) -> None:
        self._vocabulary = vocabulary
        self._writer = writer
        self._mark = None if mark is None else np.array([mark], np.int64)
        self._ends = np.array(sorted({*self._line_end(), *vocabulary.ends}), np.int64)

    def solve(self, request: Request, prompt: Prompt, cached: int) -> Solving:
        """Return the steps to an answer; the sequence already holds the first `cached` tokens. Raises Unfit."""
        rest = prompt.tokens[cached:]
        if request.options and request.way is Way.MARK:
            return self._by_marks(request, prompt, rest, cached)
        return self._by_words(request, rest)

    def _by_marks(self, request: Request, prompt: Prompt, rest: Tokens, cached: int) -> Solving:
        if self._mark is None:
            raise Unfit("this model has no mark to choose by; ask by label or text")
        last = max(prompt.marks)
        places = sorted({mark - cached for mark in prompt.marks})
        tail = prompt.tokens[last + 1 :]
        # Words that begin at the very token of the last mark need all its logits.
        whole = not tail and not all(writing.lead for writing in _writings(request))
        wanted: list[Int64s | None] = [self._mark] * len(places)
        if whole:
            wanted[-1] = None
        rows = yield Feed(rest[: last + 1 - cached], tuple(places), tuple(wanted))
        row = rows[-1].copy() if whole else None
        if whole:
            rows = [*rows[:-1], rows[-1][self._mark]]
        scores = [float(rows[places.index(mark - cached)][0]) for mark in prompt.marks]
        option, probabilities = chosen(scores, request.temperature, request.seed)
        then = request.options[option].then
        thought = words = Written("", 0, ())
        if request.thought is not None:
            thought = yield from self._write(request.thought, request.seed, THOUGHT, tail, row)
            tail, row = thought.lacking, None
        if then is not None:
            words = yield from self._write(then, request.seed, WORDS, tail, row)
        leads = self._leads(request.thought, then)
        return Solved(option, probabilities, words.text, thought.text, leads, thought.tokens + words.tokens)

    def _by_words(self, request: Request, rest: Tokens) -> Solving:
        thought = words = Written("", 0, ())
        before = request.parts[-1].text if not request.parts[-1].is_frame else ""
        if request.thought is not None:
            thought = yield from self._write(request.thought, request.seed, THOUGHT, rest, None)
            rest, before = thought.lacking, request.thought.stops[0] if request.thought.stops else thought.text
        option, then = -1, request.words
        probabilities: tuple[float, ...] = ()
        answer: Tokens = ()
        if request.options:
            choose = self._by_label if request.way is Way.LABEL else self._by_text
            option, probabilities, answer = yield from choose(request, rest, before)
            then = request.options[option].then
            rest = answer
        if then is not None:
            words = yield from self._write(then, request.seed, WORDS, rest, None)
        leads = self._leads(request.thought, then)
        return Solved(
            option, probabilities, words.text, thought.text, leads, thought.tokens + len(answer) + words.tokens
        )

    def _by_label(
        self, request: Request, rest: Tokens, before: str
    ) -> Generator[Feed, Rows, tuple[int, tuple[float, ...], Tokens]]:
        labels = label_tokens(self._vocabulary, [option.answer for option in request.options], before)
        (row,) = yield Feed(rest, (len(rest) - 1,), (labels,))
        option, probabilities = chosen(row.tolist(), request.temperature, request.seed)
        return option, probabilities, (int(labels[option]),)

    def _by_text(
        self, request: Request, rest: Tokens, before: str
    ) -> Generator[Feed, Rows, tuple[int, tuple[float, ...], Tokens]]:
        spaced = is_spaced(before)
        answers = [answer_tokens(self._vocabulary, option.answer, spaced) for option in request.options]
        trie = Trie(answers, self._ends)
        (row,) = yield Feed(rest, (len(rest) - 1,), (trie.wanted(trie.root) if trie.root.forks else self._ends,))
        read = {id(trie.root): row}
        forks = [place for place, node in enumerate(trie.nodes) if node.forks]
        if forks:
            rows = yield Feed(
                tuple(node.token for node in trie.nodes),
                tuple(forks),
                tuple(trie.wanted(trie.nodes[place]) for place in forks),
                tuple(tuple(node.options) for node in trie.nodes),
                tuple(node.depth for node in trie.nodes),
            )
            read.update({id(trie.nodes[place]): row for place, row in zip(forks, rows, strict=True)})
        option, probabilities = chosen(trie.scores(read), request.temperature, request.seed)
        return option, probabilities, answers[option]

    def _write(self, writing: Writing, seed: int, base: int, ahead: Tokens, row: NDArray[np.float32] | None) -> Work:
        """Feed what stands before the words, then write them."""
        tokens = ahead + self._vocabulary.tokens(writing.lead)
        if tokens:
            (row,) = yield Feed(tokens, (len(tokens) - 1,), (None,))
        if row is None:
            raise Unfit("nothing stands before the words; give them a lead")
        written = yield from self._writer.write(writing, seed, base, row)
        return written

    def _leads(self, *writings: Writing | None) -> int:
        return sum(len(self._vocabulary.tokens(writing.lead)) for writing in writings if writing is not None)

    def _line_end(self) -> Tokens:
        found = self._vocabulary.tokens("\n")
        return found if len(found) == 1 else ()


def trie_cells(request: Request, vocabulary: Vocabulary) -> int:
    """Return an upper bound of the cells that a choice by texts needs beside its prompt."""
    if request.way is not Way.TEXT:
        return 0
    return sum(len(vocabulary.tokens(option.answer)) + 1 for option in request.options)


def _writings(request: Request) -> list[Writing]:
    """Return what may have to be written first after the marks."""
    if request.thought is not None:
        return [request.thought]
    return [option.then for option in request.options if option.then is not None]
