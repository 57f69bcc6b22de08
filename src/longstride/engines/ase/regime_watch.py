"""The regime guard of a model inside ASE."""

import warnings
from typing import Final

from longstride.dynamics import Watch
from longstride.errors import ConfigError

CHOICES: Final = ("stop", "warn")


def watch_of(model: object, every: int, on_leave: str | None, *, force: bool) -> Watch | None:
    """A watch over where atoms leave the regime of a model; None where the model has no guard.

    Args:
        model: any propagator; shipped ones have a gauge.
        every: strides between looks; 0 never looks.
        on_leave: "stop" or "warn"; None stops, or warns with ``force``.
        force: whether the user goes outside on purpose.

    Raises:
        ConfigError: a choice that is not known, or a negative number of strides.
    """
    if on_leave is not None and on_leave not in CHOICES:
        raise ConfigError(
            f"on_leave {on_leave!r}: not known; use one of {', '.join(CHOICES)} "
            "('longstride run --on-leave reference' hands over to the reference)"
        )
    if every < 0:
        raise ConfigError(f"guard_every: {every} is no number of strides; 0 never looks")
    gauge = getattr(model, "gauge", None)
    if gauge is None or every == 0:
        return None
    stops = on_leave == "stop" or (on_leave is None and not force)
    return Watch(gauge, every, stops=stops, say=lambda line: warnings.warn(line, stacklevel=2))
