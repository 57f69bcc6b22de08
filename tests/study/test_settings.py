"""The study file says what it means, and is refused in one line where it does not."""

from pathlib import Path

import pytest
import yaml
from studies import write_study

from longstride.errors import ConfigError
from longstride.study import load_study, usable_cores

RUN = {
    "kind": "run",
    "models": "al",
    "structures": ["al.cif"],
    "temperatures": [300],
    "options": {"time": "6ps"},
}

WRONG = [
    ({"temperature": [300]}, "unknown key 'temperature'; did you mean 'temperatures'?"),
    ({"temperatures": []}, "temperatures: "),
    ({"temperatures": [-1]}, "temperatures.0: Input should be greater than 0, not -1"),
    ({"temperatures": [300, 300]}, "temperatures: a value is given twice"),
    ({"seeds": [-1]}, "seeds.0"),
    ({"kind": "train"}, "kind: "),
    ({"models": []}, "'run' needs 'models'"),
    ({"recipe": "r.yaml"}, "recipe: belongs to 'generate' and 'validate'"),
    ({"structures": {}}, "'run' needs 'structures'"),
    ({"structures": ["a/al.cif", "b/al.cif"]}, "two files have the same name"),
    ({"structures": {"a": {"latice": "fcc"}}}, "unknown key 'structures.a.latice'"),
    ({"strains": [0.01], "pressures": [1.0]}, "give 'strains' or 'pressures'"),
    ({"strains": [2.0]}, "strain 2.0 is outside (-0.5, 1)"),
    ({"options": {"seed": 3}}, "options: 'seed' is not one of a 'run'"),
    ({"options": {"force": "yes"}}, "options.force: give true or false"),
    ({"options": {"time": "6ps", "every": "five"}}, "options.every: give a number, not 'five'"),
    ({"options": {"time": True}}, "options.time: give a number or words"),
    ({"analysis": {"diffusion": [0.4, 0.1]}}, "give two increasing parts from 0 to 1"),
    ({"analysis": {"skp": 0.1}}, "unknown key 'analysis.skp'; did you mean 'skip'?"),
    ({"where": {"kind": "lsf"}}, "where: "),
    ({"where": {"kind": "slurm", "quos": "x"}}, "unknown key 'where.slurm.quos'; did you mean"),
    ({"where": {"kind": "slurm", "account": "a b"}}, "must be one plain word"),
    ({"where": {"kind": "slurm", "walltime": "1 day"}}, "where.slurm.walltime"),
    ({"where": {"kind": "pbs", "threads": 4}}, "runs of 4 threads do not fit the 1 cores"),
    ({"where": {"kind": "local", "workers": 10_000}}, "more than the"),
    ({"temperatures": list(range(1, 1001)), "seeds": list(range(1001))}, "are more than 100000"),
]


@pytest.mark.parametrize(("changes", "said"), WRONG, ids=lambda value: str(value)[:40])
def test_what_is_wrong_is_named(changes: dict, said: str, tmp_path: Path):
    path = tmp_path / "study.yaml"
    path.write_text(yaml.safe_dump(RUN | changes))
    with pytest.raises(ConfigError) as refused:
        load_study(path)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_files_are_relative_to_the_study(tmp_path: Path):
    (tmp_path / "mine").mkdir()
    path = tmp_path / "study.yaml"
    path.write_text(yaml.safe_dump(RUN | {"models": ["al", "mine"]}))
    study = load_study(path)
    assert study.structures["al"].file == tmp_path / "al.cif"
    assert study.models == ("al", str(tmp_path / "mine"))


def test_without_a_word_runs_are_local_and_fill_the_cores(work: Path):
    study = load_study(write_study())
    assert study.where.kind == "local"
    assert study.where.n_workers == usable_cores()
