"""Exceptions a user can act on: one line that names the file, the value and the way out."""


class LongstrideError(Exception):
    """Base of every error caused by input; the command line prints one line and exits with 2."""


class FileFormatError(LongstrideError):
    """A file cannot be read as what it claims to be."""


class ConfigError(LongstrideError):
    """A recipe or option has a wrong value."""


class RegimeError(LongstrideError):
    """A model was asked for something it was not made for (species, temperature, density)."""


class RolloutError(LongstrideError):
    """A rollout reached a state that cannot be continued (non-finite or overlapping atoms)."""


class RegimeLeftError(LongstrideError):
    """A run was ended where it left the regime of its model; the command line exits with 3."""


class EngineError(LongstrideError):
    """A reference engine is missing or failed."""


class TrainingError(LongstrideError):
    """A training cannot start or had to stop."""
