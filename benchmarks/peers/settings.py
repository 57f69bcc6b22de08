"""How FlashMD is trained here: the size of its network, its data, and the options of metatrain."""

from pathlib import Path
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, PositiveFloat, PositiveInt

HELD_OUT: Final = (
    *(f"T{temperature}_seed3" for temperature in (250, 300, 400, 500, 600, 700, 800, 950)),
    "T1100_seed2",
)
"""Runs that neither ``al`` nor FlashMD is trained on: those of recipes/al-model.yaml."""

SPACING: Final = 60.0
"""Time between the starts of windows in a run, fs."""

VALIDATION_WINDOWS: Final = 45
"""By which metatrain chooses the epoch that is kept."""


class Network(BaseModel):
    """Sizes of the network, by metatrain's names; its other options stay at their defaults."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cutoff: PositiveFloat = 4.5
    d_pet: PositiveInt = 128
    d_head: PositiveInt = 128
    d_node: PositiveInt = 512
    d_feedforward: PositiveInt = 256
    num_heads: PositiveInt = 8
    num_attention_layers: PositiveInt = 2
    num_gnn_layers: PositiveInt = 3
    predict_momenta_as_difference: bool = False


SIZES: Final[dict[str, Network]] = {
    "full": Network(),
    "middle": Network(
        d_pet=64,
        d_head=64,
        d_node=128,
        d_feedforward=128,
        num_heads=4,
        num_attention_layers=1,
        num_gnn_layers=3,
    ),
    "small": Network(
        d_pet=32,
        d_head=32,
        d_node=64,
        d_feedforward=64,
        num_heads=4,
        num_attention_layers=1,
        num_gnn_layers=2,
    ),
}
"""``full`` is metatrain's default."""


class PeerTraining(BaseModel):
    """One training.

    Attributes:
        name: in tables and file names.
        lag: stride, fs.
        minutes: of one core that its training may take.
        network: its sizes.
        epochs: passes over the windows, whose number is fitted to the minutes.
        batch_size: windows a step.
        learning_rate: at the top of the schedule, a warm-up and a cosine down to nothing.
        warmup_fraction: of the steps.
        seed: of the order of the windows and of metatrain.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    lag: PositiveFloat = 60.0
    minutes: PositiveFloat = 12.0
    network: Network = SIZES["small"]
    epochs: PositiveInt = 2
    batch_size: PositiveInt = 1
    learning_rate: PositiveFloat = 1e-3
    warmup_fraction: PositiveFloat = 0.02
    seed: PositiveInt = 1


def metatrain_options(
    training: PeerTraining, windows: Path, validation: Path, epochs: int
) -> dict[str, Any]:
    """What ``mtt train`` reads, as plain data; masses are ASE's, as metatrain takes them itself.

    Args:
        training: one training.
        windows: folder of the windows trained on.
        validation: folder of those that choose the epoch.
        epochs: passes.
    """
    return {
        "seed": training.seed,
        "base_precision": 32,
        "device": "cpu",
        "architecture": {
            "name": "experimental.flashmd",
            "model": training.network.model_dump(),
            "training": {
                "timestep": training.lag,
                "batch_size": training.batch_size,
                "num_epochs": epochs,
                "learning_rate": training.learning_rate,
                "warmup_fraction": training.warmup_fraction,
                "num_workers": 0,
                "checkpoint_interval": epochs + 1,
                "loss": "mse",
            },
        },
        "training_set": _dataset(windows),
        "validation_set": _dataset(validation),
        "test_set": 0.0,
    }


def _dataset(folder: Path) -> dict[str, Any]:
    return {
        "systems": {"read_from": str(folder), "length_unit": "A"},
        "targets": {
            "position": _target("future_positions", "length", "A"),
            "momentum": _target("future_momenta", "momentum", "(eV*u)^(1/2)"),
        },
    }


def _target(key: str, quantity: Literal["length", "momentum"], unit: str) -> dict[str, Any]:
    return {
        "key": key,
        "quantity": quantity,
        "unit": unit,
        "type": {"cartesian": {"rank": 1}},
        "sample_kind": "atom",
    }
