"""``longstride import`` as a user meets it."""

import re
from pathlib import Path

import ase
import ase.io
import numpy as np
import pytest

from longstride.cli.main import main
from longstride.trajectory import TrajectoryFile


@pytest.fixture
def xyz(tmp_path: Path) -> Path:
    """Four frames every 10 fs at about 500 K."""
    rng = np.random.default_rng(3)
    start = ase.Atoms("Al4", positions=rng.uniform(0, 8, (4, 3)), cell=[8, 8, 8], pbc=True)
    path = tmp_path / "run.xyz"
    for i in range(4):
        image = start.copy()
        image.positions += 0.1 * i
        image.set_velocities(0.04 * rng.normal(size=(4, 3)))
        image.info["time"] = 10.0 * i
        ase.io.write(path, image, append=True)
    return path


def test_import_and_what_it_says(xyz: Path, capfd: pytest.CaptureFixture[str]) -> None:
    output = xyz.with_name("data.h5")
    assert main(["import", str(xyz), "-o", str(output)]) == 0
    with TrajectoryFile(output) as file:
        assert file["run"].n_frames == 4
        assert file.provenance["options"]["interval"] is None
        kelvin = f"{file['run'].metadata['temperature']:.4g} K (mean kinetic)"
    said = " ".join(capfd.readouterr().err.split())
    assert "run: 4 frames of 4 atoms every 10 fs, with velocities" in said
    assert kelvin in said
    assert main(["import", str(xyz), "-o", str(output)]) == 2
    assert main(["import", str(xyz), "-o", str(output), "--overwrite"]) == 0


def test_several_files_and_temperatures(xyz: Path) -> None:
    other = xyz.with_name("b.xyz")
    other.write_bytes(xyz.read_bytes())
    output = xyz.with_name("data.h5")
    words = ["import", str(xyz), str(other), "-o", str(output)]
    assert main([*words, "--temperature", "500", "--temperature", "600"]) == 0
    with TrajectoryFile(output) as file:
        assert [segment.metadata["temperature"] for segment in file] == [600.0, 500.0]
        assert [segment.metadata["run"] for segment in file] == ["b", "run"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--interval", "7"], "frame 1: 10 fs after the frame before, but --interval says 7 fs"),
        (["--interval", "-7"], "--interval -7.0: .* give a positive number"),
        (["--temperature", "0"], "--temperature 0.0: .* give a positive number"),
        (["--units", "lj"], "--units lj: not known"),
        (["--elements", "Al,,Cu"], "--elements Al,,Cu: an empty name"),
        (["--interval", "nan"], "--interval nan"),
        (["--timestep", "inf"], "--timestep inf"),
        (["--ensemble", "npt"], "'npt' is not one of 'nve', 'nvt'"),
    ],
)
def test_wrong_options(
    xyz: Path, capfd: pytest.CaptureFixture[str], options: list[str], message: str
) -> None:
    output = xyz.with_name("data.h5")
    assert main(["import", str(xyz), "-o", str(output), *options]) == 2
    (line,) = capfd.readouterr().err.splitlines()
    assert re.search(message, line)
    assert [entry.name for entry in xyz.parent.iterdir()] == ["run.xyz"]


def test_bad_file(xyz: Path, capfd: pytest.CaptureFixture[str]) -> None:
    xyz.write_bytes(xyz.read_bytes()[:-10])
    assert main(["import", str(xyz), "-o", str(xyz.with_name("data.h5"))]) == 2
    said = capfd.readouterr().err
    assert "Traceback" not in said
    assert f"error: {xyz}: line 24: truncated" in said
    assert [entry.name for entry in xyz.parent.iterdir()] == ["run.xyz"]


def test_the_ensemble_is_kept(xyz: Path) -> None:
    output = xyz.with_name("data.h5")
    for words, kept in (([], None), (["--ensemble", "nvt"], "nvt")):
        assert main(["import", str(xyz), "-o", str(output), "--overwrite", *words]) == 0
        with TrajectoryFile(output) as file:
            assert file[file.segments[0]].metadata.get("ensemble") == kept
