"""What a data set covers: the range a model trained on it is made for."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from longstride.dataset.windows import Block
from longstride.errors import ConfigError
from longstride.state import number_density
from longstride.trajectory import Segment

MASS_TOLERANCE = 1e-3
"""Relative difference of masses of one species that is taken for rounding."""


def coverage(blocks: Sequence[Block]) -> dict[str, Any]:
    """Plain data that describes the blocks.

    Returns:
        ``species`` (atomic numbers), ``masses`` (amu, in the same order), ``temperatures`` (K),
        ``number_density`` ([smallest, largest], atoms/Å³, vacuum left out), ``potentials`` (the
        files of one are joined by commas), ``n_atoms`` (sizes),
        ``n_segments``, ``n_frames``, ``lattice_constants`` (Å at each temperature, of the
        unstrained segments whose metadata tell it).

    Raises:
        ConfigError: atoms of one species with different masses.
    """
    segments = [block.segment for block in blocks]
    species = np.concatenate([segment.species for segment in segments])
    masses = np.concatenate([segment.masses for segment in segments])
    numbers = np.unique(species)
    of_species = []
    for number in numbers:
        own = masses[species == number]
        if np.ptp(own) > MASS_TOLERANCE * own.mean():
            raise ConfigError(
                f"atomic number {number} has masses from {own.min():g} to {own.max():g} amu: "
                "a model knows one mass a species, so train on files of one isotope"
            )
        # exact where all are the same, which a mean is not
        of_species.append(float(np.median(own)))
    densities = [number_density(s.positions(0), s.cell) for s in segments if s.pbc.all()]
    temperatures = {block.temperature for block in blocks} - {None}
    potentials = {str(s.metadata["potential"]) for s in segments if "potential" in s.metadata}
    return {
        "species": [int(number) for number in numbers],
        "masses": of_species,
        "temperatures": sorted(temperatures),
        "number_density": [min(densities), max(densities)] if densities else None,
        "potentials": sorted(potentials),
        "lattice_constants": lattice_constants(segments),
        "n_atoms": sorted({segment.n_atoms for segment in segments}),
        "n_segments": len(segments),
        "n_frames": sum(block.stop - block.first for block in blocks),
    }


def lattice_constants(segments: Sequence[Segment]) -> dict[str, float]:
    """Relaxed lattice constant in Å at each temperature (K, as text), of whole crystals at rest."""
    return {
        f"{float(s.metadata['temperature']):g}": float(s.metadata["lattice_constant"])
        for s in segments
        if "lattice_constant" in s.metadata
        and not s.metadata.get("strain")
        and not s.metadata.get("vacancies")
    }
