"""The elements of a segment: which are there, and how many whole frames they hold."""

from pathlib import Path
from typing import Final

import h5py
import numpy as np

from longstride.errors import FileFormatError
from longstride.files import PARTIAL_SUFFIX
from longstride.trajectory.h5md import element_path
from longstride.trajectory.items import find, find_data

ELEMENTS: Final = ("position", "velocity", "cell", "potential_energy", "stress")
"""What a frame may consist of; a cell only where each frame has its own."""


def complete_frames(file: h5py.File, name: str, path: Path) -> int:
    """Number of frames of which every element is there.

    Elements of different length mean that writing was interrupted: in a ``.partial`` file the
    frames common to all count, anywhere else the file is damaged.

    Raises:
        FileFormatError: an element is missing, or the lengths differ in a finished file.
    """
    values = element_values(file, name, path)
    if "position" not in values:
        raise FileFormatError(
            f"{path}: segment '{name}' has no positions or times; write the file again"
        )
    datasets = [*values.values(), find_data(file, path, element_path(name, "position") + "/time")]
    if any(dataset.ndim == 0 for dataset in datasets) or datasets[-1].ndim != 1:
        raise FileFormatError(f"{path}: segment '{name}' has a wrong shape; write the file again")
    lengths = {len(dataset) for dataset in datasets}
    count = min(lengths)
    if path.name.endswith(PARTIAL_SUFFIX):
        while count and not all(np.isfinite(dataset[count - 1]).all() for dataset in datasets):
            count -= 1
    elif len(lengths) > 1:
        raise FileFormatError(
            f"{path}: segment '{name}' has elements of {min(lengths)} to {max(lengths)} frames, "
            "the file is damaged; write it again"
        )
    return count


def element_values(file: h5py.File, name: str, path: Path) -> dict[str, h5py.Dataset]:
    """The datasets of a segment's elements that are there.

    Raises:
        FileFormatError: what is there is not to be read.
    """
    places = {element: element_path(name, element) + "/value" for element in ELEMENTS}
    found = {element: find(file, path, place) for element, place in places.items()}
    return {element: value for element, value in found.items() if isinstance(value, h5py.Dataset)}
