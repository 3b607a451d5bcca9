"""The time line: buttons to play, step and choose a speed, and beside them the strip of all the time there is."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSignalBlocker, QSize, Qt, QTimer
from PySide6.QtGui import QAction, QIcon, QPixmap, QResizeEvent, QShowEvent, QTransform
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QPushButton, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from app.actions import Actions
from app.design import ICON, SPACE, Design, dress, icon
from app.models.moments import ticks_of_hour
from app.panels.time_strip import TimeStrip
from app.view import View

SPEEDS = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
"""Ticks a second."""
FASTEST = 0.0
"""What stands for as fast as it goes."""
NARROW, WIDE = 900, 1600
"""Below these widths the rarer buttons go, and words beside the button that branches; in logical pixels."""


class Timeline(QWidget):
    """Time under one's hand. Its actions are `timeline.*`; those of the run are the window's, where it has them."""

    def __init__(self, view: View, actions: Actions, design: Design) -> None:
        super().__init__()
        self._view, self._actions, self._design = view, actions, design
        self.strip = TimeStrip(view, design)
        self.setAccessibleName(self.tr("Time line"))
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._register()
        self.buttons = {
            name: self._button(name)
            for name in (
                "timeline.start", "timeline.hour_back", "timeline.back", "timeline.play_backwards",
                "timeline.play_forwards", "timeline.forward", "timeline.hour_forward",
            )
        }  # fmt: skip
        self._run = {name: self._button(name) for name in ("run.pause", "run.step")}
        self.speed = self._speed_box()
        self.live = QPushButton()
        self.live.clicked.connect(self._view.follow)
        self.branch = QToolButton()
        policy = self.branch.sizePolicy()
        policy.setRetainSizeWhenHidden(True)  # the strip keeps its place when the button comes and goes
        self.branch.setSizePolicy(policy)
        self.live.setText(self.tr("Go live"))
        self.live.setFixedWidth(self.live.sizeHint().width() + SPACE[3])
        self._lay_out()
        for signal in (view.opened, view.closed):
            signal.connect(actions.refresh)
        for signal in (view.opened, view.closed, view.following_changed, view.status_changed):
            signal.connect(self._catch_up)
        QTimer.singleShot(0, self, self._catch_up)

    # ------------------------------------------------------------------ parts

    def _register(self) -> None:
        view, strip, add = self._view, self.strip, self._actions.add

        def there() -> bool:
            return view.about is not None

        def hour() -> int:
            return 1 if view.about is None else ticks_of_hour(view.about)

        def begin() -> None:
            strip.move_by(-view.last_tick)

        hour_back, hour_forward = (lambda: strip.move_by(-hour())), (lambda: strip.move_by(hour()))
        zoom_in, zoom_out = partial(strip.zoom, 0.5), partial(strip.zoom, 2.0)
        for name, words, run, shape, keys in (
            ("start", self.tr("To the beginning"), begin, "mdi6.skip-backward", "Alt+Home"),
            ("hour_back", self.tr("An hour back"), hour_back, "mdi6.rewind", "Ctrl+Shift+Left"),
            ("back", self.tr("A tick back"), partial(strip.move_by, -1), "mdi6.step-backward", "Ctrl+Left"),
            ("forward", self.tr("A tick forward"), partial(strip.move_by, 1), "mdi6.step-forward", "Ctrl+Right"),
            ("hour_forward", self.tr("An hour forward"), hour_forward, "mdi6.fast-forward", "Ctrl+Shift+Right"),
            (
                "mark_back",
                self.tr("To the mark before"),
                partial(strip.go_to_mark, -1),
                "mdi6.ray-end-arrow",
                "Alt+Left",
            ),
            ("mark", self.tr("To the next mark"), partial(strip.go_to_mark, 1), "mdi6.ray-start-arrow", "Alt+Right"),
            ("zoom_in", self.tr("Zoom into the time line"), zoom_in, "mdi6.magnify-plus-outline", ""),
            ("zoom_out", self.tr("Zoom out of the time line"), zoom_out, "mdi6.magnify-minus-outline", ""),
            ("whole", self.tr("Show all of the time"), strip.whole, "mdi6.arrow-expand-horizontal", ""),
        ):
            add(f"timeline.{name}", words, run, shape, keys, enabled=there)
        add(
            "timeline.play_backwards", self.tr("Play backwards"), lambda: self.play(-1), "mdi6.play", "Ctrl+Alt+Left",
            enabled=there, checked=lambda: view.playing < 0, about=self.tr("Play the past backwards, or stop"),
        )  # fmt: skip
        add(
            "timeline.play_forwards", self.tr("Play forwards"), lambda: self.play(1), "mdi6.play", "Ctrl+Alt+Right",
            enabled=lambda: there() and not self._at_live_end, checked=lambda: view.playing > 0,
            about=self.tr("Play the past forwards, or stop"),
        )  # fmt: skip

    def _button(self, name: str) -> QToolButton:
        button = QToolButton()
        button.setIconSize(QSize(ICON, ICON))
        button.setAutoRaise(True)
        self._use(button, name)
        return button

    def _use(self, button: QToolButton, name: str) -> None:
        """Give a button its action, as soon as there is one."""
        if name in self._actions and button.defaultAction() is None:
            action = self._actions[name]
            button.setDefaultAction(action)
            button.setAccessibleName(action.text().replace("&", ""))

    def _speed_box(self) -> QComboBox:
        box = QComboBox()
        box.setAccessibleName(self.tr("Speed"))
        box.setToolTip(self.tr("How many ticks pass in a second"))
        for speed in SPEEDS:
            box.addItem(self._speed_words(speed), speed)
        box.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        box.activated.connect(lambda: self.set_speed(float(box.currentData())))
        return box

    def _speed_words(self, speed: float) -> str:
        if speed == FASTEST:
            return self.tr("fastest")
        return self.tr("{0} ticks/s").format("½" if speed == 0.5 else f"{speed:g}")

    def _lay_out(self) -> None:
        upper, lower = QHBoxLayout(), QHBoxLayout()
        for row in (upper, lower):
            row.setSpacing(2)
        order = list(self.buttons.values())
        for button in (*order[:4], self._run["run.pause"], order[4], self._run["run.step"], *order[5:]):
            upper.addWidget(button)
        upper.addStretch()
        lower.setSpacing(SPACE[1])
        lower.addWidget(self.speed)
        lower.addWidget(self.live)
        lower.addWidget(self.branch)
        lower.addStretch()
        controls = QVBoxLayout()
        controls.setSpacing(SPACE[1])
        controls.addStretch()
        controls.addLayout(upper)
        controls.addLayout(lower)
        controls.addStretch()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(SPACE[2], SPACE[1], SPACE[2], SPACE[1])
        layout.setSpacing(SPACE[2])
        layout.addLayout(controls)
        layout.addWidget(self.strip, 1)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    # ------------------------------------------------------------------ time

    @property
    def _at_live_end(self) -> bool:
        return self._view.is_live and self._view.is_following

    def play(self, direction: int) -> None:
        """Play the past forwards (1) or backwards (-1) at the chosen speed, or stop when it plays that way already."""
        going = self._view.playing * direction > 0
        self._view.play(0 if going else direction * self._view.play_speed)

    def set_speed(self, ticks_per_s: float) -> None:
        """Take another speed: of the living society where one follows it (0: as fast as it goes), else of the play."""
        session = self._view.session
        if self._at_live_end:
            if session is not None:
                session.set_speed(ticks_per_s)
            return
        self._view.play_speed = ticks_per_s
        if self._view.playing:
            self._view.play(ticks_per_s if self._view.playing > 0 else -ticks_per_s)

    # ------------------------------------------------------------------ keeping up

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what became of the window's actions meanwhile."""
        super().showEvent(event)
        self._catch_up()

    def _catch_up(self) -> None:
        view, at_end = self._view, self._at_live_end
        for name, button in self._run.items():
            self._use(button, name)
        self._use(self.branch, "run.branch")
        for running, past in (("run.pause", "timeline.play_forwards"), ("run.step", "timeline.forward")):
            has = at_end and self._run[running].defaultAction() is not None
            self._run[running].setVisible(has)
            self.buttons[past].setVisible(not has)
        action: QAction | None = self.branch.defaultAction()
        self.branch.setText(self.tr("Continue from here"))
        self.branch.setVisible(action is not None and view.about is not None and not view.is_following)
        wide = self.width() >= WIDE or not view.is_live
        style = Qt.ToolButtonStyle.ToolButtonTextBesideIcon if wide else Qt.ToolButtonStyle.ToolButtonIconOnly
        self.branch.setToolButtonStyle(style)
        for name in ("timeline.play_backwards", "timeline.play_forwards"):
            self._dress_play(name)
        self._say_live()
        self._say_speed()

    def _dress_play(self, name: str) -> None:
        """Show a square to stop with while it plays."""
        backwards = name.endswith("backwards")
        playing = self._view.playing < 0 if backwards else self._view.playing > 0
        action = self._actions[name]
        action.setChecked(playing)
        action.setEnabled(self._view.about is not None and (backwards or not self._at_live_end))
        look = (playing, self._design.theme.name)
        if action.data() != look:
            action.setData(look)
            made = icon("mdi6.pause" if playing else "mdi6.play", self._design.theme)
            action.setIcon(_mirrored(made) if backwards and not playing else made)

    def _say_live(self) -> None:
        live, following = self._view.is_live, self._view.is_following
        policy = self.live.sizePolicy()
        policy.setRetainSizeWhenHidden(live)
        self.live.setSizePolicy(policy)
        self.live.setVisible(live)
        words = self.tr("LIVE") if following else self.tr("Go live")
        if self.live.text() != words:
            self.live.setText(words)
            self.live.setAccessibleName(self.tr("Live: the newest tick is followed") if following else words)
            self.live.setToolTip(
                self.tr("You see every tick as it is made") if following else self.tr("Follow the newest tick again")
            )
            dress(self.live, "primary" if following else "")

    def _say_speed(self) -> None:
        box, status = self.speed, self._view.status
        box.setEnabled(self._view.about is not None)
        if box.view().isVisible():
            return
        speed = self._view.play_speed
        if self._at_live_end and status is not None:
            speed = status.speed
        offered = sorted({*SPEEDS, speed} - {FASTEST}) + ([FASTEST] if self._at_live_end else [])
        with QSignalBlocker(box):
            if offered != [box.itemData(row) for row in range(box.count())]:
                box.clear()
                for known in offered:
                    box.addItem(self._speed_words(known), known)
            box.setCurrentIndex(box.findData(speed))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out the rarer buttons where there is little room."""
        super().resizeEvent(event)
        for name in ("timeline.start", "timeline.hour_back", "timeline.hour_forward"):
            self.buttons[name].setVisible(self.width() >= NARROW)
        self._catch_up()


def _mirrored(made: QIcon) -> QIcon:
    """Return an icon that looks to the other side."""
    turned, flip = QIcon(), QTransform().scale(-1, 1)
    for mode in (QIcon.Mode.Normal, QIcon.Mode.Disabled):
        picture: QPixmap = made.pixmap(QSize(4 * ICON, 4 * ICON), mode)
        turned.addPixmap(picture.transformed(flip), mode)
    return turned
