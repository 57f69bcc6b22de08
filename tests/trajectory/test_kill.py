"""A writer killed without warning leaves a file that opens and holds the flushed frames."""

import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from longstride.trajectory import TrajectoryFile, TrajectoryWriter

N = 200
HEADER = {
    "species": [13] * N,
    "masses": [26.98] * N,
    "cell": 10.0 * np.eye(3),
    "pbc": [True] * 3,
    "interval": 2.0,
}
PROGRAM = """
import sys
import numpy as np
from longstride.trajectory import TrajectoryWriter
N, path, many = 200, sys.argv[1], sys.argv[2] == "many"
out = TrajectoryWriter(path)
i = 0
for name in ("a", "b"):
    segment = out.segment(name, species=[13] * N, masses=[26.98] * N, cell=10.0 * np.eye(3),
                          pbc=[True] * 3, interval=2.0)
    for i in range(10**9 if name == "b" else 30):
        x = np.full((5, N, 3), 5.0 * i) + np.arange(5)[:, None, None]
        t = 2.0 * (5 * i + np.arange(5))
        if many:
            segment.append_many(time=t, positions=x, velocities=-x)
        else:
            for j in range(5):
                segment.append(time=t[j], positions=x[j], velocities=-x[j])
            if i % 3 == 0:
                out.flush()
        if name == "b" and (many or i % 3 == 0):
            print(segment.n_frames, flush=True)
"""


def killed_while_writing(path: Path, mode: str, lines: int) -> int:
    """Start the writer, kill it after some lines of output; returns the frames it had promised."""
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(path), mode], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        for _ in range(lines):
            promised = int(process.stdout.readline())
        process.send_signal(signal.SIGKILL)
        for line in process.stdout:
            promised = int(line) if line.endswith("\n") else promised
    return promised


@pytest.mark.parametrize(("mode", "lines"), [("many", 1), ("many", 40), ("single", 25)])
def test_killed_writer_leaves_the_flushed_frames(tmp_path: Path, mode: str, lines: int) -> None:
    path = tmp_path / "a.h5"
    promised = killed_while_writing(path, mode, lines)
    assert not path.exists()
    with TrajectoryFile(tmp_path / "a.h5.partial") as file:
        assert file["a"].n_frames == 150
        segment = file["b"]
        assert segment.n_frames >= promised
        expected = np.arange(segment.n_frames, dtype=float)
        np.testing.assert_array_equal(segment.times, 2.0 * expected)
        x = segment.positions()
        np.testing.assert_array_equal(x, np.broadcast_to(expected[:, None, None], x.shape))
        np.testing.assert_array_equal(segment.velocities(), -x)


def test_killed_writer_can_be_resumed(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    promised = killed_while_writing(path, "many", 10)
    with TrajectoryWriter.resume(path, {"a": 150, "b": promised}) as out:
        segment = out.segment("b", **HEADER)
        x = np.full((N, 3), float(promised))
        segment.append(time=2.0 * promised, positions=x, velocities=-x)
    with TrajectoryFile(path) as file:
        assert file["b"].n_frames == promised + 1
        np.testing.assert_array_equal(
            file["b"].positions()[:, 0, 0], np.arange(promised + 1, dtype=float)
        )
