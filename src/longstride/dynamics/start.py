"""The state a rollout starts from."""

from pathlib import Path

import numpy as np

from longstride.dynamics.regime import Regime, require_regime, with_model_masses
from longstride.dynamics.supercell import repeated
from longstride.dynamics.velocities import draw_velocities, without_total_momentum
from longstride.errors import ConfigError, RegimeError
from longstride.state import State
from longstride.trajectory import TrajectoryFile, read_structure


def starting_state(
    structure: Path,
    regime: Regime,
    seed: int,
    *,
    repeat: tuple[int, int, int],
    temperatures: tuple[float, ...],
    thermostat: bool,
    force: bool,
) -> tuple[State, np.random.Generator, list[str]]:
    """The state a run starts from, inside the model's regime, and what to tell its user.

    Velocities come from the structure, seen from the centre of mass, or are drawn.

    Args:
        structure: file of a structure, or of a run whose last frame is taken.
        regime: of the model.
        seed: of the generator that draws velocities.
        repeat: copies of the structure along its cell vectors.
        temperatures: at the run's ends, K; empty where none was given.
        thermostat: whether there is one; in NVE the temperatures are those of drawn velocities.
        force: let pass what is outside the regime, with a warning.

    Returns:
        The state, the generator as it is after drawing, and notes for the user.

    Raises:
        ConfigError: there is no temperature to draw velocities at.
        RegimeError: the run is outside the model's regime.
        FileFormatError: the structure cannot be read.
    """
    rng = np.random.default_rng(seed)
    state, moving = _read(structure)
    if repeat != (1, 1, 1):
        state, moving = repeated(state, repeat), False
    state = with_model_masses(regime, state).with_(time=0.0)
    if moving:
        state = without_total_momentum(state)
    if state.kinetic_energy > 0:
        notes = _notes_on_regime(regime, state, temperatures if thermostat else (), force)
        return state, rng, [*notes, f"velocities of {structure}: {state.temperature:.0f} K"]
    if not temperatures:
        raise ConfigError(f"{structure}: has no velocities to start from; give --temperature, in K")
    notes = _notes_on_regime(regime, state, temperatures, force)
    notes.append(f"velocities drawn at {temperatures[0]:g} K with seed {seed}")
    if not thermostat:
        notes.append(
            "NVE from drawn velocities: where the atoms are not displaced yet, half of the "
            "temperature goes into the potential energy; start from the end of a langevin run "
            "to keep it"
        )
    return draw_velocities(state, temperatures[0], rng), rng, notes


def _notes_on_regime(
    regime: Regime, state: State, temperatures: tuple[float, ...], force: bool
) -> list[str]:
    """Warnings of what ``force`` lets pass; without it, that is an error.

    Args:
        regime: the model's regime.
        state: the state the run starts from.
        temperatures: of the thermostat at the run's ends, K; none take the state's own.
        force: see above.
    """
    targets: tuple[float | None, ...] = temperatures or (None,)
    found = [require_regime(regime, state, target, force=True) for target in targets]
    reasons = list(dict.fromkeys(reason for each in found for reason in each))
    if reasons and not force:
        what = "; ".join(reasons)
        raise RegimeError(f"outside the model's regime: {what}; --force runs it all the same")
    return [f"warning: outside the model's regime: {reason}" for reason in reasons]


def _read(path: Path) -> tuple[State, bool]:
    """A structure, or the last frame of a run; and whether it has velocities."""
    if path.suffix not in (".h5", ".hdf5"):
        return read_structure(path)
    with TrajectoryFile(path) as file:
        if len(file) != 1:
            raise ConfigError(
                f"{path}: has {len(file)} segments; a run starts from a file with one, or from a "
                "structure file"
            )
        segment = file[file.segments[0]]
        if segment.has_velocities:
            return segment.state(-1), True
        at_rest = State(
            positions=segment.positions(-1),
            velocities=np.zeros((segment.n_atoms, 3)),
            masses=segment.masses,
            species=segment.species,
            cell=segment.cells(-1),
            pbc=segment.pbc,
        )
        return at_rest, False
