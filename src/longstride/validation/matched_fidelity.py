"""The reference at the largest time step at which it passes what the model is judged by.

A learned map is not exact, and neither is the reference's integrator. To compare them at the same
fidelity the reference's own steps are lengthened, from those of the suite's reference upwards,
until a check of the suite fails. Every candidate is judged as the model is: from the same starts,
beside the same reference trajectories, by the same thresholds. The candidates divide the time
between the stages of the map, where frames are compared.
"""

from collections.abc import Sequence
from math import ceil

from longstride.reference import Engine
from longstride.validation.bench_record import Matched
from longstride.validation.experiment import Listener, Subject
from longstride.validation.results import Check
from longstride.validation.suite.coarse_engine import CoarseEngine
from longstride.validation.suite.crystals import Crystals
from longstride.validation.suite.engine_reference import EngineReference
from longstride.validation.suite.parts import Parts
from longstride.validation.suite.rollouts import Rollouts
from longstride.validation.suite.run import Request, judge_rollouts
from longstride.validation.suite.timeline import Timeline


def candidate_steps(interval: float, smallest: float) -> tuple[float, ...]:
    """Time steps in fs that divide an interval, increasing up to it.

    Args:
        interval: fs.
        smallest: fs; the first step is the largest one up to this.
    """
    most = max(1, ceil(interval / smallest - 1e-9))
    return tuple(interval / count for count in range(most, 0, -1))


def find_matched(
    subject: Subject,
    engine: Engine,
    coarse: Engine,
    crystals: Crystals,
    request: Request,
    listener: Listener,
) -> Matched:
    """Judge the model, then the reference at one candidate step after the other.

    Args:
        subject: the model.
        engine: the reference.
        coarse: the same engine, which is expected to break down at some step.
        crystals: the cell at each temperature.
        request: how they are judged; ``settings.largest_step`` is the last candidate, if it
            divides the time between stages. No results are written.
        listener: hears of progress.

    Raises:
        LongstrideError: something could not be judged.
    """
    settings, timeline = request.settings, Timeline.of(subject.propagator)
    longest: float | None = None
    failed: dict[float, tuple[str, ...]] = {}
    with Parts(request.cache, listener) as parts:
        reference = EngineReference(engine, crystals, settings, timeline, parts)
        of_model = judge_rollouts(
            reference, Rollouts(subject, settings, timeline, parts), request, listener
        ).checks
        for step in reversed(candidate_steps(timeline.stage_interval, settings.largest_step)):
            steps = CoarseEngine(coarse, step, timeline, settings, subject.regime.shortest_distance)
            stand_in = Subject(steps.name, steps, subject.regime, checksum="", description={})
            rollouts = Rollouts(stand_in, settings, timeline, parts, steps)
            wrong = _failed(judge_rollouts(reference, rollouts, request, listener).checks)
            if not wrong:
                longest = step
                break
            failed[step] = wrong
    return Matched(
        time_step=longest,
        failed=failed,
        model_failed=_failed(of_model),
        atoms=crystals(settings.temperatures[0]).n_atoms,
        checks=len(of_model),
        settings=settings,
    )


def _failed(checks: Sequence[Check]) -> tuple[str, ...]:
    return tuple(check.name for check in checks if not check.passed)
