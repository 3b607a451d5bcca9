"""Minds on disk: what a GGUF file is, whether it works here and how fast; and the folder that models are added to.

A file is first read by its header, with every bound checked, then loaded and asked in child processes: whatever a
damaged or hostile file does to the parser, it does to a child. What was found out is kept in a small JSON beside the
file, `NAME.card.json`, and holds for as long as file and machine are the same.
"""

from __future__ import annotations

import contextlib
import errno
import os
import platform
import re
import shutil
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import psutil
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cognition.language.header import Header, read_header
from cognition.language.llama.pool import LlamaPool
from cognition.language.probe import SECONDS, measure, memory_of
from engine.errors import MindError

SUFFIX = ".gguf"
CARD = ".card.json"
PART = ".part"
_LARGEST_CARD = 1 << 16
_SPARED = 64 << 20
_CHUNK = 16 << 20
_WORKING_MEMORY = 128 << 20
"""Bytes that a process with a model takes besides weights and cache."""
_LOADED_A_SECOND = 50 << 20
"""Bytes of a file that a slow disk reads in a second."""
_NAME = re.compile(r"\w[\w .+-]{0,99}")
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

Tell = Callable[[int, int], None]
"""Takes how many bytes are copied, and of how many."""


class Card(BaseModel):
    """What was measured of a file: decisions a second, and bytes of memory of all its processes together.

    It holds for a file of this `size` and `changed` (nanoseconds) on this `machine`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    size: int = Field(ge=0)
    changed: int
    machine: str = Field(max_length=1000)
    decisions_per_s: float = Field(ge=0, le=1e9, allow_inf_nan=False)
    memory: int = Field(ge=0)
    processes: int = Field(ge=1, le=4096)


@dataclass(frozen=True, slots=True)
class Found:
    """A model file: its name as a mind, what it says of itself, what was measured, or why it cannot be used."""

    name: str
    path: Path
    header: Header | None = None
    card: Card | None = None
    fault: str = ""


def machine() -> str:
    """Return what has to be the same for a measurement to hold."""
    try:
        library = version("llama-cpp-python")
    except PackageNotFoundError:
        library = "none"
    memory = psutil.virtual_memory().total >> 30
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, {memory} GiB, llama-cpp-python {library}"


def look(path: Path, name: str, cards: Path) -> Found:
    """Return what is known of a file without loading it; its card lies in the folder `cards`."""
    try:
        return Found(name, path, read_header(path), read_card(path, cards / f"{name}{CARD}"))
    except MindError as error:
        return Found(name, path, fault=str(error))


def read_card(path: Path, card: Path) -> Card | None:
    """Return the card of a file, None where there is none that still holds."""
    try:
        with card.open("rb") as file:
            found = Card.model_validate_json(file.read(_LARGEST_CARD))
        stamp = path.stat()
    except (OSError, ValidationError):
        return None
    now = stamp.st_size, stamp.st_mtime_ns, machine()
    return found if (found.size, found.changed, found.machine) == now else None


def keep_card(found: Card, card: Path) -> None:
    """Write a card, whole or not at all; that it cannot be written costs a measurement next time, and nothing else."""
    fresh = card.with_name(f".{card.name}.{os.getpid()}{PART}")
    with contextlib.suppress(OSError):
        card.parent.mkdir(parents=True, exist_ok=True)
        try:
            fresh.write_text(found.model_dump_json() + "\n", encoding="utf-8")
            fresh.replace(card)
        finally:
            fresh.unlink(missing_ok=True)


def check(path: Path, command: Sequence[str], seconds: float = SECONDS, free: int | None = None) -> Card:
    """Load a model in children that `command` starts, ask it for some seconds, and return what was measured.

    free: bytes of memory that may be used, None to look. Raises MindError that names the file, what is wrong with it
    and the mend.
    """
    header = read_header(path)
    stamp = path.stat()
    _fits(path, header, _free_memory() if free is None else free)
    patience = 60.0 + header.size / _LOADED_A_SECOND
    try:
        pool = LlamaPool(path, command=command, start_timeout=patience)
    except MindError as error:
        raise MindError(_naming(path, str(error))) from None
    try:
        speed = measure(pool, max(1, len(pool.processes)), seconds)
        running = pool.processes
        memory = memory_of(running)
    except MindError as error:
        raise MindError(_naming(path, str(error))) from None
    finally:
        pool.close()
    return Card(
        size=stamp.st_size, changed=stamp.st_mtime_ns, machine=machine(), decisions_per_s=round(speed, 3),
        memory=memory, processes=max(1, len(running)),
    )  # fmt: skip


def _naming(path: Path, said: str) -> str:
    """Return an error's words on one line, with the file named in them."""
    words = " ".join(said.split())
    return words if str(path) in words else f"{path}: {words}"


