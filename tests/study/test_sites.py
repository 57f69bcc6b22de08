"""What a study says of a cluster becomes Parsl's configuration; a job of Slurm is played through."""

import json
import os
import sys
from pathlib import Path

import pytest
import yaml
from conftest import write_study
from pydantic import TypeAdapter

from longstride.cli.main import main
from longstride.study.site import Site
from longstride.study.sites import parsl_config


def executor(folder: Path, **site: object):
    where = TypeAdapter(Site).validate_python(site)
    config = parsl_config(where, folder)
    assert config.retries == 0
    assert config.usage_tracking == 0
    assert config.run_dir == str(folder)
    (found,) = config.executors
    return found


def test_local_runs_wait_in_threads(tmp_path: Path):
    found = executor(tmp_path, kind="local", workers=1)
    assert type(found).__name__ == "ThreadPoolExecutor"
    assert found.max_threads == 1


def test_slurm(tmp_path: Path):
    found = executor(
        tmp_path,
        kind="slurm",
        account="metals",
        partition="cpu",
        qos="long",
        constraint="avx512",
        exclusive=False,
        walltime="12:00:00",
        nodes_per_block=2,
        blocks=3,
        cores_per_node=64,
        threads=4,
        setup="source venv/bin/activate",
        directives="#SBATCH --mem=8G",
    )
    assert found.max_workers_per_node == 16
    assert found.cores_per_worker == 4
    assert found.prefetch_capacity == 0
    provider = found.provider
    assert type(provider).__name__ == "SlurmProvider"
    assert (provider.account, provider.partition, provider.qos) == ("metals", "cpu", "long")
    assert (provider.nodes_per_block, provider.max_blocks) == (2, 3)
    assert provider.walltime == "12:00:00"
    assert "source venv/bin/activate" in provider.worker_init
    assert "#SBATCH --mem=8G" in provider.scheduler_options
    assert "--constraint=avx512" in provider.scheduler_options
    assert "--exclusive" not in provider.scheduler_options


@pytest.mark.parametrize(("nodes", "launcher"), [(1, "SingleNodeLauncher"), (4, "MpiExecLauncher")])
def test_pbs(tmp_path: Path, nodes: int, launcher: str):
    found = executor(
        tmp_path,
        kind="pbs",
        queue="day",
        select="mem=8gb",
        nodes_per_block=nodes,
        cores_per_node=8,
    )
    provider = found.provider
    assert type(provider).__name__ == "PBSProProvider"
    assert (provider.queue, provider.select_options) == ("day", "mem=8gb")
    assert (provider.nodes_per_block, provider.cpus_per_node) == (nodes, 8)
    assert type(provider.launcher).__name__ == launcher


def test_flux(tmp_path: Path):
    found = executor(tmp_path, kind="flux", flux="/opt/flux", threads=2)
    assert type(found).__name__ == "FluxExecutor"
    assert found.flux_path == "/opt/flux"


SBATCH = """#!{python}
import pathlib, subprocess, sys
script = pathlib.Path(sys.argv[1]).read_text()
pathlib.Path({record!r}).write_text(script)
job = subprocess.Popen(["bash", sys.argv[1]], start_new_session=True,
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print("Submitted batch job", job.pid)
"""

SQUEUE = """#!/bin/sh
id=$(echo "$*" | grep -o "[0-9]*$")
kill -0 "$id" 2>/dev/null && echo "$id R" || echo "$id CD"
"""

SCANCEL = """#!/bin/sh
kill -TERM -- -"$1"
"""

SRUN = """#!/bin/sh
while [ "$1" != bash ]; do shift; done
exec "$@"
"""


def test_a_study_is_made_by_jobs_of_slurm(work: Path, monkeypatch: pytest.MonkeyPatch):
    """With stand-ins for the programs of Slurm that run a job on this machine."""
    programs = work / "bin"
    programs.mkdir()
    texts = {"sbatch": SBATCH, "squeue": SQUEUE, "scancel": SCANCEL, "srun": SRUN}
    for name, text in texts.items():
        path = programs / name
        path.write_text(
            text.format(python=sys.executable, record=str(work / "job")) if "{" in text else text
        )
        path.chmod(0o755)
    venv = Path(sys.executable).parent
    monkeypatch.setenv("PATH", f"{programs}:{venv}:{os.environ['PATH']}")
    # Workers are other processes: they learn of the stand-in command from their environment.
    (work / "sitecustomize.py").write_text(
        "import sys\n"
        "from longstride.study import task\n"
        f"task.PROGRAM = ({sys.executable!r}, {str(work / 'stand_in.py')!r})\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(work))
    site = {
        "kind": "slurm",
        "partition": "cpu",
        "cores_per_node": 2,
        "directives": "#SBATCH --mem=1G",
        "exclusive": False,
    }
    write_study(where=site)
    assert main(["sweep", "study.yaml", "-o", "out"]) == 0
    job = (work / "job").read_text()
    assert "#SBATCH --partition=cpu" in job
    assert "#SBATCH --mem=1G" in job
    assert "--max_workers_per_node=2" in job
    assert len(json.loads((work / "out" / "sweep.json").read_text())["runs"]) == 4
    assert yaml.safe_load(Path("study.yaml").read_text())["where"] == site
