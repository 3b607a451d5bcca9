"""packaging/set-up.sh on a machine that lacks a fitting Python, a compiler, a network: one line that says so."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TOOLS = ("awk", "cat", "cksum", "cut", "dirname", "grep", "id", "mkdir", "rm", "sed", "sh", "sleep", "tail", "tr")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder with what the set-up reads, and `bin`, the whole PATH of the poor machine."""
    (tmp_path / "packaging").mkdir()
    for name in (
        "requirements.lock",
        "pyproject.toml",
        "packaging/set-up.sh",
        "packaging/llama.sh",
        "packaging/llama.cmake",
    ):
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "bin").mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found, tool
        (tmp_path / "bin" / tool).symlink_to(found)
    return tmp_path


@pytest.fixture
def installed(clone: Path) -> Path:
    """The clone with all packages but llama.cpp; its uv writes down its words, and does what `.venv/uv-does` says."""
    (clone / ".venv" / "bin").mkdir(parents=True)
    write_program(clone / ".venv" / "bin" / "python", 'case "$*" in *sysconfig*) echo "$PWD/.venv/site" ;; esac')
    write_program(
        clone / ".venv" / "bin" / "uv", 'printf "%s\\n" "$CMAKE_ARGS" "$@" >.venv/uv-was-told; . .venv/uv-does'
    )
    stamp = in_script(clone, "here=$(pwd -P); wanted_stamp")
    (clone / ".venv" / "set-up.stamp").write_text(stamp, encoding="utf-8")
    (clone / ".venv" / "uv-does").write_text("", encoding="utf-8")
    return clone


