"""Measures to take along: plots as a picture or a drawing, and all values as a table. The window goes on meanwhile."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QFileDialog, QGraphicsScene, QWidget

from app.errands import Errand, Errands, Tell
from app.models.moments import moment
from app.panels.exports import recorded, table
from app.panels.measure_table import WholeMeasures, columns
from app.view import View
from app.writing import write_whole
from engine.remote.wire import About

PICTURE, DRAWING, TABLE = "png", "svg", "csv"
GATHERED = 0.6
"""The share of a table that is done when all values are here."""
AT_ONCE = 500
"""Rows between two looks at whether the table is still wanted."""


class MeasureExports(QObject):
    """Saves measures. `tell` hears one sentence of how it went, and its look."""

    def __init__(self, view: View, errands: Errands, tell: Callable[[str, str], None], parent: QWidget) -> None:
        super().__init__(parent)
        self._view, self._errands, self._tell = view, errands, tell
        self._gathering: list[Errand] = []
        view.closed.connect(self._stop_gathering)
        view.lost.connect(self._lose)

    def ask_where(self, kind: str, then: Callable[[Path], None]) -> None:
        """Ask where to save "png", "svg" or "csv"."""
        if self._view.about is None:
            return
        parent = self.parent()
        dialog = QFileDialog(parent if isinstance(parent, QWidget) else None, self.tr("Save measures"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(kind)
        dialog.setNameFilter(f"{kind.upper()} (*.{kind})")
        dialog.selectFile(f"{self._view.about.name}-measures.{kind}")
        dialog.fileSelected.connect(lambda path: then(Path(path)))
        dialog.open()

    def save_scene(self, path: Path, scene: QGraphicsScene, ground: str) -> None:
        """Save plots as the file's ending says; a ground is "#rrggbb"."""
        about = self._view.about
        kind = path.suffix.lower().removeprefix(".")
        wish, strokes = recorded(scene, ground, about.title if about is not None else "")
        line = json.dumps({**wish, "kind": DRAWING if kind == DRAWING else PICTURE}).encode()
        errand = self._begin(path)

        def drawn(code: int, data: bytes, words: str) -> None:
            if code:
                errand.end()
                self._tell(self.tr("{0} could not be drawn. Save it again.").format(path), "bad")
            else:
                self._write(errand, path, lambda tell: write_whole(path, data))

        self._errands.run(errand, ["picture"], line + b"\n" + strokes, drawn)

    def save_table(self, path: Path, names: Sequence[str]) -> None:
        """Save all values of some measures as CSV."""
        errand = self._begin(path)
        whole = WholeMeasures(
            self._view,
            names,
            partial(self._gathered, errand, path),
            partial(self._refuse, errand),
            lambda share: errand.advance(share * GATHERED),
        )
        errand.ended.connect(whole.stop)
        self._gathering.append(errand)
        errand.ended.connect(partial(self._forget, errand))

    def _begin(self, path: Path) -> Errand:
        return self._errands.begin(self.tr("Saving {0}").format(path.name))

    def _gathered(self, errand: Errand, path: Path, ticks: list[int], values: dict[str, list[Any]]) -> None:
        about = self._view.about
        self._forget(errand)
        if about is None:
            errand.cancel()
            return
        self._write(errand, path, lambda tell: write_whole(path, _csv(about, ticks, values, tell)))

    def _write(self, errand: Errand, path: Path, job: Callable[[Tell], str]) -> None:
        def written(refusal: str) -> None:
            errand.end()
            self._tell(refusal or self.tr("Saved as {0}").format(path), "bad" if refusal else "good")

        self._errands.work(errand, job, written)

    def _refuse(self, errand: Errand, sentence: str) -> None:
        errand.end()
        self._tell(sentence, "bad")

    def _lose(self, sentence: str, details: str) -> None:
        if self._gathering:
            self._stop_gathering()
            self._tell(self.tr("The engine is gone before all values were read. Resume, and save again."), "bad")

    def _stop_gathering(self) -> None:
        for errand in tuple(self._gathering):
            errand.cancel()

    def _forget(self, errand: Errand) -> None:
        if errand in self._gathering:
            self._gathering.remove(errand)


def _csv(about: About, ticks: list[int], values: dict[str, list[Any]], tell: Tell) -> bytes:
    """Return a table with a row for each tick."""
    made = columns(values, about.measures)

    def rows() -> Any:
        for at, row in enumerate(zip(ticks, *made.values(), strict=True)):
            if at % AT_ONCE == 0:
                tell(GATHERED + (1 - GATHERED) * at / len(ticks))
            yield (row[0], moment(about, row[0]), *row[1:])

    return table(["tick", "moment", *made], rows())
