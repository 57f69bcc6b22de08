"""What is finished is told from what is begun, changed, new and foreign."""

from pathlib import Path

import pytest
from studies import write_study

from longstride.errors import ConfigError
from longstride.study import StudyFolder, load_study, plan_study
from longstride.study.folder import Survey
from longstride.study.job import Job, command_of, is_whole


def names(survey: Survey) -> dict[str, list[str]]:
    kinds = ("finished", "begun", "changed", "new")
    return {kind: [run.job.name for run in getattr(survey, kind)] for kind in kinds}


def test_a_folder_is_surveyed_by_outputs_and_inputs(work: Path):
    folder = StudyFolder(work / "out")
    runs = plan_study(load_study(write_study()))
    assert len(folder.survey(runs).new) == 4
    with folder:
        folder.prepare(folder.survey(runs), redo_changed=False)
    (folder.of(runs[0]) / "data.h5").touch()
    (folder.path / "runs" / "T1_s1").mkdir()
    survey = folder.survey(runs)
    assert names(survey) == {
        "finished": ["T300_s1"],
        "begun": ["T300_s2", "T600_s1", "T600_s2"],
        "changed": [],
        "new": [],
    }
    assert survey.foreign == ("T1_s1",)


def test_a_changed_study_is_refused_or_made_anew_where_it_changed(work: Path):
    folder = StudyFolder(work / "out")
    runs = plan_study(load_study(write_study()))
    with folder:
        folder.prepare(folder.survey(runs), redo_changed=False)
    for run in runs:
        (folder.of(run) / "data.h5").touch()
    more = plan_study(load_study(write_study(seeds=[1, 2, 3])))
    assert len(folder.survey(more).finished) == 4
    assert len(folder.survey(more).new) == 2
    changed = plan_study(load_study(write_study(pressures=[0.0])))
    assert names(folder.survey(changed))["new"] == [run.job.name for run in changed]
    text = Path("recipe.yaml").read_text()
    Path("recipe.yaml").write_text(text.replace("time_step: 2.0", "time_step: 1.0"))
    other = plan_study(load_study(write_study()))
    with folder:
        survey = folder.survey(other)
        assert len(survey.changed) == 4
        with pytest.raises(ConfigError, match=r"has changed since T300_s1, .* and 1 more were"):
            folder.prepare(survey, redo_changed=False)
        assert (folder.of(runs[0]) / "data.h5").exists()
        folder.prepare(survey, redo_changed=True)
    assert len(folder.survey(other).begun) == 4
    assert not (folder.of(runs[0]) / "data.h5").exists()


def test_two_drivers_do_not_fill_one_folder(work: Path):
    with (
        StudyFolder(work / "out"),
        pytest.raises(ConfigError, match="another sweep is filling this folder"),
        StudyFolder(work / "out"),
    ):
        pass


def test_a_rollout_goes_on_where_it_has_a_restart_point(tmp_path: Path):
    job = Job(
        name="a",
        kind="run",
        words=("--model", "al"),
        fingerprint="",
        point={},
        threads=1,
    )
    fresh = ["run", "--model", "al", "-o", "out.h5", "--overwrite"]
    assert command_of(job, tmp_path) == fresh
    (tmp_path / "out.h5.partial").touch()
    assert command_of(job, tmp_path) == fresh
    (tmp_path / "out.h5.restart").touch()
    assert command_of(job, tmp_path) == ["run", "--resume", "-o", "out.h5"]
    for name in ("out.h5", "out.thermo.csv", "out.temperature.png"):
        assert not is_whole("run", tmp_path)
        (tmp_path / name).touch()
    assert not is_whole("run", tmp_path)
    (tmp_path / "out.h5.restart").unlink()
    assert is_whole("run", tmp_path)
