"""Trajectories in other formats, read back by ourselves and by the format's own library."""

import gsd.hoomd
import numpy as np
import pytest
from other_programs import (
    INTERVAL,
    LOWER,
    MASSES,
    SPECIES,
    TURNED,
    converted,
    distances,
    make_file,
)

from longstride.errors import ConfigError, FileFormatError
from longstride.trajectory import (
    ImportOptions,
    TrajectoryFile,
    convert_trajectory,
    import_trajectories,
    read_structure,
)

METAL = ImportOptions(temperatures=(300.0,), units="metal", timestep=1.0)
OPEN = [(True, True, True), (True, True, False), (False, False, False)]


@pytest.mark.parametrize("pbc", OPEN)
@pytest.mark.parametrize("cell", [LOWER, TURNED, np.diag([8.0, 9.0, 10.0])])
def test_a_dump_comes_back_by_import(tmp_path, cell, pbc):
    source = make_file(tmp_path / "a.h5", cell, pbc)
    dump = converted(source, "a.lammpstrj")
    import_trajectories([dump], tmp_path / "b.h5", METAL)
    with TrajectoryFile(source) as one, TrajectoryFile(tmp_path / "b.h5") as other:
        before, after = next(iter(one)), next(iter(other))
        np.testing.assert_array_equal(after.species, SPECIES)
        np.testing.assert_allclose(after.masses, MASSES)
        np.testing.assert_array_equal(after.pbc, pbc)
        np.testing.assert_allclose(after.times - after.times[0], before.times, atol=1e-9)
        # Turned alike: the geometry and the velocities in it are the same.
        for name in ("positions", "velocities"):
            old, new = getattr(before, name)(), getattr(after, name)()
            old, new = (array - array[:, :1] for array in (old, new))
            np.testing.assert_allclose(
                np.einsum("fna,fma->fnm", new, new), np.einsum("fna,fma->fnm", old, old), atol=1e-7
            )
        if all(pbc):
            np.testing.assert_allclose(after.cell @ after.cell.T, cell @ cell.T, atol=1e-8)


def test_a_cell_that_fits_is_not_turned(tmp_path):
    source = make_file(tmp_path / "a.h5")
    import_trajectories([converted(source, "a.dump")], tmp_path / "b.h5", METAL)
    with TrajectoryFile(source) as one, TrajectoryFile(tmp_path / "b.h5") as other:
        before, after = next(iter(one)), next(iter(other))
        np.testing.assert_allclose(after.positions(), before.positions(), atol=1e-9)
        np.testing.assert_allclose(after.velocities(), before.velocities(), rtol=1e-8)


@pytest.mark.parametrize("cell", [LOWER, TURNED])
def test_a_data_file_is_a_structure_to_start_from(tmp_path, cell):
    source = make_file(tmp_path / "a.h5", cell)
    state, moving = read_structure(converted(source, "a.data", frames=-2))
    assert moving
    with TrajectoryFile(source) as file:
        last = next(iter(file)).state(3)
    np.testing.assert_array_equal(state.species, SPECIES)
    np.testing.assert_allclose(
        distances(state.positions, state.cell), distances(last.positions, last.cell), atol=1e-9
    )
    np.testing.assert_allclose(
        state.velocities @ state.velocities.T, last.velocities @ last.velocities.T, atol=1e-9
    )


@pytest.mark.parametrize("cell", [LOWER, TURNED])
def test_gsd_holds_every_frame(tmp_path, cell):
    source = make_file(tmp_path / "a.h5", cell)
    with TrajectoryFile(source) as file, gsd.hoomd.open(str(converted(source, "a.gsd"))) as found:
        segment = next(iter(file))
        assert len(found) == segment.n_frames
        for i, frame in enumerate(found):
            x, y, z, xy, xz, yz = frame.configuration.box
            box = np.array([[x, 0, 0], [xy * y, y, 0], [xz * z, yz * z, z]])
            assert frame.configuration.step == i
            assert frame.log["time_fs"] == INTERVAL * i
            assert frame.log["potential_energy_eV"] == -3.0 * (i + 1)
            types = [frame.particles.types[kind] for kind in frame.particles.typeid]
            assert types == ["Al" if number == 13 else "Cu" for number in SPECIES]
            np.testing.assert_allclose(frame.particles.mass, MASSES, rtol=1e-6)
            inside = frame.particles.position @ np.linalg.inv(box)
            assert np.abs(inside).max() <= 0.5 + 1e-6
            unwrapped = frame.particles.position + frame.particles.image @ box
            before = segment.positions(i)
            np.testing.assert_allclose(
                np.linalg.norm(unwrapped - unwrapped[0], axis=1),
                np.linalg.norm(before - before[0], axis=1),
                atol=2e-5,
            )


@pytest.mark.parametrize("name", ["a.xyz", "a.gsd", "a.h5md", "a.dump", "a.data"])
def test_without_velocities_and_with_chosen_frames(tmp_path, name):
    source = make_file(tmp_path / "a.h5", velocities=False)
    converted(source, name, frames=2)
    converted(source, name, frames=2 if name == "a.data" else slice(1, None, 2))
    assert {path.name for path in tmp_path.iterdir()} == {"a.h5", name}


def test_blocks_do_not_change_the_file(tmp_path, monkeypatch):
    source = make_file(tmp_path / "a.h5", frames=7)
    whole = [converted(source, name).read_bytes() for name in ("a.dump", "a.xyz", "a.h5md")]
    monkeypatch.setattr("longstride.trajectory.blocks.BLOCK_ATOMS", 13)
    parts = [converted(source, name).read_bytes() for name in ("b.dump", "b.xyz", "b.h5md")]
    assert parts == whole


def test_what_does_not_fit_is_one_line(tmp_path):
    source = make_file(tmp_path / "a.h5", names=("cold", "hot"))
    with pytest.raises(ConfigError, match=r"2 segments; say which with --segment, of cold, hot"):
        converted(source, "a.xyz")
    with pytest.raises(FileFormatError, match="no segment 'warm'"):
        converted(source, "a.xyz", segment="warm")
    with pytest.raises(ConfigError, match=r"a\.pdb: the ending says no format"):
        converted(source, "a.pdb", segment="hot")
    with pytest.raises(ConfigError, match="holds one frame"):
        converted(source, "a.data", segment="hot", frames=slice(None))
    for frames in (5, -6, slice(9, None)):
        with pytest.raises((ConfigError, FileFormatError), match=r"none of the 5|no frame"):
            converted(source, "a.gsd", segment="hot", frames=frames)
    for frames in (5, -6):
        with pytest.raises(FileFormatError, match="no frame"):
            converted(source, "a.data", segment="hot", frames=frames)
    with pytest.raises(FileFormatError, match="does not exist; make it first"):
        convert_trajectory(source, tmp_path / "none" / "a.gsd", segment="hot", frames=None)
    assert [path.name for path in tmp_path.iterdir()] == ["a.h5"]
