"""A child of a model's pool may do whatever it likes: each request has one answer or one failure, and work goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from cognition.language.llama.pool import LlamaPool
from cognition.language.model import Answer, Cause, Way, Writing
from engine.errors import MindError
from tests.hamlet import SOAK
from tests.resident import children
from tests.situations import situation
from tests.tiny_models import write_model

FAKE = Path(__file__).with_name("fake_mind.py")
TIMES = 100 if SOAK else 5
PATIENCE = 60.0
HANG = 0.4

pytestmark = pytest.mark.soak
Pools = Callable[..., LlamaPool]


@pytest.fixture
def pools(tmp_path: Path) -> Iterator[Pools]:
    """Make pools, and see that nothing is left of them."""
    made: list[LlamaPool] = []
    threads = threading.active_count()

    def make(mode: str = "", times: int = TIMES, path: Path | None = None, **more: object) -> LlamaPool:
        file = path or tmp_path / "model.gguf"
        if mode:
            file.touch()
            more["command"] = (sys.executable, str(FAKE), mode, str(times), str(tmp_path / "count"))
        made.append(LlamaPool(file, **{"children": 1, "hang_after": HANG if mode else 30.0, **more}))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for pool in made:
        pool.close()
    assert not children()
    assert threading.active_count() == threads


def gathered(pool: LlamaPool, count: int) -> list[Answer]:
    """Return that many answers, whatever they are."""
    found: list[Answer] = []
    until = time.monotonic() + PATIENCE
    while len(found) < count and time.monotonic() < until:
        found += pool.answers(1.0)
    return sorted(found, key=lambda answer: answer.number)


BROKEN = {
    "hangs": Cause.DIED,
    "dies": Cause.DIED,
    "crashes": Cause.DIED,
    "stops in the middle of an answer": Cause.DIED,
    "dies in the middle of an answer": Cause.NONSENSE,
    "says garbage": Cause.NONSENSE,
    "prints among its answers": Cause.NONSENSE,
    "says broken JSON": Cause.NONSENSE,
    "says what is too long": Cause.NONSENSE,
    "answers with what is no option": Cause.NONSENSE,
    "answers with what are no probabilities": Cause.NONSENSE,
    "answers another's": None,
    "answers twice": None,
}


@pytest.mark.parametrize(("mode", "cause"), BROKEN.items())
def test_each_request_is_answered_once_and_work_goes_on(pools: Pools, mode: str, cause: Cause | None) -> None:
    pool = pools(mode)
    for turn in range(2 * TIMES + 1):
        numbers = range(4 * turn, 4 * turn + 4)
        pool.ask([situation(number, Way.MARK) for number in numbers])
        found = gathered(pool, 4)
        assert [answer.number for answer in found] == list(numbers)
        causes = {answer.failure.cause for answer in found if answer.failure is not None}
        assert causes <= {cause}
        assert bool(causes) == (cause is not None and turn % 2 == 0 and turn < 2 * TIMES)
        assert all(answer.option == 0 for answer in found if answer.failure is None)
    usage = pool.usage()
    assert usage.asked == usage.answered == 4 * (2 * TIMES + 1) and usage.waiting == 0
    failed = dict(usage.failures)
    assert set(failed) <= {cause} and (cause is None or 0 < failed[cause] <= 4 * TIMES)
    assert bool(usage.fault) == (cause is not None)


def test_an_answer_that_comes_too_late_is_dropped(pools: Pools) -> None:
    pool = pools("answers too late", hang_after=PATIENCE)
    for turn in range(TIMES + 1):
        numbers = range(4)  # the same again: a late answer must not be taken for a new one's
        pool.ask([situation(number, Way.MARK, options=3 + turn % 5) for number in numbers])
        if turn < TIMES:
            assert pool.answers(0.05) == []
            pool.forget(list(numbers))
            assert pool.usage().waiting == 0
        else:
            assert [answer.failure for answer in gathered(pool, 4)] == [None] * 4
    assert pool.usage().answered == 4


def test_a_child_that_hangs_over_what_was_forgotten_is_replaced(pools: Pools) -> None:
    pool = pools("hangs", 1)
    pool.ask([situation(1, Way.MARK)])
    pool.forget([1])
    pool.ask([situation(2, Way.MARK), situation(3, Way.MARK)])
    assert {answer.failure.cause for answer in gathered(pool, 2) if answer.failure} == {Cause.DIED}
    pool.ask([situation(4, Way.MARK)])
    assert [(answer.number, answer.option) for answer in gathered(pool, 1)] == [(4, 0)]
    assert pool.usage().restarts == 1


def test_a_child_that_always_dies_is_started_again_each_time(pools: Pools, tmp_path: Path) -> None:
    pool = pools("crashes", 1000)
    for number in range(TIMES):
        (tmp_path / "count").unlink(missing_ok=True)  # it never comes to its senses
        pool.ask([situation(number, Way.MARK)])
        (answer,) = gathered(pool, 1)
        assert answer.failure is not None and answer.failure.cause is Cause.DIED
    assert TIMES - 1 <= pool.usage().restarts <= TIMES


def test_a_child_that_never_gets_ready_is_an_error_at_once(pools: Pools) -> None:
    with pytest.raises(MindError, match=r"model\.gguf"):
        pools("dies before it is ready", 1)


def test_a_child_that_reads_nothing_holds_nobody_up(pools: Pools, tmp_path: Path) -> None:
    pool = pools("hangs", 10_000)
    many = [situation(number, Way.MARK, own=4000) for number in range(300)]
    pool.ask(many)  # far more than a pipe holds
    assert all(answer.failure is not None for answer in gathered(pool, 300))
    pool.close()
    with pytest.raises(MindError):
        pool.ask(many[:1])


def test_a_killed_child_costs_its_requests_alone(pools: Pools, tmp_path: Path) -> None:
    pool = pools(path=write_model(tmp_path / "tiny.gguf"), children=2)
    for turn in range(TIMES):
        pool.ask([situation(16 * turn + i, Way.MARK, then=Writing(" Say:", 40)) for i in range(16)])
        os.kill(pool.processes[turn % len(pool.processes)], signal.SIGKILL)
        found = gathered(pool, 16)
        assert len(found) == 16
        assert {answer.failure.cause for answer in found if answer.failure} <= {Cause.DIED}
    pool.ask([situation(16 * TIMES + i, Way.MARK) for i in range(8)])
    assert all(answer.failure is None for answer in gathered(pool, 8))
    assert pool.usage().restarts == TIMES


def test_children_end_with_the_host(tmp_path: Path) -> None:
    model = write_model(tmp_path / "tiny.gguf")
    host = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, time; from pathlib import Path; from cognition.language.llama.pool import LlamaPool\n"
            "pool = LlamaPool(Path(sys.argv[1]), children=2); print(*pool.processes, flush=True); time.sleep(3600)",
            str(model),
        ],
        stdout=subprocess.PIPE,
    )
    assert host.stdout is not None
    children = [psutil.Process(int(word)) for word in host.stdout.readline().split()]
    assert len(children) == 2
    host.kill()
    host.wait()
    host.stdout.close()
    gone, alive = psutil.wait_procs(children, timeout=PATIENCE)
    assert not alive and len(gone) == 2


def test_the_same_asks_are_answered_alike_by_two_pools(pools: Pools, tmp_path: Path) -> None:
    path = write_model(tmp_path / "tiny.gguf")
    line = Writing(" You say:", 8)
    runs = []
    for _ in range(2):
        pool = pools(path=path, children=2)
        found = []
        for size in (1, 5, 16, 3):
            pool.ask([situation(100 * size + i, list(Way)[i % 3], then=line) for i in range(size)])
            found += gathered(pool, size)
        runs.append([(a.number, a.option, a.probabilities, a.words, a.counts, a.failure) for a in found])
        pool.close()
    assert runs[0] == runs[1]


def test_requests_that_come_while_others_run_join_them_when_it_is_live(pools: Pools, tmp_path: Path) -> None:
    pool = pools(path=write_model(tmp_path / "tiny.gguf"), lockstep=False)
    pool.ask([situation(1, Way.MARK, then=Writing(" You say:", 900, stops=(), grammar="root ::= [a-z ]+"))])
    pool.ask([situation(2, Way.MARK)])
    assert [answer.number for answer in gathered(pool, 2)] == [1, 2]
    assert pool.usage().answered == 2


def test_the_host_loads_no_native_library(tmp_path: Path) -> None:
    said = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; import cognition.language.llama.pool\n"
            "print(*(name in sys.modules for name in ('llama_cpp', 'numba')))",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.split() == ["False", "False"]
