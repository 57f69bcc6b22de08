"""Access to the objects of an HDF5 file that may come from anyone.

HDF5 lets a name stand for another file, a loop of names, bytes of any file on the machine, or a
dataset of terabytes in a file of kilobytes. A trajectory has none of these, so a reader follows
hard links only, and takes numbers that the file itself can hold.
"""

from pathlib import Path
from typing import Any, Final, TypeAlias

import h5py
import numpy as np

from longstride.errors import FileFormatError

SMALL: Final = 16 * 2**20
"""Bytes that a dataset may declare whatever the size of its file."""

EXPANSION: Final = 100
"""How many times its file a dataset may be: what is not written takes no space."""

LARGEST_ATTRIBUTE: Final = 2**20

Item: TypeAlias = h5py.Group | h5py.Dataset


def find(file: h5py.File, path: Path, name: str) -> Item | None:
    """The group or dataset of that absolute name; None where there is none.

    Raises:
        FileFormatError: the name leads through a soft or external link, the data is no plain
            numbers or is kept elsewhere, or more is declared than the file can hold.
    """
    place: Any = file
    for part in name.strip("/").split("/"):
        if not isinstance(place, h5py.Group):
            return None
        link = place.get(part, getlink=True)
        if link is None:
            return None
        if not isinstance(link, h5py.HardLink):
            raise FileFormatError(
                f"{path}: {name} is a link to another place or file; copy the data itself"
            )
        place = place[part]
    if isinstance(place, h5py.Dataset):
        _require_plain(place, path, name)
        return place
    return place if isinstance(place, h5py.Group) else None


def find_group(file: h5py.File, path: Path, name: str) -> h5py.Group:
    """The group of that name.

    Raises:
        FileFormatError: as ``find``, or there is none.
    """
    found = find(file, path, name)
    if not isinstance(found, h5py.Group):
        raise FileFormatError(f"{path}: group {name} is missing, the file is damaged")
    return found


def find_data(file: h5py.File, path: Path, name: str) -> h5py.Dataset:
    """The dataset of that name.

    Raises:
        FileFormatError: as ``find``, or there is none.
    """
    found = find(file, path, name)
    if not isinstance(found, h5py.Dataset):
        raise FileFormatError(f"{path}: dataset {name} is missing; write the file again")
    return found


def attribute(holder: h5py.Group, name: str, kinds: str) -> Any:
    """An attribute, if its NumPy type is of one of these kinds; None otherwise.

    Those of variable length lie in HDF5's global heap, where a damaged byte can hang the library.
    """
    if name not in holder.attrs:
        return None
    found = holder.attrs.get_id(name)
    size = found.dtype.itemsize * int(np.prod(found.shape, dtype=float))
    if found.dtype.kind not in kinds or found.dtype.names or size > LARGEST_ATTRIBUTE:
        return None
    return holder.attrs[name]


def _require_plain(data: h5py.Dataset, path: Path, name: str) -> None:
    if data.dtype.kind not in "fiu" or data.dtype.subdtype is not None:
        raise FileFormatError(f"{path}: {name} holds no numbers; write the file again")
    if data.is_virtual or data.external:
        raise FileFormatError(f"{path}: {name} keeps its data in other files; copy it into this")
    declared = float(np.prod(data.shape, dtype=float)) * data.dtype.itemsize
    if declared > SMALL + EXPANSION * data.file.id.get_filesize():
        raise FileFormatError(
            f"{path}: {name} declares {declared:.2g} bytes, more than the file can hold; it is "
            "damaged"
        )
