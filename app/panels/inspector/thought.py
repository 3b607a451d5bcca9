"""What a language model thought: how it decided, between what and how likely each was, and what it was sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton

from app.design import SMALL, SPACE, Design, dress
from app.models.minds import short_name
from app.panels.inspector.asking import Asking
from app.panels.inspector.prompt import Prompt
from app.panels.inspector.words import FULL, Person, capital, clock, failure, how_decided, title, translate
from app.panels.pieces import Fold, Prose
from app.panels.rows import Entry, Gauge, Rows
from app.view import NOBODY, View
from engine.remote.wire import Message

RULES = "reflex"
"""The mind that asks no model, so that there is no thought to tell of."""


class Thought(Fold):
    """The last thought that a model had about somebody, at the tick on screen; hidden for people of the reflex."""

    def __init__(self, design: Design, view: View, shown: Callable[[], None]) -> None:
        super().__init__(design, translate("Inspector", "Thought"))
        self._view, self._shown = view, shown
        self.thought: Mapping[str, Any] | None = None
        self._agent, self._mind, self._thinking = NOBODY, RULES, -1
        self._at: Mapping[str, int] = {}
        self._promised: tuple[int, dict[tuple[Any, ...], Mapping[str, Any]]] = (-1, {})
        self._asking = Asking(view, "thought", self._take, self._ignore)
        self.pending = Prose(design, tone="accent", icon="fa6s.hourglass-half")
        self.failure = Prose(design, tone="warn", icon="fa6s.triangle-exclamation")
        self.why = Prose(design, SMALL, tone="soft")
        self.summary = Prose(design)
        self.words = Prose(design, icon="fa6s.comment")
        self.thinking = Prose(design, tone="soft", icon="fa6s.brain")
        self.rows = Rows(design, indent=True, opens=True)
        self.sent = Sent(design)
        for piece in (self.pending, self.failure, self.why, self.summary, self.words, self.thinking):
            self.add(piece)
        self.add(self.rows, wide=True)
        self.add(self.sent, wide=True)
        self.hide()

    def begin(self, agent: int) -> None:
        """Be about somebody else from now on."""
        self._asking.drop()
        self._agent, self._mind, self._thinking, self._promised = agent, RULES, -1, (-1, {})
        self._tell(None)

    def ask(self, at: Mapping[str, int]) -> None:
        """Ask for the last thought at a tick (now without one), where a model may have had one."""
        self._at = at
        if self._mind != RULES and self._agent != NOBODY:
            self._asking.ask(agent=self._agent, **at)

    def drop(self) -> None:
        """Forget what is under way."""
        self._asking.drop()

    def show_person(self, person: Person) -> None:
        """Learn who decides, whether an answer is awaited, and what the choices of the last asking promised."""
        mind, thinking = str(person.get("mind") or RULES), person.get("thinking")
        since = -1 if thinking is None else int(thinking)
        is_news = mind != self._mind or since != self._thinking
        self._mind, self._thinking = mind, since
        if is_news:
            self.ask(self._at)
        if person.get("perceived"):
            self._promised = int(person["perceived"]["tick"]), {_key(choice): choice for choice in person["choices"]}
        self._tell(self.thought)

    def covers(self, person: Person) -> bool:
        """Tell whether it shows the choices of somebody's last asking."""
        perceived = person.get("perceived") or {}
        return (
            self.thought is not None and bool(self.thought["choices"]) and self.thought["tick"] == perceived.get("tick")
        )

    def _take(self, message: Message) -> None:
        thought = message.head["thought"]
        if thought is not None and int(thought["agent"]) != self._agent:
            return
        self._tell(thought)
        self._shown()

    def _ignore(self, sentence: str) -> None:
        """Leave it out where the host cannot tell: the rest stands."""

    def _tell(self, thought: Mapping[str, Any] | None) -> None:
        about = self._view.about
        self.thought = None if self._mind == RULES else thought
        if about is None or self._mind == RULES or (thought is None and self._thinking < 0):
            self.hide()
            return
        if self._thinking < 0:
            self.pending.say("")
        else:
            text = translate("Inspector", "{0} has been thinking about it since {1} (tick {2:,})")
            since = clock(about, self._thinking, self._view.tick)
            self.pending.say(text.format(capital(short_name(self._mind)), since, self._thinking))
        if thought is None:
            for piece in (self.failure, self.why, self.summary, self.words, self.thinking):
                piece.say("")
            self.rows.show_entries([])
            self.sent.hide()
            self.heading.note("")
        else:
            self._tell_thought(thought)
            self.heading.note(clock(about, int(thought["landed"]), self._view.tick))
        self.show()

    def _tell_thought(self, thought: Mapping[str, Any]) -> None:
        self.failure.say(failure(thought))
        self.why.say(capital(str(thought["why"])))
        self.summary.say(how_decided(thought), "ink" if thought["chosen"] >= 0 else "soft")
        self.words.say(f"“{thought['words']}”" if thought["words"] else "")
        said = str(thought["thinking"]).strip()
        self.thinking.say(translate("Inspector", "Thought first: {0}").format(said) if said else "")
        asked_at, promised = self._promised
        known = promised if asked_at == int(thought["tick"]) else {}
        options = [(choice, known.get(_key(choice), choice)) for choice in thought["choices"]]
        chosen = int(thought["chosen"])
        self.rows.show_entries([_option(number, *both, number == chosen) for number, both in enumerate(options)])
        self.sent.show_thought(thought)


