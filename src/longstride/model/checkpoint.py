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
from safetensors.torch import load_file, save_file

from longstride.errors import FileFormatError
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
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {
        name: tensor.detach().cpu().contiguous() for name, tensor in model.state_dict().items()
    }
    weights = folder / "model.safetensors"
    save_file(tensors, weights.with_suffix(".tmp"))
    description = {**card, "schema": SCHEMA, "config": model.config.model_dump(mode="json")}
    partial = _partial_card(folder, description)
    weights.with_suffix(".tmp").replace(weights)
    partial.replace(folder / "model.json")


def add_to_card(folder: Path, blocks: Mapping[str, Any]) -> None:
    """Add blocks to a model's card, or replace those of the same names; the weights stay.

    Args:
        folder: of the model.
        blocks: JSON-ready data by name.

    Raises:
        FileFormatError: the folder holds no model.
    """
    _partial_card(folder, {**read_card(folder), **blocks}).replace(folder / "model.json")


def _partial_card(folder: Path, description: Mapping[str, Any]) -> Path:
    """A card under a temporary name."""
    path = folder / "model.json.tmp"
    path.write_text(json.dumps(description, indent=2) + "\n", encoding="utf-8")
    return path


def read_card(folder: Path) -> dict[str, Any]:
    """The checkpoint's ``model.json``.

    Raises:
        FileFormatError: the file is missing, is not JSON, or has a schema this version does not
        know.
    """
    path = folder / "model.json"
    try:
        card = json.loads(path.read_text())
    except FileNotFoundError:
        raise FileFormatError(f"{folder}: no model.json, so this is not a model folder") from None
    except (OSError, ValueError, RecursionError) as error:
        raise FileFormatError(f"{path}: cannot be read as JSON ({error})") from None
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
    wanted = {name: tensor.shape for name, tensor in model.state_dict().items()}
    found = {name: tensor.shape for name, tensor in tensors.items()}
    wrong = sorted(name for name, _ in wanted.items() ^ found.items())
    if wrong:
        name = wrong[0]
        raise FileFormatError(
            f"{path}: weights do not fit the configuration ({name}: {_shape(found.get(name))}, "
            f"expected {_shape(wanted.get(name))})"
        )
    model.load_state_dict(tensors)
    if not all(torch.isfinite(tensor).all() for tensor in tensors.values()):
        raise FileFormatError(f"{path}: the weights hold values that are not finite")
    return model.eval()


def _shape(size: torch.Size | None) -> str:
    return "none" if size is None else f"shape {list(size)}"
