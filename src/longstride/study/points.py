"""The runs of a study: one for every combination of its axes."""

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path
from typing import Any

from longstride.errors import ConfigError
from longstride.reference.recipe import Strain
from longstride.study.settings import Study


@dataclass(frozen=True, slots=True)
class Point:
    """Where one run stands on the axes; None for an axis that the study does not have.

    Attributes:
        model: shipped name or folder.
        structure: name of a structure.
        temperature: K.
        strain: linear, of all axes or of each.
        pressure: GPa.
        seed: of the random numbers.
    """

    model: str | None
    structure: str | None
    temperature: float
    strain: Strain | None
    pressure: float | None
    seed: int

    @property
    def condition(self) -> "Point":
        """The same for all seeds."""
        return Point(
            self.model, self.structure, self.temperature, self.strain, self.pressure, seed=0
        )

    @property
    def model_name(self) -> str:
        """Of a folder, its last part."""
        return "" if self.model is None else Path(self.model).name

    @property
    def strain_text(self) -> str:
        """``0.02``, or ``0.02,0,0``."""
        if self.strain is None:
            return ""
        parts = self.strain if isinstance(self.strain, tuple) else (self.strain,)
        return ",".join(f"{part:g}" for part in parts)

    @property
    def name(self) -> str:
        """Name of the run and its folder, such as ``al_fcc_T300_P0_s1``."""
        words = [self.model_name, self.structure or "", f"T{self.temperature:g}"]
        words.append(f"e{self.strain_text}" if self.strain is not None else "")
        words.append(f"P{self.pressure:g}" if self.pressure is not None else "")
        words.append(f"s{self.seed}")
        return re.sub(r"[^\w.,+-]", "-", "_".join(word for word in words if word))

    def plain(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)


def points_of(study: Study) -> tuple[Point, ...]:
    """All runs, seeds innermost.

    Raises:
        ConfigError: two runs have the same name.
    """
    points = tuple(_combinations(study))
    known: dict[str, Point] = {}
    for point in points:
        if point.name in known:
            raise ConfigError(
                f"two runs would be called {point.name}: give models and structures that differ"
                " in the last part of their names, and numbers that differ in six digits"
            )
        known[point.name] = point
    return points


def _combinations(study: Study) -> Iterator[Point]:
    axes = (
        study.models or (None,),
        tuple(study.structures) or (None,),
        study.strains or (None,),
        study.pressures or (None,),
        study.temperatures,
        study.seeds,
    )
    for model, structure, strain, pressure, temperature, seed in product(*axes):
        yield Point(model, structure, temperature, strain, pressure, seed)
