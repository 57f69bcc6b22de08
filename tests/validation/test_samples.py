"""Blocks: equal, at the end of the runs, at a common interval."""

from pathlib import Path

import numpy as np
import pytest

from longstride.errors import LongstrideError
from longstride.trajectory import Segment, TrajectoryFile, TrajectoryWriter
from longstride.validation.samples import Run, cut


@pytest.fixture
def make(tmp_path: Path):
    opened: list[TrajectoryFile] = []

    def segment(n_frames: int, interval: float) -> Segment:
        path = tmp_path / f"{len(opened)}.h5"
        with TrajectoryWriter(path) as out:
            target = out.segment(
                "run",
                species=[13],
                masses=[27.0],
                cell=9 * np.eye(3),
                pbc=[True] * 3,
                interval=interval,
            )
            times = interval * np.arange(n_frames)
            target.append_many(
                time=times,
                positions=np.repeat(times[:, None, None], 3, axis=2),
                velocities=np.zeros((n_frames, 1, 3)),
            )
        opened.append(TrajectoryFile(path))
        return opened[-1]["run"]

    yield segment
    for file in opened:
        file.close()


def times_of(block) -> np.ndarray:
    return block.load().positions[:, 0, 0]


def test_runs_are_cut_into_equal_blocks_to_their_last_frame(make) -> None:
    blocks = cut([Run(make(201, 10.0), first=20)], [Run(make(401, 10.0))])
    (own,), (known,) = blocks.surrogate, blocks.references
    assert {block.count for block in (*own, *known)} == {own[0].count}
    assert len(own) == 8
    assert len(known) > 2 * len(own)
    for run, end in ((own, 2000.0), (known, 4000.0)):
        times = np.concatenate([times_of(block) for block in run])
        assert times[-1] == end
        np.testing.assert_allclose(np.diff(times), 10.0)
    assert times_of(own[0])[0] >= 200.0


def test_finer_frames_are_left_out(make) -> None:
    blocks = cut([Run(make(101, 60.0))], [Run(make(601, 10.0))])
    assert blocks.interval == 60.0
    for side in (blocks.surrogate, blocks.references):
        np.testing.assert_allclose(np.diff(times_of(side[0][0])), 60.0)


def test_energies_follow_their_frames(make) -> None:
    segment = make(64, 10.0)
    energies = np.full(64, np.nan)
    energies[::4] = np.arange(0.0, 64.0, 4.0)
    blocks = cut([Run(segment, energies=energies)], [Run(make(64, 10.0))])
    for block in blocks.surrogate[0]:
        sample = block.load()
        known = np.isfinite(sample.energies)
        np.testing.assert_allclose(10.0 * sample.energies[known], sample.positions[known, 0, 0])


@pytest.mark.parametrize(
    ("own", "known", "words"),
    [
        ((100, 60.0), (100, 50.0), "record one at a multiple"),
        ((20, 10.0), (500, 10.0), "20 frames 10 fs apart are left"),
    ],
)
def test_runs_that_do_not_fit_are_named(make, own, known, words: str) -> None:
    with pytest.raises(LongstrideError, match=words):
        cut([Run(make(*own))], [Run(make(*known))])
