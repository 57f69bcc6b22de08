"""Models on disk: a folder with ``model.safetensors`` and ``model.json``.

The JSON is the model's card (``card.py``). Nothing in either file can execute code.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from safetensors.torch import save as serialized

from longstride.documents import require_file
from longstride.errors import FileFormatError
from longstride.files import named, replacing
from longstride.model.card import SCHEMA, card_path, card_text, read_card
from longstride.model.config import ModelConfig
from longstride.model.kicks import KickDriftMap
from longstride.model.staged import StagedMap
from longstride.model.stride_map import StrideMap


def build_model(config: ModelConfig) -> StrideMap:
    """An untrained model, its parameters drawn from torch's generator."""
    return KickDriftMap(config) if config.map == "kicks" else StagedMap(config)


def save_checkpoint(folder: Path, model: StrideMap, card: Mapping[str, Any]) -> None:
    """Write a model; each file is written under a temporary name and renamed.

    Args:
        folder: created if absent.
        model: the model.
        card: JSON-ready description: ``regime`` (temperature and density range, ...), errors,
            training, data.
    """
    with named(folder):
        folder.mkdir(parents=True, exist_ok=True)
    tensors = {
        name: tensor.detach().cpu().contiguous() for name, tensor in model.state_dict().items()
    }
    weights = folder / "model.safetensors"
    description = {**card, "schema": SCHEMA, "config": model.config.model_dump(mode="json")}
    text = card_path(folder)
    # Both are written before either gets its name: a full disk leaves the model that was there.
    with replacing(weights) as partial, replacing(text) as partial_text:
        with named(weights):
            partial.write_bytes(serialized(tensors))
        partial_text.write_text(card_text(description), encoding="utf-8")


def load_checkpoint(folder: Path) -> StrideMap:
    """Read a model written by :func:`save_checkpoint`, in evaluation mode.

    Raises:
        FileFormatError: a file is missing, damaged or does not fit the configuration.
    """
    card = read_card(folder)
    path = folder / "model.safetensors"
    require_file(path, "the weights")
    config = ModelConfig.of_card(card, str(card_path(folder)))
    try:
        tensors = load_file(path)
    except (OSError, SafetensorError) as error:
        raise FileFormatError(f"{path}: missing or damaged weights ({error})") from None
    with torch.random.fork_rng(devices=[]):
        model = build_model(config)
    own = model.state_dict()
    wanted = {name: tensor.shape for name, tensor in own.items()}
    found = {name: tensor.shape for name, tensor in tensors.items()}
    wrong = sorted(name for name, _ in wanted.items() ^ found.items())
    if wrong:
        name = wrong[0]
        raise FileFormatError(
            f"{path}: weights do not fit the configuration ({name}: {_shape(found.get(name))}, "
            f"expected {_shape(wanted.get(name))})"
        )
    for name, tensor in tensors.items():
        if tensor.dtype.is_complex or tensor.is_floating_point() != own[name].is_floating_point():
            raise FileFormatError(f"{path}: weights of another type ({name}: {tensor.dtype})")
    model.load_state_dict(tensors)
    if not all(torch.isfinite(tensor).all() for tensor in tensors.values()):
        raise FileFormatError(f"{path}: the weights hold values that are not finite")
    return model.eval()


def _shape(size: torch.Size | None) -> str:
    return "none" if size is None else f"shape {list(size)}"
