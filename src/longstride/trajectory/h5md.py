"""Layout of a trajectory file: H5MD 1.1 with one particles group a segment.

::

    /                                    attributes: schema (int), provenance (JSON)
    /h5md                                version [1, 1]; author, creator, modules/units
    /particles/<segment>                 attributes: interval (fs), metadata (JSON)
        box                              attributes: dimension 3, boundary; edges (3, 3), fixed,
        box/edges/{value,step,time}      or (F, 3, 3) Å where every frame has its own cell
        species (N,), mass (N,)          fixed
        position/{value,step,time}       (F, N, 3) Å unwrapped, (F,) frame index, (F,) fs
        velocity/{value,step,time}       (F, N, 3) Å/fs; absent where the source has none
    /observables/<segment>/
        potential_energy/{value,step,time}   (F,) eV, whole cell; optional
        stress/{value,step,time}             (F, 3, 3) eV/Å³, positive in tension; optional

``step`` and ``time`` are written once and hard-linked. H5MD: de Buyl, Colberg and Höfling,
Comput. Phys. Commun. 185, 1546 (2014), https://h5md.nongnu.org.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import h5py
import numpy as np

from longstride.errors import FileFormatError
from longstride.files import PARTIAL_SUFFIX
from longstride.trajectory.items import attribute, find

SCHEMA: Final = 1
"""Version of this layout; a reader refuses every other."""

RESERVED_BYTES: Final = 8 * 1024 * 1024
"""Space that is reserved on the disk before a write, enough for what HDF5 still holds back."""

UNITS: Final = {
    "time": "fs",
    "position": "Angstrom",
    "velocity": "Angstrom fs-1",
    "mass": "u",
    "cell": "Angstrom",
    "potential_energy": "eV",
    "stress": "eV Angstrom-3",
}
"""Unit strings of the H5MD units module, by element."""

OBSERVABLES: Final = ("potential_energy", "stress")
"""Elements kept under /observables; the others are particle data."""


def partial_path(path: Path) -> Path:
    """The name a file has while it is being written."""
    return path.with_name(path.name + PARTIAL_SUFFIX)


def element_path(segment: str, element: str) -> str:
    """Where the H5MD element (a group with value, step and time) of a segment lies."""
    if element == "cell":
        return f"/particles/{segment}/box/edges"
    parent = "observables" if element in OBSERVABLES else "particles"
    return f"/{parent}/{segment}/{element}"


def to_json(value: Any, what: str) -> str:
    """Canonical JSON of an attribute.

    Raises:
        FileFormatError: the value is not plain JSON data (NaN and infinities included).
    """
    try:
        return json.dumps(value, sort_keys=True, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise FileFormatError(
            f"{what} cannot be stored as JSON ({error}); use plain values"
        ) from None


def set_text(holder: h5py.Group | h5py.Dataset, name: str, text: str) -> None:
    """Store a text attribute with a fixed length.

    Those of variable length lie in HDF5's global heap, where a damaged byte can hang the library.
    """
    data = text.encode()
    holder.attrs.create(name, data, dtype=h5py.string_dtype("utf-8", max(len(data), 1)))


def from_json(group: h5py.Group, name: str, path: Path) -> dict[str, Any]:
    """A JSON object kept in an attribute.

    Raises:
        FileFormatError: the attribute is missing or no JSON object.
    """
    try:
        value = json.loads(attribute(group, name, "S"))
    except (KeyError, TypeError, ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise FileFormatError(
            f"{path}: attribute '{name}' of '{group.name}' is missing or damaged; "
            "write the file again with longstride"
        )
    return value


@contextmanager
def writing(file: h5py.File, path: Path, size: int = 0) -> Iterator[None]:
    """Guards writes to a file: HDF5 cannot even close a file that it failed to write to.

    Space for the data, and for the index that the next flush brings to the disk, is reserved at the
    file's end before HDF5 begins. Where it is refused nothing is changed yet, and what HDF5 holds
    back still fits into what was reserved before.

    Args:
        file: the open file.
        path: its name.
        size: bytes about to be written.

    Raises:
        FileFormatError: the disk is about to be full, or a write fails.
    """
    reserve(path, file.id.get_filesize(), size + RESERVED_BYTES)
    try:
        yield
    except (OSError, RuntimeError) as error:
        reason = " ".join(str(error).split())
        raise FileFormatError(
            f"{path}: cannot be written ({reason}); check the disk, then resume or start anew"
        ) from None


def reserve(path: Path, end: int, size: int) -> None:
    """Take blocks of the disk for what comes after the end of a file as HDF5 knows it.

    Raises:
        FileFormatError: there is no room.
    """
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            os.posix_fallocate(handle, end, size)
        finally:
            os.close(handle)
    except OSError as error:
        raise FileFormatError(
            f"{path}: no room on the disk ({error.strerror}); free some, then resume or start anew"
        ) from None


def flush(file: h5py.File, path: Path) -> None:
    """Bring all that was written to the disk, and give back what was reserved for it.

    Raises:
        FileFormatError: the disk is full.
    """
    with writing(file, path):
        file.flush()
        os.truncate(path, file.id.get_filesize())


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Guards reads of a file that opens but may be damaged inside.

    Raises:
        FileFormatError: HDF5 cannot make sense of something.
    """
    try:
        yield
    except FileFormatError:
        raise
    except Exception as error:  # HDF5 and h5py raise whatever they meet
        reason = " ".join(str(error).strip("\"'").split())[:200] or type(error).__name__
        raise FileFormatError(f"{path}: damaged ({reason}); copy or write it again") from None


