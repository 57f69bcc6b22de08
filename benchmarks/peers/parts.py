"""The parts of the comparison, each of which leaves small JSON files."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from measurements.record import make_piece, rounded, write_piece
from measurements.subject import Subject
from measurements.system import Systems

from longstride.files import write_text
from longstride.kernels import ModelPropagator
from longstride.reference.lammps_program import find_potential
from longstride.state import State
from peers import judged, rollouts
from peers import onestep as strides
from peers import timing as clocks
from peers.hosting import Hosted
from peers.respa import ask
from peers.settings import PeerTraining

MODEL: Final = "al"
"""Ours."""

ERROR_TEMPERATURES: Final = (300.0, 450.0, 600.0, 750.0, 900.0)
"""Of the errors of one stride, K."""

LAG: Final = 60.0
"""Time over which errors are told, fs."""

MIDDLE: Final = 600.0
"""The temperature at which FlashMD is run in more ways than one, K."""

FRICTION: Final = 1000.0
"""Friction time of the bath of our validation, fs."""

PEER_FRICTION: Final = 100.0
"""Default of FlashMD's bath, fs."""

TIME_STEPS: Final = (2.0, 60.0 / 9.0)
"""Of LAMMPS, fs: that of the data, and the longest that passes what the model is judged by."""


@dataclass(frozen=True, slots=True)
class Contest:
    """Who is compared, on which system."""

    systems: Systems
    subject: Subject
    peers: tuple[Hosted, ...]
    work: Path
    results: Path

    @classmethod
    def of(cls, test: Path, python: str, work: Path, results: Path, names: list[str]) -> "Contest":
        """Ours beside FlashMDs that were trained."""
        return cls(
            Systems.of(test),
            Subject.parse(MODEL, "shipped"),
            tuple(Hosted.of(name, python, work) for name in names),
            work,
            results,
        )

    def model(self) -> ModelPropagator:
        """Ours."""
        return self.subject.propagator()

    def piece(self, part: str, who: dict[str, Any], **more: Any) -> dict[str, Any]:
        """What a piece depends on."""
        data = {"file": self.systems.path.name, "sha256": self.systems.sha256}
        return {"part": part, "model": who, "data": data, **more}

    def longer_steps(self, time_step: float) -> dict[str, Any]:
        """LAMMPS at a time step, fs."""
        engine = self.systems.engine(600.0, 1).describe()
        return {"name": f"lammps-{time_step:.3g}fs", "time_step": time_step, "engine": engine}


def train(data: Path, python: str, work: Path, results: Path, training: PeerTraining) -> None:
    """Train a FlashMD; its result lies beside the weights, too."""
    from peers.training import train as trained

    result = trained(training, data, python, work)
    settings = training.model_dump(mode="json")
    told = rounded({"settings": settings, "result": result})
    write_text(work / training.name / "result.json", json.dumps(told, indent=1))
    write_piece(
        results / f"train-{training.name}.json",
        {"part": "train", "model": {"name": training.name}, "settings": settings},
        lambda: rounded(result),
    )


def onestep(contest: Contest) -> None:
    """Errors after 60 fs on held-out windows, at the temperatures of the file."""
    longest = TIME_STEPS[-1]
    engine = contest.systems.engine(600.0, 1)
    ends: list[tuple[dict[str, Any], Callable[[], strides.Ends]]] = [
        (contest.subject.describe(), lambda: strides.ends_of_model(contest.model())),
        (contest.longer_steps(longest), lambda: strides.ends_of_engine(engine, LAG, longest)),
    ]
    for peer in contest.peers:
        ends.append((peer.describe(), lambda peer=peer: strides.ends_of_peer(peer, LAG)))
    more = {"windows": strides.WINDOWS, "lag": LAG, "temperatures": ERROR_TEMPERATURES}
    for who, make in ends:
        make_piece(
            contest.results / f"onestep-{who['name']}.json",
            contest.piece("onestep", who, **more),
            lambda make=make: rounded(
                strides.measure(contest.systems, ERROR_TEMPERATURES, LAG, make())
            ),
        )


