"""A wheel has what the program needs (models, templates, thresholds, a version), an archive all."""

import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest

from longstride.kernels.native import ALL_OF_THEM, MODULES
from longstride.zoo import shipped

ROOT = Path(__file__).parents[2]
BUILD = """
import sys
from scikit_build_core.build import build_{what}
print(build_{what}(sys.argv[1], {{"wheel.cmake": "false"}}))
"""


def built(what: str, folder: Path) -> Path:
    """The wheel of this checkout as where no compiler is, or its source archive."""
    done = subprocess.run(
        [sys.executable, "-c", BUILD.format(what=what), str(folder)],
        cwd=ROOT,
        env={**os.environ, "SETUPTOOLS_SCM_PRETEND_VERSION": "1.2.3"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}{done.stderr}"
    (path,) = folder.iterdir()
    return path


def tracked() -> set[str]:
    """Files of the repository, with a slash between folders."""
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("not a checkout: what belongs to the package is not known")
    return {name for name in listed.stdout.splitlines() if (ROOT / name).exists()}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    return zipfile.ZipFile(built("wheel", tmp_path_factory.mktemp("wheel")))


def test_the_source_archive_has_the_repository_and_nothing_else(tmp_path: Path):
    wanted = {name for name in tracked() if not name.startswith((".ci/", ".git"))}
    with tarfile.open(built("sdist", tmp_path)) as archive:
        names = {member.name.partition("/")[2] for member in archive if member.isfile()}
    assert wanted <= names
    # New files that are not committed yet come along, what git ignores does not.
    strangers = {name for name in names - wanted if name.startswith((".", "dist", "site", "build"))}
    assert strangers == set()
    assert "PKG-INFO" in names


def test_everything_of_the_package_is_in_the_wheel(wheel: zipfile.ZipFile):
    wanted = {
        name.removeprefix("src/")
        for name in tracked()
        if name.startswith("src/") and "/kernels/cpp/" not in name
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


def test_the_installed_package_has_a_kernel_for_every_instruction_set():
    """As ``make test`` installs it; ``make demo`` installs the widest that the machine runs."""
    if not any(shutil.which(name) for name in ("c++", "g++", "clang++")):
        pytest.skip("there is no compiler")
    wide = platform.machine() in ("x86_64", "AMD64")
    names = list(MODULES.values()) if wide else [MODULES["baseline"]]
    found = [name for name in names if find_spec(f"longstride.kernels.{name}") is not None]
    assert found == names, f"install with: {ALL_OF_THEM}"
