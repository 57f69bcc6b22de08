"""The page is self-contained, complete, escaped, and made from the two files alone."""

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest

from longstride.errors import FileFormatError
from longstride.report import plots, write_report
from longstride.report.figures import curve_groups
from longstride.validation import (
    Curve,
    Fact,
    Provenance,
    Results,
    Speed,
    judge,
    write_curves,
    write_results,
)
from longstride.validation.curves import UNITS

VOID = {"meta", "link", "br", "img", "input", "hr"}


def made_up_curves() -> list[Curve]:
    """One curve of every quantity, shaped like a crystal's."""
    rng = np.random.default_rng(1)

    def curve(name: str, x: np.ndarray, y: np.ndarray, noise: float) -> Curve:
        shifts = rng.normal(scale=noise, size=(3, len(x)))
        return Curve(
            f"{name}[600K]",
            x,
            y + shifts[0],
            np.full(len(x), noise),
            y + shifts[1:],
            np.full((2, len(x)), noise),
        )

    r = np.linspace(0.025, 9.975, 200)
    peaks = 4.05 * np.sqrt(np.arange(1, 13) / 2)
    g = sum(
        np.exp(-(((r - p) / (0.12 + 0.02 * k)) ** 2)) * 3 / (1 + 0.4 * k)
        for k, p in enumerate(peaks)
    )
    t = np.linspace(0, 3000, 150)
    f = np.linspace(0, 25, 126)
    k = np.linspace(0.2, 1.5, 10)
    return [
        curve("rdf", r, g, 0.01),
        curve("msd", t, 0.12 * (1 - np.exp(-t / 120) * np.cos(t / 60)), 0.001),
        curve("temperature", np.linspace(0, 10000, 501), np.full(501, 600.0), 8.0),
        curve("vdos", f, np.exp(-(((f - 7) / 1.7) ** 2)) / 3 + 1e-3, 5e-4),
        curve("equipartition", k, np.full(10, 600.0), 6.0),
    ]


def made_up_results() -> Results:
    """Checks, one of them failed, speeds and provenance."""
    names = ("temperature.relative_error", "rdf.l1", "msd.l1", "vdos.mismatch")
    checks = [
        judge(f"nvt.{n}[600K]", 0.004 * k, "1", 0.003, 3.0, "made up") for k, n in enumerate(names)
    ]
    return Results(
        provenance=Provenance(
            title="Aluminium at 600 K",
            description="A made-up run <b>of</b> 10 ps.",
            summary=(Fact(label="Stride", value="60 fs", note="30 reference steps"),),
            created="2025-01-01T00:00:00+00:00",
            settings={"time_ps": 10.0, "nested": {"seed": 1, "list": [1, 2]}},
            model={"name": "al", "temperature": [300, 900]},
            speed=(
                Speed(
                    program="longstride",
                    role="surrogate",
                    ns_per_day=40,
                    lowest=38,
                    highest=41,
                    n_atoms=4000,
                    cores=2,
                ),
                Speed(
                    program="LAMMPS",
                    role="reference",
                    ns_per_day=81,
                    lowest=80,
                    highest=83,
                    n_atoms=4000,
                    cores=2,
                ),
            ),
            notes=("A remark.",),
        ),
        checks=tuple(checks),
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder, with both files in it."""
    write_results(tmp_path / "results.json", made_up_results())
    write_curves(tmp_path / "arrays.npz", made_up_curves())
    return tmp_path


class Outline(HTMLParser):
    """Checks that tags close, and collects ids and references."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.ids += [value for name, value in attrs if name == "id" and value]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.ids += [value for name, value in attrs if name == "id" and value]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture
def page(folder: Path) -> str:
    return write_report(folder / "results.json").read_text(encoding="utf-8")


def test_the_page_needs_nothing_from_outside(page: str) -> None:
    assert "://" not in page
    assert not re.search(r"<(script|link|img|iframe|object)\b", page)
    assert "@import" not in page


def test_the_page_is_well_formed_and_holds_every_figure(page: str) -> None:
    outline = Outline()
    outline.feed(page)
    assert outline.open == []
    assert outline.tags.count("svg") == outline.tags.count("figure") == len(made_up_curves()) + 1
    assert len(outline.ids) == len(set(outline.ids))
    wanted = set(re.findall(r'(?:url\(#|href="#)([^)"]+)', page))
    assert wanted <= set(outline.ids)


def test_every_marker_colour_became_a_variable(page: str) -> None:
    assert not re.search(r"#0[1-4]0[2-5]0[3-6]", page)
    assert "var(--surrogate)" in page
    assert "prefers-color-scheme: dark" in page
    assert "@media print" in page


def test_the_checks_and_their_verdicts_are_shown(page: str) -> None:
    for check in made_up_results().checks:
        assert check.name in page
    assert page.count('badge good">pass') == 3
    assert page.count('badge bad">fail') == 1
    assert "3 of 4 pass" in page
    assert "0.49× the speed of LAMMPS" in page


def test_the_instruction_set_stands_beside_the_speed(folder: Path, page: str) -> None:
    assert "instruction set" not in page
    results = made_up_results()
    ran_by = results.provenance.model_copy(update={"machine": {"instructions": "v3"}})
    write_results(folder / "results.json", results.model_copy(update={"provenance": ran_by}))
    with_it = write_report(folder / "results.json").read_text(encoding="utf-8")
    assert "0.49× the speed of LAMMPS, same cores, instruction set v3" in with_it
    assert "kernel runs by the instruction set v3" in with_it


def test_text_from_the_files_is_escaped(page: str) -> None:
    assert "A made-up run &lt;b&gt;of&lt;/b&gt; 10 ps." in page


def test_the_same_files_give_the_same_page(folder: Path, page: str) -> None:
    assert write_report(folder / "results.json").read_text(encoding="utf-8") == page
    assert sorted(p.name for p in folder.iterdir()) == ["arrays.npz", "report.html", "results.json"]


def test_missing_arrays_are_named(folder: Path) -> None:
    (folder / "arrays.npz").unlink()
    with pytest.raises(FileFormatError, match=r"arrays\.npz"):
        write_report(folder / "results.json")


@pytest.mark.parametrize("curve", made_up_curves(), ids=lambda c: c.quantity)
def test_a_plot_draws_on_given_axes_and_returns_them(curve) -> None:
    axes = mpl.figure.Figure().add_subplot()
    assert getattr(plots, f"plot_{curve.quantity}")(curve, axes) is axes
    assert axes.get_xlabel()


@pytest.mark.parametrize("quantity", sorted(UNITS))
def test_every_quantity_is_drawn_without_a_reference_too(quantity: str) -> None:
    x = np.arange(5.0)
    none = np.zeros((0, 5))
    (group,) = curve_groups([Curve(f"{quantity}[600K]", x, 0.0 * x + 1.0, 0.0 * x, none, none)])
    assert len(group.figures) == 1


def test_a_map_without_error_has_a_horizon() -> None:
    x = np.arange(5.0)
    exact = Curve("horizon[600K]", x, 0.0 * x, 0.0 * x, 0.0 * x[None], 0.0 * x[None])
    assert curve_groups([exact])[0].figures[0].title == "Horizon"


def test_reports_need_no_torch() -> None:
    script = "import sys, longstride.report; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
