"""The thread beside the asker's, in which the conversations with an endpoint go on."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from cognition.language.endpoint.address import Address, Key
from cognition.language.endpoint.conversation import Conversation
from cognition.language.endpoint.faults import Fault, quoted, unknown
from cognition.language.endpoint.line import Line
from cognition.language.endpoint.offers import Offers
from cognition.language.model import Answer, Cause, Counts, Failure, Request

FAREWELL_SECONDS = 5.0
"""How long the end of the thread is waited for; it breaks off all that goes on and needs milliseconds."""

Land = Callable[[int, Answer | None, Counts, float], None]
"""(serial, answer or None when it was given up, tokens used, seconds of work)."""


class Beside:
    """An event loop in a thread of its own. Its methods are for the asker's thread; `land` is called from its own."""

    def __init__(self, address: Address, key: Key, concurrency: int, seconds: float, warmth: float, land: Land) -> None:
        self.model = address.model
        self.offers = Offers()
        self._address = address
        self._key = key
        self._concurrency = concurrency
        self._seconds = seconds
        self._warmth = warmth
        self._land = land
        self._line: Line | None = None
        self._room = asyncio.Semaphore(concurrency)
        self._ended = asyncio.Event()
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._naming: asyncio.Task[list[str]] | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="sociarium-endpoint", daemon=True)
        self._thread.start()

    def submit(self, batch: Sequence[tuple[int, Request]]) -> None:
        """Begin conversations, each with its serial number."""
        self._loop.call_soon_threadsafe(self._begin, batch)

    def drop(self, serials: Sequence[int]) -> None:
        """Break conversations off."""
        self._loop.call_soon_threadsafe(self._break_off, serials)

    def names(self, patience: float) -> list[str]:
        """Return the names of the models that the endpoint lists. Raises Fault."""
        asked = asyncio.run_coroutine_threadsafe(self._models(), self._loop)
        try:
            return asked.result(patience)
        except TimeoutError as error:
            asked.cancel()
            raise Fault(Failure(Cause.TIMEOUT, f"{self._address.base}: no answer within {patience:g} s")) from error

    def end(self) -> None:
        """Break everything off and end the thread."""
        self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join(FAREWELL_SECONDS)

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._live())

    async def _live(self) -> None:
        await self._ended.wait()
        tasks: list[asyncio.Task[Any]] = [*self._tasks.values(), *([self._naming] if self._naming is not None else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._line is not None:
            await self._line.close()

    def _begin(self, batch: Sequence[tuple[int, Request]]) -> None:
        for serial, request in batch:
            task = self._tasks[serial] = self._loop.create_task(self._hold(serial, request))
            task.add_done_callback(partial(self._done, serial))

    def _done(self, serial: int, task: asyncio.Task[None]) -> None:
        del self._tasks[serial]

    def _break_off(self, serials: Sequence[int]) -> None:
        for serial in serials:
            task = self._tasks.get(serial)
            if task is not None:
                task.cancel()

    async def _hold(self, serial: int, request: Request) -> None:
        """Hold one conversation, when there is room for it."""
        async with self._room:
            await self._converse(serial, request)

    async def _converse(self, serial: int, request: Request) -> None:
        began = time.monotonic()
        answer: Answer | None = None
        conversation: Conversation | None = None
        try:
            model = await self._name()
            conversation = Conversation(self._connected(), self.offers, model, request, self._warmth)
            answer = await conversation.answer()
        except Fault as fault:
            answer = Answer(request.number, failure=await self._told(fault))
        except Exception as error:
            why = f"{self._address.base}: the conversation broke ({type(error).__name__}: {quoted(str(error))})"
            answer = Answer(request.number, failure=Failure(Cause.DIED, self._key.hidden_in(why)))
        finally:
            seconds = time.monotonic() - began
            counts = conversation.counts if conversation is not None else Counts()
            if answer is not None:
                answer = replace(answer, counts=counts, milliseconds=1000 * seconds)
            self._land(serial, answer, counts, seconds)

    async def _name(self) -> str:
        """Return the model's name; the first conversation without one asks for all that wait with it."""
        if not self.model:
            if self._naming is None or self._naming.done():
                self._naming = self._loop.create_task(self._models())
                self._naming.add_done_callback(_seen)
            names = await asyncio.shield(self._naming)
            self.model = self.model or names[0]
        return self.model

    async def _models(self) -> list[str]:
        return await self._connected().models()

    async def _told(self, fault: Fault) -> Failure:
        """Return a failure; of a model that does not exist with the names of those that do."""
        if fault.status != 404 or not self.model:
            return fault.failure
        try:
            names = await self._models()
        except Fault:
            return fault.failure
        if self.model in names:
            return fault.failure
        return Failure(Cause.REFUSED, unknown(self._address.base, self.model, names), is_lasting=True)

    def _connected(self) -> Line:
        if self._line is None:
            self._line = Line(self._address, self._key, self._concurrency, self._seconds)
        return self._line


def _seen(task: asyncio.Task[list[str]]) -> None:
    """Look at how a task ended, so that asyncio does not complain of a failure that nobody waits for any more."""
    if not task.cancelled():
        task.exception()
