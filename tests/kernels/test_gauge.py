"""Signals of novelty beside their limits: those of an atom's species and the temperature."""

import numpy as np

from longstride.kernels.gauge import FLUCTUATION, ModelGauge
from longstride.kernels.novelty import SiteNovelty
from longstride.model import GuardLimits
from longstride.state import State

CARD = {
    "rate": 1e-8,
    "temperatures": [300.0, 600.0],
    "signals": {"distance": [[1.0, 2.0], [3.0, 4.0]], "neighbourhood": [[0.5, 0.6], [0.7, 0.8]]},
    "shapes": {"distance": [[0.0, 0.1], [0.2, 0.1]]},
    "runs": [1, 1],
}


class Reader:
    """Signals that name their atom."""

    def at(self, state: State, species: np.ndarray) -> SiteNovelty:
        """Distances are 0, 1, 2, ..."""
        numbers = np.arange(state.n_atoms, dtype=float)
        return SiteNovelty(numbers, 0.1 * numbers, numbers)


def test_limits_are_those_of_the_kinetic_temperature_and_the_species(state: State) -> None:
    gauge = ModelGauge(Reader(), GuardLimits.model_validate(CARD), (29, 13))
    assert gauge.names == ("distance", "neighbourhood")
    spread = (2.0 / (3 * state.n_atoms - 3)) ** 0.5
    wanted = 450.0 / (1.0 + FLUCTUATION * spread)
    warm = state.with_(velocities=state.velocities * (wanted / state.temperature) ** 0.5)
    distance, neighbourhood = gauge.look(warm)
    copper = state.species == 29
    np.testing.assert_allclose(distance.limits[copper], 2.0)
    np.testing.assert_allclose(distance.limits[~copper], 3.0)
    np.testing.assert_allclose(neighbourhood.limits[copper], 0.6)
    np.testing.assert_array_equal(distance.values, np.arange(state.n_atoms))
    for factor, row in ((0.0, 0), (10.0, 1)):
        far = gauge.look(warm.with_(velocities=factor * warm.velocities))[0]
        np.testing.assert_allclose(far.limits[copper], CARD["signals"]["distance"][row][0])
