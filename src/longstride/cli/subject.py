"""A model under test, loaded from its folder."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from longstride.validation.experiment import Subject

if TYPE_CHECKING:
    from longstride.validation.lattice import Lattice


def load_subject(
    model: str, threads: int
) -> tuple[Subject, tuple[str, ...], Callable[[], "Lattice"]]:
    """The surrogate, the potentials it was trained on, and what gives its lattice.

    The last raises a ConfigError where the model's crystal is not known.

    Args:
        model: a shipped name or a folder.
        threads: of torch.
    """
    from longstride.model import Card, read_card
    from longstride.validation.lattice import lattice_of_card
    from longstride.zoo import model_checksum, resolve, summarise

    folder = resolve(model)
    summary, card = summarise(folder), read_card(folder)
    regime = Card.read(folder).regime
    # Loaded for a model that there is.
    import torch

    from longstride.kernels import load_propagator

    torch.set_num_threads(threads)
    propagator = load_propagator(folder)
    description = {
        "stride_fs": propagator.stride,
        "stage_times_fs": list(propagator.stage_times),
        "species": list(regime.species),
        "temperature_K": list(regime.temperature),
        "density_per_cubic_angstrom": list(regime.density),
        "potential": "; ".join(summary.potentials),
        "map": propagator.model.config.map,
        "parameters": sum(p.numel() for p in propagator.model.parameters()),
    }
    subject = Subject(
        name=model if model == folder.name else folder.parent.name,
        propagator=propagator,
        regime=regime,
        checksum=model_checksum(folder),
        description=description,
        from_positions=card["regime"].get("velocities") == "from_positions",
        instructions=propagator.instructions,
    )
    lattice = partial(lattice_of_card, card, regime, regime.lattice_constants, model)
    return subject, summary.potentials, lattice
