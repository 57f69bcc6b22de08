"""One-stride errors of a model on held-out windows, by temperature and stage."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from longstride.dataset import Window, WindowSource
from longstride.graph import Batch
from longstride.model import StrideMap
from longstride.training.ranks import ALONE, Ranks

Array = NDArray[np.float64]


@dataclass(frozen=True)
class StrideErrors:
    """Errors of one temperature; tuples run over the stages.

    Attributes:
        temperature: K; None where the data states none.
        n_windows: windows measured on.
        stage_times: fs.
        displacement: RMS(Δd) / RMS(d), dimensionless.
        velocity: RMS(Δw) / RMS(w).
        displacement_uncertainty: standard error of ``displacement`` over windows; 0 for one window.
        velocity_uncertainty: the same of ``velocity``.
        displacement_rmse: RMS(Δd), Å.
        velocity_rmse: RMS(Δw), Å/fs.
    """

    temperature: float | None
    n_windows: int
    stage_times: tuple[float, ...]
    displacement: tuple[float, ...]
    velocity: tuple[float, ...]
    displacement_uncertainty: tuple[float, ...]
    velocity_uncertainty: tuple[float, ...]
    displacement_rmse: tuple[float, ...]
    velocity_rmse: tuple[float, ...]

    @property
    def label(self) -> str:
        """The temperature in words."""
        return "all" if self.temperature is None else f"{self.temperature:g} K"

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, plain: dict[str, Any]) -> "StrideErrors":
        """What ``as_dict`` gave, after JSON."""
        fields: dict[str, Any] = {
            k: tuple(v) if isinstance(v, list) else v for k, v in plain.items()
        }
        return cls(**fields)


def in_one_line(errors: Sequence[StrideErrors]) -> str:
    """``300 K 0.52/0.51, 600 K 0.82/0.81``: d/w at the stride's end in %, by temperature."""
    return ", ".join(
        f"{e.label} {100 * e.displacement[-1]:.2f}/{100 * e.velocity[-1]:.2f}" for e in errors
    )


class PredictionErrors(NamedTuple):
    """Prediction less reference at every stage, in float64.

    Attributes:
        displacement: (S, N, 3) Δd in Å.
        velocity: (S, N, 3) Δw in Å/fs.
        batch: the windows' own data.
    """

    displacement: Tensor
    velocity: Tensor
    batch: Batch


def prediction_errors(
    model: StrideMap, source: WindowSource, windows: Sequence[Window], device: torch.device | str
) -> PredictionErrors:
    """What a model in evaluation mode leaves unexplained of some windows."""
    batch = source.collate(windows)
    on_device = batch.to(device, torch.float32)
    with torch.no_grad():
        predicted = model(on_device.graph, on_device.velocities)
    return PredictionErrors(
        predicted.displacement.cpu().double() - batch.displacement.double(),
        predicted.velocity.cpu().double() - batch.velocity.double(),
        batch,
    )


def one_stride_errors(
    model: StrideMap,
    source: WindowSource,
    *,
    n_windows: int = 32,
    batch_windows: int = 4,
    device: torch.device | str = "cpu",
    ranks: Ranks = ALONE,
) -> list[StrideErrors]:
    """Errors at every stage time, one entry a temperature.

    Args:
        model: any stride map; it is left in evaluation mode.
        source: windows to measure on, read forwards and evenly spaced: two calls see the same.
        n_windows: windows of each temperature, fewer where there are fewer.
        batch_windows: windows evaluated at once.
        device: where the model is.
        ranks: processes that call this together, each for its share of the batches; batches and
            errors are the same for any number of them.
    """
    model.eval()
    errors = []
    for group in range(len(source.temperatures)):
        windows = source.spaced(group, n_windows)
        squares = torch.zeros(len(windows), 4, len(source.shape.stage_times), dtype=torch.float64)
        begins = range(0, len(windows), batch_windows)[ranks.rank :: ranks.size]
        for batch in (slice(k, k + batch_windows) for k in begins):
            squares[batch] = _mean_squares(model, source, windows[batch], device)
        ranks.sum(squares)
        errors.append(_group_errors(source, group, squares.numpy()))
    return errors


def _group_errors(source: WindowSource, group: int, squares: Array) -> StrideErrors:
    """Errors from each window's mean squares (W, 4, S) of Δd, d, Δw, w."""
    error_d, size_d, error_w, size_w = squares.mean(axis=0)
    return StrideErrors(
        temperature=source.temperatures[group],
        n_windows=len(squares),
        stage_times=source.shape.stage_times,
        displacement=_floats(np.sqrt(error_d / size_d)),
        velocity=_floats(np.sqrt(error_w / size_w)),
        displacement_uncertainty=_floats(_relative_uncertainty(squares[:, 0], squares[:, 1])),
        velocity_uncertainty=_floats(_relative_uncertainty(squares[:, 2], squares[:, 3])),
        displacement_rmse=_floats(np.sqrt(error_d)),
        velocity_rmse=_floats(np.sqrt(error_w)),
    )


def _mean_squares(
    model: StrideMap, source: WindowSource, windows: Sequence[Window], device: torch.device | str
) -> Tensor:
    """(W, 4, S) mean squares of Δd, d, Δw, w over each window's atoms and components."""
    errors = prediction_errors(model, source, windows, device)
    batch = errors.batch
    times = torch.tensor(source.shape.stage_times, dtype=torch.float64)[:, None, None]
    start = batch.velocities.double()
    residuals = (
        errors.displacement,
        batch.displacement.double() - times * start,
        errors.velocity,
        batch.velocity.double() - start,
    )
    per_atom = torch.stack([r.square().mean(-1) for r in residuals])  # (4, S, N)
    sizes = [window.block.segment.n_atoms for window in windows]
    return torch.stack([part.mean(-1) for part in per_atom.split(sizes, dim=-1)])


def _relative_uncertainty(error: Array, size: Array) -> Array:
    """Standard error over windows (W, S) of sqrt(⟨error⟩/⟨size⟩), first order; 0 for one window."""
    if len(error) < 2:
        return np.zeros(error.shape[1])
    ratio = error.mean(0) / size.mean(0)
    scatter = (error - ratio * size).std(axis=0, ddof=1) / np.sqrt(len(error)) / size.mean(0)
    return scatter / (2.0 * np.sqrt(np.maximum(ratio, 1e-30)))


def _floats(values: Array) -> tuple[float, ...]:
    return tuple(float(value) for value in values)
