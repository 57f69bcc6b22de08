"""Whether two results are the same to the last bit."""

import csv
import io
import json
from pathlib import Path

import h5py
import numpy as np


def content(path: Path, skip: tuple[str, ...] = ("provenance",)) -> dict[str, bytes]:
    """Every dataset and attribute of an HDF5 file, with shape and type, as bytes by name."""
    found: dict[str, bytes] = {}

    def take(name: str, item: h5py.Group | h5py.Dataset) -> None:
        if isinstance(item, h5py.Dataset):
            found[name] = f"{item.shape} {item.dtype} ".encode() + np.asarray(item[()]).tobytes()
        for key, value in item.attrs.items():
            if key not in skip:
                found[f"{name}@{key}"] = np.asarray(value).tobytes()

    with h5py.File(path, "r") as file:
        file.visititems(take)
    return found


def different_files(whole: Path, other: Path) -> list[str]:
    """Names of what differs between two HDF5 files."""
    one, two = content(whole), content(other)
    return sorted(key for key in one.keys() | two.keys() if one.get(key) != two.get(key))


def log_without_seconds(path: Path) -> list[dict[str, str]]:
    """A learning curve without the time it took."""
    rows = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8")))
    return [{k: v for k, v in row.items() if k != "seconds"} for row in rows]


def without_minutes(path: Path) -> dict[str, object]:
    """A model's description without the time its training took."""
    card = json.loads(path.read_text(encoding="utf-8"))
    card["training"].pop("minutes")
    return dict(card)
