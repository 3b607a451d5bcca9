"""Watching, asking, pausing, stepping and speeds leave no trace: the states are those of a run that nobody watched."""

import threading
import time
from pathlib import Path

from engine.errors import SociariumError
from engine.record.reader import RunReader
from engine.remote.client import Client
from tests.hamlet import founded, hamlet, hashes
from tests.hosts import Listener, hosted

TICKS = 90


def ask_about_everything(client: Client, ended: threading.Event, answered: list[str]) -> None:
    """Ask one question after the other until it is over."""
    agent = 0
    while not ended.is_set():
        agent = (agent + 7) % 60
        questions: list[tuple[str, dict[str, object]]] = [
            ("about", {}), ("names", {}), ("frame", {}), ("frame", {"tick": 1}), ("person", {"agent": agent}),
            ("choices", {"agent": agent}), ("ties", {"agent": agent}), ("events", {"limit": 20}), ("measures", {}),
            ("person", {"agent": agent, "tick": 1}), ("decisions", {"agent": agent}), ("density", {"buckets": 10}),
        ]  # fmt: skip
        for question, parameters in questions:
            try:
                client.ask(question, **parameters)
                answered.append(question)
            except SociariumError:
                pass  # somebody who left, or the host that ended


def test_the_states_are_those_of_a_run_that_nobody_watched(tmp_path: Path) -> None:
    run, ended, answered = tmp_path / "run.sociarium", threading.Event(), list[str]()
    with hosted(run, ticks=TICKS, paused=True, speed=100) as (_, listener):
        listener.until_state("paused")
        asker = threading.Thread(target=ask_about_everything, args=(listener.client, ended, answered))
        asker.start()
        for ticks in (1, 4):
            listener.command("step", {"ticks": ticks})
        listener.until_tick(5)
        assert listener.client.ask("status").head["status"]["state"] == "paused"
        listener.command("speed", {"ticks_per_s": 60})
        listener.command("go")
        listener.until_tick(30)
        stood = listener.command("pause")["tick"]
        assert listener.client.ask("status").head["status"]["tick"] - stood <= 1
        listener.command("speed", {"ticks_per_s": 0})
        listener.command("go")
        listener.until_state("ended")
        last = listener.until_tick(TICKS).head["tick"]
        ended.set()
        asker.join()
        assert last == TICKS
    assert len(set(answered)) == 10
    unwatched = founded(hamlet())
    known = [unwatched.society.world.state_hash().hex(), *hashes(unwatched, TICKS)]
    with RunReader(run) as reader:
        assert reader.finished
        assert [reader.state_hash(tick).hex() for tick in range(TICKS + 1)] == known
        assert {command.by for tick in range(TICKS + 1) for command in reader.record(tick).commands} == {"schedule"}


def test_a_society_goes_on_beyond_its_last_tick_when_asked_to(tmp_path: Path) -> None:
    with hosted(tmp_path / "run.sociarium", ticks=5) as (_, listener):
        ended = listener.until_state("ended").head["status"]
        assert (ended["tick"], ended["last"]) == (5, 5)
        listener.command("step", {"ticks": 2})
        assert listener.until_tick(7).head["tick"] == 7
        listener.command("go")
        listener.until_tick(12)


def test_who_is_slow_gets_the_newest_frame_and_no_other(tmp_path: Path) -> None:
    with hosted(tmp_path / "run.sociarium", ticks=100_000, speed=200) as (process, prompt):
        slow = Listener(Client(prompt.client.address, process.token), False)
        first = slow.until(lambda head: head["kind"] == "frame").head["tick"]
        reached = slow.until(lambda head: head["kind"] == "status" and head["status"]["tick"] > first + 100)
        assert slow.frames() == [first]
        slow.seen(first)
        second = slow.until(lambda head: head["kind"] == "frame" and head["tick"] > first).head
        assert second["tick"] >= reached.head["status"]["tick"]
        assert len(second["said"]) <= 64
        assert len(second["measures"]) >= 5  # none is lost on the way: one is taken every 20 ticks
        slow.close()
        begun, before = time.monotonic(), len(prompt.frames())
        prompt.until_tick(prompt.frames()[-1] + 400)
        assert 10 < len(prompt.frames()) - before <= 60 * (time.monotonic() - begun) + 2


def test_a_society_that_cannot_be_opened_says_why(tmp_path: Path) -> None:
    with hosted(tmp_path / "run.sociarium", set=["population.count=-3"]) as (_, listener):
        assert listener.ended()
        assert "population.count" in str(listener.error)
    assert not list(tmp_path.glob("*.sociarium*"))
    with hosted(tmp_path / "none.sociarium", do="read") as (_, listener):
        assert listener.ended()
        assert "none.sociarium" in str(listener.error)
