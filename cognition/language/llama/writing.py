"""Words, token by token: sampled, kept to a grammar, ended by stops, and never with a special token in them.

A token is drawn from softmax(logits / temperature) over those at least a twentieth as likely as the likeliest (min-p),
in the order of their numbers, by inverse CDF with the next number of the request's seed; at temperature 0 it is the
likeliest. A grammar is asked about that one token first and applied to all only when it refuses it.
"""

from __future__ import annotations

import ctypes
import math
from collections import OrderedDict
from collections.abc import Generator
from dataclasses import dataclass

import llama_cpp.llama_cpp as native
import numpy as np
from numpy.typing import NDArray

from cognition.language.llama.chance import drawn
from cognition.language.llama.prompt import Unfit
from cognition.language.llama.vocabulary import Vocabulary
from cognition.language.model import LONGEST_GRAMMAR, Writing

Float32s = NDArray[np.float32]
Int64s = NDArray[np.int64]
MIN_P = 0.05
_LIKELIEST = 64
_KEPT_GRAMMARS = 16
_CANDIDATE = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)])
_CONTROLS = dict.fromkeys([*range(9), *range(11, 32), 127])


@dataclass(frozen=True, slots=True)
class Feed:
    """Tokens to be put at the end of a request's sequence, and those of them whose logits are wanted, in order.

    wanted: for each output the numbers of the tokens, None for all; paths: for answers laid out as a tree, which of
    the branches each token belongs to, and depths: how far after the prompt it stands (both empty otherwise).
    """

    tokens: tuple[int, ...]
    outputs: tuple[int, ...]
    wanted: tuple[NDArray[np.int64] | None, ...]
    paths: tuple[tuple[int, ...], ...] = ()
    depths: tuple[int, ...] = ()


Rows = list[Float32s]
Work = Generator[Feed, Rows, "Written"]


@dataclass(frozen=True, slots=True)
class Written:
    """What was written, how many tokens that took, and what the sequence still lacks of it up to its end."""

    text: str
    tokens: int
    lacking: tuple[int, ...]


class Grammars:
    """GBNF grammars of one vocabulary, parsed once."""

    def __init__(self, vocabulary: Vocabulary, pointer: native.llama_vocab_p) -> None:
        self._pointer = pointer
        self._kept: OrderedDict[str, native.llama_sampler_p] = OrderedDict()

    def begin(self, text: str) -> Grammar | None:
        """Return a grammar at its beginning, None for "". Raises Unfit when it is none."""
        return Grammar(native.llama_sampler_clone(self._parsed(text))) if text else None

    def check(self, text: str) -> None:
        """Raise Unfit when a text is neither a grammar nor ""."""
        if text:
            self._parsed(text)

    def _parsed(self, text: str) -> native.llama_sampler_p:
        if text not in self._kept:
            known = None
            if len(text) <= LONGEST_GRAMMAR and "\0" not in text:
                known = native.llama_sampler_init_grammar(self._pointer, text.encode("utf-8", "replace"), b"root")
            if not known:
                raise Unfit("the grammar is not GBNF with a rule `root`")
            self._kept[text] = known
            if len(self._kept) > _KEPT_GRAMMARS:
                native.llama_sampler_free(self._kept.popitem(last=False)[1])
        self._kept.move_to_end(text)
        return self._kept[text]


class Grammar:
    """A grammar in the middle of a text."""

    def __init__(self, pointer: native.llama_sampler_p) -> None:
        self._pointer = pointer

    def allows(self, token: int) -> bool:
        """Whether this token may come next."""
        one = np.zeros(1, _CANDIDATE)
        one["id"] = token
        self._apply(one)
        return bool(np.isfinite(one["logit"][0]))

    def narrowed(self, tokens: Int64s, logits: Float32s) -> Float32s:
        """Return the logits of some tokens (ascending), with -inf for those that may not come next."""
        rows = np.zeros(tokens.size, _CANDIDATE)
        rows["id"] = tokens
        rows["logit"] = logits
        self._apply(rows)
        found: Float32s = rows["logit"].copy()
        return found

    def accept(self, token: int) -> None:
        """Go on by a token that is allowed."""
        native.llama_sampler_accept(self._pointer, token)

    def close(self) -> None:
        """Give its memory back."""
        native.llama_sampler_free(self._pointer)

    def _apply(self, rows: NDArray[np.void]) -> None:
        array = native.llama_token_data_array(
            data=ctypes.cast(rows.ctypes.data, ctypes.POINTER(native.llama_token_data)),
            size=len(rows),
            selected=-1,
            sorted=False,
        )
        native.llama_sampler_apply(self._pointer, ctypes.byref(array))


