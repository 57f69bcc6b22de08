"""Finding a model by the name it ships under, or by its folder.

A shipped model is a folder ``models/<name>`` beside this file, with ``model.safetensors``,
``model.json`` and, for people, ``card.md``.
"""

import hashlib
from pathlib import Path
from typing import Final

from longstride.errors import ConfigError

MODELS: Final = Path(__file__).parent / "models"
"""The folder of the shipped models."""

DESCRIPTION: Final = "model.json"
WEIGHTS: Final = "model.safetensors"
CARD: Final = "card.md"


def shipped() -> tuple[str, ...]:
    """Names of the shipped models, sorted."""
    return tuple(sorted(path.parent.name for path in MODELS.glob(f"*/{DESCRIPTION}")))


def resolve(name_or_path: str | Path) -> Path:
    """The checkpoint folder of a shipped name, or of a path to a model or training folder.

    A shipped name wins over a folder of the same name in the working directory; write ``./name``
    for the folder.

    Raises:
        ConfigError: there is no such model, or the folder holds none.
    """
    names = shipped()
    if str(name_or_path) in names:
        return MODELS / name_or_path
    folder = Path(name_or_path)
    if folder.name in (DESCRIPTION, WEIGHTS) and folder.is_file():
        folder = folder.parent
    for candidate in (folder, folder / "model"):
        if (candidate / DESCRIPTION).is_file() and (candidate / WEIGHTS).is_file():
            return candidate
    if folder.exists():
        raise ConfigError(
            f"{folder}: not a model folder, which has {DESCRIPTION} and {WEIGHTS}; "
            "give the folder 'model' of a training run"
        )
    raise ConfigError(
        f"no model '{name_or_path}': shipped are {', '.join(names) or 'none'}; "
        "or give the path of a model folder"
    )


def model_checksum(folder: Path) -> str:
    """SHA-256 of a checkpoint's description and weights."""
    digest = hashlib.sha256()
    for name in (DESCRIPTION, WEIGHTS):
        digest.update(hashlib.sha256((folder / name).read_bytes()).digest())
    return digest.hexdigest()
