"""One run as its folder describes it: the words of a command, and what it is made from."""

from pathlib import Path
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from longstride.documents import read_json
from longstride.errors import FileFormatError
from longstride.files import write_text

JOB_NAME: Final = "inputs.json"
"""Name of the file in a run's folder."""

Kind = Literal["run", "generate", "validate"]

OUTPUTS: Final[dict[str, tuple[str, ...]]] = {
    "run": ("out.h5", "out.thermo.csv", "out.temperature.png"),
    "generate": ("data.h5",),
    "validate": ("results.json", "report.html"),
}
"""What each command leaves when it is whole: all of it gets its name at the end of the work."""

UNFINISHED: Final = "out.h5.restart"
"""What a rollout has beside it while it can be resumed."""

CHECK_FAILED: Final = 1
"""Exit code of ``longstride validate`` where everything was judged and a check failed."""


class Job(BaseModel):
    """What a run's folder is for; the words are those of a command in that folder.

    Attributes:
        version: of the file.
        name: of the run.
        kind: of the command.
        words: its arguments, without the place of its output.
        fingerprint: of everything that determines the result.
        point: where the run stands on the axes.
        threads: cores it may use.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal[1] = 1
    name: str
    kind: Kind
    words: tuple[str, ...]
    fingerprint: str
    point: dict[str, Any]
    threads: int

    def store(self, folder: Path) -> None:
        """Keep it in the run's folder."""
        write_text(folder / JOB_NAME, self.model_dump_json(indent=1) + "\n")


def read_job(folder: Path) -> Job | None:
    """The job a folder is for; None where there is none yet.

    Raises:
        FileFormatError: the file cannot be read as one.
    """
    path = folder / JOB_NAME
    if not path.exists():
        return None
    content = read_json(path, "the inputs of a run")
    try:
        return Job.model_validate(content)
    except ValidationError:
        raise FileFormatError(
            f"{path}: not the inputs of a run of this version; delete {folder} to make it again"
        ) from None


def is_whole(kind: Kind, folder: Path) -> bool:
    """Whether everything the command leaves is there."""
    if kind == "run" and (folder / UNFINISHED).exists():
        return False
    return all((folder / name).is_file() for name in OUTPUTS[kind])


def command_of(job: Job, folder: Path) -> list[str]:
    """The command that makes the run, or goes on with it where it stopped."""
    if job.kind == "generate":
        return ["generate", *job.words, "-o", "data.h5", "--workers", "1", "--overwrite"]
    if job.kind == "validate":
        return ["validate", *job.words, "-o", "."]
    if (folder / UNFINISHED).exists() or (folder / "out.h5").exists():
        return ["run", "--resume", "-o", "out.h5"]
    return ["run", *job.words, "-o", "out.h5", "--overwrite"]
