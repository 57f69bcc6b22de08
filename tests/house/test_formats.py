"""The page of the file formats names what is in the files."""

import json
from pathlib import Path

from longstride.dynamics import CORRECTION_COLUMN, ENERGY_COLUMNS
from longstride.dynamics.run_plan import SUFFIX
from longstride.dynamics.thermo import COLUMNS, VOLUME_COLUMN
from longstride.dynamics.watch import Watch
from longstride.kernels import load_propagator
from longstride.zoo import resolve

PAGE = (Path(__file__).parents[2] / "docs" / "formats.md").read_text(encoding="utf-8")


def test_every_column_of_the_scalars_is_explained():
    gauge = load_propagator(resolve("al-fast")).gauge
    observed = Watch(gauge, every=1).columns
    names = [*COLUMNS, VOLUME_COLUMN, CORRECTION_COLUMN, *ENERGY_COLUMNS, *observed]
    assert [name for name in names if f"`{name}`" not in PAGE] == []


def test_every_block_of_a_model_is_explained():
    card = json.loads((resolve("al") / "model.json").read_text(encoding="utf-8"))
    assert [key for key in card if f"`{key}`" not in PAGE] == []


def test_the_restart_file_is_called_so():
    assert f"`out.h5{SUFFIX}`" in PAGE
