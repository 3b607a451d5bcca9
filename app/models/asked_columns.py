"""Columns of people that frames do not carry: asked of the host while they are seen, twice a second at most."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.pace import Pace
from app.session import Request
from app.view import View
from engine.remote.wire import Columns, Message

ASK_EVERY = 0.5
"""Seconds between two questions."""


class AskedColumns(QObject):
    """Keeps the columns that are wanted as new as the frame on screen, one question under way at a time."""

    came = Signal()
    """`columns` are others."""
    refused = Signal(str)
    """The host does not tell, and says why in one sentence."""

    def __init__(self, view: View, parent: QObject) -> None:
        super().__init__(parent)
        self._view = view
        self._wanted: frozenset[str] = frozenset()
        self._request: Request | None = None
        self._pace = Pace(ASK_EVERY, self._ask, self)
        self.columns: Columns = {}
        self._tick = -1

    def forget(self) -> None:
        """Forget all: another society is on screen, or none."""
        if self._request is not None:
            self._request.cancel()
        self._request, self.columns, self._tick, self._wanted = None, {}, -1, frozenset()
        self._pace.stop()

    def want(self, columns: set[str]) -> None:
        """Want these, of the frame on screen; those that it carries itself are left out."""
        frame = self._view.frame
        self._wanted = frozenset(columns - frame.columns.keys()) if frame is not None else frozenset()
        if self._is_behind():
            self._pace.soon()

    def _is_behind(self) -> bool:
        frame = self._view.frame
        if frame is None or not self._wanted:
            return False
        return frame.tick != self._tick or not self._wanted <= self.columns.keys()

    def _ask(self) -> None:
        frame = self._view.frame
        if frame is None or self._request is not None or not self._is_behind():
            return
        at = {} if self._view.is_live and self._view.is_following else {"tick": frame.tick}
        names = ",".join(sorted(self._wanted))
        self._request = self._view.ask("columns", self._answered, self._not_answered, names=names, **at)

    def _answered(self, message: Message) -> None:
        self._request = None
        self.columns, self._tick = message.columns, int(message.head["tick"])
        self.came.emit()

    def _not_answered(self, sentence: str) -> None:
        self._request = None
        self.refused.emit(sentence)
