"""A surrogate's trajectory beside reference trajectories at the same temperature.

The noise floor of a check is the same number between independent reference runs of the same length,
mean over the pairs. Few pairs may agree by chance, so it is at least the number between blocks of
the runs (of different runs where there are several) over the square root of their count: a quarter
of a run has four times the variance. A scalar's floor is at least the standard error of the
difference, too.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
from numpy.typing import NDArray

from longstride.analysis import Estimate, l1_distance, overlap
from longstride.errors import LongstrideError
from longstride.trajectory import Segment
from longstride.validation.curves import Curve
from longstride.validation.observe import BLOCKS, Observed, common_window, observe
from longstride.validation.results import Check, judge

Array = NDArray[np.floating]

FACTOR = 3.0
"""A check passes below this many noise floors; the floor itself comes from few runs."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The checks, and the curves behind them."""

    checks: tuple[Check, ...]
    curves: tuple[Curve, ...]


def compare(
    surrogate: Segment,
    references: Sequence[Segment],
    *,
    temperature: float,
    discard: float = 0.0,
    surrogate_energies: Array | None = None,
) -> Comparison:
    """Compare structure, amplitudes, dynamics and temperatures.

    Args:
        surrogate: the surrogate's trajectory, unwrapped, with velocities.
        references: one or more independent reference trajectories in the same cell.
        temperature: of the bath in K.
        discard: fs left out at the start of every trajectory.
        surrogate_energies: (K,) reference potential energies of the surrogate's frames in eV; with
            them and the references' own the mean potential energy is compared.

    Raises:
        LongstrideError: no reference, other atoms or cells, or too few frames.
    """
    if not references:
        raise LongstrideError("a comparison needs at least one reference trajectory")
    for reference in references:
        _require_same_system(surrogate, reference)
    window = common_window([surrogate, *references], discard)
    subject = observe(surrogate, window, energies=surrogate_energies)
    known = [observe(reference, window) for reference in references]
    blocks = [[observe(r, window, block=k) for k in range(BLOCKS)] for r in references]
    check = _Judge(subject, known, _Noise.between(known, blocks), f"[{temperature:g}K]")
    checks = [
        _temperature_check(subject, known, check.noise, temperature),
        check.scalar("amplitude", lambda o: Estimate(o.amplitude.value, o.amplitude.error), "Å²"),
        check.distance(
            "nvt.rdf.l1",
            lambda a, b: l1_distance(b.rdf.r, a.rdf.g, b.rdf.g),
            "relative L1 distance of g(r)",
        ),
        check.distance("nvt.msd.l1", _msd_distance, "relative L1 distance of the MSD"),
        check.distance(
            "nvt.vdos.mismatch",
            _vdos_mismatch,
            f"one minus the overlap of the spectra; maxima at {subject.vdos.peak:.2f} THz"
            f" (reference {np.mean([o.vdos.peak for o in known]):.2f} THz)",
        ),
        check.distance(
            "nvt.equipartition.relative_error",
            _equipartition_distance,
            "RMS difference of the kinetic temperatures of the wavevectors",
        ),
    ]
    if subject.energy is not None and all(o.energy is not None for o in known):
        checks.append(_energy_check(subject, known, check.noise, temperature))
    return Comparison(tuple(checks), _curves(subject, known, f"[{temperature:g}K]"))


Distance = Callable[[Observed, Observed], float]
Pairs = list[tuple[Observed, Observed]]


@dataclass(frozen=True, slots=True)
class _Noise:
    """Pairs of observations that differ by chance alone."""

    runs: Pairs
    blocks: Pairs

    @classmethod
    def between(cls, known: list[Observed], blocks: list[list[Observed]]) -> "_Noise":
        """Pairs of runs, and of blocks of different runs or, of one run, of its blocks."""
        if len(known) == 1:
            return cls([], list(combinations(blocks[0], 2)))
        crossed = [product(one, two) for one, two in combinations(blocks, 2)]
        return cls(list(combinations(known, 2)), [pair for pairs in crossed for pair in pairs])

    def floor(self, distance: Distance) -> float:
        """The mean distance of two runs."""
        of_blocks = float(np.mean([distance(a, b) for a, b in self.blocks])) / np.sqrt(BLOCKS)
        of_runs = float(np.mean([distance(a, b) for a, b in self.runs])) if self.runs else 0.0
        return max(of_runs, float(of_blocks))


