"""What a model says of itself in ``model.json``; neither its weights nor torch are needed for it.

The file holds the schema version, the configuration, the regime the model was made for, and what
was measured of it. Nothing in it can execute code.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from longstride.documents import read_json
from longstride.errors import FileFormatError
from longstride.files import write_text
from longstride.model.config import ModelConfig
from longstride.model.limits import GuardLimits
from longstride.model.regime import ModelRegime
from longstride.model.residuals import ModelResiduals

SCHEMA: Final = 1


@dataclass(frozen=True, slots=True)
class Card:
    """The parts of a model's card that its runs depend on.

    Attributes:
        folder: of the model.
        config: what the model is made of.
        regime: what it was made for.
        residuals: what its strides leave unexplained; None where that was not measured.
        limits: of the signals of its guard; None for a model without one.
    """

    folder: Path
    config: ModelConfig
    regime: ModelRegime
    residuals: ModelResiduals | None
    limits: GuardLimits | None

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The card of a model folder.

        Raises:
            FileFormatError: the folder holds no model, or a damaged card.
        """
        card, where = read_card(folder), str(card_path(folder))
        regime = ModelRegime.of_card(card, where)
        residuals = ModelResiduals.of_card(card, where)
        config = ModelConfig.of_card(card, where)
        limits = GuardLimits.of_card(card, where) if config.guard else None
        return cls(folder, config, regime, residuals, limits)


def card_path(folder: Path) -> Path:
    """The file of a model's card."""
    return folder / "model.json"


def read_card(folder: Path) -> dict[str, Any]:
    """The checkpoint's ``model.json``.

    Raises:
        FileFormatError: the file is missing, is not JSON, or has another schema.
    """
    path = card_path(folder)
    if not path.exists():
        raise FileFormatError(f"{folder}: no model.json, so this is not a model folder")
    card = read_json(path, "the description of the model")
    if not isinstance(card, dict) or card.get("schema") != SCHEMA:
        found = card.get("schema") if isinstance(card, dict) else None
        raise FileFormatError(
            f"{path}: schema {found!r}, this version reads {SCHEMA}: update longstride"
        )
    return card


def add_to_card(folder: Path, blocks: Mapping[str, Any]) -> None:
    """Add blocks to a model's card, or replace those of the same names; the weights stay.

    Args:
        folder: of the model.
        blocks: JSON-ready data by name.

    Raises:
        FileFormatError: the folder holds no model, or the card cannot be written.
    """
    write_text(card_path(folder), card_text({**read_card(folder), **blocks}))


def card_text(card: Mapping[str, Any]) -> str:
    """A card as it is written."""
    return json.dumps(card, indent=2) + "\n"
