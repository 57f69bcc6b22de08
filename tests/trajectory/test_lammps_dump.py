"""LAMMPS dumps: every way of writing positions gives the same unwrapped trajectory."""

import gzip
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ase.io
import numpy as np
import pytest
from numpy.typing import NDArray

from longstride.errors import FileFormatError
from longstride.trajectory import ImportOptions, TrajectoryFile, import_trajectories
from longstride.units import ASE_TIME

Array = NDArray[np.float64]
ORTHOGONAL = np.diag([8.0, 9.0, 10.0])
TRICLINIC = np.array([[8.0, 0.0, 0.0], [2.5, 9.0, 0.0], [-3.0, 1.5, 10.0]])
OPTIONS = ImportOptions(units="metal", timestep=2.0, temperatures=(300.0,))
CELLS = [pytest.param(ORTHOGONAL, id="orthogonal"), pytest.param(TRICLINIC, id="triclinic")]
COLUMNS = {
    "flags": "id element x y z ix iy iz",
    "continuity": "id element x y z",
    "unwrapped": "id element xu yu zu",
    "scaled": "id element xs ys zs",
    "scaled with flags": "ix iy iz xs ys zs id element",
    "scaled unwrapped": "id element xsu ysu zsu",
    "another order": "c_pe z vy iz id x element vx iy vz y ix",
}


def convert(path: Path, options: ImportOptions = OPTIONS) -> TrajectoryFile:
    output = path.with_suffix(".h5")
    import_trajectories([path], output, options)
    return TrajectoryFile(output)


def assert_same_path(found: Array, walk: Any) -> None:
    """Positions agree up to the lattice vector by which each atom's start was wrapped."""
    offsets = (found - walk.positions) @ np.linalg.inv(walk.cell)
    np.testing.assert_allclose(offsets, np.round(offsets[:1]) + 0 * offsets, atol=1e-9)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("columns", COLUMNS.values(), ids=COLUMNS)
@pytest.mark.parametrize("shuffle", [False, True], ids=["sorted", "unsorted"])
def test_positions(
    tmp_path: Path,
    make_walk: Callable[..., Any],
    write_dump: Callable[..., Any],
    cell: Array,
    columns: str,
    shuffle: bool,
) -> None:
    walk = make_walk(cell)
    assert np.abs(walk.images).max() >= 1
    path = tmp_path / "run.dump"
    write_dump(path, walk, columns.split(), shuffle)
    with convert(path) as file:
        segment = file["run"]
        assert_same_path(segment.positions(), walk)
        if "u" in columns or "ix" in columns:
            np.testing.assert_allclose(segment.positions(), walk.positions, atol=1e-9)
        np.testing.assert_allclose(segment.cell, cell, atol=1e-12)
        np.testing.assert_array_equal(segment.species, [13, 29, 13, 13, 29, 13])
        np.testing.assert_allclose(segment.times, 200.0 + 10.0 * np.arange(25))
        assert segment.interval == 10.0
        assert segment.has_velocities == ("vx" in columns)
        if segment.has_velocities:
            np.testing.assert_allclose(segment.velocities(), walk.velocities, rtol=1e-12)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("columns", ["x y z", "xs ys zs", "xu yu zu"])
def test_against_ase(
    tmp_path: Path,
    make_walk: Callable[..., Any],
    write_dump: Callable[..., Any],
    cell: Array,
    columns: str,
) -> None:
    walk = make_walk(cell)
    path = tmp_path / "run.dump"
    write_dump(path, walk, f"vx vy vz {columns} id element".split(), shuffle=True)
    images = ase.io.read(path, index=":", format="lammps-dump-text")
    with convert(path) as file:
        segment = file["run"]
        found, velocities = segment.positions(), segment.velocities()
        for i, image in enumerate(images):
            moved = found[i] - image.positions
            if columns == "xs ys zs":
                moved -= walk.origin  # ASE leaves the origin out of scaled coordinates
            lattice = moved @ np.linalg.inv(image.cell.array)
            np.testing.assert_allclose(lattice, np.round(lattice), atol=1e-9)
            np.testing.assert_allclose(velocities[i], image.get_velocities() / ASE_TIME, rtol=1e-7)
            np.testing.assert_allclose(segment.cell, image.cell.array, atol=1e-12)
            np.testing.assert_array_equal(segment.species, image.numbers)
            np.testing.assert_array_equal(segment.pbc, image.pbc)


def test_general_triclinic_box(
    tmp_path: Path, make_walk: Callable[..., Any], write_dump: Callable[..., Any]
) -> None:
    turn, _ = np.linalg.qr(np.random.default_rng(2).normal(size=(3, 3)))
    turn *= np.linalg.det(turn)
    walk = make_walk(TRICLINIC @ turn)
    for columns in ("x y z", "xs ys zs", "x y z ix iy iz"):
        path = tmp_path / f"{columns.replace(' ', '')}.dump"
        write_dump(path, walk, ["id", "element", *columns.split()], general=True)
        with convert(path) as file:
            segment = file[path.stem]
            assert_same_path(segment.positions(), walk)
            np.testing.assert_allclose(segment.cell, walk.cell, atol=1e-12)


