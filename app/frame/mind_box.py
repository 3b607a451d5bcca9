"""The box in which a mind is named: by its name, by a GGUF file, or by the address of an endpoint."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QComboBox, QFileDialog, QLineEdit, QWidget

from app.design import SPACE
from app.mind_files import SUFFIX, shelf

translate = QCoreApplication.translate
LETTERS = 8
"""The box is never narrower than so many."""


class MindBox(QComboBox):
    """Known minds to choose from; any other name, path or address can be typed."""

    def __init__(self) -> None:
        super().__init__()
        line = QLineEdit()
        line.setPlaceholderText(translate("MindBox", "Name, file, URL"))
        line.setAccessibleName(translate("MindBox", "Mind"))
        line.setTextMargins(SPACE[0], 0, 0, 0)
        self.line = line
        self.setEditable(True)
        self.setLineEdit(line)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setAccessibleName(translate("MindBox", "Mind"))
        about = translate("MindBox", "Who decides: a mind's name, the path of a GGUF model, or an endpoint's URL")
        self.setToolTip(about)
        self.setMinimumContentsLength(LETTERS)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)

    @property
    def mind(self) -> str:
        """What is named, "" for nothing."""
        return self.currentText().strip()

    def offer(self, names: Sequence[str]) -> None:
        """Offer these; what was typed stays."""
        if list(names) == [self.itemText(number) for number in range(self.count())]:
            return
        text = self.currentText()
        self.blockSignals(True)
        self.clear()
        self.addItems(list(names))
        for number, name in enumerate(names):
            self.setItemData(number, name, Qt.ItemDataRole.ToolTipRole)
        self.setEditText(text)
        self.blockSignals(False)

    def name(self, mind: str) -> None:
        """Name a mind."""
        self.setEditText(mind)
        self.line.setCursorPosition(len(mind))


def ask_for_model(parent: QWidget, then: Callable[[str], object]) -> None:
    """Let a model file be chosen; `then` hears its path."""
    folder = shelf()
    title = translate("MindBox", "Model file")
    dialog = QFileDialog(parent, title, str(folder if folder.is_dir() else Path.home()))
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    models = translate("MindBox", "GGUF models ({known})").format(known=f"*{SUFFIX}")
    dialog.setNameFilters([models, translate("MindBox", "All files (*)")])
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.fileSelected.connect(then)
    dialog.open()
