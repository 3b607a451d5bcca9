"""The search box of the people panel: it completes columns and their words, and goes to where a mistake is."""

from __future__ import annotations

import re

from PySide6.QtCore import QStringListModel, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QCompleter, QLineEdit, QWidget

from app.design import Design, icon
from app.models.fields import Fields, Kind
from app.models.grammar import FilterError
from app.stylesheet import stylesheet

MOST_OFFERED = 12
_NAME_CHARACTERS = r"[^\W\d][\w.]*"
_WORD = re.compile(rf"({_NAME_CHARACTERS})$")
_COMPARED = re.compile(
    rf"""({_NAME_CHARACTERS})\s*(?:==|!=|=|(?:not\s+)?in\s*\((?:[^()]*,)?)\s*(?P<mark>["'“]?)(?P<begun>[^"'”,()]*)$"""
)
_CHOOSING = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab)
_CLOSING = {"“": "”"}


class SearchBox(QLineEdit):
    """Where names are searched and filters are written."""

    left = Signal()
    """Down or Enter: go on in the table."""

    def __init__(self, design: Design, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._design = design
        self._fields = Fields(())
        self.mistake: FilterError | None = None
        self._begun = 0
        self._words = QStringListModel(self)
        self._completer = QCompleter(self._words, self)
        self._completer.setWidget(self)
        self._completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self._completer.setMaxVisibleItems(MOST_OFFERED)
        self._completer.activated.connect(self._complete)
        self.setClearButtonEnabled(True)
        self._glass = QAction(self)
        self.addAction(self._glass, QLineEdit.ActionPosition.LeadingPosition)
        self.dress()
        self.textEdited.connect(self._offer)

    def dress(self) -> None:
        """Take colours from the design."""
        theme = self._design.theme
        self._glass.setIcon(icon("mdi6.magnify", theme, theme.soft))
        # The list of offers is a window of its own.
        frame = f"QListView {{ background: {theme.raised}; border: 1px solid {theme.line}; }}"
        self._list().setStyleSheet(stylesheet(theme, self._design.scale) + frame)
        cross = self.findChild(QAction, "_q_qlineeditclearaction")
        if cross is not None:
            cross.setIcon(icon("mdi6.close", theme, theme.soft))

    def know(self, fields: Fields) -> None:
        """Complete the names and words of these fields."""
        self._fields = fields

    def offers(self) -> list[str]:
        """Return how what stands before the cursor may go on, best first; nothing where it is whole."""
        before = self.text()[: self.cursorPosition()]
        compared = _COMPARED.search(before)
        field = self._fields.find(compared[1]) if compared is not None else None
        if compared is not None and field is not None and field.kind is Kind.WORDS:
            begun = compared["begun"].casefold()
            mark = compared["mark"] or '"'
            self._begun = compared.start("mark")
            words = [word for word in dict.fromkeys(field.words) if word.casefold().startswith(begun)]
            return [f"{mark}{word}{_CLOSING.get(mark, mark)}" for word in words if word.casefold() != begun]
        word = _WORD.search(before)
        if word is None or before[: word.start()].count('"') % 2:
            return []
        self._begun = word.start()
        begun = word[1].casefold()
        found = [one for one in self._fields.words() if one.startswith(begun) and ("." not in one or "." in begun)]
        return [] if begun in found else found

    def _list(self) -> QAbstractItemView:
        popup = self._completer.popup()
        assert popup is not None
        return popup

    @property
    def is_offering(self) -> bool:
        """Whether the list of offers is open."""
        return self._list().isVisible()

    def _offer(self) -> None:
        offers = self.offers()[:MOST_OFFERED]
        self._words.setStringList(offers)
        if not offers:
            self._list().hide()
            return
        self._completer.complete()

    def _complete(self, word: str) -> None:
        text, at = self.text(), self.cursorPosition()
        self.setText(text[: self._begun] + word + text[at:])
        self.setCursorPosition(self._begun + len(word))
        self.textEdited.emit(self.text())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Down goes on in the table, Enter too, or to the mistake, Escape clears; the list of offers comes first."""
        popup = self._list()
        if popup.isVisible():
            chosen = popup.selectionModel().hasSelection()
            if event.key() == Qt.Key.Key_Escape or (chosen and event.key() in _CHOOSING):
                event.ignore()  # the completer takes it then
                return
            if event.key() in _CHOOSING:
                popup.hide()
        match event.key():
            case Qt.Key.Key_Return | Qt.Key.Key_Enter if self.mistake is not None:
                self.setSelection(min(self.mistake.at, len(self.text())), self.mistake.length)
            case Qt.Key.Key_Down | Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self.left.emit()
            case Qt.Key.Key_Escape if self.text():
                self.clear()
                self.textEdited.emit("")
            case _:
                super().keyPressEvent(event)
                return
        event.accept()
