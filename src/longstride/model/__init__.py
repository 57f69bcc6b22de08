"""The learned stride maps: networks, their closed-form start and their files.

What a card says is read without torch, which the networks alone import at their first use.
"""

from typing import TYPE_CHECKING

from longstride.lazy import at_first_use
from longstride.model.card import Card, add_to_card, read_card
from longstride.model.config import ModelConfig, NetworkConfig
from longstride.model.limits import GuardLimits
from longstride.model.regime import ModelRegime
from longstride.model.residuals import ModelResiduals

if TYPE_CHECKING:
    from longstride.model.checkpoint import build_model, load_checkpoint, save_checkpoint
    from longstride.model.energy_head import EnergyHead
    from longstride.model.kicks import Kick, KickDriftMap
    from longstride.model.novelty import Novelty
    from longstride.model.staged import StagedMap
    from longstride.model.stride_map import Geometry, Stages, StrideMap
else:
    __getattr__ = at_first_use(
        __name__,
        {
            "checkpoint": ("build_model", "load_checkpoint", "save_checkpoint"),
            "energy_head": ("EnergyHead",),
            "kicks": ("Kick", "KickDriftMap"),
            "novelty": ("Novelty",),
            "staged": ("StagedMap",),
            "stride_map": ("Geometry", "Stages", "StrideMap"),
        },
    )

__all__ = [
    "Card",
    "EnergyHead",
    "Geometry",
    "GuardLimits",
    "Kick",
    "KickDriftMap",
    "ModelConfig",
    "ModelRegime",
    "ModelResiduals",
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
