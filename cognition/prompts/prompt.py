"""From an observation to a request: the parts of the prompt, the options in drawn order, and words that follow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from cognition.language.model import Frame, ModelInfo, Option, Part, Profile, Request, Share, Way, Writing
from cognition.prompts.levels import promises, want
from engine.scenario import Scenario
from engine.values import Choice, Observation, Speech

LABELS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
INSTRUCTION = (
    "You are one of the people here. You are told how things stand for you, and what you can do now. "
    "Take what serves your wants best; effort is a cost."
)
MOST_WANTS = 3
"""Wants told of by themselves; each choice tells how much what it promises is wanted."""
_KEPT_GRAMMARS = 1024
_TRAITS, _NEAR, _HAPPENED = 60, 70, 80
"""What is left out first where a prompt is too long, least weight first."""


@dataclass(frozen=True, slots=True)
class Prompted:
    """A request, and the choices of the observation in the order in which its options are listed."""

    request: Request
    choices: tuple[Choice, ...]


class Prompts:
    """Writes the prompts of one scenario for one model.

    weights: role -> appeal -> weight (100 is neutral): what someone wants is urgency times weight.
    """

    def __init__(self, scenario: Scenario, weights: Mapping[str, Mapping[str, int]], model: ModelInfo) -> None:
        self._weights = weights
        self._profile: Profile = model.profile
        self._frame: Frame = model.frame
        self._grammar_for = lru_cache(_KEPT_GRAMMARS)(model.profile.grammar_for)
        self._shared = _shared(scenario, model.frame)
        self._roles = {
            name: Part(role_text(name, role.description), Share.ROLE) for name, role in scenario.roles.items()
        }
        self._middle = _framed(model.frame.before_user, Share.ROLE)
        self._people: dict[int, tuple[tuple[str, ...], tuple[Part, ...]]] = {}
        self._end = self._ending()

    def _ending(self) -> tuple[Part, ...]:
        asks = {
            Way.LABEL: "Answer with the letter of one.\n",
            Way.TEXT: "Answer with one of these lines.\n",
            Way.MARK: "",
        }[self._profile.way]
        parts = [Part(asks)] if asks else []
        return (*parts, *_framed(self._frame.before_answer, Share.MOMENT))

    def of(self, number: int, seen: Observation, order: Sequence[int], seed: int) -> Prompted:
        """Return the request for what someone perceives; `order` is the drawn order of its choices.

        Raises MindError when there are more choices than labels.
        """
        wants = self._wants(seen)
        choices = tuple(seen.choices[i] for i in order)
        texts = [option_text(choice, wants) for choice in choices]
        listed = tuple(Part(line(self._profile.way, k, text), option=k) for k, text in enumerate(texts))
        options = tuple(
            Option(self._answer(k, texts[k]), self._writing(choice.speech)) for k, choice in enumerate(choices)
        )
        parts = (
            *self._shared, self._roles[seen.role], *self._middle, *self._person(seen), *moment(seen, wants),
            *listed, *self._end,
        )  # fmt: skip
        profile = self._profile
        request = Request(number, parts, seed, options, profile.way, self._thought(), temperature=profile.temperature)
        return Prompted(request, choices)

    def _wants(self, seen: Observation) -> dict[str, int]:
        weights = self._weights[seen.role]
        return {name: urgency * weights.get(name, 100) // 100 for name, urgency in seen.feels.items()}

    def _person(self, seen: Observation) -> tuple[Part, ...]:
        known = self._people.get(seen.agent)
        if known is None or known[0] != seen.character:
            parts = [Part(f"Your name is {seen.name}.", Share.PERSON)]
            if seen.character:
                parts.append(Part(f" You are {', '.join(seen.character)}.", Share.PERSON, weight=_TRAITS))
            known = seen.character, tuple(parts)
            self._people[seen.agent] = known
        return known[1]

    def _answer(self, place: int, text: str) -> str:
        return LABELS[place] if self._profile.way is Way.LABEL else text

    def _thought(self) -> Writing | None:
        tokens = self._profile.thought
        return Writing("In short, I think: ", tokens) if tokens else None

    def _writing(self, speech: Speech | None) -> Writing | None:
        if speech is None or not self._profile.words:
            return None
        lead = speech.lead if self._profile.slots else filled(speech.lead, speech.slots)
        return Writing(f'\nYou {lead}: "', self._profile.words, ('"', "\n"), self._grammar_for(lead))


def _framed(text: str, share: Share) -> tuple[Part, ...]:
    return (Part(text, share, is_frame=True),) if text else ()


def _shared(scenario: Scenario, frame: Frame) -> tuple[Part, ...]:
    return (*_framed(frame.before_system, Share.EVERYONE), Part(scenario_text(scenario), Share.EVERYONE))


def scenario_text(scenario: Scenario) -> str:
    """Return what everyone in a scenario is told first."""
    told = " ".join(f"{part.strip().rstrip('.')}." for part in (scenario.title, scenario.description) if part.strip())
    return f"{told}\n{INSTRUCTION}\n"


def role_text(name: str, description: str) -> str:
    """Return what everyone of a role is told."""
    about = f": {description}" if description else ""
    return f"You are a {name.replace('_', ' ')}{about}.\n"


def moment(seen: Observation, wants: Mapping[str, int]) -> tuple[Part, ...]:
    """Return the parts that are the moment's own, up to the list of choices."""
    here = "" if seen.place == "in the open" else "at "
    told = [Part(f"\nIt is {seen.hour}. You are {here}{seen.place}")]
    if seen.near:
        others = f" and {len(seen.near) - 1} more" if len(seen.near) > 1 else ""
        told.append(Part(f", beside {seen.near[0]}{others}", weight=_NEAR))
    told.append(Part(f"; you {seen.doing}." if seen.doing != "nothing" else "; you are free."))
    if seen.happened:
        told.append(Part(f" Just now: {seen.happened}.", weight=_HAPPENED))
    told.append(Part(f"\n{wanting(seen, wants)}You can:\n"))
    return tuple(told)


def wanting(seen: Observation, wants: Mapping[str, int]) -> str:
    """Return what someone wants most of what the choices promise, strongest first."""
    promised = {name for choice in seen.choices for name, value in choice.appeal.items() if value > 0}
    strongest = sorted((name for name in promised if name != "commitment"), key=lambda name: (-wants[name], name))
    wanted = ", ".join(
        f"{name.replace('_', ' ')} {level}" for name in strongest[:MOST_WANTS] if (level := want(wants[name]))
    )
    return f"You want {wanted}.\n" if wanted else "You want nothing much.\n"


def option_text(choice: Choice, wants: Mapping[str, int]) -> str:
    """Return a choice with the facts that it turns on: "go to Market: good company wanted badly, at little effort"."""
    promised = promises(choice.appeal, wants)
    return f"{choice.text}: {promised}" if promised else choice.text


def line(way: Way, place: int, text: str) -> str:
    """Return how an option is listed."""
    return f"{LABELS[place]}. {text}\n" if way is Way.LABEL else f"- {text}\n"


def filled(text: str, slots: Mapping[str, str]) -> str:
    """Return a text with its slots filled; what is in other braces stays."""
    for name, word in slots.items():
        text = text.replace(f"{{{name}}}", word)
    return text
