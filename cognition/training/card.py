"""The card of a mind that was made here: what it is for, what it is not, how it was made, and how well it does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cognition.training.examine import Agreement, Spoken


@dataclass(frozen=True, slots=True)
class Findings:
    """What an examination found. `settings` are named after how situations came about; each holds minds by name.

    free: lines that were not kept to the grammar.
    """

    settings: Mapping[str, Mapping[str, Agreement]]
    sizes: Mapping[str, int]
    spoken: Spoken
    free: Spoken
    facts: Mapping[str, str]


def card(name: str, sha256: str, findings: Findings) -> str:
    """Return the card as Markdown."""
    spoken = findings.spoken
    parts = [
        f"# {name}",
        "The mind that comes with Sociarium: a language model of the Llama architecture, small enough for any laptop. "
        "It was made from nothing by `python -m app.ember` (see there), from the decisions of the reflex mind and from "
        "a phrase grammar of our own, and holds no text of anyone else. Licence: MIT, as the program.",
        "## What it is for",
        "The whole path, at once and offline: people who decide and speak through a language model after `make run`, "
        "without a download, a graphics card or a key. Demonstrations, teaching, tests, and trying a scenario before a "
        "large model thinks for hours.",
        "## What it is not",
        "A mind for research. It imitates rules (it knows what the reflex mind would like best in a situation that is "
        "laid out in words), and it speaks in phrases; it does not reason, remember, or know the world. It reads only "
        "the prompts of Sociarium, with wants and promises as level words. In scenarios other than the bundled ones it "
        "was not examined. Draw no conclusion about people, or about language models, from what it does.",
        "## What it is",
        "\n".join(f"- {what}: {value}" for what, value in findings.facts.items()),
        f"- SHA-256: `{sha256}`",
        "## How well it chooses",
        "On societies that it never saw: other seeds, landscapes and names. *Right* is the teacher's top choice, "
        "*near* a choice within a tenth of the range from the worst to the best utility. *As they come* are people as "
        "a run meets them, most of whom had best carry on; *troubled* are people whom we stopped, starved, tired, "
        "robbed or endowed at random, so that almost any choice can be the best.",
        *(_table(setting, findings.sizes[setting], minds) for setting, minds in findings.settings.items()),
        "## How it speaks",
        f"Of {spoken.lines:,} lines {spoken.distinct:,} were distinct, and {spoken.fit:,} were fit: about their topic, "
        "in a manner that suits the relation. The grammar of phrases in its file sees to that, and the network chooses "
        f"within it; left to itself {findings.free.fit:,} of {findings.free.lines:,} were fit. Names, goods, places "
        "and news are slots that the program fills, so no line can name what is not there.",
        "\n".join(f"- *{lead}*: {words}" for lead, words in spoken.some),
    ]
    return "\n\n".join(parts).replace("\n\n- SHA-256", "\n- SHA-256") + "\n"


def _table(setting: str, size: int, minds: Mapping[str, Agreement]) -> str:
    rows: Sequence[str] = [f"| {name} | {found.right:.1%} | {found.near:.1%} |" for name, found in minds.items()]
    return "\n".join([f"| {setting} ({size:,} situations) | right | near |", "|---|---|---|", *rows])
