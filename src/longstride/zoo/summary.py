"""What a model says of itself, read from its ``model.json`` alone."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from longstride.documents import read_json
from longstride.errors import FileFormatError
from longstride.zoo.catalogue import CARD, DESCRIPTION


@dataclass(frozen=True, slots=True)
class ModelSummary:
    """The lines of a model's description that fit a table.

    Attributes:
        folder: the checkpoint.
        species: atomic numbers.
        stage_times: times inside the stride that it predicts, in fs; the last is the stride.
        temperature: lowest and highest temperature in K, if stated.
        density: lowest and highest number density in atoms/Å³, if stated.
        potentials: names of the potentials it was trained on, the files of one joined by commas.
        card: the text of ``card.md``, if there is one.
    """

    folder: Path
    species: tuple[int, ...]
    stage_times: tuple[float, ...]
    temperature: tuple[float, float] | None
    density: tuple[float, float] | None
    potentials: tuple[str, ...]
    card: str | None

    @property
    def stride(self) -> float:
        """Time one application covers, in fs."""
        return self.stage_times[-1]


def summarise(folder: Path) -> ModelSummary:
    """Read a model's description; the weights are not touched.

    Raises:
        FileFormatError: ``model.json`` is missing, damaged or lacks what every model has.
    """
    path = folder / DESCRIPTION
    try:
        content = read_json(path, "the description of the model")
        config, regime = content["config"], content.get("regime", {})
        card = folder / CARD
        return ModelSummary(
            folder=folder,
            species=tuple(int(number) for number in config["species"]),
            stage_times=tuple(float(time) for time in config["stage_times"]),
            temperature=_range(regime.get("temperatures")),
            density=_range(regime.get("number_density")),
            potentials=tuple(str(name) for name in regime.get("potentials") or ()),
            card=card.read_text(encoding="utf-8") if card.is_file() else None,
        )
    except OSError as error:
        raise FileFormatError(f"{path}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError):
        raise FileFormatError(f"{path}: not the description of a model; copy it again") from None


def _range(values: Any) -> tuple[float, float] | None:
    """Lowest and highest of some numbers; None where none are stated."""
    if not values:
        return None
    numbers = [float(value) for value in values]
    return min(numbers), max(numbers)
