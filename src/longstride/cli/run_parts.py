"""What a run is made of, from its request and the model: the ensemble, and who observes it."""

from typing import Any, NamedTuple

from longstride.cli.barostat_name import BarostatName
from longstride.cli.ensemble_name import EnsembleName
from longstride.cli.noise_name import NoiseName
from longstride.cli.quantities import ends_of
from longstride.cli.run_request import Course, RunRequest
from longstride.dynamics import (
    CorrectionObserver,
    CSVRBath,
    EnergyCorrection,
    EnergyObserver,
    Ensemble,
    LangevinBath,
    NoisyPropagator,
    Observer,
    Ramp,
    RememberedPotential,
    Target,
    csvr,
    langevin,
    npt,
    nve,
    residual_noise,
)
from longstride.errors import ConfigError
from longstride.model import Card
from longstride.propagator import Potential, Propagator
from longstride.units import GPA


class RunParts(NamedTuple):
    """What moves the atoms, and what is written of them beside the scalars every run has."""

    ensemble: Ensemble
    observers: tuple[Observer, ...]


def require_abilities(request: RunRequest, card: Card) -> None:
    """Refuse what the model cannot do, as its card tells before it is loaded.

    Raises:
        ConfigError: constant pressure or an energy correction with a model that has no energy head,
            or noise with one that states no residual.
    """
    if request.noise == NoiseName.calibrated and card.residuals is None:
        raise ConfigError(
            f"--noise calibrated: model '{request.model}' does not state the residual of its "
            "strides; train one with this version, or run without noise"
        )
    for option, asked, what in (
        ("--energy-correction", request.energy_correction, "energy"),
        ("--pressure", request.pressure, "pressure"),
    ):
        if asked is not None and not card.config.energy_head:
            raise ConfigError(
                f"{option}: model '{request.model}' has no energy head to tell its {what}; train "
                "one with an energy head, or run without it"
            )


def parts_of(request: RunRequest, model: Any, moving: Propagator) -> RunParts:
    """The parts of a run.

    Args:
        request: what was asked for, and the model is able to do.
        model: the model as ``kernels`` loads it: it knows energies and residuals.
        moving: what moves the atoms: the model, or a relay of it and its reference.
    """
    # One for all, so that each configuration is evaluated once.
    potential = RememberedPotential(model) if isinstance(model, Potential) else None
    observers: list[Observer] = []
    if potential is not None and request.energy_every:
        observers.append(EnergyObserver(potential, request.energy_every))
    if request.noise == NoiseName.calibrated:
        moving = _noisy(request, model, moving)
    if request.energy_correction is not None:
        assert potential is not None, "require_abilities sees to it"
        correction = EnergyCorrection(moving, potential, request.energy_correction)
        observers.append(CorrectionObserver(correction))
        moving = correction
    return RunParts(_ensemble(request, moving, potential), tuple(observers))


def _ensemble(request: RunRequest, propagator: Propagator, potential: Potential | None) -> Ensemble:
    if request.ensemble == EnsembleName.nve:
        return nve(propagator)
    assert request.temperature is not None, "new_request sees to it"
    temperature = _target(request, request.temperature)
    of_langevin = request.ensemble == EnsembleName.langevin
    if request.pressure is None:
        make = langevin if of_langevin else csvr
        return make(propagator, temperature, request.friction_time)
    assert potential is not None, "require_abilities sees to it"
    return npt(
        propagator,
        potential,
        temperature,
        _target(request, request.pressure, GPA),
        bath=LangevinBath if of_langevin else CSVRBath,
        bath_time=request.friction_time,
        barostat_time=request.barostat_time,
        compressibility=request.compressibility / GPA,
        anisotropic=request.barostat == BarostatName.aniso,
    )


def _noisy(request: RunRequest, model: Any, moving: Propagator) -> NoisyPropagator:
    of_bath = request.ensemble != EnsembleName.nve and request.temperature is not None
    return NoisyPropagator(
        moving,
        residual_noise(model.residuals, symplectic=model.symplectic),
        _target(request, request.temperature) if of_bath and request.temperature else None,
    )


def _target(request: RunRequest, course: Course, unit: float = 1.0) -> Target:
    """What a bath or barostat follows."""
    start, end = ends_of(course)
    return Ramp(start * unit, end * unit, request.time) if start != end else start * unit
