"""The grammar of the search box: tokens in, a tree of conditions out, one function a rule.

`or` binds weakest, then `and`, `not`, comparisons (which may be chained: 20% < hunger < 60%), + and -, * and /, sign.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from PySide6.QtCore import QCoreApplication

from app.models.conditions import (
    COMPARISONS,
    All,
    Always,
    Arithmetic,
    Compare,
    Condition,
    Either,
    Filter,
    Flag,
    Literal,
    Named,
    Not,
    Reading,
    Reads,
    Same,
    Value,
)
from app.models.fields import Field, Fields, Kind
from engine.errors import SociariumError

translate = QCoreApplication.translate

DEEPEST = 32
"""Brackets, signs and `not` inside one another."""
TRUTHS = {"true": True, "yes": True, "false": False, "no": False}
JOINTS = ("and", "or", "not", "in")
_SIGNS = ("=", *COMPARISONS)
_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


class FilterError(SociariumError):
    """A filter cannot be read; `at` and `length` say where in it, counted from 0."""

    def __init__(self, what: str, at: int, length: int = 1) -> None:
        self.at, self.length = at, max(1, length)
        super().__init__(translate("Filter", "Character {at}: {what}").format(at=at + 1, what=what))


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the text: a number, word, text (without its quotes), sign, or the end."""

    kind: str
    text: str
    at: int
    length: int

    @property
    def low(self) -> str:
        """It in lower case."""
        return self.text.casefold()


@dataclass(frozen=True, slots=True)
class Words:
    """A text in quotation marks, or a word that is no field: what a field is compared with."""

    text: str


@dataclass(frozen=True, slots=True)
class Piece:
    """What a rule has read: something to compare or to combine, and where it began."""

    token: Token
    what: Value | Condition | Words | Field


