"""Every reader accepts sane data or refuses in one line, whatever was done to a valid file.

The campaign of benchmarks/robustness.py feeds ten thousand inputs to each; here hypothesis draws
some hundred from the same mutators, the same ones every time.
"""

import faulthandler
from pathlib import Path
from random import Random

import pytest
from fuzz.targets import TARGETS, Target, make_target
from fuzz.worker import outcome_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

EXAMPLES = {"trajectory": 60, "restart": 60, "train-recipe": 50, "generate-recipe": 50, "study": 60}
"""Fewer than of the others where one takes longer."""

PATIENCE = 60.0


@pytest.fixture(scope="module", params=TARGETS)
def target(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Target:
    return make_target(request.param, tmp_path_factory.mktemp("seeds"))


def test_the_seeds_are_accepted(target: Target, tmp_path: Path) -> None:
    for source in target.seeds:
        path = tmp_path / source.name
        path.write_bytes(source.read_bytes())
        assert outcome_of(target, path, tmp_path) == ("accepted", "")


def test_mutated_files_are_accepted_sane_or_refused_in_one_line(
    target: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inputs, scratch = tmp_path / "inputs", tmp_path / "scratch"
    inputs.mkdir()
    scratch.mkdir()
    monkeypatch.chdir(scratch)

    @settings(
        max_examples=EXAMPLES.get(target.name, 100),
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.integers(0, 2**32))
    def holds(seed: int) -> None:
        rng = Random(seed)
        source = rng.choice(target.seeds)
        path = inputs / source.name
        clear(path)
        path.write_bytes(source.read_bytes())
        done = target.mutate(path, rng)
        faulthandler.dump_traceback_later(PATIENCE, exit=True)
        try:
            kind, detail = outcome_of(target, path, scratch)
        finally:
            faulthandler.cancel_dump_traceback_later()
        assert kind in ("accepted", "refused"), (done, detail)
        assert not list(scratch.iterdir())

    holds()


def clear(path: Path) -> None:
    """Whatever an example before has put there."""
    if path.is_dir() and not path.is_symlink():
        path.rmdir()
    path.unlink(missing_ok=True)
