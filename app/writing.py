"""Writing a file that a user wants to keep: whole or not at all, and one sentence says how it went."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QCoreApplication


def write_whole(path: Path, data: bytes) -> str:
    """Write a file, whole or not at all; return one sentence when the disk refuses, else ""."""
    fresh = ""
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            fresh = file.name
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(fresh, 0o644)
        os.replace(fresh, path)
    except OSError as error:
        if fresh:
            with suppress(OSError):
                os.unlink(fresh)
        words = QCoreApplication.translate("exports", "{0} could not be written ({1}). Choose another folder.")
        return words.format(path, error.strerror or error)
    return ""
