"""Radial distribution function of a periodic cell of fixed shape."""

from dataclasses import dataclass

import freud
import numpy as np
from numpy.typing import ArrayLike, NDArray

from longstride.analysis.checks import frames
from longstride.analysis.statistics import block_averages
from longstride.errors import LongstrideError

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Rdf:
    """A radial distribution function.

    Attributes:
        r: (B,) bin centres in Å.
        g: (B,) g(r), dimensionless, one for an ideal gas.
        error: (B,) standard error of g from blocks of time; zero for a single frame.
        coordination: (B,) mean number of neighbours inside the bin's outer edge.
    """

    r: Array
    g: Array
    error: Array
    coordination: Array


def largest_radius(cell: ArrayLike) -> float:
    """Half of the shortest height of a cell in Å: no pair closer than this has a second image in
    reach.
    """
    box = np.asarray(cell, dtype=np.float64)
    volume = abs(float(np.linalg.det(box)))
    if box.shape != (3, 3) or volume < 1e-12:
        raise LongstrideError(
            f"the cell {box.tolist()} has no volume: give three independent vectors as rows"
        )
    normals = np.cross(box[[1, 2, 0]], box[[2, 0, 1]])
    return 0.5 * volume / float(np.linalg.norm(normals, axis=1).max())


def radial_distribution(
    positions: ArrayLike,
    cell: ArrayLike,
    *,
    r_max: float | None = None,
    bin_width: float = 0.05,
    first: ArrayLike | None = None,
    second: ArrayLike | None = None,
    n_blocks: int = 5,
) -> Rdf:
    """g(r) of a trajectory in a fixed, fully periodic cell.

    ``g(r) = V / (N (N - 1)) Σ_i Σ_{j≠i} <δ(r - r_ij)> / (4 π r² dr)``: the factor N - 1 makes an
    ideal gas in a small cell exactly one (freud's ``finite_size`` normalisation). Between two
    disjoint groups the factor is N_1 N_2.

    Source: Allen and Tildesley, Computer Simulation of Liquids (2017), sec. 2.6; freud,
    Ramasubramani et al., Comput. Phys. Commun. 254, 107275 (2020).

    Args:
        positions: (F, N, 3) positions in Å, wrapped or not.
        cell: (3, 3) cell vectors as rows in Å, any orientation and handedness.
        r_max: largest distance in Å, below half of the shortest cell height; default: that bound,
            at most 10 Å.
        bin_width: width of a bin in Å.
        first, second: (N1,), (N2,) indices of the two groups of atoms, equal or disjoint; default:
            all atoms.
        n_blocks: blocks of time behind the error.

    Raises:
        LongstrideError: a cell too small for ``r_max``, fewer than two atoms, or overlapping
            groups.
    """
    q = frames("positions", positions)
    box = np.asarray(cell, dtype=np.float64)
    bound = largest_radius(box)
    # freud works in float32 and refuses r_max = half the height, hence the margin.
    radius = min(10.0, bound * (1.0 - 1e-5)) if r_max is None else float(r_max)
    if not 0.0 < radius < bound:
        raise LongstrideError(
            f"r_max is {radius:g} Å but half of the shortest cell height is {bound:g} Å:"
            " lower r_max or use a larger cell"
        )
    n_bins = max(1, round(radius / bin_width))
    one, two, same = _groups(q.shape[1], first, second)
    # freud wants a lower-triangular cell around the origin. Cholesky of the metric is that cell, up
    # to a rotation or reflection, to which distances are blind.
    triangular = np.linalg.cholesky(box @ box.T)
    fractional = q @ np.linalg.inv(box)
    wrapped = ((fractional - np.floor(fractional)) - 0.5) @ triangular
    engine_box = freud.box.Box.from_matrix(triangular.T)
    engine = freud.density.RDF(
        bins=n_bins, r_max=radius, normalization_mode="finite_size" if same else "exact"
    )
    curves = np.empty((len(q), n_bins))
    counts = np.empty((len(q), n_bins))
    for k, points in enumerate(wrapped.astype(np.float32)):
        engine.compute((engine_box, points[one]), None if same else points[two], reset=True)
        curves[k] = engine.rdf
        counts[k] = np.cumsum(engine.bin_counts) / (len(one) if same else len(two))
    blocks = block_averages(curves, min(n_blocks, len(q)))
    error = (
        blocks.std(axis=0, ddof=1) / np.sqrt(len(blocks)) if len(blocks) > 1 else np.zeros(n_bins)
    )
    return Rdf(
        np.asarray(engine.bin_centers, np.float64), curves.mean(axis=0), error, counts.mean(axis=0)
    )


def _groups(
    n_atoms: int, first: ArrayLike | None, second: ArrayLike | None
) -> tuple[NDArray[np.int64], NDArray[np.int64], bool]:
    one = np.arange(n_atoms) if first is None else np.unique(np.asarray(first, dtype=np.int64))
    two = one if second is None else np.unique(np.asarray(second, dtype=np.int64))
    same = np.array_equal(one, two)
    if not same and np.intersect1d(one, two).size:
        raise LongstrideError("the two groups of atoms overlap: give equal or disjoint groups")
    if len(one) < (2 if same else 1) or len(two) < 1:
        raise LongstrideError(
            f"groups of {len(one)} and {len(two)} atoms hold no pair: choose other groups"
        )
    return one, two, same
