"""Choosing who decides: a mind by name, by file or by address, for everyone, a role, or a share of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QLabel, QSpinBox, QWidget

from app.actions import Actions
from app.design import SMALL, SPACE, Design, dress
from app.frame.mind_box import MindBox, ask_for_model
from app.models.minds import short_name
from app.panels.flow import Flow
from app.panels.inspector.header import ActionButton
from app.panels.inspector.words import capital
from app.panels.minds.card import translate
from app.panels.pieces import Fold, Prose
from app.session import Reply
from app.view import View

BRANCH = "run.branch"
"""The action that goes on from a recorded tick, where the window has it."""


class MindChoice(Fold):
    """The form. Apply sends the command `mind`, and what became of it is said under the button."""

    def __init__(self, view: View, actions: Actions, design: Design) -> None:
        super().__init__(design, translate("Minds", "Let another mind decide"))
        self._view, self._actions = view, actions
        self._working: tuple[str, ...] = ()
        self.is_waiting = False
        self.reason = Prose(design, tone="soft")
        self.feedback = Prose(design)
        self.hint = Prose(design, SMALL, tone="soft")
        self._make_fields()
        add, tr = actions.add, translate
        add("minds.file", tr("Minds", "Model file …"), self.ask_for_file, "mdi6.folder-open-outline", "", self.can_pick,
            about=tr("Minds", "Choose a GGUF model on this machine"))  # fmt: skip
        add("minds.apply", tr("Minds", "Let it decide"), self.apply, enabled=self.can_apply,
            about=tr("Minds", "Let this mind decide from now on; the run keeps that it was told to"))  # fmt: skip
        self.file_button, self.apply_button = ActionButton(actions["minds.file"]), ActionButton(actions["minds.apply"])
        dress(self.apply_button, "primary")
        self.branch: ActionButton | None = None
        self._lay_out()
        self.follow()

    def _make_fields(self) -> None:
        tr = translate
        self.mind = MindBox()
        self.mind.editTextChanged.connect(lambda _: self._actions.refresh())
        self.role = QComboBox()
        self.role.setAccessibleName(tr("Minds", "For whom"))
        self.share = QSpinBox()
        self.share.setRange(1, 100)
        self.share.setValue(100)
        self.share.setSuffix(" %")
        self.share.setAccessibleName(tr("Minds", "Share of them"))
        self.share.lineEdit().setTextMargins(SPACE[1], 0, 0, 0)
        self.share.lineEdit().setAccessibleName(tr("Minds", "Share of them"))
        self.share.setToolTip(tr("Minds", "How many of them, drawn by lot; the others keep the mind they have"))

    def _lay_out(self) -> None:
        form, grid = QWidget(), QGridLayout()
        form.setLayout(grid)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(SPACE[3])
        grid.setVerticalSpacing(SPACE[2])
        for row, (text, field) in enumerate(
            (
                (translate("Minds", "Mind"), self.mind),
                (translate("Minds", "For"), self.role),
                (translate("Minds", "Share"), self.share),
            )
        ):
            label = QLabel(text)
            dress(label, "soft")
            label.setBuddy(field)
            grid.addWidget(label, row, 0)
            grid.addWidget(field, row, 1)
        grid.setColumnStretch(1, 1)
        buttons = Flow(SPACE[2])
        for button in (self.apply_button, self.file_button):
            button.setParent(buttons)
        buttons.flow([self.apply_button, self.file_button])
        for piece in (self.reason, form, buttons, self.feedback, self.hint):
            self.add(piece)

    # ------------------------------------------------------------------ what can be chosen

    def offer(self, known: Sequence[str], working: Sequence[str]) -> None:
        """Offer minds by name: those that are known, and those that came by file or address."""
        self._working = tuple(working)
        self.mind.offer(list(dict.fromkeys((*known, *working))))

    def begin(self) -> None:
        """Be about another society."""
        about = self._view.about
        self.is_waiting = False
        self.feedback.say("")
        self.mind.clear()
        self.mind.setEditText("")
        self.share.setValue(100)
        self.role.clear()
        self.role.addItem(translate("Minds", "everyone"), None)
        for role in () if about is None else about.roles:
            self.role.addItem(role.name.replace("_", " "), role.name)
        self.follow()

    def follow(self) -> None:
        """Say whether anything can be changed, and why not."""
        live = self._view.is_live
        for field in (self.mind, self.role, self.share):
            field.setEnabled(live and not self.is_waiting)
        text = translate("Minds", "This is a recorded run, so its minds stand. Continue from here to change them.")
        self.reason.say("" if live or self._view.about is None else text)
        if not live and self.branch is None and BRANCH in self._actions:
            self.branch = ActionButton(self._actions[BRANCH])
            inset = QHBoxLayout()
            inset.setContentsMargins(SPACE[1], 0, SPACE[1], 0)
            inset.addWidget(self.branch)
            inset.addStretch(1)
            self.body.insertLayout(1, inset)
        if self.branch is not None:
            self.branch.setVisible(not live)
        self._wait()
        self._actions.refresh()

    def can_apply(self) -> bool:
        """Whether there is somebody to ask, and a mind is named."""
        return self._view.is_live and not self.is_waiting and bool(self.mind.mind)

    def can_pick(self) -> bool:
        """Whether a file of this machine is of use: the host must be on it."""
        session = self._view.session
        return self._view.is_live and not self.is_waiting and session is not None and session.process is not None

    def ask_for_file(self) -> None:
        """Let a model be chosen; nothing is changed yet."""
        ask_for_model(self, self.mind.name)

    # ------------------------------------------------------------------ what becomes of it

    def apply(self) -> None:
        """Let the mind decide from now on."""
        if not self.can_apply():
            return
        name, role = self.mind.mind, self.role.currentData()
        what = {"mind": name, "role": role, "share": self.share.value() / 100}
        self.is_waiting = True
        text = translate("Minds", "{0} takes over …") if name in self._working else translate("Minds", "Loading {0} …")
        self.feedback.say(text.format(short_name(name)), "soft")
        self._view.command("mind", what, lambda reply: self._done(what, reply))
        self.follow()

    def _done(self, what: Mapping[str, Any], reply: Reply) -> None:
        self.is_waiting = False
        if reply.refusal:
            self.feedback.say(capital(reply.refusal), "warn")
        else:
            text = translate("Minds", "{0} decides for {1} from tick {2:,} on.")
            self.feedback.say(text.format(short_name(str(what["mind"])), _whom(what), reply.tick), "good")
        self.follow()

    def lose(self) -> None:
        """Nobody answers any more."""
        if self.is_waiting:
            self.is_waiting = False
            self.feedback.say("")
        self.follow()

    def _wait(self) -> None:
        """A change is made with a tick: while time stands there is none."""
        status = self._view.status
        stands = self.is_waiting and status is not None and status.state in ("paused", "ended", "waiting")
        self.hint.say(translate("Minds", "Time stands; it decides from the next tick on.") if stands else "")

    def heed(self) -> None:
        """Heed whether time stands."""
        self._wait()


def _whom(what: Mapping[str, Any]) -> str:
    """Return for whom a mind shall decide, in words."""
    role, share = what["role"], round(100 * float(what["share"]))
    whose = translate("Minds", "everyone") if role is None else str(role).replace("_", " ")
    if share < 100:
        of = translate("Minds", "the people") if role is None else translate("Minds", "role {0}").format(whose)
        return translate("Minds", "{0} % of {1}").format(share, of)
    return whose if role is None else translate("Minds", "all of role {0}").format(whose)
