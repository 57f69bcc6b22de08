"""Thresholds: the packaged rules are whole, a user's file changes some, mistakes are one line."""

from pathlib import Path

import pytest

from longstride.errors import ConfigError
from longstride.validation.thresholds import load_thresholds, packaged_thresholds


def test_a_check_passes_below_its_noise_or_its_tolerance() -> None:
    rules = packaged_thresholds()
    judge = rules.judge
    rule = rules.rules["nvt.temperature.relative_error"]
    stem = "nvt.temperature.relative_error"
    assert judge(stem, "600K", 0.9 * rule.tolerance, "1", 0.0).passed
    assert not judge(stem, "600K", -1.1 * rule.tolerance, "1", 0.0).passed
    noise = rule.tolerance
    check = judge(stem, "600K", 0.9 * rule.factor * noise, "1", noise)
    assert check.passed
    assert check.name == f"{stem}[600K]"
    assert check.threshold == pytest.approx(rule.factor * noise)
    assert not judge(stem, "600K", 1.1 * rule.factor * noise, "1", noise).passed


def test_a_scale_is_what_the_tolerance_counts_in() -> None:
    judge = packaged_thresholds().judge
    assert judge("onestep.d.rmse", "600K", 0.05, "Å", None, scale=2.0).threshold == 0.06


def test_a_file_changes_what_it_names_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("nvt.rdf.l1: {tolerance: 0.2}\n")
    own, packaged = load_thresholds(path).rules, packaged_thresholds().rules
    assert own["nvt.rdf.l1"].tolerance == 0.2
    assert own["nvt.rdf.l1"].factor == packaged["nvt.rdf.l1"].factor
    assert {k: v for k, v in own.items() if k != "nvt.rdf.l1"} == {
        k: v for k, v in packaged.items() if k != "nvt.rdf.l1"
    }


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("nvt.rdf.l2: {factor: 3}", "did you mean 'nvt.rdf.l1'"),
        ("nvt.rdf.l1: {limit: 3}", "no entry 'limit'"),
        ("nvt.rdf.l1: {factor: -1}", "factor"),
        ("nvt.rdf.l1: {tolerance: .nan}", "tolerance"),
        ("nvt.rdf.l1: 3", "give factor and tolerance"),
        ("nvt.rdf.l1: {factor: many}", "factor"),
        ("[1, 2]", "a mapping"),
        ("a: [", "mine.yaml"),
        ("!!python/object/apply:os.system ['true']", "mine.yaml"),
    ],
)
def test_a_wrong_file_is_named_with_the_way_out(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError) as error:
        load_thresholds(path)
    assert words in str(error.value)
    assert str(path) in str(error.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.yaml: no such file"):
        load_thresholds(tmp_path / "none.yaml")
