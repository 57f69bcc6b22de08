"""The page of a whole validation: all quantities at two temperatures, and frames, in a browser."""

import base64
import json
import re
import shutil
import subprocess
from hashlib import sha256
from html import unescape
from pathlib import Path

import numpy as np
import pytest

from longstride.errors import FileFormatError
from longstride.report import write_report
from longstride.report.check_names import NAMES
from longstride.validation import (
    Curve,
    Provenance,
    Results,
    judge,
    write_curves,
    write_results,
)
from longstride.validation.curves import UNITS
from longstride.validation.snapshots import Snapshot, write_snapshots
from longstride.validation.thresholds import packaged_thresholds

TEMPERATURES = ("300K", "900K")
FIGURES = 16
"""At each temperature: d and w share a figure, as do the horizon and its limit."""

BROWSER = shutil.which("chromium") or shutil.which("google-chrome")
HOSTILE = "</script><script>alert(1)</script>"


def curves() -> list[Curve]:
    rng = np.random.default_rng(2)
    found = []
    for temperature in TEMPERATURES:
        for quantity in UNITS:
            n = 5 if quantity == "cna" else 40
            x = np.arange(5.0) if quantity == "cna" else np.linspace(0.05, 1.0, n)
            values = 0.2 + np.abs(np.sin(6.0 * x)) + 0.01 * rng.random((3, n))
            paths = ("",)
            if quantity == "dispersion":
                paths = (", Γ–X longitudinal", ", Γ–L transverse")
            found += [
                Curve(
                    f"{quantity}[{temperature}{path}]",
                    x,
                    values[0],
                    np.full(n, 0.01),
                    values[1:],
                    np.full((2, n), 0.01),
                )
                for path in paths
            ]
    return found


def results() -> Results:
    stems = [stem for names in NAMES.values() for stem in names]
    checks = tuple(
        judge(f"{stem}[{temperature}]", 0.01, "1", 0.01, 3.0, "made up")
        for temperature in TEMPERATURES
        for stem in stems
    )
    failed = judge("nvt.rdf.l1[900K, of Al]", 0.5, "1", 0.01, 3.0, HOSTILE)
    source = Provenance(title=f"Two {HOSTILE}", description="made up", created="then")
    return Results(provenance=source, checks=(*checks, failed))


def snapshots() -> list[Snapshot]:
    rng = np.random.default_rng(3)
    cell = 9.0 * np.eye(3)
    species = np.array([13] * 20 + [29] * 12)
    return [
        Snapshot(
            temperature,
            species,
            cell,
            (9.0 * rng.random((32, 3))).astype(np.float32),
            (9.0 * rng.random((32, 3))).astype(np.float32),
        )
        for temperature in TEMPERATURES
    ]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page")
    write_results(path / "results.json", results())
    write_curves(path / "arrays.npz", curves())
    write_snapshots(path / "snapshots.npz", snapshots())
    write_report(path / "results.json")
    return path


@pytest.fixture(scope="module")
def page(folder: Path) -> str:
    return (folder / "report.html").read_text(encoding="utf-8")


def test_every_quantity_has_a_figure_at_every_temperature(page: str) -> None:
    assert page.count("<figure>") == page.count("<svg") == FIGURES * len(TEMPERATURES)
    assert "Side by side at 300\N{NO-BREAK SPACE}K" in page


def test_every_check_of_the_suite_has_a_plain_name() -> None:
    known = {stem for names in NAMES.values() for stem in names}
    assert set(packaged_thresholds().rules) <= known


def test_a_failed_check_is_linked_from_the_top(page: str) -> None:
    (anchor,) = re.findall(r'<li><a href="#(check-\d+)">Radial distribution, of Al', page)
    assert f'<tr id="{anchor}">' in page


def test_the_page_may_run_its_own_scripts_alone(page: str) -> None:
    policy = unescape(re.findall(r'Content-Security-Policy" content="([^"]*)"', page)[0])
    assert policy.startswith("default-src 'none';")
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    assert len(scripts) == 2
    for script in scripts:
        assert digest(script) in policy
    assert HOSTILE not in page


