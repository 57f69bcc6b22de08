"""The suite as other processors would run it: `make test-portable`.

Every instruction set that this processor has is asked of torch and of the kernel alike, with one
thread and with two; what trains or fits is also run with two other draws of its random numbers. All
configurations run, whatever fails; each has a line, and its whole output a file in build/portable.
"""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

from longstride.kernels import available_instructions
from longstride.kernels.native import VARIABLE

OF_TORCH = {"v4": "avx512", "v3": "avx2", "baseline": "default"}
"""What torch calls an instruction set, the widest first."""

TRAINED = ("tests/active", "tests/dataset", "tests/model", "tests/training")
WITHOUT_PROCESSOR = ("tests/benchmarks", "tests/house")
"""Style, types and pages: once is enough."""

LOGS = Path("build/portable")


class Configuration(NamedTuple):
    """One run of pytest: the set and threads, and its arguments."""

    instructions: str
    threads: int
    arguments: tuple[str, ...]
    seeds: str = ""

    @property
    def name(self) -> str:
        """As it is printed."""
        torch = OF_TORCH[self.instructions]
        threads = "1 thread" if self.threads == 1 else f"{self.threads} threads"
        return ", ".join(
            filter(None, (f"{self.instructions} (torch: {torch})", threads, self.seeds))
        )


def configurations(available: list[str]) -> list[Configuration]:
    """All that this processor can run, the most usual first."""
    ignored = tuple(f"--ignore={folder}" for folder in WITHOUT_PROCESSOR)
    sets = [name for name in OF_TORCH if name in available]
    found = [
        Configuration(name, threads, () if name == sets[0] and threads == 1 else ignored)
        for threads in (1, 2)
        for name in sets
    ]
    return found + [
        Configuration(name, 1, (*TRAINED, f"--seed-offset={seed}"), f"other seeds {seed}")
        for name, seed in zip((sets[0], sets[-1]), (1, 2), strict=True)
    ]


def run(configuration: Configuration, options: list[str]) -> bool:
    """Run one and print its line; says whether it passed."""
    environment = os.environ | {
        "ATEN_CPU_CAPABILITY": OF_TORCH[configuration.instructions],
        VARIABLE: configuration.instructions,
        "OMP_NUM_THREADS": str(configuration.threads),
        "MPLBACKEND": "Agg",
    }
    log = LOGS / (configuration.name.translate(str.maketrans(" ", "-", "():,")) + ".log")
    begin = time.perf_counter()
    with log.open("w", encoding="utf-8") as output:
        command = [sys.executable, "-m", "pytest", *configuration.arguments, *options]
        status = subprocess.run(command, env=environment, stdout=output, stderr=output).returncode
    lines = log.read_text(encoding="utf-8").splitlines() or ["nothing was printed"]
    failed = [line for line in lines if line.startswith(("FAILED ", "ERROR "))]
    seconds = time.perf_counter() - begin
    print(f"{configuration.name}: {lines[-1].strip('= ')} ({seconds:.0f} s; {log})", flush=True)
    for line in failed:
        print(f"  {line}", flush=True)
    return status == 0


def main(options: list[str]) -> int:
    """Run all of them with more options of pytest; 1 where one failed."""
    available = available_instructions()
    for name in OF_TORCH:
        if name not in available:
            print(f"{name}: skipped, since this processor or this installation does not have it")
    if not available:
        print("no kernel was compiled: there is nothing to compare")
        return 1
    LOGS.mkdir(parents=True, exist_ok=True)
    return int(not all([run(each, options) for each in configurations(available)]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
