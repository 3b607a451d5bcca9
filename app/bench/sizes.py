"""How much a bench does: the usual sizes, the long form, and tiny ones that only show that it works."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Society:
    """A society to measure: the settlement with so many people, on a square grid with so many villages."""

    people: int = 500
    side: int = 100
    villages: int = 1
    houses: int = 72
    everyone: bool = True
    """Whether everyone is asked at every tick, or only who is free, touched by an event, or long unasked."""


@dataclass(frozen=True, slots=True)
class MindSizes:
    """Sizes of the measurements of language models. Rates are measured over so many decisions each."""

    rounds: int = 3
    children: int = 0
    """Processes with a model, 0 for one a core."""
    prompts: int = 640
    """Of the settlement, and made ones, each asked in turn."""
    decisions: int = 576
    sequential: int = 32
    """Decisions of plain llama-cpp-python, which takes longer for each."""
    at_once: tuple[int, ...] = (1, 8, 32, 64)
    shapes: tuple[str, ...] = ("135m-bpe", "135m-spm", "500m-bpe")
    """Models with random weights, by "parameters-tokenizer"; see `minds_weights`."""
    shape_decisions: int = 32
    shape_sequential: int = 6
    gpu_shape: str = "7b-spm"
    gpu_decisions: int = 1_024
    gpu_sequential: int = 32
    checked: int = 2_000
    """Decisions that are looked at for invalid ones, of ember and of random weights each."""
    ticks: int = 300
    """Live ticks that are timed while models think, at each speed."""


@dataclass(frozen=True, slots=True)
class Town:
    """The city for so many people: blocks each way, and the side of the plane in metres."""

    people: int = 2_500
    blocks: int = 4
    side: int = 320


@dataclass(frozen=True, slots=True)
class PlaneSizes:
    """Sizes of the measurements on the plane: how many are moved by each program, the smallest first."""

    few: int = 2_500
    """At so many we are held against peers."""
    many: int = 100_000
    flock: tuple[int, ...] = (500, 2_500, 10_000, 100_000, 1_000_000)
    crowd: tuple[int, ...] = (500, 2_500, 10_000, 100_000)
    field: tuple[int, ...] = (500, 2_500, 10_000, 100_000)
    mesa: tuple[int, ...] = (500, 2_500)
    tree: tuple[int, ...] = (500, 2_500, 10_000, 100_000)
    jupedsim: tuple[int, ...] = (500, 2_500, 10_000)
    work: int = 5_000_000
    """So many are moved by a step each at each size, in 3 to 200 steps; a tenth of it by peers, by Mesa a hundredth."""
    city: Town = Town()
    city_ticks: int = 240
    large_city: Town | None = None
    large_city_ticks: int = 20
    large_city_warm_up: int = 60
    """After so many ticks most ways are known; the first, on which everybody is asked, take seconds."""
    remembered: int = 100_000
    """Of so many people the memory is measured."""
    doors: tuple[float, ...] = (1.0, 1.2, 1.6, 2.0, 2.4)
    """Widths of doors in metres, out of a room with so many people."""
    door_people: int = 200
    densities: tuple[float, ...] = (0.5, 1.0, 1.5, 2.0, 3.0)
    """People to a square metre in a corridor where their speed is measured for so many seconds."""
    corridor_seconds: float = 40.0


@dataclass(frozen=True, slots=True)
class Sizes:
    """Sizes of all measurements; ticks are those that are timed, after `warm_up` ticks that are not."""

    rounds: int = 3
    thrown_away: int = 1
    """Rounds before those that count, in short: they fill the caches of kernels and files."""
    warm_up: int = 20
    village: Society = Society()
    village_ticks: int = 720
    """A whole day: what people do, and so what a tick costs, depends on the hour."""
    town: Society = Society(people=10_000, side=450, villages=20, everyone=False)
    """Twenty settlements beside one another: as many people, houses and cells for each as in the settlement."""
    crowd: Society = Society(people=10_000, side=450, villages=20)
    town_ticks: int = 180
    crowd_ticks: int = 60
    city: Society | None = None
    city_ticks: int = 40
    peer_ticks: int = 240
    plane: PlaneSizes = PlaneSizes()
    file_ticks: int = 2_000
    long_ticks: int = 5_000
    seeks: int = 40
    host_ticks: int = 500
    window_seconds: float = 10.0
    """How long a window is watched for each of its figures."""
    shown_city: tuple[str, ...] = ("time.start=07:10",)
    """What is changed in the city whose pictures are counted."""
    clicks: int = 40
    crowds: tuple[int, ...] = (500, 2_500, 100_000)
    """People in the viewport when its frames are timed."""
    scrub_ticks: int = 2_000
    """Length of the run of 2,500 people that is scrubbed through."""
    minds: MindSizes = MindSizes()


USUAL = Sizes()

FULL = Sizes(
    rounds=5,
    city=Society(people=100_000, side=1_000, villages=64, houses=223, everyone=False),
    plane=PlaneSizes(
        crowd=(500, 2_500, 10_000, 100_000, 1_000_000),
        mesa=(500, 2_500, 10_000),
        work=20_000_000,
        city_ticks=720,
        large_city=Town(people=100_000, blocks=26, side=1_820),
        remembered=1_000_000,
    ),
    long_ticks=100_000,
    seeks=100,
    clicks=100,
    scrub_ticks=20_000,
    minds=MindSizes(
        rounds=5,
        shapes=("135m-bpe", "135m-spm", "500m-bpe", "500m-spm"),
        checked=100_000,
        ticks=1_000,
    ),
)

TINY = Sizes(
    rounds=1,
    thrown_away=0,
    warm_up=1,
    village=Society(people=30, side=40, houses=8),
    village_ticks=6,
    town=Society(people=60, side=48, houses=12, everyone=False),
    town_ticks=3,
    crowd=Society(people=60, side=48, houses=12),
    crowd_ticks=3,
    peer_ticks=6,
    plane=PlaneSizes(
        few=150,
        many=600,
        flock=(150, 600),
        crowd=(150, 600),
        field=(150, 600),
        mesa=(150,),
        tree=(150, 600),
        jupedsim=(150,),
        work=0,
        city=Town(people=60, blocks=2, side=200),
        city_ticks=2,
        remembered=400,
        doors=(1.2, 2.4),
        door_people=60,
        densities=(0.5, 2.0),
        corridor_seconds=8.0,
    ),
    file_ticks=40,
    long_ticks=60,
    seeks=3,
    host_ticks=5,
    window_seconds=1.0,
    shown_city=("population.count=60", "town.blocks=[2, 2]", "space.width=200", "space.height=200"),
    clicks=3,
    crowds=(50,),
    scrub_ticks=6,
    minds=MindSizes(
        rounds=1,
        children=1,
        prompts=8,
        decisions=4,
        sequential=2,
        at_once=(1, 4),
        shapes=("tiny-bpe",),
        shape_decisions=4,
        shape_sequential=2,
        gpu_shape="",
        checked=8,
        ticks=12,
    ),
)
