"""What became of the commands that views sent: each is answered once, and known again when it is sent again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping

from engine.remote.watching import Reply

IDS_KEPT = 4096

Done = Callable[[Reply], None]


class Replies:
    """The replies by the ids of commands; those that are waited for have hearers. Not for two threads at once."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, Reply | None] = OrderedDict()
        self._hearers: dict[str, list[Done]] = {}

    def remember(self, ticks: Mapping[str, int]) -> None:
        """Know commands that were applied before, by their ids, at these ticks."""
        self._known.update((number, Reply(tick)) for number, tick in ticks.items())

    def __contains__(self, number: str) -> bool:
        return number in self._known

    def again(self, number: str, done: Done) -> Reply | None:
        """Return the reply to a command that was seen before; while there is none, `done` will hear it too."""
        reply = self._known[number]
        if reply is None:
            self._hearers.setdefault(number, []).append(done)
        return reply

    def wait(self, number: str, done: Done) -> None:
        """Let `done` hear the reply when it comes."""
        self._known[number] = None
        self._hearers[number] = [done]
        self._forget()

    def set(self, number: str, reply: Reply) -> list[Done]:
        """Keep a reply; return who waits for it."""
        self._known[number] = reply
        self._forget()
        return self._hearers.pop(number, [])

    @property
    def waiting(self) -> list[str]:
        """The ids of commands that have no reply yet."""
        return [number for number, reply in self._known.items() if reply is None]

    def _forget(self) -> None:
        while len(self._known) > IDS_KEPT and next(iter(self._known.values())) is not None:
            self._known.popitem(last=False)
