"""The bundled mind on people it never saw: it chooses mostly as its teacher does; its lines are whole and fit."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from app.compose import find_scenario
from app.ember_lives import situations
from app.language import CHILD
from app.mind_files import BUNDLED
from cognition.language.llama.pool import LlamaPool
from cognition.language.model import Profile
from cognition.training.examine import (
    agreement,
    asked,
    baselines,
    choices_of,
    in_drawn_order,
    lines_of,
    only,
    prompts_for,
)
from cognition.training.lines import CLOSES, CORES, OPENINGS
from cognition.training.situations import Situation
from engine.scenario import Scenario

SEED, TICKS = 9101, 240
"""Of a society that is neither learnt from nor examined for the card."""


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return find_scenario("settlement")


@pytest.fixture(scope="module")
def troubled() -> list[Situation]:
    found = [one for one in situations("settlement", SEED, TICKS, held_out=True) if not one.natural]
    return in_drawn_order(found[:400], 1)


@pytest.fixture(scope="module")
def ember() -> Iterator[LlamaPool]:
    pool = LlamaPool(BUNDLED / "ember.gguf", command=CHILD)
    yield pool
    pool.close()


def test_it_chooses_as_its_teacher_mostly_does(scenario: Scenario, troubled: list[Situation], ember: LlamaPool) -> None:
    found = agreement(troubled, choices_of(ember, prompts_for(scenario, ember.info), troubled))
    assert found.right >= 0.75 and found.near >= 0.88
    assert all(found.right > 2 * simple.right for simple in baselines(troubled, 2).values())


def test_its_lines_differ_and_are_fit(scenario: Scenario, troubled: list[Situation], ember: LlamaPool) -> None:
    spoken = lines_of(ember, prompts_for(scenario, ember.info), troubled, 300)
    assert spoken.lines > 200 and spoken.distinct > spoken.lines / 5
    assert spoken.fit == spoken.lines


def test_no_line_breaks_off(scenario: Scenario, troubled: list[Situation], ember: LlamaPool) -> None:
    """Each is made of whole phrases: an opening or none, what it is about, a close or none."""
    chance, prompts = random.Random(4), prompts_for(scenario, ember.info)
    requests = []
    for number, situation in enumerate(troubled):
        speaking = [choice for choice in situation.seen.choices if choice.speech is not None]
        if speaking:
            requests.append(only(prompts, situation, chance.choice(speaking), number, chance.randrange(2**63))[0])
    lines = [answer.words for answer in asked(ember, requests)]
    assert len(lines) > 200
    assert [line for line in lines if not is_whole(line)] == []


def test_of_the_rules_of_a_name_the_first_holds_whose_words_lead_to_the_line() -> None:
    rules = (("root", "say ", "a b"), ("a", "friend", '"yes"'), ("a", "", '"no"'), ("b", "", '"."'))
    profile = Profile(grammar=rules)
    assert profile.grammar_for("say to a friend") == 'root ::= a b\na ::= "yes"\nb ::= "."\n'
    assert profile.grammar_for("say to a stranger") == 'root ::= a b\na ::= "no"\nb ::= "."\n'
    assert profile.grammar_for("call a friend") == ""


def is_whole(line: str) -> bool:
    """Whether a line is made of whole phrases."""
    openings = [opening for some in OPENINGS.values() for opening in some]
    cores = [core for some in CORES.values() for core in some]
    closes = [f", {close}" for some in CLOSES.values() for close in some]
    told = line[:-1].lower()
    return line[-1:] in (".", "?") and any(
        told == f"{opening}{core}{close}".lower()
        for opening in ("", *(f"{opening} " for opening in openings))
        for core in cores
        for close in ("", *closes)
        if told.startswith(opening.lower()) and told.endswith(close.lower())
    )
