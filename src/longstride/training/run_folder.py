"""The folder of one training: what it was made from, how it went, and the model that came out."""

import json
import platform
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import yaml

from longstride import __version__
from longstride.documents import read_json, read_yaml
from longstride.errors import ConfigError, FileFormatError
from longstride.files import named, write_text
from longstride.training.config import TrainConfig

FREE_TO_CHANGE = ("budget", "threads", "device", "precision", "regime")
"""Sections a resumed training may have changed."""


@dataclass(frozen=True)
class RunFolder:
    """Paths in a run folder; see ``create`` and ``reopen``."""

    path: Path

    @property
    def last(self) -> Path:
        """Checkpoint to continue from."""
        return self.path / "checkpoints" / "last.safetensors"

    @property
    def best(self) -> Path:
        """Averaged weights with the smallest validation loss."""
        return self.path / "checkpoints" / "best.safetensors"

    @property
    def log(self) -> Path:
        """Learning curve, one row an evaluation."""
        return self.path / "log.csv"

    @property
    def picture(self) -> Path:
        """Learning curve as a picture."""
        return self.path / "learning.png"

    @property
    def baseline(self) -> Path:
        """Errors of the start, the ridge solution."""
        return self.path / "baseline.json"

    @property
    def errors(self) -> Path:
        """Errors of the final model beside the ridge solution."""
        return self.path / "errors.json"

    @property
    def model(self) -> Path:
        """The final model."""
        return self.path / "model"

    @classmethod
    def create(cls, path: Path, config: TrainConfig, sha256: dict[str, str]) -> "RunFolder":
        """Makes the folder and writes the resolved recipe and the provenance.

        Raises:
            ConfigError: the folder holds something already.
        """
        if path.exists() and (not path.is_dir() or any(path.iterdir())):
            raise ConfigError(
                f"{path} is not empty: continue it with --resume, or choose another folder with -o"
            )
        return cls._begin(path, config, sha256)

    @classmethod
    def _begin(cls, path: Path, config: TrainConfig, sha256: dict[str, str]) -> "RunFolder":
        with named(path):
            (path / "checkpoints").mkdir(parents=True, exist_ok=True)
        run = cls(path)
        write_json(path / "provenance.json", provenance(config, sha256))
        run._write_config(config)
        return run

    @classmethod
    def reopen(cls, path: Path, config: TrainConfig, sha256: dict[str, str]) -> "RunFolder":
        """An existing folder, after a check that recipe and data are those it was started with.

        Raises:
            ConfigError: they differ, or there is nothing to continue.
        """
        run = cls(path)
        if not (path / "config.yaml").exists():
            if path.is_dir() and _barely_begun(path):
                return cls._begin(path, config, sha256)
            raise ConfigError(f"{path}: no run here to continue; train without --resume")
        try:
            before = without_files(read_yaml(path / "config.yaml", "the recipe of the run"))
            hashes = dict(read_json(path / "provenance.json", "the provenance")["data"])
        except (ValueError, KeyError, TypeError) as error:
            raise FileFormatError(f"{path}: damaged run folder: {error}") from None
        now = without_files(as_plain(config))
        for key in now.keys() | before.keys():
            changed = before.get(key) != now.get(key)
            if changed and key not in FREE_TO_CHANGE:
                raise ConfigError(
                    f"{path} was started with another '{key}' section (see its config.yaml): "
                    "restore it, or train in another folder"
                )
        if sorted(hashes.values()) != sorted(sha256.values()):
            raise ConfigError(f"{path} was started on other data: the checksums differ")
        run._write_config(config)
        return run

    def _write_config(self, config: TrainConfig) -> None:
        text = yaml.safe_dump(as_plain(config), sort_keys=False, allow_unicode=True)
        write_text(self.path / "config.yaml", text)


def _barely_begun(path: Path) -> bool:
    """Whether a training was killed before its recipe was in the folder, so nothing is lost."""
    own = {"checkpoints", "provenance.json", "provenance.json.partial", "config.yaml.partial"}
    found = {entry.name for entry in path.iterdir()}
    return found <= own and not any((path / "checkpoints").glob("*"))


def as_plain(config: TrainConfig) -> dict[str, Any]:
    """The recipe with every default written out, as plain data."""
    return json.loads(config.model_dump_json())


def without_files(plain: dict[str, Any]) -> dict[str, Any]:
    """A plain recipe less the names of data files and parent, which move; checksums tell them."""
    parent = plain.get("parent")
    placeless = parent and {**parent, "model": None}
    return {**plain, "data": {**plain["data"], "files": None}, "parent": placeless}


def portable(config: TrainConfig) -> dict[str, Any]:
    """The plain recipe with data files' names but not their folders, to go with a model."""
    plain = as_plain(config)
    names = [file.name for file in config.data.files]
    parent = config.parent and {**plain["parent"], "model": Path(config.parent.model).name}
    return {**plain, "data": {**plain["data"], "files": names}, "parent": parent}


def provenance(config: TrainConfig, sha256: dict[str, str]) -> dict[str, Any]:
    """What a training was made with: versions, machine, seed and checksums of the data."""
    packages = ("torch", "numpy", "vesin", "h5py", "safetensors")
    return {
        "longstride": __version__,
        "python": platform.python_version(),
        "packages": {name: version(name) for name in packages},
        "machine": {"system": platform.system(), "architecture": platform.machine()},
        "seed": config.seed,
        "data": {Path(name).name: value for name, value in sha256.items()},
        "parent": None if config.parent is None else config.parent.model_dump(mode="json"),
    }


def write_json(path: Path, value: object) -> None:
    """Writes JSON under a temporary name and renames it when whole."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")
