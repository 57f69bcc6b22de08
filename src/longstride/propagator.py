"""The protocol every evolution operator follows: ordinary integrators and learned maps alike."""

from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np

from longstride.state import Array, State


@runtime_checkable
class Propagator(Protocol):
    """A map of one phase-space point to another, one stride later."""

    @property
    def stride(self) -> float:
        """Time one step covers, in fs."""

    def step(self, state: State, rng: np.random.Generator) -> State:
        """The state one stride later; deterministic maps ignore ``rng``."""


@runtime_checkable
class SubStridePropagator(Propagator, Protocol):
    """A propagator that also knows the states inside its stride."""

    @property
    def stage_times(self) -> tuple[float, ...]:
        """Times since the start of the stride, in fs, increasing; the last equals ``stride``."""

    def stages(self, state: State, rng: np.random.Generator) -> tuple[State, ...]:
        """The states at ``stage_times``; the last equals ``step`` with an equal generator."""


class Configuration(NamedTuple):
    """What a potential says of positions in a cell.

    Attributes:
        energy: potential energy, eV.
        virial_stress: (3, 3) Cauchy stress without its kinetic part, eV/Å³, tension positive:
            the derivative of the energy by the strain, over the volume.
    """

    energy: float
    virial_stress: Array


@runtime_checkable
class Potential(Protocol):
    """Knows energy and stress of configurations: of a test system, or learned beside a map."""

    def configuration(self, state: State) -> Configuration:
        """Potential energy and virial stress at the state's positions."""


class Signal(NamedTuple):
    """One measure of how unlike the data of a model the atoms' neighbourhoods are.

    Attributes:
        values: (N,) of each atom, never negative.
        limits: (N,) above which an atom is outside.
    """

    values: Array
    limits: Array


@runtime_checkable
class Gauge(Protocol):
    """Tells how unlike the data that a model was made from a state is, atom by atom."""

    @property
    def names(self) -> tuple[str, ...]:
        """Of its signals, with their units where they have one."""

    def look(self, state: State) -> tuple[Signal, ...]:
        """The signals of a state, in the order of their names."""
