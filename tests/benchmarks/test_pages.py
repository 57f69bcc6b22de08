"""Pages are made from result files alone, and judge what is in them."""

from pathlib import Path

import numpy as np
from pages import write_pages

from longstride.validation import (
    Curve,
    Provenance,
    Results,
    judge,
    write_curves,
    write_results,
)


def lines_with(text: str, *words: str) -> list[str]:
    return [line for line in text.splitlines() if all(word in line for word in words)]


def pages_of(results: Path, docs: Path) -> tuple[str, str]:
    docs.mkdir()
    write_pages(results, docs)
    return tuple((docs / name).read_text(encoding="utf-8") for name in ("accuracy.md", "maps.md"))


def test_every_target_is_judged(results: Path, tmp_path: Path):
    text, _ = pages_of(results, tmp_path / "docs")
    expected = {
        "one-stride error of w, 300 K": "pass",
        "one-stride error of w, 900 K": "**miss**",
        "one-stride error of d, 900 K": "pass",
        "one-stride error of w, 450 K": "not measured",
        "one stage over staged": "pass",
        "one stage over kicks": "**miss**",
        "NVT mean kinetic temperature, 600 K": "pass",
        "NVT L1 distance of g(r) over the noise, 600 K": "pass",
        "NVT mean square amplitude, 600 K": "**miss**",
        "NVE drift of the total energy over 100 ps, 300 K": "pass",
        "NVE drift of the kinetic energy over 100 ps, 600 K": "**miss**",
        "NVE drift of the total energy over 100 ps, 900 K": "not measured",
    }
    for quantity, verdict in expected.items():
        (line,) = lines_with(text, f"| {quantity}")[:1] or lines_with(text, quantity)[:1]
        assert line.rstrip(" |").endswith(verdict), line
    assert lines_with(
        text, "- NVT mean square amplitude, 600 K: +4.0 ± 1.2 %, asked for within 3 %."
    )


def test_a_drift_below_the_aim_says_so(results: Path, tmp_path: Path):
    text, _ = pages_of(results, tmp_path / "docs")
    (line,) = lines_with(text, "drift of the total energy over 100 ps, 300 K", "aim")
    assert "+0.50 ± 0.10 % (below the aim of 1 %)" in line


def test_the_maps_are_compared(results: Path, tmp_path: Path):
    _, text = pages_of(results, tmp_path / "docs")
    assert lines_with(text, "| staged |", "5.00")
    assert lines_with(text, "| kicks |", "2.50")
    assert lines_with(text, "| kicks, w |", "1.50")
    assert lines_with(text, "error of w of kicks is 2.00 to 2.00 times that of staged")
    assert lines_with(text, "kicks drifts by +2.00 ± 0.10 % and staged broke down after 0.25 ps")
    assert lines_with(text, "A stride of kicks takes 0.67 times as long as one of staged")


def test_numbers_of_different_weights_are_told(results: Path, tmp_path: Path):
    text, _ = pages_of(results, tmp_path / "docs")
    assert "different versions" not in text
    piece = results / "0.json"
    piece.write_text(piece.read_text(encoding="utf-8").replace("0" * 64, "1" * 64))
    write_pages(results, tmp_path / "docs")
    assert "different versions" in (tmp_path / "docs" / "accuracy.md").read_text(encoding="utf-8")


def test_figures_are_linked_and_there(results: Path, tmp_path: Path):
    text, _ = pages_of(results, tmp_path / "docs")
    for name in ("onestep.png", "nve.png"):
        assert f"figures/{name}" in text
        assert (tmp_path / "docs" / "figures" / name).stat().st_size < 200_000


def test_nothing_measured_is_said_plainly(tmp_path: Path):
    empty = tmp_path / "results"
    empty.mkdir()
    for text in pages_of(empty, tmp_path / "docs"):
        assert "not measured" in text
        assert "figures/" not in text
        assert "| pass |" not in text


def test_the_claims_of_the_paper_stand_beside_the_plain_surrogate(results: Path, tmp_path: Path):
    docs = tmp_path / "docs"
    docs.mkdir()
    write_pages(results, docs)
    text = (docs / "paper.md").read_text(encoding="utf-8")
    for title in ("## 1. ", "## 2. ", "## 3. ", "## 4. "):
        assert title in text
    assert lines_with(text, "| one-stage |")
    assert lines_with(text, "| NVE, staged |", "0.25")


def test_the_suites_verdicts_stand_in_a_table_with_a_column_a_temperature(
    results: Path, tmp_path: Path
):
    docs = tmp_path / "docs"
    (docs / "validation").mkdir(parents=True)
    checks = (
        judge("onestep.w.relative_error[300K]", 0.01, "1", 0.01, 3.0, "made up"),
        judge("onestep.w.relative_error[300K, 20 fs]", 0.02, "1", 0.01, 3.0, "made up"),
        judge("onestep.w.relative_error[900K]", 0.04, "1", 0.01, 3.0, "made up"),
        judge("nvt.kinetic_distribution.z[900K]", -2.0, "1σ", 1.0, 4.0, "made up"),
    )
    source = Provenance(
        title="a", description="b", created="c", command="longstride validate -m al"
    )
    write_results(docs / "validation" / "results.json", Results(provenance=source, checks=checks))
    x = np.linspace(0.0, 3.0, 7)
    some = {"surrogate_error": 0.1 * x, "references_error": 0.1 * x[None]}
    curves = [
        Curve(name, x, surrogate=x, references=x[None], **some)
        for name in ("rdf[900K]", "msd[900K]")
    ]
    write_curves(docs / "validation" / "arrays.npz", curves)
    write_pages(results, docs)
    assert (docs / "figures" / "structure.png").stat().st_size > 0
    assert "figures/structure.png" in (docs / "paper.md").read_text(encoding="utf-8")
    text = (docs / "accuracy.md").read_text(encoding="utf-8")
    assert "`longstride validate -m al`" in text
    assert "3 of 4 checks pass" in text
    assert lines_with(text, "|  | 300 K | 900 K |")
    (row,) = lines_with(text, "| `onestep.w.relative_error` |")
    assert row == "| `onestep.w.relative_error` | 1 % (3 %) | **4 % (3 %)** |"
    assert lines_with(text, "`onestep.w.relative_error, 20 fs` | 2 % (3 %) |  |")
    assert lines_with(text, "`nvt.kinetic_distribution.z` |  | −2 σ (4 σ) |")
    assert lines_with(text, "- `onestep.w.relative_error[900K]`: 4 %, asked for 3 %.")
