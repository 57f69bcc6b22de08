"""Ensembles around a propagator, rollouts, and runs that leave files."""

from longstride.dynamics.barostat import Barostat, CellRescaling
from longstride.dynamics.bath import Bath, CSVRBath, LangevinBath
from longstride.dynamics.ensemble import CachingPropagator, Ensemble, csvr, langevin, npt, nve
from longstride.dynamics.guard import closest_pair, require_sound
from longstride.dynamics.recorded_run import SEGMENT, resume_run, start_run
from longstride.dynamics.recorder import Monitor
from longstride.dynamics.regime import (
    Regime,
    regime_violations,
    require_regime,
    with_model_masses,
)
from longstride.dynamics.restart import RestartPoint, load_restart
from longstride.dynamics.rollout import Stride, frame_interval, rollout
from longstride.dynamics.run_plan import RunFiles, RunPlan, restart_path
from longstride.dynamics.supercell import repeated
from longstride.dynamics.target import Ramp, Target, value_at
from longstride.dynamics.thermo import Thermo, read_thermo
from longstride.dynamics.velocities import (
    draw_velocities,
    drift_velocity,
    without_total_momentum,
)

__all__ = [
    "SEGMENT",
    "Barostat",
    "Bath",
    "CSVRBath",
    "CachingPropagator",
    "CellRescaling",
    "Ensemble",
    "LangevinBath",
    "Monitor",
    "Ramp",
    "Regime",
    "RestartPoint",
    "RunFiles",
    "RunPlan",
    "Stride",
    "Target",
    "Thermo",
    "closest_pair",
    "csvr",
    "draw_velocities",
    "drift_velocity",
    "frame_interval",
    "langevin",
    "load_restart",
    "npt",
    "nve",
    "read_thermo",
    "regime_violations",
    "repeated",
    "require_regime",
    "require_sound",
    "restart_path",
    "resume_run",
    "rollout",
    "start_run",
    "value_at",
    "with_model_masses",
    "without_total_momentum",
]
