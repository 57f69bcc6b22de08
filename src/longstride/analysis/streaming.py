"""RDF, MSD and VACF of trajectories larger than memory.

Sources are iterables of frames (N, 3) or of blocks of frames (f, N, 3): the blocks of a trajectory
file's segment, ``segment.blocks("position")``; the frames of another program's file, ``(a.positions
for a in ase.io.iread(path))``; or a generator. The answers are those of the functions that take
arrays. Memory holds one block and a few curves; for the time correlations a temporary file holds
the frames, 24 bytes for each atom and frame.
"""

from collections.abc import Iterable
from pathlib import Path

from numpy.typing import ArrayLike

from longstride.analysis.checks import positive
from longstride.analysis.frame_store import Progress, single_frames, spooled
from longstride.analysis.msd import Msd, msd_of
from longstride.analysis.rdf import PairCounter, Rdf
from longstride.analysis.vacf import Vacf, vacf_of
from longstride.errors import LongstrideError


def streaming_radial_distribution(
    positions: Iterable[ArrayLike],
    cell: ArrayLike,
    *,
    r_max: float | None = None,
    bin_width: float = 0.05,
    first: ArrayLike | None = None,
    second: ArrayLike | None = None,
    n_blocks: int = 5,
    progress: Progress | None = None,
) -> Rdf:
    """``radial_distribution`` of a source of positions in Å.

    Args:
        positions: frames (N, 3) or blocks (f, N, 3) of them.
        cell, r_max, bin_width, first, second, n_blocks: as there.
        progress: called with the number of frames counted so far.
    """
    counter: PairCounter | None = None
    counts = []
    for frame in single_frames("positions", positions, progress):
        if counter is None:
            counter = PairCounter(len(frame), cell, r_max, bin_width, first, second)
        counts.append(counter.count(frame))
    if counter is None:
        raise LongstrideError("positions hold no frame: give at least one")
    return counter.rdf(counts, n_blocks)


def streaming_mean_square_displacement(
    positions: Iterable[ArrayLike],
    interval: float,
    *,
    masses: ArrayLike | None = None,
    max_lag: int | None = None,
    n_blocks: int = 10,
    progress: Progress | None = None,
    directory: str | Path | None = None,
) -> Msd:
    """``mean_square_displacement`` of a source of **unwrapped** positions in Å.

    Args:
        positions: frames (N, 3) or blocks (f, N, 3) of them.
        interval, masses, max_lag, n_blocks: as there.
        progress: called with the number of frames read so far.
        directory: of the temporary file; default the system's.
    """
    positive("interval", interval)
    with spooled("positions", positions, progress, directory) as store:
        return msd_of(store, interval, masses=masses, max_lag=max_lag, n_blocks=n_blocks)


def streaming_velocity_autocorrelation(
    velocities: Iterable[ArrayLike],
    masses: ArrayLike,
    interval: float,
    *,
    max_lag: int | None = None,
    progress: Progress | None = None,
    directory: str | Path | None = None,
) -> Vacf:
    """``velocity_autocorrelation`` of a source of velocities in Å/fs.

    Args:
        velocities: frames (N, 3) or blocks (f, N, 3) of them.
        masses, interval, max_lag: as there.
        progress: called with the number of frames read so far.
        directory: of the temporary file; default the system's.
    """
    positive("interval", interval)
    with spooled("velocities", velocities, progress, directory) as store:
        return vacf_of(store, masses, interval, max_lag=max_lag)
