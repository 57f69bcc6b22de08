"""The folder of finished parts beside an unfinished file, which makes generation resumable."""

import json
import os
import shutil
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from longstride.documents import read_json
from longstride.errors import FileFormatError
from longstride.files import lock_folder, write_text
from longstride.reference.engine import Array
from longstride.reference.sampling import RelaxedCell
from longstride.trajectory import TrajectoryFile, TrajectoryWriter

FINGERPRINT = "fingerprint"


class Parts:
    """``OUTPUT.parts/``: one trajectory file a finished run, one JSON file a relaxed cell.

    A context manager: it holds a lock, so that two programs do not fill the same folder.

    Raises:
        ConfigError: another program fills the folder.
    """

    def __init__(self, output: Path) -> None:
        self.folder = output.with_name(output.name + ".parts")

    def __enter__(self) -> Self:
        self.folder.mkdir(exist_ok=True)
        self._lock = lock_folder(self.folder, "another 'generate'")
        for stale in self.folder.glob("work-*"):
            shutil.rmtree(stale, ignore_errors=True)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.close(self._lock)

    def remove(self) -> None:
        """Delete the folder."""
        shutil.rmtree(self.folder)

    def run_path(self, name: str) -> Path:
        """Where a finished run lies."""
        return self.folder / f"{name}.h5"

    def work_folder(self, name: str) -> Path:
        """A folder for a run's files while it is at work; cleared when work is taken up again."""
        return self.folder / f"work-{name}"

    def has_run(self, name: str, fingerprint: str) -> bool:
        """Whether a finished run of that fingerprint is there."""
        path = self.run_path(name)
        if not path.is_file():
            return False
        try:
            with TrajectoryFile(path) as file:
                return bool(file.provenance.get(FINGERPRINT) == fingerprint)
        except FileFormatError:
            return False

    def cell(self, name: str, fingerprint: str) -> RelaxedCell | None:
        """A relaxed cell of that fingerprint, if it is there."""
        path = self.folder / f"{name}.json"
        try:
            content = read_json(path, "the relaxed cell")
            if content[FINGERPRINT] != fingerprint:
                return None
            found = [np.array(content[key], dtype=np.float64) for key in ("cell", "error")]
        except (FileFormatError, ValueError, KeyError, TypeError, IndexError, OverflowError):
            return None
        shapes = [array.shape for array in found]
        if shapes != [(3, 3), (3,)] or not all(np.isfinite(array).all() for array in found):
            return None
        return RelaxedCell(*found)

    def store_cell(self, name: str, fingerprint: str, relaxed: RelaxedCell) -> None:
        """Keep a relaxed cell."""
        content = {
            FINGERPRINT: fingerprint,
            "cell": _plain(relaxed.cell),
            "error": _plain(relaxed.error),
        }
        write_text(self.folder / f"{name}.json", json.dumps(content))

    def merge(self, names: list[str], output: Path, provenance: dict[str, Any]) -> None:
        """Write the segments of all runs to one file, in order."""
        with TrajectoryWriter(output, provenance) as out:
            for name in names:
                with TrajectoryFile(self.run_path(name)) as part:
                    for segment in part:
                        out.copy(segment)


def _plain(array: Array) -> Any:
    return np.asarray(array).tolist()