def rollout(contest: Contest, temperatures: Sequence[float]) -> None:
    """Runs in baths, judged by ``longstride validate --rollout``, and at constant energy."""
    settings = rollouts.RunSettings()
    for temperature in temperatures:
        start = rollouts.start_of(contest.systems, temperature, settings)
        for friction_time in (FRICTION, PEER_FRICTION, None):
            bath = rollouts.Bath(temperature, friction_time)
            for contender in _contenders(contest, bath):
                name = f"{contender.description['name']}-{bath.label}"
                of_bath = {"temperature": temperature, "friction_time": friction_time}
                make_piece(
                    contest.results / f"rollout-{name}.json",
                    contest.piece(
                        "rollout",
                        contender.description,
                        **of_bath,
                        settings=settings.model_dump(mode="json"),
                    ),
                    lambda c=contender, b=bath, n=name, s=start: rounded(
                        _judged(contest, c, b, n, s, settings)
                    ),
                )


def _judged(
    contest: Contest,
    contender: rollouts.Contender,
    bath: rollouts.Bath,
    name: str,
    start: State,
    settings: rollouts.RunSettings,
) -> dict[str, Any]:
    runs = contest.work / "runs"
    path = runs / f"{name}.h5"
    broke = rollouts.make_run(contender, contest.systems, start, bath, settings.frames, path)
    if bath.friction_time is None:
        return {"broke": broke, **judged.at_constant_energy(path)}
    reference = rollouts.make_references(
        contest.systems, start, bath, settings, runs / f"reference-{bath.label}.h5"
    )
    return {"broke": broke, **judged.in_bath(path, reference, runs / f"report-{name}")}


def _contenders(contest: Contest, bath: rollouts.Bath) -> list[rollouts.Contender]:
    """Ours, LAMMPS in longer steps, and FlashMD in each way it is used in such a bath."""
    longest, systems = TIME_STEPS[-1], contest.systems
    found: list[rollouts.Contender] = [
        rollouts.Own(contest.subject.describe(), contest.model()),
        rollouts.LongerSteps(
            contest.longer_steps(longest), systems.engine(bath.temperature, 1), longest
        ),
    ]
    for peer in contest.peers:
        for way, options in _ways(contest, bath, peer).items():
            who = {**peer.describe(), "peer": peer.name, "way": way}
            who["name"] = "-".join(filter(None, (peer.name, way)))
            found.append(rollouts.Peer(who, peer, options))
    return found


def _ways(contest: Contest, bath: rollouts.Bath, peer: Hosted) -> dict[str, dict[str, Any]]:
    """FlashMD's integrator by default but without rescaling, and that of our stride at one
    temperature in the other ways that it offers: every stride in a frame turned at random,
    energies held by rescaling.
    """
    usual = bath.temperature != MIDDLE or bath.friction_time == PEER_FRICTION
    if usual or peer.stride != LAG:
        return {"": {}}
    if bath.friction_time is not None:
        return {"": {}, "turned": {"random_rotation": True}}
    potential = find_potential(contest.systems.first_frame(bath.temperature)[1])
    return {"": {}, "rescaled": {"rescale_energy": True, "potential": str(potential)}}


def timing(contest: Contest) -> None:
    """Processor time of all, in turns; and what LAMMPS says to r-RESPA."""
    settings = clocks.TimingSettings()
    cell, _ = contest.systems.first_frame(settings.temperature)
    write_piece(
        contest.results / "time.json",
        {"part": "time", "settings": settings.model_dump(mode="json")},
        lambda: clocks.measure(
            {MODEL: contest.model()},
            contest.peers,
            contest.systems.engine(settings.temperature, 1),
            TIME_STEPS,
            cell,
            settings,
        ),
    )
    _, potential = contest.systems.first_frame(settings.temperature)
    make_piece(
        contest.results / "respa.json",
        {"part": "respa", "potential": potential},
        lambda: ask(potential, contest.work / "respa"),
    )
