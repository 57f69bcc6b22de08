"""Limits of the signals of novelty: between temperatures, and what is refused of a card."""

import numpy as np
import pytest

from longstride.errors import FileFormatError
from longstride.model import GuardLimits

CARD = {
    "rate": 1e-8,
    "temperatures": [300.0, 600.0],
    "signals": {"distance": [[1.0, 2.0], [3.0, 4.0]], "neighbourhood": [[0.5, 0.6], [0.7, 0.8]]},
    "shapes": {"distance": [[0.0, 0.1], [0.2, 0.1]]},
    "runs": [1, 1],
}


def test_without_temperatures_the_limits_are_constant() -> None:
    plain = GuardLimits.model_validate(
        {**CARD, "temperatures": [], "signals": {"distance": [[1.0, 2.0]]}}
    )
    np.testing.assert_array_equal(plain.at("distance", 5.0), plain.at("distance", 5000.0))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"temperatures": [600.0, 300.0]}, "must increase"),
        ({"temperatures": [300.0]}, "2 rows for 1 temperatures"),
        ({"signals": {"distance": [[1.0], [2.0, 3.0]]}}, "different lengths"),
        ({"signals": {"surprise": [[1.0], [2.0]]}}, "no signal 'surprise'"),
        ({"signals": {"distance": [[-1.0], [2.0]]}}, "greater than 0"),
        ({"surprise": 1}, "Extra inputs"),
    ],
)
def test_a_wrong_card_is_one_line(change: dict, reason: str) -> None:
    with pytest.raises(FileFormatError, match=reason) as error:
        GuardLimits.of_card({"guard": {**CARD, **change}}, "net/model.json")
    assert str(error.value).startswith("net/model.json: guard")
    with pytest.raises(FileFormatError, match=r"net/model\.json: guard"):
        GuardLimits.of_card({}, "net/model.json")
