"""The names in a town: of districts, streets and workshops. No two are alike."""

from __future__ import annotations

from collections.abc import Sequence

from engine.spaces.hex.landscape_places import FIRST_HALVES, FURTHER, SECOND_HALVES
from engine.spaces.plane.town_sheet import Dice

WORKSHOPS = (
    "Bakery", "Smithy", "Carpentry", "Pottery", "Brewery", "Tailor's", "Print Shop", "Weavery", "Dairy", "Cooperage",
    "Glassworks", "Saddlery", "Clockmaker's", "Bicycle Works", "Butcher's", "Mill", "Foundry", "Dyeworks",
    "Coffee Roasters", "Locksmith's", "Chandlery", "Laundry", "Boatyard", "Papermill",
)  # fmt: skip
STREETS = (
    "Mill", "Church", "Castle", "Garden", "Linden", "Chestnut", "Baker", "Fisher", "Potter", "Weaver", "Cooper",
    "Queen", "Bishop", "Abbey", "Bell", "Bridge", "Canal", "Cherry", "Apple", "Plum", "Pear", "Poplar", "Willow",
    "Cedar", "Rose", "Lily", "Clover", "Swan", "Heron", "Lark", "Swallow", "Robin", "Fox", "Badger", "Market",
    "Orchard", "Meadow", "Harbour", "Lantern", "Silver", "Copper", "Salt", "Sand", "Chapel", "Tower", "Wall", "Spring",
    "Summer", "Harvest",
)  # fmt: skip
WAYS = ("Street", "Road", "Street", "Way")
LANES = ("Lane", "Row", "Mews", "Alley", "Court", "Passage")
RETRIES = 12


def name_districts(count: int, dice: Dice) -> list[str]:
    """Return what the names of a district's places begin with: nothing in a town that has only one."""
    if count == 1:
        return [""]
    names: list[str] = []
    while len(names) < count:
        name = FIRST_HALVES[dice.below(len(FIRST_HALVES))] + SECOND_HALVES[dice.below(len(SECOND_HALVES))]
        if name + " " not in names and name[:-4].lower() != name[-4:]:
            names.append(name + " ")
    return names


def name_streets(count: int, lanes: int, avenues: frozenset[int], dice: Dice) -> list[str]:
    """Return the names of `count` streets, the last `lanes` of which are lanes."""
    firsts, names, taken = STREETS + FIRST_HALVES, list[str](), set[str]()
    for street in range(count):
        lasts = LANES if street >= count - lanes else ("Avenue",) if street in avenues else WAYS
        tried = 0
        while len(names) == street:
            further = FURTHER[tried // RETRIES % len(FURTHER)]
            name = f"{further}{firsts[dice.below(len(firsts))]} {lasts[dice.below(len(lasts))]}"
            tried += 1
            if name not in taken:
                names.append(name)
                taken.add(name)
    return names


def name_workshops(count: int, district: str, dice: Dice) -> list[str]:
    """Return the names of a district's workshops."""
    start, names = dice.below(len(WORKSHOPS)), list[str]()
    for k in range(count):
        further = ("", "Old ", "New ", "Little ")[k // len(WORKSHOPS)]
        names.append(f"{district}{further}{WORKSHOPS[(start + k) % len(WORKSHOPS)]}")
    return names


def number_houses(spots: Sequence[tuple[int, int, int]], streets: Sequence[str]) -> list[str]:
    """Return the addresses of houses, each given as (street, bank, where along it): odd on one bank, even on the other.

    Numbers rise from the west and the south.
    """
    names, passed = [""] * len(spots), dict[tuple[int, int], int]()
    for house in sorted(range(len(spots)), key=lambda k: spots[k]):
        street, bank, _ = spots[house]
        passed[street, bank] = number = passed.get((street, bank), bank - 1) + 2
        names[house] = f"{number} {streets[street]}"
    return names
