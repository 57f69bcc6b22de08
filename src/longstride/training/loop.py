"""The training loop.

    whiten and solve the ridge regression → evaluate it, the baseline
    of a fine-tuning: weights of the parent in its place, read-outs fitted to the new data
    repeat: batch → loss → gradient, guarded → Adam → averaged weights
            now and then: evaluate the averaged weights, keep the best; write a checkpoint
    best averaged weights → closed-form fits → errors on held-out data → model folder

A resumed training repeats what an uninterrupted one does bit for bit: batch k depends on (seed, k),
and everything else is in the checkpoint, which knows nothing of the number of ranks. Several ranks
share the windows of a step and of an evaluation; the first alone fits in closed form, writes and
reports.
"""

import signal
import time
from dataclasses import asdict

import torch

from longstride.dataset import Batches
from longstride.errors import FileFormatError
from longstride.graph import Batch
from longstride.kernels import compile_features
from longstride.model import StrideMap, build_model
from longstride.training import checkpoint
from longstride.training.checkpoint import Progress
from longstride.training.config import TrainConfig
from longstride.training.device import pick_device
from longstride.training.evaluate import StrideErrors, one_stride_errors
from longstride.training.guard import DivergenceWatch
from longstride.training.interruption import Interruption, TrainingInterrupted
from longstride.training.log import LearningLog, LossMean
from longstride.training.loss import RelativeLoss, StageWeights
from longstride.training.optimiser import Optimiser
from longstride.training.outcome import FINAL_WINDOWS, finish_model
from longstride.training.ranks import ALONE, Ranks
from longstride.training.report import Status, TrainingReport
from longstride.training.run_folder import RunFolder, write_json
from longstride.training.schedule import learning_rate
from longstride.training.sources import Sources, initial_batches

DRAW_EVERY = 60.0
"""Seconds between pictures of the learning curve, which take longer than a step."""


