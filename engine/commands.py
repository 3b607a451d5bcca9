"""Commands: what people, views and the schedule ask of the World. Applied at the head of a tick, and recorded."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import cast

import numpy as np

from engine.actions.act import Actor
from engine.errors import SociariumError, SocietyError
from engine.population import Population
from engine.rng import purpose
from engine.scenario import Scenario
from engine.society.society import Now, Society
from engine.values import ARGUMENTS, Command, Decisions, Int32s, Source

Schedule = Callable[[int], Sequence[Command]]
Change = Callable[[Scenario, str, object], Scenario]
WHOSE = purpose("commands.mind")


def scheduled(scenario: Scenario) -> Schedule:
    """Return the scenario's events as commands for each tick; those at tick 0 or before come with the first tick."""
    due: dict[int, list[Command]] = defaultdict(list)
    for event in scenario.events:
        what = event.model_dump(mode="json", exclude={"at", "do"})
        due[max(1, scenario.time.tick_of(event.at))].append(Command(event.do, what, by="schedule"))
    return lambda tick: due.get(tick, ())


MOST_MINDS = 64


class Commands:
    """Applies commands. `schedule` gives a tick's commands; `queue` takes more for the next tick.

    `change` returns a scenario with a field set, checked against the modules' sections. `hired` are the minds that came
    into the society during the run: `prepare` raises SociariumError for one that cannot work, `hire` takes it in. A
    replay hires nobody, so a command for a mind that cannot be had is turned away before it is recorded.
    """

    def __init__(
        self, society: Society, population: Population, actor: Actor, schedule: Schedule, change: Change
    ) -> None:
        self.society = society
        self.population = population
        self.actor = actor
        self.schedule = schedule
        self.change = change
        self.queue: list[Command] = []
        self.sets: list[tuple[str, object]] = []
        self.hired: list[str] = []
        self.prepare: Callable[[str], None] = _nobody
        self.hire: Callable[[str], None] = _nobody
        self._turned_away: list[tuple[Command, str]] = []
        self.outcomes: list[tuple[Command, str]] = []

    @property
    def refusals(self) -> list[str]:
        """Why commands of the tick in hand were refused, one sentence each."""
        tick = self.society.world.tick
        return [f"command {command.do} at tick {tick} was refused: {why}" for command, why in self.outcomes if why]

    def take(self, tick: int) -> tuple[Command, ...]:
        """Return what is due at a tick, schedule first, and empty the queue; who cannot be hired is turned away."""
        due = (*self.schedule(tick), *self.queue)
        self.queue = []
        refusals = [(command, self._cannot_be_had(command)) for command in due]
        self._turned_away = [(command, why) for command, why in refusals if why]
        return tuple(command for command, why in refusals if not why) if self._turned_away else due

    def _cannot_be_had(self, command: Command) -> str:
        name = str(command.what.get("mind"))
        if command.do != "mind" or name in self.society.minds:
            return ""
        try:
            self.prepare(name)
        except SociariumError as error:
            return str(error)
        return ""

    def apply(self, now: Now, commands: Iterable[Command]) -> Decisions:
        """Apply commands in order; return the decisions that people made for those whom they drive.

        A command that cannot be applied changes nothing; `outcomes` has each command of the tick with the reason why it
        was refused, or "".
        """
        drives: list[Decisions] = []
        self.outcomes, self._turned_away = self._turned_away, []
        for command in commands:
            refusal = ""
            try:
                drives.append(self._apply(now, command) or Decisions.none())
            except KeyError as error:
                refusal = f"it lacks {error}; say it"
            except (SociariumError, TypeError, ValueError, OverflowError) as error:
                refusal = str(error)
            self.outcomes.append((command, refusal))
        return Decisions.join(drives)

    def _apply(self, now: Now, command: Command) -> Decisions | None:
        what, people = command.what, self.society.people
        match command.do:
            case "add_people":
                self.population.add(now, _whole(what["people"]), _name(what.get("role")), _name(what.get("place")))
                self.society.space.rebuild()
            case "remove_people":
                self._let_go(now, self.population.remove(now, _whole(what["people"]), _name(what.get("role"))))
            case "dismiss":
                self._let_go(now, self._living(what["agent"]))
            case "drive":
                return self._drive(now, what)
            case "send":
                return self._send(now, what)
            case "shut" | "open":
                door = what.get("door")
                which = None if door is None else _whole(door)
                self.society.space.set_doors(str(what["building"]), which, command.do == "shut")
            case "set":
                self._set(str(what["path"]), what["value"])
            case "mind":
                self._change_minds(now, what)
            case "release":
                people.driven[self._living(what["agent"])] = False
            case _:
                taken = [module.command(now, command.do, what) for module in self.society.modules.values()]
                if not any(taken):
                    raise SocietyError(f"nobody knows the command {command.do!r}; switch on the module that does")
        return None

    def _change_minds(self, now: Now, what: Mapping[str, object]) -> None:
        """Let a mind decide from now on for the people of a role (or for all), or for a drawn share of them."""
        name, role, share = str(what["mind"]), _name(what.get("role")), what.get("share", 1.0)
        society = self.society
        if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1:
            raise SocietyError(f"a share of {share!r} cannot be given another mind; choose 0.0 to 1.0")
        living = self._of_role(role)
        if name not in society.minds:
            if len(society.minds) > MOST_MINDS:
                raise SocietyError(f"{name} would be mind number {MOST_MINDS + 1} of this run; use one that is there")
            self.hire(name)
            society.minds.append(name)
            self.hired.append(name)
        drawn = society.rng.words(WHOSE, living, now.tick)[:, 0] < round(share * 2**32)
        society.people.mind[living[drawn]] = society.minds.index(name)

    def _set(self, path: str, value: object) -> None:
        """Change a setting of a module from now on."""
        room, _, _ = path.partition(".")
        module = path.split(".")[1] if path.count(".") else ""
        if room != "modules" or not self.society.has(module):
            raise SocietyError(f"{path} cannot change in the middle of a run; settings of modules that are on can")
        changed = self.change(self.society.scenario, path, value)
        self.society.reconfigure(module, changed.modules[module])
        self.society.scenario = changed
        self.sets.append((path, value))

    def snapshot(self) -> bytes:
        """Return the settings that were changed and the minds that came so far."""
        return json.dumps({"sets": self.sets, "hired": self.hired}).encode()

    def restore(self, data: bytes) -> None:
        """Change the settings of a snapshot again, and let its minds come."""
        kept = json.loads(data or b"[]")
        sets, hired = (kept, []) if isinstance(kept, list) else (kept["sets"], kept["hired"])
        self.sets, known = [], len(self.society.minds) - len(self.hired)
        for path, value in sets:
            self._set(path, value)
        for name in hired:
            if name not in self.hired:
                self.prepare(name)
                self.hire(name)
        self.hired = list(hired)
        self.society.minds[known:] = hired

    def _let_go(self, now: Now, agents: Int32s) -> None:
        self.actor.leave(now, agents)
        self.population.let_go(now, agents)

    def _living(self, agent: object) -> Int32s:
        who = _whole(agent)
        if not (0 <= who < self.society.world.count and self.society.world.alive[who]):
            raise SocietyError(f"there is no living person {who}; choose another")
        return np.array([who], np.int32)

    def _of_role(self, role: str | None) -> Int32s:
        """Return the living of a role, or all."""
        society = self.society
        living = society.world.living()
        if role is None:
            return living
        if society.role(role) < 0:
            raise SocietyError(f"there is no role {role!r}; known: {', '.join(society.roles)}")
        chosen: Int32s = living[society.people.role[living] == society.role(role)]
        return chosen

    def _send(self, now: Now, what: Mapping[str, object]) -> Decisions:
        """Let all of a role, or all, set out for a place; with `hold` they decide nothing else from then on."""
        name, action = str(what["place"]), self.society.action("go")
        places = self.society.places
        found = np.concatenate([np.array([places.find(name)], np.int32), places.of_kind(name)])
        found = found[found >= 0]
        if action is None or self.society.off[action.code]:
            raise SocietyError("nobody can be sent anywhere: the action go is off; take it out of `actions.off`")
        if not found.size:
            raise SocietyError(f"nobody can be sent to {name!r}; name a place or kind of place that the map has")
        who = self._of_role(_name(what.get("role")))
        if what.get("hold"):
            self.society.people.driven[who] = True
        args = np.zeros((who.size, ARGUMENTS), np.int32)
        args[:, 0] = found[0]
        return Decisions.of(who, np.full(who.size, action.code, np.int16), args, now.tick, Source.PERSON)

    def _drive(self, now: Now, what: Mapping[str, object]) -> Decisions:
        """Turn a person's choice for someone into a decision; with `hold` that one waits for the person from now on."""
        who = self._living(what["agent"])
        name = str(what["action"])
        action = self.society.action(name)
        if action is None or "person" not in action.by or self.society.off[action.code]:
            known = ", ".join(a.name for a in self.society.actions if "person" in a.by and not self.society.off[a.code])
            raise SocietyError(f"there is no action {name!r} to drive someone with; known: {known}")
        values = [
            self.society.number(parameter.kind, value)
            for parameter, value in zip(
                action.parameters, cast("list[object]", what.get("arguments", [])), strict=False
            )
        ]
        if len(values) != len(action.parameters):
            wanted = ", ".join(parameter.name for parameter in action.parameters)
            raise SocietyError(f"action {name} takes {len(action.parameters)} arguments ({wanted}), not {len(values)}")
        if what.get("hold"):
            self.society.people.driven[who] = True
        args = np.zeros((1, ARGUMENTS), np.int32)
        args[0, : len(values)] = values
        return Decisions.of(who, np.array([action.code], np.int16), args, now.tick, Source.PERSON)


def _nobody(name: str) -> None:
    """Hire nobody: a replay needs no minds."""


def _whole(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise SocietyError(f"a command has {value!r} where a whole number belongs; write one")


def _name(value: object) -> str | None:
    return None if value is None else str(value)
