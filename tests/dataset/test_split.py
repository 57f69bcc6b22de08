"""Training and validation share no frame."""

import pytest
from pydantic import ValidationError

from longstride.dataset import SplitConfig, TrajectorySet, split_segments
from longstride.errors import ConfigError


def runs(temperature: float, *names: str, n_frames: int = 20) -> dict[str, dict]:
    """Two segments of each named run."""
    return {
        f"{name}_{part}": {
            "n_frames": n_frames,
            "metadata": {"temperature": temperature, "run": name},
        }
        for name in names
        for part in (0, 1)
    }


def used(blocks) -> set[tuple[str, int]]:
    return {(b.segment.name, frame) for b in blocks for frame in range(b.first, b.stop)}


def test_by_run_holds_out_a_whole_run_of_each_temperature(make_file, open_set):
    data = open_set(make_file(runs(300, "a", "b", "c") | runs(600, "d", "e")))
    training, validation = split_segments(data.segments, SplitConfig())
    assert {b.segment.metadata["run"] for b in validation} == {"c", "e"}
    assert {b.segment.metadata["run"] for b in training} == {"a", "b", "d"}
    assert not used(training) & used(validation)


def test_strained_runs_are_a_condition_of_their_own(make_file, open_set):
    strained = runs(300, "c", "d")
    for segment in strained.values():
        segment["metadata"]["strain"] = 0.02
    data = open_set(make_file(runs(300, "a", "b") | strained))
    training, validation = split_segments(data.segments, SplitConfig())
    assert {b.segment.metadata["run"] for b in validation} == {"b", "d"}
    assert {b.segment.metadata["run"] for b in training} == {"a", "c"}


def test_a_temperature_with_one_run_stays_in_training(make_file, open_set):
    data = open_set(make_file(runs(300, "a", "b") | runs(600, "d")))
    training, validation = split_segments(data.segments, SplitConfig())
    assert {b.segment.metadata["run"] for b in validation} == {"b"}
    assert {b.segment.metadata["run"] for b in training} == {"a", "d"}


def test_named_runs_are_held_out(make_file, open_set):
    data = open_set(make_file(runs(300, "a", "b") | runs(600, "d")))
    _, validation = split_segments(data.segments, SplitConfig(validation_runs=("d",)))
    assert {b.segment.metadata["run"] for b in validation} == {"d"}
    with pytest.raises(ConfigError, match="no run 'x'"):
        split_segments(data.segments, SplitConfig(validation_runs=("x",)))
    with pytest.raises(ConfigError, match="every run"):
        split_segments(data.segments, SplitConfig(validation_runs=("a", "b", "d")))


def test_one_run_cannot_be_split_by_run(make_file, open_set):
    data = open_set(make_file(runs(300, "a")))
    with pytest.raises(ConfigError, match=r"data\.split\.by to 'time'"):
        split_segments(data.segments, SplitConfig())


@pytest.mark.parametrize("gap", [0.0, 35.0, 80.0])
def test_by_time_keeps_the_gap_on_the_clock_of_each_run(make_file, open_set, gap):
    data = open_set(make_file(runs(300, "a", "b")))
    split = SplitConfig(by="time", validation_fraction=0.25, gap_fs=gap)
    training, validation = split_segments(data.segments, split)
    for name in "ab":
        segments = [s.name for s in data.segments if s.metadata["run"] == name]

        def clock(item, order=segments):
            return 10.0 * (20 * order.index(item[0]) + item[1])

        seen = [clock(i) for i in used(training) if i[0] in segments]
        held = [clock(i) for i in used(validation) if i[0] in segments]
        assert max(seen) < 300.0 <= min(held)
        assert min(held) >= 300.0 + gap
        assert min(held) < 300.0 + gap + 10.0
        assert max(held) == 390.0


def test_by_time_takes_no_run_names(make_file, open_set):
    data = open_set(make_file(runs(300, "a")))
    with pytest.raises(ConfigError, match="validation_runs"):
        split_segments(data.segments, SplitConfig(by="time", validation_runs=("a",)))


def test_a_typo_in_the_section_is_an_error():
    with pytest.raises(ValidationError, match="gap_ps"):
        SplitConfig.model_validate({"by": "time", "gap_ps": 1.0})


def test_no_file_is_an_error():
    with pytest.raises(ConfigError, match=r"data\.files"):
        TrajectorySet([])
