"""From the folders of finished runs to the results of the study."""

from collections.abc import Mapping, Sequence

from longstride.errors import LongstrideError
from longstride.reference import load_recipe
from longstride.study.folder import StudyFolder
from longstride.study.job import is_whole
from longstride.study.measure import Quantities, Subject, lattice_of, measured
from longstride.study.plan import PlannedRun
from longstride.study.points import Point
from longstride.study.results import Merged, merge
from longstride.study.settings import Study


def summarise(
    title: str,
    study: Study,
    runs: Sequence[PlannedRun],
    folder: StudyFolder,
    failed: Mapping[str, str],
) -> Merged:
    """Measure all finished runs, and merge their numbers.

    Args:
        title: name of the study.
        study: for how runs become numbers.
        runs: all of them.
        folder: where they are.
        failed: why runs failed, by their names.
    """
    base = None if study.kind != "generate" or study.recipe is None else load_recipe(study.recipe)
    numbers: dict[Point, Quantities] = {}
    unmeasured: dict[str, str] = {}
    for run in runs:
        where = folder.of(run)
        if not is_whole(run.job.kind, where):
            continue
        settings = study.structures.get(run.point.structure or "")
        if settings is None and base is not None:
            settings = base.structure
        molten = base is not None and base.melt is not None
        cubic = not molten and not isinstance(run.point.strain, tuple)
        lattice = lattice_of(settings) if cubic else None
        try:
            numbers[run.point] = measured(Subject(where, run.job, lattice), study.analysis)
        except (LongstrideError, OSError) as error:
            unmeasured[run.job.name] = " ".join(str(error).split())
    return merge(title, study.kind, numbers, failed, unmeasured)
