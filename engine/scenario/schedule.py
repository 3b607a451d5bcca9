"""The section for scheduled events: what happens at a given moment, whatever people do."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from engine.scenario.fields import Scalar, Section, Slug, about, listed, number, switch, text, whole
from engine.scenario.place_and_time import Moment

At = Annotated[Moment, about("When: a tick, or a text such as `day 2 09:00` (the first day is day 1)", "moment")]


class AddPeople(Section):
    """People arrive."""

    at: At
    do: Annotated[Literal["add_people"], about("What happens: people arrive", "word")]
    people: Annotated[int, whole("How many arrive", "people", 1, 100_000)]
    role: Annotated[Slug | None, about("Role of those who arrive; null mixes as at the start", "role")] = None
    place: Annotated[str | None, text("Place or kind of place where they arrive; null is anywhere", 60)] = None


class RemovePeople(Section):
    """People leave for good, drawn at random."""

    at: At
    do: Annotated[Literal["remove_people"], about("What happens: people leave for good", "word")]
    people: Annotated[int, whole("How many leave, drawn at random", "people", 1, 100_000)]
    role: Annotated[Slug | None, about("Role of those who leave; null is any", "role")] = None


class Announce(Section):
    """People learn a piece of news."""

    at: At
    do: Annotated[Literal["announce"], about("What happens: people learn a piece of news", "word")]
    text: Annotated[str, text("What they learn", 280, 1)]
    role: Annotated[Slug | None, about("Role of those who learn it; null is everyone", "role")] = None
    place: Annotated[str | None, text("Place or kind of place where it is heard; null is everywhere", 60)] = None


class Drive(Section):
    """A person does what the scenario says."""

    at: At
    do: Annotated[Literal["drive"], about("What happens: a person does what is written here", "word")]
    agent: Annotated[int, whole("Number of the person", "agent", 0, 10_000_000)]
    action: Annotated[Slug, about("What the person does", "action")]
    arguments: Annotated[tuple[Scalar, ...], listed("Arguments of the action, in its order", "values", 4)] = ()


class Send(Section):
    """People go to a place, whatever they were about."""

    at: At
    do: Annotated[Literal["send"], about("What happens: people go to a place", "word")]
    place: Annotated[str, text("Name of the place, or a kind of place for the first of that kind", 60, 1)]
    role: Annotated[Slug | None, about("Role of those who go; null is everyone", "role")] = None
    hold: Annotated[
        bool, switch("Whether they decide nothing else from then on, however long they are held up, and stay there")
    ] = False


class _Doors(Section):
    at: At
    do: str
    building: Annotated[str, text("Name of the building; those of a town are called as its places", 60, 1)]
    door: Annotated[
        int | None, whole("Which of its doors, counted from 0; null is all of them", "of its doors", 0, 63)
    ] = None


class Shut(_Doors):
    """Doors are shut until they are opened: people take another way, or wait three minutes and change their minds."""

    do: Annotated[Literal["shut"], about("What happens: doors are shut", "word")]


class Open(_Doors):
    """Doors that were shut are opened."""

    do: Annotated[Literal["open"], about("What happens: doors are opened", "word")]


class Set(Section):
    """A setting of a module changes in the middle of the run."""

    at: At
    do: Annotated[Literal["set"], about("What happens: a setting changes", "word")]
    path: Annotated[str, text("Path of the setting, such as `modules.goods.regrowth`", 200, 1)]
    value: Annotated[Scalar, about("Its new value", "as the setting")]


class ChangeMind(Section):
    """Another mind decides for people from now on."""

    at: At
    do: Annotated[Literal["mind"], about("What happens: another mind decides for people", "word")]
    mind: Annotated[str, text("Name of the mind: reflex, a bundled model's, a GGUF file, or an endpoint's URL", 400, 1)]
    role: Annotated[Slug | None, about("Role of the people; null is everyone", "role")] = None
    share: Annotated[float, number("For how many of these people, drawn at random", "of the people", 0.0, 1.0)] = 1.0


ScheduledEvent = Annotated[
    AddPeople | RemovePeople | Announce | Drive | Send | Shut | Open | Set | ChangeMind, Field(discriminator="do")
]
EVENTS: tuple[type[Section], ...] = (AddPeople, RemovePeople, Announce, Drive, Send, Shut, Open, Set, ChangeMind)
