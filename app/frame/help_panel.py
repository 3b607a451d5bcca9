"""The help dock: what every action is called and which key does it, what this program is, a crash report."""

from __future__ import annotations

from html import escape
from importlib.metadata import version
from pathlib import Path

from PySide6.QtGui import QKeySequence, QShowEvent
from PySide6.QtWidgets import QTextBrowser, QWidget

from app.actions import Actions
from app.design import SMALL, SPACE, Design

MENUS = ("file", "run", "view")
MOST_OF_A_REPORT = 200_000


class HelpPanel(QTextBrowser):
    """A page of text in the colours of the theme."""

    def __init__(self, actions: Actions, design: Design, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._actions, self._design = actions, design
        self._page = self.show_shortcuts
        self._is_blank = True
        self.setOpenExternalLinks(True)
        self.setAccessibleName(self.tr("Help"))
        self.document().setDocumentMargin(SPACE[3])
        design.changed.connect(lambda: self._page())

    def showEvent(self, event: QShowEvent) -> None:  # Qt's name
        """Begin with the actions; nobody sees an empty panel."""
        super().showEvent(event)
        if self._is_blank:
            self._page()

    def show_shortcuts(self) -> None:
        """List every action with its key."""
        self._page = self.show_shortcuts
        groups: dict[str, list[str]] = {}
        for name in self._actions:
            groups.setdefault(name.partition(".")[0], []).append(name)
        ranked = sorted(groups, key=lambda group: MENUS.index(group) if group in MENUS else len(MENUS))
        rows = []
        for group in ranked:
            rows.append(f"<tr><td colspan=2 class=head>{escape(group.replace('_', ' ').capitalize())}</td></tr>")
            for name in groups[group]:
                action = self._actions[name]
                keys = ", ".join(
                    key.toString(QKeySequence.SequenceFormat.NativeText)
                    for key in action.shortcuts()
                    if not key.isEmpty()
                )
                text = action.text().replace("&", "")
                rows.append(f"<tr><td class=what>{escape(text)}</td><td class=key>{escape(keys)}</td></tr>")
        title = escape(self.tr("Actions and keys"))
        self._show(f"<h3>{title}</h3><table width='100%' cellspacing=0 cellpadding=3>{''.join(rows)}</table>")

    def show_about(self) -> None:
        """Say what this program is."""
        self._page = self.show_about
        about = self.tr(
            "A laboratory for societies of agents. People, what they can do and what they care about are a scenario; "
            "a run is one file that can be watched, resumed, branched and replayed to the last bit."
        )
        version_words = self.tr("Version {version}. MIT licence.").format(version=version("sociarium"))
        manners = self.tr("Nothing is sent anywhere; all data lies in your data folder.")
        self._show(f"<h3>Sociarium</h3><p>{escape(about)}</p><p>{escape(version_words)}<br>{escape(manners)}</p>")

    def show_report(self, path: Path) -> None:
        """Show a crash report."""
        self._page = lambda: self.show_report(path)
        try:
            with path.open(encoding="utf-8", errors="replace") as file:
                text = file.read(MOST_OF_A_REPORT)
        except OSError as error:
            text = self.tr("{path}: cannot be read ({why}).").format(path=path, why=error.strerror)
        title, where = escape(self.tr("Crash report")), escape(self.tr("It lies only here: {path}").format(path=path))
        self._show(f"<h3>{title}</h3><p class=soft>{where}</p><pre>{escape(text)}</pre>")

    def _show(self, body: str) -> None:
        self._is_blank = False
        theme, small = self._design.theme, self._design.pixels(SMALL)
        self.document().setDefaultStyleSheet(
            f".head {{ color: {theme.accent}; font-weight: 600; padding-top: {SPACE[3]}px; }}"
            f".key {{ color: {theme.soft}; }} .soft {{ color: {theme.soft}; }} h3 {{ font-weight: 600; }}"
            f"pre {{ font-size: {small}px; white-space: pre-wrap; }}"
        )
        self.setHtml(body)
