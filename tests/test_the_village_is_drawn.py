"""The scene in real pixels: light by the hour, the land's colours where it lies, nothing where it must not stand."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from numpy.typing import NDArray

from app.compose import compose
from engine.remote.wire import About, Columns, PlaceEntry
from engine.spaces.hex.landscape import KINDS
from tests.hamlet import hamlet

if TYPE_CHECKING:
    from app.viewport.scene import Scene

SIZE = (640, 400)


@pytest.fixture(scope="module")
def land() -> tuple[About, Columns]:
    society = compose(hamlet()).society
    found = society.land
    about = About(
        name="hamlet", title="", description="", run="", program="", seed=11, scenario="", tick=120, day=720, start=360,
        ticks=1, mode="live", rate=4.0, space="hex", width=found.columns, height=found.rows, edges=found.edges,
        substeps=3, live=True, first=0, parent=None, changes=(), kinds=KINDS, roles=(), actions=(), appeals=(),
        minds=(), columns=(), events=(), measures=(),
        places=tuple(PlaceEntry(s.name, s.kind, s.cell, s.radius, 1, s.heading) for s in society.places.all),
    )  # fmt: skip
    return about, {"kind": found.kind, "elevation": found.elevation, "bridge": found.bridge}


class Stage:
    """A canvas of its own with a scene in it, and a camera that looks from anywhere."""

    def __init__(self, about: About, land: Columns, tier: str) -> None:
        from app.viewport.gl import scene
        from app.viewport.quality import TIERS
        from app.viewport.scene import Scene

        self.canvas: Any = scene.SceneCanvas(keys=None, size=SIZE, show=True, config={"depth_size": 24}, bgcolor="#f0f")
        for name in self.canvas.events:
            self.canvas.events[name].ignore_callback_errors = False
        self.canvas.set_current()
        self.scene: Scene = Scene(about, land, self.canvas.scene, TIERS[tier])
        self.matrix = np.eye(4)

    def look(self, at: tuple[float, float, float], distance: float, elevation: float, azimuth: float) -> None:
        up, side = np.deg2rad(elevation), np.deg2rad(azimuth)
        back = np.array([np.sin(side) * np.cos(up), -np.cos(side) * np.cos(up), np.sin(up)])
        right = np.array([np.cos(side), np.sin(side), 0.0])
        view = np.eye(4)
        view[:3, 0], view[:3, 1], view[:3, 2] = right, np.cross(back, right), back
        view[3, :3] = -(np.array(at) + distance * back) @ view[:3, :3]
        near, far, lens = 0.5, 400.0, 1 / np.tan(np.deg2rad(20))
        project = np.zeros((4, 4))
        project[0, 0], project[1, 1], project[2, 2] = lens * SIZE[1] / SIZE[0], lens, (far + near) / (near - far)
        project[2, 3], project[3, 2] = -1, 2 * far * near / (near - far)
        self.matrix = view @ project
        self.scene.set_matrix(self.matrix.astype(np.float32))

    def picture(self, hour: float) -> NDArray[np.uint8]:
        from app.viewport.gl import GL

        self.scene.set_light(hour, 30.0, 40.0, 40.0)
        drawn: NDArray[np.uint8] = np.asarray(self.canvas.render(alpha=False))
        assert GL.glGetError() == 0
        return drawn

    def colours(self, drawn: NDArray[np.uint8], xyz: NDArray[np.float32]) -> NDArray[np.uint8]:
        """Return the colours of a picture at points of the world that are in it, uint8[n,3]."""
        clip = np.c_[xyz, np.ones(len(xyz))] @ self.matrix
        place = clip[:, :2] / clip[:, 3:]
        place = place[(np.abs(place) < 0.95).all(1)]
        height, width = drawn.shape[:2]
        found: NDArray[np.uint8] = drawn[
            ((1 - place[:, 1]) / 2 * height).astype(int), ((1 + place[:, 0]) / 2 * width).astype(int)
        ]
        return found

    def close(self) -> None:
        from PySide6.QtWidgets import QApplication

        self.canvas.set_current()
        self.scene.dispose()
        QApplication.processEvents()  # what was posted for the widget must not outlive it
        self.canvas.close()
        QApplication.processEvents()


@pytest.fixture(params=["light", "standard"])
def stage(
    request: pytest.FixtureRequest, qapp: Any, land: tuple[About, Columns], no_hidden_errors: None
) -> Iterator[Stage]:
    made = Stage(*land, request.param)
    yield made
    made.close()


def brightness(drawn: NDArray[np.uint8]) -> float:
    return float((drawn @ np.array([0.30, 0.59, 0.11])).mean())


def test_night_is_darker_than_noon_and_dawn_lies_between(stage: Stage) -> None:
    stage.look((0, 0, 0), 34, 40, -24)
    noon, dawn, night = (brightness(stage.picture(hour)) for hour in (12, 5.4, 0))
    assert night < 0.6 * noon
    assert night < dawn < noon


def test_the_light_has_no_leaps_all_day(stage: Stage) -> None:
    stage.look((0, 0, 0), 34, 40, -24)
    day = [brightness(stage.picture(hour)) for hour in np.arange(0, 24.01, 0.25)]
    assert max(abs(a - b) for a, b in pairwise(day)) < 28
    assert abs(day[0] - day[-1]) < 1


def test_the_land_has_its_colours_where_it_lies(stage: Stage) -> None:
    ground = stage.scene.ground
    stage.look((0, 0, 0), 60, 89, 0)
    drawn = stage.picture(12)
    tone = {
        kind: np.median(stage.colours(drawn, ground.xyz[ground.is_kind(kind) & ~ground.bridge]), axis=0)
        for kind in ("meadow", "forest", "water", "path")
    }
    for kind in ("meadow", "forest"):
        red, green, blue = tone[kind]
        assert green > red and green > blue + 20, kind
    red, green, blue = tone["water"]
    assert blue > green > red + 20
    red, green, blue = tone["path"]
    assert red >= green > blue > 120


def test_every_side_of_the_edge_fades_into_the_haze(stage: Stage) -> None:
    half = np.array(stage.scene.ground.size) / 2
    for azimuth, x, y in ((0, 0, -1), (90, 1, 0), (180, 0, 1), (270, -1, 0)):
        stage.look((x * half[0], y * half[1], 0), 60, 35, azimuth)
        drawn = stage.picture(12).astype(int)
        bottom = drawn[-8:].reshape(-1, 3)
        assert np.ptp(bottom, axis=0).max() < 24, "the land ends in one haze, and not in a cliff"
        assert not (np.abs(drawn - (255, 0, 255)).sum(-1) < 9).any(), "the canvas's own ground shines through nowhere"


def test_nothing_grows_in_water_or_on_a_path_and_no_house_stands_there(stage: Stage) -> None:
    ground, layers = stage.scene.ground, stage.scene.props.layers
    half = np.array(ground.size) / 2 - 1
    assert {"house", "pine", "oak", "birch", "crop"} <= set(layers)
    for name, instances in layers.items():
        xy = instances["i_place"][:, :2]
        cells = ground.cell_at(xy[(np.abs(xy) < half).all(1)])
        assert not ground.water[cells].any(), name
        assert not ground.path[cells].any(), name


def test_every_place_can_be_recognised(stage: Stage, land: tuple[About, Columns]) -> None:
    furniture = stage.scene.props.furniture["a_vert"][:, :2]
    built = np.concatenate(
        [stage.scene.props.layers[name]["i_place"][:, :2] for name in ("house", "cottage", "workshop", "hall")]
    )
    for place in land[0].places:
        middle = stage.scene.ground.xyz[place.cell, :2]
        apart = np.hypot(*(np.concatenate([furniture, built]) - middle).T)
        assert apart.min() < 1.5, place.name


def test_a_society_looks_the_same_each_time(stage: Stage, land: tuple[About, Columns]) -> None:
    from app.viewport.props import place_props
    from app.viewport.terrain import HexGround, lay_sheet, tones

    ground = HexGround(*land)
    sheet = lay_sheet(ground, stage.scene.quality.margin)
    tone = tones(land[0], ground, np.random.default_rng([land[0].seed, 0x746F6E65]))
    again = place_props(land[0], ground, sheet, tone, stage.scene.quality)
    assert set(again.layers) == set(stage.scene.props.layers)
    for name, instances in again.layers.items():
        assert np.array_equal(instances, stage.scene.props.layers[name]), name


def test_the_light_tier_draws_less(qapp: Any, land: tuple[About, Columns]) -> None:
    drawn = {}
    for tier in ("light", "standard", "fine"):
        stage = Stage(*land, tier)
        stage.look((0, 0, 0), 34, 40, -24)
        drawn[tier] = sum(
            visual.indices if visual.index is not None else visual.count * visual.vertices
            for visual in stage.scene.visuals.values()
        )
        stage.close()
    assert drawn["light"] < 0.6 * drawn["standard"]
    assert drawn["standard"] <= drawn["fine"]


def test_what_a_scene_held_is_freed(qapp: Any, land: tuple[About, Columns]) -> None:
    from app.viewport.gl import GL

    stage = Stage(*land, "standard")
    stage.look((0, 0, 0), 34, 40, -24)
    stage.picture(12)
    stage.picture(12)
    parser = stage.canvas.context.shared.parser
    held = [thing for visual in stage.scene.visuals.values() for thing in (visual.buffer, visual.index, visual.mesh)]
    known = [parser.get_object(thing.id) for thing in held if thing is not None]
    buffers = [thing.handle for thing in known if thing is not None]
    arrays = [visual._array for visual in stage.scene.visuals.values() if visual._array]
    assert len(buffers) > 20 and len(arrays) > 10
    assert all(GL.glIsBuffer(number) for number in buffers) and all(GL.glIsVertexArray(number) for number in arrays)
    stage.canvas.set_current()
    stage.scene.dispose()
    stage.canvas.context.flush_commands()
    assert not any(GL.glIsBuffer(number) for number in buffers)
    assert not any(GL.glIsVertexArray(number) for number in arrays)
    stage.close()


def test_cells_are_found_under_points_and_bridges_carry(land: tuple[About, Columns]) -> None:
    from app.viewport.terrain import HexGround

    ground = HexGround(*land)
    dice = np.random.default_rng(1)
    angle, out = dice.random(ground.kind.size) * 2 * np.pi, dice.random(ground.kind.size) * 0.84
    aside = ground.xyz[:, :2] + np.stack([out * np.cos(angle), out * np.sin(angle)], 1)
    assert np.array_equal(ground.cell_at(aside), np.arange(ground.kind.size))
    assert np.array_equal(ground.height_at(ground.xyz[:, :2]), ground.xyz[:, 2])
    water = ground.water & ~ground.bridge
    if ground.bridge.any():
        assert ground.xyz[ground.bridge, 2].min() > ground.xyz[water, 2].max()
    neighbours = ground.neighbours()
    inside = neighbours >= 0
    steps = ground.xyz[neighbours][inside][:, :2] - np.repeat(ground.xyz[:, None, :2], 6, 1)[inside]
    assert np.allclose(np.hypot(*steps.T), 3**0.5, atol=1e-4)


def test_the_tier_follows_the_renderer_and_the_user() -> None:
    from app.viewport.quality import choose

    assert choose("llvmpipe (LLVM 15.0.6, 256 bits)").name == "light"
    assert choose("Google SwiftShader").name == "light"
    assert choose("NVIDIA GeForce RTX 4070/PCIe/SSE2").name == "standard"
    assert choose("llvmpipe (LLVM 15.0.6, 256 bits)", "fine").name == "fine"
