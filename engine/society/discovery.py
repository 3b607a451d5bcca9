"""Finding modules by name: the folders of `engine.society`, and what others install under `sociarium.modules`."""

from __future__ import annotations

import importlib
import pkgutil
from importlib.metadata import entry_points

import engine.society
from engine.errors import SocietyError
from engine.society.module import Module


def discover() -> dict[str, type[Module]]:
    """Return every module class by name. A module that cannot be loaded is a SocietyError that names it."""
    found: dict[str, type[Module]] = {}
    for info in pkgutil.iter_modules(engine.society.__path__):
        if info.ispkg:
            _collect(found, f"engine.society.{info.name}")
    for entry in entry_points(group="sociarium.modules"):
        _collect(found, entry.value)
    return found


def _collect(found: dict[str, type[Module]], path: str) -> None:
    try:
        room = importlib.import_module(path.partition(":")[0])
    except ImportError as error:
        raise SocietyError(f"module {path} cannot be imported ({error}); repair or uninstall it") from error
    for thing in vars(room).values():
        if isinstance(thing, type) and issubclass(thing, Module) and thing is not Module:
            if found.get(thing.name, thing) is not thing:
                raise SocietyError(f"two modules are called {thing.name}; rename or uninstall one")
            found[thing.name] = thing
