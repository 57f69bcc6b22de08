"""Streamed answers are those of the arrays, in bounded memory."""

import errno
import io
import tempfile
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from longstride.analysis import (
    Msd,
    Rdf,
    Vacf,
    mean_square_displacement,
    radial_distribution,
    streaming_mean_square_displacement,
    streaming_radial_distribution,
    streaming_velocity_autocorrelation,
    velocity_autocorrelation,
)
from longstride.errors import LongstrideError
from longstride.trajectory import TrajectoryFile, TrajectoryWriter

CELL = np.array([[9.0, 0, 0], [2, 8, 0], [1, -1, 10]])


def walk(n_frames: int = 23, n_atoms: int = 31) -> np.ndarray:
    rng = np.random.default_rng(1)
    start = rng.random((n_atoms, 3)) @ CELL
    return start + np.cumsum(0.3 * rng.normal(size=(n_frames, n_atoms, 3)), axis=0)


def blocks_of(values: np.ndarray, sizes: tuple[int, ...]) -> Iterator[np.ndarray]:
    start = 0
    for size in sizes:
        yield values[start : start + size]
        start += size
    yield from values[start:]


def same(one: Rdf | Msd | Vacf, two: Rdf | Msd | Vacf) -> None:
    for name in type(one).__slots__:
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))


@pytest.mark.parametrize("sizes", [(), (23,), (4, 1, 9)])
def test_streams_equal_arrays(sizes: tuple[int, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    # So few values at a time that the atoms come in several parts.
    monkeypatch.setattr("longstride.analysis.msd._CHUNK", 6 * 23 * 7)
    monkeypatch.setattr("longstride.analysis.vacf._CHUNK", 6 * 23 * 7)
    q = walk()
    masses = np.random.default_rng(2).uniform(10, 60, 31)
    groups = {"first": range(10), "second": range(10, 31)}
    for options in ({}, groups, {"r_max": 3.0, "bin_width": 0.2, "n_blocks": 3}):
        same(
            streaming_radial_distribution(blocks_of(q, sizes), CELL, **options),
            radial_distribution(q, CELL, **options),
        )
    for options in ({}, {"masses": masses}, {"max_lag": 9, "n_blocks": 4}):
        same(
            streaming_mean_square_displacement(blocks_of(q, sizes), 5.0, **options),
            mean_square_displacement(q, 5.0, **options),
        )
    for options in ({}, {"max_lag": 7}):
        same(
            streaming_velocity_autocorrelation(blocks_of(q, sizes), masses, 5.0, **options),
            velocity_autocorrelation(q, masses, 5.0, **options),
        )


def test_progress_counts_the_frames(tmp_path: Path) -> None:
    q = walk()
    for call in (
        lambda report: streaming_radial_distribution(blocks_of(q, (4,)), CELL, progress=report),
        lambda report: streaming_mean_square_displacement(
            blocks_of(q, (4,)), 1.0, progress=report, directory=tmp_path
        ),
    ):
        counts: list[int] = []
        call(counts.append)
        assert counts == list(range(1, 24))
    assert not list(tmp_path.iterdir())


def test_a_trajectory_file_is_a_source(tmp_path: Path) -> None:
    q = walk()
    with TrajectoryWriter(tmp_path / "t.h5", provenance={}) as out:
        segment = out.segment(
            "only",
            species=np.full(31, 13),
            masses=np.full(31, 27.0),
            cell=CELL,
            pbc=np.ones(3, bool),
            interval=5.0,
            metadata={},
        )
        segment.append_many(time=5.0 * np.arange(23), positions=q)
    with TrajectoryFile(tmp_path / "t.h5") as file:
        only = file["only"]
        same(
            streaming_mean_square_displacement(only.blocks("position"), only.interval),
            mean_square_displacement(only.positions(), only.interval),
        )


def test_memory_does_not_grow_with_the_trajectory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("longstride.analysis.msd._CHUNK", 200_000)

    def frames(n: int) -> Iterator[np.ndarray]:
        rng = np.random.default_rng(1)
        yield from (rng.random((5_000, 3)) for _ in range(n))

    peaks = []
    for n in (10, 160):
        tracemalloc.start()
        streaming_mean_square_displacement(frames(n), 1.0, masses=np.ones(5_000))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    # The 150 frames more would take 17 MiB.
    assert peaks[1] < peaks[0] + 3 * 2**20


def test_a_full_disk_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(io.BytesIO):
        def write(self, data: object) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", lambda dir: Full())
    with pytest.raises(LongstrideError, match=r"No space left.*744 bytes"):
        streaming_mean_square_displacement(walk(), 1.0)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ([], "no frame|0 frames"),
        ([np.zeros((4, 2))], "give frames"),
        ([np.zeros((4, 3)), np.zeros((5, 3))], "frame 1 have shape"),
        ([np.zeros((4, 3)), np.full((4, 3), np.inf)], "not finite from frame 1"),
    ],
)
def test_bad_sources_are_named(source: list, words: str) -> None:
    with pytest.raises(LongstrideError, match=words):
        streaming_radial_distribution(source, CELL)
    with pytest.raises(LongstrideError, match=words):
        streaming_mean_square_displacement(source, 1.0)
    with pytest.raises(LongstrideError, match=words):
        streaming_velocity_autocorrelation(source, np.ones(4), 1.0)


def test_one_frame_has_an_rdf_but_no_displacement() -> None:
    assert streaming_radial_distribution(walk(1), CELL).error.max() == 0.0
    with pytest.raises(LongstrideError, match="at least 2"):
        streaming_mean_square_displacement(walk(1), 1.0)
