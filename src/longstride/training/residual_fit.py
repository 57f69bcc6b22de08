"""The covariance of a trained model's one-stride residual, measured on data it was not fitted to.

For windows of each temperature, Δd and Δw are prediction less reference at the stride's end. A
bulk crystal's components are alike, so the covariance of an atom is one 2×2 matrix times the
identity: the mean over atoms of a species, components and windows of the products of Δd and Δw.
"""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from longstride.dataset import Window, WindowSource
from longstride.model import ModelResiduals, StrideMap
from longstride.model.residuals import BLOCK, Covariance
from longstride.training.evaluate import prediction_errors
from longstride.training.report import TrainingReport
from longstride.training.sources import Sources

WINDOWS = 32
"""Windows of each temperature."""

Array = NDArray[np.float64]


def residuals_of_card(
    model: StrideMap,
    sources: Sources,
    report: TrainingReport,
    *,
    device: torch.device | str = "cpu",
) -> dict[str, Any]:
    """The block of a model's card: what :func:`measure_residuals` finds on the validation data.

    Args:
        model: trained.
        sources: the validation windows are used.
        report: told what happens.
        device: where the model is.
    """
    report.started("residual: its covariance after one stride, on validation data ...")
    found = measure_residuals(model, sources.validation, device=device)
    return {} if found is None else {BLOCK: found.model_dump(mode="json")}


def measure_residuals(
    model: StrideMap,
    source: WindowSource,
    *,
    n_windows: int = WINDOWS,
    device: torch.device | str = "cpu",
) -> ModelResiduals | None:
    """Covariances by species and temperature.

    A species that has no atom in the data of some temperature is left out. None where all are, or
    where the data states no temperatures.

    Args:
        model: any stride map; it is left in evaluation mode.
        source: windows to measure on, read forwards and evenly spaced.
        n_windows: of each temperature, fewer where there are fewer.
        device: where the model is.
    """
    model.eval()
    table: dict[float, tuple[dict[int, Covariance], int]] = {}
    for group, temperature in enumerate(source.temperatures):
        windows = source.spaced(group, n_windows)
        if temperature is not None and windows:
            table[temperature] = (_covariances(model, source, windows, device), len(windows))
    if not table:
        return None
    temperatures = tuple(sorted(table))
    common = set.intersection(*(set(found) for found, _ in table.values()))
    if not common:
        return None
    return ModelResiduals(
        temperatures=temperatures,
        species={z: tuple(table[t][0][z] for t in temperatures) for z in sorted(common)},
        windows=tuple(table[t][1] for t in temperatures),
    )


def _covariances(
    model: StrideMap, source: WindowSource, windows: list[Window], device: torch.device | str
) -> dict[int, Covariance]:
    """By atomic number; sums over windows, each of which may hold other atoms."""
    sums: dict[int, Array] = {}
    for window in windows:
        errors = prediction_errors(model, source, [window], device)
        pair = torch.stack([errors.displacement[-1], errors.velocity[-1]]).numpy()
        numbers = window.block.segment.species
        for number in np.unique(numbers).tolist():
            own = pair[:, numbers == number].reshape(2, -1)
            products = np.append((own @ own.T).ravel()[[0, 1, 3]], own.shape[1])
            sums[number] = sums.get(number, np.zeros(4)) + products
    return {
        number: Covariance(displacement=dd / n, cross=dw / n, velocity=ww / n)
        for number, (dd, dw, ww, n) in sums.items()
    }
