"""What a recipe takes over from the model that its training starts from.

The map (stage times, substeps, kicks, cutoff, network) is the model's: its weights mean nothing to
another. Atoms are told apart by their place in the list of species. Where they are other elements,
lengths follow the edge of an atom's share of the volume, so that the neighbourhoods of one crystal
look to the network as those of the other did; masses are the data's, and the scale of the
accelerations comes with the read-outs, which are fitted anew (``model/kick_transfer.py``).
"""

from pathlib import Path
from typing import Any, Final

import numpy as np

from longstride.dataset import Block, TrajectorySet, coverage
from longstride.errors import ConfigError
from longstride.model import ModelConfig, load_checkpoint, read_card
from longstride.training.data_files import data_files
from longstride.training.proposal import LOSS, OPTIMISATION, VALIDATION_WINDOWS

FREE: Final = ("energy_head", "guard")
"""Of the section ``model``, what a recipe decides: both are fitted when a training is over."""

TOLERANCE: Final = 1e-3
"""Relative difference of two settings that is taken for rounding, as of masses."""


def with_parent(
    raw: dict[str, Any], name: str, folder: Path, sha256: str, beside: Path
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """A plain recipe with all that the parent decides written out.

    Args:
        raw: the recipe; its section ``model`` may be ``auto``, missing, or say what the parent
            says.
        name: of the parent, as the user gave it.
        folder: of the parent.
        sha256: of its files.
        beside: folder in which data files are looked for too.

    Returns:
        the whole recipe, and sentences for the user.

    Raises:
        ConfigError: the recipe contradicts the parent, or the data has other species in number.
    """
    recorded = raw.get("parent")
    stated = recorded.get("sha256") if isinstance(recorded, dict) else None
    if stated not in (None, sha256):
        raise ConfigError(f"parent.sha256: {name} is not the model that the recipe was made with")
    with TrajectorySet(data_files(raw, beside, "a training from a model")) as data:
        covered = coverage([Block(s, 0, s.n_frames) for s in data.segments])
        energies = all(s.potential_energy(0) is not None for s in data.segments)
    parent = load_checkpoint(folder).config
    model, reasons = _carried_over(parent, read_card(folder).get("regime", {}), covered, name)
    if parent.map == "kicks":
        model["energy_head"] = energies
    model = _agreed(raw.get("model"), model, name)
    whole = {
        "optimisation": OPTIMISATION,
        "loss": LOSS,
        "validation_windows": VALIDATION_WINDOWS,
        **raw,
        "model": model,
        "parent": {"model": name, "sha256": sha256},
    }
    return whole, reasons


def _carried_over(
    parent: ModelConfig, regime: dict[str, Any], covered: dict[str, Any], name: str
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The section ``model`` for data of such a coverage, and sentences for the user."""
    model = parent.model_dump(mode="json")
    known = list(parent.species)
    found = dict(zip(covered["species"], covered["masses"], strict=True))
    if len(found) != len(known):
        raise ConfigError(
            f"{name} tells {len(known)} species apart (atomic numbers {_listed(known)}), the data "
            f"has {len(found)} ({_listed(list(found))}): weights go from one to one"
        )
    told = f"map, stage times and network of {name}"
    if set(found) == set(known):
        masses = [found[number] for number in known]
        return model if _same(masses, list(parent.masses)) else {**model, "masses": masses}, (told,)
    species = list(found)
    pairs = ", ".join(f"{a} as {b}" for a, b in zip(species, known, strict=True))
    reasons = [told, f"weights by position in the list of species: atomic number {pairs}"]
    model |= {"species": species, "masses": list(found.values())}
    densities = [regime.get("number_density"), covered["number_density"]]
    if all(densities):
        old, new = (float(np.mean(density)) for density in densities)
        factor = (old / new) ** (1 / 3)
        cutoff = round(parent.cutoff * factor, 2)
        model |= {"cutoff": cutoff, "inner": round(parent.inner * cutoff / parent.cutoff, 4)}
        reasons.append(
            f"lengths times {factor:.3f}, the edge of an atom's share of the volume: cutoff"
            f" {cutoff:g} Å"
        )
    return model, tuple(reasons)


def _agreed(given: Any, model: dict[str, Any], name: str) -> dict[str, Any]:
    """The section, with what the recipe may decide, where nothing in it is contradicted."""
    if given is None or given == "auto":
        return model
    if not isinstance(given, dict):
        raise ConfigError("model: must be auto, or a mapping")
    own = {key: value for key, value in given.items() if key != "auto"}
    network = own.pop("network", {})
    _require_same(own, model, "model", name)
    if isinstance(network, dict):
        _require_same(network, model["network"], "model.network", name)
    # Unknown keys stay, and are refused with all the others.
    extra = {key: value for key, value in own.items() if key in FREE or key not in model}
    unknown = {k: v for k, v in network.items() if k not in model["network"]}
    return {**model, **extra, "network": {**model["network"], **unknown}}


def _require_same(given: dict[str, Any], model: dict[str, Any], place: str, name: str) -> None:
    for key, value in given.items():
        if key in FREE or key not in model:
            continue
        wanted = model[key]
        if not _same(value, wanted):
            raise ConfigError(
                f"{place}.{key}: {value} in the recipe, {wanted} by the model {name} that the "
                "training starts from: leave it out, or train without --from"
            )


def _same(one: Any, other: Any) -> bool:
    """Whether two settings agree, numbers to a part in a thousand."""
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    if any(isinstance(value, bool) or not isinstance(value, int | float) for value in (one, other)):
        return bool(one == other)
    return bool(abs(one - other) <= TOLERANCE * abs(other))


def _listed(numbers: list[int]) -> str:
    return ", ".join(map(str, numbers))
