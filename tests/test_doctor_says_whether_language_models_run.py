"""`sociarium doctor`: what llama.cpp was built for, whether a compiler is there, whether the bundled mind is whole."""

import hashlib
import os
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

import pytest

from app.doctor import bundled_mind
from tests.conftest import Sociarium

needs_llama = pytest.mark.skipif(
    find_spec("llama_cpp") is None and "CI" not in os.environ,
    reason="there was no C++ compiler to build llama.cpp with",
)


@needs_llama
def test_llama_cpp_says_what_it_was_built_for(sociarium: Sociarium) -> None:
    found = sociarium("doctor", "--json").report["llama.cpp"]
    assert found["found"].startswith("llama-cpp-python 0.3.36, built for ")
    assert "graphics card: " in found["found"]


@needs_llama
def test_a_library_that_does_not_load_costs_only_its_own_line(sociarium: Sociarium, tmp_path: Path) -> None:
    report = sociarium("doctor", "--json", env={"LLAMA_CPP_LIB_PATH": str(tmp_path)}).report
    assert report["llama.cpp"]["found"].startswith("cannot be used (the library does not load: ")
    assert "type `make llama`" in report["llama.cpp"]["mend"]
    assert report["Python"]["mend"] == ""


@needs_llama
@pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler")
def test_a_library_that_ends_its_process_costs_only_its_own_line(sociarium: Sociarium, tmp_path: Path) -> None:
    code = "__attribute__((constructor)) static void end(void) { __builtin_trap(); }"
    words = ["cc", "-shared", "-fPIC", "-x", "c", "-", "-o", str(tmp_path / "libllama.so")]
    subprocess.run(words, input=code, text=True, check=True)
    found = sociarium("doctor", "--json", env={"LLAMA_CPP_LIB_PATH": str(tmp_path)}).report["llama.cpp"]
    assert found["found"].startswith("cannot be used (it ended by a signal: ")


def test_a_compiler_that_is_not_there_is_named_with_its_mend(sociarium: Sociarium) -> None:
    found = sociarium("doctor", "--json", env={"CXX": "/no/compiler"}).report["C++ compiler"]
    assert found["found"] == "none"
    assert "sudo apt-get install g++" in found["mend"]


def test_the_bundled_mind_is_checked_against_its_sum(tmp_path: Path) -> None:
    gone = bundled_mind(tmp_path)
    assert gone.found.startswith("cannot be read") and "git checkout assets/minds" in gone.mend
    (tmp_path / "ember.gguf").write_bytes(b"GGUF and more")
    right = hashlib.sha256(b"GGUF and more").hexdigest()
    (tmp_path / "SHA256SUMS").write_text(f"{right}  ember.gguf\n", encoding="ascii")
    whole = bundled_mind(tmp_path)
    assert whole.mend == "" and whole.found.endswith("as it should be")
    (tmp_path / "ember.gguf").write_bytes(b"GGUF and less")
    damaged = bundled_mind(tmp_path)
    assert "not what SHA256SUMS says" in damaged.found and damaged.mend == gone.mend
