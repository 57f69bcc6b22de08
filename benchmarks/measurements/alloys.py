"""One model for many compositions, or many metals, judged on each of them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from measurements.commands import generate, train, validate_quick, write
from measurements.metals import System, of_card

TEMPERATURE: Final = 750.0
"""K, of the compositions."""

SEEN: Final = {0: "alloys", 25: "alloys", 50: "metals", 75: "alloys", 100: "alloys"}
"""Percent of nickel that is trained on, and the folder of its recipe."""

UNSEEN: Final = (12, 37, 62, 87)
"""Rounded down, as in the names of the recipes."""

SHARED: Final = ("cu", "ni", "al")


@dataclass(frozen=True, slots=True)
class Bench:
    """Where things are.

    Attributes:
        recipes: folder of all recipes.
        work: of data and trainings.
        out: of the results.
        cores: processes of ``generate``, ranks of ``validate``.
    """

    recipes: Path
    work: Path
    out: Path
    cores: int

    def judge(self, part: str, name: str, model: Path, recipe: Path, temperature: float) -> None:
        """The quick suite of a model beside one recipe, into a file."""
        report = self.work / f"{part}-{name}-quick"
        found = {
            "part": part,
            "name": name,
            "temperature": temperature,
            **of_card(model),
            "verdict": validate_quick(
                model, ["--recipe", recipe], temperature, report, ranks=self.cores
            ),
        }
        places = {str(self.work): "WORK", str(self.recipes.resolve()): "recipes"}
        write(self.out / f"{part}-{name}.json", found, places)


def compositions(bench: Bench) -> None:
    """Cu-Ni: one model of five compositions, judged on four between them and one it has seen."""
    files = []
    for nickel, folder in SEEN.items():
        name = "cuni.yaml" if nickel == 50 else f"cuni-{nickel}.yaml"
        files.append(bench.work / f"cuni-{nickel}.h5")
        generate(bench.recipes / folder / name, files[-1], workers=bench.cores)
    alloys = bench.recipes / "alloys"
    model = train(alloys / "cuni-model.yaml", files, bench.work / "cuni-range")
    for nickel in UNSEEN:
        recipe = alloys / f"cuni-test-{nickel}.yaml"
        bench.judge("composition", str(nickel), model, recipe, TEMPERATURE)


def shared(bench: Bench) -> None:
    """Pure metals with potentials of their own in one model, judged on each of them."""
    metals = bench.recipes / "metals"
    files = [bench.work / f"{name}.h5" for name in SHARED]
    for name, file in zip(SHARED, files, strict=True):
        generate(metals / f"{name}.yaml", file, workers=bench.cores)
    model = train(bench.recipes / "alloys" / "shared-model.yaml", files, bench.work / "shared")
    for name in SHARED:
        system = System(name)
        bench.judge("shared", name, model, system.recipe(metals), system.temperature)
