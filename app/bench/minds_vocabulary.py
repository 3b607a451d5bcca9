"""Vocabularies of any size for models that nobody trained: as dense as real ones, words and JSON's pieces in one token.

The words are made of syllables ("bade", "kulo"), so their number is known. A token is either a whole piece or the
beginning of one, since both BPE and SentencePiece build pieces from the left.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

SPECIAL = ("<unk>", "<s>", "</s>", "<|im_start|>", "<|im_end|>")
BEGIN, END = 1, 2
CONSONANTS, VOWELS = "bdfgklmnprstvz", "aeiou"
LABELS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
PIECES = ('{"', '":', '":"', '"}', '","', "choice", "say")
"""What JSON is made of, as tokenisers of trained models have it."""
PLAIN, WORD, PIECE = 0, 1, 2
"""How likely a token is to be written: any, a word, what ends words in JSON."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token: its text, with " " for a space, and how likely it is."""

    text: str
    rank: int = PLAIN


def words() -> list[str]:
    """Return the 4,900 words of two syllables."""
    syllables = [a + b for a in CONSONANTS for b in VOWELS]
    return [a + b for a, b in itertools.product(syllables, syllables)]


def tokens(most: int) -> list[Token]:
    """Return the tokens beyond special ones and bytes, shortest beginnings first, at most so many."""
    found: dict[str, Token] = {}
    for text in _pieces():
        if len(found) >= most:
            break
        if text not in found:
            is_word = (text[0] == " " and len(text) == 5) or text in PIECES
            found[text] = Token(text, PIECE if text in PIECES and not text.isalpha() else WORD if is_word else PLAIN)
    return list(found.values())


def _pieces() -> Iterator[str]:
    for size in range(2, 6):
        yield from (f" {word}"[:size] for word in words())
    for piece in PIECES:  # not before: BPE would put pieces of words together as if they were JSON's
        yield from _beginnings(piece)
    for size in range(2, 5):
        yield from (word[:size] for word in words())
    letters = [a + b for a in CONSONANTS for b in VOWELS]
    for space, longer in itertools.product((" ", ""), range(1, 4)):
        for word, more in itertools.product(words(), letters):
            yield f"{space}{word}{(more + more)[:longer]}"


def _beginnings(piece: str) -> Iterator[str]:
    return (piece[:end] for end in range(2, len(piece) + 1))


def byte_letters() -> list[str]:
    """Return the letter that stands for each of the 256 bytes in a BPE vocabulary of GPT-2's kind."""
    printable = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    others = itertools.count(256)
    return [chr(byte) if byte in printable else chr(next(others)) for byte in range(256)]
