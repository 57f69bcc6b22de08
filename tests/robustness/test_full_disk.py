"""A full disk is one line that names the file; what was written stays, and work goes on later."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from longstride.dynamics import RunFiles, RunPlan, langevin, load_restart, resume_run, start_run
from longstride.errors import FileFormatError
from longstride.files import write_text
from longstride.model import build_model, load_checkpoint, save_checkpoint
from longstride.model.config import ModelConfig
from longstride.testsystems import LennardJones
from longstride.trajectory import (
    TrajectoryFile,
    TrajectoryWriter,
    convert_trajectory,
    write_extxyz,
)
from longstride.trajectory.h5md import RESERVED_BYTES

ARGON = LennardJones(skin=0.2)
MIB = 2**20
N = 500
HEADER = {
    "species": [13] * N,
    "masses": [26.98] * N,
    "cell": 10.0 * np.eye(3),
    "pbc": [True] * 3,
    "interval": 2.0,
}


def frames(count: int) -> dict[str, np.ndarray]:
    x = np.arange(count)[:, None, None] + np.zeros((1, N, 3))
    return {"time": 2.0 * np.arange(count), "positions": x, "velocities": -x}


def fill(path: Path, count: int) -> None:
    with TrajectoryWriter(path) as out:
        segment = out.segment("a", **HEADER)
        for i in range(count):
            x = np.full((N, 3), float(i))
            segment.append(time=2.0 * i, positions=x, velocities=-x)
            if i % 10 == 9:
                out.flush()


def test_a_trajectory_keeps_its_frames_and_goes_on(tmp_path: Path, full_disk) -> None:
    path = tmp_path / "a.h5"
    with (
        full_disk(RESERVED_BYTES + 2 * MIB),
        pytest.raises(FileFormatError, match=r"a\.h5\.partial: no room on the disk"),
    ):
        fill(path, 1000)
    assert not path.exists()
    with TrajectoryFile(tmp_path / "a.h5.partial") as file:
        kept = file["a"].n_frames
        assert kept >= 50
        np.testing.assert_array_equal(file["a"].positions()[:, 0, 0], np.arange(float(kept)))
    with TrajectoryWriter.resume(path) as out:
        segment = out.segment("a", **HEADER)
        x = np.full((N, 3), float(kept))
        segment.append(time=2.0 * kept, positions=x, velocities=-x)
    with TrajectoryFile(path) as file:
        assert file["a"].n_frames == kept + 1


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 12 MB in memory."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("file systems cannot be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_disk_that_fills_up_and_is_cleared(small_disk: Path) -> None:
    path = small_disk / "a.h5"
    with pytest.raises(FileFormatError, match=r"a\.h5\.partial: no room on the disk \(No space"):
        fill(path, 1000)
    with TrajectoryFile(small_disk / "a.h5.partial") as file:
        kept = file["a"].n_frames
    assert kept >= 50
    subprocess.run(["mount", "-o", "remount,size=40m", str(small_disk)], check=True)
    with TrajectoryWriter.resume(path) as out:
        segment = out.segment("a", **HEADER)
        x = np.full((N, 3), float(kept))
        segment.append(time=2.0 * kept, positions=x, velocities=-x)
    with TrajectoryFile(path) as file:
        expected = np.arange(float(kept + 1))
        np.testing.assert_array_equal(file["a"].positions()[:, 0, 0], expected)


def test_room_that_was_reserved_is_given_back(tmp_path: Path) -> None:
    fill(tmp_path / "a.h5", 20)
    assert (tmp_path / "a.h5").stat().st_size < MIB


@pytest.mark.parametrize("size", [0, 1000, RESERVED_BYTES + 100])
def test_a_disk_too_small_for_any_frame_is_one_line(tmp_path: Path, full_disk, size: int) -> None:
    with full_disk(size), pytest.raises(FileFormatError, match=r"a\.h5\.partial: no room"):
        fill(tmp_path / "a.h5", 100)


PROGRAM = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), resource.RLIM_INFINITY))
from longstride.cli.main import main
sys.exit(main(sys.argv[2:]))
"""


