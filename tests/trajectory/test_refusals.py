"""What the import refuses: one line naming file, frame and way out, and no output."""

import gzip
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from longstride.errors import ConfigError, LongstrideError
from longstride.trajectory import ImportOptions, import_trajectories

OPTIONS = ImportOptions(units="metal", timestep=2.0, temperatures=(300.0,))
COLUMNS = ["id", "element", "x", "y", "z", "vx", "vy", "vz"]


def at(wanted: int, change: Callable[[list[str]], list[str]]) -> Callable[..., list[str]]:
    """A change of one frame only."""
    return lambda frame, lines: change(lines) if frame == wanted else lines


def replaced(index: int, text: str) -> Callable[[list[str]], list[str]]:
    """A line exchanged."""
    return lambda lines: [text if i == index else line for i, line in enumerate(lines)]


def word_replaced(line: int, word: int, text: str) -> Callable[[list[str]], list[str]]:
    """A word of a line exchanged; lines count from 0, the first atom is line 9."""

    def change(lines: list[str]) -> list[str]:
        words = lines[line].split()
        words[word] = text
        return [*lines[:line], " ".join(words), *lines[line + 1 :]]

    return change


def one_atom_less(lines: list[str]) -> list[str]:
    return [*lines[:3], "5", *lines[4:-1]]


DUMP_FRAMES = {
    "uneven": (at(7, replaced(1, "136")), "frame 7 .step 136.: 12 fs after .* 10 fs apart; split"),
    "repeated": (at(1, replaced(1, "100")), "frame 1 .step 100.: 0 fs after .* repeated"),
    "atom lost": (at(7, one_atom_less), "frame 7 .*: 5 atoms, frame 0 has 6; split"),
    "other atom": (at(7, word_replaced(10, 0, "99")), "frame 7 .*: atom 9 is not in frame 0|atom"),
    "same id": (at(7, word_replaced(10, 0, "3")), "frame 7 .*: an id occurs twice"),
    "element": (at(7, word_replaced(10, 1, "Al")), "frame 7 .*: atom 6 changes its element"),
    "no element": (at(7, word_replaced(10, 1, "Xx")), "frame 7 .*: 'Xx' is not a chemical"),
    "cell": (at(7, replaced(5, "0.7 8.75")), "frame 7 .*: the cell differs .* fixed cells"),
    "boundary": (at(7, replaced(4, "ITEM: BOX BOUNDS pp pp ff")), "frame 7 .*: other periodic"),
    "nan": (at(7, word_replaced(11, 3, "nan")), "line 117, column 4: 'nan' is not a finite"),
    "inf": (at(7, word_replaced(11, 6, "-inf")), "line 117, column 7: '-inf' is not a finite"),
    "word": (at(7, word_replaced(11, 2, "1.2.3")), "line 117, column 3: '1.2.3'"),
    "no box": (at(0, replaced(5, "0 x")), "line 6, column 2: 'x'"),
    "flat box": (at(0, replaced(5, "0.7 0.7")), "line 6: the box has no volume"),
    "no flags": (at(0, replaced(4, "ITEM: BOX BOUNDS")), "line 5: .* not understood"),
    "local dump": (at(0, replaced(8, "ITEM: ENTRIES a b")), "line 9: 'ITEM: ENTRIES a b'"),
    "velocities lost": (
        at(7, replaced(8, "ITEM: ATOMS id element x y z a b c")),
        "frame 7 .*: velocities in some frames only",
    ),
    "no ids": (at(0, replaced(8, "ITEM: ATOMS i element x y z")), "frame 0 .*: no column id"),
    "no positions": (at(0, replaced(8, "ITEM: ATOMS id element x y c")), "no positions"),
}


@pytest.mark.parametrize(("change", "message"), DUMP_FRAMES.values(), ids=DUMP_FRAMES)
def test_bad_dump_frames(
    tmp_path: Path,
    assert_refused: Callable[..., None],
    make_walk: Callable[..., Any],
    write_dump: Callable[..., Any],
    change: Any,
    message: str,
) -> None:
    path = tmp_path / "run.dump"
    write_dump(path, make_walk(frames=10), COLUMNS, change=change)
    assert_refused(path, OPTIONS, f"run.dump.*({message})")


DUMP_OPTIONS: dict[str, tuple[dict[str, Any], list[str], list[str], str]] = {
    "no time": ({"timestep": None}, COLUMNS, [], "no times; give --timestep FS"),
    "no units": ({"units": None}, COLUMNS, [], "velocities in unknown units; say --units"),
    "ase units": ({"units": "ase"}, COLUMNS, [], "--units metal or real"),
    "other units": ({"units": "real"}, COLUMNS, ["ITEM: UNITS", "metal"], "leave --units out"),
    "lj units": ({"units": None}, COLUMNS, ["ITEM: UNITS", "lj"], "units lj are not supported"),
    "unknown units": ({"units": "si"}, COLUMNS, [], "--units si"),
    "no elements": ({}, ["id", "type", "x", "y", "z"], [], "no column element; .* --elements"),
    "few elements": ({"elements": ("Al",)}, ["id", "type", "x", "y", "z"], [], "type 2, but"),
    "wrong element": ({"elements": ("Al", "Q")}, ["id", "type", "x", "y", "z"], [], "'Q' is not"),
    "no type": ({"elements": ("Al",)}, COLUMNS, [], "--elements needs a column type"),
    "temperature": ({"temperatures": (9000.0,)}, COLUMNS, [], "make .* K, --temperature says 9000"),
    "no velocities": ({"temperatures": ()}, COLUMNS[:5], [], "say --temperature K"),
    "many": ({"temperatures": (1.0, 2.0)}, COLUMNS, [], "given 2 times for 1 files"),
    "interval": ({"interval": 9.0}, COLUMNS, [], "--interval says 9 fs; leave --interval out"),
    "timestep": ({"timestep": 3.0}, COLUMNS, ["ITEM: TIME", "0"], "has no time, the frames before"),
}


