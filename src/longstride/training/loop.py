"""The training loop.

    whiten and solve the ridge regression → evaluate it, the baseline
    of a fine-tuning: weights of the parent in its place, read-outs fitted to the new data
    repeat: batch → loss → gradient, guarded → Adam → averaged weights
            now and then: evaluate the averaged weights, keep the best; write a checkpoint
    best averaged weights → closed-form fits → errors on held-out data → model folder

A resumed training repeats what an uninterrupted one does bit for bit: batch k depends on (seed, k),
and everything else is in the checkpoint.
"""

import json
import time
from dataclasses import asdict
from pathlib import Path

import torch

from longstride.dataset import Batches, TrajectorySet
from longstride.errors import FileFormatError
from longstride.graph import Batch
from longstride.kernels import compile_features
from longstride.model import StrideMap, build_model, load_checkpoint, save_checkpoint
from longstride.training import checkpoint
from longstride.training.average import WeightAverage
from longstride.training.card import model_card
from longstride.training.checkpoint import Progress
from longstride.training.config import TrainConfig
from longstride.training.device import pick_device
from longstride.training.energy_fit import head_of_card
from longstride.training.evaluate import StrideErrors, one_stride_errors
from longstride.training.guard import DivergenceWatch, GradientGuard
from longstride.training.interruption import Interruption, TrainingInterrupted
from longstride.training.log import LearningLog, LossMean
from longstride.training.loss import RelativeLoss, StageWeights
from longstride.training.novelty_fit import guard_of_card, require_calibration_data
from longstride.training.report import Silent, Status, TrainingReport
from longstride.training.residual_fit import residuals_of_card
from longstride.training.run_folder import RunFolder, write_json
from longstride.training.schedule import learning_rate
from longstride.training.sources import Sources, initial_batches, make_sources

FINAL_WINDOWS = 4
"""Baseline and final errors are measured on this many times the windows of an evaluation."""

DRAW_EVERY = 60.0
"""Seconds between pictures of the learning curve, which take longer than a step."""

BETAS = (0.9, 0.99)
"""Adam's; a short memory of squared gradients recovers quickly from an outlier."""


def train(
    config: TrainConfig,
    folder: Path,
    *,
    parent: Path | None = None,
    resume: bool = False,
    report: TrainingReport | None = None,
) -> list[StrideErrors]:
    """Runs a recipe and fills the run folder.

    Args:
        config: the recipe, with data files that exist.
        folder: made by this call, or continued with ``resume``.
        parent: folder of the model that ``config.parent`` names.
        resume: continue from the last checkpoint, or start again where there is none yet; budget,
            threads and device may have changed.
        report: told what happens.

    Returns:
        The final model's errors on held-out data.

    Raises:
        ConfigError: the recipe does not fit the data or the folder.
        TrainingError: training diverged.
        TrainingInterrupted: Ctrl-C or a termination signal; ``resume`` continues.
    """
    if config.threads:
        torch.set_num_threads(config.threads)
    with TrajectorySet(config.data.files) as data:
        sources = make_sources(config, data)
        require_calibration_data(config.model, sources)
        checksums = data.sha256()
        open_run = RunFolder.reopen if resume else RunFolder.create
        run = open_run(folder, config, checksums)
        training = Training(config, run, sources, report or Silent())
        if resume and run.last.exists():
            training.resume()
        else:
            training.start(None if parent is None else load_checkpoint(parent))
        training.fit()
        return training.finish()


