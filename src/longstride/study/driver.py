"""Making all runs of a study on Parsl, and telling how far they are."""

import concurrent.futures
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, Literal

from longstride.study import task
from longstride.study.site import FluxSite, Site
from longstride.study.sites import parsl_config, require_parsl

PARSL: Final = "parsl"
"""Name of the folder of Parsl's own records."""

PERIOD: Final = 0.5
"""Seconds between two looks at the runs."""

Condition = Literal["waiting", "at work", "finished", "failed", "stopped"]

Listener = Callable[[Mapping[str, Condition], Mapping[str, str]], None]
"""Gets the condition of every run by its name, and why some failed."""


def make_runs(
    folders: Mapping[str, Path], site: Site, study: Path, tell: Listener
) -> dict[str, str]:
    """Make runs, each in its folder; one that fails does not stop the others.

    Where this is interrupted, local commands get time for an orderly end, and jobs on a cluster
    are cancelled; both can be gone on with.

    Args:
        folders: of the runs, by their names; their jobs are in them.
        site: where they are made.
        study: folder of the study.
        tell: called now and then.

    Returns:
        Why runs failed, by their names.

    Raises:
        ConfigError: Parsl is not installed.
    """
    require_parsl()
    from parsl import python_app
    from parsl.dataflow.dflow import DataFlowKernel

    task.ready()
    kernel = DataFlowKernel(parsl_config(site, study / PARSL))
    try:
        app = python_app(task.perform, data_flow_kernel=kernel)
        size = {"cores_per_task": site.threads} if isinstance(site, FluxSite) else {}
        more = {"parsl_resource_specification": size} if size else {}
        futures = {name: app(str(path.resolve()), **more) for name, path in folders.items()}
        return _watch(futures, folders, tell)
    finally:
        # Queued runs come to nothing; Parsl waits for those at work, and gives up its nodes.
        task.stop()
        kernel.cleanup()


def _watch(
    futures: Mapping[str, "concurrent.futures.Future[dict[str, Any]]"],
    folders: Mapping[str, Path],
    tell: Listener,
) -> dict[str, str]:
    conditions: dict[str, Condition] = dict.fromkeys(futures, "waiting")
    reasons: dict[str, str] = {}
    lines = {name: len(task.journal(folders[name])) for name in futures}
    pending = {future: name for name, future in futures.items()}
    tell(conditions, reasons)
    while pending:
        done, _ = concurrent.futures.wait(
            pending, timeout=PERIOD, return_when=concurrent.futures.FIRST_COMPLETED
        )
        for future in done:
            name = pending.pop(future)
            conditions[name], reason = _outcome(future)
            if reason:
                reasons[name] = reason
        for name in pending.values():
            begun = _at_work(folders[name], lines[name])
            conditions[name] = "at work" if begun else "waiting"
        tell(conditions, reasons)
    return reasons


def _outcome(future: "concurrent.futures.Future[dict[str, Any]]") -> tuple[Condition, str]:
    """How a run ended, and why it failed."""
    error = future.exception()
    if error is not None:  # a worker that died with its node, for instance
        return "failed", f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
    found = future.result()
    end: Condition = found["end"]
    return end, found["detail"] if end == "failed" else ""


def _at_work(folder: Path, before: int) -> bool:
    """Whether a command was started since there were so many lines, and has not ended yet."""
    lines = task.journal(folder)
    return len(lines) > before and lines[-1]["event"] == "start"
