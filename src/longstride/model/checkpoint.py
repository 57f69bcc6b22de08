"""Models on disk: a folder with ``model.safetensors`` and ``model.json``.

The JSON holds the schema version, the model's configuration, the regime it was made for and its
card. Nothing in either file can execute code.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from pydantic import ValidationError
from safetensors import SafetensorError
from safetensors.torch import load_file
from safetensors.torch import save as serialized

from longstride.documents import read_json, require_file
from longstride.errors import FileFormatError
from longstride.files import named, replacing, write_text
from longstride.model.config import ModelConfig
from longstride.model.kicks import KickDriftMap
from longstride.model.staged import StagedMap
from longstride.model.stride_map import StrideMap

SCHEMA = 1


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
    text = folder / "model.json"
    # Both are written before either gets its name: a full disk leaves the model that was there.
    with replacing(weights) as partial, replacing(text) as partial_text:
        with named(weights):
            partial.write_bytes(serialized(tensors))
        partial_text.write_text(_text(description), encoding="utf-8")


def add_to_card(folder: Path, blocks: Mapping[str, Any]) -> None:
    """Add blocks to a model's card, or replace those of the same names; the weights stay.

    Args:
        folder: of the model.
        blocks: JSON-ready data by name.

    Raises:
        FileFormatError: the folder holds no model, or the card cannot be written.
    """
    write_text(folder / "model.json", _text({**read_card(folder), **blocks}))


def _text(card: Mapping[str, Any]) -> str:
    return json.dumps(card, indent=2) + "\n"


def read_card(folder: Path) -> dict[str, Any]:
    """The checkpoint's ``model.json``.

    Raises:
        FileFormatError: the file is missing, is not JSON, or has another schema.
    """
    path = folder / "model.json"
    if not path.exists():
        raise FileFormatError(f"{folder}: no model.json, so this is not a model folder")
    card = read_json(path, "the description of the model")
    if not isinstance(card, dict) or card.get("schema") != SCHEMA:
        found = card.get("schema") if isinstance(card, dict) else None
        raise FileFormatError(
            f"{path}: schema {found!r}, this version reads {SCHEMA}: update longstride"
        )
    return card


def load_checkpoint(folder: Path) -> StrideMap:
    """Read a model written by :func:`save_checkpoint`, in evaluation mode.

    Raises:
        FileFormatError: a file is missing, damaged or does not fit the configuration.
    """
    card = read_card(folder)
    path = folder / "model.safetensors"
    require_file(path, "the weights")
    try:
        config = ModelConfig.model_validate(card.get("config"))
        tensors = load_file(path)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(["config", *map(str, first["loc"])])
        raise FileFormatError(f"{folder / 'model.json'}: {where}: {first['msg']}") from None
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
