"""The runs of ``runs: standard``: one set for every crystal, in units of its melting temperature.

They are those that the shipped aluminium model was made from, in shorter words: the whole range of
the crystal, from room temperature where a quarter of melting is above it, some strain (two runs
each: one is held out), and close encounters of atoms beyond the range of use, without which a map
has been seen to fail near its edge (docs/maps.md): superheated, at rest and compressed.
"""

from typing import Any, Final

from longstride.errors import ConfigError

COLDEST: Final = 0.25
"""The lowest temperature over that of melting, unless it is above room temperature."""

ROOM: Final = 290.0
"""K; the highest that the lowest temperature is, so that 300 K is inside every crystal's regime."""

FRACTIONS: Final = (0.4, 0.55, 0.7, 0.85, 1.0)
"""The other temperatures over that of melting."""

STRAINED: Final = (0.55, 1.0)
"""Where strains of ± 2 % are added, beside the lowest temperature."""

SUPERHEATED: Final = 1.15

SEGMENT: Final = {"segments": 12, "segment_length": 600.0}


def standard_runs(melting_temperature: float) -> list[dict[str, Any]]:
    """Groups of runs, as a recipe has them.

    Args:
        melting_temperature: K; a rough one will do.
    """

    def at(*fractions: float) -> list[float]:
        return [10.0 * round(0.1 * fraction * melting_temperature) for fraction in fractions]

    cold = [min(ROOM, *at(COLDEST))]
    hot = at(SUPERHEATED)
    return [
        {"temperatures": cold + at(*FRACTIONS), "seeds": [1, 2, 3], **SEGMENT},
        {
            "temperatures": cold + at(*STRAINED),
            "strains": [-0.02, 0.02],
            "seeds": [1, 2],
            **SEGMENT,
        },
        {"temperatures": hot, "seeds": [1, 2], "in_regime": False, **SEGMENT},
        {"temperatures": hot, "strains": [-0.03], "in_regime": False, **SEGMENT},
    ]


def with_standard_runs(content: dict[str, Any]) -> dict[str, Any]:
    """A recipe's content with ``runs: standard`` written out.

    Raises:
        ConfigError: no melting temperature, or one without use.
    """
    given = content.get("melting_temperature")
    if content.get("runs") != "standard":
        if given is not None:
            raise ConfigError("melting_temperature goes with 'runs: standard'")
        return content
    if isinstance(given, bool) or not isinstance(given, int | float) or not 50.0 < given < 1e4:
        raise ConfigError(
            f"runs: standard needs melting_temperature in K, between 50 and 10,000, not {given!r}"
        )
    rest = {key: value for key, value in content.items() if key != "melting_temperature"}
    return {**rest, "runs": standard_runs(float(given))}
