"""A language model behind an OpenAI-compatible endpoint, asked from one thread beside the asker's."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import replace

from cognition.language.endpoint.address import Address, Key
from cognition.language.endpoint.beside import FAREWELL_SECONDS, Beside
from cognition.language.endpoint.conversation import most_used
from cognition.language.endpoint.faults import Fault, unknown
from cognition.language.endpoint.offers import Kind, Offers
from cognition.language.endpoint.prices import Prices
from cognition.language.model import (
    Answer,
    Counts,
    ModelInfo,
    Profile,
    Request,
    Usage,
    Way,
)
from cognition.language.wrappers.ledger import Ledger
from engine.errors import MindError

WAYS = (Way.LABEL, Way.TEXT)
CONCURRENCY = 8
SECONDS = 60.0
"""For one exchange with the endpoint."""


class EndpointModel:
    """Asks `concurrency` requests at a time; each is a conversation of one or a few exchanges of at most `seconds`.

    The network is first touched by the first request, or by `check`. All answers but those to `forget` come: what goes
    wrong is a Failure with one line. A request's `grammar` is not kept: no endpoint is sure to know it.
    """

    def __init__(
        self,
        address: Address,
        key: Key,
        *,
        concurrency: int = CONCURRENCY,
        seconds: float = SECONDS,
        prices: Prices | None = None,
        profile: Profile | None = None,
    ) -> None:
        self._address = address
        self._key = key
        self._concurrency = concurrency
        self._seconds = seconds
        self._prices = prices
        self._profile = profile or Profile()
        if self._profile.way not in WAYS:
            raise MindError("an endpoint cannot choose by marks; use a profile with labels or text")
        self._ledger = Ledger()
        self._serial = 0
        self._serials: dict[int, int] = {}
        self._arrived = threading.Condition()
        self._ready: deque[tuple[int, Answer]] = deque()
        self._counts = Counts()
        self._busy = 0.0
        self._is_closed = False
        self._beside: Beside | None = None

    @property
    def info(self) -> ModelInfo:
        """What is known of the model: its name once the endpoint told it, and how it is asked."""
        model = self._beside.model if self._beside is not None else self._address.model
        return ModelInfo(model or self._address.base, self._address.base, profile=self._profile)

    @property
    def ways_found(self) -> tuple[str, ...]:
        """How the endpoint was found to choose, in words; empty before it was tried."""
        offers = self._beside.offers if self._beside is not None else Offers()
        return tuple(kind.value for kind in Kind if kind in offers.proven)

    def check(self) -> str:
        """Return the name of the model that will answer, after asking the endpoint for its models.

        Raises MindError with one line when it cannot be reached, refuses the key, or does not have the model. An
        endpoint that has no list of models is believed when a model was named.
        """
        side = self._side()
        try:
            names = side.names(self._seconds + FAREWELL_SECONDS)
        except Fault as fault:
            if self._address.model and fault.status in (404, 405, 501):
                return self._address.model
            raise MindError(fault.failure.why) from fault
        if self._address.model and self._address.model not in names:
            raise MindError(unknown(self._address.base, self._address.model, names))
        side.model = side.model or names[0]
        return side.model

    def most_used(self, request: Request) -> Counts:
        """Return the most tokens that a request can use, for a budget."""
        return most_used(request)

    def cost(self, counts: Counts) -> float:
        """Return the money that tokens cost, 0 without prices."""
        return self._prices.cost(counts) if self._prices is not None else 0.0

    def ask(self, requests: Sequence[Request]) -> None:
        """Take a batch. Raises MindError for a number in use, marks, or an adapter."""
        if self._is_closed:
            raise MindError("the model was closed; make a new one")
        for request in requests:
            if request.options and request.way not in WAYS:
                raise MindError(f"an endpoint cannot choose by a {request.way.value}; ask by label or text")
            if request.adapter:
                raise MindError(f"an endpoint has no adapter {request.adapter}; name a model that has it built in")
        self._ledger.open(requests)
        if not requests:
            return
        batch = []
        for request in requests:
            self._serial += 1
            self._serials[request.number] = self._serial
            batch.append((self._serial, request))
        self._side().submit(batch)

    def answers(self, wait: float) -> list[Answer]:
        """Return what is ready; wait up to `wait` seconds for the first."""
        end = time.monotonic() + wait
        found: list[Answer] = []
        with self._arrived:
            while not found and self._ledger.waiting:
                while self._ready:
                    serial, answer = self._ready.popleft()
                    if self._serials.get(answer.number) == serial:
                        del self._serials[answer.number]
                        self._ledger.finish(answer)
                        found.append(answer)
                rest = end - time.monotonic()
                if found or rest <= 0:
                    break
                self._arrived.wait(min(rest, threading.TIMEOUT_MAX))
        return found

    def forget(self, numbers: Sequence[int]) -> None:
        """Give up requests; those on their way are broken off."""
        gone = [self._serials.pop(number) for number in self._ledger.forget(numbers)]
        if gone and self._beside is not None:
            self._beside.drop(gone)

    def usage(self) -> Usage:
        """Return what was done so far, with its cost where there are prices."""
        with self._arrived:
            below = Usage(counts=self._counts, busy=self._busy)
        currency = self._prices.currency if self._prices is not None else ""
        return replace(self._ledger.usage(below), cost=self.cost(below.counts), currency=currency)

    def close(self) -> None:
        """Break off all conversations and end the thread."""
        self._is_closed = True
        self._ledger.clear()
        self._serials.clear()
        if self._beside is not None:
            self._beside.end()
            self._beside = None

    def _side(self) -> Beside:
        if self._beside is None:
            warmth = self._profile.word_temperature
            self._beside = Beside(self._address, self._key, self._concurrency, self._seconds, warmth, self._land)
        return self._beside

    def _land(self, serial: int, answer: Answer | None, counts: Counts, seconds: float) -> None:
        """Take what came of a conversation; called from the thread beside."""
        with self._arrived:
            self._counts += counts
            self._busy += seconds
            if answer is not None:
                self._ready.append((serial, answer))
                self._arrived.notify()
