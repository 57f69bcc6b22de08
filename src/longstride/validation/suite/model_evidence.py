"""Evidence on a model: its rollouts from the reference's own starts."""

from functools import cache

from longstride.trajectory import Segment
from longstride.validation.evidence import (
    Flights,
    FreeRuns,
    Laws,
    Sampled,
    Strides,
    Unavailable,
    temperature_label,
)
from longstride.validation.experiment import Listener
from longstride.validation.results import Check
from longstride.validation.samples import FEWEST_FRAMES, Run
from longstride.validation.snapshots import Snapshot, take_snapshot
from longstride.validation.suite.references import Reference
from longstride.validation.suite.rollouts import Rollouts
from longstride.validation.suite.settings import SuiteSettings
from longstride.validation.suite.timeline import Timeline
from longstride.validation.thresholds import Thresholds


class ModelEvidence:
    """What a model and a reference show at one temperature, made when asked for and once.

    Args:
        temperature: K.
        reference: makes or has trajectories.
        rollouts: makes the surrogate's.
        settings: how much of everything.
        thresholds: what passes.
        listener: hears of progress.
    """

    def __init__(
        self,
        temperature: float,
        reference: Reference,
        rollouts: Rollouts,
        settings: SuiteSettings,
        thresholds: Thresholds,
        listener: Listener,
    ) -> None:
        self.temperature = temperature
        self.condition = temperature_label(temperature)
        self.thresholds, self.listener = thresholds, listener
        self._reference, self._rollouts, self._settings = reference, rollouts, settings
        self._made: dict[str, list[tuple[Run, float]]] = {}
        self.flights = cache(self._flights)
        self.free = cache(self._free)
        self.sampled = cache(self._sampled)

    def strides(self) -> Strides:
        """Windows of the reference."""
        subject = self._rollouts.subject
        return Strides(
            segments=self._reference.windows(self.temperature),
            twins=self._reference.window_twins(self.temperature),
            propagator=subject.propagator,
            adopt=self._rollouts.adopt,
            from_positions=subject.from_positions,
            count=self._settings.windows,
        )

    def laws(self) -> Laws:
        """The map at some of the reference's phase points."""
        subject, reference = self._rollouts.subject, self._reference
        length = self._settings.law_strides * subject.propagator.stride
        return Laws(
            propagator=subject.propagator,
            starts=tuple(self._rollouts.adopt(s) for s in reference.starts(self.temperature)),
            strides=self._settings.law_strides,
            reference_return=(
                (lambda state: reference.there_and_back(state, length))
                if reference.engine
                else None
            ),
        )

    def survival(self) -> tuple[Check, ...]:
        """For each kind of rollout that was made, the part of it that was not reached."""
        checks = []
        for kind, made in self._made.items():
            missing, broke = 0.0, ""
            for run, wanted in made:
                reached = run.segment.interval * (run.segment.n_frames - 1)
                if run.broke is not None and 1.0 - reached / wanted >= missing:
                    missing, broke = max(0.0, 1.0 - reached / wanted), run.broke
            count = sum(run.broke is not None for run, _ in made)
            detail = f"all {len(made)} rollouts were completed"
            if count:
                detail = f"{count} of {len(made)} rollouts broke down: {broke}"
                # A run that broke down in its last stride failed all the same.
                missing = max(missing, 1e-3)
            checks.append(
                self.thresholds.judge(
                    f"{kind}.survival", self.condition, missing, "1", 0.0, detail=detail
                )
            )
        return tuple(checks)

    def snapshot(self) -> Snapshot | None:
        """Last frames of the first sampled runs, if there are any."""
        if "nvt" not in self._made:
            return None
        try:
            runs = self.sampled()
        except Unavailable:
            return None
        return take_snapshot(self.condition, runs.surrogate[0].segment, runs.references[0].segment)

    def _flights(self) -> Flights:
        references = self._reference.flights(self.temperature)
        made = self._rollouts.flights(self.temperature, references)
        lengths = [_length(segment) for segment in references]
        self._made["horizon"] = list(zip(made, lengths, strict=True))
        return Flights(references, self._reference.twins(self.temperature), made)

    def _free(self) -> FreeRuns:
        control = self._reference.control(self.temperature)
        run = self._rollouts.free(self.temperature, control.segment.state(0))
        wanted = Timeline.of(self._rollouts.subject.propagator).whole(self._settings.free_time)
        self._made["nve"] = [(run, wanted)]
        return FreeRuns(self._rollouts.with_energies(run, self._reference), control)

    def _ensemble_of(self, known: Run) -> str:
        """Of a reference run; that of a file is as it says, or what a map is trained on."""
        if self._reference.engine:
            return "langevin"
        return str(known.segment.metadata.get("ensemble", "nve"))

    def _sampled(self) -> Sampled:
        references = self._reference.runs(self.temperature)
        chosen = references[: self._settings.runs]
        ensembles = [self._ensemble_of(known) for known in chosen]
        runs = [
            self._rollouts.run(self.temperature, k, known, ensemble)
            for k, (known, ensemble) in enumerate(zip(chosen, ensembles, strict=True))
        ]
        lengths = [_length(known.segment) for known in chosen]
        self._made["nvt"] = list(zip(runs, lengths, strict=True))
        made = [
            self._rollouts.with_energies(run, self._reference)
            for run in runs
            if run.broke is None or run.segment.n_frames - run.first >= 2 * FEWEST_FRAMES
        ]
        if not made:
            raise BrokenDown(
                f"{self.condition}: the rollouts broke down before there was anything to compare"
            )
        # No bath sets the temperature of what is at constant energy.
        target = None if "nve" in ensembles else self.temperature
        return Sampled(tuple(made), references[: self._settings.references], target)


class BrokenDown(Unavailable):
    """The surrogate gave no evidence: a failure of its own, which ``survival`` tells."""


def _length(segment: Segment) -> float:
    return float(segment.interval * (segment.n_frames - 1))
