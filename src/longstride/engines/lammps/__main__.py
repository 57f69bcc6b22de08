"""``mpirun -n N python -m longstride.engines.lammps JOB.yaml``: a rollout on N ranks."""

import inspect
import json
import sys
from dataclasses import asdict
from pathlib import Path

from threadpoolctl import threadpool_limits

from longstride.engines.lammps.job import Job, load_job
from longstride.engines.lammps.ranks import abort, all_ranks
from longstride.engines.lammps.rollout import run_job
from longstride.errors import LongstrideError, RegimeLeftError
from longstride.files import write_text

WRONG_INPUT, REGIME_LEFT = 2, 3

USAGE = "usage: mpirun -n N python -m longstride.engines.lammps JOB.yaml"


def main(arguments: list[str]) -> int:
    """Run a job on all ranks; returns the exit code.

    Args:
        arguments: the job's file, and a file for the outcome where a launcher waits for it.
    """
    if not 1 <= len(arguments) <= 2:
        print(USAGE, file=sys.stderr)
        return WRONG_INPUT
    if arguments[0] in ("-h", "--help"):
        print(f"{USAGE}\n\n{inspect.getdoc(Job)}")
        return 0
    told = Path(arguments[1]) if len(arguments) == 2 else None
    ranks = None
    try:
        ranks = all_ranks()
        outcome = run_job(load_job(Path(arguments[0])), ranks, _say if ranks.first else _silent)
    except Exception as error:
        if not isinstance(error, LongstrideError):
            if ranks is None:
                raise
            abort(ranks, error)
        line = " ".join(str(error).split())
        left = isinstance(error, RegimeLeftError)
        code = REGIME_LEFT if left else WRONG_INPUT
        if ranks is not None and not ranks.first:
            return code if told is None else 0
        if told is None:
            print(f"longstride: error: {line}", file=sys.stderr)
            return code
        write_text(told, json.dumps({"error": line, "regime_left": left}))
        return 0
    if ranks.first and told is not None:
        findings = None if outcome.findings is None else asdict(outcome.findings)
        told_of = {"ns_per_day": outcome.ns_per_day, "findings": findings}
        write_text(told, json.dumps(told_of))
    elif ranks.first:
        _say(f"{outcome.ns_per_day:.3g} ns/day")
    return 0


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _silent(line: str) -> None:
    """Other ranks have nothing to add."""


if __name__ == "__main__":
    import torch

    # Ranks are the parallelism: threads of theirs would wait for each other on the same cores.
    torch.set_num_threads(1)
    with threadpool_limits(1):
        sys.exit(main(sys.argv[1:]))
