"""The loops of the kernel on vectors of three kinds: the compiler's own, xsimd's and Highway's.

Every form is compiled by every compiler for every instruction set that runs here, and all programs
run in turns, so that each is compared with the compiler's vectors within one round.
"""

import importlib
import re
import resource
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
from ase import Atoms
from ase.neighborlist import neighbor_list

from longstride.errors import EngineError
from longstride.kernels import NativeKick
from longstride.kernels.native import ALL_OF_THEM, MODULES
from longstride.model import KickDriftMap
from longstride.reference.structure import StructureSettings, build_structure
from longstride.validation import provenance
from measurements.record import rounded, say
from measurements.vectors_problem import LOOPS, SKIN, Problem, errors, make

ROOT = Path(__file__).parents[2]
KERNEL = ROOT / "src" / "longstride" / "kernels" / "cpp"
SOURCE = ROOT / "benchmarks" / "vectors"

PLAIN = "plain"
FORMS = (PLAIN, "xsimd", "highway")
PACKAGES = {
    "g++": "g++",
    "clang++": "clang",
    "xsimd/xsimd.hpp": "libxsimd-dev",
    "hwy/highway.h": "libhwy-dev",
}
"""Debian's, of what has to be there."""

COMPILERS = ("g++", "clang++")
MARCH = {
    "baseline": [],
    "v3": ["-march=x86-64-v3"],
    "v4": ["-march=x86-64-v4", "-mprefer-vector-width=512"],
}
FLAGS = ["-std=c++20", "-O3", "-ffp-contract=fast", "-fno-math-errno", "-fno-trapping-math"]
"""As in CMakeLists.txt."""

LANES = {"baseline": 4, "v3": 8, "v4": 16}
"""Of float."""

OWN = ["-Wno-psabi", "-fno-access-control", "-DHWY_DISABLE_PCLMUL_AES"]
"""The kernel's loops are private to it; Highway would take SSSE3 for x86-64-v3 and v4 without the
last, since they promise no AES instructions."""

CONSTANT, DISORDER, CELLS = 4.10, 0.14, 8
"""Crystal whose kick is timed: lattice constant and standard deviation in Å, cells an axis."""


class Program(NamedTuple):
    """One form, compiled."""

    compiler: str
    instructions: str
    form: str
    path: Path
    compile_seconds: float

    def run(self, problem: Path) -> tuple[list[str], list[float], bytes]:
        """Version, target and lanes; nanoseconds of the loops; what they computed."""
        result = self.path.with_suffix(".result")
        printed = subprocess.run(
            [self.path, problem, result], check=True, capture_output=True, text=True
        ).stdout.split(";")
        return printed[:3], [float(number) for number in printed[3:]], result.read_bytes()


def measure(model: KickDriftMap, rounds: int) -> dict[str, Any]:
    """Times of all programs beside those of plain vectors, and a kick's by instruction set.

    Args:
        model: whose kick is timed; one thread.
        rounds: in each of which every program runs once.

    Raises:
        EngineError: a compiler, a library or a kernel is missing.
    """
    _require()
    problem = make(seed=1)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "problem"
        problem.write(path)
        programs = [
            build(compiler, instructions, form, Path(folder))
            for instructions in _runnable()
            for compiler in COMPILERS
            for form in FORMS
        ]
        say(f"{len(programs)} programs compiled")
        times: list[list[list[float]]] = []
        for number in range(rounds):
            times.append([program.run(path)[1] for program in programs])
            say(f"round {number + 1} of {rounds}")
        rows = _rows(programs, np.array(times), problem, path)
    versions = {row["form"]: row.pop("version") for row in rows}
    return rounded(
        {
            "rounds": rounds,
            "programs": rows,
            "kick": _kicks(model, rounds),
            "libraries": {form: versions[form] for form in FORMS[1:]},
            "compilers": {compiler: _output(compiler, "--version") for compiler in COMPILERS},
            "lines": _lines(),
            "machine": provenance.machine(),
        },
        4,
    )


def _output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\n")[0]


def _require() -> None:
    """A line that names what is missing, where something is."""
    missing = [name for name in COMPILERS if shutil.which(name) is None]
    for header in [name for name in PACKAGES if "/" in name] if not missing else []:
        text = f"#include <{header}>\n"
        command = [COMPILERS[0], "-std=c++20", "-E", "-x", "c++", "-", "-o", "/dev/null"]
        if subprocess.run(command, input=text, text=True, capture_output=True).returncode:
            missing.append(header)
    if missing:
        packages = " ".join(PACKAGES[name] for name in missing)
        raise EngineError(f"{' and '.join(missing)} not found: apt install {packages}")


