"""The guard of a rollout: what watches, and who takes over, as the request says."""

from typing import Any, NamedTuple

from rich.console import Console

from longstride.cli.on_leave_name import OnLeave
from longstride.cli.quantities import format_time
from longstride.cli.run_request import RunRequest
from longstride.dynamics import Findings, Observer, Relay, Watch
from longstride.engines.reference_stride import ReferenceStride
from longstride.errors import ConfigError
from longstride.model import Card
from longstride.propagator import Propagator
from longstride.zoo import summarise

TIME_STEP = 2.0
"""Of the reference while it is at work, fs: that of the data of the shipped models."""


class Guarded(NamedTuple):
    """A model ready to run.

    Attributes:
        map: what moves the atoms: the model, or a relay of it and its reference.
        observers: what looks at the states.
        watch: of them, the one over the regime; None where nothing is watched.
    """

    map: Propagator
    observers: tuple[Observer, ...]
    watch: Watch | None


def reference_of(request: RunRequest, card: Card) -> ReferenceStride | None:
    """What goes on where atoms leave the regime: the reference that the model's card names.

    Args:
        request: what to do then.
        card: of the model.

    Returns:
        Strides of the reference; None where it was not asked for.

    Raises:
        ConfigError: the model has no guard, or its reference cannot be told.
        EngineError: the reference is not installed.
    """
    if request.on_leave != OnLeave.reference or not request.guard_every:
        return None
    if card.limits is None:
        raise ConfigError(
            f"--on-leave reference: model '{request.model}' has no guard to tell when; train "
            "one with model.guard"
        )
    from longstride.reference import make_engine
    from longstride.validation.system import reference_settings

    settings = reference_settings(summarise(card.folder).potentials, card.regime.species, 1)
    return ReferenceStride(make_engine(settings), card.config.stage_times, TIME_STEP)


def guarded(
    request: RunRequest, model: Any, reference: ReferenceStride | None, console: Console
) -> Guarded:
    """The model with the guard that was asked for.

    Args:
        request: how often to look, and what to do.
        model: the propagator, and its gauge where it has one.
        reference: takes over where atoms leave the regime.
        console: takes warnings.
    """
    gauge = getattr(model, "gauge", None)
    if gauge is None or not request.guard_every:
        return Guarded(model, (), None)

    def say(line: str) -> None:
        console.print(line, highlight=False, soft_wrap=True, markup=False)

    relay = None if reference is None else Relay(model, reference)
    stops = request.on_leave == OnLeave.stop
    watch = Watch(gauge, request.guard_every, stops=stops, relay=relay, say=say)
    return Guarded(model if relay is None else relay, (watch,), watch)


def summary_of(findings: Findings, n_strides: int, stride: float) -> list[tuple[str, str]]:
    """Rows of the table at the end of a run."""
    if findings.looks_outside:
        told = (
            f"{findings.looks_outside} of {findings.looks} looks found atoms outside the regime, "
            f"up to {findings.largest:.3g} times a limit"
        )
    else:
        told = f"silent in {findings.looks} looks, at most {findings.largest:.2f} of a limit"
    rows = [("guard", told)]
    if findings.reference_strides:
        time = format_time(findings.reference_strides * stride)
        rows.append(
            ("reference", f"did {findings.reference_strides} of {n_strides} strides, {time}")
        )
    return rows
