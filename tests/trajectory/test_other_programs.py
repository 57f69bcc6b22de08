"""ASE, MDAnalysis and OVITO open what is written for them, with the right numbers."""

from pathlib import Path

import numpy as np
import pytest
from other_programs import INTERVAL, LOWER, MASSES, SPECIES, TURNED, converted, distances, make_file

from longstride.trajectory import Segment, TrajectoryFile
from longstride.units import ASE_TIME

SYMBOLS = ["Al" if number == 13 else "Cu" for number in SPECIES]
CELLS = pytest.mark.parametrize("cell", [LOWER, TURNED], ids=["lower", "turned"])
ORTHOGONAL = np.diag([8.0, 9.0, 10.0])


def same_structure(segment: Segment, frame: int, positions: np.ndarray, cell: np.ndarray) -> None:
    """The atoms are as far from each other as those of the segment."""
    before = distances(segment.positions(frame), segment.cells(frame))
    np.testing.assert_allclose(distances(positions, cell), before, atol=5e-5)


def same_speeds(segment: Segment, frame: int, velocities: np.ndarray) -> None:
    """Velocities in Å/fs are those of the segment, turned or not."""
    before = segment.velocities(frame)
    np.testing.assert_allclose(velocities @ velocities.T, before @ before.T, rtol=1e-5, atol=1e-10)


@CELLS
@pytest.mark.parametrize(
    ("name", "kind"),
    [("a.extxyz", None), ("a.lammpstrj", "lammps-dump-text"), ("a.data", "lammps-data")],
)
def test_ase(tmp_path: Path, cell, name: str, kind: str | None):
    import ase.io

    source = make_file(tmp_path / "a.h5", cell)
    images = ase.io.read(converted(source, name), index=":", format=kind)
    with TrajectoryFile(source) as file:
        segment = next(iter(file))
        frames = [segment.n_frames - 1] if name == "a.data" else range(segment.n_frames)
        assert len(images) == len(frames)
        for frame, image in zip(frames, images, strict=True):
            assert image.get_chemical_symbols() == SYMBOLS
            same_structure(segment, frame, image.positions, image.cell.array)
            same_speeds(segment, frame, image.get_velocities() / ASE_TIME)


@CELLS
@pytest.mark.parametrize("name", ["a.h5md", "a.lammpstrj", "a.gsd", "a.extxyz"])
def test_mdanalysis(tmp_path: Path, cell, name: str):
    mda = pytest.importorskip("MDAnalysis", reason="MDAnalysis is not installed")
    from MDAnalysis.lib.mdamath import triclinic_vectors

    # Its reader of GSD takes the tilts for something else: docs/interop.md.
    source = make_file(tmp_path / "a.h5", ORTHOGONAL if name == "a.gsd" else cell)
    path = str(converted(source, name))
    kinds = {"a.lammpstrj": "LAMMPSDUMP", "a.extxyz": "XYZ"}
    if name == "a.h5md":
        topology = str(converted(source, "a.data"))
        universe = mda.Universe(
            topology, path, topology_format="DATA", atom_style="id type x y z", format="H5MD"
        )
        np.testing.assert_allclose(universe.atoms.masses, MASSES)
    else:
        universe = mda.Universe(path, format=kinds.get(name))
    with TrajectoryFile(source) as file:
        segment = next(iter(file))
        assert universe.trajectory.n_frames == segment.n_frames
        for frame, step in enumerate(universe.trajectory):
            positions = universe.atoms.positions.astype(float)
            if name == "a.extxyz":
                # It reads no more than symbols and positions.
                assert list(universe.atoms.names) == SYMBOLS
                np.testing.assert_allclose(positions, segment.positions(frame), atol=1e-5)
                continue
            same_structure(segment, frame, positions, triclinic_vectors(step.dimensions))
            if name == "a.h5md":
                assert step.time == pytest.approx(1e-3 * INTERVAL * frame)
                assert step.data["potential_energy"] == -3.0 * (frame + 1)
                same_speeds(segment, frame, 1e-3 * universe.atoms.velocities)


@CELLS
@pytest.mark.parametrize("name", ["a.extxyz", "a.gsd", "a.lammpstrj", "a.data"])
def test_ovito(tmp_path: Path, cell, name: str):
    pytest.importorskip("ovito", reason="OVITO is not installed (its wheels have 300 MB)")
    from ovito.io import import_file

    source = make_file(tmp_path / "a.h5", cell)
    pipeline = import_file(str(converted(source, name)))
    with TrajectoryFile(source) as file:
        segment = next(iter(file))
        frames = [segment.n_frames - 1] if name == "a.data" else range(segment.n_frames)
        assert pipeline.num_frames == len(frames)
        for index, frame in enumerate(frames):
            found = pipeline.compute(index)
            box = np.asarray(found.cell[...])
            assert all(found.cell.pbc)
            same_structure(segment, frame, np.asarray(found.particles.positions), box[:, :3].T)
            kinds = found.particles.particle_types
            names = [kinds.type_by_id(kind).name for kind in kinds[...]]
            if name != "a.lammpstrj":
                assert names == SYMBOLS
            if "Velocity" in found.particles:
                per_fs = 1.0 if name == "a.gsd" else 1e-3
                same_speeds(segment, frame, per_fs * np.asarray(found.particles["Velocity"]))
