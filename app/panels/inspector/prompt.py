"""A prompt as a model got it, part by part: for whom each is the same, how many tokens, what the cache knew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from app.design import SMALL, SPACE, Design
from app.panels.inspector.words import translate
from app.panels.pieces import NARROW, Prose, Wrapped, ink, line_height

LONGEST = 2_000
"""Characters of a part that are shown; the whole is copied."""
NOTE = 0.25
"""The most of a part's width that its tokens take; what is longer stands under the text."""
EDGE = 3
"""How wide the mark at a part's left is, in logical pixels."""
NEW_LINE = "\u2028"


class PartBlock(QWidget):
    """One part: a mark that says whether the cache knew it, its text, and its tokens at the right."""

    def __init__(self, design: Design) -> None:
        super().__init__()
        self._design = design
        self._text, self._note = Wrapped(design, SMALL), Wrapped(design, SMALL)
        self._tone, self._edge = "ink", "line"
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        design.changed.connect(self.updateGeometry)
        design.changed.connect(self.update)

    def show_part(self, part: Mapping[str, Any]) -> None:
        """Show another part."""
        text, tokens, cached = str(part["text"]), int(part["tokens"]), int(part["cached"])
        whole = text.strip("\n").replace("\n", NEW_LINE)
        shown = whole if len(whole) <= LONGEST else f"{whole[:LONGEST]} …"
        if part["dropped"]:
            note, edge, tone = translate("Inspector", "left out"), "warn", "soft"
        elif cached >= tokens > 0:
            note, edge, tone = translate("Inspector", "{0:,} cached").format(tokens), "good", "ink"
        elif cached:
            note, edge, tone = translate("Inspector", "{0:,}, {1:,} cached").format(tokens, cached), "good", "ink"
        else:
            note, edge, tone = f"{tokens:,}" if tokens else "", "line", "ink"
        tone = "focus" if part["is_frame"] and not part["dropped"] else tone
        self._text.text, self._note.text, self._edge, self._tone = shown, note, edge, tone
        self.setAccessibleName(f"{text.strip()} ({note})" if note else text.strip())
        tip = translate("Inspector", "{0:,} tokens, {1:,} of them from the cache").format(tokens, cached)
        self.setToolTip(translate("Inspector", "Did not fit, so it was left out") if part["dropped"] else tip)
        self.updateGeometry()
        self.update()

    def _beside(self, width: int) -> int:
        """Return how much room the note takes beside the text; 0 where it stands under it."""
        note = self._note.natural() + SPACE[2] if self._note.text else 0
        return note if note <= width * NOTE else 0

    def _room(self, width: int) -> int:
        return max(NARROW, width - EDGE - SPACE[2] - self._beside(width) - 2 * SPACE[1])

    def hasHeightForWidth(self) -> bool:
        """It wraps."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height of the wrapped text."""
        high = max(self._text.height(self._room(width)), line_height(self._design, SMALL)) + SPACE[1]
        return high if self._beside(width) or not self._note.text else high + self._note.height(self._room(width))

    def sizeHint(self) -> QSize:
        """Ask for little width, and for the height that the width at hand takes."""
        return QSize(NARROW, self.heightForWidth(max(NARROW, self.width())))

    def minimumSizeHint(self) -> QSize:
        """Return the least."""
        return QSize(NARROW, line_height(self._design, SMALL))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the mark, the text and the tokens."""
        painter, theme = QPainter(self), self._design.theme
        painter.fillRect(QRectF(SPACE[1], 1, EDGE, self.height() - 2), QColor(ink(theme, self._edge)))
        room = self._room(self.width())
        left = SPACE[1] + EDGE + SPACE[2]
        self._text.paint(painter, left, SPACE[1] / 2, room, ink(theme, self._tone))
        tone = ink(theme, "warn" if self._edge == "warn" else "soft")
        if self._beside(self.width()):
            natural = self._note.natural()
            self._note.paint(painter, self.width() - natural - SPACE[1] + 2, SPACE[1] / 2, natural, tone)
        elif self._note.text:
            self._note.paint(painter, left, SPACE[1] / 2 + self._text.height(room), room, tone)
        painter.end()


class Prompt(QWidget):
    """All parts of a prompt in the order sent, under headings that say for whom they are the same."""

    def __init__(self, design: Design) -> None:
        super().__init__()
        self._design = design
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        self._blocks: list[PartBlock] = []
        self._headings: list[Prose] = []
        self._shown = 0

    def show_parts(self, parts: Sequence[Mapping[str, Any]]) -> None:
        """Show these; what was made is used again."""
        while len(self._blocks) < len(parts):
            heading, block = Prose(self._design, SMALL, strong=True, tone="soft"), PartBlock(self._design)
            inset = QVBoxLayout()
            inset.setContentsMargins(SPACE[1], 0, SPACE[1], 0)
            inset.addWidget(heading)
            self._layout.addLayout(inset)
            self._layout.addWidget(block)
            self._headings.append(heading)
            self._blocks.append(block)
        before = ""
        for part, heading, block in zip(parts, self._headings, self._blocks, strict=False):
            share = str(part["share"])
            heading.say(_shared(share) if share != before else "")
            block.show_part(part)
            block.show()
            before = share
        for heading, block in zip(self._headings[len(parts) :], self._blocks[len(parts) :], strict=True):
            heading.hide()
            block.hide()
        self._shown = len(parts)

    @property
    def blocks(self) -> list[PartBlock]:
        """Those that are shown."""
        return self._blocks[: self._shown]


def _shared(share: str) -> str:
    """Return for whom a part is the same."""
    return {
        "everyone": translate("Inspector", "The same for everyone"),
        "role": translate("Inspector", "The same for the role"),
        "person": translate("Inspector", "Their own"),
        "moment": translate("Inspector", "Of this moment"),
    }.get(share, share)
