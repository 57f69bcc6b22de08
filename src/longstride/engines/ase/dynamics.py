"""ASE's molecular dynamics in learned strides."""

from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
from ase import Atoms
from ase.md.logger import MDLogger
from ase.md.md import MolecularDynamics

from longstride.dynamics import (
    Ensemble,
    Watch,
    csvr,
    drift_velocity,
    langevin,
    nve,
    require_sound,
    value_at,
    without_total_momentum,
)
from longstride.engines.ase.admission import Admission, centre_is_fixed
from longstride.engines.ase.link import AtomsLink
from longstride.engines.ase.logger import StrideLogger, has_live_calculator
from longstride.engines.ase.model import Model, potential_of, propagator_of, regime_of
from longstride.engines.ase.regime_watch import watch_of
from longstride.errors import ConfigError
from longstride.propagator import Potential, Propagator
from longstride.state import Array, State
from longstride.units import ASE_TIME

_ROUNDING: Final = 1e-12
"""A centre of mass this much slower than the atoms stands still."""


_THERMOSTATS: Final[dict[str, Callable[[Propagator, float, float], Ensemble]]] = {
    "langevin": langevin,
    "csvr": csvr,
}


class LongStride(MolecularDynamics):
    """Moves atoms by a learned map: one step is one stride of the model.

    No forces are evaluated, and the atoms need no calculator. Before every step the state is that
    of ``atoms``: whatever was done to them since the last one counts. Positions stay unwrapped.
    ``dt`` is the stride, in ASE's unit of time; it belongs to the model and cannot be changed.

    The total momentum of the atoms is kept. Thermostats act on the motion relative to the centre
    of mass and count its 3N − 3 degrees of freedom, as ``atoms.get_temperature()`` does under
    ``FixCom``, the one constraint that is possible. Atoms whose masses agree with the model's to a
    thousandth get the model's.

    Args:
        atoms: the atoms to move.
        model: a shipped name, a model folder, or any propagator.
        ensemble: "nve", "langevin" or "csvr" (stochastic velocity rescaling).
        temperature_K: of the thermostat; none in NVE.
        friction_time_fs: time constant of the thermostat in fs.
        seed: of all random numbers.
        rng: the random generator itself, in place of a seed.
        force: run outside the model's regime too, with a warning.
        guard_every: strides between looks at the neighbourhoods of the atoms, of a model that has a
            guard; 0 never looks. What was found is in ``watch.findings``.
        on_leave: "stop" or "warn" where atoms leave the model's regime; None stops, and warns under
            ``force``.
        trajectory: file name or open trajectory to write to; see ASE.
        logfile: file name or open file of a :class:`StrideLogger`, "-" for standard output.
        loginterval: strides between its lines and between frames of ``trajectory``.
        append_trajectory: go on writing an existing ``trajectory``.
        kwargs: for ASE's ``MolecularDynamics``.

    Raises:
        ConfigError: an argument is wrong, or the atoms have a constraint that cannot be held.
        RegimeError: the run is outside the model's regime.
        RolloutError: when running: a state is non-finite or atoms overlap. The atoms are left as
            they were before the stride.
        RegimeLeftError: when running: an atom is outside the model's regime. Strides so far are
            done; ``run`` goes on from them.
    """

    def __init__(
        self,
        atoms: Atoms,
        model: Model = "al",
        ensemble: str = "nve",
        *,
        temperature_K: float | None = None,
        friction_time_fs: float = 1000.0,
        seed: int = 0,
        rng: np.random.Generator | None = None,
        force: bool = False,
        guard_every: int = 10,
        on_leave: str | None = None,
        trajectory: Any = None,
        logfile: IO[str] | str | None = None,
        loginterval: int = 1,
        append_trajectory: bool = False,
        **kwargs: Any,
    ) -> None:
        if not isinstance(atoms, Atoms):
            raise ConfigError(f"atoms: a {type(atoms).__name__} is no Atoms object of ASE")
        self.propagator: Propagator = propagator_of(model)
        self.rng = np.random.default_rng(seed) if rng is None else rng
        named = isinstance(model, str | Path)
        self._model_name = str(model) if named else type(model).__name__
        self._ensemble_name, self._friction_time = ensemble, friction_time_fs
        self._ensemble = self._ensemble_at(temperature_K)
        self._admission = Admission(regime_of(self.propagator), force=force)
        self.watch: Watch | None = watch_of(self.propagator, guard_every, on_leave, force=force)
        self._link = AtomsLink(atoms)
        self._timestep = self.propagator.stride / ASE_TIME
        self._look_at(atoms)
        super().__init__(
            atoms,
            self._timestep,
            trajectory=trajectory,
            loginterval=loginterval,
            append_trajectory=append_trajectory,
            **kwargs,
        )
        if logfile:
            self.attach(self.closelater(StrideLogger(self, atoms, logfile)), loginterval)

    @property
    def potential(self) -> Potential | None:
        """The model as a potential, if it knows energies."""
        return potential_of(self.propagator)

    def set_temperature(self, temperature_K: float) -> None:
        """Change the temperature of the thermostat to ``temperature_K``.

        Raises:
            ConfigError: there is no thermostat, or the temperature is not positive.
            RegimeError: the model does not cover it.
        """
        ensemble = self._ensemble_at(temperature_K)
        self._admission.check(self._admission.state(self.atoms), temperature_K)
        self._ensemble = ensemble

    def step(self) -> None:
        """Move the atoms by one stride."""
        if self.dt != self._timestep:
            raise ConfigError(
                f"dt: the stride is the model's, {self.propagator.stride:g} fs, and cannot be set"
            )
        fixed = centre_is_fixed(self.atoms)
        state = self._present()
        thermostat = self._ensemble.temperature is not None
        drift = _drift(state) if fixed or thermostat else np.zeros(3)
        seen = state.with_(velocities=state.velocities - drift)
        end = self._ensemble.step(seen, self.rng)
        if not fixed:
            end = end.with_(
                positions=end.positions + self._ensemble.stride * drift,
                velocities=end.velocities + drift,
            )
        end = end.with_(time=(self.nsteps + 1) * self._ensemble.stride)
        regime = self._admission.regime
        require_sound(end, None if regime is None else regime.shortest_distance)
        self._link.write(end)
        self._link.keep(end)

    def irun(self, steps: int = 50) -> Iterator[bool]:
        """Move the atoms by ``steps`` strides; after each, yield whether it was the last.

        As in ASE's dynamics the observers are called, and a value is yielded, before the first
        stride too. Nothing is asked of a calculator.
        """
        self.max_steps = self.nsteps + steps
        if self.nsteps == 0:
            self.call_observers()
            self._watch()
        yield self.nsteps == self.max_steps
        while self.nsteps < self.max_steps:
            self.step()
            self.nsteps += 1
            self.call_observers()
            self._watch()
            yield self.nsteps == self.max_steps

    def run(self, steps: int = 50) -> bool:
        """Move the atoms by ``steps`` strides."""
        return deque(self.irun(steps), maxlen=1).pop()

    def attach(self, function: Any, interval: int = 1, *args: Any, **kwargs: Any) -> None:
        """Call ``function`` every ``interval`` strides; see ASE.

        Raises:
            ConfigError: an ``MDLogger`` of ASE, whose energies nothing knows.
        """
        stock = isinstance(function, MDLogger) and not isinstance(function, StrideLogger)
        if stock and not has_live_calculator(self.atoms):
            raise ConfigError(
                "MDLogger asks the atoms for their potential energy, and they have no calculator; "
                "give logfile= or attach a StrideLogger, which log what is known without one"
            )
        super().attach(function, interval, *args, **kwargs)

    def todict(self) -> dict[str, Any]:
        """What the header of a trajectory says of the dynamics."""
        settings = {"model": self._model_name, "ensemble": self._ensemble_name}
        thermostat = {
            "temperature_K": self._ensemble.temperature,
            "friction_time_fs": self._friction_time,
        }
        return {
            **super().todict(),
            **settings,
            **(thermostat if self._ensemble.temperature is not None else {}),
        }

    def _watch(self) -> None:
        """Let the guard look, where it is due."""
        if self.watch is not None:
            self.watch.observe(self.nsteps, self._present())
            self.watch.conclude()

    def _ensemble_at(self, temperature: float | None) -> Ensemble:
        """The ensemble asked for, at ``temperature`` in K."""
        name = self._ensemble_name
        if name == "nve":
            if temperature is not None:
                raise ConfigError(
                    "nve has no thermostat for temperature_K; "
                    "give the atoms velocities, or choose ensemble='langevin'"
                )
            return nve(self.propagator)
        if name not in _THERMOSTATS:
            known = ", ".join(["nve", *_THERMOSTATS])
            raise ConfigError(f"ensemble {name!r}: not known; use one of {known}")
        if temperature is None:
            raise ConfigError(f"ensemble {name!r} needs temperature_K")
        return _THERMOSTATS[name](self.propagator, temperature, self._friction_time)

    def _look_at(self, atoms: Atoms) -> None:
        """Refuse, before the first stride, what can be refused already."""
        centre_is_fixed(atoms)
        state = self._admission.state(atoms)
        # Velocities may still be drawn: atoms at rest are looked at again.
        at_rest = not state.velocities.any()
        self._admission.check(state, self._asked_temperature(state, unmoved=at_rest))
        if not np.array_equal(state.masses, atoms.get_masses()):
            self._link.write(state)

    def _present(self) -> State:
        """The state of the atoms, read from them unless they are as the last stride left them."""
        changed = self._link.changed()
        if not changed and self._link.state is not None:
            return self._link.state
        state = self._admission.state(self.atoms)
        unmoved = "momenta" not in changed
        self._admission.check(state, self._asked_temperature(state, unmoved=unmoved))
        return state.with_(time=self.nsteps * self._ensemble.stride)

    def _asked_temperature(self, state: State, *, unmoved: bool) -> float | None:
        """The temperature in K that the model has to cover.

        In NVE that is the one the user gave the atoms; what becomes of it is the dynamics' own.
        """
        asked = self._ensemble.temperature
        if asked is not None:
            return value_at(asked, state.time)
        return None if unmoved else without_total_momentum(state).temperature


def _drift(state: State) -> Array:
    """(3,) velocity of the centre of mass in Å/fs, zero where it is nothing but rounding."""
    drift = drift_velocity(state)
    return drift if np.abs(drift).max() > _ROUNDING * np.abs(state.velocities).max() else 0 * drift
