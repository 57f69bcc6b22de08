"""A model that LAMMPS can host."""

from dataclasses import dataclass

from longstride.engines.lammps.begin import require_hostable
from longstride.errors import ConfigError
from longstride.kernels import ModelPropagator, NativeKick, load_propagator
from longstride.kernels.native import load_native
from longstride.model import KickDriftMap
from longstride.zoo import resolve


@dataclass(frozen=True, slots=True)
class Hosted:
    """A model that LAMMPS can host.

    Attributes:
        propagator: the model as one process runs it.
        model: its map.
        kick: its kicks.
    """

    propagator: ModelPropagator
    model: KickDriftMap
    kick: NativeKick


def hosted_model(name: str, threads: int) -> Hosted:
    """A model by its name or folder.

    Raises:
        ConfigError: there is no such model, or it has no compiled form.
    """
    propagator = load_propagator(resolve(name))
    native, model = load_native(), propagator.model
    if native is None:
        raise ConfigError("--engine lammps needs the compiled C++ kernel: install a C++ compiler")
    require_hostable(model.config, name)
    assert isinstance(model, KickDriftMap), "its configuration says so"
    return Hosted(propagator, model, NativeKick(model, native, double=False, threads=threads))
