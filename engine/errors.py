"""Every error that Sociarium raises on purpose: one root, small named children, one line each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class SociariumError(Exception):
    """Something from outside was wrong; the message says what, where, and the mend."""

    exit_status = 2


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a document: where (path, line), what, and how to mend it."""

    path: str
    line: int | None
    what: str
    mend: str

    def __str__(self) -> str:
        place = f"{self.line}: " if self.line is not None else ""
        path = f"{self.path}: " if self.path else ""
        return f"{place}{path}{self.what.rstrip('.')}. {self.mend[:1].upper()}{self.mend[1:]}"


class ScenarioError(SociariumError):
    """A scenario cannot be used; holds every problem found, not only the first.

    Its text has one line a problem: `file:line: path: what. Mend`.
    """

    def __init__(self, origin: str, problems: Sequence[Problem]) -> None:
        self.origin = origin
        self.problems = tuple(problems)
        lines = (f"{origin}:{'' if problem.line is not None else ' '}{problem}" for problem in self.problems)
        super().__init__("\n".join(lines))


class SocietyError(SociariumError):
    """Modules, actions or columns do not fit together."""


class SpaceError(SociariumError):
    """A space was asked for something that it cannot hold or reach."""


class MindError(SociariumError):
    """A mind is unknown, or cannot be used as asked."""


class RunFileError(SociariumError):
    """A run file is missing, foreign, newer, damaged, locked or cannot be written."""


class RemoteError(SociariumError):
    """A host cannot be reached, refuses, or says what cannot be understood."""

    exit_status = 1


class AddressError(RemoteError):
    """The address of a host, or its token, is not one."""

    exit_status = 2


class ReplayError(SociariumError):
    """A replay did not meet the recorded state."""

    exit_status = 1
