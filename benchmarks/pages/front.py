"""The points of the study of error against cost, from benchmarks/results/pareto."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from longstride.zoo import resolve
from pages.load import Piece, Results
from pages.targets import NVE_DRIFT

SHIPPED = ("al", "al-fast")

TEMPERATURES = ("300", "600", "900")
SHOWN = "600"
"""Temperature in K of the error rates in the figure."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A point that was measured and timed.

    Attributes:
        piece: the point, its errors, drift and configuration.
        cost: microseconds, range, evaluations and kFLOP per atom and ps.
        ships: name of the shipped model that has the same settings, or None.
    """

    piece: Piece
    cost: dict[str, Any]
    ships: str | None

    @property
    def name(self) -> str:
        """In the study."""
        return str(self.piece["point"]["name"])

    @property
    def varies(self) -> str:
        """What it changes of the base."""
        return str(self.piece["point"]["varies"])

    @property
    def label(self) -> str:
        """Name in figure and table."""
        return self.ships or self.name

    @property
    def result(self) -> dict[str, Any]:
        """What was measured."""
        return dict(self.piece["result"])

    @property
    def config(self) -> dict[str, Any]:
        """Settings of the model."""
        return dict(self.result["config"])

    @property
    def substep(self) -> float:
        """Length of a substep in fs."""
        return float(self.config["stage_times"][-1] / self.config["substeps"])

    def rate(self, temperature: str = SHOWN) -> float:
        """Error rate in %."""
        return 100.0 * float(self.result["errors"][temperature]["rate"])

    @property
    def microseconds(self) -> float:
        """Per atom and ps."""
        return float(self.cost["microseconds"])

    @property
    def broke(self) -> float | None:
        """Time in ps after which the run at constant energy broke down."""
        broke = self.result["nve"]["broke"]
        return None if broke is None else float(broke["time"])

    @property
    def drift(self) -> tuple[float, float] | None:
        """Drift of the total energy and its error in % of the kinetic energy over 100 ps."""
        total = self.result["nve"].get("total")
        return None if total is None else (float(total["percent"]), float(total["percent_error"]))

    @property
    def steady(self) -> bool:
        """Whether the energy stays."""
        return self.broke is None and self.drift is not None and abs(self.drift[0]) <= NVE_DRIFT


@dataclass(frozen=True, slots=True)
class Front:
    """All points, from the cheapest to the most expensive, and how they were timed."""

    marks: tuple[Mark, ...]
    timing: Piece

    @classmethod
    def read(cls, folder: Path) -> "Front | None":
        """The points of a results folder that were timed with the weights they were measured with;
        None where there are none.
        """
        timing = folder / "cost.json"
        if not timing.is_file():
            return None
        costs = json.loads(timing.read_text(encoding="utf-8"))
        timed = {model["name"]: model["sha256"] for model in costs["models"]}
        shipped = {name: shipped_settings(name) for name in SHIPPED}
        marks = []
        for piece in Results.read(folder).of("pareto"):
            name, config = piece["point"]["name"], piece["result"]["config"]
            if timed.get(name) == piece["model"]["sha256"]:
                ships = next((key for key, value in shipped.items() if agrees(config, value)), None)
                marks.append(Mark(piece, costs["result"]["maps"][name], ships))
        marks.sort(key=lambda mark: mark.microseconds)
        return cls(tuple(marks), costs) if marks else None

    @property
    def horizon(self) -> float:
        """The fixed time of the errors in fs."""
        return float(self.marks[0].piece["settings"]["horizon"])

    @property
    def base(self) -> Mark | None:
        """What the others change."""
        return next((mark for mark in self.marks if mark.varies == "base"), None)

    @property
    def best(self) -> list[Mark]:
        """The steady points than which no steady one is both cheaper and more accurate."""
        return front_of([mark for mark in self.marks if mark.steady])


def front_of(marks: Sequence[Mark]) -> list[Mark]:
    """The marks that no other beats in cost and error rate, from the cheapest on."""
    best: list[Mark] = []
    for mark in sorted(marks, key=lambda mark: (mark.microseconds, mark.rate())):
        if not best or mark.rate() < best[-1].rate():
            best.append(mark)
    return best


def agrees(settings: Any, others: Any) -> bool:
    """Whether all settings stand among the others, which may know more of them."""
    if isinstance(settings, dict) and isinstance(others, dict):
        return all(agrees(value, others.get(key)) for key, value in settings.items())
    return bool(settings == others)


def shipped_settings(name: str) -> dict[str, Any]:
    """The configuration of a shipped model, as plain data."""
    card = json.loads((resolve(name) / "model.json").read_text(encoding="utf-8"))
    config: dict[str, Any] = card["config"]
    return config
