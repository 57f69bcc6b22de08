"""A whole training: data and folder are opened, the loop runs, its weights become a model."""

from pathlib import Path

from longstride.dataset import TrajectorySet
from longstride.errors import ConfigError
from longstride.model import load_checkpoint
from longstride.training.config import TrainConfig
from longstride.training.device import pick_device, require_precision, use_threads
from longstride.training.evaluate import StrideErrors
from longstride.training.loop import Training
from longstride.training.novelty_fit import require_calibration_data
from longstride.training.ranks import ALONE, Ranks
from longstride.training.report import Silent, TrainingReport
from longstride.training.run_folder import RunFolder
from longstride.training.sources import make_sources


def train(
    config: TrainConfig,
    folder: Path,
    *,
    parent: Path | None = None,
    resume: bool = False,
    report: TrainingReport | None = None,
    ranks: Ranks = ALONE,
) -> list[StrideErrors]:
    """Runs a recipe and fills the run folder.

    Args:
        config: the recipe, with data files that exist.
        folder: made by this call, or continued with ``resume``.
        parent: folder of the model that ``config.parent`` names.
        resume: continue from the last checkpoint, or start again where there is none yet; budget,
            threads, device, precision and number of ranks may have changed.
        report: told what happens; of the first rank only.
        ranks: processes that call this together with the same arguments; all see the data, and
            with ``resume`` the folder, under the same names.

    Returns:
        The final model's errors on held-out data; nothing on ranks that are not the first.

    Raises:
        ConfigError: the recipe does not fit the data, the folder or the ranks.
        TrainingError: training diverged.
        TrainingInterrupted: Ctrl-C or a termination signal; ``resume`` continues.
        RankLostError: another rank ended.
    """
    if config.optimisation.batch_windows < ranks.size:
        raise ConfigError(
            f"optimisation.batch_windows: {config.optimisation.batch_windows} windows a step for "
            f"{ranks.size} processes, each needs one: start fewer"
        )
    require_precision(config.precision, pick_device(config.device, ranks))
    use_threads(config.threads, ranks)
    with TrajectorySet(config.data.files) as data:
        sources = make_sources(config, data)
        require_calibration_data(config.model, sources)

        def open_run() -> str:
            open_it = RunFolder.reopen if resume else RunFolder.create
            run = open_it(folder, config, data.sha256())
            return "resume" if resume and run.last.exists() else "start"

        way = ranks.text(open_run)
        told = report if report is not None and ranks.first else Silent()
        training = Training(config, RunFolder(folder), sources, told, ranks)
        if way == "resume":
            training.resume()
        else:
            training.start(None if parent is None else load_checkpoint(parent))
        training.fit()
        return training.finish() if ranks.first else []
