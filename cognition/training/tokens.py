"""Tokens: a small byte-level BPE (Sennrich et al. 2016) of our own, and prompts as token numbers, part by part.

Parts are tokenised one by one, as the engine does it that serves the model later. The split into words is GPT-2's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from cognition.language.model import Part

UNKNOWN, BEGIN, END, MARK = 0, 1, 2, 3
SPECIAL = ("<unk>", "<s>", "</s>", "<mark>")
"""`<mark>` is never in a text: the score of an option is its logit where the option's line ends."""

VOCABULARY = 1536
_KEPT = 200_000


def train_tokens(texts: Iterable[str], path: Path, vocabulary: int = VOCABULARY) -> None:
    """Train a tokenizer on texts and write it as JSON."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=list(SPECIAL),
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.save(str(path))


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
