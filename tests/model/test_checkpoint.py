"""Models on disk: what is read is what was written, and anything else is refused in one line."""

import json
import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from longstride.errors import FileFormatError
from longstride.model import load_checkpoint, read_card, save_checkpoint

CARD = {"regime": {"species": [13, 29]}, "errors": {"w": 0.01}}
KINDS = pytest.mark.parametrize("kind", ["kicks", "staged"])


@pytest.fixture
def folder(make_model, tmp_path: Path) -> Path:
    """A small model, as written."""
    save_checkpoint(tmp_path / "model", make_model("staged").float(), CARD)
    return tmp_path / "model"


def weights(folder: Path) -> Path:
    return folder / "model.safetensors"


def change_card(folder: Path, **fields: object) -> None:
    path = folder / "model.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **fields}))


def refusal(folder: Path) -> str:
    """The message, which is one line and names a file of the folder."""
    with pytest.raises(FileFormatError) as caught:
        load_checkpoint(folder)
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith(str(folder))
    return message


@KINDS
@pytest.mark.parametrize("attention", [True, False])
def test_round_trip_predicts_the_same_bits(
    make_model, make_graph, tmp_path: Path, kind: str, attention: bool
) -> None:
    model = make_model(kind, attention=attention).float()
    graph, velocities = make_graph()
    graph = graph._replace(vectors=graph.vectors.float())
    save_checkpoint(tmp_path / "new" / "folder", model, CARD)
    loaded = load_checkpoint(tmp_path / "new" / "folder")
    assert type(loaded) is type(model)
    assert loaded.config == model.config
    assert not loaded.training
    with torch.no_grad():
        expected, got = model(graph, velocities.float()), loaded(graph, velocities.float())
    assert torch.equal(got.displacement, expected.displacement)
    assert torch.equal(got.velocity, expected.velocity)
    state, other = model.state_dict(), loaded.state_dict()
    assert state.keys() == other.keys()
    assert all(torch.equal(state[name], other[name]) for name in state)


def test_loading_leaves_the_random_numbers_alone(folder: Path) -> None:
    before = torch.get_rng_state()
    load_checkpoint(folder)
    assert torch.equal(torch.get_rng_state(), before)


def test_card_is_kept_and_no_temporary_file_is_left(folder: Path) -> None:
    card = read_card(folder)
    assert card["regime"] == CARD["regime"]
    assert card["errors"] == CARD["errors"]
    assert sorted(path.name for path in folder.iterdir()) == ["model.json", "model.safetensors"]


def test_card_of_another_model_does_not_replace_the_configuration(make_model, folder: Path) -> None:
    """A card that was read holds a configuration; the model written with it has its own."""
    other = make_model("kicks").float()
    save_checkpoint(folder, other, read_card(folder))
    assert load_checkpoint(folder).config == other.config


def test_saving_replaces_a_model(make_model, folder: Path) -> None:
    save_checkpoint(folder, make_model("kicks").float(), {})
    assert load_checkpoint(folder).config.map == "kicks"
    assert "errors" not in read_card(folder)


def test_missing_files(folder: Path, tmp_path: Path) -> None:
    assert "model.json" in refusal(tmp_path / "nowhere")
    weights(folder).unlink()
    assert "model.safetensors: no such file" in refusal(folder)
    (folder / "model.json").unlink()
    assert "not a model folder" in refusal(folder)


def test_file_in_place_of_the_folder(folder: Path) -> None:
    assert str(weights(folder)) in refusal(weights(folder))


def test_folders_in_place_of_the_files(folder: Path) -> None:
    weights(folder).unlink()
    weights(folder).mkdir()
    assert "it is a folder" in refusal(folder)
    (folder / "model.json").unlink()
    (folder / "model.json").mkdir()
    assert "it is a folder" in refusal(folder)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "cannot be read as JSON"),
        (b"{", "cannot be read as JSON"),
        (b"\xff\xfe\x00", "not a text file"),
        (b"[1, 2]", "schema None"),
        (b"null", "schema None"),
        (b"{}", "schema None"),
        (b'{"schema": 2}', "schema 2, this version reads 1"),
        (b'{"schema": "1"}', "schema '1'"),
        (b'{"schema": 1}', "config"),
        (b'{"schema": 1, "config": []}', "config"),
        (b'{"schema": 1, "config": {}}', r"config.species: Field required"),
        (b"[" * 100_000, "cannot be read as JSON"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_damaged_description(folder: Path, content: bytes, reason: str) -> None:
    (folder / "model.json").write_bytes(content)
    assert reason in refusal(folder)


def test_unknown_field_of_the_configuration(folder: Path) -> None:
    config = read_card(folder)["config"]
    change_card(folder, config={**config, "layers": 3})
    assert "config.layers: Extra inputs are not permitted" in refusal(folder)


@pytest.mark.parametrize("keep", [0, 4, 100, -1])
def test_truncated_weights(folder: Path, keep: int) -> None:
    content = weights(folder).read_bytes()
    weights(folder).write_bytes(content[:keep])
    assert "missing or damaged" in refusal(folder)


def test_scrambled_weights(folder: Path) -> None:
    weights(folder).write_bytes(np.random.default_rng(1).bytes(5000))
    assert "missing or damaged" in refusal(folder)


class Payload:
    """Unpickling this would run code."""

    ran = False

    def __reduce__(self) -> tuple:
        return setattr, (Payload, "ran", True)


def test_pickles_are_refused_and_not_run(folder: Path) -> None:
    weights(folder).write_bytes(pickle.dumps(Payload()))
    assert "missing or damaged" in refusal(folder)
    torch.save({"weight": torch.ones(3), "payload": Payload()}, weights(folder))
    assert "missing or damaged" in refusal(folder)
    assert not Payload.ran


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_values_that_are_not_finite(folder: Path, value: float) -> None:
    tensors = load_file(weights(folder))
    tensors["networks.1.encode.0.weight"][2, 1] = value
    save_file(tensors, weights(folder))
    assert "not finite" in refusal(folder)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"networks.0.scale": torch.ones(3)}, "networks.0.scale: shape [3], expected shape [2]"),
        ({"surplus": torch.ones(3)}, "surplus: shape [3], expected none"),
        ({"networks.0.scale": None}, "networks.0.scale: none, expected shape [2]"),
    ],
    ids=["shape", "surplus", "missing"],
)
def test_weights_of_another_shape_or_name(folder: Path, changes: dict, reason: str) -> None:
    tensors = {**load_file(weights(folder)), **changes}
    save_file({k: v for k, v in tensors.items() if v is not None}, weights(folder))
    assert f"do not fit the configuration ({reason})" in refusal(folder)


def test_weights_of_another_configuration(make_model, folder: Path, tmp_path: Path) -> None:
    save_checkpoint(tmp_path / "kicks", make_model("kicks").float(), CARD)
    shutil.copy(weights(tmp_path / "kicks"), weights(folder))
    assert "do not fit the configuration" in refusal(folder)
    config = read_card(folder)["config"]
    change_card(folder, config={**config, "network": {**config["network"], "hidden": 9}})
    assert "do not fit the configuration" in refusal(folder)


def test_a_model_is_as_readable_as_any_other_file(make_model, tmp_path) -> None:
    folder = tmp_path / "model"
    save_checkpoint(folder, make_model("kicks"), {})
    (tmp_path / "other").touch()
    modes = {path.stat().st_mode for path in (*folder.iterdir(), tmp_path / "other")}
    assert len(modes) == 1
