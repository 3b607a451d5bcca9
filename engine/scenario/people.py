"""The sections for population and roles: who lives there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from engine.scenario.fields import Appeal, Section, Slug, about, listed, refuse, text, whole
from engine.scenario.names import FAMILY_NAMES, GIVEN_NAMES

MILLION = 1_000_000

PersonName = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=40, pattern=r"^\S(.*\S)?$")]
Weight = Annotated[int, whole("Weight of an appeal; 100 is neutral", "percent", 0, 1000)]


class TraitSection(Section):
    """How a trait is spread over the people."""

    low: Annotated[int, whole("Least that anyone has", "thousandths", 0, 1000)] = 0
    high: Annotated[int, whole("Most that anyone has", "thousandths", 0, 1000)] = 1000
    distribution: Annotated[
        Literal["uniform", "triangular"],
        about("All values alike, or most people near `peak`", "one of these words"),
    ] = "uniform"
    peak: Annotated[
        int | None, whole("The most common value, if triangular; null is the middle", "thousandths", 0, 1000)
    ] = None

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.low > self.high:
            raise refuse("trait", f"is {self.low}, above `high` ({self.high})", f"write 0 to {self.high}", "low")
        if self.peak is not None and not self.low <= self.peak <= self.high:
            raise refuse(
                "trait", f"is {self.peak}, outside `low` to `high`", f"write {self.low} to {self.high}", "peak"
            )
        if self.peak is not None and self.distribution == "uniform":
            raise refuse(
                "trait",
                "is for the triangular distribution only",
                "write `distribution: triangular`, or leave `peak` out",
                "peak",
            )
        return self

    @property
    def middle(self) -> int:
        """The most common value of a triangular trait, thousandths."""
        return (self.low + self.high) // 2 if self.peak is None else self.peak


DEFAULT_TRAITS: Mapping[str, TraitSection] = {
    "sociable": TraitSection(low=100, high=900, distribution="triangular"),
    "industrious": TraitSection(low=100, high=900, distribution="triangular"),
    "curious": TraitSection(low=100, high=900, distribution="triangular"),
    "trusting": TraitSection(low=100, high=900, distribution="triangular"),
}


class NamesSection(Section):
    """What people are called."""

    given: Annotated[tuple[PersonName, ...], listed("Given names to draw from", "names", 5000, 1)] = GIVEN_NAMES
    family: Annotated[tuple[PersonName, ...], listed("Family names to draw from", "names", 5000, 1)] = FAMILY_NAMES


def _role_part(value: object) -> object:
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= MILLION:
        return value
    raise refuse("role_part", "must be a share or a number of people", "write a share 0.0 to 1.0, or a whole number")


class PopulationSection(Section):
    """How many people there are, and what they are like."""

    count: Annotated[int, whole("People at tick 0", "people", 1, 200_000)] = 100
    roles: Annotated[
        dict[Slug, Annotated[int | float, BeforeValidator(_role_part)]],
        listed(
            "Role to its share (they add up to 1) or number of people; {} gives all the first role",
            "share or people",
            64,
        ),
    ] = Field(default_factory=dict)
    traits: Annotated[dict[Slug, TraitSection], listed("Trait to how it is spread over the people", "sections", 32)] = (
        Field(default_factory=lambda: dict(DEFAULT_TRAITS))
    )
    names: Annotated[NamesSection, about("What people are called", "section")] = NamesSection()

    @model_validator(mode="after")
    def _roles_add_up(self) -> Self:
        parts = self.roles.values()
        if not parts or self._are_shares():
            return self
        if all(isinstance(part, int) for part in parts):
            total = sum(parts)
            if total == self.count:
                return self
            raise refuse(
                "roles",
                f"add up to {total} people, not to the {self.count} of `count`",
                f"change them, or write `count: {total}`",
                "roles",
            )
        total_share = f"{sum(parts):.6f}".rstrip("0").rstrip(".")
        raise refuse("roles", f"add up to {total_share}, not to 1", "change the shares until they do", "roles")

    def _are_shares(self) -> bool:
        return abs(sum(self.roles.values()) - 1) <= 1e-6

    def counts(self, roles: Iterable[str]) -> dict[str, int]:
        """Return how many people have each of the scenario's roles; the numbers add up to `count`.

        Shares are rounded by largest remainder, ties to the earlier role, in whole numbers only.
        """
        names = list(roles)
        if not self.roles:
            return {name: self.count if place == 0 else 0 for place, name in enumerate(names)}
        if not self._are_shares():
            return {name: int(self.roles.get(name, 0)) for name in names}
        parts = [round(self.roles.get(name, 0) * MILLION) for name in names]
        whole_parts = [self.count * part // sum(parts) for part in parts]
        remainders = [self.count * part % sum(parts) for part in parts]
        missing = self.count - sum(whole_parts)
        for place in sorted(range(len(names)), key=lambda place: (-remainders[place], place))[:missing]:
            whole_parts[place] += 1
        return dict(zip(names, whole_parts, strict=True))


class RoleSection(Section):
    """What sets the people of one role apart."""

    description: Annotated[str, text("What people of this role do, in a sentence", 400)] = ""
    colour: Annotated[
        str | None, text("How they are drawn, as `#rrggbb`; null lets the program choose", 7, 7, "^#[0-9a-fA-F]{6}$")
    ] = None
    weights: Annotated[
        dict[Appeal, Weight],
        listed("Appeal to how much it counts for this role, 0 to 1000; 100 is neutral", "percent", 64),
    ] = Field(default_factory=dict)
    may: Annotated[tuple[Slug, ...], listed("Actions that only roles which list them have", "actions", 64)] = ()
    speed: Annotated[int, whole("Walking speed on a path", "centimetres a simulated second", 10, 400)] = 130
