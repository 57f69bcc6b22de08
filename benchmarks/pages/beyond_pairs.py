"""A case beyond the perfect crystal: its reference runs and its models, put side by side."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pages.load import Piece, Results

ORDER = ("liquid", "vacancy", "slab", "strain", "fault", "boundary", "coexistence")
"""Kinds of cases."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One case with one model.

    Attributes:
        title: of the case.
        model: name.
        stride: errors of one stride and the guard's verdict on its starts.
        rollouts: of the model; numbers beyond the guard's are missing where one broke.
        runs: two of the reference; empty where they were not measured.
    """

    case: str
    title: str
    model: str
    stride: dict[str, Any]
    rollouts: list[dict[str, Any]]
    runs: list[dict[str, Any]]

    @property
    def whole(self) -> list[dict[str, Any]]:
        """Rollouts that reached their end."""
        return [rollout for rollout in self.rollouts if rollout["broke"] is None]

    def of(self, name: str) -> tuple[float, float] | None:
        """The model's value of a number: its mean over rollouts and its standard error."""
        return _mean([rollout[name] for rollout in self.whole])

    def reference(self, name: str) -> tuple[float, float] | None:
        """The same of the reference."""
        return _mean([run[name] for run in self.runs])

    def noise(self, name: str) -> float | None:
        """Difference of the two reference runs."""
        values = [run[name][0] for run in self.runs]
        return abs(values[0] - values[1]) if len(values) == 2 else None

    def gap(self) -> tuple[float, float] | None:
        """Mean |Δg(r)| over mean g(r), of the model and between the two reference runs."""
        if not self.whole or len(self.runs) != 2 or "g" not in self.runs[0]:
            return None
        one, other = (np.array(run["g"]) for run in self.runs)
        mean = 0.5 * (one + other)
        own = np.mean([rollout["g"] for rollout in self.whole], axis=0)
        scale = mean.mean()
        return float(np.abs(own - mean).mean() / scale), float(np.abs(one - other).mean() / scale)


def _mean(values: Sequence[Sequence[float]]) -> tuple[float, float] | None:
    if not values:
        return None
    array = np.array(values)
    return float(array[:, 0].mean()), float(np.sqrt((array[:, 1] ** 2).sum()) / len(array))


def pairs(found: Results, chosen: Callable[[str], bool] = lambda case: True) -> list[Pair]:
    """Every case with every model that was measured on it, models of a case side by side."""
    runs: dict[str, list[dict[str, Any]]] = {
        piece["case"]: piece["result"]["runs"] for piece in found.of("reference")
    }

    def made(piece: Piece) -> Pair:
        result = piece["result"]
        return Pair(
            piece["case"],
            piece["title"],
            piece["model"]["name"],
            result["stride"],
            result["rollouts"],
            runs.get(piece["case"], []),
        )

    pieces = [piece for piece in found.of("beyond") if chosen(piece["case"])]
    pieces.sort(key=lambda p: (_place(p["case"]), p["case"], p["model"]["name"]))
    return [made(piece) for piece in pieces]


def _place(case: str) -> int:
    """Where a kind of case comes on the page."""
    return next(k for k, kind in enumerate(ORDER) if case.startswith(kind))
