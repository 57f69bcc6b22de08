"""Ensembles around a propagator, rollouts, and runs that leave files."""

from longstride.dynamics.barostat import Barostat, CellRescaling
from longstride.dynamics.bath import Bath, CSVRBath, LangevinBath, rescaling_factor
from longstride.dynamics.energy_correction import (
    CORRECTION_COLUMN,
    CorrectionObserver,
    EnergyCorrection,
)
from longstride.dynamics.energy_observer import ENERGY_COLUMNS, EnergyObserver, energy_row
from longstride.dynamics.ensemble import Ensemble, csvr, langevin, npt, nve
from longstride.dynamics.followed import FollowedPropagator
from longstride.dynamics.guard import closest_pair, require_sound
from longstride.dynamics.heating import EnergyWalk, fitted_heating, measure_walk
from longstride.dynamics.observer import Observer
from longstride.dynamics.recorded_run import SEGMENT, resume_run, start_run
from longstride.dynamics.recorder import Monitor
from longstride.dynamics.regime import (
    Regime,
    regime_violations,
    require_regime,
    with_model_masses,
)
from longstride.dynamics.relay import Relay
from longstride.dynamics.remembered_potential import RememberedPotential
from longstride.dynamics.residual_noise import (
    NoisyPropagator,
    PlainNoise,
    ResidualNoise,
    Residuals,
    RotationNoise,
    residual_noise,
)
from longstride.dynamics.restart import RestartPoint, load_restart
from longstride.dynamics.rollout import Stride, frame_interval, rollout
from longstride.dynamics.run_plan import (
    RunFiles,
    RunPlan,
    restart_path,
    run_metadata,
    strides_of_frames,
)
from longstride.dynamics.start import starting_state
from longstride.dynamics.supercell import repeated
from longstride.dynamics.target import Ramp, Target, value_at
from longstride.dynamics.thermo import Thermo, ThermoLog, read_thermo
from longstride.dynamics.velocities import (
    draw_velocities,
    drift_velocity,
    without_total_momentum,
)
from longstride.dynamics.watch import Findings, Watch, shares_of_limits
from longstride.dynamics.wrapped import CachingPropagator

__all__ = [
    "CORRECTION_COLUMN",
    "ENERGY_COLUMNS",
    "SEGMENT",
    "Barostat",
    "Bath",
    "CSVRBath",
    "CachingPropagator",
    "CellRescaling",
    "CorrectionObserver",
    "EnergyCorrection",
    "EnergyObserver",
    "EnergyWalk",
    "Ensemble",
    "Findings",
    "FollowedPropagator",
    "LangevinBath",
    "Monitor",
    "NoisyPropagator",
    "Observer",
    "PlainNoise",
    "Ramp",
    "Regime",
    "Relay",
    "RememberedPotential",
    "ResidualNoise",
    "Residuals",
    "RestartPoint",
    "RotationNoise",
    "RunFiles",
    "RunPlan",
    "Stride",
    "Target",
    "Thermo",
    "ThermoLog",
    "Watch",
    "closest_pair",
    "csvr",
    "draw_velocities",
    "drift_velocity",
    "energy_row",
    "fitted_heating",
    "frame_interval",
    "langevin",
    "load_restart",
    "measure_walk",
    "npt",
    "nve",
    "read_thermo",
    "regime_violations",
    "repeated",
    "require_regime",
    "require_sound",
    "rescaling_factor",
    "residual_noise",
    "restart_path",
    "resume_run",
    "rollout",
    "run_metadata",
    "shares_of_limits",
    "start_run",
    "starting_state",
    "strides_of_frames",
    "value_at",
    "with_model_masses",
    "without_total_momentum",
]
