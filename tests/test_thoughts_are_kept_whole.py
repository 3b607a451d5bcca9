"""What language models thought comes back from a run file as it was noted: prompts byte for byte, choices, words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import apsw
import numpy as np
import pytest

from engine.errors import RunFileError
from engine.record import texts, thoughts
from engine.record.reader import RunReader
from engine.record.thoughts import ThoughtPacker
from engine.record.writer import RunWriter
from engine.values import Source, Thought, ThoughtChoice, ThoughtPart
from tests.record_samples import ANY_SPACE, HEADER, SHARED, samples
from tests.record_samples import thoughts as sample

TICKS = 60


def kept(path: Path, noted: Sequence[Sequence[Thought]]) -> RunReader:
    """Write a run that notes these thoughts, a list for each tick; return its reader."""
    with RunWriter.create(path, HEADER, ANY_SPACE) as writer:
        for record, some in zip(samples(len(noted)), noted, strict=True):
            writer.note(some)
            writer.commit(record)
    return RunReader(path)


@pytest.fixture(scope="module")
def noted() -> list[list[Thought]]:
    return [sample(record) for record in samples(TICKS)]


@pytest.mark.parametrize("known", [1 << 15, 64, 0])
@pytest.mark.parametrize("dictionary", [1 << 16, 1000])
def test_every_thought_comes_back(
    known: int, dictionary: int, noted: list[list[Thought]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thoughts, "KEPT", known)
    monkeypatch.setattr(texts, "DICTIONARY", dictionary)
    monkeypatch.setattr(texts, "FOLLOWING", 3)
    with kept(tmp_path / "a.sociarium", noted) as reader:
        for tick in np.random.default_rng(1).permutation(TICKS).tolist():
            assert reader.thoughts(tick) == noted[tick]
            for thought in noted[tick]:
                found = reader.thought(tick, thought.agent)
                assert found is not None and found == thought and found.sent.encode() == sent(thought)


def sent(thought: Thought) -> bytes:
    return b"".join(part.text.encode() for part in thought.parts if not part.dropped)


def test_shared_parts_are_written_once(noted: list[list[Thought]], tmp_path: Path) -> None:
    shared = SHARED + "Nobody else knows this. " * 400 + str(np.random.default_rng(1).bytes(9_000))
    longer = [
        [
            replace(one, parts=tuple(replace(p, text=shared) if p.text == SHARED else p for p in one.parts))
            for one in some
        ]
        for some in noted
    ]
    with kept(tmp_path / "a.sociarium", noted) as reader, kept(tmp_path / "b.sociarium", longer) as other:
        assert other.thoughts(TICKS - 2) == longer[TICKS - 2]
        once = other.thinking.size() - reader.thinking.size()
    assert 9_000 < once < 3 * len(shared)


def test_texts_of_all_kinds_come_back(tmp_path: Path) -> None:
    moments = (
        "",
        "\n",
        "\n\n. . .",
        "no end",
        "3.14 is. pi\n ",
        "a. b.c\n\nd. ",
        "<|im_end|>",
        "多谢。\0",
        ". " * 2000,
    )
    parts = tuple(ThoughtPart(text, share, option=-1) for text in moments for share in range(4))
    thought = Thought(3, 0, 0, "a model", parts, words="x" * 100_000, thinking="y\n" * 9, why="é")
    with kept(tmp_path / "a.sociarium", [[thought], [replace(thought, landed=1)]]) as reader:
        assert reader.thought(0, 3) == thought and reader.thought(1, 3) == replace(thought, landed=1)


def test_choices_come_back_however_they_were_listed(tmp_path: Path) -> None:
    first, second, third = (ThoughtChoice(k, (k, -1, 2**31 - 1, -(2**31)), 0.25) for k in range(3))
    listed = ThoughtPart("- first\n", option=0)
    cases = {
        "in one part": (ThoughtPart("all of them"),),
        "one of them": (ThoughtPart("- third\n", option=2),),
        "backwards": tuple(ThoughtPart(f"{k}", option=k) for k in (2, 1, 0)),
        "twice": (listed, listed, ThoughtPart("- second\n", option=1)),
        "more than there are": (listed, ThoughtPart("- ninth\n", option=8)),
        "alike": (replace(listed, option=1), listed),
        "one dropped": (listed, ThoughtPart("- second\n", option=1, dropped=True)),
        "with letters": tuple(ThoughtPart(f"{letter}. go. or stay\n", option=k) for k, letter in enumerate("ABC")),
    }
    noted = [
        Thought(agent, 0, 0, "m", parts, (first, second, replace(third, probability=None)), 2)
        for agent, parts in enumerate(cases.values())
    ]
    with kept(tmp_path / "a.sociarium", [noted]) as reader:
        for thought, case in zip(noted, cases, strict=True):
            assert reader.thought(0, thought.agent) == thought, case


def test_probabilities_keep_three_digits(tmp_path: Path) -> None:
    chances = (1.0, 0.3333333, 0.0123456, 0.0001234, 0.0)
    thought = Thought(1, 0, 0, "m", (), tuple(ThoughtChoice(1, (0, 0, 0, 0), chance) for chance in chances))
    with kept(tmp_path / "a.sociarium", [[thought]]) as reader:
        found = reader.thoughts(0)[0].choices
    assert [choice.probability for choice in found] == pytest.approx(chances, rel=5e-4, abs=1e-7)


def test_the_last_thought_of_an_agent_is_found(noted: list[list[Thought]], tmp_path: Path) -> None:
    with kept(tmp_path / "a.sociarium", noted) as reader:
        for agent in (*range(0, 30, 3), 900, 12_345):
            for tick in range(0, TICKS, 7):
                mine = [one for some in noted[: tick + 1] for one in some if one.agent == agent]
                assert reader.last_thought(agent, tick) == (mine[-1] if mine else None), (agent, tick)
        words = reader.thinking.last_words(range(30), TICKS - 1)
    spoke = {one.agent: one for some in noted for one in some if one.agent < 30 and one.words}
    assert words == spoke and len(spoke) > 5


def test_what_models_took_is_counted_also_when_a_run_goes_on(noted: list[list[Thought]], tmp_path: Path) -> None:
    path = tmp_path / "a.sociarium"
    records = list(samples(TICKS))
    for start in range(0, TICKS, 20):
        with RunWriter.append(path, ANY_SPACE) if start else RunWriter.create(path, HEADER, ANY_SPACE) as writer:
            for record in records[start : start + 20]:
                writer.note(noted[record.tick])
                writer.commit(record)
    whole = [one for some in noted for one in some]
    with RunReader(path) as reader:
        assert [reader.thoughts(tick) for tick in range(TICKS)] == noted
        usage = reader.thinking.usage()
    assert sum(one.thoughts for one in usage) == len(whole)
    assert {one.source for one in usage} == {Source.MIND, Source.FALLBACK_TIMEOUT, Source.FALLBACK_NONSENSE}
    for one in usage:
        mine = [thought for thought in whole if (thought.model, thought.source) == (one.model, one.source)]
        assert one.cached_tokens == sum(thought.cached_tokens for thought in mine)
        assert one.milliseconds == pytest.approx(sum(thought.milliseconds for thought in mine))


def test_thoughts_that_could_not_be_written_come_with_the_next_try(
    noted: list[list[Thought]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = list(samples(12))
    fault = RunFileError("the disk broke")

    def broken(packer: ThoughtPacker, tick: int) -> list[object]:
        pack(packer, tick)
        raise fault

    pack = ThoughtPacker.of
    with RunWriter.create(tmp_path / "a.sociarium", HEADER, ANY_SPACE) as writer:
        for record in records:
            writer.note(noted[record.tick])
            with monkeypatch.context() as patch, pytest.raises(RunFileError, match="the disk broke"):
                patch.setattr(ThoughtPacker, "of", broken)
                writer.commit(record)
            writer.commit(record)
    with RunReader(tmp_path / "a.sociarium") as reader:
        assert [reader.thoughts(tick) for tick in range(12)] == noted[:12]


def test_who_listens_hears_all_that_is_noted(noted: list[list[Thought]], tmp_path: Path) -> None:
    heard: list[Thought] = []
    with RunWriter.create(tmp_path / "a.sociarium", HEADER, ANY_SPACE) as writer:
        writer.heard = heard.extend
        writer.note(noted[0])
        assert heard == noted[0]


def test_pieces_of_text_are_kept_once(noted: list[list[Thought]], tmp_path: Path) -> None:
    path = tmp_path / "a.sociarium"
    with kept(path, noted) as reader:
        last = reader.thinking.end()[0]
    connection = apsw.Connection(str(path))
    held = texts.TextReader()
    pieces = [held.piece(connection, number) for number in range(last)]
    with pytest.raises(RunFileError, match="is missing"):
        held.piece(connection, last)
    connection.close()
    assert len(set(pieces)) == len(pieces) > 100
