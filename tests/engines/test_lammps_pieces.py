"""The parts of a run on LAMMPS, without MPI: random numbers, halos, walks of one domain, jobs."""

from pathlib import Path

import numpy as np
import pytest
from lammps_systems import crystal

from longstride.engines.lammps.halo import Halo
from longstride.engines.lammps.job import load_job
from longstride.engines.lammps.philox import normals, philox
from longstride.engines.lammps.placement import image_flags, image_turns, wrapped
from longstride.engines.lammps.schedule import Exchange, Schedule
from longstride.engines.lammps.walk import DomainWalk
from longstride.errors import ConfigError, EngineError, RolloutError
from longstride.kernels import Centres, NativeKick, load_propagator
from longstride.kernels.native import load_native
from longstride.model import KickDriftMap
from longstride.state import State
from longstride.zoo import resolve

compiled = pytest.mark.skipif(load_native() is None, reason="the kernel was not compiled")

KNOWN = [
    ((0, 0, 0, 0), 0, (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((0xFFFFFFFF,) * 4, 2**64 - 1, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        0x299F31D0A4093822,
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]
"""Vectors that Salmon and others publish with their code (Random123, kat_vectors)."""


@pytest.mark.parametrize(("counter", "key", "expected"), KNOWN)
def test_philox_has_its_authors_values(counter: tuple[int, ...], key: int, expected: object):
    a, b, c, d = (np.array([word], dtype=np.uint64) for word in counter)
    assert tuple(int(word[0]) for word in philox((a, b, c, d), key)) == expected


def test_normal_numbers_are_normal_and_belong_to_atoms():
    atoms = np.arange(1, 40001)
    drawn = normals(3, atoms, 17, 0)
    for power, mean, variance in ((1, 0, 1), (2, 1, 2), (3, 0, 15), (4, 3, 96)):
        z = (np.mean(drawn**power) - mean) / np.sqrt(variance / drawn.size)
        assert abs(z) < 4.0
    mixed = np.random.default_rng(0).permutation(atoms)
    np.testing.assert_array_equal(normals(3, mixed, 17, 0), drawn[mixed - 1])
    for other in (normals(4, atoms, 17, 0), normals(3, atoms, 18, 0), normals(3, atoms, 17, 1)):
        z = np.mean(other * drawn) * np.sqrt(drawn.size)
        assert abs(z) < 4.0


@pytest.mark.parametrize("bits", [32, 64])
def test_image_flags_read_back(bits: int):
    turns = np.random.default_rng(1).integers(-500, 500, (50, 3))
    flags = image_flags(turns, bits).astype(np.int32 if bits == 32 else np.int64)
    np.testing.assert_array_equal(image_turns(flags), turns)
    with pytest.raises(EngineError, match="cells away"):
        image_flags(np.array([[1 << 21, 0, 0]]), bits)


def test_atoms_on_faces_are_kept_off_them():
    cell = np.array([[10.0, 0, 0], [2, 8, 0], [1, -1, 9]])
    positions = np.array([[0.0, 0, 0], cell[0], -1e-17 * cell[1], cell.sum(0) / 3 - 2 * cell[2]])
    inside, turns = wrapped(positions, cell)
    fractions = inside @ np.linalg.inv(cell)
    assert ((fractions > 0) & (fractions < 1)).all()
    np.testing.assert_allclose(inside + turns @ cell, positions, atol=1e-9)


def test_halos_are_ordered_and_hold_what_is_near():
    rng = np.random.default_rng(4)
    own, ghosts = rng.uniform(0, 10, (200, 3)), rng.uniform(-20, 30, (3000, 3))
    outside = np.maximum(own.min(0) - ghosts, ghosts - own.max(0)).clip(0)
    depths = np.linalg.norm(outside, axis=1)
    positions = np.concatenate([own, ghosts])
    halo = Halo(np.diag([30.0, 40.0, 50.0]))
    tags = np.arange(len(positions))
    assert halo.arrange(positions, tags, 200)
    ordered = halo.ordered(tags)
    np.testing.assert_array_equal(ordered[:200], tags[:200])
    for depth in (0.0, 3.0, 7.5, 100.0):
        near = halo.within(depth)
        assert set(np.flatnonzero(depths <= depth) + 200) <= set(ordered[200:near])
        assert (depths[ordered[200:near] - 200] < depth + 2.0).all()
    assert not halo.arrange(positions + 0.3, tags, 200)
    assert halo.arrange(positions, tags[::-1].copy(), 200)


def domain_of(state: State, depth: float) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Atoms of the lower half of the cell, and their surroundings as deep as asked for.

    Returns:
        Positions, velocities and numbers of own atoms and ghosts; numbers of own atoms alone.
    """
    fractions = state.positions @ np.linalg.inv(state.cell)
    turns = np.floor(fractions)
    inside, fractions = state.positions - turns @ state.cell, fractions - turns
    own = np.flatnonzero(fractions[:, 0] < 0.5)
    reach = int(np.ceil((depth + 1.0) / state.heights.min()))
    images = np.stack(np.meshgrid(*[np.arange(-reach, reach + 1)] * 3, indexing="ij"), -1)
    every = (inside[:, None] + images.reshape(1, -1, 3) @ state.cell).reshape(-1, 3)
    numbers = np.repeat(np.arange(state.n_atoms), len(images.reshape(-1, 3)))
    low, high = inside[own].min(0), inside[own].max(0)
    gaps = np.maximum(low - every, every - high).max(axis=1)
    placed = np.abs(every - inside[numbers]).max(axis=1) < 1e-9
    ghosts = np.flatnonzero((gaps <= depth) & ~(placed & np.isin(numbers, own)))
    tags = np.concatenate([own, numbers[ghosts]])
    return np.concatenate([inside[own], every[ghosts]]), state.velocities[tags], tags, own


@compiled
@pytest.mark.parametrize("exchange", [Exchange.kick, Exchange.substep])
def test_a_walk_of_a_domain_is_that_of_the_whole(exchange: Exchange):
    model = load_propagator(resolve("al-fast")).model
    assert isinstance(model, KickDriftMap)
    state = crystal((4, 4, 4))
    schedule = Schedule.of(model, exchange)
    reach = schedule.reach(900.0, 26.98)
    positions, velocities, tags, own = domain_of(state, schedule.depth(reach))
    native = load_native()
    assert native is not None
    whole = NativeKick(model, native, double=True, threads=1)
    species = np.zeros(state.n_atoms, dtype=np.int64)
    places, speeds = state.positions.copy(), state.velocities.copy()
    group = schedule.groups[0]
    for number, one in enumerate(group):
        if number:
            places += one.drift * speeds
        speeds += whole.at(places, species, state.cell, state.pbc, one.index)
    part = NativeKick(model, native, double=True, threads=1)
    walk = DomainWalk(part, schedule.cutoff, state.cell, reach)
    types = np.ones(len(tags), dtype=np.int32)
    walked = walk.walk(group, positions, velocities, tags, types, len(own))
    moved = places[own] - state.positions[own]
    np.testing.assert_allclose(walked.positions - positions[: len(own)], moved, atol=1e-9)
    np.testing.assert_allclose(walked.velocities, speeds[own], rtol=0, atol=1e-11)


@compiled
def test_what_leaves_its_halo_is_told():
    model = load_propagator(resolve("al-fast")).model
    assert isinstance(model, KickDriftMap)
    state = crystal((3, 3, 3))
    schedule = Schedule.of(model, Exchange.substep)
    positions, velocities, tags, own = domain_of(state, schedule.depth(0.01))
    kick = NativeKick.of(model)
    assert kick is not None
    walk = DomainWalk(kick, schedule.cutoff, state.cell, 0.01)
    types = np.ones(len(tags), dtype=np.int32)
    with pytest.raises(RolloutError, match="between two exchanges"):
        walk.walk(schedule.groups[0], positions, velocities, tags, types, len(own))


@compiled
def test_atoms_that_are_no_centres_only_neighbour():
    model = load_propagator(resolve("al-fast")).model
    assert isinstance(model, KickDriftMap)
    state = crystal((3, 3, 3))
    kick = NativeKick.of(model, double=True)
    assert kick is not None
    where = (state.positions, np.zeros(state.n_atoms, dtype=np.int64), state.cell, state.pbc, 1)
    everything = kick.at(*where)
    np.testing.assert_array_equal(kick.at(*where, Centres(108, 108)), everything)
    np.testing.assert_array_equal(kick.at(*where, Centres(0, 108)), 0.0)
    half = kick.at(*where, Centres(54, 108))
    turned = (state.positions[::-1].copy(), *where[1:])
    other = kick.at(*turned, Centres(54, 108))[::-1]
    np.testing.assert_allclose(half + other, everything, atol=1e-12)
    with pytest.raises(ValueError, match="centres"):
        kick.at(*where, Centres(109, 109))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("model: al", "Field required"),
        ("{model: al, structure: a.cif, output: o.h5, time: 60, ranks: 3}", "Extra inputs"),
        ("{model: al, structure: a.cif, output: o.h5, time: 60}", "needs a temperature"),
        ("{model: al, structure: a.cif, output: o.xyz, time: 60, temperature: 3}", "ends in .h5"),
        ("{model: al, structure: a, output: o.h5, time: -1, temperature: 3}", "greater than 0"),
    ],
)
def test_jobs_are_checked(tmp_path: Path, text: str, said: str):
    path = tmp_path / "job.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=said) as caught:
        load_job(path)
    assert "\n" not in str(caught.value)