class Writer:
    """Writes for one model. temperature: of its words."""

    def __init__(self, vocabulary: Vocabulary, grammars: Grammars, temperature: float) -> None:
        self._vocabulary = vocabulary
        self._grammars = grammars
        self._temperature = temperature

    def write(self, writing: Writing, seed: int, base: int, row: Float32s) -> Work:
        """Write words whose first token comes from these logits; chance is the seed's numbers from `base` on."""
        grammar = self._grammars.begin(writing.grammar)
        stops = [stop.encode("utf-8", "replace") for stop in writing.stops if stop]
        said, count = b"", 0
        lacking: tuple[int, ...] = ()
        try:
            while count < writing.tokens:
                token = self._next(row, drawn(seed, base + count), grammar)
                if token in self._vocabulary.ends or token < 0:
                    lacking = ()
                    break
                count += 1
                piece = self._vocabulary.piece(token)
                end = _first_stop(said, piece, stops)
                if end >= 0:
                    return Written(_cleaned(said + piece, end, stops), count, self._cut(token, said, piece, end, stops))
                said += piece
                lacking = (token,)
                if count < writing.tokens:
                    (row,) = yield Feed(lacking, (0,), (None,))
                    lacking = ()
        finally:
            if grammar is not None:
                grammar.close()
        return Written(_cleaned(said, len(said), stops), count, lacking + self._vocabulary.tokens(_end(writing)))

    def _next(self, row: Float32s, draw: float, grammar: Grammar | None) -> int:
        row = row.copy()
        row[self._vocabulary.banned] = -np.inf
        token = self._sample(row, draw)
        if grammar is None or token < 0:
            return token
        if not grammar.allows(token):
            token = self._sample(self._narrowed(row, grammar), draw)
        if token >= 0 and token not in self._vocabulary.ends:
            grammar.accept(token)
        return token

    def _narrowed(self, row: Float32s, grammar: Grammar) -> Float32s:
        """Return the logits with -inf for what may not come next, and at will for what is too unlikely to be drawn.

        A grammar takes long to look at a whole vocabulary, so the likeliest tokens are put to it first. When all that
        can be drawn beside the best of what it leaves are among them, it need not see the others.
        """
        out = np.full_like(row, -np.inf)
        if row.size > 2 * _LIKELIEST:
            some = np.sort(np.argpartition(row, -_LIKELIEST)[-_LIKELIEST:])
            out[some] = grammar.narrowed(some, row[some])
            if out.max() + self._temperature * math.log(MIN_P) > row[some].min():
                return out
        return grammar.narrowed(np.arange(row.size), row)

    def _sample(self, row: Float32s, draw: float) -> int:
        """Return a token, -1 when none is left."""
        best = int(row.argmax())
        top = float(row[best])
        if not math.isfinite(top):
            return -1
        if self._temperature <= 0:
            return best
        likely = np.flatnonzero(row >= top + self._temperature * math.log(MIN_P))
        weights = np.exp((row[likely].astype(np.float64) - top) / self._temperature).cumsum()
        return int(likely[min(int(weights.searchsorted(draw * weights[-1], side="right")), likely.size - 1)])

    def _cut(self, token: int, said: bytes, piece: bytes, end: int, stops: list[bytes]) -> tuple[int, ...]:
        """Return what of the last token belongs to the words and the stop that ended them."""
        stop = next(stop for stop in stops if (said + piece).startswith(stop, end))
        over = end + len(stop) - len(said)
        if over >= len(piece):
            return (token,)
        return self._vocabulary.tokens(piece[:over].decode("utf-8", "ignore"))


def _first_stop(said: bytes, piece: bytes, stops: list[bytes]) -> int:
    """Return where the first stop begins that the last piece completed, -1 without one."""
    whole = said + piece
    found = [at for stop in stops if (at := whole.find(stop, max(0, len(said) - len(stop) + 1))) >= 0]
    return min(found, default=-1)


def _end(writing: Writing) -> str:
    """Return what stands after words that ended by themselves."""
    return writing.stops[0] if writing.stops else ""


def _cleaned(said: bytes, end: int, stops: list[bytes]) -> str:
    """Return the words: UTF-8 without what is none, without control characters and outer spaces."""
    return said[:end].decode("utf-8", "ignore").translate(_CONTROLS).strip()
