"""Laws: a lawful map passes, and a map that breaks one fails by it."""

from collections.abc import Callable

import numpy as np
import pytest

from longstride.state import State
from longstride.testsystems import LennardJones, VelocityVerlet
from longstride.validation.checks.laws import check
from longstride.validation.evidence import Laws
from longstride.validation.thresholds import packaged_thresholds

ARGON = LennardJones()


def forces(state: State) -> np.ndarray:
    """Lennard-Jones forces to nearest images in a cubic cell of any orientation."""
    between = state.positions[None] - state.positions[:, None]
    fractions = between @ np.linalg.inv(state.cell)
    between = (fractions - np.round(fractions)) @ state.cell
    distance = np.linalg.norm(between, axis=2)
    np.fill_diagonal(distance, 2 * ARGON.cutoff)
    _, slope = ARGON.pair_energy(distance.ravel())
    push = (slope.reshape(distance.shape) / distance)[:, :, None] * between
    return push.sum(axis=1)


class Bent:
    """A map whose stride is changed afterwards."""

    def __init__(self, change: Callable[[State, State], State] | None) -> None:
        self._exact = VelocityVerlet(forces, 4.0, 5)
        self._change = change
        self.stride = self._exact.stride

    def step(self, state: State, rng: np.random.Generator) -> State:
        end = self._exact.step(state, rng)
        return end if self._change is None else self._change(state, end)


def moved(start: State, end: State, change: np.ndarray) -> State:
    """The end with another displacement from the start."""
    return end.with_(positions=start.positions + change)


BENT: dict[str, Callable[[State, State], State]] = {
    # longer steps along z than across it
    "rotation": lambda s, e: moved(s, e, (e.positions - s.positions) * [1.0, 1.0, 1.05]),
    # a pull towards the origin
    "translation": lambda s, e: e.with_(positions=e.positions - 1e-3 * s.positions),
    # an atom of its own
    "permutation": lambda s, e: e.with_(positions=e.positions + 0.1 * np.eye(e.n_atoms, 3)),
    # a steady wind
    "inversion": lambda s, e: e.with_(positions=e.positions + [0.01, 0.0, 0.0]),
    # friction against the laboratory
    "boost": lambda s, e: moved(s, e, 0.95 * (e.positions - s.positions)),
    # a push that nothing balances
    "momentum": lambda s, e: e.with_(velocities=e.velocities + [1e-4, 0.0, 0.0]),
    # friction
    "reversibility": lambda s, e: e.with_(velocities=0.95 * e.velocities),
}


@pytest.fixture
def judged(make_notes):
    """Names of the laws that a map breaks."""
    crystal = ARGON.crystal(repeat=3)
    rng = np.random.default_rng(1)
    velocities = 0.004 * rng.standard_normal(crystal.positions.shape)
    start = crystal.with_(
        positions=crystal.positions + 0.1 * rng.standard_normal(crystal.positions.shape),
        velocities=velocities - velocities.mean(axis=0),
    )

    class Evidence:
        condition, thresholds, listener = "80K", packaged_thresholds(), make_notes()

        def __init__(self, change: Callable[[State, State], State] | None) -> None:
            self.change = change

        def laws(self) -> Laws:
            return Laws(Bent(self.change), (start,), 10, None)

    def broken(change: Callable[[State, State], State] | None) -> set[str]:
        found = check(Evidence(change))
        return {c.name.split("[")[0].split(".")[1] for c in found.checks if not c.passed}

    return broken


def test_newtons_equations_keep_all_laws(judged) -> None:
    assert judged(None) == set()


@pytest.mark.parametrize("law", BENT)
def test_a_broken_law_is_seen(judged, law: str) -> None:
    assert law in judged(BENT[law])


def test_a_broken_rotation_keeps_the_other_symmetries(judged) -> None:
    assert not judged(BENT["rotation"]) & {"translation", "permutation", "inversion", "momentum"}
