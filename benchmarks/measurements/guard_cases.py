"""Ways out of the regime of bulk aluminium, and stays inside of it: starts and protocols."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from ase.build import bulk

from longstride.dynamics import draw_velocities
from longstride.state import State
from longstride.units import PS

MASS, NUMBER = 26.9815385, 13


@dataclass(frozen=True, slots=True)
class Stage:
    """A stretch of a protocol in a Langevin bath.

    Attributes:
        duration: fs.
        temperature: K.
        stretch: what the cell's x axis, and the atoms with it, is multiplied by before.
    """

    duration: float
    temperature: float
    stretch: float = 1.0

    def begin(self, state: State) -> State:
        """The state after the stretch."""
        if self.stretch == 1.0:
            return state
        factors = np.array([self.stretch, 1.0, 1.0])
        return state.with_(positions=state.positions * factors, cell=state.cell * factors)


@dataclass(frozen=True, slots=True)
class Case:
    """One demonstration.

    Attributes:
        name: of the result file.
        title: in tables.
        build: makes the first state from a generator of its velocities.
        stages: what happens to it.
        leaves: whether the guard should fire.
        settled: stages for the reference to equilibrate in, before either begins.
    """

    name: str
    title: str
    build: Callable[[np.random.Generator], State]
    stages: tuple[Stage, ...]
    leaves: bool = True
    settled: tuple[Stage, ...] = field(default=())

    @property
    def duration(self) -> float:
        """fs."""
        return sum(stage.duration for stage in self.stages)


def crystal(constant: float, repeat: tuple[int, int, int] = (4, 4, 4)) -> State:
    """Perfect fcc aluminium at rest."""
    atoms = bulk("Al", "fcc", a=constant, cubic=True).repeat(repeat)
    return State(
        positions=np.array(atoms.positions),
        velocities=np.zeros((len(atoms), 3)),
        masses=np.full(len(atoms), MASS),
        species=np.full(len(atoms), NUMBER),
        cell=np.array(atoms.cell),
        pbc=np.ones(3, dtype=bool),
    )


def without(state: State, atom: int) -> State:
    """The state with one atom less."""
    kept = np.arange(state.n_atoms) != atom
    arrays = ("positions", "velocities", "masses", "species")
    return state.with_(**{name: getattr(state, name)[kept] for name in arrays})


def pushed_together(state: State, distance: float) -> State:
    """The state with atom 0's nearest neighbour moved to this distance in Å along their bond."""
    bonds = state.positions[1:] - state.positions[0]
    bonds -= np.round(bonds @ np.linalg.inv(state.cell)) @ state.cell
    nearest = int(np.argmin(np.linalg.norm(bonds, axis=1)))
    moved = state.positions.copy()
    unit = bonds[nearest] / np.linalg.norm(bonds[nearest])
    moved[nearest + 1] = moved[0] + distance * unit
    return state.with_(positions=moved)


def _moving(state: State, temperature: float, rng: np.random.Generator) -> State:
    return draw_velocities(state, temperature, rng)


def _slab(constant: float) -> State:
    """Twelve (100) layers and as much vacuum, along z."""
    state = crystal(constant, (4, 4, 6))
    return state.with_(cell=state.cell * np.array([[1.0], [1.0], [2.0]]))


def cases(constants: dict[float, float], stay: float) -> tuple[Case, ...]:
    """All of them.

    Args:
        constants: relaxed lattice constants of the model's card in Å, by temperature in K.
        stay: length of the stays inside the regime, fs.
    """
    a300, a600 = constants[300.0], constants[600.0]
    rest_300, rest_600 = (Stage(2 * PS, 300.0),), (Stage(2 * PS, 600.0),)

    def stay_at(temperature: float) -> Case:
        constant = float(np.interp(temperature, list(constants), list(constants.values())))
        return Case(
            f"stay-{temperature:g}K",
            f"stays at {temperature:g} K",
            lambda rng: _moving(crystal(constant), temperature, rng),
            (Stage(stay, temperature),),
            leaves=False,
            settled=(Stage(2 * PS, temperature),),
        )

    ramp = tuple(Stage(0.6 * PS, float(t)) for t in np.arange(300.0, 2400.0, 12.0))
    pull = tuple(Stage(0.96 * PS, 300.0, 1.002) for _ in range(50))
    return (
        Case(
            "heating",
            "heated from 300 to 2400 K at constant volume, 20 K/ps",
            lambda rng: _moving(crystal(a600), 300.0, rng),
            ramp,
            settled=rest_300,
        ),
        Case(
            "strain",
            "stretched along [100] by 10 % at 300 K, 0.2 % per ps",
            lambda rng: _moving(crystal(a300), 300.0, rng),
            pull,
            settled=rest_300,
        ),
        Case(
            "vacancy-300K",
            "a vacancy at 300 K",
            lambda rng: _moving(without(crystal(a300), 0), 300.0, rng),
            (Stage(36 * PS, 300.0),),
            settled=rest_300,
        ),
        Case(
            "vacancy-600K",
            "a vacancy at 600 K",
            lambda rng: _moving(without(crystal(a600), 0), 600.0, rng),
            (Stage(36 * PS, 600.0),),
            settled=rest_600,
        ),
        Case(
            "surface",
            "(100) surfaces of a slab at 300 K",
            lambda rng: _moving(_slab(a300), 300.0, rng),
            (Stage(36 * PS, 300.0),),
            settled=rest_300,
        ),
        Case(
            "pushed",
            "two atoms pushed to 1.9 Å of each other at 300 K",
            lambda rng: pushed_together(_moving(crystal(a300), 300.0, rng), 1.9),
            (Stage(12 * PS, 300.0),),
        ),
        *(stay_at(temperature) for temperature in (300.0, 600.0, 900.0)),
    )