class Training:
    """A model in training, with everything a checkpoint holds."""

    def __init__(
        self,
        config: TrainConfig,
        run: RunFolder,
        sources: Sources,
        report: TrainingReport,
        ranks: Ranks = ALONE,
    ) -> None:
        self.config, self.run, self.sources, self.report = config, run, sources, report
        self.ranks = ranks
        self.device = pick_device(config.device, ranks)
        torch.manual_seed(config.seed)
        self.model = build_model(config.model).to(self.device)
        compile_features(self.model, torch.get_num_threads())
        self.optimiser = Optimiser(self.model, config, ranks)
        self.watch = DivergenceWatch(config.optimisation)
        self.weights = StageWeights.of(config.loss, self.model.supervised_stages)
        self.loss = RelativeLoss(sources.training.scales, self.weights, self.device)
        self.log = LearningLog(run.log)
        self.step, self.seconds = 0, 0.0
        self.losses = LossMean()
        self.drawn = time.monotonic()

    def start(self, parent: StrideMap | None = None) -> None:
        """Whitening and ridge solution, and their errors; then the weights of a parent, if any."""
        config = self.config
        self._describe()
        self.report.started(f"ridge regression on {config.initialise_windows} windows ...")
        batches = self._initial_batches() if self.ranks.first else []
        if self.ranks.first:
            self.model.initialise(batches)
        self._share_weights()
        errors = self._errors(FINAL_WINDOWS * config.validation_windows)
        if self.ranks.first:
            write_json(self.run.baseline, [entry.as_dict() for entry in errors])
        self.report.baseline(errors)
        if parent is not None:
            self.report.started("weights of the parent, its read-outs fitted to these windows ...")
            if self.ranks.first:
                self.model.start_from(parent, batches)
            self._share_weights()
        self.evaluate()
        self.save()

    def resume(self) -> None:
        """The state of the last checkpoint."""
        optimiser = self.optimiser
        progress = checkpoint.load(self.run.last, self.model, optimiser.average, optimiser.adam)
        self.step, self.seconds = progress.step, progress.seconds
        try:
            optimiser.guard.restore(progress.guards["gradient"])
            self.watch.restore(progress.guards["divergence"])
            self.losses = LossMean(**progress.guards["losses"])
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise FileFormatError(
                f"{self.run.last}: damaged state of the guards: {error}"
            ) from None
        if self.ranks.first:
            self.log.restore(self.step)
        self.report.started(f"continuing at step {self.step}, {self.seconds / 60:.1f} min")

    def fit(self) -> None:
        """Steps until the budget is used up; a signal to any rank stops all at the same one."""
        config, ranks = self.config, self.ranks
        windows = config.optimisation.batch_windows
        with (
            Batches(
                self.sources.training,
                windows,
                config.seed,
                self.step,
                rank=ranks.rank,
                size=ranks.size,
            ) as batches,
            Interruption() as interruption,
        ):
            while self.progress < 1.0:
                begin = time.thread_time()
                loss = self.advance(next(batches).to(self.device, torch.float32))
                self.seconds += ranks.largest(time.thread_time() - begin)
                self.report.stepped(self._status(loss))
                if self.step % config.validate_every == 0 or self.progress >= 1.0:
                    self.evaluate()
                due = self.step % config.checkpoint_every == 0 or self.progress >= 1.0
                asked = signal.SIGTERM if ranks.orphaned else interruption.requested or 0
                stop = int(ranks.largest(asked))
                if due or stop:
                    self.save()
                if stop and self.progress < 1.0:
                    text = f"stopped at step {self.step}; continue with --resume"
                    raise TrainingInterrupted(text, stop)

    def advance(self, batch: Batch) -> float:
        """One step on this rank's share of a batch; returns the loss of the whole."""
        rate = learning_rate(self.config.optimisation, self.step, self.progress)
        loss = self.optimiser.step(batch, self.loss, rate)
        self.step += 1
        self.losses.add(loss)
        return loss

    def evaluate(self) -> None:
        """Errors of the averaged weights on held-out windows; the best weights are kept."""
        errors = self._errors(self.config.validation_windows)
        loss = self.weights.validation_loss(errors)
        numbers = {
            "step": float(self.step),
            "seconds": self.seconds,
            "learning_rate": self.optimiser.rate if self.step else 0.0,
            "training_loss": self.losses.take(),
            "validation_loss": loss,
            "skipped": float(self.optimiser.guard.skipped),
        }
        if self.ranks.first:
            self.log.add(numbers, errors)
        self.report.evaluated(self._status(numbers["training_loss"]), loss, errors)
        if self.watch.improved(loss, self.step) and self.ranks.first:
            with self.optimiser.average.applied():
                checkpoint.save_weights(self.run.best, self.model)

    def finish(self) -> list[StrideErrors]:
        """The best averaged weights become the model; of the first rank."""
        self.log.draw(self.run.picture)
        effort = {
            "steps": self.step,
            "minutes": self.seconds / 60.0,
            "processes": self.ranks.size,
            "skipped_steps": self.optimiser.guard.skipped,
            "best_step": self.watch.best_step,
        }
        return finish_model(
            self.model,
            self.config,
            self.run,
            self.sources,
            self.report,
            batches=self._initial_batches(),
            effort=effort,
            device=self.device,
        )

    def save(self) -> None:
        """Writes the checkpoint a resumed training continues from; of the first rank."""
        if not self.ranks.first:
            return
        guards = {
            "gradient": self.optimiser.guard.state(),
            "divergence": self.watch.state(),
            "losses": asdict(self.losses),
        }
        progress = Progress(self.step, self.seconds, guards)
        optimiser = self.optimiser
        checkpoint.save(self.run.last, self.model, optimiser.average, optimiser.adam, progress)
        if time.monotonic() - self.drawn > DRAW_EVERY:
            self.log.draw(self.run.picture)
            self.drawn = time.monotonic()

    @property
    def progress(self) -> float:
        """Share of the budget used, 0 … 1."""
        return self.config.budget.progress(self.step, self.seconds)

    def _status(self, loss: float) -> Status:
        skipped = self.optimiser.guard.skipped
        return Status(self.step, self.seconds, self.progress, loss, skipped)

    def _describe(self) -> None:
        training, validation = self.sources.training, self.sources.validation
        parts = [
            f"{label} {count}"
            for label, count in zip(training.labels, training.counts, strict=True)
        ]
        parameters = sum(p.numel() for p in self.model.parameters())
        together = f", {self.ranks.size} processes" if self.ranks.size > 1 else ""
        self.report.started(
            f"training windows: {', '.join(parts)}; validation: {sum(validation.counts)}; "
            f"{parameters} parameters on {self.device}{together}"
        )

    def _share_weights(self) -> None:
        """The first rank's model on all; averages begin anew."""
        self.ranks.share(self.model.state_dict().values())
        self.optimiser.forget()

    def _initial_batches(self) -> list[Batch]:
        config = self.config
        return initial_batches(
            self.sources.training, config.seed, config.initialise_windows, self.device
        )

    def _errors(self, n_windows: int) -> list[StrideErrors]:
        """Errors of the averaged weights."""
        with self.optimiser.average.applied():
            return one_stride_errors(
                self.model,
                self.sources.validation,
                n_windows=n_windows,
                batch_windows=self.config.optimisation.batch_windows,
                device=self.device,
                ranks=self.ranks,
            )
