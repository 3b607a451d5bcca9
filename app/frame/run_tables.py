"""The run on screen as tables for other programs: written by a process of its own into a new folder, or not at all."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QWidget

from app.actions import Actions
from app.errands import Errands
from app.frame.notice import Notice
from app.home import RUN_SUFFIX, home

FORMATS = {"parquet": "Parquet", "csv": "CSV"}


class RunTables(QObject):
    """Registers the actions that export a run. `run` returns the run file on screen, `notice` the bar in sight."""

    def __init__(
        self,
        window: QWidget,
        actions: Actions,
        errands: Errands,
        run: Callable[[], Path | None],
        notice: Callable[[], Notice],
    ) -> None:
        super().__init__(window)
        self._window, self._errands, self._run, self._notice = window, errands, run, notice
        for to, name in FORMATS.items():
            actions.add(
                f"file.export_{to}",
                self.tr("Export the run's tables ({format}) …").format(format=name),
                partial(self.ask_where, to),
                "mdi6.table-arrow-right",
                enabled=lambda: run() is not None,
                about=self.tr("Write ticks, decisions, events, people and measures as tables into a new folder"),
            )

    def ask_where(self, to: str) -> None:
        """Ask in which folder the folder of tables is to lie."""
        dialog = QFileDialog(self._window, self.tr("Where the folder of tables shall lie"), str(home()))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.setLabelText(QFileDialog.DialogLabel.Accept, self.tr("Export here"))
        dialog.fileSelected.connect(lambda name: self.export(to, Path(name)))
        dialog.open()

    def export(self, to: str, where: Path) -> None:
        """Write "parquet" or "csv" into a new folder in `where`, named after the run; what is half written goes."""
        run = self._run()
        if run is None:
            return
        target = _free(where / f"{run.name.removesuffix(RUN_SUFFIX)}-tables")
        part = _free(target.with_name(f".{target.name}.part"))
        errand = self._errands.begin(self.tr("Exporting the tables of {run}").format(run=run.name))

        def heard(line: bytes) -> None:
            said = json.loads(line) if line.startswith(b"{") else {}
            if "share" in said:
                errand.advance(said["share"])

        def finished(code: int, output: bytes, words: str) -> None:
            refusal = "" if code == 0 else _why(words, part, target)
            if code == 0:
                try:
                    part.rename(target)
                except OSError as error:
                    refusal = self.tr("{folder}: the tables cannot lie there ({why}); choose another folder")
                    refusal = refusal.format(folder=target, why=error.strerror)
            errand.end()
            self._tell(refusal, target)

        self._errands.run(errand, ["export", str(run), str(part), "--to", to, "--progress"], b"", finished, heard)
        errand.ended.connect(partial(shutil.rmtree, part, ignore_errors=True))

    def _tell(self, refusal: str, target: Path) -> None:
        if refusal:
            self._notice().tell(refusal)
            return
        url = QUrl.fromLocalFile(str(target))
        answers = [(self.tr("Show folder"), lambda: QDesktopServices.openUrl(url))]
        self._notice().tell(self.tr("The tables are in {folder}").format(folder=target), answers=answers, look="good")


def _why(words: str, part: Path, target: Path) -> str:
    """Return the sentence with which the command refused, of the folder that was asked for."""
    lines = words.strip().splitlines()
    last = lines[-1].removeprefix("sociarium: ") if lines else f"{target}: the export ended early; try again"
    return last.replace(str(part), str(target))


def _free(path: Path) -> Path:
    """Return the path, with a number where something lies there already."""
    numbered = (path.with_name(f"{path.name}-{n}") for n in range(2, 10_000))
    return path if not path.exists() else next(one for one in numbered if not one.exists())
