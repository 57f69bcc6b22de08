"""A wheel has what the program needs: models, templates, scripts, thresholds, and a version."""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from longstride.kernels.native import load_native
from longstride.zoo import shipped

ROOT = Path(__file__).parents[2]
BUILD = """
import sys
from scikit_build_core.build import build_wheel
print(build_wheel(sys.argv[1], {"wheel.cmake": "false"}))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel of this checkout, as where no compiler is."""
    folder = tmp_path_factory.mktemp("wheel")
    done = subprocess.run(
        [sys.executable, "-c", BUILD, str(folder)],
        cwd=ROOT,
        env={**os.environ, "SETUPTOOLS_SCM_PRETEND_VERSION": "1.2.3"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}{done.stderr}"
    (path,) = folder.glob("*.whl")
    return zipfile.ZipFile(path)


def test_everything_of_the_package_is_in_the_wheel(wheel: zipfile.ZipFile):
    listed = subprocess.run(
        ["git", "ls-files", "src"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("not a checkout: what belongs to the package is not known")
    wanted = {
        name.removeprefix("src/")
        for name in listed.stdout.splitlines()
        if "/kernels/cpp/" not in name and (ROOT / name).exists()
    }
    assert wanted <= set(wheel.namelist())


def test_what_the_program_opens_is_in_the_wheel(wheel: zipfile.ZipFile):
    names = set(wheel.namelist())
    for model in shipped():
        parts = {f"longstride/zoo/models/{model}/{part}" for part in ("model.json", "card.md")}
        assert {*parts, f"longstride/zoo/models/{model}/model.safetensors"} <= names
    for name in ("report/report.html.j2", "report/report.css", "validation/thresholds.yaml"):
        assert f"longstride/{name}" in names
    assert any(re.match(r"longstride/report/vendor/.*3Dmol.*\.js", name) for name in names)
    assert "longstride/py.typed" in names


def test_nothing_else_is_in_the_wheel(wheel: zipfile.ZipFile):
    strangers = [
        name
        for name in wheel.namelist()
        if not name.startswith(("longstride/", "longstride-1.2.3.dist-info/"))
        or name.endswith((".pyc", ".cpp", ".hpp", ".partial"))
    ]
    assert strangers == []


def test_the_wheel_knows_its_version_licence_and_program(wheel: zipfile.ZipFile):
    metadata = wheel.read("longstride-1.2.3.dist-info/METADATA").decode()
    assert "\nVersion: 1.2.3\n" in metadata
    assert "longstride-1.2.3.dist-info/licenses/LICENSE" in wheel.namelist()
    scripts = wheel.read("longstride-1.2.3.dist-info/entry_points.txt").decode()
    assert "longstride=longstride.cli.main:main" in scripts.replace(" ", "")


def test_the_installed_package_has_its_compiled_kernel():
    if not any(shutil.which(name) for name in ("c++", "g++", "clang++")):
        pytest.skip("there is no compiler")
    assert load_native() is not None
