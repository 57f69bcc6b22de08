"""How the passes are compiled, and where the result is kept.

Numba keys what it keeps by the file of a function alone, not by the files of the functions that it
calls. The folder is therefore named by the contents of this whole room: code that changed is never
mistaken for code that was compiled.
"""

import os
import tempfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import numba

FLAGS = {"reassoc", "contract", "nsz", "arcp"}
"""Freedom of the compiler: sums may be reordered and fused, but NaN and infinity are kept."""

Decorator = Callable[[Callable[..., Any]], Any]

inlined: Decorator = numba.njit(nogil=True, fastmath=FLAGS, inline="always")
"""Compiled into its caller."""


def jit(function: Callable[..., Any]) -> Any:
    """Compiled at the first call for the arguments' types, without Python's lock, and kept."""
    settings: Any = numba.config
    theirs = settings.CACHE_DIR
    settings.CACHE_DIR = str(_FOLDER)
    try:
        return numba.njit(nogil=True, cache=True, fastmath=FLAGS)(function)
    finally:
        settings.CACHE_DIR = theirs


def _cache_folder() -> Path:
    """A folder of this code's own that can be written to."""
    digest = sha256()
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    name = f"kernels-{digest.hexdigest()[:16]}"
    given = os.environ.get("NUMBA_CACHE_DIR") or os.environ.get("XDG_CACHE_HOME")
    folder = (Path(given) if given else Path.home() / ".cache") / "longstride" / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:
        return Path(tempfile.mkdtemp(prefix=f"longstride-{name}-"))


_FOLDER = _cache_folder()
