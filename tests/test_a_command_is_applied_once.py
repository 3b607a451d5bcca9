"""A command from a window is applied at the head of one tick, once, and recorded; also after a kill and a resume."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.record.reader import RunReader
from engine.remote.auth import BURST, RATE
from engine.remote.live import COMMANDS_WAITING
from engine.values import Command
from tests.hosts import Listener, hosted

NEWS = {"text": "The well is dry"}


def commands(run: Path) -> list[tuple[int, Command]]:
    """Return what persons commanded, with the tick."""
    with RunReader(run) as reader:
        records = list(reader.records(0, reader.last_tick or 0))
    return [(record.tick, command) for record in records for command in record.commands if command.by != "schedule"]


def test_the_same_id_is_applied_once_and_again_known_after_a_kill(tmp_path: Path) -> None:
    run = tmp_path / "run.sociarium"
    with hosted(run, paused=True) as (process, listener):
        listener.until_state("paused")
        for _ in range(3):
            listener.client.send({"id": "well", "do": "announce", "what": NEWS})
        assert listener.command("step", {"ticks": 3})["refusal"] == ""
        done = listener.until(lambda head: head["kind"] == "done" and head["id"] == "well").head
        listener.until_tick(3)
        answered = [message.head for message in listener.messages if message.head.get("id") == "well"]
        assert [(head["tick"], head["refusal"]) for head in answered] == [(1, "")] * 3
        assert listener.command("announce", NEWS, number="well")["tick"] == done["tick"] == 1
        os.kill(process.pid, signal.SIGKILL)
        assert listener.ended()
    with hosted(run, do="resume", paused=True) as (_, listener):
        listener.until_state("paused")
        again = listener.command("announce", NEWS, number="well")
        assert (again["tick"], again["refusal"]) == (1, "")
        listener.command("step", {"ticks": 2})
        listener.until_tick(5)
    assert commands(run) == [(1, Command("announce", NEWS, "person well"))]


def test_a_person_is_driven_and_released(tmp_path: Path) -> None:
    run = tmp_path / "run.sociarium"
    with hosted(run, paused=True) as (_, listener):
        listener.until_state("paused")
        choices = listener.client.ask("choices", agent=3).head["choices"]
        choice = next(choice for choice in choices if choice["action"] != "continue")
        what = {"agent": 3, "action": choice["action"], "arguments": choice["args"], "hold": True}
        listener.client.send({"id": "drive", "do": "drive", "what": what})
        listener.command("step")
        done = listener.until(lambda head: head.get("id") == "drive").head
        assert (done["tick"], done["refusal"]) == (1, "")
        assert listener.client.ask("person", agent=3).head["driven"]
        listener.client.send({"id": "release", "do": "release", "what": {"agent": 3}})
        listener.command("step")
        assert listener.until(lambda head: head.get("id") == "release").head["refusal"] == ""
        assert not listener.client.ask("person", agent=3).head["driven"]
    with RunReader(run) as reader:
        decisions = reader.record(1).decisions
        assert 3 in decisions.agent[decisions.source == 1]
    assert [(tick, command.do) for tick, command in commands(run)] == [(1, "drive"), (2, "release")]


def test_a_full_queue_refuses_the_next_command_in_one_line_and_loses_none(tmp_path: Path) -> None:
    run = tmp_path / "run.sociarium"
    with hosted(run, paused=True) as (_, listener):
        listener.until_state("paused")
        for n in range(COMMANDS_WAITING):
            listener.client.send({"id": f"queued-{n}", "do": "release", "what": {"agent": n % 60}})
            if n >= BURST * 0.75:
                time.sleep(1 / RATE)  # who sends faster is shown out
        refused = listener.command("release", {"agent": 3}, number="one too many")
        assert refused["refusal"] == "1,000 commands wait for the next tick already; let time go on"
        assert listener.command("step")["refusal"] == "", "the clock's own commands never wait"
        listener.until(lambda head: head.get("id") == f"queued-{COMMANDS_WAITING - 1}")
        answered = [message.head for message in listener.messages if str(message.head.get("id")).startswith("queued-")]
        assert [head["id"] for head in answered] == [f"queued-{n}" for n in range(COMMANDS_WAITING)]
        assert {head["tick"] for head in answered} == {1}
        assert listener.command("step")["refusal"] == ""
        listener.client.send({"id": "after", "do": "announce", "what": NEWS})
        listener.command("step", {"ticks": 2})
        assert listener.until(lambda head: head.get("id") == "after").head["refusal"] == "", "there is room again"
    given = [command.by for tick, command in commands(run) if tick == 1]
    assert given == [f"person queued-{n}" for n in range(COMMANDS_WAITING)]


@pytest.mark.parametrize(
    ("do", "what"),
    [
        ("fly", {}),
        ("drive", {}),
        ("drive", {"agent": 10**6, "action": "rest"}),
        ("drive", {"agent": 2**40, "action": "rest"}),
        ("drive", {"agent": 3, "action": "fly"}),
        ("drive", {"agent": 3, "action": "goto", "arguments": ["nowhere"]}),
        ("drive", {"agent": 3, "action": "goto", "arguments": [2**31 - 1]}),
        ("drive", {"agent": 3, "action": "goto", "arguments": 7}),
        ("drive", {"agent": True, "action": ["rest"]}),
        ("announce", {"text": "x" * 5000}),
        ("announce", {"text": {"a": {"b": 1}}}),
        ("add_people", {"people": 0}),
        ("add_people", {"people": 90_000}),
        ("add_people", {"people": 2, "role": "dragon"}),
        ("add_people", {"people": 2, "place": "nowhere"}),
        ("set", {"path": "modules.drives.hunger", "value": "much"}),
        ("set", {"path": "seed", "value": 3}),
        ("step", {"ticks": -1}),
        ("speed", {"ticks_per_s": -1}),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence_and_the_society_lives(
    standing: Listener, do: str, what: dict[str, object]
) -> None:
    number = f"{do}-{sorted(what.items())}"[:64]
    after = len(standing.messages)
    standing.client.send({"id": number, "do": do, "what": what})
    standing.command("step")
    done = standing.until(lambda head: head["kind"] == "done" and head["id"] == number, after).head
    assert done["refusal"]
    assert "\n" not in done["refusal"]
    assert standing.client.ask("status").head["status"]["state"] == "paused"


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Listener]:
    run = tmp_path_factory.mktemp("standing") / "run.sociarium"
    with hosted(run, paused=True) as (_, listener):
        listener.until_state("paused")
        yield listener
        listener.until_tick(19)  # the last refusal may come before the tick of its step
    with RunReader(run) as reader:
        assert reader.finished
        assert reader.people(19) == 60
