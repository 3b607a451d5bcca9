"""Answers a question that was answered before without asking again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from hashlib import blake2b

from cognition.language.model import Answer, Counts, LanguageModel, Request, Usage
from cognition.language.wrappers.wrapper import Wrapper


class Cache(Wrapper):
    """Keeps the last `size` answers that were used, by all that an answer depends on.

    The seed is left out of that only where no chance is at work: a choice at temperature 0 without thought or words,
    or with a model that writes at temperature 0. Failures are not kept. An answer from here says that its whole prompt
    was cached, and took no time.
    """

    def __init__(self, inner: LanguageModel, size: int) -> None:
        super().__init__(inner)
        self._size = size
        self._kept: OrderedDict[bytes, Answer] = OrderedDict()
        self._keys: dict[int, bytes] = {}
        self._counts = Counts()
        self.hits = 0

    def _pass_on(self, requests: Sequence[Request]) -> None:
        keys = {request.number: self._key(request) for request in requests}
        self._inner.ask([request for request in requests if keys[request.number] not in self._kept])
        for request in requests:
            kept = self._kept.get(keys[request.number])
            if kept is None:
                self._keys[request.number] = keys[request.number]
                continue
            self._kept.move_to_end(keys[request.number])
            self.hits += 1
            self._counts += kept.counts
            self._ready.append(replace(kept, number=request.number))

    def _hear(self, answer: Answer) -> None:
        key = self._keys.pop(answer.number, None)
        if key is None:
            return
        if answer.failure is None:
            counts = Counts(prompt=answer.counts.prompt, cached=answer.counts.prompt)
            self._kept[key] = replace(answer, counts=counts, milliseconds=0.0)
            if len(self._kept) > self._size:
                self._kept.popitem(last=False)
        self._ready.append(answer)

    def _give_up(self, numbers: Sequence[int]) -> None:
        below = [number for number in numbers if self._keys.pop(number, None) is not None]
        self._inner.forget(below)

    def usage(self) -> Usage:
        """Return what was done below, and the prompts that were not sent again."""
        usage = super().usage()
        return replace(usage, counts=usage.counts + self._counts)

    def _key(self, request: Request) -> bytes:
        """Return 32 bytes over all that the answer depends on; `repr` keeps apart what stands in its fields."""
        writes = request.thought is not None or request.words is not None or any(o.then for o in request.options)
        is_certain = request.temperature == 0 and (not writes or self.info.profile.word_temperature == 0)
        told = replace(request, number=0, seed=0 if is_certain else request.seed)
        return blake2b(repr((self.info.name, told)).encode("utf-8", "surrogatepass"), digest_size=32).digest()
