"""The society: modules and actions over one World. It knows none of them by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.actions.definition import Action, EventKind, Parameter
from engine.errors import SocietyError
from engine.ports import Space
from engine.rng import Rng
from engine.scenario import Scenario
from engine.society.events import EventLog
from engine.society.land import Land
from engine.society.module import Appeal, Module, Topic
from engine.society.places import Places
from engine.values import ARGUMENTS, Bools, Csr, Int16s, Int32s, Int64s
from engine.world import Column, World

TRAITS = ("sociable", "industrious", "curious", "trusting")

PEOPLE = (
    Column("role", np.uint8, frame=True, about="index of the role in the scenario's order", kind="role"),
    Column("mind", np.uint8, about="index of the mind in the order in which they came", kind="mind"),
    Column("home", np.int16, fill=-1, frame=True, about="the place where the person lives", kind="place"),
    Column(
        "traits",
        np.int16,
        shape=(len(TRAITS),),
        fill=500,
        unit="0..1000",
        about="character: " + ", ".join(TRAITS),
        kind="trait",
    ),
    Column("driven", np.bool_, frame=True, about="whether a person at the screen drives this one"),
    Column("action", np.int16, frame=True, about="code of the running activity, 0 for none", kind="action"),
    Column("args", np.int32, shape=(4,), about="arguments of the running activity"),
    Column("since", np.int32, unit="tick", about="when the running activity began"),
    Column("until", np.int32, unit="tick", about="when the running activity will end"),
    Column("last_action", np.int16, about="the action that ended or was refused last", kind="action"),
    Column("last_args", np.int32, shape=(4,), about="its arguments"),
    Column("last_outcome", np.uint8, about="how it ended"),
    Column("last_reason", np.uint8, about="why it was refused"),
    Column("last_tick", np.int32, fill=-1, unit="tick", about="when it ended"),
    Column("asked", np.int32, fill=-1, unit="tick", about="when the person was last asked to decide"),
    Column("stirred", np.int32, fill=-1, unit="tick", about="when an event last touched the person"),
    Column("thinking", np.int32, fill=-1, unit="tick", about="when the person was asked, until the answer lands"),
)

BASIC_EVENTS = (
    EventKind("joined", "{agent} joined the society", about="A person was added."),
    EventKind("departed", "{agent} left the society", about="A person was removed."),
    EventKind(
        "refused",
        "{agent} could not {action}: {reason}",
        (Parameter("action", "action"), Parameter("reason", "reason")),
        about="A decision or an activity was refused; the person remembers why.",
    ),
    EventKind(
        "interrupted",
        "{agent} broke off: {action}",
        (Parameter("action", "action"),),
        about="An activity was broken off for another.",
    ),
)

NOTHING = ("nothing", "nowhere", "unknown")
"""What a number reads as that stands for nothing; namers of modules use the first."""

MOST_WORDS = 10_000

REFLEX = "reflex"
"""The mind of rules, which serves whoever no other mind does."""

TO_PLACE = 1
"""The `space.goal_kind` of people who walk to a place; `space.goal` is the place."""

BASIC_APPEALS = (
    Appeal("effort", "the way and the work that a choice costs; always negative"),
    Appeal("curiosity", "seeing something new"),
    Appeal("commitment", "finishing what was begun; only carrying on has it"),
)


@dataclass(slots=True)
class Now:
    """The tick in hand: its number, the simulated time, its randomness and its events so far."""

    tick: int
    day: int
    """The first day is 1."""
    minute: int
    """Minute of the day, 0..1439."""
    rng: Rng
    log: EventLog


class Society:
    """What modules, actions and the runner share: scenario, world, space, places, names, and what is registered."""

    def __init__(self, scenario: Scenario, world: World, places: Places, names: Callable[[int], str]) -> None:
        self.scenario = scenario
        self.world = world
        self.places = places
        self.rng = Rng(scenario.seed)
        self.log = EventLog()
        self.modules: dict[str, Module] = {}
        self.actions: list[Action] = []
        self.off: Bools = np.zeros(0, np.bool_)
        self.reasons: list[str] = [""]
        self.appeals: list[Appeal] = list(BASIC_APPEALS)
        self.topics: list[Topic] = []
        self.space: Space
        self.land: Land
        self.roles = tuple(scenario.roles)
        self.minds: list[str] = [*(entry.mind for entry in scenario.cognition.minds), REFLEX]
        self.is_recalling = False
        self._names = names
        self._promises: tuple[int, Int16s] | None = None
        self._reserved: dict[str, Bools] = {}
        for i, role in enumerate(scenario.roles.values()):
            for action in role.may:
                self._reserved.setdefault(action, np.zeros(len(scenario.roles), np.bool_))[i] = True
        self._contacts: tuple[int, Int32s, Csr] | None = None
        self._namers: dict[str, Callable[[int], str]] = {
            "agent": names,
            "place": lambda i: places.all[i].name if 0 <= i < len(places) else NOTHING[1],
            "number": str,
            "coins": lambda n: "1 coin" if n == 1 else f"{n} coins",
            "action": lambda i: self.actions[i].name if 0 <= i < len(self.actions) else NOTHING[0],
            "mind": lambda i: self.minds[i] if 0 <= i < len(self.minds) else NOTHING[0],
            "role": lambda i: self.roles[i] if 0 <= i < len(self.roles) else NOTHING[0],
            "trait": lambda i: TRAITS[i] if 0 <= i < len(TRAITS) else NOTHING[0],
            "reason": lambda i: self.reasons[i] if 0 <= i < len(self.reasons) else NOTHING[2],
        }
        world.declare("people", PEOPLE)
        self.log.register("people", BASIC_EVENTS)
        self.people = world.own("people")
        self.bodies = world.see("space")

    def assemble(
        self, basic: Iterable[Action], modules: Mapping[str, type[Module]], settings: Mapping[str, Any]
    ) -> None:
        """Make and bind the modules that `settings` names, in the order of their needs, with all actions.

        Raises SocietyError when a module is unknown, or its needs are missing or go in a circle.
        """
        for name in ordered(modules, tuple(settings)):
            module = modules[name](settings[name], self)
            self.modules[name] = module
            self.log.register(name, module.events)
            known_appeals = {appeal.name for appeal in self.appeals}
            self.appeals += [appeal for appeal in module.appeals if appeal.name not in known_appeals]
            self._namers.update(module.namers())
        off = set(self.scenario.actions.off)
        offered = [*basic, *(action for module in self.modules.values() for action in module.actions())]
        known = {action.name for action in offered}
        if off - known:
            odd = ", ".join(sorted(off - known))
            raise SocietyError(f"actions.off names {odd}, which does not exist; known: {', '.join(sorted(known))}")
        for action in offered:
            self._register(action)
        self.off = np.array([action.name in off for action in self.actions], np.bool_)
        self.topics = [topic for module in self.modules.values() for topic in module.topics()]

    def _register(self, action: Action) -> None:
        if any(action.name == other.name for other in self.actions):
            raise SocietyError(f"action {action.name} is defined twice; rename one")
        action.code = len(self.actions)
        self.log.register(action.name, action.events)
        self.actions.append(action)
        action.reason_codes = tuple(self.reason(reason) for reason in action.reasons)

    def reason(self, words: str) -> int:
        """Return the code of a reason for refusing, 1..255; it is registered when it is new."""
        if words not in self.reasons:
            if len(self.reasons) > 255:
                raise SocietyError(f"{words!r} is reason for refusing number 256; share some")
            self.reasons.append(words)
        return self.reasons.index(words)

    def bind(self, space: Space) -> None:
        """Give everyone the space and each other, once all columns are declared; modules first, then actions."""
        self.space = space
        for module in self.modules.values():
            module.bind()
        for action in self.actions:
            action.bind(self)

    def contacts(self, now: Now, who: Int32s) -> Csr:
        """Return who is within one cell of each of `who`; computed once for the same people in the same tick."""
        if self._contacts is None or self._contacts[0] != now.tick or not np.array_equal(self._contacts[1], who):
            self._contacts = (now.tick, who, self.space.contacts(who, 1))
        return self._contacts[2]

    def reconfigure(self, module: str, settings: Any) -> None:
        """Give a module other settings in the middle of a run.

        Raises SocietyError when they would change its columns: those are laid down before the first tick.
        """
        changed = self.module(module)
        kept, columns = changed.settings, changed.columns()
        changed.settings = settings
        if changed.columns() != columns:
            changed.settings = kept
            raise SocietyError(f"modules.{module}: that setting shapes its columns; set it before the run begins")
        changed.bind()

    def visitors(self) -> Int64s:
        """Return how many are in each place or on their way to it (counted only there), int64[places]."""
        bodies, alive, places = self.bodies, self.people.alive, len(self.places)
        walking = (bodies.goal_kind == TO_PLACE) & alive
        staying = bodies.place[alive & ~walking]
        return np.bincount(bodies.goal[walking], minlength=places) + np.bincount(
            staying[staying >= 0], minlength=places
        )

    def now(self, tick: int) -> Now:
        """Return the moment of a tick, by the scenario's clock."""
        day, minute = self.scenario.time.moment_of(tick)
        return Now(tick, day, minute, self.rng, self.log)

    def ticks(self, minutes: int) -> int:
        """Return how many ticks some simulated minutes are, at least 1."""
        return max(1, minutes * 60 // self.scenario.time.tick)

    def per_tick(self, per_day: int) -> int:
        """Return a daily rate as what one tick brings, rounded to the nearest whole; rates are never given per tick."""
        day = self.scenario.time.day
        return (2 * per_day + day) // (2 * day)

    def allowed(self, action: Action, who: Int32s) -> Bools:
        """Whether the role of each may do this: an action that some role lists under `may` is for such roles only."""
        mask = self._reserved.get(action.name)
        return np.ones(who.size, np.bool_) if mask is None else mask[self.people.role[who]]

    def promises(self, now: Now) -> Int16s:
        """Return what each place promises now, int16[places, appeals] of 0..1000; of all modules the greatest."""
        if self._promises is None or self._promises[0] != now.tick:
            index = {appeal.name: k for k, appeal in enumerate(self.appeals)}
            table = np.zeros((len(self.places), len(self.appeals)), np.int16)

            def attract(appeal: str, values: NDArray[Any]) -> None:
                if appeal in index:
                    column = table[:, index[appeal]]
                    np.maximum(column, values.astype(np.int16), out=column)

            for module in self.modules.values():
                module.attract(now, attract)
            self._promises = (now.tick, table)
        return self._promises[1]

    def module(self, name: str) -> Any:
        """Return a module that is on. Raises SocietyError when it is not; name it in `needs`."""
        if name not in self.modules:
            raise SocietyError(f"module {name} is not on; list it under `modules` in the scenario")
        return self.modules[name]

    def has(self, module: str) -> bool:
        """Whether a module is on."""
        return module in self.modules

    def action(self, name: str) -> Action | None:
        """Return an action by name, or None when no module that is on has it."""
        return next((action for action in self.actions if action.name == name), None)

    def role(self, name: str) -> int:
        """Return the index of a role, or -1."""
        return self.roles.index(name) if name in self.roles else -1

    def trait(self, name: str, who: Int32s) -> Any:
        """Return a trait of people, int16[len(who)] of 0..1000."""
        return self.people.traits[who, TRAITS.index(name)]

    def name(self, agent: int) -> str:
        """Return a person's name."""
        return self._names(agent)

    def words(self, kind: str, value: int) -> str:
        """Return how a number of a kind reads; an unknown kind reads as its number."""
        return self._namers.get(kind, str)(int(value))

    def number(self, kind: str, value: object) -> int:
        """Return what a person wrote as an argument as its number: a number, or the name of a place, good, action.

        Raises SocietyError when nothing of that kind reads so.
        """
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        words = self.vocabulary(kind) if kind in self.numbered_kinds else ()
        if value in words:
            return words.index(value)
        raise SocietyError(f"no {kind} is called {value!r}; write its name as the scenario has it, or its number")

    @property
    def numbered_kinds(self) -> tuple[str, ...]:
        """The kinds of number that read from a fixed list of words."""
        return tuple(kind for kind in self._namers if kind not in ("agent", "number", "coins", "fact"))

    def vocabulary(self, kind: str) -> tuple[str, ...]:
        """Return what the numbers 0, 1, ... of a kind read, up to the first that reads as nothing."""
        words: list[str] = []
        while len(words) < MOST_WORDS and (word := self.words(kind, len(words))) not in NOTHING:
            words.append(word)
        return tuple(words)

    @cached_property
    def frame_columns(self) -> tuple[str, ...]:
        """The full names of the columns that views draw."""
        return tuple(full for full, column in self.world.columns() if column.frame)

    @cached_property
    def person_fields(self) -> Bools:
        """Which values of which kinds of event are people, bool[kinds,4]."""
        fields = np.zeros((len(self.log.kinds), ARGUMENTS), np.bool_)
        for code, kind in enumerate(self.log.kinds):
            for i, field in enumerate(kind.fields):
                fields[code, i] = field.kind == "agent"
        return fields

    def settle_thinking(self, answered: Int32s) -> None:
        """Note that these people's answers have landed; numbers of nobody are passed over."""
        thinking = self.people.thinking
        thinking[answered[(answered >= 0) & (answered < thinking.size)]] = -1

    def forget(self) -> None:
        """Drop what was computed for a tick; the columns have changed under it."""
        self._contacts = self._promises = None

    def sentence(self, kind: int, agent: int, values: Sequence[int]) -> str:
        """Return an event as a sentence."""
        event = self.log.kinds[kind]
        if event.reads is not None:
            return event.reads(self, int(agent), values)
        words = {field.name: self.words(field.kind, values[i]) for i, field in enumerate(event.fields)}
        return event.text.format(agent=self.name(int(agent)), **words)

    def says(self, kind: int, agent: int, values: Sequence[int], draw: int) -> str:
        """Return what the agent of an event says aloud, or ""; `draw` chooses among phrasings."""
        spoken = self.log.kinds[kind].spoken
        return "" if spoken is None else spoken(self, int(agent), values, draw)

    def spot(self, place: int) -> str:
        """Return how people speak of a place: "the town hall", "House 2"."""
        if not 0 <= place < len(self.places):
            return NOTHING[1]
        entry = self.places.all[place]
        return f"the {entry.name.lower()}" if entry.name.lower().split()[-1] == entry.kind else entry.name

    def remember(self) -> None:
        """Let every module note how numbers read now that will not read so for ever; no state changes."""
        for module in self.modules.values():
            module.remember()

    @contextmanager
    def recalling(self) -> Iterator[None]:
        """Let numbers read as they were remembered, where they read as nothing now: to tell of the past.

        Never while somebody perceives: what they see must not depend on who looked before.
        """
        self.is_recalling = True
        try:
            yield
        finally:
            self.is_recalling = False


def ordered(modules: Mapping[str, type[Module]], wanted: Sequence[str]) -> list[str]:
    """Return the wanted modules so that each comes after its needs (alphabetical where free).

    Raises SocietyError for an unknown module, a need that is not on, or needs in a circle.
    """
    for name in wanted:
        if name not in modules:
            raise SocietyError(f"there is no module {name}; known: {', '.join(sorted(modules))}")
        for need in modules[name].needs:
            if need not in wanted:
                raise SocietyError(f"module {name} needs {need}, which is not on; add `{need}: {{}}` under `modules`")
    rest, order = sorted(wanted), list[str]()
    while rest:
        free = [name for name in rest if all(need in order for need in modules[name].needs)]
        if not free:
            raise SocietyError(f"modules need each other in a circle: {', '.join(rest)}; break one of their `needs`")
        order.append(free[0])
        rest.remove(free[0])
    return order
