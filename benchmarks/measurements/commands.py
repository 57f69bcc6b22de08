"""The commands a user would give, given by a script: data, training and verdict, each made once."""

import json
import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from longstride.errors import LongstrideError
from longstride.validation import RESULTS_NAME
from measurements.record import say

FAILED_CHECK: Final = 1
"""Exit code of ``longstride validate`` where it judged, and a check failed."""


def generate(recipe: Path, data: Path, *, workers: int) -> None:
    """``longstride generate``, unless the file is there."""
    if not data.exists():
        _command(["generate", recipe, "-o", data, "--workers", workers], data.parent)


def train(recipe: Path, data: Sequence[Path], run: Path) -> Path:
    """``longstride train``, unless the model is there; returns the model's folder."""
    model = run / "model"
    if not model.exists():
        again = ["--resume"] if run.exists() else []
        files = [word for file in data for word in ("--data", file)]
        _command(["train", recipe, *files, "-o", run, *again], run.parent)
    return model


def validate_quick(
    model: Path, where: Sequence[Any], temperature: float, report: Path, *, ranks: int
) -> dict[str, Any]:
    """``longstride validate --quick`` on the system that some options name; returns its results."""
    judge = ["validate", "-m", model, *where, "--quick", "-T", f"{temperature:g}"]
    _command([*judge, "--ranks", ranks, "-o", report], report.parent, allowed=FAILED_CHECK)
    results: dict[str, Any] = read(report / RESULTS_NAME)
    return results


def validate_rollout(rollout: Path, reference: Path, report: Path) -> dict[str, Any]:
    """``longstride validate --rollout`` of statistics in a bath; returns its results."""
    judge: list[Any] = ["validate", "--rollout", rollout, "--reference", reference, "--ranks", 1]
    families = ["--checks", "nvt,structure,dynamics"]
    _command([*judge, *families, "-o", report], report.parent, allowed=FAILED_CHECK)
    results: dict[str, Any] = read(report / RESULTS_NAME)
    return results


def import_trajectory(source: Path, interval: float, out: Path) -> None:
    """``longstride import`` of one file whose frames are so many fs apart.

    Its temperature is left to its velocities: those of a map that heats or cools make another one
    than its bath.
    """
    words: list[Any] = ["import", source, "--interval", interval, "-o", out, "--overwrite"]
    _command(words, out.parent)


def read(path: Path) -> Any:
    """The content of a JSON file."""
    return json.loads(path.read_text(encoding="utf-8"))


def write(path: Path, content: dict[str, Any], places: dict[str, str]) -> None:
    """Writes a result.

    Args:
        path: of the JSON file.
        content: plain data.
        places: folders of this machine, and what stands for them in the file.
    """
    text = json.dumps(content, indent=1, ensure_ascii=False)
    for place, name in places.items():
        text = text.replace(place, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text + "\n", encoding="utf-8")
    say(f"{path.name}: written")


def _command(words: list[Any], work: Path, *, allowed: int = 0) -> None:
    """Runs ``longstride`` with its output kept in a log.

    Raises:
        LongstrideError: exit code other than 0 or the one allowed, with the last line it printed.
    """
    told = ["longstride", *map(str, words)]
    say(shlex.join(told))
    log = work / "commands.log"
    with log.open("a", encoding="utf-8") as out:
        command = [sys.executable, "-m", "longstride.cli.main", *told[1:]]
        done = subprocess.run(command, stdout=out, stderr=subprocess.STDOUT, check=False)
    if done.returncode not in (0, allowed):
        last = log.read_text(encoding="utf-8").strip().rpartition("\n")[2]
        raise LongstrideError(f"{shlex.join(told)}: exit code {done.returncode}: {last}")
