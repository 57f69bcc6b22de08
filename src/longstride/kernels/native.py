"""Which compiled C++ kernel computes: there is a module for each instruction set."""

import importlib
import importlib.util
import os
import warnings
from types import ModuleType
from typing import Final

from longstride.errors import ConfigError

VARIABLE: Final = "LONGSTRIDE_INSTRUCTIONS"
"""Environment variable that names the instruction set to use."""

MODULES: Final = {"baseline": "_native", "v3": "_native_v3", "v4": "_native_v4"}
"""Modules by instruction set, the narrowest first: any processor of its kind, AVX2, AVX-512."""

ALL_OF_THEM: Final = "pip install --config-settings=cmake.define.LONGSTRIDE_MODULES=all ."
"""What makes an installation have every module."""

_ROOM = "longstride.kernels"


def load_native() -> ModuleType | None:
    """The compiled kernel; None where none was compiled.

    Raises:
        ConfigError: as ``instructions``.
    """
    name = instructions()
    return None if name is None else importlib.import_module(f"{_ROOM}.{MODULES[name]}")


def instructions() -> str | None:
    """The instruction set of the compiled kernel that is used; None where none was compiled.

    It is the widest that was compiled and that the processor can run, or exactly the one that the
    environment asks for.

    Raises:
        ConfigError: what is asked for does not exist, was not compiled, or cannot run here.
    """
    wish = os.environ.get(VARIABLE)
    runnable = _runnable()
    if wish:
        _require(wish, runnable)
        return wish
    available = available_instructions()
    if runnable and not available:
        warnings.warn(
            f"no kernel of this installation runs on this processor ({_list(runnable)}); the slow"
            f" torch path does; install again here, or every kernel, in a checkout: {ALL_OF_THEM}",
            stacklevel=2,
        )
    return available[-1] if available else None


def available_instructions() -> list[str]:
    """What was compiled and this processor runs, the narrowest first."""
    return [name for name in _runnable() if _is_compiled(name)]


def _require(wish: str, runnable: list[str]) -> None:
    asked = f"{VARIABLE}={wish}"
    if not runnable:
        raise ConfigError(
            f"{asked}: no kernel was compiled in this installation; install it where a C++"
            " compiler is, or leave the variable unset"
        )
    here = f"this processor runs {_list(runnable)}"
    if wish not in MODULES:
        raise ConfigError(
            f"{asked}: there is no such instruction set; {here}: name one of these, or leave the"
            " variable unset"
        )
    if wish not in runnable:
        raise ConfigError(f"{asked}: {here}; name one of these, or leave the variable unset")
    if not _is_compiled(wish):
        compiled = [name for name in MODULES if _is_compiled(name)]
        raise ConfigError(
            f"{asked}: {here}, but this installation has only {_list(compiled)}; leave the variable"
            f" unset, or install every kernel, in a checkout: {ALL_OF_THEM}"
        )


def _runnable() -> list[str]:
    """What this processor runs, the narrowest first; nothing where there is no kernel to run."""
    try:
        processor = importlib.import_module(f"{_ROOM}._processor")
    except ImportError:
        return []
    names = list(MODULES)
    return names[: names.index(processor.widest()) + 1]


def _is_compiled(name: str) -> bool:
    return importlib.util.find_spec(f"{_ROOM}.{MODULES[name]}") is not None


def _list(names: list[str]) -> str:
    """In words."""
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
