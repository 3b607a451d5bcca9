"""Questions of which at most one is under way: of those asked meanwhile the newest follows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.session import Request
from app.view import View
from engine.remote.wire import Message

Answered = Callable[[Message], None]


class Lane:
    """Questions that go one after the other, so that they never hold up one that is asked outside of it."""

    def __init__(self) -> None:
        self._under_way: Asking | None = None
        self._waiting: list[Asking] = []

    def enter(self, asking: Asking, first: bool) -> bool:
        """Tell whether a question may go now; if not, it waits for its turn, before all others if it is `first`."""
        if self._under_way is None:
            self._under_way = asking
        elif asking not in self._waiting:
            self._waiting.insert(0 if first else len(self._waiting), asking)
        return self._under_way is asking

    def leave(self, asking: Asking) -> None:
        """Let the next one go."""
        if asking in self._waiting:
            self._waiting.remove(asking)
        if self._under_way is asking:
            self._under_way = None
            if self._waiting:
                self._under_way = self._waiting.pop(0)
                self._under_way.start()


class Asking:
    """Asks the host one kind of question over and over. `then` hears the answers, `failed` a sentence."""

    def __init__(
        self,
        view: View,
        question: str,
        then: Answered,
        failed: Callable[[str], None],
        lane: Lane | None = None,
        first: bool = False,
    ) -> None:
        self._view, self._question, self._then, self._failed = view, question, then, failed
        self._lane, self._first = lane, first
        self._request: Request | None = None
        self._next: dict[str, Any] | None = None

    def ask(self, **parameters: Any) -> None:
        """Ask, or ask next, when one is under way."""
        self._next = parameters
        if self._request is None and (self._lane is None or self._lane.enter(self, self._first)):
            self.start()

    def start(self) -> None:
        """Ask what waits to be asked."""
        parameters, self._next = self._next, None
        if parameters is not None:
            self._request = self._view.ask(self._question, self._answer, self._refuse, **parameters)
        if self._request is None and self._lane is not None:
            self._lane.leave(self)

    def drop(self) -> None:
        """Forget what is under way: it is about somebody else."""
        if self._request is not None:
            self._request.cancel()
        self._request = self._next = None
        if self._lane is not None:
            self._lane.leave(self)

    def _answer(self, message: Message) -> None:
        self._go_on()
        self._then(message)

    def _refuse(self, sentence: str) -> None:
        self._go_on()
        self._failed(sentence)

    def _go_on(self) -> None:
        parameters, self._request = self._next, None
        if self._lane is not None:
            self._lane.leave(self)
        if parameters is not None:
            self.ask(**parameters)
