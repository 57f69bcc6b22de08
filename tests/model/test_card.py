"""The card of a model: what it says, in which order it is refused, and that torch is not loaded."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from longstride.errors import FileFormatError
from longstride.model import Card, ModelConfig, add_to_card, read_card

REGIME = {
    "species": [13],
    "masses": [26.98],
    "temperatures": [300.0, 900.0],
    "number_density": [0.058, 0.0605],
}
GUARD = {
    "rate": 1e-8,
    "temperatures": [],
    "signals": {"distance": [[1.0]]},
    "shapes": {},
    "runs": [],
}
RESIDUALS = {
    "temperatures": [300.0],
    "species": {"13": [{"displacement": 1e-6, "cross": 0.0, "velocity": 1e-9}]},
    "windows": [8],
}
CONFIG = {"species": [13], "masses": [26.98]}


def written(folder: Path, **blocks: object) -> Path:
    """A folder with a card of these blocks; no weights beside it."""
    whole = {"schema": 1, "config": CONFIG, "regime": REGIME, **blocks}
    kept = {name: block for name, block in whole.items() if block is not None}
    (folder / "model.json").write_text(json.dumps(kept))
    return folder


def refusal(folder: Path) -> str:
    with pytest.raises(FileFormatError) as caught:
        Card.read(folder)
    message = str(caught.value)
    assert message.startswith(f"{folder / 'model.json'}: ")
    assert "\n" not in message
    return message


def test_a_card_without_more_states_configuration_and_regime(tmp_path: Path) -> None:
    card = Card.read(written(tmp_path))
    assert card.folder == tmp_path
    assert card.config == ModelConfig(species=(13,), masses=(26.98,))
    assert card.regime.temperature == (300.0, 900.0)
    assert card.residuals is None
    assert card.limits is None


def test_what_was_measured_later_is_read_too(tmp_path: Path) -> None:
    folder = written(tmp_path, config={**CONFIG, "guard": True}, guard=GUARD)
    add_to_card(folder, {"residual_covariance": RESIDUALS})
    card = Card.read(folder)
    assert card.residuals is not None
    assert card.residuals.heating_at(300.0) == 0.0
    assert card.limits is not None
    assert card.limits.at("distance", 300.0).tolist() == [1.0]
    assert read_card(folder)["guard"] == GUARD


def test_limits_are_asked_for_where_the_model_has_a_guard_and_not_else(tmp_path: Path) -> None:
    assert Card.read(written(tmp_path, guard={"rate": "unknown"})).limits is None
    folder = written(tmp_path, config={**CONFIG, "guard": True})
    assert refusal(folder).startswith(f"{folder / 'model.json'}: guard")


def test_the_first_fault_is_told(tmp_path: Path) -> None:
    wrong = {
        "regime": {**REGIME, "species": []},
        "residual_covariance": {},
        "config": {**CONFIG, "guard": True, "layers": 3},
        "guard": {},
    }
    for name in tuple(wrong):
        assert f"model.json: {name}." in refusal(written(tmp_path, **wrong))
        if name == "config":
            wrong[name] = {**CONFIG, "guard": True}
        else:
            del wrong[name]


def test_cards_are_read_without_torch(tmp_path: Path) -> None:
    """In a process of its own, which has not loaded it for other tests."""
    folder = written(tmp_path, config={**CONFIG, "guard": True}, guard=GUARD)
    script = (
        "import sys; from pathlib import Path; from longstride.model import Card; "
        f"Card.read(Path({str(folder)!r})); sys.exit('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr or "reading a card loads torch"
