"""The parameters of a question: texts from outside, checked and bounded, each fault told in one sentence."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from difflib import get_close_matches

from engine.errors import SociariumError

LONGEST = 4000
"""Most characters of one parameter."""


class UnknownQuestion(SociariumError):
    """There is no such question."""


class WrongParameter(SociariumError):
    """A question cannot be answered with such parameters."""


class Parameters:
    """What a question was asked with. Every method raises WrongParameter when a value will not do."""

    def __init__(self, question: str, given: Mapping[str, str], known: Collection[str]) -> None:
        self._question = question
        self._given = {name: value for name, value in given.items() if value != ""}
        for name, value in self._given.items():
            if name not in known:
                wanted = f"it takes {', '.join(sorted(known))}" if known else "it takes none"
                raise WrongParameter(f"the question {question} has no parameter {name[:40]!r}; {wanted}")
            if len(value) > LONGEST:
                raise WrongParameter(f"{question}: {name} has {len(value):,} characters; write at most {LONGEST:,}")

    def has(self, name: str) -> bool:
        """Whether a parameter was given."""
        return name in self._given

    def text(self, name: str, default: str = "") -> str:
        """Return a text."""
        return self._given.get(name, default)

    def words(self, name: str) -> tuple[str, ...]:
        """Return a list of words with commas between."""
        return tuple(dict.fromkeys(word.strip() for word in self.text(name).split(",") if word.strip()))

    def one_of(self, name: str, known: Collection[str], default: str) -> str:
        """Return a word out of some."""
        word = self.text(name, default)
        if word not in known:
            raise WrongParameter(f"{self._question}: {name} is {word[:40]!r}; write {' or '.join(known)}")
        return word

    def whole(self, name: str, least: int, most: int, default: int | None = None) -> int:
        """Return a whole number of least..most; without a default it must be given."""
        if name not in self._given:
            if default is None:
                raise WrongParameter(f"{self._question}: {name} is missing; give a number of {least:,} to {most:,}")
            return default
        text = self._given[name]
        digits = text.removeprefix("-")
        if not (digits.isascii() and digits.isdecimal() and len(digits) <= 18 and least <= int(text) <= most):
            raise WrongParameter(f"{self._question}: {name} is {text[:40]!r}; give a number of {least:,} to {most:,}")
        return int(text)

    def ticks(self, first: int, last: int, default_first: int | None = None) -> tuple[int, int]:
        """Return `first` and `last`, both within the run's ticks first..last, in order; a later `last` is the run's."""
        end = min(self.whole("last", first, 2**31 - 1, last), last)
        start = self.whole("first", first, last, first if default_first is None else min(default_first, end))
        if start > end:
            raise WrongParameter(f"{self._question}: first is {start:,}, last {end:,}; write the earlier tick first")
        return start, end

    def cursor(self, first: int, last: int) -> tuple[int, int] | None:
        """Return where to go on, (tick, place in it), or None to begin."""
        if "cursor" not in self._given:
            return None
        tick, dot, place = self._given["cursor"].partition(".")
        sound = all(part.isascii() and part.isdecimal() and len(part) <= 10 for part in (tick, place))
        if not dot or not sound or not first <= int(tick) <= last:
            raise WrongParameter(f"{self._question}: the cursor is not one of this run; give what `next` said")
        return int(tick), int(place)


def meant(name: str, known: Collection[str]) -> str:
    """Return the mend for a name that is not known."""
    near = get_close_matches(name, known, 1)
    return f"did you mean {near[0]}?" if near else "`about` lists them"
