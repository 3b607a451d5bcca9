"""How the inspector words what the host tells of a person. Pure functions; times are ticks of the society."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QCoreApplication

from app.models import moments
from app.models.minds import short_name
from engine.remote.wire import About

Fact = Mapping[str, Any]
Person = Mapping[str, Any]

translate = QCoreApplication.translate
FULL = 1000
FOREVER = 2**31 - 1
"""`until` of what ends by itself and not by the clock."""
STRONGEST = 3
"""Feelings that are named."""


def clock(about: About, tick: int, since: int | None = None) -> str:
    """Return a tick as a time of the day, with the day where `since` lies on another one (or is not given)."""
    day, time = about.moment(tick)[0], moments.clock(about, tick)
    if since is not None and about.moment(since)[0] == day:
        return time
    return translate("Inspector", "day {0}, {1}").format(day, time)


def span(about: About, ticks: int) -> str:
    """Return a number of ticks as a length of time: "35 min", "4 h", "2 days"."""
    minutes = max(0, ticks) * 1440 // about.day
    if minutes < 120:
        return translate("Inspector", "{0} min").format(minutes)
    if minutes < 2 * 1440:
        return translate("Inspector", "{0} h").format(minutes // 60)
    return translate("Inspector", "{0} days").format(minutes // 1440)


def title(name: str) -> str:
    """Return a name of the scenario or of the program as it heads a line: "a.most_trusted" -> "Most trusted"."""
    text = name.rpartition(".")[2].replace("_", " ").strip()
    return text[:1].upper() + text[1:]


def capital(text: str) -> str:
    """Return a sentence with its first letter large."""
    return text[:1].upper() + text[1:]


def tone(kind: str, value: float) -> str:
    """Return the tone of a level or a lack of 0..1000: good, warn or bad."""
    well = FULL - value if kind == "lack" else value
    return "good" if well >= 550 else "warn" if well >= 250 else "bad"


def relation(words: str) -> str:
    """Return what somebody is to the person on screen: the host words it towards that person."""
    return words.removeprefix("your ").replace("whom you ", translate("Inspector", "whom they "))


def outcome(decision: Mapping[str, Any]) -> str:
    """Return what came of a decision, with the reason where it was refused."""
    words = {
        "done": translate("Inspector", "done"),
        "refused": translate("Inspector", "refused"),
        "started": translate("Inspector", "started"),
        "interrupted": translate("Inspector", "broken off"),
    }
    said = words.get(decision["outcome"], str(decision["outcome"]))
    return f"{said}: {decision['reason']}" if decision.get("reason") else said


def tone_of(decision: Mapping[str, Any]) -> str:
    """Return the tone of what came of a decision."""
    return {"refused": "bad", "interrupted": "warn"}.get(str(decision["outcome"]), "good")


def decider(source: str, mind: str = "") -> str:
    """Return who decided: a mind, a person at the screen, or a fallback with its cause."""
    if source == "person":
        return translate("Inspector", "a person at the screen")
    if source.startswith("fallback"):
        cause = source.removeprefix("fallback").strip(" ()")
        return translate("Inspector", "fallback ({0})").format(cause) if cause else translate("Inspector", "fallback")
    return translate("Inspector", "{0} mind").format(short_name(mind)) if mind else translate("Inspector", "mind")


def failure(thought: Mapping[str, Any]) -> str:
    """Return in plain words why a model did not decide, "" where it did."""
    source = str(thought["source"])
    if not source.startswith("fallback"):
        return ""
    cause = source.removeprefix("fallback").strip(" ()")
    plain = {
        "timeout": translate("Inspector", "{0} did not answer in time, so the reflex decided."),
        "mind died": translate("Inspector", "The program that runs {0} ended, so the reflex decided."),
        "nonsense": translate("Inspector", "{0} answered what is none of the choices, so the reflex decided."),
        "budget": translate("Inspector", "The budget of {0} is used up, so the reflex decided."),
        "too long": translate("Inspector", "The prompt was too long for {0}, so the reflex decided."),
        "refused": translate("Inspector", "{0} refused the question, so the reflex decided."),
    }
    return capital(
        plain.get(cause, translate("Inspector", "{0} failed, so the reflex decided.")).format(thought["model"])
    )


def how_decided(thought: Mapping[str, Any]) -> str:
    """Return in one line how a model decided: what, how likely, how long it took, how many tokens."""
    chosen, choices = int(thought["chosen"]), thought["choices"]
    spent = translate("Inspector", "{0:,} tokens, {1:,} from the cache").format(
        thought["prompt_tokens"], thought["cached_tokens"]
    )
    if thought["generated_tokens"]:
        spent += translate("Inspector", ", {0:,} written").format(thought["generated_tokens"])
    took = duration(float(thought["milliseconds"]))
    if not 0 <= chosen < len(choices):
        return translate("Inspector", "After {0}; {1}").format(took, spent) if thought["milliseconds"] else ""
    what, chance = choices[chosen]["text"], choices[chosen]["probability"]
    if chance is None:
        return translate("Inspector", "{0} chose to {1}, in {2}; {3}").format(thought["model"], what, took, spent)
    text = translate("Inspector", "{0} chose to {1} with {2:.0f} %, in {3}; {4}")
    return text.format(thought["model"], what, 100 * chance, took, spent)


def duration(milliseconds: float) -> str:
    """Return a length of real time: "18 ms", "1.2 s"."""
    if milliseconds < 1000:
        return translate("Inspector", "{0:.0f} ms").format(milliseconds)
    return translate("Inspector", "{0:,.1f} s").format(milliseconds / 1000)


def strongest(feels: Mapping[str, int], most: int = STRONGEST) -> list[tuple[str, int]]:
    """Return what is felt most, (appeal, 0..1000), strongest first."""
    felt = [(name, value) for name, value in feels.items() if value > 0 and name not in ("effort", "commitment")]
    return sorted(felt, key=lambda entry: (-entry[1], entry[0]))[:most]


def shares(choices: Sequence[Mapping[str, Any]]) -> list[float | None]:
    """Return how the scores of choices stand between the worst (0) and the best (1); None without scores."""
    scores = [choice.get("score") for choice in choices]
    known = [float(score) for score in scores if score is not None]
    if not known:
        return [None] * len(scores)
    low, high = min(known), max(known)
    reach = (high - low) or 1.0
    return [None if score is None else (float(score) - low) / reach if high > low else 1.0 for score in scores]


def doing(person: Person, about: About) -> str:
    """Return what somebody does and until when."""
    text = str(person.get("doing") or "") or translate("Inspector", "nothing in particular")
    until, tick = int(person.get("until") or 0), int(person["tick"])
    if text == "nothing":
        return translate("Inspector", "Nothing in particular")
    if tick < until < FOREVER:
        return translate("Inspector", "{0}, until {1}").format(capital(text), clock(about, until, tick))
    return capital(text)


def of_kind(person: Person, *kinds: str) -> list[Fact]:
    """Return what the modules have to say of these kinds."""
    return [fact for fact in person.get("facts", ()) if fact["kind"] in kinds]


def amount(fact: Fact) -> str:
    """Return an amount with what it is of: "12 bread", "6 coins", "knows 29 people"."""
    value, label, unit = fact["value"], str(fact["label"]), str(fact["words"])
    number = f"{value:,.1f}".rstrip("0").rstrip(".") if isinstance(value, float) else f"{value:,}"
    return f"{number} {label}" if not unit or unit == label else f"{label}: {number} {unit}"


def why(person: Person, about: About) -> list[str]:
    """Return the lines that tell why somebody did what they did, for the clipboard."""
    lines: list[str] = []
    perceived, decision = person.get("perceived"), person.get("decision")
    if perceived:
        felt = ", ".join(f"{name} {value}" for name, value in strongest(perceived["feels"], FULL))
        near = ", ".join(other["name"] for other in perceived["near"])
        lines.append(
            translate("Inspector", "Asked at {0}, {1}").format(clock(about, perceived["tick"]), perceived["place"])
        )
        lines += [translate("Inspector", "Near: {0}").format(near)] if near else []
        lines += (
            [translate("Inspector", "Just before: {0}").format(perceived["happened"])] if perceived["happened"] else []
        )
        lines += [translate("Inspector", "Felt: {0}").format(felt)] if felt else []
    if decision:
        lines.append(
            translate("Inspector", "Chose to {0} ({1}): {2}").format(
                decision["text"], decider(decision["source"], person.get("mind", "")), outcome(decision)
            )
        )
    for choice in person.get("choices", ()):
        mark = "*" if choice["chosen"] else "-"
        score = "" if choice["score"] is None else f" [{choice['score']:,}]"
        appeal = ", ".join(f"{name} {value:+}" for name, value in choice["appeal"].items())
        lines.append(f"  {mark} {choice['text']}{score}" + (f" ({appeal})" if appeal else ""))
    return lines


def thought_lines(thought: Mapping[str, Any]) -> list[str]:
    """Return a thought for the clipboard: how it was decided, between what, and what was sent."""
    told = (how_decided(thought), failure(thought), thought["why"], thought["thinking"], thought["words"])
    lines = [translate("Inspector", "Thought:"), *(f"  {text}" for text in told if text)]
    for number, choice in enumerate(thought["choices"]):
        chance = "" if choice["probability"] is None else f" [{100 * choice['probability']:.1f} %]"
        lines.append(f"  {'*' if number == thought['chosen'] else '-'} {choice['text']}{chance}")
    sent = "".join(str(part["text"]) for part in thought["parts"] if not part["dropped"])
    return [*lines, translate("Inspector", "What it was sent:"), sent]


def sheet(
    person: Person,
    about: About,
    ties: Sequence[Mapping[str, Any]],
    history: Sequence[Mapping[str, Any]],
    thought: Mapping[str, Any] | None = None,
) -> str:
    """Return all that the inspector shows of a person, as text for the clipboard."""
    lines = [
        f"{person['name']} (#{person['agent']}), {person['role']}",
        translate("Inspector", "Tick {0}, {1}").format(person["tick"], clock(about, person["tick"])),
        f"{doing(person, about)} · {person['place']}",
    ]
    if person.get("unknown"):
        lines.append(str(person["unknown"]))
    for fact in person.get("facts", ()):
        value = "" if fact["kind"] == "text" else f" {fact['value']}"
        lines.append(f"{fact['label']}:{value} {fact['words']}".rstrip())
    if person.get("traits"):
        traits = ", ".join(f"{name} {value}" for name, value in person["traits"].items())
        lines.append(translate("Inspector", "Character: {0}").format(traits))
    lines += ["", *why(person, about)]
    lines += ["", *thought_lines(thought)] if thought is not None else []
    if ties:
        lines += ["", translate("Inspector", "People they know:")]
        lines += [
            f"  {row['name']}, {relation(row['relation'])} (trust {row['trust']}, closeness {row['familiarity']})"
            for row in ties
        ]
    if history:
        lines += ["", translate("Inspector", "History:")]
        lines += [f"  {clock(about, row['tick'])}  {row['text']}" for row in history]
    return "\n".join(lines)
