"""A model as users of ASE name it."""

from pathlib import Path

from longstride.dynamics import Regime
from longstride.errors import ConfigError
from longstride.kernels import load_propagator
from longstride.propagator import Potential, Propagator
from longstride.zoo import resolve

Model = str | Path | Propagator
"""A shipped name, a model folder, or a propagator itself."""


def propagator_of(model: Model) -> Propagator:
    """The propagator of a model.

    Raises:
        ConfigError: no such model, or an object that is none.
        FileFormatError: the folder holds a damaged one.
    """
    if isinstance(model, str | Path):
        return load_propagator(resolve(model))
    if isinstance(model, Propagator):
        return model
    raise ConfigError(
        f"model: a {type(model).__name__} is no model; "
        "give a shipped name, a model folder or a propagator"
    )


def regime_of(model: object) -> Regime | None:
    """The range the model states, if it states one."""
    return getattr(model, "regime", None)


def potential_of(model: object) -> Potential | None:
    """The model as a potential, if it knows energies."""
    return model if isinstance(model, Potential) else None
