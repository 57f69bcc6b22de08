"""Making one run: what a worker does, on this machine or on a node of a cluster.

A run's folder is locked while it is worked on, and the lock belongs to the command too: where the
worker is killed and the command lives on, whoever comes next waits for it instead of starting it
twice. A folder whose outputs are whole is never worked on again.
"""

import fcntl
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal

from longstride.documents import read_text
from longstride.errors import LongstrideError
from longstride.files import named
from longstride.study.job import CHECK_FAILED, Job, command_of, is_whole, read_job

JOURNAL: Final = "journal.jsonl"
"""One line for every start and end of the command, in the run's folder."""

OUTPUT: Final = "output.txt"
"""What the command said."""

PROGRAM: Final = (sys.executable, "-m", "longstride.cli.main")
"""How the command line is called, with the interpreter and the package of this process."""

POLL: Final = 0.1
"""Seconds between looks at a command."""

GRACE: Final = 60.0
"""Seconds that a command has for an orderly end."""

End = Literal["finished", "failed", "stopped"]

_stopping = threading.Event()
"""Set where this process is about to end: commands are stopped, and none is started any more."""


def stop() -> None:
    """Stop the commands that this process has started, and start no more."""
    _stopping.set()


def ready() -> None:
    """Let commands be started again, after ``stop``."""
    _stopping.clear()


def perform(folder: str) -> dict[str, Any]:
    """Make a run, or go on with it, unless it is whole.

    Args:
        folder: of the run, with its job.

    Returns:
        Plain data: ``end`` is finished, failed or stopped; ``detail`` says why it failed;
        ``started`` whether a command was started. Nothing is raised, so that other runs go on.
    """
    try:
        return _perform(Path(folder))
    except (LongstrideError, OSError) as error:
        return _ended("failed", " ".join(str(error).split()), started=False)


def _perform(folder: Path) -> dict[str, Any]:
    job = read_job(folder)
    if job is None:
        return _ended("failed", f"{folder}: no inputs", started=False)
    with _locked(folder) as lock:
        if lock is None:
            return _ended("stopped", "", started=False)
        if is_whole(job.kind, folder):
            return _ended("finished", "", started=False)
        words = command_of(job, folder)
        _note(folder, event="start", command=["longstride", *words])
        begin = time.monotonic()
        status = _run(words, job, folder, lock)
        seconds = time.monotonic() - begin
        _note(folder, event="end", status=status, seconds=round(seconds, 3))
    if status in _fine(job) and is_whole(job.kind, folder):
        return _ended("finished", "", started=True)
    if _stopping.is_set():
        return _ended("stopped", "", started=True)
    return _ended("failed", _last_words(folder) or f"exit code {status}", started=True)


def _fine(job: Job) -> tuple[int, ...]:
    return (0, CHECK_FAILED) if job.kind == "validate" else (0,)


def _ended(end: End, detail: str, *, started: bool) -> dict[str, Any]:
    return {"end": end, "detail": detail, "started": started}


@contextmanager
def _locked(folder: Path) -> Iterator[int | None]:
    """The folder's lock, waited for; None where this process is to stop meanwhile."""
    lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        while not _stopping.is_set():
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                time.sleep(POLL)
                continue
            yield lock
            return
        yield None
    finally:
        os.close(lock)


def _run(words: list[str], job: Job, folder: Path, lock: int) -> int:
    """The command's exit code; a command that has to stop gets time for an orderly end."""
    threads = str(job.threads)
    environment = {
        **os.environ,
        **dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), threads),
        "OPENBLAS_NUM_THREADS": threads,
        "MPLBACKEND": "Agg",
        "COLUMNS": "200",
    }
    with (folder / OUTPUT).open("a", encoding="utf-8") as said:
        process = subprocess.Popen(
            [*PROGRAM, *words],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            pass_fds=(lock,),
        )
        while process.poll() is None:
            if _stopping.is_set():
                process.terminate()
                try:
                    process.wait(GRACE)
                except subprocess.TimeoutExpired:
                    process.kill()
            time.sleep(POLL)
        return process.wait()


def _note(folder: Path, **line: Any) -> None:
    """Add a line to the journal, by one write."""
    path = folder / JOURNAL
    text = json.dumps({"time": datetime.now(UTC).isoformat(timespec="seconds"), **line}) + "\n"
    with named(path), path.open("a", encoding="utf-8") as file:
        file.write(text)


def journal(folder: Path) -> list[dict[str, Any]]:
    """Starts and ends of a run's command, oldest first; a line that was cut is left out.

    Raises:
        FileFormatError: the file cannot be read.
    """
    path = folder / JOURNAL
    if not path.exists():
        return []
    lines = []
    for line in read_text(path, "the journal of a run").splitlines():
        try:
            content = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(content, dict) and content.get("event") in ("start", "end"):
            lines.append(content)
    return lines


def _last_words(folder: Path) -> str:
    """The last line that the command said."""
    with (folder / OUTPUT).open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - 4096))
        lines = file.read().decode("utf-8", "replace").strip().splitlines()
    return lines[-1].removeprefix("longstride: ").strip()[:400] if lines else ""