def _key(choice: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return what tells a choice from others: its action and arguments, however many of them are written out."""
    args = list(choice["args"])
    while args and not args[-1]:
        args.pop()
    return choice["action"], *args


def _option(number: int, choice: Mapping[str, Any], known: Mapping[str, Any], taken: bool) -> Entry:
    """Return a choice as it was shown, with what it promised where that is known."""
    chance = choice["probability"]
    figure = "" if chance is None else percent(chance)
    more = sorted(known.get("appeal", {}).items(), key=lambda entry: -abs(entry[1]))
    tip = [translate("Inspector", "Chosen")] if taken else []
    tip += [translate("Inspector", "Probability {0:.4f}").format(chance)] if chance is not None else []
    tip += [f"{title(name)} {value:+,}" for name, value in more]
    return Entry(
        key=(number, *_key(choice)),
        text=capital(str(known["text"])),
        note=figure,
        icon="fa6s.check" if taken else "",
        strong=taken,
        gauges=() if chance is None else (Gauge("", chance, "accent" if taken else "soft", words=figure),),
        more=tuple(
            Gauge(title(name), value / FULL, "good" if value > 0 else "bad", True, f"{value:+,}")
            for name, value in more
        ),
        tip="\n".join(tip),
    )


def percent(share: float) -> str:
    """Return a probability as people read it: "44 %", "below 1 %"."""
    if 0 < share < 0.01:
        return translate("Inspector", "< 1 %")
    return f"{100 * share:.0f} %"


class Sent(Fold):
    """The prompt part by part, behind one click."""

    def __init__(self, design: Design) -> None:
        super().__init__(design, translate("Inspector", "What it was sent"))
        self._parts: Sequence[Mapping[str, Any]] = ()
        self._laid_out: Sequence[Mapping[str, Any]] | None = None
        self.prompt = Prompt(design)
        self.copy = QPushButton(translate("Inspector", "Copy the prompt"))
        self.copy.setAccessibleName(self.copy.text())
        dress(self.copy, "quiet")
        self.copy.clicked.connect(self._copy)
        self.add(self.prompt, wide=True)
        self.add(self.copy)
        self.body.setSpacing(SPACE[1])
        self.heading.setChecked(False)
        self.heading.toggled.connect(self._open)

    def show_thought(self, thought: Mapping[str, Any]) -> None:
        """Be about the prompt of a thought; it is laid out only where somebody looks."""
        self._parts = thought["parts"]
        self.heading.note(translate("Inspector", "{0:,} tokens").format(thought["prompt_tokens"]))
        self.setVisible(bool(self._parts))
        self._open(self.heading.isChecked())

    def _open(self, is_open: bool) -> None:
        if is_open and self._laid_out is not self._parts:
            self._laid_out = self._parts
            self.prompt.show_parts(self._parts)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText("".join(str(part["text"]) for part in self._parts if not part["dropped"]))