@pytest.mark.parametrize(
    ("options", "columns", "head", "message"), DUMP_OPTIONS.values(), ids=DUMP_OPTIONS
)
def test_missing_or_contradicting_options(
    tmp_path: Path,
    assert_refused: Callable[..., None],
    make_walk: Callable[..., Any],
    write_dump: Callable[..., Any],
    options: dict[str, Any],
    columns: list[str],
    head: list[str],
    message: str,
) -> None:
    path = tmp_path / "run.dump"
    write_dump(path, make_walk(frames=4), columns, head=head)
    chosen = OPTIONS.model_copy(update=options)
    if message.startswith("has no time"):
        chosen = chosen.model_copy(update={"timestep": None})
    assert_refused(path, chosen, message)


def test_times_against_timestep(
    tmp_path: Path,
    assert_refused: Callable[..., None],
    make_walk: Callable[..., Any],
    write_dump: Callable[..., Any],
) -> None:
    path = tmp_path / "run.dump"
    write_dump(
        path,
        make_walk(frames=4),
        COLUMNS,
        change=lambda frame, lines: ["ITEM: TIME", str(0.01 * frame), *lines],
    )
    wrong = OPTIONS.model_copy(update={"timestep": 1.0})
    assert_refused(path, wrong, "5 steps of --timestep 1 make 5 fs; leave --timestep out")
    import_trajectories([path], tmp_path / "out.h5", OPTIONS)


def test_ambiguous_jump(
    tmp_path: Path,
    assert_refused: Callable[..., None],
    make_walk: Callable[..., Any],
    write_dump: Callable[..., Any],
    shifted: Callable[..., Any],
) -> None:
    walk = shifted(make_walk(frames=10), 6, np.array([0.0, 4.2, 0.0]))
    path = tmp_path / "run.dump"
    write_dump(path, walk, COLUMNS)
    assert_refused(path, OPTIONS, r"frame 6 \(step 130\): atom 18 moves [34]\.\d+ Å, .* 8.00 Å")
    write_dump(path, walk, [*COLUMNS, "ix", "iy", "iz"])
    import_trajectories([path], tmp_path / "out.h5", OPTIONS)


@pytest.mark.parametrize("cut", [1, 3, 40, 150, 300, 400])
def test_truncated_dump(
    tmp_path: Path,
    assert_refused: Callable[..., None],
    make_walk: Callable[..., Any],
    write_dump: Callable[..., Any],
    cut: int,
) -> None:
    path = tmp_path / "run.dump"
    write_dump(path, make_walk(frames=5), COLUMNS)
    text = path.read_text()
    path.write_text(text[:-cut])
    kept = text.index("ITEM: TIMESTEP\n120\n")
    if len(text) - cut > kept:
        assert_refused(path, OPTIONS, "truncated, .*; head -n 60 run.dump keeps the whole frames")
    packed = tmp_path / "packed.dump"
    packed.write_bytes(gzip.compress(text.encode())[:-cut])
    assert_refused(packed, OPTIONS, "damaged gzip data|truncated")


def test_outputs_and_names(
    tmp_path: Path, make_walk: Callable[..., Any], write_dump: Callable[..., Any]
) -> None:
    path = tmp_path / "run.dump"
    write_dump(path, make_walk(frames=3), COLUMNS)
    output = tmp_path / "out.h5"
    output.write_text("precious")
    with pytest.raises(ConfigError, match=r"exists; .* --overwrite"):
        import_trajectories([path], output, OPTIONS)
    assert output.read_text() == "precious"
    bad = tmp_path / "bad.dump"
    bad.write_text(path.read_text()[:-1])
    with pytest.raises(LongstrideError, match=r"bad\.dump.*truncated"):
        import_trajectories([path, bad], output, OPTIONS, overwrite=True)
    assert output.read_text() == "precious"
    with pytest.raises(ConfigError, match="2 files would make the segment"):
        import_trajectories([path, path], tmp_path / "b.h5", OPTIONS)
    with pytest.raises(LongstrideError, match="no such file"):
        import_trajectories([tmp_path / "c.dump"], tmp_path / "b.h5", OPTIONS)
    other = tmp_path / "other" / "run.dump"
    other.parent.mkdir()
    write_dump(other, replace(make_walk(frames=3, seed=1)), COLUMNS)
    made = import_trajectories([path, other], output, OPTIONS, overwrite=True)
    assert [segment.name for segment in made] == [f"{tmp_path.name}_run", "other_run"]
