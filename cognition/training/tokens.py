"""Tokens: a small BPE (Sennrich et al. 2016) of our own, and prompts as token numbers, part by part.

Pieces span words (Liu et al. 2025, "SuperBPE: Space Travel for Language Models"): first the words are learnt, then what
stands side by side in a clause, so that ", at little effort minded badly" is one token. Prompts have a third of the
tokens that way, and what a choice turns on is read at one place. Only whole words are joined: names that are spelt out
of pieces stay so. Parts are tokenised one by one, as the engine does it that serves the model later.

Any two neighbours that make a piece are joined, the piece learnt earliest first. That is how SentencePiece merges by
score (Kudo and Richardson 2018), so llama.cpp cuts alike without the regexes that a GPT-2 vocabulary costs it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import gguf
from tokenizers import Encoding, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

from cognition.language.model import Part

UNKNOWN, BEGIN, END, MARK = 0, 1, 2, 3
SPECIAL = ("<unk>", "<s>", "</s>", "<mark>")
"""`<mark>` is never in a text: the score of an option is its logit where the option's line ends."""

WORDS, VOCABULARY = 2048, 4096
"""Tokens that are learnt within words, and in all."""
_CLAUSE = Regex(r"[,:;.]?[^,:;.\n]+|[,:;.]|\n")
_NUMBERS = Regex(r"\p{N}+")
_FIRST_CHARACTER = 0x10000
_KEPT = 200_000
_CONTROL, _SPACE = gguf.TokenType.CONTROL, "\N{LOWER ONE EIGHTH BLOCK}"
_PRINTABLE = (*range(33, 127), *range(161, 173), *range(174, 256))
_SPELT = dict(enumerate(sorted(set(range(256)) - set(_PRINTABLE)), 256)) | {byte: byte for byte in _PRINTABLE}
"""Bytes by the characters that stand for them in a byte-level BPE (Radford et al. 2019)."""


def train_tokens(texts: Iterable[str], path: Path, words: int = WORDS, vocabulary: int = VOCABULARY) -> None:
    """Train a tokenizer on texts and write it as JSON."""
    known = list(texts)
    within = _within_words(known, words)
    learnt = list(json.loads(within.to_str())["model"]["vocab"])
    learnt += [left + right for left, right in _across_words(within, known, vocabulary)]
    numbers: dict[str, int] = {}
    for piece in learnt:
        if piece in SPECIAL or len(piece) == 1 or _is_text(piece):
            numbers.setdefault(piece, len(numbers))
    merges = [
        (piece[:cut], piece[cut:])
        for piece in numbers
        if piece not in SPECIAL
        for cut in range(1, len(piece))
        if piece[:cut] in numbers and piece[cut:] in numbers
    ]
    whole = Tokenizer(models.BPE(vocab=numbers, merges=merges))
    whole.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    whole.decoder = decoders.ByteLevel()
    whole.add_special_tokens(list(SPECIAL))
    whole.save(str(path))


def _spelt(piece: str) -> bytes:
    """Return the bytes that a piece of the vocabulary stands for."""
    return bytes(_SPELT[ord(character)] for character in piece)


def _is_text(piece: str) -> bool:
    """Whether a piece is whole characters, so that llama.cpp can come to it, which begins with those."""
    return "\N{REPLACEMENT CHARACTER}" not in _spelt(piece).decode("utf-8", "replace")


