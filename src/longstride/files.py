"""Writing files that are whole or not there; a full disk is one line that names the file.

A folder that takes many files is locked by the one program that fills it.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from longstride.errors import ConfigError, FileFormatError

PARTIAL_SUFFIX: Final = ".partial"
"""What is added to the name of a file that is still being written."""


@contextmanager
def named(path: Path, *more: type[Exception]) -> Iterator[None]:
    """What goes wrong with writing a file is one line with its name.

    Args:
        path: the file.
        more: what a library raises for it beside OSError.

    Raises:
        FileFormatError: in the place of those.
    """
    expected: tuple[type[Exception], ...] = (OSError, *more)
    try:
        yield
    except expected as error:
        reason = getattr(error, "strerror", None) or " ".join(str(error).split())[:200]
        raise FileFormatError(
            f"{path}: cannot be written ({reason}); make room or check the disk, then go on"
        ) from None


@contextmanager
def replacing(path: Path, *more: type[Exception]) -> Iterator[Path]:
    """A temporary name to write a file under; it is brought to the disk, then gets its own name.

    Args:
        path: the file; an older one stays until the new one is whole.
        more: what a library raises beside OSError where it cannot write.

    Raises:
        FileFormatError: it cannot be written; the temporary file is gone.
    """
    partial = path.with_name(path.name + PARTIAL_SUFFIX)
    try:
        with named(path, *more):
            yield partial
            with partial.open("rb") as written:
                os.fsync(written.fileno())
            os.replace(partial, path)
    except BaseException:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        raise


def write_text(path: Path, text: str) -> None:
    """Write a text file in UTF-8 that is whole or not there.

    Raises:
        FileFormatError: it cannot be written.
    """
    with replacing(path) as partial:
        partial.write_text(text, encoding="utf-8")


def lock_folder(folder: Path, other: str) -> int:
    """The file descriptor that holds a folder's lock until it is closed, or its program ends.

    Args:
        folder: is there.
        other: whoever may hold the lock already, for the message.

    Raises:
        ConfigError: another program holds it.
    """
    lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        raise ConfigError(f"{folder}: {other} is filling this folder") from None
    return lock
