"""Reference engines and the trajectories they make."""

from longstride.reference.engine import (
    Barostat,
    Engine,
    Evaluation,
    Frames,
    Langevin,
    Outcome,
    Phase,
    collect,
    nanoseconds_per_day,
    run,
)
from longstride.reference.engines import make_engine
from longstride.reference.generation import Progress, check_output, generate, plan_size
from longstride.reference.recipe import Recipe, load_recipe
from longstride.reference.sampling import append_frames, recorder
from longstride.reference.settings import AseSettings, LammpsSettings

__all__ = [
    "AseSettings",
    "Barostat",
    "Engine",
    "Evaluation",
    "Frames",
    "LammpsSettings",
    "Langevin",
    "Outcome",
    "Phase",
    "Progress",
    "Recipe",
    "append_frames",
    "check_output",
    "collect",
    "generate",
    "load_recipe",
    "make_engine",
    "nanoseconds_per_day",
    "plan_size",
    "recorder",
    "run",
]
