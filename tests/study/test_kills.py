"""A sweep that is killed goes on without repeating what is finished, or what lives on."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from studies import write_study

from longstride.cli.main import main
from longstride.study.task import journal

WORDS = ["sweep", "study.yaml", "-o", "out", "--workers", "1"]

DRIVER = """
import sys
from longstride.cli.main import main
from longstride.study import task
task.PROGRAM = (sys.executable, {script!r})
sys.exit(main({words!r}))
"""

SLOW_SECOND = """
import pathlib, shutil, time
if pathlib.Path.cwd().name == "T300_s2":
    pathlib.Path("begun").touch()
    while not pathlib.Path("../../../go").exists():
        time.sleep(0.02)
shutil.copy({walk!r}, "data.h5")
"""

ROLLOUTS = {
    "kind": "run",
    "models": "al",
    "structures": {
        "fcc": {
            "lattice": "fcc",
            "element": "Al",
            "lattice_constant": 4.07,
            "repeat": [3, 3, 3],
        }
    },
    "temperatures": [400],
    "options": {"time": "12ps", "every": 20, "friction_time": "0.2ps"},
}


def started(name: str) -> list[list[str]]:
    """The commands that were started for a run."""
    lines = journal(Path("out/runs") / name)
    return [line["command"] for line in lines if line["event"] == "start"]


def killed(command: list[str], when: Callable[[], bool], group: bool) -> None:
    """Start a command, and kill it, or its whole group, as soon as something is so."""
    process = subprocess.Popen(
        command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while not when():
        assert process.poll() is None
        time.sleep(0.02)
    if group:
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()


@pytest.mark.parametrize("group", [True, False], ids=["everything", "driver-alone"])
def test_what_is_finished_or_lives_on_is_not_started_again(work: Path, group: bool):
    script = work / "slow_second.py"
    script.write_text(SLOW_SECOND.format(walk=str(work / "walk.h5")))
    write_study()
    driver = [sys.executable, "-c", DRIVER.format(script=str(script), words=WORDS)]
    killed(driver, Path("out/runs/T300_s2/begun").exists, group)
    before = Path("out/runs/T300_s1/data.h5").stat().st_mtime_ns
    assert not Path("out/runs/T300_s2/data.h5").exists()
    Path("go").touch()
    done = subprocess.run(driver, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert Path("out/runs/T300_s1/data.h5").stat().st_mtime_ns == before
    counts = [len(started(name)) for name in ("T300_s1", "T300_s2", "T600_s1", "T600_s2")]
    # Where the driver alone was killed, the run at work came to its end by itself.
    assert counts == [1, 2 if group else 1, 1, 1]
    assert len(json.loads(Path("out/sweep.json").read_text())["runs"]) == 4


def test_a_rollout_killed_in_the_middle_goes_on_from_its_restart_point(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    Path("study.yaml").write_text(yaml.safe_dump(ROLLOUTS))
    folder = Path("out/runs/al_fcc_T400_s1")
    command = [sys.executable, "-m", "longstride.cli.main", *WORDS]
    killed(command, (folder / "out.h5.restart").exists, group=True)
    assert main(WORDS) == 0
    assert [("--resume" in words) for words in started(folder.name)] == [False, True]
    # The last bits of a resumed run are those of an uninterrupted one: tests/robustness.
    assert len((folder / "out.thermo.csv").read_text().splitlines()) == 1 + 201
    (run,) = json.loads(Path("out/sweep.json").read_text())["runs"]
    temperature = run["numbers"]["temperature_K"]
    assert abs(temperature["value"] - 400.0) < 5 * temperature["error"]