def open_existing(path: Path, mode: str) -> h5py.File:
    """Open a trajectory file and check its schema.

    Args:
        path: the file.
        mode: ``"r"`` or ``"r+"``.

    Raises:
        FileFormatError: missing, truncated, no HDF5, in use, or another schema.
    """
    if not path.is_file():
        hint = ""
        if partial_path(path).is_file():
            hint = f"; {partial_path(path).name} is there: its run was interrupted, resume it"
        raise FileFormatError(f"{path}: no such file{hint}")
    # HDF5 caches chunks for every dataset by itself, which of many segments is the whole file.
    # Without filters nothing is gained: it then reads from the file what is asked for.
    cache = {"rdcc_nbytes": 0} if mode == "r" else {}
    try:
        file = h5py.File(path, mode, libver=("v108", "v108"), locking="best-effort", **cache)
    except OSError as error:
        raise FileFormatError(f"{path}: {_reason(path, str(error))}") from None
    try:
        with reading(path):
            complaint = _complaint(file)
        if complaint is not None:
            raise FileFormatError(f"{path}: {complaint}")
    except BaseException:
        file.close()
        raise
    return file


def _complaint(file: h5py.File) -> str | None:
    """What keeps an open file from being a trajectory of this schema, if anything."""
    schema = attribute(file, "schema", "iu")
    if np.shape(schema) != () or schema is None:
        return "HDF5, but no longstride trajectory (it has no schema attribute)"
    if schema != SCHEMA:
        return f"trajectory schema {schema}, this version reads {SCHEMA}; use the one that wrote it"
    for name in ("h5md", "particles", "observables"):
        if not isinstance(find(file, Path(file.filename), name), h5py.Group):
            return f"group /{name} is missing, the file is damaged; write it again"
    return None


def _reason(path: Path, message: str) -> str:
    """HDF5's message in words, with the way out."""
    if "truncated" in message:
        return f"truncated ({path.stat().st_size} bytes on disk); copy or write it again"
    if "lock" in message:
        return "in use by another process; wait until it has finished writing"
    if "signature not found" in message:
        return "not an HDF5 file; trajectories in other formats go through longstride import"
    return f"cannot be opened ({message.splitlines()[0][:120]})"
