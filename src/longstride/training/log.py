"""The learning curve, as numbers (log.csv) and as a picture (learning.png)."""

import csv
import math
from dataclasses import dataclass
from pathlib import Path

from longstride.training.evaluate import StrideErrors


class LearningLog:
    """Rows of log.csv, one an evaluation.

    Columns: step, seconds of training, learning_rate, training_loss (mean since the row before),
    validation_loss, skipped steps, and the relative errors d[T] and w[T] of the averaged weights at
    the end of the stride for every temperature.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows: list[dict[str, float]] = []

    def restore(self, step: int) -> None:
        """Reads the rows up to ``step`` again and drops later ones, which a resumed run repeats."""
        if self.path.exists():
            with self.path.open(newline="", encoding="utf-8") as file:
                rows = [{k: float(v) for k, v in row.items()} for row in csv.DictReader(file)]
            self.rows = [row for row in rows if row["step"] <= step]
        self._write()

    def add(self, numbers: dict[str, float], errors: list[StrideErrors]) -> None:
        """Appends one row; the file is rewritten whole, under a temporary name."""
        row = dict(numbers)
        for entry in errors:
            label = "all" if entry.temperature is None else f"{entry.temperature:g}K"
            row[f"d[{label}]"], row[f"w[{label}]"] = entry.displacement[-1], entry.velocity[-1]
        self.rows.append(row)
        self._write()

    def _write(self) -> None:
        temporary = self.path.with_suffix(".tmp")
        with temporary.open("w", newline="", encoding="utf-8") as file:
            if self.rows:
                writer = csv.DictWriter(file, fieldnames=list(self.rows[0]))
                writer.writeheader()
                writer.writerows(self.rows)
        temporary.replace(self.path)

    def draw(self, path: Path) -> None:
        """The losses, and the relative errors by temperature, against training time."""
        from matplotlib.figure import Figure

        if not self.rows:
            return
        minutes = [row["seconds"] / 60.0 for row in self.rows]
        figure = Figure(figsize=(9.0, 3.6), layout="constrained")
        losses, errors = figure.subplots(1, 2)
        for name in ("training_loss", "validation_loss"):
            losses.plot(minutes, [row[name] for row in self.rows], label=name.replace("_", " "))
        losses.set_ylabel("relative-error loss")
        for name in self.rows[0]:
            if name.startswith(("d[", "w[")):
                style = "-" if name.startswith("w") else "--"
                errors.plot(minutes, [100.0 * row[name] for row in self.rows], style, label=name)
        errors.set_ylabel("relative error after one stride (%)")
        for axes in (losses, errors):
            axes.set_xlabel("training time (min)")
            axes.set_yscale("log")
            axes.legend(fontsize="small")
        temporary = path.with_suffix(".tmp.png")
        figure.savefig(temporary, dpi=120)
        temporary.replace(path)


@dataclass
class LossMean:
    """Mean of the training loss between evaluations; non-finite losses do not count."""

    total: float = 0.0
    count: int = 0

    def add(self, loss: float) -> None:
        """Counts a step."""
        if math.isfinite(loss):
            self.total += loss
            self.count += 1

    def take(self) -> float:
        """The mean since the last call; NaN for no step."""
        mean = self.total / self.count if self.count else math.nan
        self.total, self.count = 0.0, 0
        return mean
