"""Means over seeds have the errors they say, and a known law comes back from walks that obey it."""

from math import nan
from pathlib import Path

import numpy as np
import pytest
from brownian import write_walk

from longstride.study.job import Job
from longstride.study.measure import Subject, measured
from longstride.study.merge import by_condition, curves, fits, mean_of
from longstride.study.page import render, sentence, shown, spoken
from longstride.study.points import Point
from longstride.study.results import merge, write_results
from longstride.study.settings import AnalysisSettings
from longstride.units import BOLTZMANN, PS

ENERGY, PREFACTOR = 0.25, 2e-3
TEMPERATURES, SEEDS = (700.0, 900.0, 1200.0), (1, 2, 3, 4)


def point(temperature: float, seed: int, **more: object) -> Point:
    axes = {"model": None, "structure": None, "strain": None, "pressure": None}
    return Point(temperature=temperature, seed=seed, **axes | more)


@pytest.fixture(scope="module")
def numbers(tmp_path_factory: pytest.TempPathFactory):
    """What is measured of walks with diffusion by an Arrhenius law."""
    found = {}
    for temperature in TEMPERATURES:
        for seed in SEEDS:
            folder = tmp_path_factory.mktemp("run")
            diffusion = PREFACTOR * np.exp(-ENERGY / (BOLTZMANN * temperature))
            seeds = int(temperature) * 10 + seed
            write_walk(folder / "data.h5", diffusion=diffusion, temperature=temperature, seed=seeds)
            at = point(temperature, seed)
            job = Job(name=at.name, kind="generate", words=(), fingerprint="x", point={}, threads=1)
            settings = AnalysisSettings(diffusion=(0.01, 0.1))
            found[at] = measured(Subject(folder, job, None), settings)
            again = measured(Subject(folder, job, None), settings)
            np.testing.assert_array_equal(list(again.values()), list(found[at].values()))
    return found


def test_temperatures_are_those_of_the_walks(numbers):
    for at, found in numbers.items():
        value, error = found["temperature_K"]
        assert abs(value - at.temperature) < 4 * error


def test_the_arrhenius_law_comes_back(numbers):
    (fit,) = fits(by_condition(numbers))
    assert fit.arrhenius is not None
    energy, log = fit.arrhenius.energy, fit.arrhenius.log_prefactor
    assert abs(energy.value - ENERGY) < 4 * energy.error
    assert abs(log.value - np.log(PREFACTOR * PS)) < 4 * log.error
    assert energy.error < 0.1 * ENERGY
    assert "activation energy" in sentence(fit)


def test_the_error_of_a_mean_is_that_of_its_parts_or_their_scatter():
    rng = np.random.default_rng(5)
    values = rng.normal(3.0, 0.2, (2000, 6))
    own = [mean_of([(v, 0.2) for v in row], by_scatter=False) for row in values]
    z = np.array([(mean.value - 3.0) / mean.error for mean in own])
    assert abs(z.std() - 1.0) < 4 / np.sqrt(2 * len(z))
    chi = np.array([mean.chi_squared for mean in own])
    assert abs(chi.mean() - 1.0) < 4 * np.sqrt(2 / 5 / len(chi))
    scattered = mean_of([(v, 0.01) for v in values[0]], by_scatter=True)
    assert scattered.error == pytest.approx(values[0].std(ddof=1) / np.sqrt(6))
    unknown = mean_of([(v, nan) for v in values[0]], by_scatter=False)
    assert unknown.error == scattered.error
    assert np.isnan(mean_of([(1.0, nan)], by_scatter=False).error)


def test_errors_that_the_seeds_refute_give_way_to_their_scatter():
    values = 600.0 + 30.0 * np.random.default_rng(3).normal(size=4)
    mean = mean_of([(v, 1.0) for v in values], by_scatter=False)
    assert mean.error == pytest.approx(values.std(ddof=1) / 2.0)
    assert mean.chi_squared > 100.0
    # Two seeds tell no error.
    assert mean_of([(v, 1.0) for v in values[:2]], by_scatter=False).error == np.sqrt(2.0) / 2.0


def test_curves_are_told_apart_by_what_differs_and_by_nothing_else():
    found = {
        point(t, 1, model="al", structure=s, pressure=p): {"volume_A3_per_atom": (t, 1.0)}
        for t in (600.0, 300.0)
        for s in ("fcc", "bcc")
        for p in (0.0,)
    }
    lines = curves(by_condition(found), "volume_A3_per_atom")
    assert [line.label for line in lines] == ["fcc", "bcc"]
    assert all(line.temperatures == (300.0, 600.0) for line in lines)


def test_where_nothing_diffuses_there_is_no_law_and_a_reason():
    still = {point(t, 1): {"diffusion_A2_per_ps": (1e-4, 1e-3)} for t in (300.0, 400.0, 500.0)}
    (fit,) = fits(by_condition(still))
    assert fit.arrhenius is None
    assert "not above zero by 3 errors" in sentence(fit)


def test_results_are_written_with_what_failed(numbers, tmp_path: Path):
    merged = merge("walks", "generate", numbers, {"T1_s1": "<the oven> is cold"}, {})
    table, record = write_results(merged, tmp_path)
    rows = table.read_text().splitlines()
    assert len(rows) == 1 + len(numbers)
    assert rows[0].startswith("run,model,structure,strain,pressure_GPa,temperature_K_set,seed,")
    assert "NaN" not in record.read_text()
    page = render(merged)
    assert "&lt;the oven&gt; is cold" in page
    assert page.count("<svg") == 3
    assert "http" not in page.replace("http-equiv", "")


def test_numbers_are_shown_with_the_digits_they_have():
    assert shown(4.07392, 0.00025) == "4.07392 ± 0.00025"
    assert shown(-1.5, nan) == "−1.5"
    assert spoken("potential_energy_eV_per_atom") == "potential energy, eV/atom"
    assert spoken("temperature_K") == "temperature, K"
