"""Cells of fcc aluminium with surfaces, a stacking fault or a grain boundary, by ASE's builders."""

import numpy as np
from ase import Atoms
from ase.build import fcc100, fcc111
from ase.lattice.cubic import FaceCenteredCubic
from ase.neighborlist import neighbor_list

ELEMENT = "Al"

VACUUM = 7.0
"""Å on either side of a slab, so that its two surfaces are out of each other's cutoff."""

CLOSEST = 0.7
"""Share of the nearest-neighbour distance; of two atoms at a boundary that are closer, one goes."""


def slab_100(constant: float, size: tuple[int, int, int]) -> Atoms:
    """A (100) slab of ``size[2]`` layers and vacuum along z, in a periodic cell.

    Args:
        constant: of the lattice, Å.
        size: atoms along the close-packed directions of a layer, and layers.
    """
    return _periodic(fcc100(ELEMENT, size, a=constant, vacuum=VACUUM))


def slab_111(constant: float, size: tuple[int, int, int]) -> Atoms:
    """A (111) slab in a rectangular cell; as :func:`slab_100`."""
    return _periodic(fcc111(ELEMENT, size, a=constant, vacuum=VACUUM, orthogonal=True))


def stacking_fault(constant: float, size: tuple[int, int, int]) -> Atoms:
    """A periodic stack of (111) layers, one layer short of the sequence ABC: an intrinsic fault.

    Args:
        constant: of the lattice, Å.
        size: as :func:`slab_100`; the layers are one less than a multiple of three.
    """
    assert size[2] % 3 == 2, "one layer less than whole periods of ABC"
    atoms = fcc111(ELEMENT, size, a=constant, orthogonal=True)
    cell = np.array(atoms.cell)
    cell[2] = [0.0, 0.0, size[2] * constant / np.sqrt(3.0)]
    atoms.set_cell(cell)
    return _periodic(atoms)


def grain_boundary(constant: float, size: tuple[int, int, int]) -> Atoms:
    """Two symmetric Σ5 (310)[001] tilt boundaries in a periodic cell, normal to z.

    A grain with (310) along z and its mirror image; of two atoms that come too close at a boundary
    one is left out. Not at rest: it is relaxed by the run it starts.

    Args:
        constant: of the lattice, Å.
        size: shortest periods of the coincidence lattice along [001], [1-30] and, of each grain,
            [310].
    """
    directions = [[0, 0, 1], [1, -3, 0], [3, 1, 0]]
    grain = FaceCenteredCubic(ELEMENT, directions, size=size, latticeconstant=constant)
    height = float(grain.cell[2, 2])
    mirror = grain.copy()
    mirror.positions[:, 2] = 2.0 * height - mirror.positions[:, 2]
    both = grain + mirror
    both.set_cell(np.array(grain.cell) * np.array([[1.0], [1.0], [2.0]]))
    both.set_pbc(True)
    first, second = neighbor_list("ij", both, CLOSEST * constant / np.sqrt(2.0))
    del both[sorted(set(second[first < second].tolist()))]
    return _periodic(both)


def _periodic(atoms: Atoms) -> Atoms:
    """The atoms in a cell that is periodic in all directions, without notes on the surface."""
    return Atoms(atoms.symbols, positions=atoms.positions, cell=atoms.cell, pbc=True)
