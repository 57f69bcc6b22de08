"""When frames are: at every stage for one-stride errors, evenly spaced for spectra."""

import pytest

from longstride.validation.suite.settings import SuiteSettings, usual_temperatures
from longstride.validation.suite.timeline import Timeline


@pytest.mark.parametrize(
    ("stages", "stage_interval", "frame_interval"),
    [
        ((20.0, 40.0, 60.0), 20.0, 20.0),
        ((20.0, 30.0, 40.0, 60.0), 10.0, 20.0),
        ((7.5, 15.0, 30.0), 7.5, 15.0),
        ((60.0,), 60.0, 60.0),
        ((50.0, 60.0), 10.0, 60.0),
    ],
)
def test_intervals_follow_from_the_stages(
    stages: tuple[float, ...], stage_interval: float, frame_interval: float
) -> None:
    times = Timeline(stages)
    assert times.stage_interval == pytest.approx(stage_interval)
    assert times.frame_interval == pytest.approx(frame_interval)
    kept = [stages[k] for k in times.frame_stages]
    assert kept == pytest.approx([frame_interval * (k + 1) for k in range(len(kept))])


def test_times_become_whole_strides() -> None:
    assert Timeline((60.0,)).whole(5000.0) == 83 * 60.0
    assert Timeline((60.0,)).strides(1.0) == 1


@pytest.mark.parametrize(
    ("span", "full", "quick"),
    [
        ((250.0, 950.0), (300.0, 600.0, 900.0), (600.0,)),
        ((300.0, 900.0), (300.0, 600.0, 900.0), (600.0,)),
        ((250.0, 290.0), (250.0, 270.0, 290.0), (270.0,)),
        ((600.0, 600.0), (600.0,), (600.0,)),
    ],
)
def test_usual_temperatures_span_the_models_range(
    span: tuple[float, float], full: tuple[float, ...], quick: tuple[float, ...]
) -> None:
    assert usual_temperatures(*span, quick=False) == full
    assert usual_temperatures(*span, quick=True) == quick


def test_quick_is_shorter() -> None:
    full, quick = SuiteSettings(temperatures=(600.0,)), SuiteSettings.quick(temperatures=(600.0,))
    assert quick.run_time < full.run_time
    assert quick.flights < full.flights
