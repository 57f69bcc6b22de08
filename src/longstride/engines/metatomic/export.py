"""Writing a model as a metatomic model (https://docs.metatensor.org/metatomic), a file of its own.

The format is TorchScript, which is code: whoever loads such a file trusts who made it. Checkpoints
(``model.safetensors`` and ``model.json``) stay what models are kept and passed on as.
"""

import json
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, Literal

from longstride import __version__
from longstride.errors import ConfigError, EngineError
from longstride.files import replacing
from longstride.model import Card, ModelConfig, ModelRegime, read_card
from longstride.zoo import model_checksum

Precision = Literal["float32", "float64"]

LARGEST_SKIN: Final = 20.0
"""Å; a larger one is a typing error, and a list without end."""


def export_model(folder: Path, out: Path, *, precision: Precision, skin: float) -> None:
    """Write a kick-drift model for engines that host metatomic models.

    The outputs are ``position`` and ``momentum``, one stride later, as those of FlashMD (Bigi et
    al., arXiv:2505.19350), whose integrators can run it.

    Args:
        folder: of the model.
        out: the file to make; an existing one is replaced when the new one is whole.
        precision: of the state and of the arithmetic.
        skin: Å beyond the cutoff of the neighbour list that engines are asked for; a stride in
            which two atoms may have approached by more is refused.

    Raises:
        ConfigError: the model is a staged map, or the skin is out of range.
        EngineError: metatomic is not installed.
        FileFormatError: the folder holds no model, or the file cannot be written.
    """
    if not 0.0 < skin <= LARGEST_SKIN:
        raise ConfigError(f"--skin {skin:g}: not between 0 and {LARGEST_SKIN:g} Å")
    config = Card.read(folder).config
    if config.map != "kicks":
        raise ConfigError(f"{folder}: a staged map; only models of map: kicks are exported")
    if find_spec("metatomic") is None:
        raise EngineError("metatomic is not installed: pip install 'longstride[metatomic]'")
    # Torch and what needs it are loaded for a model that can be exported.
    import torch
    from metatomic.torch import AtomisticModel, ModelCapabilities, ModelMetadata, ModelOutput

    from longstride.engines.metatomic.hosted import LENGTH, MOMENTUM, HostedStride
    from longstride.model import KickDriftMap, load_checkpoint

    model, card = load_checkpoint(folder), read_card(folder)
    assert isinstance(model, KickDriftMap), "its configuration says so"
    dtype = {"float32": torch.float32, "float64": torch.float64}[precision]
    capabilities = ModelCapabilities(
        outputs={
            "position": ModelOutput(unit=LENGTH, sample_kind="atom"),
            "momentum": ModelOutput(unit=MOMENTUM, sample_kind="atom"),
        },
        atomic_types=list(config.species),
        interaction_range=interaction_range(config),
        length_unit=LENGTH,
        supported_devices=["cpu", "cuda"],
        dtype=precision,
    )
    metadata = ModelMetadata(
        name=f"longstride {folder.name}",
        description=_description(config),
        references={"architecture": ["FlashMD's interface: arXiv:2505.19350"]},
        extra=_facts(card, folder),
    )
    # Compiled before the file is opened: what fails from then on is the writing.
    hosted = torch.jit.script(HostedStride(model.to(dtype), skin).eval())
    with replacing(out, RuntimeError) as partial:
        AtomisticModel(hosted, metadata, capabilities).save(partial)


def interaction_range(config: ModelConfig) -> float:
    """How far away in Å an atom may be that has a part in where another is after one stride.

    A kick on an atom depends on the neighbours of its neighbours, with attention on two hops more.
    """
    kicks = config.substeps * config.kicks + 1
    hops = 4 if config.network.attention else 2
    return kicks * hops * config.cutoff


def _description(config: ModelConfig) -> str:
    return (
        f"A learned stride of {config.stride:g} fs by kicks and drifts: positions and momenta "
        "one stride later, without forces."
    )


def _facts(card: Mapping[str, Any], folder: Path) -> dict[str, str]:
    """What the checkpoint states, as text."""
    regime = ModelRegime.of_card(card, str(folder / "model.json"))
    return {
        "longstride": __version__,
        "sha256": model_checksum(folder),
        "stride_fs": str(card["config"]["stage_times"][-1]),
        "temperature_K": json.dumps(regime.temperature),
        "density_per_cubic_angstrom": json.dumps(regime.density),
        "potentials": json.dumps(card["regime"].get("potentials", [])),
    }