def _module(name: str) -> ModuleType:
    """A compiled module of the package."""
    try:
        return importlib.import_module(f"longstride.kernels.{name}")
    except ImportError:
        raise EngineError(
            f"longstride.kernels.{name} was not compiled; in a checkout: {ALL_OF_THEM}"
        ) from None


def _runnable() -> list[str]:
    names = list(MODULES)
    return names[: names.index(_module("_processor").widest()) + 1]


def build(compiler: str, instructions: str, form: str, folder: Path) -> Program:
    """Compile a form of the loops.

    Raises:
        EngineError: it does not compile; the compiler has said why.
    """
    path = folder / f"{compiler}-{instructions}-{form}"
    flags = [*FLAGS, *MARCH[instructions], *OWN, f'-DFORM="{form}.hpp"']
    places = [f"-I{KERNEL}", f"-I{SOURCE}", str(SOURCE / "loops.cpp"), "-o", str(path)]
    before = _children_seconds()
    if subprocess.run([compiler, *flags, *places]).returncode:
        raise EngineError(f"{path.name} does not compile: the messages are above")
    return Program(compiler, instructions, form, path, _children_seconds() - before)


def _children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _rows(
    programs: list[Program], times: np.ndarray, problem: Problem, path: Path
) -> list[dict[str, Any]]:
    rows = []
    for k, program in enumerate(programs):
        plain = next(
            m
            for m, other in enumerate(programs)
            if other[:2] == program[:2] and other.form == PLAIN
        )
        (version, target, lanes), _, result = program.run(path)
        off = errors(problem, result, int(lanes))
        loops = {}
        for m, loop in enumerate(LOOPS):
            ratios = times[:, k, m] / times[:, plain, m]
            loops[loop] = {
                "ns": float(np.median(times[:, k, m])),
                "lowest_ns": float(times[:, k, m].min()),
                "ratio": float(np.median(ratios)),
                "ratio_range": [float(ratios.min()), float(ratios.max())],
                "error": off[loop],
            }
        named = {key: getattr(program, key) for key in Program._fields if key != "path"}
        rows.append(
            {**named, "version": version, "target": target, "lanes": int(lanes), "loops": loops}
        )
    return rows


def _kicks(model: KickDriftMap, rounds: int) -> dict[str, Any]:
    """Least time of a kick by each kernel, and how often it does what is timed of the loops."""
    crystal = build_structure(
        StructureSettings(
            lattice="fcc", element="Al", lattice_constant=CONSTANT, repeat=(CELLS,) * 3
        )
    )
    rng = np.random.default_rng(1)
    where = crystal.positions + DISORDER * rng.standard_normal(crystal.positions.shape)
    zeros = np.zeros(crystal.n_atoms, dtype=np.int64)
    kicks = {}
    for name in _runnable():
        native = _module(MODULES[name])
        kicks[name] = NativeKick(model, native, double=False, threads=1)
    seconds: dict[str, list[float]] = {name: [] for name in kicks}
    for number in range(10 * rounds + 1):
        for name, kick in kicks.items():
            begin = time.thread_time()
            kick.at(where, zeros, crystal.cell, crystal.pbc, 1)
            if number:  # the first makes the list
                seconds[name].append(time.thread_time() - begin)
    atoms = Atoms(positions=where, cell=crystal.cell, pbc=crystal.pbc)
    reach = model.config.cutoff
    near, listed = (np.bincount(neighbor_list("i", atoms, r)) for r in (reach, reach + SKIN))
    times = {}
    for name in kicks:
        # A block has the slots of its atom with most neighbours; the layer goes there and back.
        slots = float(near.reshape(-1, LANES[name]).max(axis=1).mean())
        counts = (slots, slots, 2.0, float(listed.mean()))
        times[name] = {
            "us_per_atom": 1e6 * min(seconds[name]) / crystal.n_atoms,
            "times": dict(zip(LOOPS, counts, strict=True)),
        }
    return times


def _lines() -> dict[str, int]:
    """Lines of code that name an instruction set, or work on its registers, of every form."""
    names = re.compile(r"__AVX|__x86_64__|__aarch64__|\b_mm\d*_|__m\d|_[fs]32\(|_SCALAR|_SSE2")
    files = {
        PLAIN: [*KERNEL.glob("*.hpp"), SOURCE / "plain.hpp"],
        **{form: [SOURCE / f"{form}.hpp"] for form in FORMS[1:]},
    }
    return {
        form: sum(
            bool(names.search(line)) for path in paths for line in path.read_text().split("\n")
        )
        for form, paths in files.items()
    }
