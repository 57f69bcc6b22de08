"""The residual of a model's card: what it says between temperatures, and what is refused."""

import copy
from pathlib import Path

import numpy as np
import pytest

from longstride.errors import FileFormatError, RegimeError
from longstride.model import Card, ModelResiduals, read_card
from longstride.zoo import resolve, shipped

GOOD = {
    "temperatures": [300.0, 600.0],
    "species": {
        "13": [
            {"displacement": 1e-6, "cross": 1e-8, "velocity": 1e-9},
            {"displacement": 3e-6, "cross": -1e-8, "velocity": 2e-9},
        ]
    },
    "windows": [32, 30],
}


def changed(**changes: object) -> dict[str, object]:
    return copy.deepcopy(GOOD) | changes


def test_between_temperatures_it_is_linear_and_beyond_constant():
    found = ModelResiduals.of_card({"residual_covariance": GOOD}, "model.json")
    assert found is not None
    np.testing.assert_allclose(found.covariance(13, 450.0), [[2e-6, 0.0], [0.0, 1.5e-9]])
    np.testing.assert_array_equal(found.covariance(13, 100.0), found.covariance(13, 300.0))
    np.testing.assert_array_equal(found.covariance(13, 2000.0), found.covariance(13, 600.0))
    assert ModelResiduals.model_validate_json(found.model_dump_json()) == found
    with pytest.raises(RegimeError, match="no residual was measured for atomic number 29"):
        found.covariance(29, 300.0)


def test_the_heating_is_linear_too_and_none_where_it_was_not_measured():
    found = ModelResiduals.of_card(
        {"residual_covariance": changed(heating=[1e-6, 3e-6])}, "model.json"
    )
    assert found is not None
    assert found.heating_at(450.0) == pytest.approx(2e-6)
    assert found.heating_at(2000.0) == 3e-6
    assert ModelResiduals.model_validate(GOOD).heating_at(300.0) == 0.0


def test_a_card_without_it_states_none():
    assert ModelResiduals.of_card({"regime": {}}, "model.json") is None


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        ("nonsense", "residual_covariance: "),
        (changed(temperatures=[600.0, 300.0]), "must increase"),
        (changed(windows=[32]), "one entry for each of 2 temperatures"),
        (changed(heating=[1e-6]), "one entry for each of 2 temperatures"),
        (changed(heating=[1e-6, 1.0]), "residual_covariance.heating.1: "),
        (changed(temperatures=[]), "residual_covariance.temperatures: "),
        (changed(extra=1), "residual_covariance.extra: "),
        (
            changed(species={"13": [{"displacement": 1e-6, "cross": 1e-3, "velocity": 1e-9}] * 2}),
            "the covariance is not positive",
        ),
        (
            changed(species={"13": [{"displacement": -1.0, "cross": 0.0, "velocity": 1e-9}] * 2}),
            "residual_covariance.species.13.0.displacement: ",
        ),
    ],
)
def test_a_damaged_block_is_one_line(block: object, expected: str):
    with pytest.raises(FileFormatError) as caught:
        ModelResiduals.of_card({"residual_covariance": block}, "some/model.json")
    message = str(caught.value)
    assert message.startswith("some/model.json: ")
    assert expected in message
    assert "\n" not in message


@pytest.mark.parametrize("name", shipped())
def test_the_shipped_models_state_theirs_over_their_range(name: str):
    """Of kinetic energy, a stride leaves less than a thousandth unexplained in the range."""
    folder: Path = resolve(name)
    card = Card.read(folder)
    residuals, regime = card.residuals, card.regime
    assert residuals is not None
    assert card.config.map == "kicks"
    assert residuals.temperatures[0] <= regime.temperature[0]
    assert residuals.temperatures[-1] >= regime.temperature[1]
    sizes = [residuals.covariance(regime.species[0], t)[1, 1] for t in residuals.temperatures]
    assert sizes[-1] > sizes[0]
    # Data of several compositions or cells (crystal, melt, slab) is not the same at every
    # temperature.
    alike = len(regime.species) == 1 and len(read_card(folder)["regime"]["n_atoms"]) == 1
    assert np.all(np.diff(sizes) > 0) or not alike