def _free_memory() -> int | None:
    """Return the bytes of memory that are free for a model, None where a graphics card may take it."""
    if Path("/dev/nvidiactl").exists() or Path("/dev/kfd").exists() or shutil.which("nvidia-smi"):
        return None
    return int(psutil.virtual_memory().available)


def _fits(path: Path, header: Header, free: int | None) -> None:
    context = min(header.context or 4096, 4096)
    needed = header.size + context * header.cell_bytes + _WORKING_MEMORY
    if free is not None and needed > free:
        have = f"about {needed / 2**30:,.1f} GiB of memory, {free / 2**30:,.1f} are free"
        raise MindError(f"{path}: too large, it takes {have}; use a smaller model or quantisation, or close programs")


def name_of(path: Path, taken: Collection[str]) -> str:
    """Return the name that a file gives to a mind. Raises MindError when it is no name, or taken."""
    name = path.stem if path.suffix.lower() == SUFFIX else path.name
    if not _NAME.fullmatch(name):
        raise MindError(f"{path}: {name[:120]!r} is no name for a mind; rename the file, with letters, digits, - and .")
    if name in taken:
        raise MindError(f"{path}: there is a mind {name!r} already; rename the file, or delete the other")
    return name


def add(
    path: Path, folder: Path, taken: Collection[str], command: Sequence[str], tell: Tell, seconds: float = SECONDS
) -> Found:
    """Check a model, copy it to the shelf, and return it.

    taken: names of minds there are; tell: hears how the copy goes on; seconds: how long is measured. Raises MindError
    with the mend; then nothing is left behind.
    """
    path = path.expanduser()
    header = read_header(path)
    name = name_of(path, taken)
    target = folder / f"{name}{SUFFIX}"
    card = check(path, command, seconds)
    part = folder / f".{name}.{os.getpid()}{PART}"
    try:
        _make(folder)
        _bring(path.resolve(), part, header.size, tell)
        source, brought = path.stat(), part.stat()
        if (source.st_size, source.st_mtime_ns, brought.st_size) != (card.size, card.changed, card.size):
            raise MindError(f"{path}: was changed while it was added; add it again when it is whole")
        _settle(part, target)
    except FileExistsError:
        raise MindError(f"{path}: there is a mind {name!r} already; rename the file, or delete the other") from None
    except OSError as error:
        if error.errno in _FULL:
            raise _no_room(path, folder, header.size) from None
        mend = "make the folder writable, or set SOCIARIUM_HOME to another"
        raise MindError(f"{path}: cannot be put into {folder} ({error.strerror}); {mend}") from None
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
    card = card.model_copy(update={"changed": target.stat().st_mtime_ns})
    keep_card(card, folder / f"{name}{CARD}")
    return Found(name, target, header, card)


def _bring(source: Path, part: Path, size: int, tell: Tell) -> None:
    """Copy a file. A link would let whoever writes over the original change the mind."""
    if shutil.disk_usage(part.parent).free < size + _SPARED:
        raise _no_room(source, part.parent, size)
    with source.open("rb") as old, part.open("xb") as new:
        done = 0
        while data := old.read(_CHUNK):
            new.write(data)
            done += len(data)
            tell(done, size)
        new.flush()
        os.fsync(new.fileno())


def _settle(part: Path, target: Path) -> None:
    """Give a whole file its name at once. Raises FileExistsError when the name is taken."""
    try:
        os.link(part, target)
    except FileExistsError:
        raise
    except OSError:  # a disk without links
        if target.exists():
            raise FileExistsError(str(target)) from None
        part.rename(target)


def _no_room(path: Path, folder: Path, size: int) -> MindError:
    need = f"{size / 2**20:,.0f} MB are needed in {folder}"
    return MindError(f"{path}: no room on the disk, {need}; make room, or name the file itself with --mind")


def _make(folder: Path) -> None:
    """Make the folder, and remove what processes left in it that were killed while they added."""
    if not folder.is_dir():
        with contextlib.suppress(FileExistsError):
            folder.mkdir(parents=True)
    if not folder.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(folder))
    for left in folder.glob(f".*{PART}"):
        number = left.name.removesuffix(PART).rpartition(".")[2]
        if number.isdigit() and not psutil.pid_exists(int(number)):
            left.unlink(missing_ok=True)
