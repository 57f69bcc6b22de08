"""FlashMD trained on windows of ours for as long as it may take."""

import json
import shutil
from pathlib import Path
from typing import Any, Final

import numpy as np
import yaml
from ase.data import atomic_masses
from measurements.record import say

from longstride.errors import ConfigError
from longstride.trajectory import TrajectoryFile
from peers.hosting import run_guest
from peers.settings import (
    HELD_OUT,
    SPACING,
    VALIDATION_WINDOWS,
    PeerTraining,
    metatrain_options,
)
from peers.windows import first_windows, read_split, write_windows

GUEST_TRAIN: Final = Path(__file__).parent / "guest_train.py"

CALIBRATION_WINDOWS: Final = 48
CALIBRATION_EPOCHS: Final = (1, 3)
"""Their difference is free of what is done once."""


def convert(data: Path, work: Path, lag: float, seed: int = 1) -> Path:
    """All windows of a stride, in a seeded order; returns the folder of both parts.

    The windows trained on include their time-reversed twins, as FlashMD's tutorial recommends and
    as ours is trained.
    """
    with TrajectoryFile(data) as file:
        folder = work / f"windows-{lag:g}fs-{file.sha256()[:8]}"
    if (folder / "validation").exists():
        say(f"{folder.name}: there already")
        return folder
    known, apart = read_split(data, HELD_OUT, lag, SPACING)
    rng = np.random.default_rng(seed)
    both = known.with_reversed()
    write_windows(both.in_order(rng.permutation(len(both))), folder / "training")
    chosen = np.linspace(0, len(apart) - 1, VALIDATION_WINDOWS).astype(np.int64)
    write_windows(apart.in_order(chosen), folder / "validation")
    say(f"{folder.name}: {len(both)} windows to train on")
    return folder


def train(training: PeerTraining, data: Path, python: str, work: Path) -> dict[str, Any]:
    """Train, and keep the exported model as ``work/NAME/model.pt``.

    Args:
        training: what is trained, and for how long.
        data: trajectories of ``longstride generate``.
        python: of an environment with metatrain.
        work: folder of files that are not kept.

    Returns:
        Plain data: windows and epochs, processor time, size of the network, versions.
    """
    windows = convert(data, work, training.lag)
    available = int(np.load(windows / "training" / "ns.npy"))
    _require_standard_masses(data)
    seconds = _seconds_per_window(training, windows, python, work)
    count, epochs = fitted(60.0 * training.minutes, seconds, training.epochs, available)
    say(f"{training.name}: {epochs} epochs of {count} windows, {1e3 * seconds:.1f} ms each")
    folder = work / training.name
    told = _run_metatrain(training, (windows, count, VALIDATION_WINDOWS), epochs, python, folder)
    say(f"{training.name}: {told['seconds'] / 60:.2f} minutes")
    return {
        "windows": count,
        "windows_available": available,
        "epochs": epochs,
        "steps": epochs * (count // training.batch_size),
        "calibrated_ms_per_window": 1e3 * seconds,
        "minutes": told.pop("seconds") / 60,
        "wall_minutes": told.pop("wall_seconds") / 60,
        **told,
        "learning": learning_curve(folder / "outputs"),
    }


def fitted(
    budget: float, seconds_per_window: float, epochs: int, available: int
) -> tuple[int, int]:
    """How many windows how often fill a time.

    Args:
        budget: seconds.
        seconds_per_window: of a training step, per window.
        epochs: passes, more only where there are too few windows.
        available: windows there are.

    Returns:
        Windows and epochs.
    """
    passes = budget / seconds_per_window
    count = int(passes / epochs)
    if count <= available:
        return max(1, count), epochs
    return available, max(epochs, int(passes / available))


def learning_curve(outputs: Path) -> list[dict[str, float]]:
    """The rows of metatrain's table, an epoch each, with its columns; empty where it left none."""
    tables = sorted(outputs.rglob("train.csv"))
    if not tables:
        return []
    lines = [
        [cell.strip() for cell in line.split(",")]
        for line in tables[-1].read_text(encoding="utf-8").splitlines()
    ]
    header, rows = lines[0], lines[1:]
    found = []
    for row in rows:
        try:
            found.append({key: float(cell) for key, cell in zip(header, row, strict=True)})
        except ValueError:
            continue
    return found


def _seconds_per_window(training: PeerTraining, windows: Path, python: str, work: Path) -> float:
    """Processor time of a training step, per window, from two short trainings."""
    found = []
    for epochs in CALIBRATION_EPOCHS:
        told = _run_metatrain(
            training,
            (windows, CALIBRATION_WINDOWS, 2),
            epochs,
            python,
            work / f"{training.name}-calibration",
        )
        found.append(told["seconds"])
    few, many = CALIBRATION_EPOCHS
    return float(found[1] - found[0]) / ((many - few) * CALIBRATION_WINDOWS)


def _run_metatrain(
    training: PeerTraining,
    data: tuple[Path, int, int],
    epochs: int,
    python: str,
    folder: Path,
) -> dict[str, Any]:
    """One training in an empty folder; ``data`` is the windows' folder with both numbers."""
    windows, count, validation = data
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    parts = {"training": count, "validation": validation}
    for part, number in parts.items():
        first_windows(windows / part, folder / part, number)
    options = metatrain_options(training, folder / "training", folder / "validation", epochs)
    (folder / "options.yaml").write_text(yaml.safe_dump(options, sort_keys=False), encoding="utf-8")
    words = [python, str(GUEST_TRAIN), "options.yaml", "model.pt", "told.json"]
    run_guest(words, folder / "log", folder, f"{training.name}: metatrain")
    told: dict[str, Any] = json.loads((folder / "told.json").read_text(encoding="utf-8"))
    return told


def _require_standard_masses(data: Path) -> None:
    """metatrain 2026.3.1 cannot be told masses: it stumbles over atomic numbers as keys.

    Raises:
        ConfigError: the masses of the data are not those that it takes by itself.
    """
    with TrajectoryFile(data) as file:
        segment = next(iter(file))
        if not np.allclose(segment.masses, atomic_masses[segment.species], rtol=1e-5):
            raise ConfigError(f"{data}: masses are not ASE's, by which FlashMD is trained")
