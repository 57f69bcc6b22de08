"""A side-by-side run in words and plain data: the provenance of its results."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from ase.data import atomic_names, chemical_symbols

from longstride.state import State
from longstride.units import PS
from longstride.validation.experiment import SideBySideSettings, Subject
from longstride.validation.provenance import machine, software
from longstride.validation.results import Check, Fact, Provenance, Speed
from longstride.validation.suite.summary import HOW_JUDGED


@dataclass(frozen=True, slots=True)
class Plan:
    """What was run.

    Attributes:
        settings, subject, crystal: as given.
        reference: the engine's description of itself.
        stride: fs.
        n_strides: strides of the surrogate.
        interval: fs between frames.
        time_step: of the reference in fs.
        discarded: fs left out of the comparison at the start.
    """

    settings: SideBySideSettings
    subject: Subject
    crystal: State
    reference: dict[str, Any]
    stride: float
    n_strides: int
    interval: float
    time_step: float
    discarded: float

    @property
    def length(self) -> float:
        """Length of each run in fs."""
        return self.n_strides * self.stride


def summarise(
    plan: Plan, checks: tuple[Check, ...], speeds: tuple[Speed, ...], command: str
) -> Provenance:
    """What was run, in which regime, with which programs, how fast, and what it can tell."""
    settings, crystal, regime = plan.settings, plan.crystal, plan.subject.regime
    number = int(crystal.species[0])
    length = f"{plan.length / PS:.4g} ps"
    potential = str(plan.reference["potential"])
    low, high = regime.temperature
    density = crystal.n_atoms / abs(float(np.linalg.det(crystal.cell)))
    thinnest, densest = regime.density
    return Provenance(
        title=f"{atomic_names[number]} at {settings.temperature:g} K: surrogate beside reference",
        description=(
            f"{length} of {crystal.n_atoms} atoms in a Langevin bath, once by the learned map in"
            f" strides of {plan.stride:g} fs and {_times(settings.references)} by {potential} in"
            f" steps of {plan.time_step:g} fs, all from the same equilibrated phase point."
            f" {plan.discarded / PS:.3g} ps at the start are left out of the comparison."
        ),
        summary=(
            Fact(
                label="Stride",
                value=f"{plan.stride:g} fs",
                note=f"{plan.stride / plan.time_step:.3g} reference time steps",
            ),
            Fact(
                label="System",
                value=f"{crystal.n_atoms} {chemical_symbols[number]}",
                note=f"{length} at {settings.temperature:g} K",
            ),
            Fact(
                label="Model’s regime",
                value=f"{low:g}–{high:g} K",
                note=f"{thinnest:.4f}–{densest:.4f} atoms/Å³, run at {density:.4f}",
            ),
        ),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        command=command,
        settings={
            **settings.model_dump(mode="json"),
            "n_strides": plan.n_strides,
            "frame_interval": plan.interval,
            "cell": np.round(np.diag(crystal.cell), 4).tolist(),
        },
        model={
            "name": plan.subject.name,
            **plan.subject.description,
            "sha256": plan.subject.checksum,
        },
        reference={**plan.reference, "time_step_fs": plan.time_step},
        software=software(),
        machine=machine(plan.subject.instructions),
        speed=speeds,
        notes=(
            *_resolution(checks),
            HOW_JUDGED,
            "A stride costs the same whatever potential the model learned; the reference’s cost is"
            f" that of {potential}.",
        ),
    )


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def _resolution(checks: tuple[Check, ...]) -> tuple[str, ...]:
    """How small a deviation the run can see: a pass says nothing of smaller ones."""
    limits = {check.name.split("[")[0]: check.threshold for check in checks}
    named = (("temperature", "temperature"), ("amplitude", "mean square amplitude"))
    seen = [
        f"{title} to ±{100.0 * limits[f'nvt.{name}.relative_error']:.2g} %"
        for name, title in named
        if f"nvt.{name}.relative_error" in limits
    ]
    if not seen:
        return ()
    return (
        f"A run of this size and length resolves {' and '.join(seen)}; smaller deviations pass"
        " unseen, a longer or larger run finds them.",
    )
