"""Options of a run that only one of the engines has."""

from collections.abc import Mapping
from typing import Any, Final

from longstride.cli.engine_name import EngineName
from longstride.errors import ConfigError

NOT_HOSTED: Final = (
    *("pressure", "barostat", "barostat_time", "compressibility", "energy_correction", "noise"),
    "substride",
)
"""What LAMMPS does not do for a run."""

HOSTED_ONLY: Final = ("ranks", "exchange", "lammps_commands")


def require_options_of_engine(given: Mapping[str, Any]) -> None:
    """Refuse options that the engine of a run does not have.

    Args:
        given: the options as they were typed; None where not given.

    Raises:
        ConfigError: an option is of the other engine.
    """
    hosted = given.get("engine") == EngineName.lammps
    for name in NOT_HOSTED if hosted else HOSTED_ONLY:
        # Words that ask for nothing are no contradiction.
        if given.get(name) not in (None, 0, "none"):
            option = "--" + name.replace("_", "-")
            raise ConfigError(
                f"{option} does not go with --engine lammps; leave one of them out"
                if hosted
                else f"{option} is an option of --engine lammps; give that too"
            )
