"""The pieces of a results folder, found by part, model and temperature."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Piece = dict[str, Any]

REFERENCE = "reference"
"""Name of the control in nve: the reference itself."""


@dataclass(frozen=True, slots=True)
class Results:
    """All pieces there are."""

    pieces: tuple[Piece, ...]

    @classmethod
    def read(cls, folder: Path) -> "Results":
        """Every JSON file of a folder."""
        paths = sorted(folder.glob("*.json"))
        return cls(tuple(json.loads(path.read_text(encoding="utf-8")) for path in paths))

    def find(self, part: str, name: str, temperature: float) -> Piece | None:
        """The result of one piece, or None where it was not measured."""
        for piece in self.of(part):
            if piece["model"]["name"] == name and piece["temperature"] == temperature:
                return dict(piece["result"])
        return None

    def of(self, part: str) -> list[Piece]:
        """All pieces of a part."""
        return [piece for piece in self.pieces if piece["part"] == part]

    @property
    def speed(self) -> Piece | None:
        """The piece of the speeds."""
        return next(iter(self.of("speed")), None)

    @property
    def models(self) -> dict[str, Piece]:
        """Descriptions of all models measured, by name."""
        found = [model for p in self.of("speed") for model in p["models"]]
        found += [p["model"] for p in self.pieces if "model" in p]
        found = [model for model in found if model["name"] != REFERENCE]
        # The last of a name stays: a model is the shipped one where it was called so once.
        found.sort(key=lambda model: model["role"] == "shipped")
        return {model["name"]: model for model in found}

    def versions(self, name: str) -> int:
        """How many different weights the pieces of one name were measured with."""
        found = [p["model"] for p in self.pieces if "model" in p]
        found += [model for p in self.of("speed") for model in p["models"]]
        return len({model["sha256"] for model in found if model["name"] == name})

    @property
    def shipped(self) -> str | None:
        """Name of the shipped model."""
        names = [name for name, model in self.models.items() if model["role"] == "shipped"]
        return names[0] if names else None

    def provenance(self, part: str) -> list[str]:
        """Lines on where, when and with what a part was measured."""
        pieces = self.of(part)
        if not pieces:
            return []
        stamps = [piece["provenance"] for piece in pieces]
        dates = sorted(stamp["date"] for stamp in stamps)
        machine, software = stamps[-1]["machine"], stamps[-1]["software"]
        loads = [load for stamp in stamps for load in stamp["load_average"]]
        versions = ", ".join(f"{name} {version}" for name, version in software.items())
        when = dates[0] if dates[0] == dates[-1] else f"{dates[0]} to {dates[-1]}"
        return [
            f"{when}; {machine['processor']}, {machine['usable_cores']} cores, load average"
            f" {min(loads):g} to {max(loads):g}; {versions}."
        ]
