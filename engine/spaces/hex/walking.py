"""How people walk: one kernel moves everyone by one tick. Both hex spaces use it, so there is one rule of movement.

Each step, in an order drawn anew, a person gains `speed` points and spends them on steps: to a place down its flow
field, to a person greedily (down the field of the place where that one is, while that is much nearer to them). Whoever
is blocked by full cells changes places with somebody blocked the other way, steps aside after a while, and waits.
"""

from __future__ import annotations

import numpy as np

from engine.kernels import lean, woven
from engine.rng import philox
from engine.spaces.hex.crowd import Bodies, put, take
from engine.spaces.hex.fields import FAR, Ways, guide, look, stream
from engine.spaces.hex.grid import hex_distance
from engine.spaces.hex.terrain import COUNT, HEAD, OWNER, ROOM, STEP, Land
from engine.values import Int32s

NOWHERE, TO_PLACE, TO_AGENT, STROLLING = 0, 1, 2, 3
"""The kinds of goals (`space.goal_kind`)."""

STUCK = 12
"""Steps without coming nearer after which a person is stuck."""

ASIDE, DETOUR = 3, 30
"""After so many steps waited one steps aside, to where the way is longer by this at most (tenths of a path step)."""

LEASH = 2
"""How far beyond a place's radius strollers go who set out in it, in cells."""

_LOW, _WORD = np.uint64(0xFFFFFFFF), np.uint64(32)
_MOST_WAITED = 30_000


@lean
def _below(word: np.uint64, bound: int) -> int:
    return int(np.int64((word * np.uint64(bound)) >> _WORD))  # int() of an unsigned number stays unsigned in numba


@woven
def _shuffle(movers: Int32s, count: int, seed: np.uint64, stream: np.uint64, tick: int, substep: int) -> None:
    """Fisher and Yates's shuffle: every order is as likely, whatever the ids."""
    block = -1
    words = (np.uint64(0), np.uint64(0), np.uint64(0), np.uint64(0))
    for i in range(count - 1, 0, -1):
        if i >> 2 != block:
            block = i >> 2
            words = philox(np.uint64(block), np.uint64(tick), stream, np.uint64(substep), seed & _LOW, seed >> _WORD)
        lane = i & 3
        word = words[0] if lane == 0 else words[1] if lane == 1 else words[2] if lane == 2 else words[3]
        j = _below(word, i + 1)
        movers[i], movers[j] = movers[j], movers[i]


@woven
def _stop(bodies: Bodies, person: int) -> None:
    bodies.goal_kind[person] = NOWHERE
    bodies.goal[person] = -1
    bodies.progress[person] = 0
    bodies.waited[person] = 0


@woven
def _wait(bodies: Bodies, person: int, steps: int, most: int) -> None:
    """Wait, with at most `most` points saved, so that nobody makes up for it in one bound."""
    bodies.waited[person] = min(_MOST_WAITED, bodies.waited[person] + steps)
    bodies.progress[person] = min(bodies.progress[person], most)


@woven
def _step(bodies: Bodies, land: Land, person: int, direction: int) -> None:
    cell = bodies.cell[person]
    near = land.cells[cell, direction]
    take(land, person, cell)
    put(land, person, near)
    bodies.cell[person] = near
    bodies.place[person] = land.cells[near, OWNER]
    bodies.heading[person] = direction
    bodies.progress[person] -= land.cells[cell, STEP + direction]


@woven
def _down_field(land: Land, ways: Ways, place: int, cell: int, turn: int) -> tuple[int, int]:
    """Return (best direction with room, best direction at all) towards a place, -1 for none; ties by `turn`."""
    by, best = place, stream(ways, land.grid, place, cell)
    if best == 0 and ways.hub[place] >= 0:
        by = ways.hub[place]
        best = stream(ways, land.grid, by, cell)
    best &= 63
    if best == 0:
        return -1, -1
    wanted = turn
    while not (best >> wanted) & 1:
        wanted = wanted + 1 if wanted < 5 else 0
    near = land.cells[cell, wanted]
    if land.cells[near, COUNT] < land.cells[near, ROOM]:
        return wanted, wanted
    return _with_room(land, ways, by, cell, turn), wanted


@lean
def _with_room(land: Land, ways: Ways, by: int, cell: int, turn: int) -> int:
    """Return the best direction with room that comes nearer in a field, -1 for none."""
    here = look(ways, land.grid, by, cell)
    free, least = -1, FAR
    for t in range(6):
        k = t + turn if t + turn < 6 else t + turn - 6
        cost = land.cells[cell, STEP + k]
        near = land.cells[cell, k]
        if cost == 0 or land.cells[near, COUNT] >= land.cells[near, ROOM]:
            continue
        value = look(ways, land.grid, by, near)
        if value < here and value + cost < least:
            least, free = value + cost, k
    return free


