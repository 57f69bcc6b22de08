"""Data is read as it is asked for: files may be larger than the memory."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from longstride.dataset import (
    Batches,
    SplitConfig,
    TrajectorySet,
    WindowShape,
    WindowSource,
    coverage,
    split_segments,
)
from longstride.trajectory import TrajectoryWriter

MIB = 2**20
N_ATOMS, N_FRAMES, RUNS, AT_ONCE = 1000, 800, 4, 20
PEAK = Path("/proc/self/clear_refs")


def peak() -> int:
    """Bytes resident at most since the last call."""
    status = Path("/proc/self/status").read_text()
    found = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    PEAK.write_text("5")
    return 1024 * int(found.split()[1])


def written(path: Path) -> Path:
    """A file of four runs of a chain of atoms that jump about, some frames at a time."""
    rng = np.random.default_rng(1)
    noise = rng.normal(size=(2, AT_ONCE, N_ATOMS, 3))
    grid = 3.0 * np.indices((10, 10, 10)).reshape(3, -1).T
    with TrajectoryWriter(path, provenance={}) as out:
        for run in range(RUNS):
            segment = out.segment(
                f"run{run}",
                species=np.full(N_ATOMS, 13),
                masses=np.full(N_ATOMS, 26.98),
                cell=30.0 * np.eye(3),
                pbc=(True, True, True),
                interval=10.0,
                metadata={"temperature": 300.0, "run": f"run{run}"},
            )
            for first in range(0, N_FRAMES, AT_ONCE):
                segment.append_many(
                    time=10.0 * np.arange(first, first + AT_ONCE),
                    positions=grid + 0.05 * noise[0],
                    velocities=0.01 * noise[1],
                )
    return path


def growth(path: Path) -> int:
    """Bytes that splitting, scaling and drawing batches of a file need, over those at the start."""
    peak()
    before = peak()
    with TrajectorySet([path]) as data:
        data.sha256()
        blocks, held_out = split_segments(data.segments, SplitConfig())
        coverage(blocks)
        shape = WindowShape((20.0, 40.0))
        source, validation = (
            WindowSource(own, shape, cutoff=4.0, species=(13,)) for own in (blocks, held_out)
        )
        assert source.scales.displacement.shape == (1, 2)
        validation.collate(validation.spaced(0, 2))
        with Batches(source, 2, seed=1, first_step=0) as batches:
            for _ in range(40):
                next(batches)
    return peak() - before


@pytest.mark.skipif(not PEAK.exists(), reason="the peak of memory is measured by way of /proc")
def test_a_training_reads_a_file_of_which_it_could_not_hold_half(tmp_path):
    path = written(tmp_path / "large.h5")
    size = path.stat().st_size
    assert size > 140 * MIB
    # In a process of its own, whose memory nothing else has used.
    program = [sys.executable, __file__, str(path)]
    done = subprocess.run(program, check=True, capture_output=True, text=True)
    assert 0 < int(done.stdout) < size / 2


if __name__ == "__main__":
    print(growth(Path(sys.argv[1])))
