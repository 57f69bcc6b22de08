"""What a study says of a cluster becomes Parsl's configuration, and a job that Slurm can read."""

import os
import sys
import weakref
from pathlib import Path

import pytest
from pydantic import TypeAdapter

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
    # What was never started has no thread that Parsl could wait for at the end of the program.
    for one in list(weakref.finalize._registry):  # type: ignore[attr-defined]
        if one.peek() is not None and one.peek()[0] is found:
            one.detach()


SBATCH = """#!{python}
import pathlib, sys
pathlib.Path({record!r}).write_text(pathlib.Path(sys.argv[1]).read_text())
print("Submitted batch job 7")
"""


def test_the_job_that_slurm_gets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """With a stand-in for the program that takes jobs, which keeps what it gets."""
    programs = tmp_path / "bin"
    programs.mkdir()
    sbatch = programs / "sbatch"
    sbatch.write_text(SBATCH.format(python=sys.executable, record=str(tmp_path / "job")))
    sbatch.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    site = {"kind": "slurm", "partition": "cpu", "setup": "module load x", "nodes_per_block": 2}
    provider = executor(tmp_path, **site, walltime="02:00:00").provider
    provider.script_dir = str(tmp_path)
    assert provider.submit("work.sh", tasks_per_node=1) == "7"
    job = (tmp_path / "job").read_text()
    for line in ("--partition=cpu", "--nodes=2", "--time=120", "--exclusive"):
        assert f"#SBATCH {line}" in job
    assert "module load x" in job
    assert "srun --ntasks 2" in job
