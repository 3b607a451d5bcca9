"""A real model child that writes down which special tokens come into its context: `... listening_mind FILE`

FILE gets a line for each request: {"words": [...], "frame": [...]} with the names of the special tokens in the parts of
its prompt, in its options and in the leads of its words; and a line {"stream": [...]} for each text that enters a batch
with any. Both ways into a context are listened at, so nothing comes in unheard.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch

from cognition.language.llama import child, engine
from cognition.language.llama.library import Batch
from cognition.language.llama.prompt import Prompt, lay_out
from cognition.language.llama.vocabulary import Vocabulary
from cognition.language.model import Request


class Listener:
    """Puts itself before the two doors of a batch, and before the laying out of prompts."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._vocabulary: Vocabulary | None = None
        self._add, self._add_to_many = Batch.add, Batch.add_to_many

    def lay_out(self, request: Request, vocabulary: Vocabulary, context: int) -> Prompt:
        self._vocabulary = vocabulary
        prompt = lay_out(request, vocabulary, context)
        found: dict[bool, list[str]] = {True: [], False: []}
        at = 0
        for part, count in zip(request.parts, prompt.counts, strict=True):
            found[part.is_frame] += self._special(prompt.tokens[at : at + count])
            at += count
        for option in request.options:
            found[False] += self._special(vocabulary.tokens(option.answer))
            found[False] += self._special(vocabulary.tokens(option.then.lead) if option.then else ())
        self._say(words=found[False], frame=found[True])
        return prompt

    def add(self, batch: Batch, tokens: Sequence[int], *more: Any) -> int:
        self._hear(tokens)
        return self._add(batch, tokens, *more)

    def add_to_many(self, batch: Batch, token: int, *more: Any) -> int:
        self._hear((token,))
        return self._add_to_many(batch, token, *more)

    def _hear(self, tokens: Iterable[int]) -> None:
        if found := self._special(tokens):
            self._say(stream=found)

    def _special(self, tokens: Iterable[int]) -> list[str]:
        assert self._vocabulary is not None
        return [self._vocabulary.name(token) for token in tokens if token in self._vocabulary.special]

    def _say(self, **found: list[str]) -> None:
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    listener = Listener(Path(sys.argv[1]))
    with (
        patch.object(engine, "lay_out", listener.lay_out),
        patch.object(Batch, "add", lambda batch, *more: listener.add(batch, *more)),
        patch.object(Batch, "add_to_many", lambda batch, *more: listener.add_to_many(batch, *more)),
    ):
        sys.exit(child.main())
