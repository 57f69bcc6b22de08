"""How long a run is, what it records, and the files it leaves."""

from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, PositiveFloat, PositiveInt

SUFFIX: Final = ".restart"


class RunPlan(BaseModel):
    """How long a run is and what it records.

    Attributes:
        n_strides: strides of the whole run.
        frame_every: strides from one frame to the next; the state at the start is a frame too.
        substride: write the model's states inside every stride too.
        restart_every: strides from one restart point to the next.
        shortest_distance: atoms nearer than this (Å) end the run; None does not look.
        density: lowest and highest number density in atoms/Å³, at constant pressure; outside of it
            the run ends; None does not look.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    n_strides: PositiveInt
    frame_every: PositiveInt = 1
    substride: bool = False
    restart_every: PositiveInt = 100
    shortest_distance: PositiveFloat | None = None
    density: tuple[PositiveFloat, PositiveFloat] | None = None


def strides_of_frames(time: float, every: int, stride: float) -> int:
    """Strides of the whole number of frames that covers a time.

    Args:
        time: fs.
        every: strides from one frame to the next.
        stride: fs.
    """
    # The slack forgives rounding of decimals.
    return ceil(time / (every * stride) - 1e-9) * every


def run_metadata(
    out: Path,
    *,
    model: str,
    seed: int,
    ensemble: str,
    **courses: float | tuple[float, float] | None,
) -> dict[str, Any]:
    """What readers of a run's trajectory look for.

    Args:
        out: the trajectory file, which the run is named after.
        model: its name.
        seed: of the run.
        ensemble: its name.
        courses: temperature in K, pressure in GPa: a constant, the ends of a ramp, or None.
    """
    metadata: dict[str, Any] = {
        "run": out.stem,
        "seed": seed,
        "potential": f"longstride model {model}",
        "ensemble": ensemble,
    }
    for name, course in courses.items():
        if course is not None:
            metadata[f"{name}_ramp" if isinstance(course, tuple) else name] = course
    return metadata


def restart_path(out: Path) -> Path:
    """The restart file of a run that writes ``out``."""
    return out.with_name(out.name + SUFFIX)


@dataclass(frozen=True, slots=True)
class RunFiles:
    """The files of a run that writes ``out``, here ``out.h5``."""

    out: Path

    @property
    def partial_out(self) -> Path:
        """``out.h5.partial``, the trajectory while the run is not complete."""
        return self.out.with_name(self.out.name + ".partial")

    @property
    def thermo(self) -> Path:
        """``out.thermo.csv``, the scalars of every stride of a complete run."""
        return self.out.with_suffix(".thermo.csv")

    @property
    def partial_thermo(self) -> Path:
        """``out.thermo.csv.partial``, the scalars while the run is not complete."""
        return self.thermo.with_name(self.thermo.name + ".partial")

    @property
    def restart(self) -> Path:
        """``out.h5.restart``, the last restart point; deleted when the run is complete."""
        return restart_path(self.out)
