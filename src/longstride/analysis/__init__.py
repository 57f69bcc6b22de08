"""Analysis of trajectories: arrays in, values with errors out.

Every function takes NumPy arrays in the package's units (Å, fs, eV, amu, K) and knows nothing of
files or models. The ``streaming`` ones take frames one after the other, for trajectories larger
than memory. ``analyse`` calls any of them on a trajectory file or on frames of ASE.
"""

from longstride.analysis.adf import Adf, angular_distribution
from longstride.analysis.analyse import analyse
from longstride.analysis.arrhenius import Arrhenius, arrhenius
from longstride.analysis.cna import STRUCTURES, StructureFractions, structure_fractions
from longstride.analysis.fluctuations import (
    heat_capacity,
    square_inefficiency,
    variance_with_error,
)
from longstride.analysis.horizon import (
    Crossing,
    Horizon,
    decorrelated_distance,
    displacement_difference,
)
from longstride.analysis.kinetic_distribution import (
    KineticDistribution,
    KineticTest,
    kinetic_distribution,
)
from longstride.analysis.msd import Msd, diffusion_coefficient, mean_square_displacement
from longstride.analysis.rdf import Rdf, largest_radius, radial_distribution
from longstride.analysis.spectral_energy import (
    SpectralBranch,
    SpectralEnergy,
    spectral_energy_density,
)
from longstride.analysis.statistics import (
    Estimate,
    autocorrelation,
    block_averages,
    equilibration_start,
    l1_distance,
    linear_drift,
    mean_with_error,
    overlap,
    statistical_inefficiency,
)
from longstride.analysis.streaming import (
    streaming_mean_square_displacement,
    streaming_radial_distribution,
    streaming_velocity_autocorrelation,
)
from longstride.analysis.structure_factor import StructureFactor, static_structure_factor
from longstride.analysis.temperature import (
    KineticTemperature,
    WavevectorTemperature,
    commensurate_wavevectors,
    kinetic_temperature,
    wavevector_temperature,
)
from longstride.analysis.vacf import Vacf, velocity_autocorrelation
from longstride.analysis.vdos import Vdos, density_of_states, density_of_states_from_vacf
from longstride.analysis.velocity_distribution import (
    VelocityDistribution,
    velocity_distribution,
)
from longstride.analysis.vibration import Amplitude, mean_square_amplitude
from longstride.analysis.weighted_line import WeightedLine, weighted_line
from longstride.analysis.wigner_seitz import SiteOccupation, wigner_seitz_vacancies

__all__ = [
    "STRUCTURES",
    "Adf",
    "Amplitude",
    "Arrhenius",
    "Crossing",
    "Estimate",
    "Horizon",
    "KineticDistribution",
    "KineticTemperature",
    "KineticTest",
    "Msd",
    "Rdf",
    "SiteOccupation",
    "SpectralBranch",
    "SpectralEnergy",
    "StructureFactor",
    "StructureFractions",
    "Vacf",
    "Vdos",
    "VelocityDistribution",
    "WavevectorTemperature",
    "WeightedLine",
    "analyse",
    "angular_distribution",
    "arrhenius",
    "autocorrelation",
    "block_averages",
    "commensurate_wavevectors",
    "decorrelated_distance",
    "density_of_states",
    "density_of_states_from_vacf",
    "diffusion_coefficient",
    "displacement_difference",
    "equilibration_start",
    "heat_capacity",
    "kinetic_distribution",
    "kinetic_temperature",
    "l1_distance",
    "largest_radius",
    "linear_drift",
    "mean_square_amplitude",
    "mean_square_displacement",
    "mean_with_error",
    "overlap",
    "radial_distribution",
    "spectral_energy_density",
    "square_inefficiency",
    "static_structure_factor",
    "statistical_inefficiency",
    "streaming_mean_square_displacement",
    "streaming_radial_distribution",
    "streaming_velocity_autocorrelation",
    "structure_fractions",
    "variance_with_error",
    "velocity_autocorrelation",
    "velocity_distribution",
    "wavevector_temperature",
    "weighted_line",
    "wigner_seitz_vacancies",
]
