"""Kills of one job at random moments, until enough have hit."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

from kills.jobs import Job

PATIENCE = 300.0
"""Seconds after which a command that was left alone hangs."""

MOST_IN_A_ROW = 4
"""Kills that one result survives before it may finish."""


def campaign(job: Job, seed: int, kills: int, folder: Path) -> dict[str, Any]:
    """Kill a job again and again.

    A moment is drawn uniformly over the time that the uninterrupted command takes. What the kill
    leaves is checked, the command goes on, and is killed again with a probability of one half.
    Where it came to its end, the result is compared with the uninterrupted one.

    Args:
        job: what is killed.
        seed: of the moments.
        kills: how many have to hit a command at work.
        folder: an empty folder.

    Returns:
        Plain data: seconds of the uninterrupted command, kills, what they left, moments as shares
        of the command's time, results compared and failures.
    """
    rng = Random(f"{job.name}/{seed}")
    whole = folder / "whole"
    _make(job, whole)
    begin = time.monotonic()
    _run(job, whole)
    duration = time.monotonic() - begin
    left: Counter[str] = Counter()
    moments: list[float] = []
    failures: list[str] = []
    results = late = 0
    while len(moments) < kills:
        work = folder / "killed"
        _make(job, work)
        in_a_row = 0
        try:
            while len(moments) < kills and in_a_row < MOST_IN_A_ROW:
                if in_a_row and (rng.random() < 0.5 or _ended(job, work, whole)):
                    break
                moment = rng.random()
                group = rng.random() < 0.5
                if not _killed(job, work, moment * duration, group):
                    late += 1
                    break
                moments.append(round(moment, 3))
                in_a_row += 1
                left[job.promised(work, whole)] += 1
            if not _ended(job, work, whole):
                _run(job, work)
            different = job.different(work, whole)
            results += 1
            if different:
                failures.append(f"after kill {len(moments)}: {', '.join(different)[:500]}")
        except (AssertionError, RuntimeError) as error:
            failures.append(f"after kill {len(moments)}: {' '.join(str(error).split())[:500]}")
    shutil.rmtree(folder, ignore_errors=True)
    return {
        "job": job.name,
        "seed": seed,
        "seconds_uninterrupted": round(duration, 2),
        "kills": len(moments),
        "ended_before_the_kill": late,
        "left": dict(sorted(left.items())),
        "results_compared": results,
        "moments": sorted(moments),
        "failures": failures,
    }


def _make(job: Job, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    job.prepare(folder)


def _ended(job: Job, work: Path, whole: Path) -> bool:
    """Whether there is nothing to go on with."""
    try:
        return not job.different(work, whole)
    except OSError:
        return False


def _command(job: Job, folder: Path) -> subprocess.Popen[str]:
    words = [sys.executable, "-m", "longstride.cli.main", *job.words(folder)]
    return subprocess.Popen(
        words,
        cwd=folder,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def _run(job: Job, folder: Path) -> None:
    """Left alone.

    Raises:
        RuntimeError: it fails, or takes for ever.
    """
    process = _command(job, folder)
    try:
        _, said = process.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        raise RuntimeError("it hangs") from None
    if process.returncode != 0:
        raise RuntimeError(f"exit code {process.returncode}: {said[-500:]}")


def _killed(job: Job, folder: Path, seconds: float, group: bool) -> bool:
    """Start it and kill it, alone or with all that it started; False where it ended before.

    Raises:
        RuntimeError: it ended with an error.
    """
    process = _command(job, folder)
    try:
        _, said = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        if group:
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
        process.stderr.close()  # type: ignore[union-attr]
        process.wait()
        return True
    if process.returncode != 0:
        raise RuntimeError(f"exit code {process.returncode}: {said[-500:]}")
    return False