class Training:
    """A model in training, with everything a checkpoint holds."""

    def __init__(
        self, config: TrainConfig, run: RunFolder, sources: Sources, report: TrainingReport
    ) -> None:
        self.config, self.run, self.sources, self.report = config, run, sources, report
        self.device = pick_device(config.device)
        torch.manual_seed(config.seed)
        self.model = build_model(config.model).to(self.device)
        compile_features(self.model, torch.get_num_threads())
        optimisation = config.optimisation
        self.average = WeightAverage(self.model, optimisation.ema_decay)
        self.adam = torch.optim.Adam(self.model.parameters(), betas=BETAS)
        self.guard = GradientGuard(optimisation)
        self.watch = DivergenceWatch(optimisation)
        self.weights = StageWeights.of(config.loss, self.model.supervised_stages)
        self.loss = RelativeLoss(sources.training.scales, self.weights, self.device)
        self.log = LearningLog(run.log)
        self.step, self.seconds = 0, 0.0
        self.losses = LossMean()
        self.drawn = time.monotonic()

    def start(self, parent: StrideMap | None = None) -> None:
        """Whitening and ridge solution, and their errors; then the weights of a parent, if any."""
        self._describe()
        self.report.started(f"ridge regression on {self.config.initialise_windows} windows ...")
        batches = self._initial_batches()
        self.model.initialise(batches)
        self.average = WeightAverage(self.model, self.config.optimisation.ema_decay)
        errors = self._errors(FINAL_WINDOWS * self.config.validation_windows)
        write_json(self.run.baseline, [entry.as_dict() for entry in errors])
        self.report.baseline(errors)
        if parent is not None:
            self.report.started("weights of the parent, its read-outs fitted to these windows ...")
            self.model.start_from(parent, batches)
            self.average = WeightAverage(self.model, self.config.optimisation.ema_decay)
        self.evaluate()
        self.save()

    def resume(self) -> None:
        """The state of the last checkpoint."""
        progress = checkpoint.load(self.run.last, self.model, self.average, self.adam)
        self.step, self.seconds = progress.step, progress.seconds
        try:
            self.guard.restore(progress.guards["gradient"])
            self.watch.restore(progress.guards["divergence"])
            self.losses = LossMean(**progress.guards["losses"])
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise FileFormatError(
                f"{self.run.last}: damaged state of the guards: {error}"
            ) from None
        self.log.restore(self.step)
        self.report.started(f"continuing at step {self.step}, {self.seconds / 60:.1f} min")

    def fit(self) -> None:
        """Steps until the budget is used up."""
        config = self.config
        with (
            Batches(
                self.sources.training, config.optimisation.batch_windows, config.seed, self.step
            ) as batches,
            Interruption() as interruption,
        ):
            while self.progress < 1.0:
                begin = time.thread_time()
                loss = self.advance(next(batches).to(self.device, torch.float32))
                self.seconds += time.thread_time() - begin
                self.report.stepped(self._status(loss))
                if self.step % config.validate_every == 0 or self.progress >= 1.0:
                    self.evaluate()
                due = self.step % config.checkpoint_every == 0 or self.progress >= 1.0
                if due or interruption.requested is not None:
                    self.save()
                if interruption.requested is not None and self.progress < 1.0:
                    text = f"stopped at step {self.step}; continue with --resume"
                    raise TrainingInterrupted(text, interruption.requested)

    def advance(self, batch: Batch) -> float:
        """One step on one batch; returns its loss."""
        rate = learning_rate(self.config.optimisation, self.step, self.progress)
        self.adam.param_groups[0]["lr"] = rate
        self.model.train()
        loss = self.loss(self.model(batch.graph, batch.velocities), batch)
        self.adam.zero_grad()
        loss.backward()
        gradients = [p.grad for p in self.model.parameters() if p.grad is not None]
        factor = self.guard.factor(float(torch.nn.utils.get_total_norm(gradients)))
        if factor is not None:
            if factor < 1.0:
                torch._foreach_mul_(gradients, factor)
            self.adam.step()
            self.average.update()
        self.step += 1
        value = float(loss.detach())
        self.losses.add(value)
        return value

    def evaluate(self) -> None:
        """Errors of the averaged weights on held-out windows; the best weights are kept."""
        errors = self._errors(self.config.validation_windows)
        loss = self.weights.validation_loss(errors)
        numbers = {
            "step": float(self.step),
            "seconds": self.seconds,
            "learning_rate": self.adam.param_groups[0]["lr"] if self.step else 0.0,
            "training_loss": self.losses.take(),
            "validation_loss": loss,
            "skipped": float(self.guard.skipped),
        }
        self.log.add(numbers, errors)
        self.report.evaluated(self._status(numbers["training_loss"]), loss, errors)
        if self.watch.improved(loss, self.step):
            with self.average.applied():
                checkpoint.save_weights(self.run.best, self.model)

    def finish(self) -> list[StrideErrors]:
        """The best averaged weights become the model: closed-form fits, errors, model folder."""
        checkpoint.load_weights(self.run.best, self.model)
        self.model.calibrate(self._initial_batches())
        windows = FINAL_WINDOWS * self.config.validation_windows
        more = head_of_card(self.model, self.sources, self.report)
        more |= guard_of_card(self.model, self.sources, self.report)
        more |= residuals_of_card(self.model, self.sources, self.report, device=self.device)
        errors = self._measure(windows)
        ridge = json.loads(self.run.baseline.read_text(encoding="utf-8"))
        summary = {
            "ridge": ridge,
            "model": [entry.as_dict() for entry in errors],
        }
        write_json(self.run.errors, summary)
        self.log.draw(self.run.picture)
        effort = {
            "steps": self.step,
            "minutes": self.seconds / 60.0,
            "skipped_steps": self.guard.skipped,
            "best_step": self.watch.best_step,
        }
        card = model_card(self.config, self.run, self.sources.coverage, effort, summary)
        save_checkpoint(self.run.model, self.model, {**card, **self.sources.crystal, **more})
        self.report.finished([StrideErrors.from_dict(entry) for entry in ridge], errors)
        return errors

    def save(self) -> None:
        """Writes the checkpoint a resumed training continues from."""
        guards = {
            "gradient": self.guard.state(),
            "divergence": self.watch.state(),
            "losses": asdict(self.losses),
        }
        progress = Progress(self.step, self.seconds, guards)
        checkpoint.save(self.run.last, self.model, self.average, self.adam, progress)
        if time.monotonic() - self.drawn > DRAW_EVERY:
            self.log.draw(self.run.picture)
            self.drawn = time.monotonic()

    @property
    def progress(self) -> float:
        """Share of the budget used, 0 … 1."""
        return self.config.budget.progress(self.step, self.seconds)

    def _status(self, loss: float) -> Status:
        return Status(self.step, self.seconds, self.progress, loss, self.guard.skipped)

    def _describe(self) -> None:
        training, validation = self.sources.training, self.sources.validation
        parts = [
            f"{label} {count}"
            for label, count in zip(training.labels, training.counts, strict=True)
        ]
        parameters = sum(p.numel() for p in self.model.parameters())
        self.report.started(
            f"training windows: {', '.join(parts)}; validation: {sum(validation.counts)}; "
            f"{parameters} parameters on {self.device}"
        )

    def _initial_batches(self) -> list[Batch]:
        config = self.config
        return initial_batches(
            self.sources.training, config.seed, config.initialise_windows, self.device
        )

    def _errors(self, n_windows: int) -> list[StrideErrors]:
        """Errors of the averaged weights."""
        with self.average.applied():
            return self._measure(n_windows)

    def _measure(self, n_windows: int) -> list[StrideErrors]:
        return one_stride_errors(
            self.model,
            self.sources.validation,
            n_windows=n_windows,
            batch_windows=self.config.optimisation.batch_windows,
            device=self.device,
        )
