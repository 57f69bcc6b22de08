"""An excursion that the reference takes over: how many strides it does, and what comes out."""

from typing import Any

import numpy as np

from longstride.dynamics import Relay, Watch, draw_velocities, langevin, rollout
from longstride.engines.reference_stride import ReferenceStride
from longstride.kernels import ModelPropagator
from longstride.reference.engine import Engine
from longstride.units import PS
from measurements.guard_cases import crystal, pushed_together
from measurements.guard_runs import FRICTION_TIME, TIME_STEP

EVERY = 10


def measure(model: ModelPropagator, engine: Engine, duration: float) -> dict[str, Any]:
    """Two atoms pushed together in a crystal at 300 K, which LAMMPS is to sort out.

    Args:
        model: with a guard.
        engine: of its potential.
        duration: fs.
    """
    assert model.gauge is not None
    relay = Relay(model, ReferenceStride(engine, model.stage_times, TIME_STEP))
    watch = Watch(model.gauge, EVERY, relay=relay)
    start = crystal(model.regime.lattice_constants[300.0])
    rng = np.random.default_rng(1)
    state = pushed_together(draw_velocities(start, 300.0, rng), 1.9)
    ensemble = langevin(relay, 300.0, FRICTION_TIME)
    watch.observe(0, state)
    strides = []
    for stride in rollout(ensemble, state, rng, round(duration / model.stride)):
        watch.observe(stride.index, stride.end)
        strides.append(watch.findings.reference_strides)
    return {
        "duration": duration,
        "strides": len(strides),
        "reference_strides": watch.findings.reference_strides,
        "handed_back_at": next(
            (
                (number + 1) * model.stride / PS
                for number, count in enumerate(strides)
                if count == strides[-1]
            ),
            None,
        ),
        "on_reference_at_the_end": relay.on_reference,
        "first": watch.findings.first,
    }
