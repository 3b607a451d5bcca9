"""The language of the search box, against a naive evaluation of each person, one by one."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.models.conditions import People
from app.models.expression import LONGEST, parse
from app.models.fields import Field, Fields, Kind
from app.models.grammar import FilterError

ROLES = ("citizen", "merchant", "police officer")
PLACES = ("market", "library", "house 1", "house 2")
NAMES = ("Ana", "Mira Stone", "Jonas", "ANA MARIA", "Leo O'Neil", "Émile", "mira")


def field(name: str, kind: Kind, full: int = 1, words: tuple[str, ...] = ()) -> Field:
    return Field(
        name, name.rpartition(".")[2], name, kind, name if kind is not Kind.NAME else "", full=full, words=words
    )


FIELDS = Fields(
    (
        field("name", Kind.NAME),
        field("people.role", Kind.WORDS, words=ROLES),
        field("people.home", Kind.WORDS, words=PLACES),
        field("people.driven", Kind.CHECK),
        field("people.alive", Kind.CHECK),
        field("space.place", Kind.WORDS, words=PLACES),
        field("drives.hunger", Kind.LEVEL, 1_000_000),
        field("people.sociable", Kind.LEVEL, 1000),
        field("trade.coins", Kind.NUMBER),
    )
)


class Person(NamedTuple):
    """Somebody, as they read in the table."""

    name: str
    role: str
    home: str
    at: str
    driven: bool
    hunger: int
    sociable: int
    coins: int


def crowd(count: int = 60) -> tuple[list[Person], People]:
    """Return people one by one, and the same as columns."""
    draw = np.random.default_rng(5)
    names = [NAMES[n] for n in draw.integers(0, len(NAMES), count)]
    columns: dict[str, Any] = {
        "people.role": draw.integers(0, len(ROLES), count).astype(np.uint8),
        "people.home": draw.integers(-1, len(PLACES), count).astype(np.int16),
        "space.place": draw.integers(-1, len(PLACES), count).astype(np.int16),
        "people.driven": draw.random(count) < 0.3,
        "people.alive": np.ones(count, np.bool_),
        "drives.hunger": draw.integers(0, 1_000_001, count).astype(np.int32),
        "people.sociable": draw.integers(0, 1001, count).astype(np.int16),
        "trade.coins": draw.integers(0, 12, count).astype(np.int32),
    }
    people = [
        Person(
            names[n].casefold(),
            ROLES[columns["people.role"][n]],
            PLACES[home] if (home := columns["people.home"][n]) >= 0 else "none",
            PLACES[place] if (place := columns["space.place"][n]) >= 0 else "none",
            bool(columns["people.driven"][n]),
            round(int(columns["drives.hunger"][n]) * 100 / 1_000_000),
            round(int(columns["people.sociable"][n]) * 100 / 1000),
            int(columns["trade.coins"][n]),
        )
        for n in range(count)
    ]
    return people, People(count, columns, [name.casefold() for name in names])


PERSONS, CROWD = crowd()
SIGNS: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq, "=": operator.eq, "!=": operator.ne,
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
SUMS: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv,
}  # fmt: skip


class Said(NamedTuple):
    """A piece of a filter, and the same in Python for one person."""

    text: str
    of: Callable[[Person], Any]


def literals() -> st.SearchStrategy[Said]:
    whole = st.integers(0, 20).map(lambda n: Said(str(n), lambda _: np.float64(n)))
    broken = st.integers(0, 99).map(lambda n: Said(f"0.{n:02}", lambda _: np.float64(n / 100)))
    percent = st.integers(0, 100).map(lambda n: Said(f"{n}%", lambda _: np.float64(n / 100)))
    return st.one_of(whole, broken, percent)


COINS = st.sampled_from([Said(text, lambda one: np.float64(one.coins)) for text in ("coins", "trade.coins", "Coins")])
LEVELS = st.sampled_from(
    [
        Said("hunger", lambda one: np.float64(one.hunger / 100)),
        Said("people.sociable", lambda one: np.float64(one.sociable / 100)),
    ]
)


def reckoned(parts: st.SearchStrategy[Said]) -> st.SearchStrategy[Said]:
    def binary(left: Said, sign: str, right: Said) -> Said:
        return Said(f"({left.text} {sign}{right.text})", lambda one: SUMS[sign](left.of(one), right.of(one)))

    def negative(part: Said) -> Said:
        return Said(f"-{part.text}", lambda one: 0.0 - part.of(one))

    return st.one_of(st.builds(binary, parts, st.sampled_from(list(SUMS)), parts), parts.map(negative))


NUMBERS = reckoned(st.recursive(st.one_of(literals(), COINS, LEVELS), reckoned, max_leaves=6))


def compared(left: Said, sign: str, right: Said) -> Said:
    return Said(f"{left.text}{sign} {right.text}", lambda one: bool(SIGNS[sign](left.of(one), right.of(one))))


def words(field_: str, part: str, known: Sequence[str]) -> st.SearchStrategy[Said]:
    def equal(sign: str, word: str, mark: str) -> Said:
        return Said(f"{field_} {sign} {mark}{word.upper()}{mark}", lambda one: SIGNS[sign](getattr(one, part), word))

    def among(chosen: list[str], negated: bool) -> Said:
        listed = ", ".join(f'"{word}"' for word in chosen)
        return Said(
            f"{field_} {'not ' * negated}in ({listed})", lambda one: (getattr(one, part) in chosen) is not negated
        )

    chosen = st.lists(st.sampled_from(known), min_size=1, max_size=4)
    return st.one_of(
        st.builds(equal, st.sampled_from(["==", "=", "!="]), st.sampled_from(known), st.sampled_from(["'", '"'])),
        st.builds(among, chosen, st.booleans()),
    )


NAMED = [
    Said('name == "ANA"', lambda one: one.name == "ana"),
    Said("name != 'mira'", lambda one: one.name != "mira"),
    Said('name in ("Mira", "jonas")', lambda one: one.name in ("mira", "jonas")),
    Said('"an" in name', lambda one: "an" in one.name),
    Said('"o\'n"', lambda one: "o'n" in one.name),
    Said('name < "k"', lambda one: one.name < "k"),
    Said('"k" <= name', lambda one: one.name >= "k"),
]
FLAGS = [
    Said("driven", lambda one: one.driven),
    Said("driven == no", lambda one: not one.driven),
    Said("people.driven != true", lambda one: not one.driven),
    Said("at == home", lambda one: one.at == one.home),
    Said("home != space.place", lambda one: one.at != one.home),
    Said("role == merchant", lambda one: one.role == "merchant"),
    Said("20% < hunger <= 0.6", lambda one: 20 < one.hunger <= 60),
]
SIGN = st.sampled_from(list(SIGNS))
ATOMS = st.one_of(
    st.builds(compared, NUMBERS, SIGN, NUMBERS),
    st.builds(compared, COINS, SIGN, literals()),
    st.builds(compared, LEVELS, SIGN, st.integers(0, 100).map(lambda n: Said(f"{n} %", lambda _: n / 100))),
    words("role", "role", ROLES),
    words("at", "at", (*PLACES, "none")),
    st.sampled_from(NAMED),
    st.sampled_from(FLAGS),
)


def joined(parts: st.SearchStrategy[Said]) -> st.SearchStrategy[Said]:
    def both(left: Said, right: Said, word: str) -> Said:
        return Said(f"({left.text}) {word} ({right.text})", lambda one: left.of(one) and right.of(one))

    def either(left: Said, right: Said) -> Said:
        return Said(f"{left.text} or ({right.text})", lambda one: left.of(one) or right.of(one))

    def neither(part: Said) -> Said:
        return Said(f"not ({part.text})", lambda one: not part.of(one))

    return st.one_of(
        st.builds(both, parts, parts, st.sampled_from(["and", "AND"])),
        st.builds(either, parts, parts),
        parts.map(neither),
    )


FILTERS = st.recursive(ATOMS, joined, max_leaves=8)


@settings(max_examples=300, deadline=None)
@given(FILTERS)
def test_a_filter_finds_whom_a_look_at_each_person_finds(said: Said) -> None:
    with np.errstate(all="ignore"):
        naive = [bool(said.of(person)) for person in PERSONS]
    assert parse(said.text, FIELDS).holds(CROWD).tolist() == naive, said.text


def test_and_binds_closer_than_or_and_products_closer_than_sums() -> None:
    for text, same in (
        ("driven or coins > 3 and coins < 8", "driven or (coins > 3 and coins < 8)"),
        ("not driven and coins > 3", "(not driven) and coins > 3"),
        ("coins + 2 * 3 > 9", "coins + (2 * 3) > 9"),
        ("coins - 1 - 1 > 2", "(coins - 1) - 1 > 2"),
        ("not coins > 3", "not (coins > 3)"),
    ):
        assert parse(text, FIELDS).holds(CROWD).tolist() == parse(same, FIELDS).holds(CROWD).tolist(), text


@settings(max_examples=300, deadline=None)
@given(FILTERS, st.data())
def test_a_damaged_filter_is_read_or_refused_with_a_place(said: Said, data: st.DataObject) -> None:
    text = list(said.text)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, max(0, len(text) - 1)))
        text[at : at + data.draw(st.integers(0, 3))] = data.draw(st.text(max_size=3))
    check("".join(text))


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet=st.sampled_from('()"%<>=!-+*/,.#in andortcoinsrolehunger 019“”\n{}\x00'), max_size=60))
def test_garbage_is_read_or_refused_with_a_place(text: str) -> None:
    check(text)


def check(text: str) -> None:
    try:
        found = parse(text, FIELDS)
    except FilterError as error:
        assert 0 <= error.at <= len(text)
        assert f"Character {error.at + 1}: " in str(error)
    else:
        assert found.holds(CROWD).shape == (CROWD.count,)


@pytest.mark.parametrize(
    ("text", "at", "said"),
    [
        ("coin < 5", 0, "there is no column `coin`; did you mean `coins`?"),
        ('role == "merchant" and coin < 5', 23, "did you mean `coins`?"),
        ('role == "merchand"', 8, '"merchand" is nothing that `role` can be; did you mean `merchant`?'),
        ("hunger > 60", 9, "`hunger` goes from 0 to 1, which is 100%; write `60%`"),
        ("coins <", 7, "something is missing at the end"),
        ("(coins < 5", 10, "a `)` is missing for the `(` at character 1; write it here"),
        ("coins < 5)", 9, "`)` cannot stand here"),
        ('role == "mer', 8, "the quotation mark is never closed; close it"),
        ("coins < 5 && driven", 10, "`&&` means nothing here; write `and`"),
        ("coins and driven", 0, "compare it, such as `coins > 0`"),
        ("role < 3", 5, 'write such as `role == "police officer"`'),
        ('role < "merchant"', 5, "write `==` or `!=` for words"),
        ('coins == "many"', 9, "`many` is no number"),
        ("role in merchant", 8, '`in` needs a list; write such as `in ("a", "b")`'),
        ("coins < 5 driven", 10, "put `and` or `or` before it"),
        ("not " * 40 + "driven", 128, "use fewer brackets"),
        ("(" * 500, 32, "use fewer brackets"),
        ("-" * 500 + "1 < 2", 32, "use fewer brackets"),
        ("a" * (LONGEST + 1), LONGEST, "leave something out"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_the_mend(text: str, at: int, said: str) -> None:
    with pytest.raises(FilterError) as caught:
        parse(text, FIELDS)
    assert (caught.value.at, said in str(caught.value)) == (at, True), str(caught.value)


def test_words_without_signs_search_names() -> None:
    def found(text: str) -> list[str]:
        return sorted({PERSONS[n].name for n in np.flatnonzero(parse(text, FIELDS).holds(CROWD))})

    assert found("mira") == ["mira", "mira stone"]
    assert found("STONE mi") == ["mira stone"]
    assert found("o'neil") == ["leo o'neil"]
    assert found("  ") == sorted({person.name for person in PERSONS})
    assert parse("#7", FIELDS).holds(CROWD).nonzero()[0].tolist() == [7]


def test_it_holds_for_nobody_of_whom_nothing_is_known_yet() -> None:
    short = {name: column[:20] for name, column in CROWD.columns.items()}
    for text in ("coins >= 0", "not coins < 0", "mira or not mira".replace("mira", '"mira"')):
        assert parse(text, FIELDS).holds(People(CROWD.count, short, CROWD.names[:30])).sum() in (20, 30)
