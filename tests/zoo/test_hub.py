"""Models pushed to and pulled from a hub that is a folder: checksums are looked at before use."""

import inspect
import json
import shutil
from pathlib import Path

import pytest

from longstride.cli.main import main
from longstride.errors import ConfigError, FileFormatError
from longstride.kernels import load_propagator
from longstride.zoo import model_checksum, resolve
from longstride.zoo.hub import HubApi, Place, pull_model, push_model
from longstride.zoo.manifest import MANIFEST, Manifest

PLACE = Place("lab/metals", "al")


class FolderHub:
    """The part of ``huggingface_hub.HfApi`` that is used, on the disk."""

    def __init__(self, root: Path) -> None:
        self.root, self.asked = root, []

    def hf_hub_download(self, repo_id, filename, *, revision=None, local_dir=None):
        self.asked.append((filename, revision))
        source, target = self.root / repo_id / filename, Path(local_dir) / filename
        if not source.is_file():
            raise RuntimeError(f"404 Client Error.\n\nEntry Not Found: {filename}")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        return str(target)

    def create_repo(self, repo_id, *, exist_ok=False):
        (self.root / repo_id).mkdir(parents=True, exist_ok=exist_ok)

    def upload_folder(self, *, repo_id, folder_path, path_in_repo, commit_message):
        assert commit_message
        shutil.copytree(folder_path, self.root / repo_id / path_in_repo, dirs_exist_ok=True)


@pytest.fixture
def hub(tmp_path: Path) -> FolderHub:
    """A hub that holds ``al-fast`` as lab/metals/al."""
    api = FolderHub(tmp_path / "hub")
    push_model(api, resolve("al-fast"), PLACE)
    return api


def pulled(hub: HubApi, folder: Path, checksum: str | None = None) -> str:
    """Pull the model."""
    return pull_model(hub, PLACE, folder, revision=None, checksum=checksum)


def names(folder: Path) -> list[str]:
    """What is in a folder, hidden files too."""
    return sorted(path.name for path in folder.iterdir())


def test_a_model_comes_back_as_it_was(hub: FolderHub, tmp_path: Path):
    source = resolve("al-fast")
    checksum = model_checksum(source)
    assert pulled(hub, tmp_path / "al", checksum) == checksum == model_checksum(tmp_path / "al")
    assert names(tmp_path / "al") == ["card.md", "model.json", "model.safetensors"]
    assert load_propagator(tmp_path / "al").stride == load_propagator(source).stride
    assert names(tmp_path) == ["al", "hub"]


def test_only_the_files_of_a_model_are_asked_for(hub: FolderHub, tmp_path: Path):
    (hub.root / "lab/metals/al/setup.py").write_text("raise SystemExit('run')")
    (hub.root / "lab/metals/al/model.pkl").write_text("")
    pull_model(hub, PLACE, tmp_path / "al", revision="v1", checksum=None)
    wanted = [MANIFEST, "model.json", "model.safetensors", "card.md"]
    assert hub.asked == [(f"al/{name}", "v1") for name in wanted]


@pytest.mark.parametrize("name", ["model.safetensors", "model.json", "card.md"])
def test_what_was_changed_on_its_way_is_not_used(hub: FolderHub, tmp_path: Path, name: str):
    path = hub.root / "lab/metals/al" / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(FileFormatError, match=rf"{name}: SHA-256 .* it was not used"):
        pulled(hub, tmp_path / "al")
    assert names(tmp_path) == ["hub"]


def test_a_whole_exchange_is_seen_by_who_knows_the_checksum(hub: FolderHub, tmp_path: Path):
    known = model_checksum(resolve("al-fast"))
    push_model(hub, resolve("cu"), PLACE)
    with pytest.raises(FileFormatError, match=f"has the checksum .*, not {known}; it was not used"):
        pulled(hub, tmp_path / "al", known)
    assert names(tmp_path) == ["hub"]


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        '{"schema": 2, "files": {}}',
        '{"schema": 1, "files": {"model.json": "0"}}',
        json.dumps({"schema": 1, "files": {"model.json": "0" * 64}}),
        json.dumps({"schema": 1, "files": {"../../evil": "0" * 64}}),
    ],
)
def test_a_manifest_that_is_none_is_refused(hub: FolderHub, tmp_path: Path, content: str):
    (hub.root / "lab/metals/al" / MANIFEST).write_text(content)
    with pytest.raises(FileFormatError, match=r"sha256\.json"):
        pulled(hub, tmp_path / "al")
    assert len(hub.asked) == 1
    assert names(tmp_path) == ["hub"]


def test_what_is_no_model_gets_no_folder(hub: FolderHub, tmp_path: Path):
    place = hub.root / "lab/metals/al"
    (place / "model.json").write_text("{}")
    (place / MANIFEST).write_text(Manifest.of_folder(place).text())
    with pytest.raises(FileFormatError, match="not the description of a model"):
        pulled(hub, tmp_path / "al")
    assert names(tmp_path) == ["hub"]


def test_the_command_line(hub: FolderHub, tmp_path: Path, monkeypatch, capsys):
    monkeypatch.setattr("longstride.cli.model_exchange.connect", lambda: hub)
    monkeypatch.chdir(tmp_path)
    assert main(["models", "cu", "--push", "lab/metals/cu"]) == 0
    _, words = capsys.readouterr().err.splitlines()
    assert main([*words.split()[1:], "-o", "copper"]) == 0
    assert model_checksum(tmp_path / "copper") in capsys.readouterr().err
    for given, complaint in (
        (["--pull", "lab/metals/zn"], "hub, lab/metals: 404 Client Error. Entry Not Found: zn/"),
        (["--pull", "metals/al"], "write OWNER/REPOSITORY/NAME"),
        (["--pull", "lab/metals/cu", "-o", "copper"], "copper: exists"),
        (["--pull", "lab/metals/cu", "-o", "no/copper"], "folder no does not exist"),
        (["al", "--pull", "lab/metals/cu"], "leave out 'al'"),
        (["--push", "lab/metals/cu"], "name one model to push"),
        (["al", "--sha256", "0"], "--sha256: goes with --pull"),
    ):
        assert main(["models", *given]) == 2
        error = capsys.readouterr().err
        assert complaint in error
        assert error.count("\n") == 1


def test_without_the_extra_it_is_said(tmp_path: Path, monkeypatch):
    from longstride.zoo.hub import connect

    monkeypatch.setitem(__import__("sys").modules, "huggingface_hub", None)
    with pytest.raises(ConfigError, match=r"longstride\[hub\]"):
        connect()


def test_the_client_takes_these_arguments():
    hub = pytest.importorskip("huggingface_hub", reason="the extra 'hub' is not installed")
    for name in ("hf_hub_download", "create_repo", "upload_folder"):
        used = inspect.signature(getattr(FolderHub, name)).parameters
        assert set(used) <= set(inspect.signature(getattr(hub.HfApi, name)).parameters)
