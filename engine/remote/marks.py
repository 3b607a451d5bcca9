"""What stands out on the time line: commands, where the run branched off from another, and checkpoints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.record.reader import RunReader
from engine.remote.wording import Wording
from engine.values import Command

MOST_MARKS = 500
MOST_CHECKPOINTS = 500
LONGEST = 160


Mark = tuple[int, Command]
"""A tick, and the command that was applied then."""


def marks(reader: RunReader, first: int, last: int) -> list[Mark]:
    """Return the marks of the ticks first..last, oldest first; of very many the newest."""
    found = [(tick, command) for tick, commands in reader.commands(first, last) for command in commands]
    header, begin = reader.header, reader.first_tick
    if header.parent is not None and begin is not None and first <= begin <= last:
        found.insert(0, (begin, Command("branch", {"of": header.parent[0], "with": list(header.changes)})))
    return found[-MOST_MARKS:]


def checkpoints(reader: RunReader, first: int, last: int) -> list[int]:
    """Return the ticks of first..last that have a checkpoint; of very many every second, third, ..."""
    found = reader.checkpoints(first, last)
    return found[:: -(-len(found) // MOST_CHECKPOINTS) or 1]


def marked(found: Sequence[Mark], words: Wording) -> list[dict[str, Any]]:
    """Return marks with their sentences."""
    return [{"tick": tick, "kind": command.do, "text": _clipped(told(command, words))} for tick, command in found]


def told(command: Command, words: Wording) -> str:
    """Return a command as a sentence. Its content was checked when it was applied, or it was refused: any is told."""
    what = command.what
    match command.do:
        case "branch":
            changes = what.get("with")
            changed = f", with {', '.join(changes)}" if isinstance(changes, list) and changes else ""
            return f"Branched off here from run {str(what.get('of'))[:8]}{changed}"
        case "add_people":
            return f"{_people(what)} join"
        case "remove_people":
            return f"{_people(what)} leave"
        case "announce":
            return f"Announced: {what.get('text')}"
        case "send":
            return f"{_whom(what).capitalize()} goes to {what.get('place')}"
        case "shut" | "open":
            which = "All doors" if what.get("door") is None else f"Door {what.get('door')}"
            return f"{which} of {what.get('building')} {'shut' if command.do == 'shut' else 'opened'}"
        case "set":
            return f"{what.get('path')} is set to {what.get('value')}"
        case "drive":
            return f"{_name(what, words)} is told to {str(what.get('action')).replace('_', ' ')}"
        case "release":
            return f"{_name(what, words)} is left to decide again"
        case "mind":
            return f"{str(what.get('mind')).replace(chr(92), '/').rpartition('/')[2]} decides for {_whom(what)}"
        case "dismiss":
            return f"{_name(what, words)} is dismissed"
        case _:
            return command.do.replace("_", " ").capitalize()


def _people(what: Mapping[str, object]) -> str:
    number, role = what.get("people"), what.get("role")
    return f"{number} people{'' if role is None else f' of role {role}'}"


def _whom(what: Mapping[str, object]) -> str:
    share, role = what.get("share", 1.0), what.get("role")
    whose = "everyone" if role is None else f"all of role {role}"
    if not isinstance(share, int | float) or isinstance(share, bool) or not 0 <= share < 1:
        return whose
    return f"{100 * share:g} % of {'the people' if role is None else f'role {role}'}"


def _name(what: Mapping[str, object], words: Wording) -> str:
    agent = what.get("agent")
    return words.name(agent) if type(agent) is int and 0 <= agent < 2**31 else "Somebody"


def _clipped(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
