"""Why somebody does what they do: seen as it happens while time runs, or replayed from the file, it is the same."""

from __future__ import annotations

from pathlib import Path

from tests.hosts import hosted

TOLD = ("perceived", "choices", "decision")


def test_seen_and_replayed_are_the_same(tmp_path: Path) -> None:
    with hosted(tmp_path / "run.sociarium", speed=30, ticks=100_000) as (_, listener):
        listener.until_tick(3)
        seen = [listener.client.ask("person", agent=agent).head for agent in range(0, 60, 6)]
        listener.command("pause")
        for told in seen:
            replayed = listener.client.ask("person", agent=told["agent"], tick=told["tick"]).head
            assert [told[name] for name in TOLD] == [replayed[name] for name in TOLD]
            assert told["decision"]["tick"] == told["tick"], "it was seen in the very tick that is told of"
            scores = [choice["score"] for choice in told["choices"]]
            assert scores == sorted(scores, reverse=True) and told["choices"][0]["chosen"]
        assert len({told["tick"] for told in seen}) > 1
