"""The window: start page or society in the middle, docks around it, menus, one tool bar, the time line below."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QEvent, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QGuiApplication, QKeyEvent
from PySide6.QtOpenGLWidgets import QOpenGLWidget
from PySide6.QtWidgets import QAbstractButton, QApplication, QFileDialog, QMainWindow, QStackedWidget, QToolBar, QWidget

from app import opening, preferences
from app.actions import Actions
from app.design import Design
from app.errands import Errands
from app.frame.assistance import Assistance
from app.frame.dock_places import places
from app.frame.docks import Docks
from app.frame.errand_bar import ErrandBar
from app.frame.looks import Looks
from app.frame.notice import Notice
from app.frame.run_actions import Clock
from app.frame.run_tables import RunTables
from app.frame.stage import Stage
from app.frame.window_actions import Menus, register, tool_bar
from app.home import RUN_SUFFIX, home
from app.opening import Opening
from app.preferences import Preferences
from app.scenarios import SCENARIO_SUFFIX
from app.session import Session
from app.start.new_run import NewRun, NewRunPage
from app.start.page import StartPage
from app.view import View
from app.viewport.quality import is_software, renderer
from engine.errors import SociariumError

if TYPE_CHECKING:
    from app.viewport.viewport import Viewport

SIZE = (1440, 900)
LEAST = (960, 600)
FIRST_PICTURE = 50
"""Milliseconds that the viewport has for itself to draw its first picture."""


class Window(QMainWindow):
    """One window, one society at a time. It owns the state (`view`), the registry of actions and the design."""

    def __init__(self, wishes: Preferences | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.preferences = preferences.load() if wishes is None else wishes
        self.keeps_preferences = True
        self.view = View(self)
        self.design = Design(parent=self)
        self.registry = Actions(self.design, self)
        self.looks = Looks(self, self.design, self.registry, self.preferences)
        self.clock = Clock(self.view, self.registry, self)
        self.opening: Opening | None = None
        self.is_lost = False
        self._switching = self._is_closing = False
        self._stage: Stage | None = None
        if not is_software(renderer()):
            QOpenGLWidget(self).hide()  # else the whole window is made anew, and flickers, when the viewport comes
        register(self)
        self.errands = Errands(self)
        panels = places(self.view, self.registry, self.design, self.preferences, self.errands)
        self.docks = Docks(self, panels, self.preferences, self.design)
        self.docks.made.connect(self.registry.refresh)
        self.assistance = Assistance(self, self.docks, self.registry, self.errands, lambda: self.notice)
        self.tables = RunTables(self, self.registry, self.errands, self._run_on_screen, lambda: self.notice)
        self.menus = Menus(self, self.registry)
        for dock in self.docks.docks.values():
            self.menus.docks.addAction(dock.toggleViewAction())
        self.tools = tool_bar(self, self.registry)
        self.menus.hold(self.tools)
        self.pages = QStackedWidget()
        self.pages.setObjectName("pages")
        self.start_page = StartPage(self.registry, self.design)
        self._list_recent()
        self.new_run_page = NewRunPage(self.design)
        self.pages.addWidget(self.start_page)
        self.pages.addWidget(self.new_run_page)
        self.setCentralWidget(ErrandBar(self.errands, self.pages))
        self._strip: QToolBar | None = None
        self._came_from: QWidget = self.start_page
        self._connect()
        self.setAcceptDrops(True)
        self.setMinimumSize(*LEAST)
        self._take_place()
        self.show_start_page()
        if self.preferences.complaint:
            self.start_page.notice.tell(self.preferences.complaint, look="warn")

    def _connect(self) -> None:
        self.start_page.scenario_chosen.connect(self.open_new)
        self.start_page.run_chosen.connect(self.open_run)
        self.start_page.set_up.connect(self.show_new_run)
        self.new_run_page.started.connect(self._start_run)
        self.new_run_page.left.connect(self.show_start_page)
        self.view.opened.connect(self._opened)
        self.view.closed.connect(self._closed)
        self.view.lost.connect(self._lost)
        self.view.frame_shown.connect(self.registry.refresh)
        self.view.frame_shown.connect(self._release_docks)

    # ------------------------------------------------------------------ what is on the pages

    @property
    def is_open(self) -> bool:
        """Whether a society is open (or on its way)."""
        return self.view.session is not None

    @property
    def is_watching(self) -> bool:
        """Whether the society's page is on screen."""
        return self._stage is not None and self.pages.currentWidget() is self._stage

    @property
    def is_on_start_page(self) -> bool:
        """Whether the start page is on screen."""
        return self.pages.currentWidget() is self.start_page

    @property
    def stage(self) -> Stage:
        """The page of a society, made when it is first asked for, with the viewport in it."""
        if self._stage is None:
            from app.panels.status import StatusLine
            from app.panels.timeline import Timeline
            from app.viewport.viewport import Viewport

            viewport = Viewport(self.view, self.registry, self.design, self.preferences.quality)
            self.looks.quality_changed.connect(viewport.use_quality)
            self._stage = Stage(self.view, viewport, self.design)
            self._stage.cancelled.connect(self.close_society)
            self.pages.addWidget(self._stage)
            self._strip = QToolBar(self.tr("Time line"), self)
            self._strip.setObjectName("timeline")
            self._strip.setMovable(False)
            self._strip.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
            self.timeline = Timeline(self.view, self.registry, self.design)
            self._strip.addWidget(self.timeline)
            self.addToolBar(Qt.ToolBarArea.BottomToolBarArea, self._strip)
            self.status_line = StatusLine(self.view, self.registry, self.design)
            self.status_line.set_frames_per_s(lambda: viewport.frames_per_s)
            self.statusBar().setSizeGripEnabled(False)
            self.statusBar().addPermanentWidget(self.status_line, 1)
        return self._stage

    @property
    def viewport(self) -> Viewport:
        """The 3D view."""
        return self.stage.viewport

    @property
    def notice(self) -> Notice:
        """The bar that is in sight."""
        return self._stage.notice if self._stage is not None and self.is_watching else self.start_page.notice

    @property
    def panels(self) -> dict[str, QWidget]:
        """Every panel by its name: people, inspector, minds, help, events, measures; made now if it was not yet."""
        self.docks.make_all()
        return self.docks.panels

    def show_start_page(self) -> None:
        """Show the start page; a society that is open stays open."""
        self._show_page(self.start_page)
        if self.is_open and self.opening is not None:
            told = self.tr("{title} is still open.").format(title=self._name())
            self.start_page.notice.tell(told, answers=[(self.tr("Go back"), self.show_society)], look="good")

    def show_recent(self) -> None:
        """Show the start page with the keyboard in the list of recent runs."""
        self.show_start_page()
        self.start_page.recent.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def show_new_run(self, what: str = "") -> None:
        """Show the form of a new run, of a scenario if one is named."""
        self.new_run_page.choose(what)
        self._show_page(self.new_run_page)
        self.new_run_page.scenario.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_society(self) -> None:
        """Show the society that is open."""
        self._show_page(self.stage)

    def _show_page(self, page: QWidget) -> None:
        watching = page is self._stage
        if not watching:
            self.docks.hide()
            self.start_page.notice.hide()
        self.pages.setCurrentWidget(page)
        self.tools.setVisible(watching)
        if self._strip is not None:
            self._strip.setVisible(watching)
        self.statusBar().setVisible(watching)
        self.menus.docks.setEnabled(watching)
        if watching:
            self.docks.show()
            self.viewport.setFocus(Qt.FocusReason.OtherFocusReason)
        self._name_window()
        self.registry.refresh()

    # ------------------------------------------------------------------ opening and closing

    def open(self, society: Opening) -> None:
        """Show a society whose host has been started; the one before is closed."""
        self._switching = True
        if not self.is_watching:
            self._came_from = self.pages.currentWidget() or self.start_page
        self.opening, self.is_lost = society, False
        stage = self.stage
        self.view.open(Session(society.process, society.address, society.token))
        self._switching = False
        self._show_page(stage)
        stage.expect(society.title)

    def open_new(self, what: str) -> None:
        """Open a new live run of a scenario, a bundled name or a file."""
        self._try(lambda: opening.society(what))

    def open_run(self, path: Path) -> None:
        """Open a run file, as it was recorded."""
        self._try(lambda: opening.recorded_society(path))
        if path.parent != home() / "runs":
            self.preferences.remember(path)
            self._list_recent()

    def _list_recent(self) -> None:
        self.start_page.recent.runs.list_also([Path(name) for name in self.preferences.recent])

    def open_file(self, path: Path) -> None:
        """Open a scenario or a run file."""
        if path.name.endswith(RUN_SUFFIX):
            self.open_run(path)
        else:
            self.open_new(str(path))

    def _try(self, start: Callable[[], Opening]) -> None:
        """Open what `start` returns, or say what is wrong with it on the page that is shown."""
        try:
            self.open(start())
        except (SociariumError, OSError) as error:
            self._complain(str(error), "")

    def _start_run(self, wanted: NewRun) -> None:
        self._try(lambda: opening.new_society(wanted.scenario, wanted.changes, wanted.speed, run=wanted.run))

    def _complain(self, sentence: str, details: str) -> None:
        """Say what is wrong: in the form, in the bar of the start page, or over the viewport."""
        if self.pages.currentWidget() is self.new_run_page:
            self.new_run_page.complain(sentence.splitlines())
            return
        self.notice.tell(sentence, details)

    def ask_for_file(self) -> None:
        """Let a file be chosen, and open it."""
        dialog = QFileDialog(self, self.tr("Open"), str(home() / "runs"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        known = f"*{SCENARIO_SUFFIX} *{RUN_SUFFIX}"
        dialog.setNameFilters([self.tr("Scenarios and runs ({known})").format(known=known), self.tr("All files (*)")])
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda name: self.open_file(Path(name)))
        dialog.open()

    def close_society(self) -> None:
        """Close what is open and go to the start page."""
        self.view.close()

    def _opened(self) -> None:
        self._name_window()
        self.registry.refresh()

    def _release_docks(self) -> None:
        """The first picture with people is there: now the panels."""
        self.view.frame_shown.disconnect(self._release_docks)
        QTimer.singleShot(FIRST_PICTURE, self.docks, self.docks.release)

    def _closed(self) -> None:
        if self._switching:
            return
        self.opening, self.is_lost = None, False
        self.show_start_page()

    def _lost(self, sentence: str, details: str) -> None:
        """Say that the engine is gone. The last frame stays; without one there is nothing to show."""
        if self.view.about is None:
            page = self._came_from
            self.view.close()
            self._show_page(page)
            self._complain(sentence, details)
            return
        self.is_lost = True
        answers = [(self.tr("Start page"), self.close_society)]
        if self.can_resume():
            answers.insert(0, (self.tr("Resume"), self.resume))
        told = self.tr("{sentence}. Every committed tick is in the run file.")
        self.stage.notice.tell(told.format(sentence=sentence[:1].upper() + sentence[1:].rstrip(".")), details, answers)
        self.registry.refresh()

    # ------------------------------------------------------------------ going on

    def can_branch(self) -> bool:
        """Tell whether a new run can go on from the tick on screen."""
        return self.view.frame is not None and self.opening is not None and self.opening.run is not None

    def branch(self) -> None:
        """Go on from the tick on screen in a new run."""
        if self.opening is not None and self.opening.run is not None:
            run, tick = self.opening.run, self.view.tick
            self._try(lambda: opening.branched_society(run, tick))

    def _run_on_screen(self) -> Path | None:
        return self.opening.run if self.opening is not None and self.view.frame is not None else None

    def can_resume(self) -> bool:
        """Tell whether the run on screen ended early, or its engine did."""
        about, view = self.view.about, self.view
        if about is None or self.opening is None or self.opening.run is None:
            return False
        return self.is_lost or (not about.live and view.last_tick < about.ticks)

    def resume(self) -> None:
        """Go on with the run on screen, in the same file; a recorded one that is complete is only read again."""
        about, society, view = self.view.about, self.opening, self.view
        if about is None or society is None or society.run is None:
            return
        run, ends = society.run, view.last_tick >= about.ticks
        self._switching = True
        view.close()  # its host must let go of the file first
        self._switching = False
        self._try(lambda: opening.recorded_society(run) if ends else opening.resumed_society(run))

    # ------------------------------------------------------------------ its own place

    def reset_layout(self) -> None:
        """Put all docks back where they were at first."""
        self.docks.reset()

    def _take_place(self) -> None:
        if self.preferences.geometry and self.restoreGeometry(QByteArray(self.preferences.geometry)):
            return
        screen = QGuiApplication.primaryScreen().availableSize()
        self.resize(min(SIZE[0], screen.width()), min(SIZE[1], screen.height()))

    def _name(self) -> str:
        about = self.view.about
        return about.title or about.name if about is not None else self.opening.title if self.opening else ""

    def _name_window(self) -> None:
        parts = [self.tr("Sociarium")]
        if self.opening is not None and self.is_watching:
            run = self.opening.run.name if self.opening.run is not None else self.opening.address
            about = self.view.about
            what = self.tr("{run} (recorded)").format(run=run) if about is not None and not about.live else run
            parts = [self._name(), what, *parts]
        self.setWindowTitle(" – ".join(parts))

    def event(self, event: QEvent) -> bool:
        """Leave the space bar to a button that has the keyboard; anywhere else it is a shortcut."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            on_button = isinstance(QApplication.focusWidget(), QAbstractButton)
            if on_button and event.key() == Qt.Key.Key_Space:
                event.accept()
                return True
        return super().event(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # Qt's name
        """Take files of this machine."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # Qt's name
        """Open the file that was dropped."""
        files = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if files:
            event.acceptProposedAction()
            self.open_file(files[0])

    def closeEvent(self, event: QCloseEvent) -> None:  # Qt's name
        """Keep the preferences, let the host commit and end."""
        if not self._is_closing:
            self._is_closing = self._switching = True
            self.preferences.geometry = bytes(self.saveGeometry().data())
            if self.docks.are_shown:
                self.preferences.layout = self.docks.bytes()
            if self.keeps_preferences:
                self.preferences.save()
            self.errands.close()
            self.view.close()
            self.start_page.close_down()
        super().closeEvent(event)
