"""Laws on the running map: momentum, symmetries, reversibility.

A symmetry g holds where the map of the transformed state is the transformed map of the state; the
deviation is stated relative to ``d``, what free flight does not explain. Reversibility: n strides
forth, all velocities flipped, n strides on; the RMS distance to the start, beside the reference's.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from longstride.errors import RolloutError
from longstride.propagator import Propagator
from longstride.state import State
from longstride.validation.evidence import Evidence, Findings, Laws
from longstride.validation.results import Check

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Transformation:
    """A symmetry of mechanics.

    Attributes:
        state: transforms a state.
        vectors: transforms (N, 3) vectors, such as displacements, of the untransformed state.
        velocity: added to every velocity, Å/fs.
    """

    state: Callable[[State], State]
    vectors: Callable[[Array], Array]
    velocity: Array


def check(evidence: Evidence) -> Findings:
    """Momentum, five symmetries and reversibility, each the worst over the starts."""
    laws = evidence.laws()
    titles = ("translation", "permutation", "rotation", "inversion", "boost")
    checks = []
    with evidence.listener.part(f"{evidence.condition}: laws", None):
        for title in titles:
            checks.append(_symmetry(evidence, laws, title))
        checks += _there_and_back(evidence, laws)
    return Findings(tuple(checks))


def _symmetry(evidence: Evidence, laws: Laws, title: str) -> Check:
    rng = np.random.default_rng(0)
    worst, reason = 0.0, ""
    for start in laws.starts:
        transformation = _TRANSFORMATIONS[title](start, rng)
        try:
            worst = max(worst, violation(laws.propagator, start, transformation))
        except RolloutError as error:
            # A stride that is not there deviates by all of d.
            worst, reason = max(worst, 1.0), f". {error}"
    details = {
        "translation": "moved by any vector, and atoms by cell vectors",
        "permutation": "atoms in another order",
        "rotation": "turned about any axis, with the cell",
        "inversion": "inverted at the origin",
        "boost": "seen from a moving frame (Galilei)",
    }
    return evidence.thresholds.judge(
        f"laws.{title}",
        evidence.condition,
        worst,
        "1",
        None,
        detail=f"{details[title]}; deviation of one stride relative to d{reason}",
    )


def violation(propagator: Propagator, start: State, transformation: Transformation) -> float:
    """RMS deviation of one stride from a symmetry, relative to the RMS of d."""
    rng = np.random.default_rng(0)
    plain = propagator.step(start, rng)
    other = transformation.state(start)
    turned = propagator.step(other, np.random.default_rng(0))
    free = propagator.stride * start.velocities
    size = float(np.sqrt(np.mean((plain.positions - start.positions - free) ** 2)))
    expected = transformation.vectors(plain.positions - start.positions)
    expected = expected + propagator.stride * transformation.velocity
    moved = turned.positions - other.positions
    return float(np.sqrt(np.mean((moved - expected) ** 2))) / max(size, 1e-12)


def _there_and_back(evidence: Evidence, laws: Laws) -> list[Check]:
    drifts, distances, known = [], [], []
    try:
        for start in laws.starts:
            end = _strides(laws.propagator, start, laws.strides)
            scale = float(np.sum(np.linalg.norm(start.momenta, axis=1)))
            change = end.momenta.sum(axis=0) - start.momenta.sum(axis=0)
            drifts.append(float(np.linalg.norm(change)) / max(scale, 1e-12))
            back = _strides(
                laws.propagator, end.with_(velocities=-end.velocities), laws.strides
            )  # fmt: skip
            distances.append(_rms(back.positions - start.positions))
            if laws.reference_return is not None:
                known.append(_rms(laws.reference_return(start) - start.positions))
    except RolloutError as error:
        # A map that breaks down comes back nowhere: the size of the cell says so.
        distances.append(float(abs(np.linalg.det(laws.starts[0].cell)) ** (1.0 / 3.0)))
        drifts.append(1.0)
        reason = str(error)
    else:
        reason = ""
    length = laws.strides * laws.propagator.stride
    back_and_forth = f"RMS distance to the start after {length:g} fs forth and as much back"
    if known:
        back_and_forth += f"; reference {max(known):.2g} Å"
    judge = evidence.thresholds.judge
    return [
        judge(
            "laws.momentum",
            evidence.condition,
            max(drifts),
            "1",
            None,
            detail=f"change over {length:g} fs relative to the sum of |m v|. {reason}".strip(),
        ),
        judge(
            "laws.reversibility",
            evidence.condition,
            max(distances),
            "Å",
            max(known) if known else None,
            detail=f"{back_and_forth}. {reason}".strip(),
        ),
    ]


def _strides(propagator: Propagator, state: State, count: int) -> State:
    rng = np.random.default_rng(0)
    for _ in range(count):
        state = propagator.step(state, rng)
        if not (np.isfinite(state.positions).all() and np.isfinite(state.velocities).all()):
            raise RolloutError("the state became non-finite on the way")
    return state


def _rms(vectors: Array) -> float:
    return float(np.sqrt(np.mean(np.sum(vectors**2, axis=1))))


def _linear(state: State, matrix: Array, with_cell: bool) -> Transformation:
    def vectors(values: Array) -> Array:
        return values @ matrix.T

    return Transformation(
        lambda s: s.with_(
            positions=vectors(s.positions),
            velocities=vectors(s.velocities),
            cell=vectors(s.cell) if with_cell else s.cell,
        ),
        vectors,
        np.zeros(3),
    )


def _translation(state: State, rng: np.random.Generator) -> Transformation:
    images = rng.integers(-1, 2, size=(state.n_atoms, 3)) * state.pbc
    shift = rng.uniform(-5.0, 5.0, 3) + images @ state.cell
    return Transformation(
        lambda s: s.with_(positions=s.positions + shift), lambda values: values, np.zeros(3)
    )


def _permutation(state: State, rng: np.random.Generator) -> Transformation:
    order = rng.permutation(state.n_atoms)
    return Transformation(
        lambda s: s.with_(
            positions=s.positions[order],
            velocities=s.velocities[order],
            masses=s.masses[order],
            species=s.species[order],
        ),
        lambda values: values[order],
        np.zeros(3),
    )


def _rotation(state: State, rng: np.random.Generator) -> Transformation:
    return _linear(state, Rotation.random(random_state=int(rng.integers(2**31))).as_matrix(), True)


def _inversion(state: State, rng: np.random.Generator) -> Transformation:
    # The lattice of images is its own inversion, so the cell stays.
    return _linear(state, -np.eye(3), False)


def _boost(state: State, rng: np.random.Generator) -> Transformation:
    speed = float(np.sqrt(np.mean(state.velocities**2)))
    velocity = speed * rng.standard_normal(3)
    return Transformation(
        lambda s: s.with_(velocities=s.velocities + velocity), lambda values: values, velocity
    )


_TRANSFORMATIONS: dict[str, Callable[[State, np.random.Generator], Transformation]] = {
    "translation": _translation,
    "permutation": _permutation,
    "rotation": _rotation,
    "inversion": _inversion,
    "boost": _boost,
}
