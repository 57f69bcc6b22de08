"""Studies of many runs: every combination of some axes, made anywhere, merged into one result."""

from longstride.study.driver import Condition, make_runs
from longstride.study.folder import StudyFolder, Survey
from longstride.study.page import write_page
from longstride.study.plan import PlannedRun, plan_study
from longstride.study.results import Merged, write_results
from longstride.study.settings import Study, load_study
from longstride.study.site import LocalSite, usable_cores
from longstride.study.sites import require_parsl
from longstride.study.summary import summarise

__all__ = [
    "Condition",
    "LocalSite",
    "Merged",
    "PlannedRun",
    "Study",
    "StudyFolder",
    "Survey",
    "load_study",
    "make_runs",
    "plan_study",
    "require_parsl",
    "summarise",
    "usable_cores",
    "write_page",
    "write_results",
]
