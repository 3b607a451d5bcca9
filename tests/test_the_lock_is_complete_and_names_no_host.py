"""requirements.lock: every direct dependency is pinned, everything has hashes, and nothing says where it comes from."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PINNED = dict(re.findall(r"^([a-z0-9-]+)==(\S+)", LOCK, re.MULTILINE))


def name_of(requirement: str) -> str:
    """The normalised name of a requirement."""
    return re.sub(r"[-_.]+", "-", re.split(r"[<>=!\[ ;]", requirement)[0]).lower()


def test_no_host_is_named() -> None:
    assert "://" not in LOCK
    assert "--index-url" not in LOCK
    assert "--find-links" not in LOCK


def test_every_pin_has_hashes() -> None:
    blocks = re.split(r"^(?=[a-z0-9])", LOCK, flags=re.MULTILINE)[1:]
    assert len(blocks) == len(PINNED)
    assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block] == []


def test_every_dependency_that_make_installs_is_pinned() -> None:
    extras = PROJECT["optional-dependencies"]
    wanted = PROJECT["dependencies"] + extras["llm"] + extras["frames"] + extras["bench"] + extras["dev"]
    assert {name_of(requirement) for requirement in wanted} <= PINNED.keys()


def test_what_is_compiled_has_files_for_all_machines() -> None:
    counts = {
        block.split("==")[0]: block.count("--hash=") for block in re.split(r"^(?=[a-z0-9])", LOCK, flags=re.M)[1:]
    }
    assert {
        name: counts[name] for name in ("cmake", "kiwisolver", "ninja", "numpy", "tokenizers") if counts[name] < 5
    } == {}
    assert counts["llama-cpp-python"] == 1  # its source, which is built here


def test_what_would_only_download_models_is_left_out() -> None:
    assert not {"huggingface-hub", "requests", "torch"} & PINNED.keys()


def test_the_numpy_of_mesa_frames_does_not_win() -> None:
    assert PINNED["numpy"].startswith("2.4.")
