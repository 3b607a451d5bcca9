"""One language model as the minds panel shows it: how fast it is, what waits, what the cache saves, what went wrong."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QCoreApplication

from app.design import SMALL, Design
from app.models.minds import MindRow, short_name
from app.panels.minds.figures import Figure, Figures
from app.panels.pieces import Fold, Prose

translate = QCoreApplication.translate


class MindCard(Fold):
    """A mind with a model, under its name."""

    def __init__(self, design: Design, name: str) -> None:
        super().__init__(design, short_name(name))
        self.heading.setToolTip(name)
        self.row = MindRow(name)
        self.what = Prose(design, SMALL, tone="soft")
        self.figures = Figures(design)
        self.failed = Prose(design, tone="warn", icon="fa6s.triangle-exclamation")
        self.fault = Prose(design, SMALL, tone="soft")
        self.add(self.what)
        self.add(self.figures, wide=True)
        self.add(self.failed)
        self.add(self.fault)

    def show_row(self, row: MindRow) -> None:
        """Show how it does now."""
        self.row = row
        self.heading.note("" if row.people is None else people_words(row.people))
        where = f"{row.what} · {row.name}" if row.name != short_name(row.name) and row.what else row.what or ""
        self.what.say(where)
        self.figures.show_figures(_figures(row))
        self.failed.say(_failed(row.fallbacks))
        self.fault.say(translate("Minds", "Last fault: {0}").format(row.fault) if row.fault else "")


def people_words(count: int) -> str:
    """Return a number of people in words."""
    return translate("Minds", "1 person") if count == 1 else translate("Minds", "{0:,} people").format(count)


def _rate(value: float | None) -> str:
    if value is None:
        return "…"
    return f"{value:,.1f}" if value < 100 else f"{value:,.0f}"


def _figures(row: MindRow) -> list[Figure]:
    def say(figure: str, caption: str, about: str, tone: str = "ink") -> Figure:
        return Figure(figure, caption, about, tone)

    is_live = row.milliseconds == 0.0
    told = []
    if is_live:
        told += [
            say(_rate(row.decisions_per_s), translate("Minds", "decisions/s"),
                translate("Minds", "Decisions a second, over the last seconds")),
            say(_rate(row.tokens_per_s), translate("Minds", "tokens/s"),
                translate("Minds", "Tokens read and written a second, without those from the cache")),
            say(f"{row.thinking:,}", translate("Minds", "waiting"),
                translate("Minds", "People about whom an answer of this mind is awaited")),
        ]  # fmt: skip
    told += [
        say(f"{row.decisions:,}", translate("Minds", "decisions"),
            translate("Minds", "Decisions so far, those included that the reflex took in its place")),
        say(f"{100 * row.cached:.0f} %", translate("Minds", "from cache"),
            translate("Minds", "The share of what it was sent that it knew already: what many have in common")),
    ]  # fmt: skip
    if not is_live:
        told += [
            say(_milliseconds(row.milliseconds), translate("Minds", "a decision"),
                translate("Minds", "Milliseconds from when the model took a question up to its answer, on average")),
            say(f"{row.prompt_tokens:,}", translate("Minds", "tokens read"),
                translate("Minds", "Tokens of all prompts, from the cache or not")),
            say(f"{row.generated_tokens:,}", translate("Minds", "tokens written"),
                translate("Minds", "Tokens that it wrote")),
        ]  # fmt: skip
    told.append(
        say(f"{row.failed:,}", translate("Minds", "fallbacks"),
            translate("Minds", "Decisions that the reflex took because this mind failed"),
            "warn" if row.failed else "ink")
    )  # fmt: skip
    if row.restarts:
        told.append(
            say(f"{row.restarts:,}", translate("Minds", "restarts"),
                translate("Minds", "How often a process that runs the model had to be started anew"), "warn")
        )  # fmt: skip
    if row.currency:
        told.append(
            say(f"{row.cost:,.2f} {row.currency}", translate("Minds", "cost"),
                translate("Minds", "What its endpoint asks for it, by the prices told"))
        )  # fmt: skip
    return told


def _milliseconds(value: float) -> str:
    return f"{value:,.0f} ms" if value < 10_000 else f"{value / 1000:,.0f} s"


def _failed(fallbacks: Mapping[str, int]) -> str:
    """Return the causes of fallbacks in words, the commonest first."""
    plain = {
        "timeout": translate("Minds", "no answer in time"),
        "mind died": translate("Minds", "its process ended"),
        "nonsense": translate("Minds", "none of the choices was answered"),
        "budget": translate("Minds", "budget used up"),
        "too long": translate("Minds", "prompt too long"),
        "refused": translate("Minds", "question refused"),
    }
    ranked = sorted(fallbacks.items(), key=lambda one: (-one[1], one[0]))
    causes = ", ".join(f"{plain.get(cause, cause)} ({n:,})" for cause, n in ranked)
    return translate("Minds", "The reflex decided instead: {0}").format(causes) if causes else ""