def _within_words(texts: Sequence[str], size: int) -> Tokenizer:
    """Return a tokenizer that splits texts into words as GPT-2's does, and numbers from all else."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(_NUMBERS, "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)]
    )
    tokenizer.train_from_iterator(
        texts,
        trainers.BpeTrainer(
            vocab_size=size,
            special_tokens=list(SPECIAL),
            initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
            show_progress=False,
        ),
    )
    return tokenizer


def _across_words(within: Tokenizer, texts: Sequence[str], size: int) -> list[tuple[str, str]]:
    """Return merges of tokens that stand side by side in clauses, each token being a whole word or several.

    Every token stands as one character in what the trainer sees, so that it joins tokens as it joins letters.
    """
    pieces = {number: text for text, number in within.get_vocab().items()}
    cut = pre_tokenizers.Split(_CLAUSE, "isolated")

    def runs() -> Iterator[str]:
        for text in texts:
            for clause, _ in cut.pre_tokenize_str(text):
                run = ""
                for word in _words(within.encode(clause, add_special_tokens=False)):
                    if len(word) == 1 and not any(character.isdigit() for character in pieces[word[0]]):
                        run += chr(_FIRST_CHARACTER + word[0])
                    else:
                        yield run
                        run = ""
                yield run

    tokenizer = Tokenizer(models.BPE())
    characters = [chr(_FIRST_CHARACTER + number) for number in range(len(pieces))]
    trainer = trainers.BpeTrainer(vocab_size=size, initial_alphabet=characters, show_progress=False)
    tokenizer.train_from_iterator(runs(), trainer)
    merges = json.loads(tokenizer.to_str())["model"]["merges"]

    def spell(joined: str) -> str:
        return "".join(pieces[ord(character) - _FIRST_CHARACTER] for character in joined)

    return [(spell(left), spell(right)) for left, right in merges]


def _words(encoded: Encoding) -> Iterator[list[int]]:
    """Yield the tokens of each word."""
    for _, word in groupby(zip(encoded.word_ids, encoded.ids, strict=True), key=itemgetter(0)):
        yield [number for _, number in word]


def add_vocabulary(writer: gguf.GGUFWriter, tokenizer: Path) -> None:
    """Write the vocabulary of `tokenizer` (its JSON) as that of a SentencePiece model, the earliest piece first."""
    numbers = json.loads(tokenizer.read_text(encoding="utf-8"))["model"]["vocab"]
    tokens, kinds = list[str](), list[gguf.TokenType]()
    for piece in sorted(numbers, key=numbers.__getitem__):
        data = b"" if piece in SPECIAL else _spelt(piece)
        is_byte = len(data) == 1 and not 32 <= data[0] < 127
        kinds.append(_CONTROL if not data else gguf.TokenType.BYTE if is_byte else gguf.TokenType.NORMAL)
        tokens.append(f"<0x{data[0]:02X}>" if is_byte else data.decode().replace(" ", _SPACE) or piece)
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    writer.add_token_scores([-float(number) for number in range(len(tokens))])
    writer.add_add_space_prefix(False)
    writer.add_bos_token_id(BEGIN)
    writer.add_eos_token_id(END)
    writer.add_add_bos_token(True)
    writer.add_add_eos_token(False)


class Tokens:
    """Texts as token numbers; what was tokenised is remembered."""

    def __init__(self, path: Path) -> None:
        self._tokenizer = Tokenizer.from_file(str(path))
        # Words of people never make special tokens: those are known to the vocabulary alone.
        self._tokenizer.encode_special_tokens = True
        self._known: dict[str, list[int]] = {}
        self.size = self._tokenizer.get_vocab_size()

    def of(self, text: str) -> list[int]:
        """Return the tokens of a text."""
        known = self._known.get(text)
        if known is None:
            known = self._tokenizer.encode(text, add_special_tokens=False).ids
            if len(self._known) < _KEPT:
                self._known[text] = known
        return known

    def prompt(self, parts: Sequence[Part]) -> tuple[list[int], list[int]]:
        """Return the tokens of the parts, and at which place the line of each option ends."""
        tokens: list[int] = []
        ends: list[int] = []
        for part in parts:
            tokens += self.of(part.text)
            if part.option >= 0:
                ends.append(len(tokens) - 1)
        return tokens, ends

    def text(self, tokens: Sequence[int]) -> str:
        """Return tokens as text, special ones left out."""
        return str(self._tokenizer.decode(list(tokens)))
