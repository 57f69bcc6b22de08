"""The folder of a study: what is finished, what has changed, and a lock against a second driver."""

import os
import shutil
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from longstride.errors import ConfigError
from longstride.files import lock_folder
from longstride.study.job import is_whole, read_job
from longstride.study.plan import PlannedRun

RUNS: Final = "runs"
"""Name of the folder of the runs."""

SHOWN: Final = 3
"""Names in a message."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What of a study is there.

    Attributes:
        finished: runs whose outputs are whole, by these inputs.
        begun: runs that were started by these inputs and are not whole.
        changed: runs that are there by other inputs.
        new: runs that are not there.
        foreign: names of folders of runs that the study does not have (any more).
    """

    finished: tuple[PlannedRun, ...]
    begun: tuple[PlannedRun, ...]
    changed: tuple[PlannedRun, ...]
    new: tuple[PlannedRun, ...]
    foreign: tuple[str, ...]


class StudyFolder:
    """``DIR/``: ``runs/NAME/`` for every run, and the results of all; a context manager.

    Inside, the folder is locked.

    Args:
        path: the folder; made when it is entered.

    Raises:
        ConfigError: another sweep fills it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def of(self, run: PlannedRun) -> Path:
        """The folder of a run."""
        return self.path / RUNS / run.job.name

    def survey(self, runs: Sequence[PlannedRun]) -> Survey:
        """Compare the runs of a study with what is there.

        Raises:
            FileFormatError: a run's inputs cannot be read.
        """
        found: defaultdict[str, list[PlannedRun]] = defaultdict(list)
        for run in runs:
            folder = self.of(run)
            job = read_job(folder)
            if job is None:
                found["new"].append(run)
            elif job.fingerprint != run.job.fingerprint:
                found["changed"].append(run)
            else:
                found["finished" if is_whole(job.kind, folder) else "begun"].append(run)
        known = {run.job.name for run in runs}
        there = self.path / RUNS
        names = sorted(one.name for one in there.iterdir()) if there.is_dir() else []
        foreign = tuple(name for name in names if name not in known)
        return Survey(
            finished=tuple(found["finished"]),
            begun=tuple(found["begun"]),
            changed=tuple(found["changed"]),
            new=tuple(found["new"]),
            foreign=foreign,
        )

    def prepare(self, survey: Survey, *, redo_changed: bool) -> None:
        """Write the folders of all runs that are not finished.

        Args:
            survey: of these runs.
            redo_changed: throw away what is there by other inputs.

        Raises:
            ConfigError: a run is there by other inputs, and is not to be thrown away.
        """
        if survey.changed and not redo_changed:
            names = [run.job.name for run in survey.changed]
            more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
            raise ConfigError(
                f"{self.path}: the study has changed since {', '.join(names[:SHOWN])}{more}"
                f" {'was' if len(names) == 1 else 'were'} made; give --redo-changed to make"
                " these anew, or another folder with -o"
            )
        for run in survey.changed:
            shutil.rmtree(self.of(run))
        for run in (*survey.changed, *survey.new, *survey.begun):
            run.write(self.of(run))

    def __enter__(self) -> Self:
        self.path.mkdir(parents=True, exist_ok=True)
        self._lock = lock_folder(self.path, "another sweep")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.close(self._lock)
