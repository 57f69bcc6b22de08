"""Where the data files of a recipe lie."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from longstride.errors import ConfigError


def data_files(raw: dict[str, Any], beside: Path, asker: str) -> list[Path]:
    """The data files of a plain recipe, found as :func:`find_files` does.

    Raises:
        ConfigError: ``asker`` needs them and the recipe names none, or one is in neither folder.
    """
    section = raw.get("data")
    files = section.get("files") if isinstance(section, dict) else None
    if not isinstance(files, list) or not files:
        raise ConfigError(f"{asker} needs data.files, or --data")
    return find_files([Path(str(file)) for file in files], beside)


def find_files(files: Sequence[Path], beside: Path) -> list[Path]:
    """Data files, each in the current folder or in ``beside``.

    Raises:
        ConfigError: a file is in neither.
    """
    found = []
    for file in files:
        places = [file] if file.is_absolute() else [file, beside / file]
        existing = [place for place in places if os.path.exists(place)]
        if not existing:
            looked = " nor ".join(dict.fromkeys(map(str, places)))
            raise ConfigError(
                f"data.files: there is no {looked}; make it with 'longstride generate' or "
                "'longstride import', or name another with --data"
            )
        found.append(existing[0])
    return found
