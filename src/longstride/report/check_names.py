"""Plain names of the checks, and the families that the table groups them by."""

from typing import Final

FAMILIES: Final = {
    "onestep": "One stride",
    "horizon": "Horizon",
    "nve": "Constant energy",
    "nvt": "Constant temperature",
    "structure": "Structure",
    "dynamics": "Dynamics",
    "laws": "Laws",
}
"""Headings by family, in the order of the page."""

OTHER: Final = "Other"
"""Heading of checks that no family knows."""

NAMES: Final = {
    "onestep": {
        "onestep.d.relative_error": "Displacement d, relative error",
        "onestep.w.relative_error": "Velocity change w, relative error",
        "onestep.d.rmse": "Displacement d, RMS error",
        "onestep.w.rmse": "Velocity change w, RMS error",
        "onestep.d.mae": "Displacement d, mean absolute error",
        "onestep.w.mae": "Velocity change w, mean absolute error",
        "onestep.survival": "One stride: strides not completed",
    },
    "horizon": {
        "horizon.tenth_angstrom": "One over the time to an error of 0.1 Å",
        "horizon.half_angstrom": "One over the time to an error of 0.5 Å",
        "horizon.survival": "Horizon: runs not completed",
    },
    "nve": {
        "nve.energy_drift": "Drift of the total energy",
        "nve.kinetic_drift": "Drift of the kinetic energy",
        "nve.survival": "Constant energy: runs not completed",
    },
    "nvt": {
        "nvt.temperature.relative_error": "Temperature",
        "nvt.temperature.species_error": "Temperature of a species",
        "nvt.potential_energy.error": "Potential energy",
        "nvt.heat_capacity.relative_error": "Heat capacity",
        "nvt.kinetic_distribution.z": "Distribution of the kinetic energy",
        "nvt.velocity_distribution.z": "Distribution of the velocities",
        "nvt.equipartition.relative_error": "Equipartition over wavevectors",
        "nvt.components.relative_error": "Equipartition over x, y and z",
        "nvt.survival": "Constant temperature: runs not completed",
    },
    "structure": {
        "nvt.rdf.l1": "Radial distribution",
        "nvt.adf.l1": "Angular distribution",
        "nvt.structure_factor.l1": "Structure factor",
        "nvt.amplitude.relative_error": "Mean square amplitude",
        "nvt.amplitude.frozen": "Atoms that do not move",
        "nvt.cna.l1": "Local structure",
        "nvt.sites.empty": "Places left by their atoms",
    },
    "dynamics": {
        "nvt.msd.l1": "Mean square displacement",
        "nvt.diffusion.relative_error": "Diffusion coefficient",
        "nvt.vacf.l1": "Velocity autocorrelation",
        "nvt.vdos.mismatch": "Density of states",
        "nvt.vdos.mean_frequency": "Mean frequency",
        "nvt.vdos.peak_shift": "Main peaks of the density of states",
        "nvt.dispersion.relative_error": "Phonon dispersion",
    },
    "laws": {
        "laws.momentum": "Conservation of momentum",
        "laws.translation": "Invariance under translation",
        "laws.permutation": "Invariance under permutation of atoms",
        "laws.rotation": "Equivariance under rotation",
        "laws.inversion": "Equivariance under inversion",
        "laws.boost": "Galilean invariance",
        "laws.reversibility": "Reversibility",
    },
}
"""Plain names by family and dotted name without its condition."""

_FAMILY_OF: Final = {stem: family for family, names in NAMES.items() for stem in names}


def plain_name(stem: str) -> str:
    """Plain name of a check; one that is not known keeps its dotted name."""
    return NAMES.get(_FAMILY_OF.get(stem, ""), {}).get(stem, stem)


def family_title(stem: str) -> str:
    """Heading of the check's family."""
    return FAMILIES.get(_FAMILY_OF.get(stem, ""), OTHER)
