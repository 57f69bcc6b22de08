"""The file ``arrays.npz`` beside ``results.json``: the curves behind the checks."""

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from longstride.errors import FileFormatError
from longstride.files import replacing

Array = NDArray[np.floating]

ARRAYS_NAME: Final = "arrays.npz"
"""Name of the file in a validation's folder."""


UNITS: Final = {
    "stage_error_d": ("fs", "1"),
    "stage_error_w": ("fs", "1"),
    "parity_d": ("Å", "Å"),
    "parity_w": ("Å/fs", "Å/fs"),
    "horizon": ("fs", "Å"),
    "horizon_limit": ("fs", "Å"),
    "nve_kinetic": ("fs", "meV/atom"),
    "nve_total": ("fs", "meV/atom"),
    "temperature": ("fs", "K"),
    "equipartition": ("1/Å", "K"),
    "rdf": ("Å", "1"),
    "adf": ("degree", "1/degree"),
    "structure_factor": ("1/Å", "1"),
    "cna": ("1", "1"),
    "msd": ("fs", "Å²"),
    "vacf": ("fs", "1"),
    "vdos": ("THz", "1/THz"),
    "dispersion": ("1", "THz"),
}
"""Units of x and y by quantity.

stage_error: relative error at each stage time. parity: predicted against true components. horizon:
RMS displacement error, the reference is the chaos bound; horizon_limit: decorrelated. nve: change
of the energy since the start. cna: x counts fcc, hcp, bcc, icosahedral, other. dispersion: x is the
part of the path, the condition ends with path and polarisation.
"""


@dataclass(frozen=True, slots=True)
class Curve:
    """One quantity of the surrogate and of R reference runs on one grid.

    Attributes:
        name: quantity and condition, e.g. ``rdf[600K]``; :data:`UNITS` has the units of x and y.
        x: (B,) grid.
        surrogate: (B,) values.
        surrogate_error: (B,) standard errors, zero where not known.
        references: (R, B) values; R is 0 where there is no reference.
        references_error: (R, B) standard errors, zero where not known.
    """

    name: str
    x: Array
    surrogate: Array
    surrogate_error: Array
    references: Array
    references_error: Array

    @property
    def quantity(self) -> str:
        """The name without its condition."""
        return self.name.split("[", 1)[0]

    @property
    def condition(self) -> str:
        """The text in brackets, or nothing."""
        return self.name.partition("[")[2].rstrip("]")

    @property
    def reference(self) -> Array:
        """(B,) mean of the references."""
        return np.asarray(self.references.mean(axis=0))


_PARTS: Final = tuple(field.name for field in fields(Curve) if field.name != "name")


def write_curves(path: Path, curves: Sequence[Curve]) -> None:
    """Write the curves under a temporary name and rename it when whole."""
    arrays = {f"{curve.name}/{part}": getattr(curve, part) for curve in curves for part in _PARTS}
    with replacing(path) as partial, partial.open("wb") as file:
        np.savez_compressed(file, **arrays)


def read_curves(path: Path) -> tuple[Curve, ...]:
    """Read the curves, in the order they were written.

    Raises:
        FileFormatError: missing, damaged, or of another content.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
    except OSError as error:
        raise FileFormatError(f"{path}: cannot be read ({error.strerror or error})") from None
    except (ValueError, EOFError, zipfile.BadZipFile) as error:
        raise FileFormatError(f"{path}: not an array file ({error}); validate again") from None
    names = dict.fromkeys(key.rsplit("/", 1)[0] for key in arrays)
    curves = []
    for name in names:
        missing = [part for part in _PARTS if f"{name}/{part}" not in arrays]
        if missing:
            raise FileFormatError(f"{path}: curve '{name}' has no {missing[0]}; validate again")
        curve = Curve(name, **{part: arrays[f"{name}/{part}"] for part in _PARTS})
        shapes = {curve.x.shape, curve.surrogate.shape, curve.surrogate_error.shape}
        shapes |= {a.shape[1:] for a in (curve.references, curve.references_error)}
        if len(shapes) != 1 or curve.x.ndim != 1:
            raise FileFormatError(f"{path}: curve '{name}' has arrays of different lengths")
        curves.append(curve)
    return tuple(curves)
