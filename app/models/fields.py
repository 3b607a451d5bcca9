"""Fields: what a table of people can show, sort and filter by, made from the columns that a society describes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property

from PySide6.QtCore import QCoreApplication

from engine.remote.wire import About, ColumnEntry

translate = QCoreApplication.translate

FULL = {"millionths": 1_000_000, "0..1000": 1000, "-1000..1000": 1000}
"""What a level's number is at its fullest, by unit."""
ALIASES = {"doing": "people.action", "at": "space.place", "here": "people.alive"}
_FIRST_OWNERS = ("people", "space", "drives", "trade", "goods")
_USUAL = ("name", "people.role", "people.action", "space.place")
COMPASS = ("east", "north-east", "north-west", "west", "south-west", "south-east")


class Kind(Enum):
    """How a field reads: somebody's name, one of some words, a level from 0 to 100 %, a number, yes or no."""

    NAME = "name"
    WORDS = "words"
    LEVEL = "level"
    NUMBER = "number"
    CHECK = "check"


@dataclass(frozen=True)
class Field:
    """Something known of everybody: `name` is its full name, `column` the column of people that holds it.

    `item` is its place in a column that holds several for each person, -1 otherwise. `full` is what a level's number is
    at 100 %. `words` are read by a number, which is -1 or past their end for `NOWHERE`.
    """

    name: str
    short: str
    heading: str
    kind: Kind
    column: str
    about: str = ""
    unit: str = ""
    item: int = -1
    full: int = 1
    words: tuple[str, ...] = field(default=())
    in_frame: bool = True

    @cached_property
    def codes(self) -> dict[str, frozenset[int]]:
        """The numbers that read as each word, the words in lower case; "none" for those that read as nothing."""
        found: dict[str, set[int]] = {}
        for code, word in enumerate(self.words):
            found.setdefault(word.casefold(), set()).add(code)
        return {"none": frozenset((-1,)), **{word: frozenset(codes) for word, codes in found.items()}}


class Fields:
    """The fields of a society, found by full name, by the part behind the dot, or by alias; case does not matter."""

    def __init__(self, fields: Iterable[Field]) -> None:
        self.all = tuple(fields)
        self._found: dict[str, Field] = {}
        for one in self.all:
            self._found.setdefault(one.name.casefold(), one)
        for one in sorted(self.all, key=_precedence):
            self._found.setdefault(one.short.casefold(), one)
        for alias, name in ALIASES.items():
            if name in self._found:
                self._found.setdefault(alias, self._found[name])

    def find(self, word: str) -> Field | None:
        """Return the field of that name, or None."""
        return self._found.get(word.casefold())

    def words(self) -> list[str]:
        """Return every word by which a field is found, short ones first."""
        return sorted(self._found, key=lambda word: ("." in word, word))

    def usual(self) -> list[Field]:
        """Return the fields that a table shows until told otherwise."""
        told = [one for one in self.all if one.in_frame and one.unit and one.unit != "tick"]
        levels = [one for one in told if one.kind is Kind.LEVEL]
        amounts = [one for one in told if one.kind is Kind.NUMBER]
        listed = [one for name in _USUAL if (one := self.find(name)) is not None]
        return [*listed, *levels, *amounts]


def _precedence(one: Field) -> tuple[bool, int, str]:
    owner = one.name.partition(".")[0]
    return not one.in_frame, _FIRST_OWNERS.index(owner) if owner in _FIRST_OWNERS else len(_FIRST_OWNERS), one.name


def fields_of(about: About) -> Fields:
    """Return the fields of a society: the name, then its columns, those that every frame carries first."""
    name = Field("name", "name", translate("Fields", "Name"), Kind.NAME, "", translate("Fields", "what one is called"))
    entries = sorted(about.columns, key=lambda entry: not entry.frame)
    return Fields((name, *(one for entry in entries for one in _fields_of(entry, about))))


def _fields_of(entry: ColumnEntry, about: About) -> list[Field]:
    """Return the fields in a column; none where it holds numbers without a name."""
    if entry.dtype == "uint64":  # a bit for each of many things: no number that says anything
        return []
    if not entry.shape:
        return [_field(entry, about)]
    if len(entry.shape) > 1 or len(entry.words) != entry.shape[0]:
        return []
    kind, full = (Kind.LEVEL, FULL[entry.unit]) if entry.unit in FULL else (Kind.NUMBER, 1)
    owner, _, column = entry.name.partition(".")
    is_plain = column in ("stock", "traits")  # `grain` and `sociable`, but `skill_grain`
    shorts = [(word if is_plain else f"{column}_{word}").replace(" ", "_") for word in entry.words]
    return [
        Field(
            name=f"{owner}.{shorts[item]}",
            short=shorts[item],
            heading=_sentence(word if is_plain else f"{column}: {word}"),
            kind=kind,
            column=entry.name,
            about=f"{word}: {entry.about.partition(':')[0]}",
            unit=entry.unit,
            item=item,
            full=full,
            in_frame=entry.frame,
        )
        for item, word in enumerate(entry.words)
    ]


def _field(entry: ColumnEntry, about: About) -> Field:
    short = entry.name.rpartition(".")[2]
    words = entry.words or _words(entry.name, about)
    if entry.name == "people.action" and words[:1] == ("continue",):
        words = (translate("Fields", "nothing"), *words[1:])
    kind, full = Kind.NUMBER, 1
    if words:
        kind = Kind.WORDS
    elif entry.dtype == "bool":
        kind = Kind.CHECK
    elif entry.unit in FULL:
        kind, full = Kind.LEVEL, FULL[entry.unit]
    heading = _headings().get(entry.name) or _sentence(short.replace("_", " "))
    return Field(entry.name, short, heading, kind, entry.name, entry.about, entry.unit, -1, full, words, entry.frame)


def _words(column: str, about: About) -> tuple[str, ...]:
    """Return what a column's numbers read, for those that every society has."""
    if column == "people.role":
        return tuple(role.name for role in about.roles)
    if column in ("people.action", "people.last_action"):
        return about.actions
    if column == "people.mind":
        return about.minds
    if column == "people.home" or column.endswith(".place"):
        return tuple(place.name for place in about.places)
    return COMPASS if column == "space.heading" else ()


def _headings() -> Mapping[str, str]:
    return {
        "people.role": translate("Fields", "Role"),
        "people.action": translate("Fields", "Doing"),
        "space.place": translate("Fields", "At"),
        "people.home": translate("Fields", "Lives at"),
        "people.mind": translate("Fields", "Mind"),
        "people.alive": translate("Fields", "Here"),
        "people.driven": translate("Fields", "Driven"),
        "people.since": translate("Fields", "Doing since"),
        "people.until": translate("Fields", "Doing until"),
        "people.last_action": translate("Fields", "Did before"),
        "people.last_outcome": translate("Fields", "Outcome before"),
        "people.last_reason": translate("Fields", "Reason before"),
        "people.last_tick": translate("Fields", "Ended before at"),
        "people.asked": translate("Fields", "Asked last"),
        "people.stirred": translate("Fields", "Touched last"),
        "calls.called": translate("Fields", "Called others"),
        "calls.leader": translate("Fields", "Called by"),
        "calls.place": translate("Fields", "Called to"),
        "calls.until": translate("Fields", "Called until"),
        "goods.wear": translate("Fields", "Wear of tool"),
        "trade.founded": translate("Fields", "Coins at first"),
        "space.waited": translate("Fields", "Waited"),
        "space.heading": translate("Fields", "Faces"),
    }


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]
