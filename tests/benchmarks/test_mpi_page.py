"""The page of runs over MPI: its model of halos, and that it says what was not measured."""

from pathlib import Path

import numpy as np
import pytest
from pages.mpi import DENSITY, halo, received, scalars, write

from longstride.engines.lammps.schedule import Exchange, Schedule
from longstride.kernels import load_propagator
from longstride.model import KickDriftMap
from longstride.zoo import resolve


@pytest.fixture(scope="module")
def schedules() -> dict[Exchange, Schedule]:
    model = load_propagator(resolve("al")).model
    assert isinstance(model, KickDriftMap)
    return {exchange: Schedule.of(model, exchange) for exchange in Exchange}


def test_large_domains_do_no_redundant_work(schedules: dict[Exchange, Schedule]):
    for schedule in schedules.values():
        values = [scalars(schedule, atoms) for atoms in (10**4, 10**6, 10**9, 10**14)]
        assert values == sorted(values, reverse=True)
        assert values[-1] == pytest.approx(1.0, abs=0.01)
        assert received(schedule, 10**14) < 1.0


def test_one_kick_sums_the_scalars_of_its_neighbours(schedules: dict[Exchange, Schedule]):
    kick = schedules[Exchange.kick]
    edge = 40.0
    rng = np.random.default_rng(0)
    points = rng.uniform(-10, 50, (400_000, 3))
    outside = np.linalg.norm(np.maximum(np.maximum(-points, points - edge), 0), axis=1)
    share = float(np.mean(outside <= kick.cutoff)) * 60.0**3 / edge**3
    assert scalars(kick, round(edge**3 * DENSITY)) == pytest.approx(share, rel=0.01)


def test_one_exchange_a_stride_takes_the_receptive_field_of_all_kicks(
    schedules: dict[Exchange, Schedule],
):
    field = 2 * schedules[Exchange.stride].cutoff * 9
    assert field < halo(schedules[Exchange.stride]) < field + 10.0


def test_a_page_without_results_says_so(tmp_path: Path):
    text = write(tmp_path, tmp_path).read_text(encoding="utf-8")
    assert "not measured" in text
    assert "Weak scaling" not in text
