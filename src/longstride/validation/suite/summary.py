"""A validation in words and plain data: the provenance of its results."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from ase.data import chemical_symbols
from numpy.typing import NDArray

from longstride.units import PS
from longstride.validation.experiment import Subject
from longstride.validation.provenance import machine, software
from longstride.validation.results import Fact, Provenance, Speed
from longstride.validation.suite.settings import SuiteSettings

HOW_JUDGED = (
    "A check passes below its threshold: so many noise floors, or what is good enough whatever the"
    " noise, whichever is larger. The noise floor is the same number between independent reference"
    " runs of the same length (bootstrap of blocks), as one standard deviation."
)


@dataclass(frozen=True, slots=True)
class Judged:
    """What was judged against what.

    Attributes:
        name: of the model or the rollout.
        species: (N,) atomic numbers of one cell.
        cell: (3, 3) of the first temperature, Å.
        temperatures: K.
        reference: the engine's description, or the file's.
        families: of checks.
    """

    name: str
    species: NDArray[np.int64]
    cell: NDArray[np.float64]
    temperatures: tuple[float, ...]
    reference: Mapping[str, Any]
    families: tuple[str, ...]

    @property
    def formula(self) -> str:
        """Number of atoms and elements."""
        numbers, counts = np.unique(self.species, return_counts=True)
        if len(numbers) == 1:
            return f"{counts[0]} {chemical_symbols[numbers[0]]}"
        parts = (f"{chemical_symbols[n]}{c}" for n, c in zip(numbers, counts, strict=True))
        return f"{len(self.species)} atoms, {' '.join(parts)}"

    @property
    def span(self) -> str:
        """The temperatures in words."""
        return ", ".join(f"{t:g}" for t in self.temperatures) + " K"

    @property
    def opponent(self) -> str:
        """The reference in a word."""
        return str(self.reference.get("potential") or self.reference.get("file") or "its reference")


def model_provenance(
    judged: Judged,
    subject: Subject,
    settings: SuiteSettings,
    speeds: tuple[Speed, ...],
    command: str,
) -> Provenance:
    """Of a model's validation."""
    low, high = subject.regime.temperature
    thinnest, densest = subject.regime.density
    density = len(judged.species) / abs(float(np.linalg.det(judged.cell)))
    return Provenance(
        title=f"Model {subject.name} beside {judged.opponent}",
        description=(
            f"{judged.formula} at {judged.span}: {', '.join(judged.families)}. The model starts"
            " from the reference's own phase points; at constant temperature"
            f" {settings.runs} of its runs stand beside {settings.references} of the reference,"
            f" {settings.run_time / PS:g} ps each."
        ),
        summary=(
            Fact(label="Stride", value=f"{subject.propagator.stride:g} fs"),
            Fact(label="System", value=judged.formula, note=f"at {judged.span}"),
            Fact(
                label="Model’s regime",
                value=f"{low:g}–{high:g} K",
                note=f"{thinnest:.4f}–{densest:.4f} atoms/Å³, judged at {density:.4f}",
            ),
        ),
        created=_now(),
        command=command,
        settings=settings.model_dump(mode="json"),
        model={"name": subject.name, **subject.description, "sha256": subject.checksum},
        reference=dict(judged.reference),
        software=software(),
        machine=machine(subject.instructions),
        speed=speeds,
        notes=(HOW_JUDGED,),
    )


def rollout_provenance(
    judged: Judged, rollout: Mapping[str, Any], settings: SuiteSettings, command: str
) -> Provenance:
    """Of a finished trajectory's validation."""
    return Provenance(
        title=f"Rollout {judged.name} beside {judged.opponent}",
        description=f"{judged.formula} at {judged.span}: {', '.join(judged.families)}.",
        summary=(Fact(label="System", value=judged.formula, note=f"at {judged.span}"),),
        created=_now(),
        command=command,
        settings=settings.model_dump(mode="json", include={"discard", "temperatures"}),
        model={"name": judged.name, **rollout},
        reference=dict(judged.reference),
        software=software(),
        machine=machine(),
        notes=(HOW_JUDGED,),
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
