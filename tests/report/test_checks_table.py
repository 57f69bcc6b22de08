"""Numbers in words, bars, and the order of the checks."""

import pytest

from longstride.report.checks_table import in_words, table_of
from longstride.validation import Check


def check(name: str, value: float = 0.0, threshold: float = 1.0) -> Check:
    return Check(
        name=name,
        value=value,
        unit="1",
        noise_floor=None,
        threshold=threshold,
        passed=abs(value) <= threshold,
    )


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (-2.081, "1σ", "−2.08_σ"),
        (0.01156, "1", "1.16_%"),
        (0.0, "1", "0_%"),
        (1.79e-16, "1", "1.79_·_10⁻¹⁴_%"),
        (-0.0522, "meV/atom/ps", "−0.0522 meV/atom/ps"),
    ],
)
def test_numbers_are_written_for_people(value: float, unit: str, words: str) -> None:
    assert in_words(value, unit) == words.replace("_", "\N{NO-BREAK SPACE}")


@pytest.mark.parametrize(
    ("value", "threshold", "fill", "mark"),
    [
        (0.0, 0.0, 0, None),
        (0.2, 0.0, 100, None),
        (1.0, 1.0, 200 / 3, 200 / 3),
        (9, 1, 100, 200 / 3),
    ],
)
def test_a_bar_shows_the_value_against_the_threshold(
    value: float, threshold: float, fill: float, mark: float | None
) -> None:
    ((family,),) = (c.families for c in table_of([check("nvt.rdf.l1[9K]", value, threshold)]))
    assert family.rows[0].fill == pytest.approx(fill)
    assert family.rows[0].mark == (None if mark is None else pytest.approx(mark))


def test_checks_are_grouped_by_temperature_and_family() -> None:
    names = ("nvt.msd.l1[300K]", "laws.boost[300K]", "theirs.own[300K]", "nvt.msd.l1[900K]")
    names += ("onestep.d.relative_error[300K, 20 fs]", "onestep.d.relative_error[300K]")
    first, second = table_of([check(name) for name in names])
    assert [c.title.replace("\N{NO-BREAK SPACE}", " ") for c in (first, second)] == [
        "300 K",
        "900 K",
    ]
    assert [f.title for f in first.families] == ["One stride", "Dynamics", "Laws", "Other"]
    assert first.families[0].rows[0].title == "Displacement d, relative error, 20 fs"
    assert first.families[-1].rows[0].title == "theirs.own"
    rows = [row for c in (first, second) for f in c.families for row in f.rows]
    assert len({row.anchor for row in rows}) == len(names)


def test_a_single_temperature_needs_no_heading() -> None:
    assert table_of([check("nvt.msd.l1[300K]")])[0].title == ""
