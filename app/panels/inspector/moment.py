"""Why somebody did what they did: what they perceived and felt, what they decided, and what they could have done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.design import LARGE, SMALL, SPACE, Design
from app.panels.flow import Flow
from app.panels.inspector.words import (
    FULL,
    Person,
    capital,
    clock,
    decider,
    outcome,
    shares,
    strongest,
    title,
    tone_of,
    translate,
)
from app.panels.pieces import Fold, Link, Prose, stop_after
from app.panels.rows import Entry, Gauge, Rows
from app.view import View


class Why(Fold):
    """The last decision, who made it, what came of it, and what the person perceived then."""

    def __init__(self, design: Design, view: View) -> None:
        super().__init__(design, translate("Inspector", "Why"))
        self._design, self._view = design, view
        self.unknown = Prose(design, tone="warn", icon="fa6s.circle-info")
        self.decision = Prose(design, LARGE, strong=True)
        self.by = Prose(design, SMALL, tone="soft")
        self.outcome = Prose(design)
        self.place = Prose(design, tone="soft", icon="fa6s.eye")
        self.happened = Prose(design, tone="soft", icon="fa6s.clock-rotate-left")
        self.feels = Rows(design)
        self._near_label = Prose(design, SMALL, tone="soft")
        self.near = Flow(0)
        self._links: list[Link] = []
        for piece in (self.unknown, self.decision, self.by, self.outcome):
            self.add(piece)
        self.add(self.feels, wide=True)
        for piece in (self.place, self.happened, self._near_label):
            self.add(piece)
        self.add(self.near, wide=True)
        self.body.setSpacing(SPACE[1])

    def show_person(self, person: Person) -> None:
        """Show why."""
        about = self._view.about
        if about is None:
            return
        decision: Mapping[str, Any] | None = person.get("decision")
        self.unknown.say(str(person.get("unknown") or ""))
        now = int(person["tick"])
        thinking = person.get("thinking")
        if decision is None and thinking is not None and not person.get("unknown"):
            since = clock(about, int(thinking), now)
            self.decision.say(translate("Inspector", "Has been making up their mind since {0}").format(since), "soft")
            self.by.say("")
            self.outcome.say("")
        elif decision is None:
            self.decision.say(
                "" if person.get("unknown") else translate("Inspector", "Has decided nothing yet"), "soft"
            )
            self.by.say("")
            self.outcome.say("")
        else:
            self.decision.say(translate("Inspector", "Chose to {0}").format(decision["text"]), "ink")
            who = decider(str(decision["source"]), str(person.get("mind") or ""))
            asked, landed = int(decision["asked_at"]), int(decision["tick"])
            if landed > asked:
                text = translate("Inspector", "Decided by {0}, asked at {1}, answered at {2}")
                self.by.say(text.format(who, clock(about, asked, now), clock(about, landed, now)))
            else:
                self.by.say(translate("Inspector", "Decided by {0} at {1}").format(who, clock(about, landed, now)))
            self.outcome.say(capital(outcome(decision)), tone_of(decision))
        self.heading.note("" if decision is None else clock(about, int(decision["tick"]), now))
        self._show_perceived(person.get("perceived"))

    def wait(self) -> None:
        """Say that the host is looking into it."""
        self.unknown.say("")
        self.decision.say(translate("Inspector", "Looking into it …"), "soft")
        self.by.say("")
        self.outcome.say("")
        self.heading.note("")
        self._show_perceived(None)

    def _show_perceived(self, perceived: Mapping[str, Any] | None) -> None:
        if perceived is None:
            self.place.say("")
            self.happened.say("")
            self.feels.show_entries([])
            self._near_label.say("")
            self.near.flow([])
            return
        place, busy = str(perceived["place"]), str(perceived["doing"] or "")
        doing = translate("Inspector", "{0}, doing: {1}") if busy and busy != "nothing" else "{0}"
        self.place.say(capital(doing.format(place, busy)))
        self.happened.say(capital(str(perceived["happened"] or "")))
        felt = tuple(
            Gauge(title(name), value / FULL, "accent", words=f"{value / 10:.0f} %")
            for name, value in strongest(perceived["feels"])
        )
        tip = "\n".join(f"{title(name)}: {value:,} of 1,000" for name, value in strongest(perceived["feels"], FULL))
        self.feels.show_open(
            [Entry("felt", translate("Inspector", "Felt most"), more=felt, heading=True, tip=tip)] if felt else []
        )
        near: Sequence[Mapping[str, Any]] = perceived["near"]
        self._near_label.say(translate("Inspector", "Was near") if near else "")
        while len(self._links) < len(near):
            link = Link(self._design)
            link.setParent(self.near)
            link.clicked.connect(lambda *_, link=link: self._view.want(link.key))
            stop_after(self._links[-1] if self._links else self.near, link)
            self._links.append(link)
        for link, other in zip(self._links, near, strict=False):
            link.say(str(other["name"]), int(other["agent"]), translate("Inspector", "Show {0}").format(other["name"]))
        self.near.flow(self._links[: len(near)])


class Options(Fold):
    """All that the person could have done then, best first, with what each promised."""

    def __init__(self, design: Design) -> None:
        super().__init__(design, translate("Inspector", "What they could have done"))
        self.rows = Rows(design, indent=True, opens=True)
        self.add(self.rows, wide=True)

    def show_person(self, person: Person) -> None:
        """Show the choices of somebody's last asking."""
        choices: Sequence[Mapping[str, Any]] = person.get("choices") or ()
        feels = (person.get("perceived") or {}).get("feels") or {}
        self.rows.show_entries([_option(c, s, feels) for c, s in zip(choices, shares(choices), strict=True)])
        self.heading.note(f"{len(choices)}" if choices else "")
        self.setVisible(bool(choices))


def _option(choice: Mapping[str, Any], share: float | None, feels: Mapping[str, int]) -> Entry:
    appeal = sorted(choice["appeal"].items(), key=lambda entry: -abs(entry[1]))
    taken = bool(choice["chosen"])
    tone = "accent" if taken else "soft"
    lines = [f"{title(name)} {value:+,}" for name, value in appeal]
    if choice.get("score") is not None:
        lines.insert(0, translate("Inspector", "Score {0:,}").format(choice["score"]))
    if taken:
        lines.insert(0, translate("Inspector", "Chosen"))
    return Entry(
        key=(choice["action"], tuple(choice["args"])),
        text=capital(str(choice["text"])),
        icon="fa6s.check" if taken else "",
        strong=taken,
        gauges=() if share is None else (Gauge("", share, tone, words=f"{choice['score']:,}"),),
        more=tuple(
            Gauge(_felt(name, feels), value / FULL, "good" if value > 0 else "bad", True, f"{value:+,}")
            for name, value in appeal
        ),
        tip="\n".join(lines),
    )


def _felt(name: str, feels: Mapping[str, int]) -> str:
    return f"{title(name)} × {feels[name] / FULL:.1f}" if name in feels else title(name)
