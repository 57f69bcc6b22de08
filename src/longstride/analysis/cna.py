"""Local crystal structure by common neighbour analysis."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from ase import Atoms
from numpy.typing import ArrayLike, NDArray
from pyscal3 import common_neighbor_analysis

from longstride.analysis.checks import frames, positive
from longstride.analysis.common_neighbors import classify
from longstride.analysis.rdf import largest_radius
from longstride.analysis.statistics import Estimate, mean_with_error

Array = NDArray[np.float64]

STRUCTURES: Final = ("fcc", "hcp", "bcc", "ico", "other")
"""What an atom's surroundings can be, in the order of the numbers of ``classify``."""


@dataclass(frozen=True, slots=True)
class StructureFractions:
    """Fractions of the atoms in each local structure.

    Attributes:
        mean: fraction of ``fcc``, ``hcp``, ``bcc``, ``ico`` and ``other``, with the standard error
            of the mean over time (zero for a single frame).
        series: (F, 5) fractions of each frame, in the order of ``STRUCTURES``; rows sum to one.
    """

    mean: Mapping[str, Estimate]
    series: Array


def structure_fractions(
    positions: ArrayLike, cell: ArrayLike, *, cutoff: float | None = None
) -> StructureFractions:
    """Fractions of fcc, hcp, bcc, icosahedral and other atoms in a fixed, fully periodic cell.

    Without a cutoff, pyscal3's adaptive analysis: each atom's cutoff comes from its nearest 12
    (fcc, hcp, icosahedral) or 14 (bcc) neighbours. With one, atoms inside it are neighbours, as in
    LAMMPS' compute cna/atom. Heat disturbs bonds, so hot crystals have a fraction of other atoms:
    compare runs of one temperature.

    Source: Stukowski, Modelling Simul. Mater. Sci. Eng. 20, 045021 (2012); pyscal, Menon et al.,
    J. Open Source Softw. 4, 1824 (2019).

    Args:
        positions: (F, N, 3) positions in Å, wrapped or not.
        cell: (3, 3) cell vectors as rows in Å.
        cutoff: one for all atoms in Å: 0.854 a for fcc, 1.207 a for bcc, a the lattice constant.
    """
    q = frames("positions", positions)
    box = np.asarray(cell, dtype=np.float64)
    largest_radius(box)
    if cutoff is not None:
        positive("cutoff", cutoff, "Å")
    counts = [_adaptive(p, box) if cutoff is None else classify(p, box, cutoff) for p in q]
    series = np.stack([np.bincount(c, minlength=len(STRUCTURES)) / q.shape[1] for c in counts])
    mean = {
        name: mean_with_error(series[:, s]) if len(q) > 1 else Estimate(float(series[0, s]), 0.0)
        for s, name in enumerate(STRUCTURES)
    }
    return StructureFractions(mean, series)


def _adaptive(positions: Array, box: Array) -> NDArray[np.int64]:
    # Which element the atoms are does not matter to the analysis.
    atoms = Atoms(f"X{len(positions)}", positions=positions, cell=box, pbc=True)
    atoms.wrap()
    common_neighbor_analysis(atoms)
    # pyscal3 has "other" first, as number 0, and then this room's order.
    return np.asarray((atoms.arrays["pyscal_structure"] - 1) % len(STRUCTURES), dtype=np.int64)
