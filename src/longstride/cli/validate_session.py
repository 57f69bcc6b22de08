"""A validation from its options to its results."""

from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from longstride.cli.console_listener import ConsoleListener
from longstride.dynamics import Regime
from longstride.errors import ConfigError, EngineError
from longstride.model import Card
from longstride.reference import Engine, LammpsSettings, Recipe, load_recipe, make_engine
from longstride.trajectory import TrajectoryFile
from longstride.validation import Results, system
from longstride.validation.suite import (
    PARTS_NAME,
    FileOfReference,
    Request,
    SuiteSettings,
    require_temperatures,
    usual_temperatures,
    validate_model,
    validate_rollout,
)
from longstride.validation.suite.crystals import file_crystals, lattice_crystals, recipe_crystals
from longstride.validation.suite.parts import Parts
from longstride.validation.thresholds import Thresholds, load_thresholds, packaged_thresholds
from longstride.zoo import resolve


@dataclass(frozen=True, slots=True)
class Options:
    """The options of the command, checked one by one but not yet against files.

    Attributes are those of ``longstride validate``; ``required`` tells whether the families were
    named, so that each must be judged.
    """

    out: Path
    model: str | None
    recipe: Path | None
    reference: Path | None
    rollout: Path | None
    families: tuple[str, ...]
    required: bool
    quick: bool
    temperatures: tuple[float, ...]
    thresholds: Path | None
    atoms: int
    seed: int
    cores: int
    cache: Path | None
    force: bool
    command: str

    def settings(self, temperatures: tuple[float, ...], **changes: object) -> SuiteSettings:
        """Lengths of the full suite or of the quick one."""
        make = SuiteSettings.quick if self.quick else SuiteSettings
        return make(
            **{"temperatures": temperatures, "seed": self.seed, "cores": self.cores, **changes}
        )

    def request(self, settings: SuiteSettings, thresholds: Thresholds) -> Request:
        """With the folder made, at the last moment before anything runs."""
        try:
            self.out.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigError(f"--out {self.out}: {error.strerror}; name another folder") from None
        return Request(
            families=self.families,
            required=self.required,
            settings=settings,
            thresholds=thresholds,
            folder=self.out,
            cache=self.cache or self.out / PARTS_NAME,
            command=self.command,
            force=self.force,
        )


def run_session(options: Options, console: Console) -> Results:
    """Judge and write the results.

    Raises:
        LongstrideError: it could not be judged; no results were written.
    """
    thresholds = (
        packaged_thresholds() if options.thresholds is None else load_thresholds(options.thresholds)
    )
    listener = ConsoleListener(console)
    if options.rollout is not None:
        assert options.reference is not None, "the command sees to it"
        return validate_rollout(
            options.rollout,
            options.reference,
            lambda found: options.request(options.settings(found), thresholds),
            options.temperatures,
            listener,
        )
    if options.reference is not None:
        with TrajectoryFile(options.reference) as file:
            return _with_file(options, file, thresholds, listener)
    return _with_engine(options, thresholds, listener)


def _with_engine(options: Options, thresholds: Thresholds, listener: ConsoleListener) -> Results:
    """The reference is run: the recipe's engine, or the model's own potential."""
    from longstride.cli.subject import load_subject

    recipe = None if options.recipe is None else load_recipe(options.recipe)
    _require_covered(options, options.temperatures)
    subject, potentials, lattice = load_subject(str(options.model), options.cores)
    regime = subject.regime
    engine = _engine(recipe, potentials, regime, options.cores)
    temperatures = options.temperatures or _usual(recipe, regime, quick=options.quick)
    changes = (
        {} if recipe is None else {"largest_step": recipe.time_step, "damping": recipe.damping}
    )
    request = options.request(options.settings(temperatures, **changes), thresholds)
    parts = Parts(request.cache, listener)
    if recipe is None:
        crystals = lattice_crystals(lattice(), engine, options.atoms, parts)
    else:
        crystals = recipe_crystals(recipe, regime, engine, parts)
    return validate_model(subject, engine, crystals, None, request, listener)


def _require_covered(options: Options, temperatures: tuple[float, ...]) -> None:
    """Refuse temperatures (K) by the model's card, before the model and torch are loaded."""
    regime = Card.read(resolve(str(options.model))).regime
    require_temperatures(regime, temperatures, force=options.force)


def _engine(
    recipe: Recipe | None, potentials: tuple[str, ...], regime: Regime, cores: int
) -> Engine:
    if recipe is None:
        return make_engine(system.reference_settings(potentials, regime.species, cores))
    settings = recipe.engine
    if isinstance(settings, LammpsSettings):
        settings = settings.model_copy(update={"ranks": cores})
    return make_engine(settings)


def _usual(recipe: Recipe | None, regime: Regime, *, quick: bool) -> tuple[float, ...]:
    """Temperatures where none are given: the recipe's, if they are few, or over the range."""
    low, high = regime.temperature
    if recipe is not None:
        named = sorted({t for group in recipe.runs for t in group.temperatures})
        inside = tuple(t for t in named if low <= t <= high) or tuple(named)
        if len(inside) <= 3:
            return (inside[len(inside) // 2],) if quick else inside
        low, high = inside[0], inside[-1]
    return usual_temperatures(low, high, quick=quick)


def _with_file(
    options: Options, file: TrajectoryFile, thresholds: Thresholds, listener: ConsoleListener
) -> Results:
    """The reference is a file; its engine joins in where the model and the file name the same."""
    known = FileOfReference.of(file, options.temperatures)
    from longstride.cli.subject import load_subject

    found = tuple(known.groups)
    if options.quick and not options.temperatures:
        found = (found[len(found) // 2],)
    _require_covered(options, found)
    subject, potentials, _ = load_subject(str(options.model), options.cores)
    engine = None
    if set(options.families) != {"onestep"}:
        engine = _common_engine(potentials, known, subject.regime, options.cores)
    request = options.request(options.settings(found), thresholds)
    crystals = file_crystals(known.groups, subject.regime)
    return validate_model(subject, engine, crystals, known, request, listener)


def _common_engine(
    potentials: tuple[str, ...], known: FileOfReference, regime: Regime, cores: int
) -> Engine | None:
    """LAMMPS with the potential that both the model and the file state, if it can be run here."""
    if len(potentials) != 1 or known.description["potential"] != potentials[0]:
        return None
    try:
        return make_engine(system.reference_settings(potentials, regime.species, cores))
    except (ConfigError, EngineError):
        return None
