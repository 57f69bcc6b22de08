"""Lines and Arrhenius laws: exact where the points are, with honest errors where they scatter."""

import numpy as np
import pytest

from longstride.analysis import arrhenius, weighted_line
from longstride.errors import LongstrideError
from longstride.units import BOLTZMANN

KELVIN = np.array([800.0, 1000.0, 1300.0, 1700.0])


def test_exact_points_give_the_exact_law():
    values = 40.0 * np.exp(-0.3 / (BOLTZMANN * KELVIN))
    law = arrhenius(KELVIN, values, 0.01 * values)
    assert law.energy.value == pytest.approx(0.3, rel=1e-12)
    assert np.exp(law.log_prefactor.value) == pytest.approx(40.0, rel=1e-12)
    assert law.at(1150.0).value == pytest.approx(40.0 * np.exp(-0.3 / (BOLTZMANN * 1150.0)))
    assert law.line.chi_squared == pytest.approx(0.0, abs=1e-16)


def test_a_line_is_that_of_numpy():
    rng = np.random.default_rng(3)
    y, sigma = rng.normal(size=4), rng.uniform(0.5, 2.0, 4)
    line = weighted_line(KELVIN, y, sigma)
    coefficients, covariance = np.polyfit(KELVIN, y, 1, w=1 / sigma, cov="unscaled")
    assert line.slope.value == pytest.approx(coefficients[0])
    assert line.slope.error == pytest.approx(np.sqrt(covariance[0, 0]))
    assert line.at(0.0).value == pytest.approx(coefficients[1])
    assert line.at(0.0).error == pytest.approx(np.sqrt(covariance[1, 1]))


def test_errors_are_those_of_repeated_measurements():
    rng = np.random.default_rng(11)
    true = 40.0 * np.exp(-0.3 / (BOLTZMANN * KELVIN))
    sigma = 0.02 * true
    laws = [arrhenius(KELVIN, rng.normal(true, sigma), sigma) for _ in range(1500)]
    z = np.array([(law.energy.value - 0.3) / law.energy.error for law in laws])
    assert abs(z.mean()) < 4 / np.sqrt(len(z))
    assert abs(z.std() - 1.0) < 4 / np.sqrt(2 * len(z))
    chi = np.array([law.line.chi_squared for law in laws])
    assert abs(chi.mean() - 2.0) < 4 * np.sqrt(4 / len(chi))


@pytest.mark.parametrize(
    ("values", "errors", "said"),
    [
        ([1.0, 1.0, 1.0, -1.0], [0.1] * 4, "at 1700 K the value is not above zero by 3 errors"),
        ([1.0, 1.0, 1.0, 1.0], [0.1, 0.1, 0.5, 0.1], "at 1300 K"),
        ([1.0, 1.0, 1.0, 1.0], [0.1, 0.0, 0.1, 0.1], "an error is zero"),
        ([1.0, 1.0], [0.1, 0.1], "at least 3"),
    ],
)
def test_what_cannot_be_fitted_is_refused(values: list[float], errors: list[float], said: str):
    with pytest.raises(LongstrideError, match=said):
        arrhenius(KELVIN[: len(values)], values, errors)
