"""The only conversion factors of the package.

Internal units: Å, fs, eV, amu, K; velocities in Å/fs, forces in eV/Å, stress in eV/Å³.
The base constants are CODATA 2018.
"""

from typing import Final

BOLTZMANN: Final = 8.617333262e-5
"""Boltzmann's constant in eV/K."""

ELECTRONVOLT: Final = 1.602176634e-19
"""One electronvolt in joule."""

ATOMIC_MASS: Final = 1.66053906660e-27
"""One atomic mass unit in kilogram."""

MASS_VELOCITY_SQUARED: Final = ATOMIC_MASS * 1e10 / ELECTRONVOLT
"""One amu·(Å/fs)² in eV (103.64): kinetic energy is ``0.5 * MASS_VELOCITY_SQUARED * m * v**2``."""

PS: Final = 1000.0
"""One picosecond in fs."""

NS: Final = 1e6
"""One nanosecond in fs."""

METAL_VELOCITY: Final = 1e-3
"""One Å/ps (LAMMPS ``units metal``) in Å/fs."""

REAL_ENERGY: Final = 4184.0 / (6.02214076e23 * ELECTRONVOLT)
"""One kcal/mol (LAMMPS ``units real``) in eV."""

BAR: Final = 1e5 / ELECTRONVOLT * 1e-30
"""One bar in eV/Å³."""

GPA: Final = 1e4 * BAR
"""One gigapascal in eV/Å³."""

THZ: Final = 1e-3
"""One terahertz in 1/fs."""

ASE_TIME: Final = (MASS_VELOCITY_SQUARED) ** 0.5
"""ASE's unit of time, Å·sqrt(amu/eV), in fs (10.18); ASE velocities divided by this are Å/fs."""

GRAM_PER_CUBIC_CENTIMETRE: Final = 1e-27 / ATOMIC_MASS
"""One g/cm³ in amu/Å³."""
