"""A rollout whose atoms LAMMPS hosts, on MPI processes of its own."""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console

from longstride.cli.hosted_progress import RecordFollower
from longstride.cli.on_leave_name import OnLeave
from longstride.cli.run_progress import RunProgress
from longstride.cli.run_request import RunRequest
from longstride.documents import read_json
from longstride.dynamics import Findings, RunFiles, strides_of_frames
from longstride.engines.lammps.begin import first_state, require_hostable
from longstride.engines.lammps.job import load_job
from longstride.errors import ConfigError, EngineError, RegimeLeftError, RolloutError
from longstride.model import Card
from longstride.reference.lammps_program import find_program, run_to_its_end
from longstride.zoo import resolve


class Hosted(NamedTuple):
    """A run that the ranks completed.

    Attributes:
        ns_per_day: simulated.
        findings: of the guard; None where nothing was watched.
    """

    ns_per_day: float
    findings: Findings | None


def run_hosted(
    request: RunRequest, files: RunFiles, console: Console, done: int | None, *, force: bool
) -> Hosted:
    """Run, or run on, on the ranks that were asked for.

    The ranks write the trajectory, the scalars and the restart points; they are ended when this
    process is interrupted.

    Args:
        request: of the run.
        files: of the run.
        console: shows how far it is.
        done: strides at its restart point, from which it goes on; None for a new run.
        force: run outside the model's regime too.

    Raises:
        ConfigError: the reference was to take over where atoms leave the regime, or the model
            cannot be hosted.
        RegimeError: the run is outside the model's regime.
        EngineError: MPI or LAMMPS is missing or failed.
        RegimeLeftError: atoms left the regime; the run can be resumed from there.
        RolloutError: the run was refused or had to stop.
    """
    if request.on_leave == OnLeave.reference:
        raise ConfigError(
            "--on-leave reference does not go with --engine lammps; choose stop or warn"
        )
    command = [sys.executable, "-m", "longstride.engines.lammps"]
    command = [find_program("mpiexec"), "-n", str(request.ranks), *command]
    with tempfile.TemporaryDirectory(prefix="longstride-") as folder:
        job, told, output = (Path(folder) / name for name in ("job.json", "told.json", "output"))
        asked = _job(request, files.out, done is not None, force)
        job.write_text(json.dumps(asked), encoding="utf-8")
        card = Card.read(resolve(request.model))
        stride = card.config.stride
        if done is None:
            # Ranks take seconds to start; what is wrong with the input is said before.
            require_hostable(card.config, request.model)
            first_state(load_job(job), stride, card.regime)
        n_strides = strides_of_frames(request.time, request.every, stride)
        with RunProgress(console, n_strides, done or 0, stride) as progress:
            follower = RecordFollower(files.partial_thermo, stride, progress)
            command = [*command, str(job), str(told)]
            code = run_to_its_end(command, output, meanwhile=follower.look)
        said = output.read_text(encoding="utf-8", errors="replace")
        if not told.is_file():
            last = (said.strip().splitlines() or ["no word"])[-1]
            raise EngineError(f"the ranks ended with status {code} and no result: {last}")
        outcome = read_json(told, "the outcome of the ranks")
    if "error" in outcome:
        raise (RegimeLeftError if outcome["regime_left"] else RolloutError)(outcome["error"])
    sys.stderr.write(said)
    findings = outcome["findings"]
    return Hosted(float(outcome["ns_per_day"]), None if findings is None else Findings(**findings))


def _job(request: RunRequest, out: Path, resume: bool, force: bool) -> dict[str, Any]:
    """The request as the ranks read it."""
    options = request.model_dump(mode="json")
    same = (
        *("ensemble", "temperature", "time", "friction_time", "every", "seed", "repeat"),
        *("model", "structure", "exchange", "guard_every", "on_leave"),
        "energy_every",
    )
    return {
        **{name: options[name] for name in same},
        "commands": options["lammps_commands"],
        "output": str(out),
        "overwrite": True,
        "resume": resume,
        "force": force,
        "options": options,
    }
