"""One metal from nothing to a verdict, by the commands a user would give."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from longstride.errors import ConfigError
from measurements.commands import generate, read, train, validate_quick, write

HALF_MELTING: Final = {
    **{"al": 470.0, "cu": 680.0, "ni": 860.0, "fe": 890.0, "mg": 460.0, "w": 1800.0},
    **{"cuni": 750.0, "alcu": 450.0, "cuzr": 600.0, "cu-snap": 700.0},
}
"""Temperature in K at which each system is judged; of the glass, half of the crystal's."""

RECIPE_OF: Final = {"cu-snap": "../cu-snap.yaml"}
"""Recipes that are elsewhere: the expensive potential gets shorter and fewer runs."""

FEW_ATOMS: Final = {"cu-snap": 108}
"""Judged on the perfect crystal of so many atoms, at the lattice constants of the data."""


@dataclass(frozen=True, slots=True)
class System:
    """A recipe in ``recipes/metals``, by name."""

    name: str

    @property
    def temperature(self) -> float:
        """Half the melting temperature in K.

        Raises:
            ConfigError: there is no such system.
        """
        try:
            return HALF_MELTING[self.name]
        except KeyError:
            raise ConfigError(
                f"no metal '{self.name}'; there are {', '.join(HALF_MELTING)}"
            ) from None

    def recipe(self, folder: Path) -> Path:
        """Of the data."""
        return (folder / RECIPE_OF.get(self.name, f"{self.name}.yaml")).resolve()


def measure(system: System, recipes: Path, work: Path, out: Path, *, cores: int) -> None:
    """Data, training and quick suite of a system; what is in ``work`` already is not made again.

    Raises:
        LongstrideError: one of the commands failed.
    """
    temperature, recipe = system.temperature, system.recipe(recipes)
    data, run, report = (work / f"{system.name}{end}" for end in (".h5", "", "-quick"))
    work.mkdir(parents=True, exist_ok=True)
    generate(recipe, data, workers=cores)
    model = train(recipes / "model.yaml", [data], run)
    few = FEW_ATOMS.get(system.name)
    where = ["--recipe", recipe] if few is None else ["--atoms", few]
    verdict = validate_quick(model, where, temperature, report, ranks=cores)
    found = {
        "part": "metal",
        "name": system.name,
        "temperature": temperature,
        "recipe": yaml.safe_load(recipe.read_text(encoding="utf-8")),
        **of_card(model),
        "verdict": verdict,
    }
    places = {str(work): "WORK", str(recipes.parent.resolve()): "recipes"}
    write(out / f"{system.name}.json", found, places)


def of_card(model: Path) -> dict[str, Any]:
    """What a page tells of a model."""
    card = read(model / "model.json")
    return {
        "config": card["config"],
        "regime": card["regime"],
        "one_stride_errors": card["one_stride_errors"],
        "training": {key: card["training"][key] for key in ("steps", "minutes")},
    }
