"""One metal from nothing to a verdict, by the commands a user would give."""

import json
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from longstride.errors import ConfigError, LongstrideError
from longstride.validation import RESULTS_NAME
from measurements.record import say

HALF_MELTING: Final = {
    **{"al": 470.0, "cu": 680.0, "ni": 860.0, "fe": 890.0, "mg": 460.0, "w": 1800.0},
    **{"cuni": 750.0, "alcu": 450.0, "cuzr": 600.0, "cu-snap": 680.0},
}
"""Temperature in K at which each system is judged; of the glass, half of the crystal's."""

RECIPE_OF: Final = {"cu-snap": "../cu-snap.yaml"}
"""Recipes that are elsewhere: the expensive potential gets shorter and fewer runs."""

FAILED_CHECK: Final = 1
"""Exit code of ``longstride validate`` where it judged, and a check failed."""


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
    if not data.exists():
        _command(["generate", recipe, "-o", data, "--workers", cores], work)
    model = run / "model"
    if not model.exists():
        again = ["--resume"] if run.exists() else []
        _command(["train", recipes / "model.yaml", "--data", data, "-o", run, *again], work)
    judge = ["validate", "-m", model, "--recipe", recipe, "--quick", "-T", f"{temperature:g}"]
    _command([*judge, "--ranks", cores, "-o", report], work, allowed=FAILED_CHECK)
    results = json.loads((report / RESULTS_NAME).read_text(encoding="utf-8"))
    card = json.loads((model / "model.json").read_text(encoding="utf-8"))
    found = {
        "part": "metal",
        "name": system.name,
        "temperature": temperature,
        "recipe": yaml.safe_load(recipe.read_text(encoding="utf-8")),
        "config": card["config"],
        "regime": card["regime"],
        "one_stride_errors": card["one_stride_errors"],
        "training": {key: card["training"][key] for key in ("steps", "minutes")},
        "verdict": _portable(results, {str(work): "WORK", str(recipes.parent): "recipes"}),
    }
    out.mkdir(parents=True, exist_ok=True)
    path = out / f"{system.name}.json"
    path.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    say(f"{path.name}: written")


def _command(words: list[Any], work: Path, *, allowed: int = 0) -> None:
    """Runs ``longstride`` with its output kept in a log.

    Raises:
        LongstrideError: exit code other than 0 or the one allowed, with the last line it printed.
    """
    told = ["longstride", *map(str, words)]
    say(shlex.join(told))
    log = work / "metals.log"
    with log.open("a", encoding="utf-8") as out:
        command = [sys.executable, "-m", "longstride.cli.main", *told[1:]]
        done = subprocess.run(command, stdout=out, stderr=subprocess.STDOUT, check=False)
    if done.returncode not in (0, allowed):
        last = log.read_text(encoding="utf-8").strip().rpartition("\n")[2]
        raise LongstrideError(f"{shlex.join(told)}: exit code {done.returncode}: {last}")


def _portable(content: Any, names: dict[str, str]) -> Any:
    """Plain data without the places of this machine."""
    text = json.dumps(content)
    for place, name in names.items():
        text = text.replace(place, name)
    return json.loads(text)
