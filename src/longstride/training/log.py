"""The learning curve, as numbers (log.csv) and as a picture (learning.png)."""

import csv
import math
from dataclasses import dataclass
from pathlib import Path

from longstride.documents import read_text
from longstride.errors import FileFormatError
from longstride.files import replacing
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
            self.rows = [row for row in self._read() if row["step"] <= step]
        self._write()

    def _read(self) -> list[dict[str, float]]:
        """Raises FileFormatError where the file is none of this class's."""
        lines = read_text(self.path, "the learning curve").splitlines()
        try:
            rows = [{k: float(v) for k, v in row.items()} for row in csv.DictReader(lines)]
            if any(set(row) != set(rows[0]) or "step" not in row for row in rows):
                raise ValueError("uneven rows")
        except (ValueError, TypeError, csv.Error):
            raise FileFormatError(
                f"{self.path}: damaged learning curve; remove it to go on without its rows"
            ) from None
        return rows

    def add(self, numbers: dict[str, float], errors: list[StrideErrors]) -> None:
        """Appends one row; the file is rewritten whole, under a temporary name."""
        row = dict(numbers)
        for entry in errors:
            label = "all" if entry.temperature is None else f"{entry.temperature:g}K"
            row[f"d[{label}]"], row[f"w[{label}]"] = entry.displacement[-1], entry.velocity[-1]
        self.rows.append(row)
        self._write()

    def _write(self) -> None:
        with (
            replacing(self.path) as temporary,
            temporary.open("w", newline="", encoding="utf-8") as file,
        ):
            if self.rows:
                writer = csv.DictWriter(file, fieldnames=list(self.rows[0]))
                writer.writeheader()
                writer.writerows(self.rows)

    def draw(self, path: Path) -> None:
        """The losses, and the relative errors by temperature, against training time."""
        from matplotlib import colormaps
        from matplotlib.figure import Figure
        from matplotlib.ticker import LogFormatter

        if not self.rows:
            return
        minutes = [row["seconds"] / 60.0 for row in self.rows]
        figure = Figure(figsize=(10.0, 3.6), layout="constrained")
        losses, errors = figure.subplots(1, 2)
        for name in ("training_loss", "validation_loss"):
            losses.plot(minutes, [row[name] for row in self.rows], label=name.replace("_", " "))
        losses.set_ylabel("relative-error loss")
        losses.legend()
        labels = [name[2:-1] for name in self.rows[0] if name.startswith("d[")]
        colors = colormaps["plasma"](
            [0.85 * k / max(len(labels) - 1, 1) for k in range(len(labels))]
        )
        for label, color in zip(labels, colors, strict=True):
            for target, style in (("w", "-"), ("d", "--")):
                values = [100.0 * row[f"{target}[{label}]"] for row in self.rows]
                entry = label if target == "w" else None
                errors.plot(minutes, values, style, color=color, label=entry)
        errors.set_ylabel("one-stride error (%): w solid, d dashed")
        figure.legend(*errors.get_legend_handles_labels(), loc="outside right upper")
        for axes in (losses, errors):
            axes.set_xlabel("training time (min)")
            axes.set_yscale("log")
        errors.yaxis.set_major_formatter(LogFormatter(labelOnlyBase=False))
        errors.yaxis.set_minor_formatter(LogFormatter(minor_thresholds=(2.0, 0.5)))
        with replacing(path) as temporary:
            figure.savefig(temporary, format="png", dpi=120)


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
