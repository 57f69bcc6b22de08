"""Normal equations against NumPy's least squares."""

import numpy as np
import pytest
import torch

from longstride.model.ridge import PENALTY, NormalEquations


def assert_solves(rows: np.ndarray, solution: np.ndarray, expected: np.ndarray) -> None:
    """The solution is the expected one, but for what the penalty may take from it.

    In units of the features' sizes, with C their correlations, ridge has x - λ (C + λ)⁻¹ x for the
    x of least squares: off by at most λ over the smallest eigenvalue of C that is not zero.
    """
    size = np.sqrt(np.sum(rows**2, axis=0))
    values = np.linalg.eigvalsh((rows / size).T @ (rows / size))
    allowed = PENALTY / values[values > 1e-6].min() * np.linalg.norm(size * expected)
    assert np.linalg.norm(size * (solution - expected)) < allowed


@pytest.fixture
def problem() -> tuple[np.ndarray, np.ndarray]:
    """Noisy linear data with features of very different size."""
    rng = np.random.default_rng(4)
    rows = rng.standard_normal((300, 7)) * 10.0 ** np.arange(-4, 3)
    target = rows @ rng.standard_normal(7) + 0.1 * rng.standard_normal(300)
    return rows, target


def test_solution_is_least_squares(problem) -> None:
    rows, target = problem
    equations = NormalEquations(7)
    for part in np.array_split(np.arange(300), 4):
        equations.add(torch.from_numpy(rows[part]), torch.from_numpy(target[part]), 2.5)
    expected = np.linalg.lstsq(rows, target, rcond=None)[0]
    assert_solves(rows, equations.solve().numpy(), expected)


def test_scale_weighs_the_equations(problem) -> None:
    """Each set of equations counts with its relative error."""
    rows, target = problem
    weights = np.where(np.arange(300) < 100, 1.0, 0.05)
    equations = NormalEquations(7)
    equations.add(torch.from_numpy(rows[:100]), torch.from_numpy(target[:100]), 1.0)
    equations.add(torch.from_numpy(rows[100:]), torch.from_numpy(target[100:]), 20.0)
    rows, target = rows * weights[:, None], target * weights
    expected = np.linalg.lstsq(rows, target, rcond=None)[0]
    assert_solves(rows, equations.solve().numpy(), expected)


@pytest.mark.parametrize("rounding", [0.0, 1e-17])
def test_feature_that_is_always_zero_gets_zero(problem, rounding: float) -> None:
    rows, target = problem
    noise = np.random.default_rng(9).standard_normal(len(rows))
    rows = np.insert(rows, 3, rounding * noise, axis=1)
    equations = NormalEquations(8)
    equations.add(torch.from_numpy(rows), torch.from_numpy(target), 1.0)
    solution = equations.solve().numpy()
    assert solution[3] == 0.0
    rows = np.delete(rows, 3, axis=1)
    expected = np.linalg.lstsq(rows, target, rcond=None)[0]
    assert_solves(rows, np.delete(solution, 3), expected)


def test_repeated_feature_shares_its_weight(problem) -> None:
    """The penalty makes a singular problem regular: the smallest solution is taken."""
    rows, target = problem
    expected = np.linalg.lstsq(rows, target, rcond=None)[0]
    rows = rows[:, [*range(7), 6]]
    equations = NormalEquations(8)
    equations.add(torch.from_numpy(rows), torch.from_numpy(target), 1.0)
    halves = np.array([*expected[:6], expected[6] / 2, expected[6] / 2])
    assert_solves(rows, equations.solve().numpy(), halves)
