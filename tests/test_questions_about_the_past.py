"""Events, decisions, density, measures, levels, frames and ways are told from the run file as it holds them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.errors import SociariumError
from engine.record.reader import RunReader
from engine.remote.parameters import UnknownQuestion, WrongParameter
from engine.remote.questions import QUESTIONS, Questions
from engine.remote.wire import About, pack, unpack
from engine.values import CONTINUE
from tests.questions import TICKS, about_run, ask, record


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("past") / "run.sociarium"
    record(path)
    return path


@pytest.fixture(scope="module")
def questions(run: Path) -> Iterator[Questions]:
    opened = about_run(run)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def reader(run: Path) -> Iterator[RunReader]:
    with RunReader(run) as opened:
        yield opened


def _all(questions: Questions, question: str, **parameters: Any) -> list[dict[str, Any]]:
    """Return the rows of all pages."""
    rows: list[dict[str, Any]] = []
    cursor: str | None = ""
    while cursor is not None:
        head = ask(questions, question, cursor=cursor, **parameters).head
        assert len(head["rows"]) <= parameters["limit"]
        rows, cursor = rows + head["rows"], head["next"]
    return rows


def test_about_comes_over_the_wire_whole(questions: Questions, reader: RunReader) -> None:
    message = unpack(pack(ask(questions, "about")))
    about = About.from_head({name: value for name, value in message.head.items() if name != "kind"})
    assert (about.name, about.seed, about.live, about.first) == ("hamlet", 11, False, 0)
    assert about.moment(0) == (1, 360)
    assert all(len(message.columns[name]) == about.width * about.height for name in ("kind", "elevation", "bridge"))
    framed = {column.name for column in about.columns if column.frame}
    assert framed == set(reader.frame(5)) and {"people.home", "trade.coins"} <= framed
    words = {column.name: column.words for column in about.columns}
    assert words["people.role"] == ("citizen", "merchant", "leader") and words["people.action"] == about.actions
    assert words["people.home"] == words["space.place"] == tuple(place.name for place in about.places)
    units = {column.name: column.unit for column in about.columns}
    single = {column.name for column in about.columns if not column.shape}
    assert units["trade.coins"] == "coins" and not any(units[name] for name in single if words[name])
    shapes = {column.name: column.shape for column in about.columns}
    assert shapes["goods.stock"] == (len(words["goods.stock"]),) and "bread" in words["goods.stock"]
    assert {measure.name for measure in about.measures} == set(reader.record(20).measures)


@pytest.mark.parametrize("order", ["newest", "oldest"])
@pytest.mark.parametrize(
    "only", [{}, {"agent": 7}, {"kinds": "talked,learnt"}, {"agent": 3, "kinds": "ate", "first": 30, "last": 99}]
)
def test_pages_of_events_hold_each_event_once(
    questions: Questions, reader: RunReader, order: str, only: dict[str, Any]
) -> None:
    kinds = only["kinds"].split(",") if "kinds" in only else None
    held = list(reader.events(only.get("agent"), kinds, only.get("first"), only.get("last")))
    expected = [
        (tick, reader.header.events[events.kind[i]].name, int(events.agent[i]))
        for tick, events in held
        for i in range(events.size)
    ]
    rows = _all(questions, "events", order=order, limit=61, **only)
    found = [(row["tick"], row["kind"], row["agent"]) for row in rows]
    assert found == (expected[::-1] if order == "newest" else expected) and len(found) > 1
    assert all(row["text"] and "{" not in row["text"] and row["agent"] in row["people"] for row in rows)


def test_events_of_a_place_happened_there(questions: Questions, reader: RunReader) -> None:
    names = [place["name"] for place in ask(questions, "about").head["places"]]
    place = names.index("Square")
    rows = _all(questions, "events", place="Square", limit=500)
    assert rows == _all(questions, "events", place=place, limit=97)
    for row in rows:
        fields = dict(next(entry.fields for entry in reader.header.events if entry.name == row["kind"]))
        if "place" in fields:
            assert "Square" in row["text"]
        else:
            assert reader.frame(row["tick"])["space.place"][row["agent"]] == place
    assert {row["kind"] for row in rows} >= {"talked", "gathered"}
    called = [row for row in _all(questions, "events", kinds="called", limit=9) if "Square" in row["text"]]
    assert called and all(row in rows for row in called)


def test_news_reads_as_it_was_told(questions: Questions) -> None:
    rows = _all(questions, "events", kinds="announced,learnt", limit=2000)
    assert "The bridge is open again" in {row["text"].partition(": ")[2] for row in rows}
    assert not [row for row in rows if "news no more" in row["text"]]


def test_pages_of_decisions_hold_each_choice_once(questions: Questions, reader: RunReader) -> None:
    expected = [
        (held.tick, reader.header.actions[held.decisions.action[row]])
        for held in reader.records(0, TICKS)
        for row in np.flatnonzero((held.decisions.agent == 7) & (held.decisions.action != CONTINUE))
    ]
    rows = _all(questions, "decisions", agent=7, limit=4)
    assert [(row["tick"], row["action"]) for row in rows] == expected[::-1]
    assert {row["outcome"] for row in rows} <= {"done", "refused", "started", "interrupted"}
    assert all((row["reason"] != "") == (row["outcome"] == "refused") for row in rows)
    some = [row for row in rows if 20 <= row["tick"] <= 80]
    assert _all(questions, "decisions", agent=7, first=20, last=80, limit=9) == some


@pytest.mark.parametrize(("first", "last", "buckets"), [(0, TICKS, 40), (0, TICKS, 1), (17, 93, 7), (64, 127, 2000)])
def test_density_counts_every_event(
    questions: Questions, reader: RunReader, first: int, last: int, buckets: int
) -> None:
    head = ask(questions, "density", first=first, last=last, buckets=buckets).head
    counts = {held.tick: held.events.size for held in reader.records(0, TICKS)}
    assert len(head["events"]) <= buckets
    for k, events in enumerate(head["events"]):
        start = head["first"] + k * head["ticks"]
        assert events == sum(counts.get(tick, 0) for tick in range(start, start + head["ticks"])) or last < TICKS
    tally = ask(questions, "tally").head["events"]
    assert head["checkpoints"] == [tick for tick in reader.checkpoints(0, TICKS) if first <= tick <= last]
    assert sum(tally.values()) == sum(counts.values()) and tally["talked"] == reader.tally().events["talked"]
    marks = {(mark["tick"], mark["kind"]): mark["text"] for mark in head["marks"]}
    assert ((20, "add_people") in marks) == (first <= 20)
    if last == TICKS and first == 0:
        assert marks[50, "announce"] == "Announced: The bridge is open again"
        assert marks[20, "add_people"] == "70 people of role citizen join"


def test_measures_levels_and_ways_are_those_of_the_file(questions: Questions, reader: RunReader) -> None:
    head = ask(questions, "measures", names="trade.gini,drives.energy").head
    assert head["ticks"] == reader.measured() and set(head["values"]) == {"trade.gini", "drives.energy"}
    assert head["values"]["trade.gini"] == reader.measures("trade.gini")[1]
    assert len(ask(questions, "measures", points=3).head["ticks"]) == 3
    for points in (1, 9, 2000):
        levels = ask(questions, "levels", agent=100, points=points).head
        assert len(levels["ticks"]) <= points and levels["ticks"][-1] == TICKS
        for tick, hunger in zip(levels["ticks"], levels["levels"]["hunger"], strict=True):
            column = reader.frame(tick)["drives.hunger"]
            assert hunger == (min(1000, int(column[100]) // 1000) if len(column) > 100 else None)
    way = ask(questions, "trail", agent=7, first=40, last=80).columns
    assert way["tick"].tolist() == list(range(40, 81))
    assert way["cell"].tolist() == [int(reader.frame(tick)["space.cell"][7]) for tick in range(40, 81)]


def test_columns_of_a_past_tick_are_those_of_then(questions: Questions, reader: RunReader) -> None:
    for tick in (70, 12, 71):
        held = reader.snapshot_before(tick)
        found = ask(questions, "columns", names="goods.stock,trade.coins", tick=held.tick).columns
        assert np.array_equal(found["goods.stock"], held.columns["goods.stock"])
        assert np.array_equal(found["trade.coins"], held.columns["trade.coins"])
        frame = ask(questions, "columns", names="trade.coins,people.home", tick=tick).columns
        assert np.array_equal(frame["people.home"], reader.frame(tick)["people.home"])


def test_names_are_those_in_the_sentences(questions: Questions) -> None:
    names = ask(questions, "names").head["names"]
    assert len(names) == 130 and ask(questions, "names", first=7, count=3).head["names"] == names[7:10]
    assert ask(questions, "names", first=1000).head["names"] == []
    for row in ask(questions, "events", limit=50).head["rows"]:
        assert names[row["agent"]] in row["text"]


def test_what_was_said_is_fit_to_be_read(questions: Questions) -> None:
    ask(questions, "events")  # puts the laboratory together
    lines = [line for tick in range(TICKS + 1) for line in ask(questions, "frame", tick=tick).head["said"]]
    assert len(lines) > 300 and len({text for _, _, text, _ in lines}) > 60
    for tick, agent, text, to in lines:
        assert 0 <= tick <= TICKS and 0 <= agent < 130 and -1 <= to < 130 and to != agent
        assert text[0].isupper() or text[0].isdigit(), text
        assert text[-1] in ".!?…" and len(text) <= 140, text
        assert not any(odd in text for odd in ("{", "nothing", "nowhere", "  ", "..", "None")), text
    assert lines == [line for tick in range(TICKS + 1) for line in ask(questions, "frame", tick=tick).head["said"]]


@pytest.mark.parametrize("question", sorted(QUESTIONS))
def test_wrong_parameters_are_refused_in_one_sentence(questions: Questions, question: str) -> None:
    _, known = QUESTIONS[question]
    wrong = {"sql": "1", "tick": "121", "agent": "130", "limit": "2001", "points": "0", "count": "20001"}
    wrong |= {"buckets": "x", "order": "best", "cursor": "7", "first": "-1", "names": "no.such", "place": "Atlantis"}
    wrong |= {"kinds": "flew", "last": "1e3"}
    for name, value in wrong.items():
        good = {"agent": "1", "names": "people.mind"} if question == "columns" else {"agent": "1"}
        asked = {key: text for key, text in good.items() if key in known.split()} | {name: value}
        if (question, name) == ("names", "first") or name in known.split() or name == "sql":
            with pytest.raises(SociariumError) as caught:
                questions.answer(question, asked)
            assert "\n" not in str(caught.value) and len(str(caught.value)) < 400
    if "agent" in known.split() and question != "events":
        with pytest.raises(WrongParameter, match=r"agent is missing|cannot be driven"):
            questions.answer(question, {})


def test_an_unknown_question_is_one(questions: Questions) -> None:
    with pytest.raises(UnknownQuestion, match="no question 'gossip'"):
        ask(questions, "gossip")


def test_every_question_is_on_the_page_of_the_wire(questions: Questions) -> None:
    page = (Path(__file__).parents[1] / "docs" / "wire.md").read_text(encoding="utf-8")
    for question, (_, known) in QUESTIONS.items():
        [row] = [line for line in page.splitlines() if line.startswith(f"| `{question}` |")]
        assert all(f"`{parameter}`" in row for parameter in known.split()), question


def test_answers_are_plain_json(questions: Questions) -> None:
    for question, (_, known) in QUESTIONS.items():
        if question != "choices":
            asked = {"agent": "7"} if "agent" in known else {"names": "people.mind"} if question == "columns" else {}
            message = questions.answer(question, asked)
            assert unpack(pack(message)).head == json.loads(json.dumps(dict(message.head))), question
