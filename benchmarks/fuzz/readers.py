"""How every reader is called, and what it must give back."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from fuzz import seeds
from longstride.state import State


class Insane(Exception):
    """A reader accepted what it must not accept."""


def require(condition: bool, what: str) -> None:
    """Insane unless the condition holds."""
    if not condition:
        raise Insane(what)


def require_sane(state: State) -> None:
    """Finite, of the right shapes, with atoms and masses."""
    n = state.n_atoms
    require(n > 0, "no atoms")
    require(state.positions.shape == (n, 3) == state.velocities.shape, "shape of positions")
    require(state.species.shape == (n,) and bool(np.all(state.species > 0)), "species")
    require(state.cell.shape == (3, 3) and state.pbc.shape == (3,), "shape of the cell")
    for what in ("positions", "velocities", "masses", "cell"):
        require(bool(np.isfinite(getattr(state, what)).all()), f"{what} not finite")
    require(bool(np.all(state.masses > 0)), "masses")
    require(not state.pbc.any() or state.volume > 0, "no volume")
    require(bool(np.isfinite(state.time)), "time")


def read_trajectory(path: Path, folder: Path) -> None:
    """Every frame of every segment."""
    from longstride.trajectory import TrajectoryFile

    with TrajectoryFile(path) as file:
        for segment in file:
            require(segment.interval > 0, "interval")
            require(bool(np.isfinite(segment.times).all()), "times")
            require(len(segment.times) == segment.n_frames, "number of times")
            for array in (segment.potential_energy(), segment.stress()):
                require(array is None or bool(np.isfinite(array).all()), "observables")
            require(bool(np.isfinite(segment.positions()).all()), "positions")
            for frame in range(segment.n_frames if segment.has_velocities else 0):
                require_sane(segment.state(frame))
        file.sha256()


def importing(**options: Any) -> Callable[[Path, Path], None]:
    """Import to a file that is whole or not there."""

    def read(path: Path, folder: Path) -> None:
        from longstride.trajectory import ImportOptions, import_trajectories

        out = folder / "imported.h5"
        try:
            import_trajectories([path], out, ImportOptions(**options), overwrite=True)
        except BaseException:
            require(not list(folder.glob("imported*")), "output left behind")
            raise
        read_trajectory(out, folder)
        out.unlink()

    return read


def read_structure_file(path: Path, folder: Path) -> None:
    """A starting structure."""
    from longstride.trajectory import read_structure

    require_sane(read_structure(path)[0])


def read_generate_recipe(path: Path, folder: Path) -> None:
    """The recipe and what it costs; nothing is run."""
    from longstride.reference import load_recipe, plan_size

    size, atoms = plan_size(load_recipe(path))
    require(size.runs > 0 and atoms > 0 and np.isfinite(size.megabytes), "size")


def read_train_recipe(path: Path, folder: Path) -> None:
    """The recipe with its data files found, and its model built."""
    from longstride.cli.train import configured
    from longstride.model import build_model

    config, _ = configured(path, [], None, None, None, None, None, None)
    require(np.isfinite(config.optimisation.learning_rate), "learning rate")
    require(np.isfinite([config.loss.displacement, config.loss.velocity]).all(), "loss")
    build_model(config.model)


def read_thresholds(path: Path, folder: Path) -> None:
    """Rules with finite limits."""
    from longstride.validation.thresholds import load_thresholds

    for rule in load_thresholds(path).rules.values():
        require(bool(np.isfinite(rule.limit(1.0))), "limit")


def model_reader(other: Path, name: str) -> Callable[[Path, Path], None]:
    """A model folder one of whose two files is the input."""

    def read(path: Path, folder: Path) -> None:
        import torch

        from longstride.model import ModelRegime, load_checkpoint, read_card
        from longstride.zoo.summary import summarise

        beside = "model.json" if name == "model.safetensors" else "model.safetensors"
        (path.parent / beside).write_bytes((other / beside).read_bytes())
        model = load_checkpoint(path.parent)
        finite = all(torch.isfinite(t).all() for t in model.state_dict().values())
        require(finite, "weights not finite")
        regime = ModelRegime.of_card(read_card(path.parent), str(path))
        require(regime.shortest_distance > 0, "regime")
        require(summarise(path.parent).stride > 0, "stride")

    return read


def read_results_file(path: Path, folder: Path) -> None:
    """Checks with finite numbers."""
    from longstride.validation.results import read_results

    for check in read_results(path).checks:
        require(bool(np.isfinite([check.value, check.threshold]).all()), "check")


def read_restart(path: Path, folder: Path) -> None:
    """The point, its generator and the request it came from."""
    from longstride.cli.run_request import stored_request
    from longstride.dynamics import RunPlan, load_restart

    point = load_restart(path)
    require_sane(point.state)
    point.generator().standard_normal(3)
    RunPlan.model_validate(point.header.plan)
    stored_request(point.header.options, {}, path)
    require(point.header.done >= 0 and point.header.frames >= 0, "counts")


class TrainingState:
    """A training's checkpoint, restored into a model that is built once."""

    def __init__(self) -> None:
        import torch

        from longstride.model import build_model
        from longstride.model.config import ModelConfig
        from longstride.training.average import WeightAverage

        self.model = build_model(ModelConfig.model_validate(seeds.MODEL))
        self.average = WeightAverage(self.model, 0.99)
        self.adam = torch.optim.Adam(self.model.parameters())

    def __call__(self, path: Path, folder: Path) -> None:
        """Everything is finite, and a step can be made."""
        import torch

        from longstride.training import checkpoint
        from longstride.training.config import OptimisationConfig
        from longstride.training.guard import DivergenceWatch, GradientGuard

        progress = checkpoint.load(path, self.model, self.average, self.adam)
        try:
            GradientGuard(OptimisationConfig()).restore(progress.guards["gradient"])
            DivergenceWatch(OptimisationConfig()).restore(progress.guards["divergence"])
        except (KeyError, TypeError, ValueError, OverflowError):
            return  # Training.resume says so
        require(progress.step >= 0 and np.isfinite(progress.seconds), "progress")
        tensors = [*self.model.state_dict().values(), *self.average.weights.values()]
        require(all(torch.isfinite(t).all() for t in tensors), "weights not finite")
        for parameter in self.model.parameters():
            parameter.grad = torch.ones_like(parameter)
        self.adam.step()


