"""Where models with a name lie: the bundled ones, and those on the user's shelf. Imports nothing that runs them."""

from __future__ import annotations

from pathlib import Path

from app.home import home

SUFFIX = ".gguf"
BUNDLED = Path(__file__).parent.parent / "assets" / "minds"


def shelf() -> Path:
    """Return the folder of models that the user added."""
    return home() / "minds"


def known_minds() -> dict[str, Path]:
    """Return the models that have a name: the bundled ones, and those on the shelf."""
    found = {path.stem: path for folder in (shelf(), BUNDLED) for path in sorted(folder.glob(f"*{SUFFIX}"))}
    return dict(sorted(found.items()))
