"""The state a rollout starts from."""

from pathlib import Path

import numpy as np

from longstride.cli.ensemble_name import EnsembleName
from longstride.cli.quantities import ends_of
from longstride.cli.run_request import RunRequest
from longstride.dynamics import (
    Regime,
    draw_velocities,
    repeated,
    require_regime,
    with_model_masses,
    without_total_momentum,
)
from longstride.errors import ConfigError, RegimeError
from longstride.state import State
from longstride.trajectory import TrajectoryFile, read_structure


def starting_state(
    request: RunRequest, regime: Regime, rng: np.random.Generator, *, force: bool
) -> tuple[State, list[str]]:
    """The state a run starts from, inside the model's regime, and what to tell its user.

    Velocities come from the structure, seen from the centre of mass, or are drawn.

    Raises:
        ConfigError: there is no temperature to draw velocities at.
        RegimeError: the run is outside the model's regime.
        FileFormatError: the structure cannot be read.
    """
    state, moving = _read(Path(request.structure))
    if request.repeat != (1, 1, 1):
        state, moving = repeated(state, request.repeat), False
    state = with_model_masses(regime, state).with_(time=0.0)
    if moving:
        state = without_total_momentum(state)
    ends = () if request.temperature is None else ends_of(request.temperature)
    if state.kinetic_energy > 0:
        own = request.ensemble == EnsembleName.nve
        notes = _notes_on_regime(regime, state, () if own else ends, force)
        return state, [*notes, f"velocities of {request.structure}: {state.temperature:.0f} K"]
    if not ends:
        raise ConfigError(
            f"{request.structure}: has no velocities to start from; give --temperature, in K"
        )
    notes = _notes_on_regime(regime, state, ends, force)
    notes.append(f"velocities drawn at {ends[0]:g} K with seed {request.seed}")
    if request.ensemble == EnsembleName.nve:
        notes.append(
            "NVE from drawn velocities: where the atoms are not displaced yet, half of the "
            "temperature goes into the potential energy; start from the end of a langevin run "
            "to keep it"
        )
    return draw_velocities(state, ends[0], rng), notes


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
