"""Tokens: a small byte-level BPE (Sennrich et al. 2016) of our own, and prompts as token numbers, part by part.

Pieces span words (Liu et al. 2025, "SuperBPE: Space Travel for Language Models"): first the words are learnt, then what
stands side by side in a clause, so that ", at little effort minded badly" is one token. Prompts have a third of the
tokens that way, and what a choice turns on is read at one place. Only whole words are joined: names that are spelt out
of pieces stay so. Parts are tokenised one by one, as the engine does it that serves the model later.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

from cognition.language.model import Part

UNKNOWN, BEGIN, END, MARK = 0, 1, 2, 3
SPECIAL = ("<unk>", "<s>", "</s>", "<mark>")
"""`<mark>` is never in a text: the score of an option is its logit where the option's line ends."""

WORDS, VOCABULARY = 1024, 2048
"""Tokens that are learnt within words, and in all."""
PRE_TOKENIZER = "superbpe"
"""What GGUF calls a split of texts at numbers alone."""
_CLAUSE = Regex(r"[,:;.]?[^,:;.\n]+|[,:;.]|\n")
_NUMBERS = Regex(r"\p{N}+")
_FIRST_CHARACTER = 0x10000
_KEPT = 200_000


def train_tokens(texts: Iterable[str], path: Path, words: int = WORDS, vocabulary: int = VOCABULARY) -> None:
    """Train a tokenizer on texts and write it as JSON."""
    known = list(texts)
    within = _within_words(known, words)
    model = json.loads(within.to_str())["model"]
    numbers: dict[str, int] = model["vocab"]
    merges = [tuple(merge) for merge in model["merges"]]
    for left, right in _across_words(within, known, vocabulary):
        numbers.setdefault(left + right, len(numbers))
        merges.append((left, right))
    whole = Tokenizer(models.BPE(vocab=numbers, merges=merges))
    whole.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(_NUMBERS, "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    whole.decoder = decoders.ByteLevel()
    whole.add_special_tokens(list(SPECIAL))
    whole.save(str(path))


def _within_words(texts: Sequence[str], size: int) -> Tokenizer:
    """Return a tokenizer that splits texts into words as GPT-2's does."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
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
    spelt = {number: text for text, number in within.get_vocab().items()}
    cut = pre_tokenizers.Split(_CLAUSE, "isolated")

    def runs() -> Iterator[str]:
        for text in texts:
            for clause, _ in cut.pre_tokenize_str(text):
                encoded = within.encode(clause, add_special_tokens=False)
                words, run = encoded.word_ids, ""
                for place, number in enumerate(encoded.ids):
                    if words[place] in (words[place - 1] if place else None, *words[place + 1 : place + 2]):
                        yield run
                        run = ""
                    else:
                        run += chr(_FIRST_CHARACTER + number)
                yield run

    tokenizer = Tokenizer(models.BPE())
    characters = [chr(_FIRST_CHARACTER + number) for number in range(len(spelt))]
    trainer = trainers.BpeTrainer(vocab_size=size, initial_alphabet=characters, show_progress=False)
    tokenizer.train_from_iterator(runs(), trainer)
    merges = json.loads(tokenizer.to_str())["model"]["merges"]

    def spell(joined: str) -> str:
        return "".join(spelt[ord(character) - _FIRST_CHARACTER] for character in joined)

    return [(spell(left), spell(right)) for left, right in merges]


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