@lean
def _towards_cell(land: Land, cell: int, target: int, turn: int) -> tuple[int, int, bool]:
    """Return (best direction with room, best at all, whether the first comes nearer); never away from the target."""
    grid = land.grid
    here = hex_distance(grid, cell, target)
    free, wanted, best_free, best_wanted = -1, -1, here + 1, here
    for t in range(6):
        k = t + turn if t + turn < 6 else t + turn - 6
        if land.cells[cell, STEP + k] == 0:
            continue
        near = land.cells[cell, k]
        away = hex_distance(grid, near, target)
        if away < best_wanted:
            best_wanted, wanted = away, k
        if away < best_free and land.cells[near, COUNT] < land.cells[near, ROOM]:
            best_free, free = away, k
    return free, wanted, best_free < here


@lean
def _comes_nearer(bodies: Bodies, land: Land, ways: Ways, person: int, cell: int, near: int) -> bool:
    """Whether a person would come nearer to its goal from one cell to another."""
    kind, goal = bodies.goal_kind[person], bodies.goal[person]
    if kind == TO_PLACE:
        by = guide(ways, land.grid, goal, cell)
        return by >= 0 and look(ways, land.grid, by, near) < look(ways, land.grid, by, cell)
    if kind == TO_AGENT and bodies.cell[goal] >= 0:
        target = bodies.cell[goal]
        return hex_distance(land.grid, near, target) < hex_distance(land.grid, cell, target)
    return False


