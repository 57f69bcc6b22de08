"""Common neighbour analysis with one cutoff: the local structure of each atom."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

FCC: Final = 0
HCP: Final = 1
BCC: Final = 2
ICO: Final = 3
OTHER: Final = 4


def classify(positions: Array, cell: Array, cutoff: float) -> NDArray[np.int64]:
    """(N,) ``FCC``, ``HCP``, ``BCC``, ``ICO`` or ``OTHER`` of each atom of a periodic cell.

    A bond joins two atoms inside the cutoff. Each bond of an atom is told by the number of
    neighbours common to its ends, the bonds between these, and the most and fewest bonds one of
    these has. Twelve bonds (4 2 1 1) are fcc, six of them and six (4 2 2 0) hcp, twelve (5 5 2 2)
    an icosahedron; six (4 4 2 2) and eight (6 6 2 2) bcc.

    Source: Faken and Jónsson, Comput. Mater. Sci. 2, 279 (1994); Tsuzuki, Branicio and Rino,
    Comput. Phys. Commun. 177, 518 (2007). The numbers are those of LAMMPS' compute cna/atom.

    Args:
        positions: (N, 3) in Å.
        cell: (3, 3) rows in Å.
        cutoff: between the first and the second shell (fcc) or the second and third (bcc) in Å.
    """
    # Loads torch where it is installed: not before it is needed.
    from vesin import NeighborList

    search = NeighborList(cutoff=cutoff, full_list=True, sorted=True)
    first, vectors = search.compute(positions, cell, True, quantities="iD", copy=True)
    members = np.bincount(first.astype(np.int64), minlength=len(positions))
    start = np.cumsum(members) - members
    kinds = np.full(len(positions), OTHER, dtype=np.int64)
    for size in (12, 14):
        atoms = np.flatnonzero(members == size)
        if len(atoms):
            bonds = vectors[start[atoms, None] + np.arange(size)]
            signatures = _signatures(bonds, cutoff)
            kinds[atoms] = _close_packed(signatures) if size == 12 else _body_centred(signatures)
    return kinds


def _signatures(bonds: Array, cutoff: float) -> NDArray[np.int64]:
    """(M, K, 4) common neighbours, bonds between them, most and fewest bonds of one of them."""
    between = bonds[:, :, None] - bonds[:, None]
    square = np.sum(between**2, axis=-1)
    bonded = (square < cutoff**2) & ~np.eye(bonds.shape[1], dtype=bool)
    # Bonds of k among the common neighbours of bond j, where k is one of them.
    a = bonded.astype(np.int64)
    degree = np.matmul(a, a) * a
    common = a.sum(axis=2)
    most = degree.max(axis=2)
    fewest = np.where(bonded, degree, bonds.shape[1]).min(axis=2)
    return np.stack([common, degree.sum(axis=2) // 2, most, fewest], axis=-1)


def _count(signatures: NDArray[np.int64], wanted: tuple[int, int, int, int]) -> NDArray[np.int64]:
    return np.count_nonzero((signatures == np.array(wanted)).all(axis=2), axis=1)


def _close_packed(signatures: NDArray[np.int64]) -> NDArray[np.int64]:
    fcc = _count(signatures, (4, 2, 1, 1))
    hcp = _count(signatures, (4, 2, 2, 0))
    ico = _count(signatures, (5, 5, 2, 2))
    return np.select(
        [fcc == 12, (fcc == 6) & (hcp == 6), ico == 12], [FCC, HCP, ICO], default=OTHER
    )


def _body_centred(signatures: NDArray[np.int64]) -> NDArray[np.int64]:
    near = _count(signatures, (6, 6, 2, 2))
    far = _count(signatures, (4, 4, 2, 2))
    return np.where((near == 8) & (far == 6), BCC, OTHER)