@pytest.mark.parametrize("columns", ["x y z", "x y z ix iy"])
def test_partly_periodic(
    tmp_path: Path, make_walk: Callable[..., Any], write_dump: Callable[..., Any], columns: str
) -> None:
    walk = make_walk(pbc=(True, True, False))
    path = tmp_path / "run.dump"
    write_dump(path, walk, ["id", "element", *columns.split()])
    with convert(path) as file:
        segment = file["run"]
        assert segment.pbc.tolist() == [True, True, False]
        assert_same_path(segment.positions(), walk)


def test_types_masses_times_and_gzip(
    tmp_path: Path, make_walk: Callable[..., Any], write_dump: Callable[..., Any]
) -> None:
    walk = make_walk()
    path = tmp_path / "run.dump"

    def add_time(frame: int, lines: list[str]) -> list[str]:
        return ["ITEM: TIME", repr(0.2 + 0.01 * frame), *lines]

    write_dump(
        path,
        walk,
        ["id", "type", "mass", "x", "y", "z", "vx", "vy", "vz"],
        head=["ITEM: UNITS", "metal"],
        change=lambda frame, lines: (
            [*lines[:2], *add_time(frame, lines[2:])] if frame == 0 else add_time(frame, lines)
        ),
    )
    packed = tmp_path / "run.dump.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    output = tmp_path / "out.h5"
    (imported,) = import_trajectories([packed], output, ImportOptions(elements=("Al", "Cu")))
    with TrajectoryFile(output) as file:
        segment = file["run"]
        np.testing.assert_array_equal(segment.species, [13, 29, 13, 13, 29, 13])
        np.testing.assert_allclose(segment.masses, [26.98, 63.55, 26.98, 26.98, 63.55, 26.98])
        np.testing.assert_allclose(segment.times, 200.0 + 10.0 * np.arange(25))
        np.testing.assert_allclose(segment.velocities(), walk.velocities, rtol=1e-12)
        states = [segment.state(i) for i in range(25)]
        drifts = [state.momenta.sum(axis=0) / state.masses.sum() for state in states]
        still = [s.with_(velocities=s.velocities - v) for s, v in zip(states, drifts, strict=True)]
        kinetic = np.mean([state.temperature for state in still])
        assert segment.metadata["temperature"] == pytest.approx(kinetic, rel=1e-12)
        assert segment.metadata["temperature_source"] == "mean kinetic"
        assert imported.temperature == segment.metadata["temperature"]
        assert segment.metadata["run"] == "run"
        assert file.provenance["sources"][0]["name"] == "run.dump.gz"
        assert len(file.provenance["sources"][0]["sha256"]) == 64


def test_real_units(
    tmp_path: Path, make_walk: Callable[..., Any], write_dump: Callable[..., Any]
) -> None:
    walk = make_walk()
    path = tmp_path / "run.dump"
    write_dump(path, walk, ["id", "element", "x", "y", "z", "vx", "vy", "vz"])
    options = OPTIONS.model_copy(update={"temperatures": ()})
    with convert(path, options) as file:
        metal = file["run"].velocities()
    with pytest.raises(FileFormatError, match=r"temperature of .* K; check --units"):
        import_trajectories([path], tmp_path / "b.h5", options.model_copy(update={"units": "real"}))
    slow = path.read_text().split("\n")
    for i, line in enumerate(slow):
        words = line.split()
        if len(words) == 8 and words[1] in ("Al", "Cu"):
            slow[i] = " ".join([*words[:5], *(repr(float(word) / 1000) for word in words[5:])])
    real_path = tmp_path / "real.dump"
    real_path.write_text("\n".join(slow))
    with convert(real_path, options.model_copy(update={"units": "real"})) as file:
        np.testing.assert_allclose(file["real"].velocities(), metal, rtol=1e-12)


def test_flags_and_continuity_agree_after_many_crossings(
    tmp_path: Path, make_walk: Callable[..., Any], write_dump: Callable[..., Any]
) -> None:
    walk = make_walk(TRICLINIC, frames=400)
    assert np.abs(walk.images).max() > 10
    paths = tmp_path / "flags.dump", tmp_path / "plain.dump"
    write_dump(paths[0], walk, COLUMNS["flags"].split(), shuffle=True)
    write_dump(paths[1], walk, COLUMNS["continuity"].split(), shuffle=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        import_trajectories(paths, tmp_path / "out.h5", OPTIONS)
    with TrajectoryFile(tmp_path / "out.h5") as file:
        flags, plain = file["flags"].positions(), file["plain"].positions()
    np.testing.assert_allclose(flags - flags[0], plain - plain[0], atol=1e-9)
