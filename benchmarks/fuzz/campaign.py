"""A campaign: all inputs of one target, watched from outside, summed up."""

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

PATIENCE = 30.0
"""Seconds that one input may take on a busy machine; what takes longer hangs."""

START = 120.0
"""Seconds that a worker may take to import everything, or to make an input."""

FINE = ("accepted", "refused")
EXAMPLES = 20
"""Violations that are described."""


def campaign(name: str, seed: int, count: int) -> dict[str, Any]:
    """Feed ``count`` inputs to a target.

    Args:
        name: of the target.
        seed: of the mutations.
        count: inputs.

    Returns:
        Plain data: outcomes with their counts, mutators with theirs, violations, seconds.
    """
    outcomes: Counter[str] = Counter()
    mutators: Counter[str] = Counter()
    violations: list[dict[str, Any]] = []
    begin = time.monotonic()
    slowest = 0.0
    first = 0
    while first < count:
        with (
            TemporaryDirectory(prefix="fuzz-", dir=_memory()) as folder,
            _Watched(name, seed, first, count, Path(folder)) as lines,
        ):
            for number, kind, done, detail, seconds in lines:
                outcomes[kind] += 1
                mutators.update(done)
                slowest = max(slowest, seconds)
                first = number + 1
                if kind not in FINE and len(violations) < EXAMPLES:
                    violations.append(
                        {"number": number, "kind": kind, "mutators": done, "detail": detail}
                    )
    return {
        "inputs": sum(outcomes.values()),
        "outcomes": dict(sorted(outcomes.items())),
        "mutators": dict(sorted(mutators.items())),
        "violations": violations,
        "seconds": round(time.monotonic() - begin, 1),
        "slowest_input_seconds": round(slowest, 2),
    }


def _memory() -> str | None:
    """A folder in memory, where there is one: inputs are written by the ten thousand."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


class _Watched:
    """A worker; iterates over its outcomes, its own death and hanging among them."""

    def __init__(self, name: str, seed: int, first: int, stop: int, folder: Path) -> None:
        words = [name, str(seed), str(first), str(stop), str(folder)]
        program = [sys.executable, "-m", "fuzz.worker", *words]
        scripts = str(Path(__file__).parents[1])
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": scripts}
        self._process = subprocess.Popen(
            program, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
        )

    def __enter__(self) -> "_Watched":
        return self

    def __exit__(self, *error: object) -> None:
        self._process.kill()
        self._process.wait()

    def __iter__(self) -> Any:
        current: int | None = None
        since = time.monotonic()
        for line in self._lines():
            if line is None:
                if current is None:
                    raise RuntimeError("the worker does not start, or makes an input without end")
                yield current, "hang", [], f"more than {PATIENCE:g} s", PATIENCE
                return
            if line.startswith("begin"):
                current, since = int(line.split()[1]), time.monotonic()
            else:
                number, kind, done, detail = json.loads(line)
                current = None
                yield number, kind, done, detail, time.monotonic() - since
        code = self._process.wait()
        if current is not None:
            name = signal.Signals(-code).name if code < 0 else f"exit {code}"
            yield current, "crash", [], name, time.monotonic() - since
        elif code != 0:
            raise RuntimeError(f"the worker ended with {code} between two inputs")

    def _lines(self) -> Any:
        """Lines as they come; None where none comes for too long."""
        assert self._process.stdout is not None
        handle = self._process.stdout.fileno()
        buffer, patience = b"", START
        while True:
            ready, _, _ = select.select([handle], [], [], patience)
            if not ready:
                yield None
                return
            data = os.read(handle, 65536)
            if not data:
                return
            *whole, buffer = (buffer + data).split(b"\n")
            patience = START
            for line in whole:
                yield line.decode()
                patience = PATIENCE if line.startswith(b"begin") else START
