"""A FlashMD model at work in its own environment, asked from here."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from longstride.errors import LongstrideError
from longstride.reference.lammps_program import file_sha256, run_to_its_end
from longstride.state import State
from longstride.units import ASE_TIME

GUEST_RUN: Final = Path(__file__).parent / "guest_run.py"


def run_guest(words: Sequence[str], log: Path, folder: Path, what: str) -> None:
    """A program of the other environment, on one core, to its end.

    Raises:
        LongstrideError: it failed; with the last line it said.
    """
    code = run_to_its_end(words, log, folder)
    if code:
        last = log.read_text(encoding="utf-8", errors="replace").strip().rpartition("\n")[2]
        raise LongstrideError(f"{what} ended with exit code {code}: {last}")


@dataclass(frozen=True, slots=True)
class Hosted:
    """An exported FlashMD model.

    Attributes:
        name: in tables and file names.
        python: of an environment with FlashMD.
        folder: with ``model.pt`` and ``result.json`` of its training.
        stride: fs.
    """

    name: str
    python: str
    folder: Path
    stride: float

    @classmethod
    def of(cls, name: str, python: str, work: Path) -> "Hosted":
        """The model of a training.

        Raises:
            LongstrideError: it was not trained.
        """
        options = work / name / "result.json"
        if not options.exists():
            raise LongstrideError(f"{options}: not there; train {name} first")
        told = json.loads(options.read_text(encoding="utf-8"))
        return cls(name, python, work / name, float(told["settings"]["lag"]))

    def describe(self) -> dict[str, Any]:
        """Plain data that identifies the model: no paths."""
        return {"name": self.name, "sha256": file_sha256(self.folder / "model.pt")}

    def predict(self, starts: Sequence[State], strides: int) -> list[State]:
        """Every start, so many strides later, at constant energy."""
        out = self.folder / "predicted.npz"
        self._do("predict", starts, out, {"strides": strides})
        with np.load(out) as found:
            return [
                start.with_(
                    positions=q,
                    velocities=p / (ASE_TIME * start.masses[:, None]),
                    time=start.time + strides * self.stride,
                )
                for start, q, p in zip(starts, found["positions"], found["momenta"], strict=True)
            ]

    def roll(
        self, start: State, out: Path, *, strides: int, every: int, **ensemble: Any
    ) -> dict[str, Any]:
        """A run in FlashMD's own integrator, as an ASE trajectory.

        Args:
            start: where it begins.
            out: the file, ``.traj``.
            strides: of the model.
            every: strides between frames.
            ensemble: see ``guest_run.dynamics_of``.

        Returns:
            Strides done, why it broke down or None, processor seconds, versions.
        """
        self._do("roll", [start], out, {"strides": strides, "every": every, **ensemble})
        told: dict[str, Any] = json.loads(out.with_suffix(".json").read_text(encoding="utf-8"))
        return told

    def seconds_per_stride(
        self, start: State, *, warm_up: int, strides: int, **ensemble: Any
    ) -> float:
        """Processor time of one stride, by the clock of its own process."""
        out = self.folder / "time.json"
        self._do("time", [start], out, {"warm_up": warm_up, "strides": strides, **ensemble})
        return float(json.loads(out.read_text(encoding="utf-8"))["seconds"])

    def _do(self, kind: str, starts: Sequence[State], out: Path, settings: dict[str, Any]) -> None:
        task = out.with_name(f"{out.name}.task.npz")
        np.savez(
            task,
            numbers=starts[0].species,
            masses=starts[0].masses,
            positions=np.stack([one.positions for one in starts]),
            momenta=np.stack([ASE_TIME * one.momenta for one in starts]),
            cells=np.stack([one.cell for one in starts]),
            settings=json.dumps(settings),
        )
        words = [self.python, GUEST_RUN, kind, self.folder / "model.pt", task, out]
        run_guest(
            [str(word) for word in words],
            out.with_name(f"{out.name}.log"),
            self.folder,
            f"{self.name}: {kind}",
        )
