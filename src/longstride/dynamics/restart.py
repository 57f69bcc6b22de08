"""The restart file: all that determines the rest of a run."""

import json
import os
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from longstride.errors import ConfigError, FileFormatError
from longstride.state import State

SUFFIX: Final = ".restart"
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
        plan: the run's plan, as plain data.
        options: the caller's resolved options, as plain data.
        memories: what the run's observers remember, as plain data by their names.
        memory: what the ensemble remembers beside the state.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: int = _SCHEMA
    time: float
    generator: dict[str, Any]
    done: int
    frames: int
    thermo_size: int
    stride: float
    plan: dict[str, Any]
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


def restart_path(out: Path) -> Path:
    """The restart file of a run that writes ``out``."""
    return out.with_name(out.name + SUFFIX)


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
    temporary = path.with_name(path.name + ".partial")
    with temporary.open("wb") as file:
        np.savez(file, header=np.array(point.header.model_dump_json()), **arrays)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)


def load_restart(path: Path) -> RestartPoint:
    """Read a restart file.

    Raises:
        FileFormatError: missing, damaged or of another version.
    """
    if not path.is_file():
        raise FileFormatError(
            f"{path}: no such restart file, nothing to resume; start the run anew"
        )
    try:
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
        _require_shapes(arrays)
        point = RestartPoint(State(**arrays, time=header.time), header)
        point.generator()
    except FileFormatError:
        raise
    except (
        OSError, KeyError, ValueError, TypeError, AttributeError, EOFError,
        zipfile.BadZipFile, ValidationError,
    ):  # fmt: skip
        raise FileFormatError(f"{path}: damaged restart file; start the run anew") from None
    return point


def _require_shapes(arrays: dict[str, np.ndarray]) -> None:
    atoms = len(arrays["masses"])
    shapes = {
        "positions": (atoms, 3), "velocities": (atoms, 3), "masses": (atoms,),
        "species": (atoms,), "cell": (3, 3), "pbc": (3,),
    }  # fmt: skip
    for name, shape in shapes.items():
        if arrays[name].shape != shape:
            raise ValueError(f"{name} has shape {arrays[name].shape}")