@dataclass(frozen=True, slots=True)
class _Judge:
    """Makes checks out of observations and pairs of independent references."""

    subject: Observed
    known: list[Observed]
    noise: "_Noise"
    condition: str

    def distance(self, name: str, distance: Distance, detail: str) -> Check:
        """A distance between curves, against that between references."""
        value = float(np.mean([distance(self.subject, other) for other in self.known]))
        floor = self.noise.floor(distance)
        return judge(name + self.condition, value, "1", floor, FACTOR, detail)

    def scalar(self, name: str, get: Callable[[Observed], Estimate], unit: str) -> Check:
        """A relative deviation of a mean, against its statistical error."""
        own, others = get(self.subject), [get(o) for o in self.known]
        mean = float(np.mean([o.value for o in others]))
        spread = self.noise.floor(lambda a, b: abs(get(a).value - get(b).value))
        error = np.hypot(own.error, np.sqrt(np.sum([o.error**2 for o in others])) / len(others))
        return judge(
            f"nvt.{name}.relative_error{self.condition}",
            own.value / mean - 1.0,
            "1",
            max(spread, float(error)) / abs(mean),
            FACTOR,
            f"{own.value:.5g} {unit}, reference {mean:.5g} {unit}",
        )


def _temperature_check(
    subject: Observed, known: list[Observed], noise: _Noise, target: float
) -> Check:
    """The surrogate against its bath; the floor includes what the references miss theirs by."""
    own = subject.temperature
    missed = float(np.mean([abs(o.temperature.value - target) for o in known]))
    spread = noise.floor(lambda a, b: abs(a.temperature.value - b.temperature.value))
    mean = float(np.mean([o.temperature.value for o in known]))
    return judge(
        f"nvt.temperature.relative_error[{target:g}K]",
        own.value / target - 1.0,
        "1",
        max(missed, spread, own.error) / target,
        FACTOR,
        f"{own.value:.1f} ± {own.error:.1f} K in a bath of {target:g} K, reference {mean:.1f} K",
    )


def _energy(observed: Observed) -> Estimate:
    assert observed.energy is not None
    return observed.energy


def _energy_check(subject: Observed, known: list[Observed], noise: _Noise, target: float) -> Check:
    """Mean potential energy per atom: what a thermostat cannot hide."""
    own, others = _energy(subject), [_energy(o) for o in known]
    spread = noise.floor(lambda a, b: abs(_energy(a).value - _energy(b).value))
    error = np.hypot(own.error, np.sqrt(np.sum([o.error**2 for o in others])) / len(others))
    return judge(
        f"nvt.potential_energy.error[{target:g}K]",
        1e3 * (own.value - float(np.mean([o.value for o in others]))),
        "meV/atom",
        1e3 * max(spread, float(error)),
        FACTOR,
        "mean potential energy of the surrogate's frames in the reference potential",
    )


def _require_same_system(surrogate: Segment, reference: Segment) -> None:
    where = f"{surrogate.path} and {reference.path}"
    if not np.array_equal(surrogate.species, reference.species):
        raise LongstrideError(f"{where} hold different atoms: compare the same system")
    if not np.allclose(surrogate.cell, reference.cell, rtol=0.0, atol=1e-6):
        raise LongstrideError(f"{where} have different cells: compare at the same density")


def _msd_distance(a: Observed, b: Observed) -> float:
    lag = b.msd.lag if b.msd.lag[1] >= a.msd.lag[1] else a.msd.lag
    lag = lag[lag <= min(a.msd.lag[-1], b.msd.lag[-1])]
    own, other = (np.interp(lag, o.msd.lag, o.msd.value) for o in (a, b))
    return l1_distance(lag, own, other)


def _vdos_mismatch(a: Observed, b: Observed) -> float:
    grid = b.vdos.frequency[b.vdos.frequency <= min(a.vdos.nyquist, b.vdos.nyquist)]
    own, other = (np.interp(grid, o.vdos.frequency, o.vdos.density) for o in (a, b))
    return 1.0 - overlap(grid, own, other)


def _equipartition_distance(a: Observed, b: Observed) -> float:
    """RMS difference of T(k) between the two, each relative to its own mean temperature."""
    own, other = (o.wavevectors.value / o.temperature.value for o in (a, b))
    return float(np.sqrt(np.mean((own - other) ** 2)))


def _curves(subject: Observed, known: list[Observed], condition: str) -> tuple[Curve, ...]:
    def curve(name: str, get: Callable[[Observed], tuple[Array, Array, Array]]) -> Curve:
        grid = get(known[0])[0]
        for o in (subject, *known):
            grid = grid[grid <= get(o)[0][-1] * (1 + 1e-9)]
        values, errors = [], []
        for o in (subject, *known):
            x, y, error = get(o)
            values.append(np.interp(grid, x, y))
            errors.append(np.interp(grid, x, error))
        return Curve(
            name + condition,
            grid,
            values[0],
            errors[0],
            np.array(values[1:]),
            np.array(errors[1:]),
        )

    return (
        curve("rdf", lambda o: (o.rdf.r, o.rdf.g, o.rdf.error)),
        curve("msd", lambda o: (o.msd.lag, o.msd.value, o.msd.error)),
        curve(
            "temperature",
            lambda o: (o.time, o.temperature_series, np.zeros_like(o.temperature_series)),
        ),
        curve("vdos", lambda o: (o.vdos.frequency, o.vdos.density, o.vdos.error)),
        curve(
            "equipartition",
            lambda o: (o.wavevectors.k, o.wavevectors.value, o.wavevectors.error),
        ),
    )
