"""A model under test, loaded from its folder."""

from longstride.validation.experiment import Subject


def load_subject(model: str, threads: int) -> tuple[Subject, tuple[str, ...], dict[float, float]]:
    """The surrogate, the potentials it was trained on, and its lattice constants in Å by K.

    Args:
        model: a shipped name or a folder.
        threads: of torch.
    """
    import torch

    from longstride.kernels import load_propagator
    from longstride.model import read_card
    from longstride.zoo import model_checksum, resolve, summarise

    torch.set_num_threads(threads)
    folder = resolve(model)
    summary = summarise(folder)
    propagator = load_propagator(folder)
    regime = propagator.regime
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
        from_positions=read_card(folder)["regime"].get("velocities") == "from_positions",
    )
    return subject, summary.potentials, dict(regime.lattice_constants)
