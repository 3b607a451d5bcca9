"""Lets somebody look while answers are waited for."""

from __future__ import annotations

from collections.abc import Callable

from cognition.language.model import Answer, LanguageModel
from cognition.language.wrappers.wrapper import Wrapper


class Watching(Wrapper):
    """Calls `look` after each wait for answers, on the asker's thread; what it raises comes out there."""

    def __init__(self, inner: LanguageModel, look: Callable[[], None]) -> None:
        super().__init__(inner)
        self._look = look

    def answers(self, wait: float) -> list[Answer]:
        """Return what is ready; wait up to `wait` seconds for the first."""
        found = super().answers(wait)
        self._look()
        return found