def test_the_frames_travel_as_plain_data(page: str) -> None:
    data = json.loads(re.findall(r'id="snapshots">(.*?)</script>', page, re.DOTALL)[0])
    assert [symbol for symbol, *_ in data["elements"]] == ["Al", "Cu"]
    assert len(data["frames"]) == 2
    np.testing.assert_allclose(
        data["frames"][1]["surrogate"], snapshots()[1].surrogate, atol=0.0051
    )


def test_a_foreign_snapshot_is_refused(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "copy")
    shot = snapshots()[0]
    broken = Snapshot("300K", shot.species, shot.cell, shot.surrogate[:5], shot.reference)
    write_snapshots(tmp_path / "copy" / "snapshots.npz", [broken])
    with pytest.raises(FileFormatError, match="different lengths"):
        write_report(tmp_path / "copy" / "results.json")


def opened(page: Path, profile: Path, *flags: str) -> tuple[str, list[str]]:
    """The document after its scripts ran, and the lines of the console but the driver's."""
    assert BROWSER is not None
    done = subprocess.run(
        [
            BROWSER,
            "--headless",
            "--no-sandbox",
            "--enable-unsafe-swiftshader",
            "--enable-logging=stderr",
            f"--user-data-dir={profile}",
            "--virtual-time-budget=3000",
            "--dump-dom",
            *flags,
            page.as_uri(),
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    console = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    return done.stdout, [line for line in console if "GL Driver Message" not in line]


def digest(script: str) -> str:
    """As a page's policy names a script."""
    return f"'sha256-{base64.b64encode(sha256(script.encode()).digest()).decode()}'"


def with_script(page: str, script: str) -> str:
    """The page with one more script that its policy allows."""
    allowed = page.replace("script-src ", f"script-src {digest(script)} ")
    return allowed.replace("</head>", f"<script>{script}</script></head>")


CHANGE = """
addEventListener("load", () => setTimeout(() => {
  const choice = document.querySelector("select");
  choice.selectedIndex = 1;
  choice.dispatchEvent(new Event("change"));
  document.title = "changed";
}, 1000));
"""

needs_browser = pytest.mark.skipif(BROWSER is None, reason="needs Chromium or Chrome")


@needs_browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_frames_are_drawn_without_a_complaint(tmp_path: Path, page: str, scheme: str) -> None:
    # Only the frames are laid out: the view is made when the reader comes near.
    near = tmp_path / "near.html"
    hidden = "<style>main > :not(.frames) { display: none }</style></head>"
    near.write_text(with_script(page, CHANGE).replace("</head>", hidden), encoding="utf-8")
    dark = ("--blink-settings=preferredColorScheme=0",) if scheme == "dark" else ()
    document, console = opened(near, tmp_path / "profile", *dark)
    assert console == []
    assert document.count("<canvas") == 2
    assert "<title>changed" in document


PROBE = """
addEventListener("load", () => {
  const wide = (element) => element.scrollWidth - element.clientWidth;
  const sizes = [...document.querySelectorAll("figure svg")].map((svg) => {
    const box = svg.getBoundingClientRect();
    return Math.min(box.width, box.height);
  });
  parent.postMessage({
    width: innerWidth,
    beyond: [document.documentElement, document.querySelector(".table")].map(wide),
    figures: sizes.length,
    smallest: Math.min(...sizes),
  }, "*");
});
"""

LISTENER = """<pre></pre><script>
const seen = [];
addEventListener("message", (event) => {
  seen.push(event.data);
  document.querySelector("pre").textContent = JSON.stringify(seen);
});
</script>"""


@needs_browser
def test_figures_and_table_fit_a_laptop_and_a_phone(tmp_path: Path, page: str) -> None:
    widths = (400, 1024, 1200)
    (tmp_path / "probed.html").write_text(with_script(page, PROBE), encoding="utf-8")
    frames = (f'<iframe src="probed.html" width="{w}" height="600"></iframe>' for w in widths)
    (tmp_path / "all.html").write_text(LISTENER + "".join(frames), encoding="utf-8")
    document, console = opened(tmp_path / "all.html", tmp_path / "profile")
    assert console == []
    found = json.loads(unescape(re.findall(r"<pre>(.*?)</pre>", document)[0]))
    assert sorted(one["width"] for one in found) == sorted(widths)
    for one in found:
        assert one["beyond"] == [0, 0]
        assert one["figures"] == FIGURES * len(TEMPERATURES)
        assert one["smallest"] > 50
