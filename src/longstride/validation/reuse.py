"""Parts of an experiment that are made once: files that know what they were made from."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from longstride.documents import read_json
from longstride.errors import FileFormatError
from longstride.files import write_text
from longstride.trajectory import TrajectoryFile


def fingerprint(**parts: Any) -> str:
    """SHA-256 of plain JSON data: all that determines one part of an experiment."""
    text = json.dumps(parts, sort_keys=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def is_trajectory_of(path: Path, mark: str) -> bool:
    """Whether a finished trajectory is there that carries this fingerprint."""
    if not path.is_file():
        return False
    try:
        with TrajectoryFile(path) as file:
            return file.provenance.get("fingerprint") == mark
    except FileFormatError:
        return False


def read_record(path: Path, mark: str) -> dict[str, Any] | None:
    """The content of a finished record of this fingerprint, or None."""
    try:
        content = read_json(path, "the record")
    except FileFormatError:
        return None
    if not isinstance(content, dict) or content.get("fingerprint") != mark:
        return None
    return content


def write_record(path: Path, mark: str, content: Mapping[str, Any]) -> None:
    """Write a record with its fingerprint under a temporary name and rename it when whole."""
    text = json.dumps({"fingerprint": mark, **content}, indent=1, allow_nan=False)
    write_text(path, text + "\n")
