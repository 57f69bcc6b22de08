"""A rollout whose atoms LAMMPS hosts, on MPI processes of its own."""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from longstride.cli.run_request import RunRequest
from longstride.documents import read_json
from longstride.errors import EngineError, RolloutError
from longstride.reference.lammps_program import find_program, run_to_its_end


def run_hosted(request: RunRequest, out: Path, *, resume: bool, force: bool) -> float:
    """Run, or run on, on the ranks that were asked for; returns simulated ns a day.

    The ranks write the trajectory, the scalars and the restart points; they are ended when this
    process is interrupted.

    Args:
        request: of the run.
        out: its trajectory file.
        resume: go on from its restart point.
        force: run outside the model's regime too.

    Raises:
        EngineError: MPI or LAMMPS is missing or failed.
        RolloutError: the run was refused or had to stop.
    """
    command = [sys.executable, "-m", "longstride.engines.lammps"]
    command = [find_program("mpiexec"), "-n", str(request.ranks), *command]
    with tempfile.TemporaryDirectory(prefix="longstride-") as folder:
        job, told, output = (Path(folder) / name for name in ("job.json", "told.json", "output"))
        job.write_text(json.dumps(_job(request, out, resume, force)), encoding="utf-8")
        code = run_to_its_end([*command, str(job), str(told)], output)
        said = output.read_text(encoding="utf-8", errors="replace")
        if not told.is_file():
            last = (said.strip().splitlines() or ["no word"])[-1]
            raise EngineError(f"the ranks ended with status {code} and no result: {last}")
        outcome = read_json(told, "the outcome of the ranks")
    if "error" in outcome:
        raise RolloutError(outcome["error"])
    sys.stderr.write(said)
    return float(outcome["ns_per_day"])


def _job(request: RunRequest, out: Path, resume: bool, force: bool) -> dict[str, Any]:
    """The request as the ranks read it."""
    options = request.model_dump(mode="json")
    same = ("ensemble", "temperature", "time", "friction_time", "every", "seed", "repeat")
    return {
        **{name: options[name] for name in (*same, "model", "structure", "exchange")},
        "commands": options["lammps_commands"],
        "output": str(out),
        "overwrite": True,
        "resume": resume,
        "force": force,
        "options": options,
    }
