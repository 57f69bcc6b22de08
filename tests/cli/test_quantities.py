"""Times, repeats and ramps as people type them."""

import pytest

from longstride.cli.quantities import (
    ends_of,
    format_course,
    format_time,
    parse_course,
    parse_repeat,
    parse_time,
)
from longstride.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("100ps", 1e5),
        ("60fs", 60.0),
        ("0.1ns", 1e5),
        (".5 ps", 500.0),
        ("1e-3us", 1e6),
        ("2.ps", 2e3),
    ],
)
def test_times_have_units(text: str, time: float):
    assert parse_time(text, "--time") == pytest.approx(time, rel=1e-12)


def test_a_bare_number_gets_a_hint():
    with pytest.raises(ConfigError, match=r"--time 100: .*write 100fs, 100ps or 100ns"):
        parse_time("100", "--time")


@pytest.mark.parametrize(
    "text", ["", "ps", "-5ps", "0ps", "5 parsec", "5ps6", "nan ps", "1_0ps", "1e999ps"]
)
def test_anything_else_is_refused(text: str):
    with pytest.raises(ConfigError, match="--time"):
        parse_time(text, "--time")


def test_times_read_well():
    assert [format_time(t) for t in (60.0, 1500.0, 2.5e6)] == ["60 fs", "1.5 ps", "2.5 ns"]


def test_repeats():
    assert parse_repeat("5x5x4") == (5, 5, 4)
    assert parse_repeat("3") == (3, 3, 3)
    for text in ("", "5x5", "0x1x1", "axbxc", "5x5x5x5", "-1"):
        with pytest.raises(ConfigError, match="as in 5x5x5"):
            parse_repeat(text)


def test_constants_and_ramps():
    assert parse_course("300", "--temperature", "K") == 300.0
    assert parse_course("-1.5:2e1", "--pressure", "GPa") == (-1.5, 20.0)
    assert ends_of(300.0) == (300.0, 300.0)
    assert ends_of((1.0, 2.0)) == (1.0, 2.0)
    assert format_course(300.0, "K") == "300 K"
    assert format_course((300.0, 900.0), "K") == "300 to 900 K"
    for text in ("", "a", "1:", "1:2:3", "nan", "0:inf"):
        with pytest.raises(ConfigError, match=r"--pressure .*a number in GPa"):
            parse_course(text, "--pressure", "GPa")