def set_up(clone: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the set-up there with an empty home."""
    settings = {"PATH": str(clone / "bin"), "HOME": str(clone / "home"), **environment}
    script = str(clone / "packaging" / "set-up.sh")
    return subprocess.run(["sh", script, *words], env=settings, capture_output=True, text=True, timeout=60, check=False)


def in_script(clone: Path, command: str) -> str:
    """Return what a command says that may use the functions of the set-up."""
    functions = r"awk '/^[a-z_]+\(\) /{ inside = 1 } inside; /}$/ && /^([a-z_]+\(\) |})/{ inside = 0 }' packaging/*.sh"
    whole = f'eval "$({functions})"; {command}'
    said = subprocess.run(
        ["sh", "-euc", whole], cwd=clone, env={"PATH": str(clone / "bin")}, capture_output=True, text=True, check=True
    )
    return said.stdout


def key_on(clone: Path, cpuinfo: str, args: str = "") -> str:
    """Return the key of a build of llama.cpp on a machine with that /proc/cpuinfo."""
    (clone / "cpuinfo").write_text(cpuinfo, encoding="utf-8")
    script = clone / "packaging" / "llama.sh"
    before = script.read_text(encoding="utf-8")
    script.write_text(before.replace("/proc/cpuinfo", "cpuinfo"), encoding="utf-8")
    key = in_script(clone, f"llama_args='{args}'; llama_key")
    script.write_text(before, encoding="utf-8")
    return key.strip()


def write_program(path: Path, script: str) -> None:
    """Put a stand-in for a program there."""
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)


def write_python(clone: Path, name: str, script: str) -> None:
    """Put a stand-in for an interpreter into the PATH."""
    write_program(clone / "bin" / name, script)


def was_told(clone: Path) -> str:
    """Return what uv was told since the last time, "" when it was not called."""
    path = clone / ".venv" / "uv-was-told"
    said = path.read_text(encoding="utf-8") if path.exists() else ""
    path.unlink(missing_ok=True)
    return said


def test_no_python_at_all(clone: Path) -> None:
    ended = set_up(clone)
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert ended.stderr.count("\n") == 1
    assert "Python 3.11 or 3.12 is needed and none is in PATH; type: " in ended.stderr
    assert not (clone / ".set-up-busy").exists()
    assert not (clone / ".venv").exists()


def test_a_python_that_is_too_old_or_broken_is_passed_over(clone: Path) -> None:
    write_python(clone, "python3.11", "exit 127")
    write_python(clone, "python3", "exit 1")
    ended = set_up(clone)
    assert "none is in PATH" in ended.stderr


def test_a_python_that_was_named_and_does_not_fit_is_named_in_the_line(clone: Path) -> None:
    ended = set_up(clone, PYTHON="/bin/false")
    assert ended.returncode == 1
    assert "PYTHON=/bin/false is not Python 3.11 or 3.12" in ended.stderr


def test_a_ready_environment_is_left_alone(installed: Path) -> None:
    key = in_script(installed, "llama_args=; llama_key").strip()
    (installed / ".venv" / "llama.state").write_text(f"built {key}\n", encoding="utf-8")
    ended = set_up(installed)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
    (installed / ".venv" / "bin" / "python").unlink()
    (installed / "requirements.lock").write_text("changed\n", encoding="utf-8")
    assert set_up(installed).returncode == 1


def test_without_a_compiler_all_else_is_set_up_and_one_line_says_so(installed: Path) -> None:
    ended = set_up(installed)
    assert (ended.returncode, ended.stderr) == (0, "")
    said, ready = ended.stdout.splitlines()
    assert said.startswith(
        "set-up: there is no C++ compiler, so there is no llama.cpp, and no mind by language model; "
    )
    assert "To have it: " in said and said.endswith(", then make")
    assert ready == "set-up: ready"
    assert was_told(installed) == ""
    assert set_up(installed).stdout == ""  # not said at each make


def test_a_compiler_that_comes_later_is_used_at_the_next_make(installed: Path) -> None:
    set_up(installed)
    write_program(installed / "bin" / "c++", "echo a compiler 1.0")
    (installed / ".venv" / "uv-does").write_text(
        "echo '   Building llama-cpp-python==0.3.36'; for i in 1 20 21 40 83; do echo \"DEBUG [$i/83] c++\"; done"
    )
    ended = set_up(installed)
    assert (ended.returncode, ended.stderr) == (0, "")
    first, *progress, last = ended.stdout.splitlines()
    assert first.startswith("set-up: compiling llama.cpp for this processor, once: ")
    assert [line.strip() for line in progress] == ["compiled 20 %", "compiled 40 %", "compiled 100 %"]
    assert last == "set-up: ready"
    told = was_told(installed)
    assert "--require-hashes" in told and "--no-build-isolation" in told
    assert set_up(installed).stdout == "" and was_told(installed) == ""


def test_a_build_that_fails_says_why_and_where_its_log_is_and_is_not_tried_again_by_itself(installed: Path) -> None:
    write_program(installed / "bin" / "c++", "echo a compiler 1.0")
    (installed / ".venv" / "uv-does").write_text(
        "echo '   Building llama-cpp-python==0.3.36'; echo 'DEBUG [3/83] c++ -Werror=odr x.c'\n"
        "echo 'DEBUG x.c:1: fatal error: stdio.h: No such file'; exit 1"
    )
    ended = set_up(installed)
    assert (ended.returncode, ended.stderr) == (0, "")
    start, said, _ = ended.stdout.splitlines()
    assert "compiling llama.cpp" in start
    assert "llama.cpp cannot be compiled" in said and "x.c:1: fatal error: stdio.h: No such file" in said
    assert "type: make llama (whole log: .venv/llama.log)" in said
    assert "-Werror=odr" in (installed / ".venv" / "llama.log").read_text(encoding="utf-8")
    was_told(installed)
    assert set_up(installed).stdout == "" and was_told(installed) == ""
    (installed / ".venv" / "uv-does").write_text("")
    assert set_up(installed, "llama").stdout == "set-up: ready\n"  # the user may ask for it
    write_program(installed / "bin" / "c++", "echo a compiler 2.0")
    assert set_up(installed).stdout == ""  # and what is there is not built again by another compiler


def test_memory_that_runs_out_while_compiling_is_named_with_its_mend(installed: Path) -> None:
    write_program(installed / "bin" / "c++", "echo a compiler 1.0")
    (installed / ".venv" / "uv-does").write_text("echo 'DEBUG c++: fatal error: Killed signal terminated'; exit 1")
    assert "memory ran out; type: CMAKE_BUILD_PARALLEL_LEVEL=1 make llama" in set_up(installed).stdout


def test_a_library_that_does_not_load_is_none(installed: Path) -> None:
    write_program(installed / "bin" / "c++", "echo a compiler 1.0")
    python = installed / ".venv" / "bin" / "python"
    write_program(
        python, 'case "$*" in *llama_cpp*) echo "OSError: no libgomp" >&2; exit 1 ;; *) echo "$PWD/.venv/x" ;; esac'
    )
    assert "llama.cpp does not load" in (said := set_up(installed).stdout) and "OSError: no libgomp" in said


def test_without_a_network_the_next_make_tries_to_fetch_it_again(installed: Path) -> None:
    write_program(installed / "bin" / "c++", "echo a compiler 1.0")
    (installed / ".venv" / "uv-does").write_text("echo 'error: Request failed: dns error'; exit 2")
    for _ in range(2):
        ended = set_up(installed)
        assert (ended.returncode, ended.stderr) == (0, "")
        assert "llama-cpp-python cannot be fetched" in ended.stdout and "Check the network" in ended.stdout


def test_an_interrupted_build_leaves_no_half_of_it(installed: Path) -> None:
    write_program(installed / "bin" / "c++", "echo a compiler 1.0")
    for name in ("llama_cpp", "llama_cpp_python-0.3.36.dist-info"):
        (installed / ".venv" / "site" / name).mkdir(parents=True)
    (installed / ".venv" / "uv-does").write_text("ls .venv/site >.venv/was-there 2>&1")
    (installed / "bin" / "ls").symlink_to(shutil.which("ls") or "")
    set_up(installed)
    assert (installed / ".venv" / "was-there").read_text(encoding="utf-8") == ""


def test_a_build_is_for_one_processor_and_another_one_takes_another(installed: Path) -> None:
    zen = "processor : 0\nflags\t\t: fpu sse4_2 avx avx2 fma avx512f\n\nprocessor : 1\nflags : fpu\n"
    assert key_on(installed, zen) == key_on(installed, zen)
    assert key_on(installed, zen) == key_on(installed, zen.replace("fpu", "fpu a_new_word_of_the_kernel"))
    assert key_on(installed, zen) != key_on(installed, zen.replace(" avx512f", ""))
    assert key_on(installed, zen) != key_on(installed, zen, "-DGGML_CUDA=on")
    arm = "processor : 0\nFeatures : fp asimd asimddp\n"
    assert key_on(installed, arm) != key_on(installed, arm.replace(" asimddp", ""))
    write_program(installed / "bin" / "c++", "echo a compiler 1.0")
    key = in_script(installed, "llama_args=; llama_key").strip()
    (installed / ".venv" / "llama.state").write_text("built 1-for-another-processor\n", encoding="utf-8")
    assert set_up(installed).stdout == "set-up: ready\n"
    assert f"cmake.define.SOCIARIUM_KEY={key}\n" in was_told(installed)  # uv's cache knows the wheel by it
    assert (installed / ".venv" / "llama.state").read_text(encoding="utf-8") == f"built {key}\n"


def test_options_of_the_build_are_kept_until_others_are_given(installed: Path) -> None:
    write_program(installed / "bin" / "c++", "echo a compiler 1.0")
    set_up(installed, CMAKE_ARGS="-DGGML_CUDA=on")
    assert re.search(r"-DLLAVA_BUILD=OFF .* -DGGML_CUDA=on$", was_told(installed), re.MULTILINE)
    assert set_up(installed).stdout == ""  # a plain make leaves it there
    assert set_up(installed, CMAKE_ARGS="").stdout == "set-up: ready\n"
    assert "GGML_CUDA" not in was_told(installed)
