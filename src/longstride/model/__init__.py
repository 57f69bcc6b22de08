"""The learned stride maps: networks, their closed-form start and their files."""

from longstride.model.checkpoint import (
    add_to_card,
    build_model,
    load_checkpoint,
    read_card,
    save_checkpoint,
)
from longstride.model.config import ModelConfig, NetworkConfig
from longstride.model.energy_head import EnergyHead
from longstride.model.kicks import Kick, KickDriftMap
from longstride.model.novelty import Novelty
from longstride.model.staged import StagedMap
from longstride.model.stride_map import Geometry, Stages, StrideMap

__all__ = [
    "EnergyHead",
    "Geometry",
    "Kick",
    "KickDriftMap",
    "ModelConfig",
    "NetworkConfig",
    "Novelty",
    "StagedMap",
    "Stages",
    "StrideMap",
    "add_to_card",
    "build_model",
    "load_checkpoint",
    "read_card",
    "save_checkpoint",
]
