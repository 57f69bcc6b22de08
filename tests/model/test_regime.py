"""The regime of a model's card: what it says, and what is refused."""

import pytest

from longstride.errors import FileFormatError
from longstride.model import ModelRegime

GOOD = {
    "species": [13],
    "masses": [26.98],
    "temperatures": [600.0, 300.0, 900.0],
    "number_density": [0.058, 0.0605],
}


def refusal(regime: object) -> str:
    with pytest.raises(FileFormatError) as caught:
        ModelRegime.of_card({"regime": regime}, "some/model.json")
    message = str(caught.value)
    assert message.startswith("some/model.json: regime")
    assert "\n" not in message
    return message


def test_ranges_of_a_card() -> None:
    regime = ModelRegime.of_card({"regime": GOOD, "training": {}}, "model.json")
    assert regime.species == (13,)
    assert regime.masses == (26.98,)
    assert regime.temperature == (300.0, 900.0)
    assert regime.density == (0.058, 0.0605)
    assert regime.lattice_constants == {}


def test_lattice_constants_survive_json() -> None:
    """Keys of JSON objects are strings."""
    regime = ModelRegime.of_card({"regime": {**GOOD, "lattice_constants": {"300.0": 4.06}}}, "")
    assert regime.lattice_constants == {300.0: 4.06}
    assert ModelRegime.model_validate_json(regime.model_dump_json()) == regime


def test_atoms_overlap_well_below_the_close_packed_distance() -> None:
    """fcc aluminium at 0.0605 atoms/Å³ has neighbours 2.86 Å apart."""
    regime = ModelRegime.of_card({"regime": GOOD}, "")
    assert regime.shortest_distance == pytest.approx(0.6 * 2.86, rel=2e-3)


@pytest.mark.parametrize("key", sorted(GOOD))
def test_missing_key_is_named(key: str) -> None:
    assert f"regime.{key}: Field required" in refusal(
        {name: value for name, value in GOOD.items() if name != key}
    )


@pytest.mark.parametrize("regime", [None, [], "aluminium", {}], ids=str)
def test_no_regime(regime: object) -> None:
    refusal(regime)


def test_card_without_a_regime() -> None:
    with pytest.raises(FileFormatError, match=r"model.json: regime: "):
        ModelRegime.of_card({}, "model.json")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"species": []}, "species: "),
        ({"masses": [-1.0]}, "masses.0: Input should be greater than 0"),
        ({"masses": [float("inf")]}, "masses.0: Input should be a finite number"),
        ({"masses": [26.98, 63.55]}, "2 masses for 1 species"),
        ({"temperatures": []}, "temperatures: "),
        ({"temperatures": [0.0]}, "temperatures.0: Input should be greater than 0"),
        ({"temperatures": ["hot"]}, "temperatures.0: Input should be a valid number"),
        ({"number_density": [0.06]}, "number_density"),
        ({"number_density": [0.061, 0.058]}, "must not decrease"),
        ({"number_density": [0.0, 0.058]}, "number_density.0: Input should be greater than 0"),
        ({"lattice_constants": {"300": -4.0}}, "lattice_constants.300"),
    ],
    ids=str,
)
def test_wrong_value_is_named(change: dict, reason: str) -> None:
    assert reason in refusal({**GOOD, **change})
