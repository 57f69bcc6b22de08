"""Systems with known answers: each is sampled, propagated and compared with its theory."""

from longstride.testsystems.harmonic import HarmonicCrystal, HarmonicPropagator
from longstride.testsystems.ideal_gas import IdealGas
from longstride.testsystems.lattice import fcc_lattice
from longstride.testsystems.lennard_jones import LennardJones
from longstride.testsystems.oscillator import LangevinOscillator
from longstride.testsystems.verlet import VelocityVerlet

__all__ = [
    "HarmonicCrystal",
    "HarmonicPropagator",
    "IdealGas",
    "LangevinOscillator",
    "LennardJones",
    "VelocityVerlet",
    "fcc_lattice",
]
