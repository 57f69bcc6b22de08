"""A whole validation: of a model, or of a finished rollout."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from longstride.dynamics import Regime, require_regime
from longstride.errors import LongstrideError
from longstride.reference import Engine
from longstride.trajectory import Segment, TrajectoryFile
from longstride.validation.experiment import Listener, Subject
from longstride.validation.results import Results, Speed
from longstride.validation.suite.crystals import Crystals
from longstride.validation.suite.engine_reference import EngineReference
from longstride.validation.suite.file_reference import FileReference, by_temperature
from longstride.validation.suite.judging import Verdict, judge_all, write_verdict
from longstride.validation.suite.model_evidence import ModelEvidence
from longstride.validation.suite.parts import Parts
from longstride.validation.suite.references import Reference
from longstride.validation.suite.rollout_evidence import RolloutEvidence, pair_up
from longstride.validation.suite.rollouts import Rollouts
from longstride.validation.suite.settings import SuiteSettings
from longstride.validation.suite.speed import suite_speeds
from longstride.validation.suite.summary import Judged, model_provenance, rollout_provenance
from longstride.validation.suite.timeline import Timeline
from longstride.validation.thresholds import Thresholds

PARTS_NAME = "parts"
"""Folder of the trajectories, inside that of the results."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of a validation.

    Attributes:
        families: names of the families of checks.
        required: whether each of them must be judged; if not, those without evidence are left out.
        settings: how long and how often.
        thresholds: what passes.
        folder: for the results; it exists.
        cache: for the trajectories.
        command: the command line, for the record.
        force: judge outside the model's regime, too.
    """

    families: tuple[str, ...]
    required: bool
    settings: SuiteSettings
    thresholds: Thresholds
    folder: Path
    cache: Path
    command: str = ""
    force: bool = False


@dataclass(frozen=True, slots=True)
class FileOfReference:
    """Reference trajectories of a file: by temperature, with what identifies them."""

    groups: dict[float, tuple[Segment, ...]]
    description: dict[str, Any]

    @classmethod
    def of(cls, file: TrajectoryFile, wanted: Sequence[float]) -> "FileOfReference":
        """An open file's segments at the wanted temperatures; all if none is named."""
        groups = by_temperature(file, wanted)
        potentials = {s.metadata.get("potential") for group in groups.values() for s in group}
        return cls(
            groups,
            {
                "file": file.path.name,
                "sha256": file.sha256(),
                "potential": "; ".join(sorted(str(p) for p in potentials - {None})),
            },
        )


def validate_model(
    subject: Subject,
    engine: Engine | None,
    crystals: Crystals,
    file: FileOfReference | None,
    request: Request,
    listener: Listener,
) -> Results:
    """Judge a model and write its results.

    Args:
        subject: the model.
        engine: the reference; None takes everything from the file.
        crystals: the cell at each temperature.
        file: reference trajectories, or None.
        request: what is asked.
        listener: hears of progress.

    Raises:
        RegimeError: a temperature or cell is outside the model's regime.
        LongstrideError: evidence is missing.
    """
    settings = request.settings
    timeline = Timeline.of(subject.propagator)
    _require_regime(subject.regime, settings, crystals, force=request.force)
    with Parts(request.cache, listener) as parts:
        windows = None if file is None else file.groups.__getitem__
        reference: Reference
        if engine is not None:
            reference = EngineReference(engine, crystals, settings, timeline, parts, windows)
        elif file is not None:
            reference = FileReference(file.groups, settings, timeline)
        else:
            raise LongstrideError("a validation needs the reference's engine or its trajectories")
        rollouts = Rollouts(subject, settings, timeline, parts)
        verdict = judge_rollouts(reference, rollouts, request, listener)
        speeds: tuple[Speed, ...] = ()
        if engine is not None and set(request.families) & {"nve", "nvt"}:
            first = settings.temperatures[0]
            made = reference.runs(first)[0] if "nvt" in request.families else None
            start = (made or reference.control(first)).segment.state(0)
            speeds = suite_speeds(subject, engine, rollouts.adopt(start), settings, parts)
        cell = crystals(settings.temperatures[0])
        judged = Judged(
            subject.name,
            cell.species,
            cell.cell,
            settings.temperatures,
            {**({} if file is None else file.description), **reference.engine},
            request.families,
        )
        provenance = model_provenance(judged, subject, settings, speeds, request.command)
        return write_verdict(request.folder, verdict, provenance)


def judge_rollouts(
    reference: Reference, rollouts: Rollouts, request: Request, listener: Listener
) -> Verdict:
    """Judge one subject at every temperature, its trajectories made as they are asked for.

    Raises:
        LongstrideError: evidence is missing.
    """
    settings = request.settings
    evidence = [
        ModelEvidence(t, reference, rollouts, settings, request.thresholds, listener)
        for t in settings.temperatures
    ]
    return judge_all(evidence, request.families, required=request.required)


def validate_rollout(
    rollout: Path,
    reference: Path,
    make_request: Callable[[tuple[float, ...]], Request],
    wanted: Sequence[float],
    listener: Listener,
) -> Results:
    """Judge a finished rollout against trajectories of a file and write the results.

    Args:
        rollout, reference: trajectory files.
        make_request: what is asked, given the temperatures in K that there are.
        wanted: temperatures in K; none takes all the rollout has.
        listener: hears of progress.

    Raises:
        LongstrideError: a file is damaged, the two do not match, or there are too few frames.
    """
    with ExitStack() as stack:
        own, known = (stack.enter_context(TrajectoryFile(path)) for path in (rollout, reference))
        pairs = pair_up(by_temperature(own, wanted), by_temperature(known))
        request = make_request(tuple(temperature for temperature, _, _ in pairs))
        evidence = [
            RolloutEvidence(t, ours, theirs, request.settings, request.thresholds, listener)
            for t, ours, theirs in pairs
        ]
        verdict = judge_all(evidence, request.families, required=request.required)
        first = pairs[0][1][0]
        judged = Judged(
            rollout.name,
            first.species,
            first.cell,
            request.settings.temperatures,
            FileOfReference.of(known, ()).description,
            request.families,
        )
        description = {"file": rollout.name, "sha256": own.sha256(), "interval_fs": first.interval}
        provenance = rollout_provenance(judged, description, request.settings, request.command)
        return write_verdict(request.folder, verdict, provenance)


def require_temperatures(regime: Regime, temperatures: Sequence[float], *, force: bool) -> None:
    """Refuse temperatures (K) outside the model's regime, unless forced.

    Raises:
        LongstrideError: the first of them.
    """
    low, high = regime.temperature
    for temperature in temperatures:
        if not low <= temperature <= high and not force:
            raise LongstrideError(
                f"{temperature:g} K is outside the model's {low:g} to {high:g} K; give other"
                " --temperatures, or --force"
            )


def _require_regime(
    regime: Regime, settings: SuiteSettings, crystals: Crystals, *, force: bool
) -> None:
    """Refuse before anything is run; the cells may have to be relaxed for it."""
    # First, before a cell is relaxed at a temperature that the model was not made for.
    require_temperatures(regime, settings.temperatures, force=force)
    for temperature in settings.temperatures:
        require_regime(regime, crystals(temperature), temperature, force=force)
