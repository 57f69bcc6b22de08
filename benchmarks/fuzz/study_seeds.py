"""Small valid files of a sweep: the study, and what the folder of a run says of itself."""

import json
from pathlib import Path

import yaml


def study(path: Path) -> Path:
    """A study with every section."""
    fcc = {"lattice": "fcc", "element": "Al", "lattice_constant": 4.05, "repeat": [2, 2, 2]}
    content = {
        "kind": "run",
        "models": ["al", "al-fast"],
        "structures": {"fcc": fcc, "file": "al.cif"},
        "temperatures": [300.0, 600.0],
        "strains": [0.01, [0.02, 0.0, 0.0]],
        "seeds": [1, 2],
        "options": {"time": "6ps", "every": 2, "force": True},
        "analysis": {"skip": 0.2, "diffusion": [0.1, 0.4]},
        "where": {"kind": "slurm", "account": "a", "cores_per_node": 4, "threads": 2},
    }
    path.write_text(yaml.safe_dump(content))
    return path


def run_inputs(path: Path) -> Path:
    """What a folder of a sweep's run says of itself."""
    from longstride.study.job import Job

    words = ("--model", "al", "--temperature", "300", "--structure", "structure.h5")
    point = {"model": "al", "structure": "fcc", "temperature": 300.0, "seed": 1}
    job = Job(
        name="al_fcc_T300_s1", kind="run", words=words, fingerprint="0", point=point, threads=1
    )
    job.store(path.parent)
    return path


def journal(path: Path) -> Path:
    """A run that was started twice."""
    lines = [
        {"time": "2000-01-01T00:00:00+00:00", "event": "start", "command": ["longstride", "run"]},
        {"time": "2000-01-01T00:00:09+00:00", "event": "end", "status": 143, "seconds": 9.0},
        {"time": "2000-01-01T00:01:00+00:00", "event": "start", "command": ["longstride", "run"]},
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path