@lean
def _change_places(bodies: Bodies, land: Land, ways: Ways, person: int, direction: int, chance: np.uint64) -> bool:
    """Change places with whoever in the full cell has waited longest to come this way; ties by chance."""
    cell = bodies.cell[person]
    near = land.cells[cell, direction]
    back = (direction + 3) % 6
    if bodies.progress[person] < land.cells[cell, STEP + direction]:
        return False
    other, longest, best = -1, 0, np.uint64(0)
    at = land.cells[near, HEAD]
    while at >= 0:
        waited = bodies.waited[at]
        if waited > 0 and waited >= longest and bodies.progress[at] >= land.cells[near, STEP + back]:
            hashed = ((np.uint64(at) + chance) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(24)
            if (waited > longest or hashed > best) and _comes_nearer(bodies, land, ways, at, near, cell):
                other, longest, best = at, waited, hashed
        at = land.after[at]
    if other < 0:
        return False
    _step(bodies, land, other, back)
    _step(bodies, land, person, direction)
    bodies.waited[other] -= 1
    return True


@lean
def _step_aside(bodies: Bodies, land: Land, ways: Ways, person: int, turn: int) -> bool:
    """Step to a cell with room from which the way is hardly longer, if there is one."""
    cell = bodies.cell[person]
    by = guide(ways, land.grid, bodies.goal[person], cell)
    if by < 0:
        return False
    most = look(ways, land.grid, by, cell) + DETOUR
    for t in range(6):
        k = t + turn if t + turn < 6 else t + turn - 6
        cost = land.cells[cell, STEP + k]
        near = land.cells[cell, k]
        if cost == 0 or bodies.progress[person] < cost or land.cells[near, COUNT] >= land.cells[near, ROOM]:
            continue
        if look(ways, land.grid, by, near) <= most:
            _step(bodies, land, person, k)
            return True
    return False


@woven
def _walk_to_place(
    bodies: Bodies, land: Land, ways: Ways, person: int, turn: int, coins: np.uint64, chance: np.uint64
) -> None:
    """Walk to a place and stop in it: by a coin in each of its cells, in the last of them, or when blocked."""
    place = bodies.goal[person]
    while True:
        cell = bodies.cell[person]
        free, wanted = _down_field(land, ways, place, cell, turn)
        if land.cells[cell, OWNER] == place:
            if free < 0 or land.cells[land.cells[cell, free], OWNER] != place:
                _stop(bodies, person)
                return
        elif wanted < 0:
            if look(ways, land.grid, place, cell) == 0:
                _stop(bodies, person)
            else:
                bodies.waited[person] = max(bodies.waited[person], STUCK)
                bodies.progress[person] = 0
            return
        if free < 0:
            if not _change_places(bodies, land, ways, person, wanted, chance):
                aside = bodies.waited[person] >= ASIDE and _step_aside(bodies, land, ways, person, turn)
                _wait(bodies, person, 2 if aside else 1, land.cells[cell, STEP + wanted])  # 2: else it goes on for ever
            return
        if bodies.progress[person] < land.cells[cell, STEP + free]:
            return
        _step(bodies, land, person, free)
        bodies.waited[person] = max(0, bodies.waited[person] - 1)
        if land.cells[bodies.cell[person], OWNER] == place:
            if coins & np.uint64(1):
                _stop(bodies, person)
                return
            coins >>= np.uint64(1)


@woven
def _walk_to_agent(bodies: Bodies, land: Land, ways: Ways, person: int, turn: int, chance: np.uint64) -> None:
    """Walk towards somebody until beside them."""
    other, grid = bodies.goal[person], land.grid
    if bodies.cell[other] < 0 or not bodies.alive[other]:
        bodies.waited[person] = max(bodies.waited[person], STUCK)
        bodies.progress[person] = 0
        return
    target, place = bodies.cell[other], bodies.place[other]
    while True:
        cell = bodies.cell[person]
        away = hex_distance(grid, cell, target)
        if away <= 1:
            _stop(bodies, person)
            return
        free, wanted, nearer = -1, -1, True
        if place >= 0 and away > hex_distance(grid, ways.centre[place], target) + 2:
            free, wanted = _down_field(land, ways, place, cell, turn)
        if wanted < 0:
            free, wanted, nearer = _towards_cell(land, cell, target, turn)
        if free < 0:
            if wanted < 0 or not _change_places(bodies, land, ways, person, wanted, chance):
                _wait(bodies, person, 1, land.cells[cell, STEP + wanted] if wanted >= 0 else 0)
            return
        cost = land.cells[cell, STEP + free]
        if bodies.progress[person] < cost:
            return
        _step(bodies, land, person, free)
        if not nearer:
            _wait(bodies, person, 1, cost)
            return
        bodies.waited[person] = max(0, bodies.waited[person] - 1)


@woven
def _stroll(bodies: Bodies, land: Land, ways: Ways, radius: Int32s, person: int, one: int, two: int) -> None:
    """Take the cheaper of two directions, if there is room, it can be paid, and it does not leave the place's leash."""
    cell, anchor = bodies.cell[person], bodies.goal[person]
    first, second = land.cells[cell, STEP + one], land.cells[cell, STEP + two]
    k = one if first > 0 and (second == 0 or first <= second) else two
    cost, near = land.cells[cell, STEP + k], land.cells[cell, k]
    if cost == 0 or land.cells[near, COUNT] >= land.cells[near, ROOM]:
        bodies.progress[person] = 0
        return
    if anchor >= 0:
        away = hex_distance(land.grid, near, ways.centre[anchor])
        if away > radius[anchor] + LEASH and away >= hex_distance(land.grid, cell, ways.centre[anchor]):
            bodies.progress[person] = 0
            return
    if bodies.progress[person] >= cost:
        _step(bodies, land, person, k)
        bodies.progress[person] = 0


@lean
def head_for_place(bodies: Bodies, land: Land, ways: Ways, agents: Int32s, places: Int32s) -> None:
    """Set people walking to places; who is there already stays; who goes there already keeps its wait."""
    for i in range(agents.size):
        person, place = agents[i], places[i]
        cell = bodies.cell[person]
        if cell >= 0 and (land.cells[cell, OWNER] == place or look(ways, land.grid, place, cell) == 0):
            _stop(bodies, person)
        elif bodies.goal_kind[person] != TO_PLACE or bodies.goal[person] != place:
            bodies.goal_kind[person], bodies.goal[person], bodies.waited[person] = TO_PLACE, place, 0


@lean
def walk(
    bodies: Bodies,
    land: Land,
    ways: Ways,
    radius: Int32s,
    movers: Int32s,
    key: tuple[np.uint64, np.uint64, np.uint64],
    tick: int,
    substeps: int,
) -> None:
    """Move everyone by one tick.

    radius: the places'; movers int32[people]: scratch; key: the seed, the stream of the order, the stream of the turns.
    """
    seed, order_stream, turn_stream = key
    count = 0
    for person in range(bodies.cell.size):
        if bodies.goal_kind[person] != NOWHERE and bodies.cell[person] >= 0 and bodies.alive[person]:
            movers[count] = person
            count += 1
    for substep in range(substeps):
        _shuffle(movers, count, seed, order_stream, tick, substep)
        for i in range(count):
            person = movers[i]
            kind = bodies.goal_kind[person]
            if kind == NOWHERE:
                continue
            words = philox(
                np.uint64(person), np.uint64(tick), turn_stream, np.uint64(substep), seed & _LOW, seed >> _WORD
            )
            turn = _below(words[0], 6)
            if kind == STROLLING:
                if _below(words[1], 3) == 0:
                    bodies.progress[person] += 3 * bodies.speed[person]
                    _stroll(bodies, land, ways, radius, person, turn, _below(words[2], 6))
                continue
            bodies.progress[person] += bodies.speed[person]
            if kind == TO_PLACE:
                _walk_to_place(bodies, land, ways, person, turn, words[1], words[2])
            else:
                _walk_to_agent(bodies, land, ways, person, turn, words[2])
