"""Whom a person knows: how close, how far trusted, and what they are to each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.design import Design
from app.panels.inspector.words import FULL, capital, relation, translate
from app.panels.pieces import Fold
from app.panels.rows import Entry, Gauge, Rows
from app.view import View

MOST = 12
"""Ties that are listed."""


class Ties(Fold):
    """The closest ties; a click selects the other."""

    def __init__(self, design: Design, view: View) -> None:
        super().__init__(design, translate("Inspector", "People they know"))
        self.rows = Rows(design)
        self.rows.chosen.connect(lambda key: view.want(int(key)))
        self.add(self.rows, wide=True)
        self.listed: list[Mapping[str, Any]] = []
        self.hide()

    def show_ties(self, listed: Sequence[Mapping[str, Any]]) -> None:
        """Show these, closest first."""
        self.listed = list(listed)
        self.rows.show_entries([_tie(row) for row in listed])
        self.heading.note(translate("Inspector", "closest {0}").format(len(listed)) if len(listed) == MOST else "")
        self.setVisible(bool(listed))


def _tie(row: Mapping[str, Any]) -> Entry:
    trust, close = int(row["trust"]), int(row["familiarity"])
    return Entry(
        key=int(row["agent"]),
        text=str(row["name"]),
        note=capital(relation(str(row["relation"]))),
        tone="accent",
        gauges=(
            Gauge(translate("Inspector", "close"), close / FULL, "focus", words=f"{close / 10:.0f} %"),
            Gauge(translate("Inspector", "trust"), trust / FULL, "good" if trust >= 0 else "bad", True, f"{trust:+}"),
        ),
        tip=translate(
            "Inspector", "Closeness {0:,} of 1,000, trust {1:+,} between -1,000 and 1,000. Click to show them."
        ).format(close, trust),
    )
