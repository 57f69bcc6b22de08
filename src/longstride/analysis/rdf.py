"""Radial distribution function of a periodic cell of fixed shape."""

from collections.abc import Sequence
from dataclasses import dataclass

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
    counter = PairCounter(q.shape[1], cell, r_max, bin_width, first, second)
    return counter.rdf([counter.count(points) for points in q], n_blocks)


class PairCounter:
    """g(r) of one frame after another; the arguments are those of ``radial_distribution``."""

    def __init__(
        self,
        n_atoms: int,
        cell: ArrayLike,
        r_max: float | None,
        bin_width: float,
        first: ArrayLike | None,
        second: ArrayLike | None,
    ) -> None:
        # Brings pyplot, which commands that come to no g(r) should not wait for.
        import freud

        box = np.asarray(cell, dtype=np.float64)
        bound = largest_radius(box)
        # freud works in float32 and refuses r_max = half the height, hence the margin.
        radius = min(10.0, bound * (1.0 - 1e-5)) if r_max is None else float(r_max)
        if not 0.0 < radius < bound:
            raise LongstrideError(
                f"r_max is {radius:g} Å but half of the shortest cell height is {bound:g} Å:"
                " lower r_max or use a larger cell"
            )
        self._one, self._two, self._same = _groups(n_atoms, first, second)
        self._inverse = np.linalg.inv(box)
        # freud wants a lower-triangular cell around the origin. Cholesky of the metric is that
        # cell, up to a rotation or reflection, to which distances are blind.
        self._triangular = np.linalg.cholesky(box @ box.T)
        self._box = freud.box.Box.from_matrix(self._triangular.T)
        self._engine = freud.density.RDF(
            bins=max(1, round(radius / bin_width)),
            r_max=radius,
            normalization_mode="finite_size" if self._same else "exact",
        )

    def count(self, points: Array) -> Array:
        """(2, B) g(r) and the coordination number of one frame (N, 3)."""
        fractional = points @ self._inverse
        wrapped = ((fractional - np.floor(fractional)) - 0.5) @ self._triangular
        places = wrapped.astype(np.float32)
        one, two = places[self._one], None if self._same else places[self._two]
        self._engine.compute((self._box, one), two, reset=True)
        counts = np.cumsum(self._engine.bin_counts)
        return np.stack([self._engine.rdf, counts / len(self._one if self._same else self._two)])

    def rdf(self, frames: Sequence[Array], n_blocks: int) -> Rdf:
        """The mean of the frames, at least one."""
        curves, counts = np.stack(frames, axis=1).astype(np.float64)
        blocks = block_averages(curves, min(n_blocks, len(curves)))
        error = (
            blocks.std(axis=0, ddof=1) / np.sqrt(len(blocks))
            if len(blocks) > 1
            else np.zeros(curves.shape[1])
        )
        centres = np.asarray(self._engine.bin_centers, np.float64)
        return Rdf(centres, curves.mean(axis=0), error, counts.mean(axis=0))


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
