"""What was compiled on an earlier day is read from the disk ahead, and not in the tick that needs it first."""

import subprocess
import sys

PROGRAM = """
from tests.hamlet import founded, hamlet
from engine.kernels import loading
from numba.core.dispatcher import Dispatcher
import sys

def read() -> int:
    rooms = [vars(m) for n, m in sys.modules.items() if n.split(".")[0] in ("engine", "cognition")]
    kernels = {id(thing): thing for room in rooms for thing in room.values() if isinstance(thing, Dispatcher)}
    return sum(sum(kernel.stats.cache_hits.values()) for kernel in kernels.values())

laboratory = founded(hamlet())
ahead = 0 if "--not" in sys.argv else sum(1 for _ in loading())
before = read()
for _ in range(30):
    laboratory.runner.tick()
print(ahead, read() - before)
"""


def test_no_tick_reads_a_kernel_from_the_disk_that_was_loaded_ahead() -> None:
    def run(*words: str) -> tuple[int, int]:
        done = subprocess.run([sys.executable, "-c", PROGRAM, *words], capture_output=True, text=True, check=True)
        ahead, later = done.stdout.split()
        return int(ahead), int(later)

    run()  # whatever was never compiled is compiled now
    assert run("--not")[1] > 20
    ahead, later = run()
    assert ahead > 50 and later == 0