def test_the_program_ends_with_one_line_and_the_import_leaves_nothing(tmp_path: Path) -> None:
    """HDF5 gets to the end of the process, where it would crash on what it cannot write."""
    from fuzz import seeds

    source = seeds.dump(tmp_path / "a.lammpstrj")
    words = ["import", str(source), "-o", str(tmp_path / "a.h5")]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(RESERVED_BYTES), *words],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 2, done.stderr
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("longstride")]
    assert "a.h5.partial: no room on the disk" in line
    assert "Traceback" not in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["a.lammpstrj"]


@pytest.mark.parametrize("room", [RESERVED_BYTES + 100_000, RESERVED_BYTES + 300_000])
def test_a_run_goes_on_after_room_was_made(tmp_path: Path, full_disk, room: int) -> None:
    def ensemble():
        return langevin(ARGON.verlet(steps=4), 60.0)

    state, plan = ARGON.crystal(3), RunPlan(n_strides=120, restart_every=10)
    start_run(ensemble(), state, np.random.default_rng(1), plan, tmp_path / "whole.h5")
    out = tmp_path / "full.h5"
    with full_disk(room), pytest.raises(FileFormatError, match=r"full\.h5\.partial: no room"):
        start_run(ensemble(), state, np.random.default_rng(1), plan, out)
    resume_run(ensemble(), load_restart(RunFiles(out).restart), out)
    with TrajectoryFile(tmp_path / "whole.h5") as whole, TrajectoryFile(out) as full:
        assert whole.sha256() == full.sha256()
    thermo = [RunFiles(path).thermo.read_bytes() for path in (tmp_path / "whole.h5", out)]
    assert thermo[0] == thermo[1]


def test_text_files_keep_what_was_there(tmp_path: Path, full_disk) -> None:
    path = tmp_path / "results.json"
    write_text(path, "old")
    with full_disk(100), pytest.raises(FileFormatError, match=r"results\.json: cannot be written"):
        write_text(path, "x" * 200)
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["results.json"]


def test_an_extended_xyz_file_is_whole_or_not_there(tmp_path: Path, full_disk) -> None:
    fill(tmp_path / "a.h5", 3)
    with (
        TrajectoryFile(tmp_path / "a.h5") as file,
        full_disk(50_000),
        pytest.raises(FileFormatError, match=r"a\.xyz: cannot be written"),
    ):
        write_extxyz(tmp_path / "a.xyz", file["a"])
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.h5"]


@pytest.mark.parametrize("name", ["b.gsd", "b.h5md", "b.lammpstrj", "b.data"])
def test_an_exported_trajectory_is_whole_or_not_there(tmp_path: Path, full_disk, name) -> None:
    fill(tmp_path / "a.h5", 5)
    with full_disk(10_000), pytest.raises(FileFormatError, match=rf"{name}.*(cannot be|no room)"):
        convert_trajectory(tmp_path / "a.h5", tmp_path / name, segment=None, frames=None)
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.h5"]


def test_a_model_stays_the_one_it_was(tmp_path: Path, full_disk) -> None:
    from fuzz import seeds

    config = ModelConfig.model_validate(seeds.MODEL)
    first, second = build_model(config), build_model(config)
    save_checkpoint(tmp_path / "m", first, {"text": "first"})
    with full_disk(2000), pytest.raises(FileFormatError, match=r"model\.safetensors: cannot be"):
        save_checkpoint(tmp_path / "m", second, {"text": "second"})
    kept = load_checkpoint(tmp_path / "m").state_dict()
    assert all(torch.equal(kept[name], value) for name, value in first.state_dict().items())
    assert json.loads((tmp_path / "m" / "model.json").read_text())["text"] == "first"
    assert len(list((tmp_path / "m").iterdir())) == 2
