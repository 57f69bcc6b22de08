"""Checkpoints of a running training: one safetensors file each, replaced atomically.

Tensors (weights, their average, Adam's moments) are safetensors; everything else is JSON in the
file's metadata. Nothing is pickled. Python's JSON writes floats so that they read back bit for bit.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save as serialized
from torch import Tensor, nn

from longstride.documents import require_file
from longstride.errors import FileFormatError
from longstride.files import replacing
from longstride.training.average import WeightAverage

SCHEMA = 1

MOMENTS = ("exp_avg", "exp_avg_sq")
"""Adam's running means, of the shape of their parameter."""


@dataclass
class Progress:
    """How far a training is.

    Attributes:
        step: steps done, skipped ones included.
        seconds: training time, without evaluations and checkpoints.
        guards: state of the gradient guard and the divergence watch.
    """

    step: int = 0
    seconds: float = 0.0
    guards: dict[str, Any] = field(default_factory=dict)


def save(
    path: Path, model: nn.Module, average: WeightAverage, adam: torch.optim.Adam, progress: Progress
) -> None:
    """Writes a checkpoint under a temporary name and renames it when whole."""
    tensors = {f"model.{name}": value for name, value in model.state_dict().items()}
    tensors |= {f"average.{name}": value for name, value in average.weights.items()}
    for index, moments in adam.state_dict()["state"].items():
        tensors |= {f"adam.{index}.{name}": value for name, value in moments.items()}
    tensors["generator"] = torch.get_rng_state()
    # clones, because safetensors refuses tensors that share memory
    whole = {name: value.detach().cpu().contiguous().clone() for name, value in tensors.items()}
    state = {
        "schema": SCHEMA,
        "step": progress.step,
        "seconds": progress.seconds,
        "guards": progress.guards,
        "updates": average.updates,
    }
    with replacing(path) as temporary:
        temporary.write_bytes(serialized(whole, metadata={"state": json.dumps(state)}))


def load(path: Path, model: nn.Module, average: WeightAverage, adam: torch.optim.Adam) -> Progress:
    """Restores everything ``save`` wrote, in place.

    Raises:
        FileFormatError: no checkpoint, a damaged one, or one of another model.
    """
    state, tensors = _read(path)

    def part(prefix: str) -> dict[str, Tensor]:
        return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}

    try:
        _require_like(part("model."), model.state_dict())
        _require_like(part("average."), average.weights)
        moments: dict[int, dict[str, Tensor]] = {}
        for key, value in part("adam.").items():
            index, name = key.split(".", 1)
            moments.setdefault(int(index), {})[name] = value
        parameters = [p for group in adam.param_groups for p in group["params"]]
        for number, found in moments.items():
            like = {name: parameters[number] for name in MOMENTS}
            _require_like(found, {**like, "step": torch.zeros(())})
            if min(found["exp_avg_sq"].min(), found["step"]) < 0.0:
                raise ValueError("a negative mean of squares")
        progress = Progress(int(state["step"]), float(state["seconds"]), dict(state["guards"]))
        updates = int(state["updates"])
        if min(progress.step, updates) < 0 or not 0.0 <= progress.seconds < math.inf:
            raise ValueError("a negative number of steps or seconds")
        torch.set_rng_state(tensors["generator"])
    except (KeyError, IndexError, RuntimeError, ValueError, TypeError, OverflowError) as error:
        reason = " ".join(str(error).split())[:200]
        raise FileFormatError(f"{path}: checkpoint of another model or version: {reason}") from None
    model.load_state_dict(part("model."))
    for name, value in part("average.").items():
        average.weights[name].copy_(value)
    adam.load_state_dict({**adam.state_dict(), "state": moments})
    average.updates = updates
    return progress


def _require_like(found: dict[str, Tensor], wanted: Mapping[str, Tensor]) -> None:
    """Refuse tensors of other names, shapes or types, and values that are not finite."""
    for name in found.keys() ^ wanted.keys():
        raise ValueError(f"{name} is in one of the two only")
    for name, value in found.items():
        like = wanted[name]
        if value.shape != like.shape or value.dtype != like.dtype:
            raise ValueError(f"{name} has shape {list(value.shape)} of {value.dtype}")
        if not torch.isfinite(value).all():
            raise ValueError(f"{name} is not finite")


def _read(path: Path) -> tuple[dict[str, Any], dict[str, Tensor]]:
    require_file(path, "the checkpoint")
    try:
        with safe_open(path, framework="pt") as file:
            state = json.loads(file.metadata()["state"])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        schema = state.get("schema")
    except (
        SafetensorError, OSError, KeyError, TypeError, ValueError, AttributeError, RecursionError,
    ) as error:  # fmt: skip
        reason = " ".join(str(error).split())[:200]
        raise FileFormatError(f"{path}: not a training checkpoint: {reason}") from None
    if schema != SCHEMA:
        raise FileFormatError(f"{path}: checkpoint schema {schema}, this version reads {SCHEMA}")
    return state, tensors


def save_weights(path: Path, model: nn.Module) -> None:
    """Writes the model's present weights and buffers alone, atomically."""
    whole = {k: v.detach().cpu().contiguous().clone() for k, v in model.state_dict().items()}
    with replacing(path) as temporary:
        temporary.write_bytes(serialized(whole, metadata={"state": json.dumps({"schema": SCHEMA})}))


def load_weights(path: Path, model: nn.Module) -> None:
    """Reads what ``save_weights`` wrote into the model.

    Raises:
        FileFormatError: as ``load``.
    """
    _, tensors = _read(path)
    try:
        _require_like(tensors, model.state_dict())
    except ValueError as error:
        reason = " ".join(str(error).split())[:200]
        raise FileFormatError(f"{path}: weights of another model: {reason}") from None
    model.load_state_dict(tensors)
