"""A model under test, by the name it has in the tables."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from longstride.kernels import ModelPropagator, load_propagator
from longstride.model import read_card
from longstride.zoo import model_checksum, resolve

Role = Literal["shipped", "comparison"]


@dataclass(frozen=True, slots=True)
class Subject:
    """A model folder.

    Attributes:
        name: in tables and file names.
        folder: with model.json and model.safetensors.
        role: the shipped model, or one it is compared with.
    """

    name: str
    folder: Path
    role: Role

    @classmethod
    def parse(cls, text: str, role: Role) -> "Subject":
        """From ``NAME=FOLDER`` or the name of a shipped model."""
        name, _, folder = text.rpartition("=") if "=" in text else (text, "", text)
        return cls(name, resolve(folder), role)

    def propagator(self) -> ModelPropagator:
        """The model as a map of states."""
        return load_propagator(self.folder)

    def card(self) -> dict[str, Any]:
        """What the model says of itself."""
        return read_card(self.folder)

    def describe(self) -> dict[str, Any]:
        """Plain data that identifies the model: no paths."""
        card = self.card()
        config, training = card["config"], card.get("training", {})
        return {
            "name": self.name,
            "role": self.role,
            "sha256": model_checksum(self.folder),
            "map": config["map"],
            "stage_times": config["stage_times"],
            "attention": config["network"]["attention"],
            "hidden": config["network"]["hidden"],
            "kicks": config["kicks"],
            "substeps": config["substeps"],
            "minutes": training.get("minutes"),
            "steps": training.get("steps"),
        }