class Grammar:
    """Reads tokens from the left. Anything that it cannot read raises FilterError."""

    def __init__(self, tokens: Sequence[Token], fields: Fields) -> None:
        self._tokens, self._fields = tokens, fields
        self._at, self._depth = 0, 0
        self._used: set[Field] = set()

    def whole(self) -> Filter:
        """Return what all tokens say together."""
        condition = self._condition(self._either())
        if self._next.kind != "end":
            what = translate("Filter", "`{piece}` cannot stand here; put `and` or `or` before it, or leave it out")
            raise _wrong(self._next, what.format(piece=self._next.text))
        return Filter(condition, frozenset(self._used))

    # ------------------------------------------------------------------ rules, weakest first

    def _either(self) -> Piece:
        return self._joined("or", self._every, Either)

    def _every(self) -> Piece:
        return self._joined("and", self._opposite, All)

    def _joined(
        self, word: str, rule: Callable[[], Piece], join: Callable[[tuple[Condition, ...]], Condition]
    ) -> Piece:
        first = rule()
        if not self._is(word):
            return first
        parts = [self._condition(first)]
        while self._take(word):
            parts.append(self._condition(rule()))
        return Piece(first.token, join(tuple(parts)))

    def _opposite(self) -> Piece:
        token = self._take("not")
        if token is None:
            return self._compared()
        self._deeper(token)
        piece = self._opposite()
        self._depth -= 1
        return Piece(token, Not(self._condition(piece)))

    def _compared(self) -> Piece:
        first = left = self._sum()
        parts: list[Condition] = []
        while True:
            if self._is("not") and self._tokens[self._at + 1].kind == "word" and self._tokens[self._at + 1].low == "in":
                self._at += 2
                parts.append(Not(self._among(left)))
            elif self._take("in"):
                parts.append(self._among(left))
            elif sign := self._take(*_SIGNS):
                right = self._sum()
                parts.append(self._comparison(left, sign, right))
                left = right
            else:
                break
        if not parts:
            return first
        return Piece(first.token, parts[0] if len(parts) == 1 else All(tuple(parts)))

    def _sum(self) -> Piece:
        return self._calculated(("+", "-"), self._product)

    def _product(self) -> Piece:
        return self._calculated(("*", "/"), self._signed)

    def _calculated(self, signs: tuple[str, str], rule: Callable[[], Piece]) -> Piece:
        first = rule()
        if not self._is(*signs):
            return first
        steps: list[tuple[str, Value]] = []
        while sign := self._take(*signs):
            steps.append((sign.text, self._value(rule())))
        return Piece(first.token, Arithmetic(self._value(first), tuple(steps)))

    def _signed(self) -> Piece:
        token = self._take("-")
        if token is None:
            return self._single()
        self._deeper(token)
        piece = self._signed()
        self._depth -= 1
        return Piece(token, Arithmetic(Literal(0.0), (("-", self._value(piece)),)))

    def _single(self) -> Piece:
        token = self._next
        if token.kind == "end":
            what = translate("Filter", "something is missing at the end; go on with a column, a number or a text")
            raise _wrong(token, what)
        if opening := self._take("("):
            self._deeper(opening)
            piece = self._either()
            self._depth -= 1
            self._close(opening)
            return Piece(opening, piece.what)
        if token.kind == "sign" or token.low in JOINTS:
            what = translate("Filter", "`{piece}` cannot stand here; put a column, a number or a text before it")
            raise _wrong(token, what.format(piece=token.text))
        self._at += 1
        if token.kind == "number":
            number = float(token.text)
            return Piece(token, Literal(number / 100 if self._take("%") else number))
        if token.kind == "word" and token.low in TRUTHS:
            return Piece(token, Always(TRUTHS[token.low]))
        field = self._fields.find(token.text) if token.kind == "word" else None
        return Piece(token, Words(token.low) if field is None else self._read(field))

    # ------------------------------------------------------------------ what they mean

    def _read(self, field: Field) -> Value | Condition | Field:
        self._used.add(field)
        if field.kind is Kind.CHECK:
            return Flag(field)
        return Reading(field) if field.kind in (Kind.LEVEL, Kind.NUMBER) else field

    def _condition(self, piece: Piece) -> Condition:
        """Return a piece that says yes or no. A text alone searches names."""
        if isinstance(piece.what, Condition):
            return piece.what
        if isinstance(piece.what, Words):
            if piece.token.kind == "word":
                raise self._unknown(piece.token)
            self._use_name()
            return Named("in", piece.what.text)
        what = translate("Filter", "`{piece}` alone says neither yes nor no; compare it, such as `{example}`")
        raise _wrong(piece.token, what.format(piece=piece.token.text, example=_example(piece)))

    def _value(self, piece: Piece) -> Value:
        """Return a piece that is a number."""
        if isinstance(piece.what, Value):
            return piece.what
        if isinstance(piece.what, Words) and piece.token.kind == "word":
            raise self._unknown(piece.token)
        what = translate("Filter", "`{piece}` is no number, so it cannot be reckoned or compared as one; use a number")
        raise _wrong(piece.token, what.format(piece=piece.token.text))

    def _comparison(self, left: Piece, token: Token, right: Piece) -> Condition:
        sign = "==" if token.text == "=" else token.text
        if isinstance(left.what, Words) and isinstance(right.what, Field):
            left, right, sign = right, left, _FLIPPED.get(sign, sign)
        if isinstance(left.what, Field) and left.what.kind is Kind.NAME and isinstance(right.what, Words):
            return Named(sign, right.what.text)
        if isinstance(left.what, Field) or isinstance(right.what, Field):
            return self._equal(token, sign, self._said(left, token, right))
        if isinstance(left.what, Condition) and isinstance(right.what, Condition):
            return self._equal(token, sign, Same(left.what, right.what))
        values = self._value(left), self._value(right)
        _check_level(left, right)
        _check_level(right, left)
        return Compare(sign, *values)

    def _equal(self, token: Token, sign: str, same: Condition) -> Condition:
        if sign not in ("==", "!="):
            what = translate("Filter", "`{sign}` needs numbers on both sides; write `==` or `!=` for words")
            raise _wrong(token, what.format(sign=token.text))
        return same if sign == "==" else Not(same)

    def _said(self, left: Piece, token: Token, right: Piece) -> Condition:
        """Return that a field reads as a word, or as another field of the same words."""
        if not isinstance(left.what, Field):
            left, right = right, left
        field = left.what
        assert isinstance(field, Field)
        if isinstance(right.what, Field) and field.words and right.what.words == field.words:
            return Same(field, right.what)
        if isinstance(right.what, Words) and field.words:
            return Reads(field, self._codes(field, right))
        what = translate("Filter", "`{left}` and `{right}` cannot be compared; write such as `{example}`")
        example = _example(Piece(left.token, field))
        raise _wrong(token, what.format(left=left.token.text, right=right.token.text, example=example))

    def _codes(self, field: Field, piece: Piece) -> frozenset[int]:
        assert isinstance(piece.what, Words)
        codes = field.codes.get(piece.what.text)
        if codes is None:
            what = translate("Filter", '"{word}" is nothing that `{field}` can be')
            what = what.format(word=piece.token.text, field=field.short) + _nearest(piece.what.text, list(field.codes))
            raise _wrong(piece.token, what)
        return codes

    def _among(self, left: Piece) -> Condition:
        """Read what stands behind `in`: a list in brackets, or `name` after a text."""
        if (
            isinstance(left.what, Words)
            and left.token.kind == "text"
            and self._fields.find(self._next.text) == self._name
        ):
            self._at += 1
            self._use_name()
            return Named("in", left.what.text)
        opening = self._take("(")
        if opening is None:
            what = translate("Filter", '`in` needs a list; write such as `in ("a", "b")`')
            raise _wrong(self._next, what)
        same = Token("sign", "==", opening.at, 1)
        parts = [self._comparison(left, same, self._sum())]
        while self._take(","):
            parts.append(self._comparison(left, same, self._sum()))
        self._close(opening)
        return Either(tuple(parts))

    @property
    def _name(self) -> Field | None:
        return self._fields.find("name")

    def _use_name(self) -> None:
        if self._name is not None:
            self._used.add(self._name)

    def _unknown(self, token: Token) -> FilterError:
        what = translate("Filter", "there is no column `{word}`").format(word=token.text)
        return _wrong(token, what + _nearest(token.low, self._fields.words()))

    # ------------------------------------------------------------------ tokens

    @property
    def _next(self) -> Token:
        return self._tokens[self._at]

    def _is(self, *words: str) -> bool:
        return self._next.kind in ("sign", "word") and self._next.low in words

    def _take(self, *words: str) -> Token | None:
        """Return the next token and go on when it is one of these signs or words."""
        if not self._is(*words):
            return None
        self._at += 1
        return self._tokens[self._at - 1]

    def _close(self, opening: Token) -> None:
        if not self._take(")"):
            what = translate("Filter", "a `)` is missing for the `(` at character {at}; write it here")
            raise _wrong(self._next, what.format(at=opening.at + 1))

    def _deeper(self, token: Token) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise _wrong(token, translate("Filter", "too much stands inside one another here; use fewer brackets"))


