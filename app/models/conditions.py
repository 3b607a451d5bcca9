"""Conditions on people, as the filter's parser makes them: a tree that is asked for everybody at once, with numpy.

Values are float64: levels from 0 to 1 in whole per cent, as the table shows them; all other numbers as they are.
Dividing by zero gives infinity or no number at all, as in numpy, and no number compares with anything.
"""

from __future__ import annotations

import operator
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.models.fields import Field, Kind

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

COMPARISONS: Mapping[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
ARITHMETIC: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class People:
    """What is known of everybody: columns by full name, a row for each id, and names in lower case.

    Columns and names may be longer or shorter than `count`, being of a moment later or before.
    """

    count: int
    columns: Mapping[str, NDArray[Any]]
    names: Sequence[str]

    def of(self, one: Field) -> NDArray[Any]:
        """Return a field's numbers, of at most `count` people. Raises KeyError while its column is not here."""
        column = self.columns[one.column][: self.count]
        return column if one.item < 0 else column[:, one.item]


def per_cent(values: NDArray[Any], full: int) -> Floats:
    """Return levels in whole per cent: what is shown, and what is filtered by."""
    return np.rint(values * 100.0 / full)


class Condition(ABC):
    """Something that holds for a person or not."""

    __slots__ = ()

    @abstractmethod
    def holds(self, people: People) -> Bools:
        """Return for whom it holds, bool[people.count]."""


class Value(ABC):
    """Something that is a number for each person."""

    __slots__ = ()

    @abstractmethod
    def of(self, people: People) -> Floats:
        """Return the numbers, float64[people.count] or float64[]."""


@dataclass(frozen=True, slots=True)
class Literal(Value):
    """The same number for everybody."""

    number: float

    def of(self, people: People) -> Floats:
        """Return the number, float64[]."""
        return np.asarray(self.number, np.float64)


@dataclass(frozen=True, slots=True)
class Reading(Value):
    """What a field says of each person."""

    field: Field

    def of(self, people: People) -> Floats:
        """Return levels in 0..1, other numbers as they are."""
        values = people.of(self.field)
        if self.field.kind is Kind.LEVEL:
            return per_cent(values, self.field.full) / 100.0
        return values.astype(np.float64)


@dataclass(frozen=True, slots=True)
class Arithmetic(Value):
    """A first number, then what is done to it from left to right: (one of + - * /, a number)."""

    first: Value
    steps: tuple[tuple[str, Value], ...]

    def of(self, people: People) -> Floats:
        """Return the result."""
        result = self.first.of(people)
        with np.errstate(all="ignore"):
            for sign, value in self.steps:
                result = ARITHMETIC[sign](result, value.of(people))
        return result


@dataclass(frozen=True, slots=True)
class All(Condition):
    """Every part holds."""

    parts: tuple[Condition, ...]

    def holds(self, people: People) -> Bools:
        """Return for whom it holds."""
        return np.asarray(np.logical_and.reduce([part.holds(people) for part in self.parts]), np.bool_)


@dataclass(frozen=True, slots=True)
class Either(Condition):
    """Some part holds."""

    parts: tuple[Condition, ...]

    def holds(self, people: People) -> Bools:
        """Return for whom it holds."""
        return np.asarray(np.logical_or.reduce([part.holds(people) for part in self.parts]), np.bool_)


@dataclass(frozen=True, slots=True)
class Not(Condition):
    """The part does not hold."""

    part: Condition

    def holds(self, people: People) -> Bools:
        """Return for whom it holds."""
        return ~self.part.holds(people)


@dataclass(frozen=True, slots=True)
class Always(Condition):
    """It holds for all, or for none."""

    so: bool

    def holds(self, people: People) -> Bools:
        """Return the same for everybody."""
        return np.full(people.count, self.so)


@dataclass(frozen=True, slots=True)
class Compare(Condition):
    """A number stands so to another."""

    sign: str
    left: Value
    right: Value

    def holds(self, people: People) -> Bools:
        """Return for whom it holds."""
        found = COMPARISONS[self.sign](self.left.of(people), self.right.of(people))
        return np.broadcast_to(np.asarray(found, np.bool_), people.count)


@dataclass(frozen=True, slots=True)
class Same(Condition):
    """Two conditions, or two fields of the same words, agree."""

    left: Field | Condition
    right: Field | Condition

    def holds(self, people: People) -> Bools:
        """Return for whom it holds."""
        left, right = (
            people.of(side) if isinstance(side, Field) else side.holds(people) for side in (self.left, self.right)
        )
        agree: Bools = left == right
        return agree


@dataclass(frozen=True, slots=True)
class Reads(Condition):
    """A field reads as one of some words: those of `codes`."""

    field: Field
    codes: frozenset[int]

    def holds(self, people: People) -> Bools:
        """Return for whom it holds."""
        known = len(self.field.words)
        wanted = np.zeros(known + 1, np.bool_)
        wanted[[code if 0 <= code < known else known for code in self.codes]] = True
        values = people.of(self.field).astype(np.int64)
        return wanted[np.where((values < 0) | (values >= known), known, values)]


@dataclass(frozen=True, slots=True)
class Flag(Condition):
    """A yes-or-no field says yes."""

    field: Field

    def holds(self, people: People) -> Bools:
        """Return for whom it holds."""
        return people.of(self.field).astype(np.bool_)


@dataclass(frozen=True, slots=True)
class Named(Condition):
    """The name, in lower case, stands so to a text: a comparison, or "in" for having the text somewhere."""

    sign: str
    text: str

    def holds(self, people: People) -> Bools:
        """Return for whom it holds."""
        names, text = people.names[: people.count], self.text
        if self.sign == "in":
            found = [text in name for name in names]
        else:
            compare = COMPARISONS[self.sign]
            found = [compare(name, text) for name in names]
        return np.array(found, np.bool_)


@dataclass(frozen=True, slots=True)
class Numbered(Condition):
    """It is the person of that id."""

    agent: int

    def holds(self, people: People) -> Bools:
        """Return for whom it holds."""
        found = np.zeros(people.count, np.bool_)
        found[self.agent : self.agent + 1] = True
        return found


@dataclass(frozen=True, slots=True)
class Filter:
    """What the search box says. `fields` are those that it reads; `words` is true where it only searches names."""

    condition: Condition
    fields: frozenset[Field] = frozenset()
    words: bool = False

    def columns(self) -> set[str]:
        """Return the columns that it reads."""
        return {one.column for one in self.fields if one.column}

    def reads(self, name: str) -> bool:
        """Return whether it reads the field of that full name."""
        return any(one.name == name for one in self.fields)

    def holds(self, people: People) -> Bools:
        """Return for whom it holds, bool[people.count]. It holds for nobody of whom a column or the name is not known.

        Raises KeyError while a column is not here.
        """
        lengths = [len(people.columns[name]) for name in self.columns()]
        if any(one.kind is Kind.NAME for one in self.fields):
            lengths.append(len(people.names))
        known = min([people.count, *lengths])
        found = self.condition.holds(replace(people, count=known))
        if known == people.count:
            return found
        padded = np.zeros(people.count, np.bool_)
        padded[:known] = found
        return padded


EVERYBODY = Filter(Always(True))
