"""One process that feeds mutated inputs to a reader and says what came of each.

An input is determined by target, seed and number. The process limits its own memory, refuses to
start programs or to write outside of its folder, and writes one line an input; whoever started it
watches the lines, for what hangs or crashes in a library cannot be caught from inside.
"""

import json
import os
import resource
import shutil
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any, TextIO

from fuzz.readers import Insane
from fuzz.targets import Target, make_target
from longstride.errors import LongstrideError

ADDRESS_SPACE = 3 * 2**30
"""Bytes of address space that one input may take beyond what the process has."""

RESIDENT = 2**30
"""Bytes of memory that one input may make the process grow by at its peak."""

FORBIDDEN = ("os.system", "os.exec", "os.posix_spawn", "subprocess.Popen", "pickle.find_class")
NETWORK = ("socket.connect", "socket.getaddrinfo", "socket.bind")


class Forbidden(BaseException):
    """A reader started a program, unpickled, wrote outside of its folder or used the network."""


class Watch:
    """Raises Forbidden from inside an input; quiet outside of one."""

    def __init__(self, folder: Path) -> None:
        self.on = False
        self._folder = str(folder)
        sys.addaudithook(self._heard)

    def _heard(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.on:
            return
        if event in FORBIDDEN or event in NETWORK:
            raise Forbidden(f"{event} {arguments!r}"[:200])
        if event == "open" and self._writes(*arguments):
            raise Forbidden(f"writes {arguments[0]}"[:200])

    def _writes(self, path: Any, mode: Any, flags: Any) -> bool:
        """Whether a file is opened for writing where nothing may be written; caches may."""
        if not isinstance(path, str) or not isinstance(flags, int):
            return False
        allowed = path.startswith((self._folder, "/dev/null")) or "__pycache__" in path
        return bool(flags & (os.O_WRONLY | os.O_RDWR)) and not allowed

    @contextmanager
    def __call__(self) -> Iterator[None]:
        self.on = True
        try:
            yield
        finally:
            self.on = False


def input_of(target: Target, seed: int, number: int, folder: Path) -> tuple[Path, list[str]]:
    """The mutated input of that number, in an empty folder, and what was done to it."""
    rng = Random(f"{target.name}/{seed}/{number}")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    source = rng.choice(target.seeds)
    path = folder / source.name
    shutil.copyfile(source, path)
    return path, target.mutate(path, rng)


def outcome_of(target: Target, path: Path, scratch: Path) -> tuple[str, str]:
    """What a reader made of an input: accepted, refused, or a violation in words."""
    try:
        target.read(path, scratch)
    except LongstrideError as error:
        text = str(error)
        if "\n" in text.strip():
            return "several lines", text[:300]
        return "refused", text[:300]
    except Insane as error:
        return "insane", str(error)
    except Forbidden as error:
        return "forbidden", str(error)
    except BaseException as error:
        return type(error).__name__, " ".join(str(error).split())[:300]
    return "accepted", ""


def peak() -> int:
    """Largest resident size since the last reset, bytes."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return 1024 * int(line.split()[1])
    return 0


def reset_peak() -> int:
    """Start the peak anew; returns it, the present size."""
    Path("/proc/self/clear_refs").write_text("5")
    return peak()


def limit_memory() -> None:
    """What is mapped now, and no more than the allowance on top."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * os.sysconf("SC_PAGE_SIZE") + ADDRESS_SPACE
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def work(name: str, seed: int, numbers: Iterator[int], folder: Path, out: TextIO) -> None:
    """Feeds inputs until there are no more; a line before and a line after each is read.

    Args:
        name: of the target.
        seed: of the campaign.
        numbers: of the inputs.
        folder: a folder for seeds and inputs.
        out: where the lines go.
    """
    warnings.simplefilter("ignore")
    target = make_target(name, folder / "seeds")
    inputs, scratch = folder / "inputs", folder / "scratch"
    scratch.mkdir(exist_ok=True)
    os.chdir(scratch)
    for source in target.seeds:
        # What is imported at the first use is no part of any input's memory.
        outcome_of(target, _copy(source, inputs), scratch)
    watch = Watch(folder)
    limit_memory()
    for number in numbers:
        path, done = input_of(target, seed, number, inputs)
        before = reset_peak()
        print(f"begin {number}", file=out, flush=True)
        with watch():
            kind, detail = outcome_of(target, path, scratch)
        grown = peak() - before
        if grown > RESIDENT and kind in ("accepted", "refused"):
            kind, detail = "memory", f"{grown >> 20} MiB; {detail}"
        left = [entry.name for entry in scratch.iterdir()]
        if left:
            kind, detail = "left behind", ", ".join(left)
            shutil.rmtree(scratch)
            scratch.mkdir()
            os.chdir(scratch)
        print(json.dumps([number, kind, done, detail]), file=out, flush=True)


def _copy(source: Path, inputs: Path) -> Path:
    shutil.rmtree(inputs, ignore_errors=True)
    inputs.mkdir(parents=True)
    return Path(shutil.copyfile(source, inputs / source.name))


def main() -> None:
    """``python -m fuzz.worker NAME SEED FIRST STOP FOLDER``; lines go to the standard output."""
    name, seed, first, stop, folder = sys.argv[1:]
    out = os.fdopen(os.dup(1), "w")
    # Libraries may print; their words must not get among the lines.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    work(name, int(seed), iter(range(int(first), int(stop))), Path(folder), out)


if __name__ == "__main__":
    main()