def _wrong(token: Token, what: str) -> FilterError:
    return FilterError(what, token.at, token.length)


def _check_level(level: Piece, other: Piece) -> None:
    """Refuse `hunger > 60`: a level goes from 0 to 1, so it would never hold."""
    if not (
        isinstance(level.what, Reading) and level.what.field.kind is Kind.LEVEL and isinstance(other.what, Literal)
    ):
        return
    number = other.what.number
    if number > 1:
        what = translate("Filter", "`{field}` goes from 0 to 1, which is 100%; write `{mend}%`")
        mend = f"{min(number, 100.0):g}"
        raise _wrong(other.token, what.format(field=level.what.field.short, mend=mend))


def _nearest(word: str, known: list[str]) -> str:
    """Return the mend for a word that is not known: the nearest one, or some of those that are."""
    close = get_close_matches(word, known, 1)
    if close:
        return translate("Filter", "; did you mean `{word}`?").format(word=close[0])
    some = ", ".join(f"`{one}`" for one in [one for one in known if one != "none"][:4])
    return translate("Filter", "; there is {some}").format(some=some) if some else ""


def _example(piece: Piece) -> str:
    """Return a comparison that would do."""
    field = piece.what.field if isinstance(piece.what, Reading) else piece.what
    if not isinstance(field, Field):
        return "coins > 5"
    if field.kind is Kind.LEVEL:
        return f"{field.short} > 50%"
    if field.kind is Kind.NUMBER:
        return f"{field.short} > 0"
    return f'{field.short} == "{field.words[-1] if field.words else "Ana"}"'
