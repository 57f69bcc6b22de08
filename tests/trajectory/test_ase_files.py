"""Extended XYZ and .traj: in from ASE, out to ASE."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import ase
import ase.io
import numpy as np
import pytest
from ase import units as ase_units
from ase.build import bulk
from ase.calculators.emt import EMT
from ase.calculators.singlepoint import SinglePointCalculator
from ase.md.velocitydistribution import Stationary, thermalize_momenta
from ase.md.verlet import VelocityVerlet

from longstride.errors import FileFormatError
from longstride.trajectory import (
    ImportOptions,
    TrajectoryFile,
    TrajectoryWriter,
    import_trajectories,
    write_extxyz,
)


@pytest.fixture(scope="module")
def run() -> list[ase.Atoms]:
    """An ASE run: frames every 10 fs, with energies and stress."""
    atoms = bulk("Cu", cubic=True) * (2, 2, 2)
    atoms.calc = EMT()
    thermalize_momenta(atoms, temperature_K=600, rng=np.random.default_rng(4))
    Stationary(atoms)
    frames = []

    def store() -> None:
        copy = atoms.copy()
        energy, stress = atoms.get_potential_energy(), atoms.get_stress()
        copy.calc = SinglePointCalculator(copy, energy=energy, stress=stress)
        copy.info["time"] = dynamics.get_time() / ase_units.fs
        frames.append(copy)

    dynamics = VelocityVerlet(atoms, 5 * ase_units.fs)
    dynamics.attach(store, interval=2)
    dynamics.run(20)
    return frames


@pytest.mark.parametrize("ending", ["xyz", "traj"])
@pytest.mark.parametrize("wrap", [False, True])
def test_import(tmp_path: Path, run: list[ase.Atoms], ending: str, wrap: bool) -> None:
    path = tmp_path / f"run.{ending}"
    frames = [image.copy() for image in run]
    for image, original in zip(frames, run, strict=True):
        if wrap:
            image.wrap()
        results = original.calc.results
        image.calc = SinglePointCalculator(image, **results)
    ase.io.write(path, frames)
    output = tmp_path / "out.h5"
    import_trajectories([path], output, ImportOptions())
    with TrajectoryFile(output) as file:
        segment = file["run"]
        assert segment.n_frames == len(run)
        assert segment.interval == pytest.approx(10.0)
        expected = np.array([image.positions for image in run])
        found = segment.positions()
        lattice = (found - expected) @ np.linalg.inv(run[0].cell.array)
        np.testing.assert_allclose(lattice, np.round(lattice[:1]) + 0 * lattice, atol=1e-8)
        velocities = np.array([image.get_velocities() * ase_units.fs for image in run])
        np.testing.assert_allclose(segment.velocities(), velocities, atol=2e-9)
        energies = [image.get_potential_energy() for image in run]
        np.testing.assert_allclose(segment.potential_energy(), energies, rtol=1e-9)
        stress = [image.get_stress(voigt=False) for image in run]
        np.testing.assert_allclose(segment.stress(), stress, atol=1e-9)
        assert segment.metadata["temperature"] == pytest.approx(
            np.mean([image.get_temperature() for image in run]) * 32 / 31, rel=1e-6
        )


def test_velocities_agree_with_the_path(tmp_path: Path, run: list[ase.Atoms]) -> None:
    """The units are right: what the velocities say happens between the frames."""
    path = tmp_path / "run.xyz"
    ase.io.write(path, run)
    import_trajectories([path], tmp_path / "out.h5", ImportOptions())
    with TrajectoryFile(tmp_path / "out.h5") as file:
        segment = file["run"]
        x, v = segment.positions(), segment.velocities()
    moved, flown = x[2:] - x[:-2], 20.0 * v[1:-1]
    assert np.sum(moved * flown) / np.sum(flown**2) == pytest.approx(1.0, abs=0.02)


@pytest.mark.parametrize("name", ["vel", "velo", "velocities"])
def test_velocity_columns_of_other_programs(
    tmp_path: Path, run: list[ase.Atoms], name: str
) -> None:
    frames = []
    for image in run:
        plain = ase.Atoms(image.symbols, image.positions, cell=image.cell, pbc=True)
        plain.arrays[name] = image.get_velocities() * ase_units.fs * 1000
        plain.info["Time"] = image.info["time"] / 1000
        frames.append(plain)
    path = tmp_path / "run.xyz"
    ase.io.write(path, frames)
    import_trajectories([path], tmp_path / "out.h5", ImportOptions(units="metal"))
    with TrajectoryFile(tmp_path / "out.h5") as file:
        expected = np.array([image.get_velocities() * ase_units.fs for image in run])
        np.testing.assert_allclose(file["run"].velocities(), expected, atol=1e-9)
        assert file["run"].interval == pytest.approx(10.0)
    with pytest.raises(FileFormatError, match=r"make a temperature of .* K; check --units"):
        import_trajectories([path], tmp_path / "b.h5", ImportOptions())


@pytest.mark.parametrize("moving", [True, False])
def test_written_extxyz_opens_in_ase_and_comes_back(
    tmp_path: Path, make_walk: Callable[..., Any], moving: bool
) -> None:
    walk = make_walk(np.array([[8.0, 0.0, 0.0], [2.5, 9.0, 0.0], [-3.0, 1.5, 10.0]]))
    count = len(walk.positions)
    stress = np.arange(9.0).reshape(3, 3)
    stress = 1e-3 * np.tile(stress + stress.T, (count, 1, 1))
    with TrajectoryWriter(tmp_path / "a.h5") as out:
        out.segment(
            "walk",
            species=[13, 29, 13, 13, 29, 13],
            masses=[26.98, 63.55, 26.98, 26.98, 63.55, 26.98],
            cell=walk.cell,
            pbc=walk.pbc,
            interval=10.0,
            metadata={"temperature": 300.0},
        ).append_many(
            time=7.0 + 10.0 * np.arange(count),
            positions=walk.positions,
            velocities=walk.velocities if moving else None,
            potential_energy=np.arange(count) - 0.125,
            stress=stress,
        )
    path = tmp_path / "walk.xyz"
    with TrajectoryFile(tmp_path / "a.h5") as file:
        segment = file["walk"]
        write_extxyz(path, segment)
        for i, image in enumerate(ase.io.iread(path, index=":")):
            np.testing.assert_allclose(image.positions, walk.positions[i], atol=1e-9)
            np.testing.assert_array_equal(image.numbers, segment.species)
            np.testing.assert_allclose(image.get_masses(), segment.masses)
            np.testing.assert_allclose(image.cell.array, walk.cell)
            assert image.pbc.all()
            assert image.info["time"] == 7.0 + 10.0 * i
            assert image.get_potential_energy() == i - 0.125
            np.testing.assert_allclose(image.get_stress(voigt=False), stress[i], rtol=1e-12)
            if moving:
                np.testing.assert_allclose(
                    image.get_velocities() * ase_units.fs, walk.velocities[i], rtol=1e-7
                )
            else:
                assert "momenta" not in image.arrays
        write_extxyz(tmp_path / "some.xyz", segment, slice(3, 12, 4))
        some = ase.io.read(tmp_path / "some.xyz", index=":")
        assert [image.info["time"] for image in some] == [37.0, 77.0, 117.0]
        import_trajectories([path], tmp_path / "b.h5", ImportOptions(temperatures=(300.0,)))
        with TrajectoryFile(tmp_path / "b.h5") as back:
            again = back["walk"]
            np.testing.assert_allclose(again.positions(), segment.positions(), atol=1e-9)
            np.testing.assert_allclose(again.times, segment.times)
            assert again.has_velocities == moving
            if moving:
                np.testing.assert_allclose(again.velocities(), segment.velocities(), rtol=1e-7)
    assert {entry.suffix for entry in tmp_path.iterdir()} == {".h5", ".xyz"}
