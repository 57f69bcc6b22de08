"""The restart file: all that determines the rest of a run."""

import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from pydantic import BaseModel, ConfigDict, NonNegativeInt, PositiveFloat

from longstride.documents import require_file
from longstride.dynamics.run_plan import RunPlan
from longstride.errors import ConfigError, FileFormatError
from longstride.files import replacing
from longstride.state import State
from longstride.trajectory.segment_header import checked_header

_SCHEMA: Final = 1
_ARRAYS: Final = ("positions", "velocities", "masses", "species", "cell", "pbc")


class RestartHeader(BaseModel):
    """The part of a restart file that is not arrays.

    Attributes:
        schema_version: version of this layout.
        time: time of the state in fs.
        generator: state of the PCG64 random generator.
        done: strides done.
        frames: frames in the trajectory file.
        thermo_size: bytes in the thermo file.
        stride: the propagator's stride in fs.
        plan: the run's plan.
        options: the caller's resolved options, as plain data.
        memories: what the run's observers remember, as plain data by their names.
        memory: what the ensemble remembers beside the state.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    schema_version: int = _SCHEMA
    time: float
    generator: dict[str, Any]
    done: NonNegativeInt
    frames: NonNegativeInt
    thermo_size: NonNegativeInt
    stride: PositiveFloat
    plan: RunPlan
    options: dict[str, Any]
    memories: dict[str, dict[str, Any]] = {}
    memory: dict[str, float] = {}


@dataclass(frozen=True, slots=True)
class RestartPoint:
    """A point from which a run goes on exactly as it would have without stopping."""

    state: State
    header: RestartHeader

    def generator(self) -> np.random.Generator:
        """The random generator as it was."""
        bits = np.random.PCG64()
        bits.state = self.header.generator  # type: ignore[assignment]
        return np.random.Generator(bits)


def generator_state(rng: np.random.Generator) -> dict[str, Any]:
    """The plain-data state of a generator made by ``numpy.random.default_rng``.

    Raises:
        ConfigError: it is of another kind.
    """
    if not isinstance(rng.bit_generator, np.random.PCG64):
        kind = type(rng.bit_generator).__name__
        raise ConfigError(f"runs need a PCG64 generator (numpy.random.default_rng), not {kind}")
    return dict(rng.bit_generator.state)


def save_restart(point: RestartPoint, path: Path) -> None:
    """Write a restart file in one step: a reader sees the old one or the new one, whole."""
    arrays = {name: getattr(point.state, name) for name in _ARRAYS}
    with replacing(path) as temporary, temporary.open("wb") as file:
        np.savez(file, header=np.array(point.header.model_dump_json()), **arrays)


def load_restart(path: Path) -> RestartPoint:
    """Read a restart file.

    Raises:
        FileFormatError: missing, damaged or of another version.
    """
    if not path.exists():
        raise FileFormatError(
            f"{path}: no such restart file, nothing to resume; start the run anew"
        )
    require_file(path, "the restart file")
    try:
        _require_stored(path)
        with np.load(path, allow_pickle=False) as data:
            text = str(data["header"][()])
            arrays = {name: data[name] for name in _ARRAYS}
        version = json.loads(text).get("schema_version")
        if version != _SCHEMA:
            raise FileFormatError(
                f"{path}: restart schema {version}, this version reads {_SCHEMA}; "
                "resume with the version that wrote it"
            )
        header = RestartHeader.model_validate_json(text)
        _require_sound(arrays, header, path)
        point = RestartPoint(State(**arrays, time=header.time), header)
        point.generator()
    except FileFormatError:
        raise
    except Exception:  # NumPy and zipfile raise whatever they meet
        raise FileFormatError(f"{path}: damaged restart file; start the run anew") from None
    return point


def _require_stored(path: Path) -> None:
    """Refuse what unpacks to more than is there: restart files are not compressed."""
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            if member.compress_type != zipfile.ZIP_STORED:
                raise ValueError(f"{member.filename} is compressed")


def _require_sound(arrays: dict[str, np.ndarray], header: RestartHeader, path: Path) -> None:
    """Refuse a state that no run can have left."""
    atoms = len(arrays["masses"])
    kinds = {"species": np.int64, "pbc": np.bool_}
    for name in ("positions", "velocities"):
        if arrays[name].shape != (atoms, 3) or not np.isfinite(arrays[name]).all():
            raise ValueError(f"{name} of shape {arrays[name].shape}, or not finite")
    for name, array in arrays.items():
        if array.dtype != kinds.get(name, np.float64):
            raise ValueError(f"{name} of type {array.dtype}")
    checked_header(
        path,
        "run",
        species=arrays["species"],
        masses=arrays["masses"],
        cell=arrays["cell"],
        pbc=arrays["pbc"],
        interval=header.stride,
        metadata={},
    )
    if header.done > header.plan.n_strides:
        raise ValueError(f"{header.done} strides done of {header.plan.n_strides}")
