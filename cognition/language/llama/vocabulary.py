"""The words of a model: text to tokens, part by part, and tokens to bytes. Special tokens count in frames alone."""

from __future__ import annotations

import ctypes
from collections import OrderedDict
from collections.abc import Sequence

import llama_cpp.llama_cpp as native
import numpy as np
from numpy.typing import NDArray

from cognition.language.llama.library import Model

_KEPT_TEXTS = 16_384
_KEPT_TOKENS = 1 << 20
_SENTINELS = ("\x02", "\x01", "\n")
_SPECIAL = native.LLAMA_TOKEN_ATTR_CONTROL | native.LLAMA_TOKEN_ATTR_UNUSED


class Vocabulary:
    """The tokeniser of a model. Lists of tokens are kept by text, bounded, for the same parts come again and again."""

    def __init__(self, model: Model) -> None:
        self._pointer = model.vocabulary
        self.size = int(native.llama_vocab_n_tokens(self._pointer))
        self.begin = int(native.llama_vocab_bos(self._pointer))
        self.adds_begin = bool(native.llama_vocab_get_add_bos(self._pointer)) and self.begin >= 0
        self.end = int(native.llama_vocab_eos(self._pointer))
        ends, special = self._facts()
        self.ends = frozenset(ends)
        self.special = frozenset(special) | self.ends
        self.banned: NDArray[np.int64] = np.array(sorted(set(special) - self.ends), np.int64)
        """Special tokens that do not end a turn: a model never writes them."""
        self._kept: OrderedDict[tuple[str, bool, bool], tuple[int, ...]] = OrderedDict()
        self._kept_tokens = 0
        self._pieces: dict[int, bytes] = {}
        self._sentinel, self._ahead = self._find_sentinel()

    def tokens(self, text: str, *, is_frame: bool = False, first: bool = False) -> tuple[int, ...]:
        """Return the tokens of a part by itself. first: nothing stands before it.

        Special tokens count as such in a frame alone; elsewhere their names are words like others.
        """
        key = (text, is_frame, first)
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
            return found
        found = tuple(self._tokenise(text, is_frame, first))
        self._kept[key] = found
        self._kept_tokens += len(found)
        while len(self._kept) > _KEPT_TEXTS or (self._kept_tokens > _KEPT_TOKENS and len(self._kept) > 1):
            _, gone = self._kept.popitem(last=False)
            self._kept_tokens -= len(gone)
        return found

    def piece(self, token: int) -> bytes:
        """Return the bytes that a token stands for; b"" for special ones."""
        found = self._pieces.get(token)
        if found is None:
            buffer = ctypes.create_string_buffer(512)
            count = native.llama_token_to_piece(self._pointer, token, buffer, len(buffer), 0, False)
            found = self._pieces[token] = buffer.raw[: max(0, count)]
        return found

    def text(self, tokens: Sequence[int]) -> str:
        """Return what tokens say."""
        return b"".join(self.piece(token) for token in tokens).decode("utf-8", "replace")

    def name(self, token: int) -> str:
        """Return how a token is written in the vocabulary, such as "<s>"."""
        found = native.llama_vocab_get_text(self._pointer, token) if 0 <= token < self.size else b""
        return found.decode("utf-8", "replace") if found else ""

    def _facts(self) -> tuple[list[int], list[int]]:
        ends, special = [], []
        for token in range(self.size):
            if native.llama_vocab_is_eog(self._pointer, token):
                ends.append(token)
            if native.llama_vocab_get_attr(self._pointer, token) & _SPECIAL:
                special.append(token)
        return ends, special

    def _tokenise(self, text: str, is_frame: bool, first: bool) -> list[int]:
        if not text:
            return []
        if is_frame:
            return self._raw(text, True)
        found = self._raw(text, False) if first or not self._sentinel else self._after(text)
        # Some files call their turn's end a "user-defined" token, which llama.cpp finds in any text: break its name up.
        for token in found:
            if token in self.special:
                name = self.name(token)
                at = text.find(name) if len(name) > 1 else -1
                if at < 0:
                    return [kept for kept in found if kept not in self.special]
                cut = at + 1
                return self._tokenise(text[:cut], False, first) + self._tokenise(text[cut:], False, False)
        return found

    def _after(self, text: str) -> list[int]:
        """Tokenise text as what follows something: SentencePiece puts a space before all that it is given alone."""
        found = self._raw(self._sentinel + text, False)
        if tuple(found[: len(self._ahead)]) == self._ahead:
            return found[len(self._ahead) :]
        return self._raw(text, False)

    def _find_sentinel(self) -> tuple[str, tuple[int, ...]]:
        plain = self._raw("a", False)
        if not plain or not self.text(plain).startswith(" "):
            return "", ()
        for sentinel in _SENTINELS:
            ahead = self._raw(sentinel, False)
            if self._raw(sentinel + "a", False)[: len(ahead)] == ahead:
                return sentinel, tuple(ahead)
        return "", ()

    def _raw(self, text: str, special: bool) -> list[int]:
        data = text.encode("utf-8", "replace")
        room = len(data) + 16
        buffer = (ctypes.c_int32 * room)()
        count = native.llama_tokenize(self._pointer, data, len(data), buffer, room, False, special)
        if count < 0:
            buffer = (ctypes.c_int32 * -count)()
            count = native.llama_tokenize(self._pointer, data, len(data), buffer, -count, False, special)
        return buffer[: max(0, count)]
