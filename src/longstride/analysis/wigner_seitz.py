"""Vacancies and interstitials: how many atoms each lattice site holds."""

import itertools
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import cKDTree

from longstride.analysis.checks import frames
from longstride.analysis.rdf import largest_radius
from longstride.errors import LongstrideError

Array = NDArray[np.float64]

_PASSES: Final = 3
"""Rounds of assignment and alignment of a frame; the shift is found in the first."""


@dataclass(frozen=True, slots=True)
class SiteOccupation:
    """Atoms on the sites of a lattice over time.

    Attributes:
        vacancies: (F,) empty sites.
        interstitials: (F,) atoms beyond the first of each site.
        site_of: (F, N) site that each atom is nearest to.
        occupation: (F, S) atoms on each site.
        shift: (F, 3) drift of the crystal against the sites in Å, taken out before.
    """

    vacancies: NDArray[np.int64]
    interstitials: NDArray[np.int64]
    site_of: NDArray[np.int64]
    occupation: NDArray[np.int64]
    shift: Array

    @property
    def hops(self) -> NDArray[np.int64]:
        """(F - 1,) atoms that changed their site between successive frames."""
        return np.count_nonzero(np.diff(self.site_of, axis=0), axis=1)


def wigner_seitz_vacancies(
    positions: ArrayLike, sites: ArrayLike, cell: ArrayLike
) -> SiteOccupation:
    """Assigns every atom to its nearest lattice site; an empty site is a vacancy, a second atom on
    a site an interstitial.

    Drift of the crystal is followed from frame to frame: by the mean motion of the atoms, and then
    by the median displacement from the sites, which atoms that hop do not move.

    Source: Nordlund et al., Phys. Rev. B 57, 7556 (1998) (Wigner–Seitz defect analysis).

    Args:
        positions: (F, N, 3) **unwrapped** positions in Å; in the first frame within a quarter of
            the shortest distance between sites of their places.
        sites: (S, 3) sites of the perfect lattice in Å; S may differ from N.
        cell: (3, 3) cell vectors as rows in Å, fixed and fully periodic.

    Raises:
        LongstrideError: sites of another shape, or not finite.
    """
    q = frames("positions", positions)
    box = np.asarray(cell, dtype=np.float64)
    largest_radius(box)
    lattice = np.asarray(sites, dtype=np.float64)
    if lattice.ndim != 2 or lattice.shape[1:] != (3,) or not len(lattice):
        raise LongstrideError(f"sites have shape {lattice.shape}: give (sites, 3)")
    if not np.isfinite(lattice).all():
        raise LongstrideError("sites are not finite: give the perfect lattice")
    tree, owner = _images(lattice, box)
    inverse = np.linalg.inv(box)
    site_of = np.empty(q.shape[:2], dtype=np.int64)
    shift = np.zeros((len(q), 3))
    for k, points in enumerate(q):
        if k:
            shift[k] = shift[k - 1] + (points - q[k - 1]).mean(axis=0)
        for _ in range(_PASSES):
            fractional = (points - shift[k]) @ inverse
            wrapped = (fractional - np.floor(fractional)) @ box
            nearest = tree.query(wrapped)[1]
            shift[k] += np.median(wrapped - tree.data[nearest], axis=0)
        site_of[k] = owner[nearest]
    occupation = np.stack([np.bincount(row, minlength=len(lattice)) for row in site_of])
    return SiteOccupation(
        np.count_nonzero(occupation == 0, axis=1),
        np.maximum(occupation - 1, 0).sum(axis=1),
        site_of,
        occupation,
        shift,
    )


def _images(lattice: Array, box: Array) -> tuple[cKDTree, NDArray[np.int64]]:
    """The sites of the cell and of a rim around it, and which site each image belongs to."""
    fractional = lattice @ np.linalg.inv(box)
    fractional -= np.floor(fractional)
    volume = abs(float(np.linalg.det(box)))
    # No point of a lattice is farther from a site than twice the edge of a site's cube.
    rim = 2.0 * (volume / len(lattice)) ** (1.0 / 3.0)
    normals = np.cross(box[[1, 2, 0]], box[[2, 0, 1]])
    margin = rim * np.linalg.norm(normals, axis=1) / volume
    layers = [range(-int(np.ceil(m)), int(np.ceil(m)) + 1) for m in margin]
    places, owners = [], []
    for translation in itertools.product(*layers):
        image = fractional + np.array(translation)
        near = np.all((image > -margin) & (image < 1.0 + margin), axis=1)
        places.append(image[near])
        owners.append(np.flatnonzero(near))
    return cKDTree(np.concatenate(places) @ box), np.concatenate(owners).astype(np.int64)
