"""Tells of every request that was finished."""

from __future__ import annotations

from collections.abc import Callable

from cognition.language.model import Answer, LanguageModel, Request
from cognition.language.wrappers.wrapper import Wrapper

Hear = Callable[[Request, Answer], None]


class Recording(Wrapper):
    """Passes each request with its answer on to `hear`, once, in the order in which they are handed out.

    What was given up is not told of. `hear` is called within `answers`; what it raises comes out there.
    """

    def __init__(self, inner: LanguageModel, hear: Hear) -> None:
        super().__init__(inner)
        self._tell = hear

    def _hand_out(self) -> list[Answer]:
        asked = {a.number: self._ledger.request(a.number) for a in self._ready if a.number in self._ledger}
        answers = super()._hand_out()
        for answer in answers:
            self._tell(asked[answer.number], answer)
        return answers
