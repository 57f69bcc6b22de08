"""The numbers of all runs in one place: run by run, by condition, and the laws fitted to them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from longstride.analysis import Arrhenius, WeightedLine, arrhenius, weighted_line
from longstride.errors import LongstrideError
from longstride.study.measure import Quantities
from longstride.study.points import Point

Array = NDArray[np.float64]

DIFFUSION: Final = "diffusion_A2_per_ps"
LATTICE: Final = "lattice_constant_A"

BY_SCATTER: Final = frozenset((DIFFUSION,))
"""Quantities whose own error is a lower bound: atoms of one run are not independent. From three
seeds on, their scatter gives the error."""

IMPROBABLE: Final = 0.001
"""Probability of the scatter of seeds, by their own errors, below which those errors are not
believed: runs at constant energy keep what they drew, and no error of a mean over time tells."""

LEAST_SEEDS: Final = 3
"""From which on scatter tells an error; below, a run's own error is all there is."""


@dataclass(frozen=True, slots=True)
class Mean:
    """A quantity at a condition, over its seeds.

    Attributes:
        value: mean over the seeds.
        error: standard error of the mean; NaN where it is not known.
        n: seeds.
        chi_squared: of the seeds about their mean, by their own errors, over n - 1: about one
            where those errors are right; NaN for one seed or errors that are not known.
    """

    value: float
    error: float
    n: int
    chi_squared: float


@dataclass(frozen=True, slots=True)
class ConditionMeans:
    """What was measured at a condition: a point without its seed."""

    condition: Point
    means: Mapping[str, Mean]


@dataclass(frozen=True, slots=True)
class Curve:
    """What depends on the temperature alone, all else being the same.

    Attributes:
        label: what is the same, in words; may be empty.
        temperatures: K, increasing.
        means: of a quantity, at each.
    """

    label: str
    temperatures: tuple[float, ...]
    means: tuple[Mean, ...]


@dataclass(frozen=True, slots=True)
class Fit:
    """A law fitted to a curve, or the reason why there is none.

    Attributes:
        quantity: that was fitted.
        curve: its values.
        arrhenius: of a diffusion coefficient.
        line: of a lattice constant.
        why_not: in words, where both are None.
    """

    quantity: str
    curve: Curve
    arrhenius: Arrhenius | None = None
    line: WeightedLine | None = None
    why_not: str = ""


def by_condition(runs: Mapping[Point, Quantities]) -> tuple[ConditionMeans, ...]:
    """Means over the seeds of every condition, in the order of the runs."""
    groups: dict[Point, list[Quantities]] = {}
    for point, numbers in runs.items():
        groups.setdefault(point.condition, []).append(numbers)
    return tuple(ConditionMeans(one, _means(members)) for one, members in groups.items())


def _means(members: Sequence[Quantities]) -> dict[str, Mean]:
    found: dict[str, Mean] = {}
    for name in dict.fromkeys(name for numbers in members for name in numbers):
        pairs = [numbers[name] for numbers in members if name in numbers]
        found[name] = mean_of(pairs, by_scatter=name in BY_SCATTER)
    return found


def mean_of(pairs: Sequence[tuple[float, float]], *, by_scatter: bool) -> Mean:
    """Mean of independent values of equal weight.

    Args:
        pairs: (value, standard error) of each; an error that is not known is NaN.
        by_scatter: the errors are not to be trusted where the scatter can tell.
    """
    values, errors = np.array(pairs, dtype=np.float64).T
    n = len(values)
    square = _chi_squared(values, errors)
    refuted = np.isfinite(square) and float(chi2.sf(square, n - 1)) < IMPROBABLE
    own = float(np.sqrt(np.sum(errors**2)) / n)
    scattered = n >= LEAST_SEEDS and (by_scatter or refuted or not np.isfinite(own))
    error = float(values.std(ddof=1) / np.sqrt(n)) if scattered else own
    return Mean(float(values.mean()), error, n, square / (n - 1) if n > 1 else float("nan"))


def _chi_squared(values: Array, errors: Array) -> float:
    """Of values about their weighted mean; NaN where errors are not known."""
    if len(values) < 2 or not (np.isfinite(errors).all() and (errors > 0.0).all()):
        return float("nan")
    centre = np.average(values, weights=errors**-2.0)
    return float(np.sum(((values - centre) / errors) ** 2))


def curves(conditions: Sequence[ConditionMeans], quantity: str) -> tuple[Curve, ...]:
    """Values of a quantity over temperature, one curve for all else that differs."""
    groups: dict[str, list[tuple[float, Mean]]] = {}
    labels = _labels(conditions)
    for one in conditions:
        if quantity in one.means:
            members = groups.setdefault(labels[one.condition], [])
            members.append((one.condition.temperature, one.means[quantity]))
    found = []
    for label, members in groups.items():
        temperatures, means = zip(*sorted(members, key=lambda pair: pair[0]), strict=True)
        found.append(Curve(label, temperatures, means))
    return tuple(found)


def _labels(conditions: Sequence[ConditionMeans]) -> dict[Point, str]:
    """For every condition, in words, what of it differs from others beside the temperature."""
    parts = {
        one.condition: (
            one.condition.model_name,
            one.condition.structure or "",
            f"strain {one.condition.strain_text}" if one.condition.strain is not None else "",
            f"{one.condition.pressure:g} GPa" if one.condition.pressure is not None else "",
        )
        for one in conditions
    }
    differing = [k for k in range(4) if len({words[k] for words in parts.values()}) > 1]
    return {one: ", ".join(words[k] for k in differing) for one, words in parts.items()}


def fits(conditions: Sequence[ConditionMeans]) -> tuple[Fit, ...]:
    """The Arrhenius law of every diffusion coefficient, a line for every lattice constant."""
    found = []
    for quantity in (DIFFUSION, LATTICE):
        for curve in curves(conditions, quantity):
            if len(curve.temperatures) >= 3:
                found.append(_fit(quantity, curve))
    return tuple(found)


def _fit(quantity: str, curve: Curve) -> Fit:
    values = [mean.value for mean in curve.means]
    errors = [mean.error for mean in curve.means]
    try:
        if quantity == DIFFUSION:
            law = arrhenius(curve.temperatures, values, errors)
            return Fit(quantity, curve, arrhenius=law)
        return Fit(quantity, curve, line=weighted_line(curve.temperatures, values, errors))
    except LongstrideError as reason:
        return Fit(quantity, curve, why_not=str(reason))