def read_log(path: Path, folder: Path) -> None:
    """The rows of a learning curve."""
    from longstride.training.log import LearningLog

    log = LearningLog(path)
    log.restore(10)
    require(all(len(row) == len(log.rows[0]) for row in log.rows), "rows")


def read_thermo_file(path: Path, folder: Path) -> None:
    """Columns of one length."""
    from longstride.dynamics import read_thermo

    thermo = read_thermo(path)
    require(bool(np.isfinite(thermo.temperature).all()), "temperature")
    require(len(thermo.time) == len(thermo.kinetic_energy), "columns")


def read_part(path: Path, folder: Path) -> None:
    """A relaxed cell that an interrupted generation left."""
    from longstride.reference.parts import Parts

    parts = Parts.__new__(Parts)
    parts.folder = path.parent
    cell = parts.cell(path.stem, "mark")
    if cell is not None:
        require(cell.cell.shape == (3, 3) and bool(np.isfinite(cell.cell).all()), "cell")


def read_study(path: Path, folder: Path) -> None:
    """The study and the names of its runs; nothing is planned, as models are files of others."""
    from longstride.study import load_study
    from longstride.study.points import points_of

    study = load_study(path)
    points = points_of(study)
    require(len(points) > 0, "no runs")
    require(all("/" not in point.name and point.name.strip(".") for point in points), "names")
    require(all(point.temperature > 0 for point in points), "temperatures")


def read_run_inputs(path: Path, folder: Path) -> None:
    """The inputs of a run, as its folder has them."""
    from longstride.study.job import command_of, read_job

    job = read_job(path.parent)
    require(job is None or len(command_of(job, folder)) > 1, "command")


def read_journal(path: Path, folder: Path) -> None:
    """Starts and ends; what is no line of a journal is left out."""
    from longstride.study.task import journal

    require(all(line["event"] in ("start", "end") for line in journal(path.parent)), "events")
