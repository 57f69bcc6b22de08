"""What a run does where it leaves the regime, as the command line names it."""

from enum import StrEnum


class OnLeave(StrEnum):
    """What happens when an atom is outside the regime of the model."""

    stop = "stop"
    warn = "warn"
    reference = "reference"
