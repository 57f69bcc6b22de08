"""A study whose sweep is killed in the middle, and gone on with: what was made how often."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from hashlib import file_digest
from pathlib import Path
from typing import Any

from longstride.study import StudyFolder, load_study, plan_study
from longstride.study.task import journal
from measurements.record import say

PERIOD = 0.2
"""Seconds between two looks at what is finished."""

CARRY_ON = "--resume"
"""The option by which a rollout goes on from its restart point."""


def measure(study: Path, folder: Path, workers: int, kills: dict[int, bool]) -> dict[str, Any]:
    """Run a study, kill its sweep, and go on until it is finished.

    Args:
        study: its file.
        folder: of the study; must not exist.
        workers: runs at a time.
        kills: how many runs have to be finished for a kill, and whether the whole process group
            is killed (SIGKILL), with every run at work, or the driver alone.

    Returns:
        Plain data: for every kill what was there; starts of commands in all, runs that were
        started more than once, and finished runs that were started or written again.
    """
    runs = plan_study(load_study(study))
    place = StudyFolder(folder)
    command = [sys.executable, "-m", "longstride.cli.main", "sweep", str(study)]
    command += ["-o", str(folder), "--workers", str(workers)]

    def finished() -> dict[str, list[Any]]:
        """Of every finished run, how often it was started and what its outputs are."""
        if not folder.is_dir():
            return {}
        done = place.survey(runs).finished
        return {run.job.name: _content(place.of(run)) for run in done}

    def midway() -> bool:
        """Whether a run has come to a restart point."""
        return any((folder / "runs").glob("*/out.h5.restart"))

    told: list[dict[str, Any]] = []
    kept: dict[str, list[Any]] = {}
    begin = time.monotonic()
    for count, group in kills.items():
        _kill_at(command, count, group, lambda: len(place.survey(runs).finished), midway)
        kept |= finished()
        begun = place.survey(runs).begun
        told.append(
            {
                "whole_group": group,
                "finished": len(kept),
                "at_work": sum(bool(journal(place.of(run))) for run in begun),
                "with_restart_point": sum(
                    (place.of(run) / "out.h5.restart").exists() for run in begun
                ),
            }
        )
        say(f"killed {'the group' if group else 'the driver'}: {told[-1]}")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    final = finished()
    journals = {run.job.name: journal(place.of(run)) for run in runs}
    starts = {
        name: [line["command"] for line in lines if line["event"] == "start"]
        for name, lines in journals.items()
    }
    return {
        "runs": len(runs),
        "workers": workers,
        "seconds": round(time.monotonic() - begin, 1),
        "kills": told,
        "exit_code": done.returncode,
        "said": done.stderr.strip().splitlines()[:1],
        "finished": len(final),
        "starts": sum(map(len, starts.values())),
        "started_again": sum(len(commands) > 1 for commands in starts.values()),
        "gone_on_from_a_restart_point": sum(
            any(CARRY_ON in command for command in commands) for commands in starts.values()
        ),
        "finished_and_repeated": sorted(
            name for name, content in kept.items() if final.get(name) != content
        ),
    }


def _kill_at(
    command: list[str],
    count: int,
    group: bool,
    finished: Callable[[], int],
    midway: Callable[[], bool],
) -> None:
    """Start a sweep and kill it in the middle of a run, once so many are finished."""
    process = subprocess.Popen(
        command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while finished() < count or not midway():
        if process.poll() is not None:
            raise RuntimeError(f"the sweep ended before {count} runs were finished")
        time.sleep(PERIOD)
    if group:
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()


def _content(folder: Path) -> list[Any]:
    """How often a run's command was started, and the checksums of its outputs."""
    sums = []
    for path in sorted(folder.glob("*.h5")):
        with path.open("rb") as file:
            sums.append([path.name, file_digest(file, "sha256").hexdigest()])
    return [sum(line["event"] == "start" for line in journal(folder)), *sums]
