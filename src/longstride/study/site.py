"""Where the runs of a study are made: this machine, or the nodes of a cluster."""

import os
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PositiveInt, model_validator


def require_word(value: str) -> str:
    """The value, if it is one word: it becomes part of a job script.

    Raises:
        ValueError: it is not.
    """
    if not value.isprintable() or not value or set(value) & set(" '\"`$;"):
        raise ValueError("must be one plain word")
    return value


Word = Annotated[str, AfterValidator(require_word)]

WALLTIME = r"^\d{1,4}:[0-5]\d:[0-5]\d$"


class _Site(BaseModel):
    """Base: immutable, unknown keys refused.

    Attributes:
        threads: cores of one run.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    threads: PositiveInt = 1


class LocalSite(_Site):
    """Processes of this machine.

    Attributes:
        workers: runs at a time; default: as many as fit the cores.
    """

    kind: Literal["local"] = "local"
    workers: PositiveInt | None = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        wanted = self.threads * (self.workers or 1)
        if wanted > usable_cores():
            raise ValueError(
                f"{self.workers or 1} workers of {self.threads} threads are more than the"
                f" {usable_cores()} cores of this machine"
            )
        return self

    @property
    def n_workers(self) -> int:
        """Runs at a time."""
        return self.workers or max(1, usable_cores() // self.threads)


class _Batch(_Site):
    """A batch system, asked for blocks of nodes in which runs are made one after the other.

    Attributes:
        account: that is charged.
        walltime: of a block, HH:MM:SS.
        nodes_per_block: nodes of one job.
        blocks: jobs at a time, at most.
        cores_per_node: of a node.
        setup: shell lines before the workers start, such as the activation of an environment.
        directives: lines put before the job's own, as in ``#SBATCH --mem=8G``.
    """

    account: Word | None = None
    walltime: str = Field(default="01:00:00", pattern=WALLTIME)
    nodes_per_block: PositiveInt = 1
    blocks: PositiveInt = 1
    cores_per_node: PositiveInt = 1
    setup: str = ""
    directives: str = ""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.threads > self.cores_per_node:
            raise ValueError(
                f"runs of {self.threads} threads do not fit the {self.cores_per_node}"
                " cores of cores_per_node"
            )
        return self

    @property
    def workers_per_node(self) -> int:
        """Runs at a time on one node."""
        return self.cores_per_node // self.threads


class SlurmSite(_Batch):
    """Jobs of Slurm.

    Attributes:
        partition: to wait in.
        qos: quality of service.
        constraint: on nodes.
        exclusive: whole nodes.
    """

    kind: Literal["slurm"]
    partition: Word | None = None
    qos: Word | None = None
    constraint: Word | None = None
    exclusive: bool = True


class PbsSite(_Batch):
    """Jobs of PBS Pro or OpenPBS.

    Attributes:
        queue: to wait in.
        select: more of the select statement, as in ``mem=8gb``.
    """

    kind: Literal["pbs"]
    queue: Word | None = None
    select: str = ""


class FluxSite(_Site):
    """Jobs of the Flux instance that the command is started in, one for each run.

    Attributes:
        flux: path of the ``flux`` program, if it is not in the search path.
    """

    kind: Literal["flux"]
    flux: str | None = None


Site = Annotated[LocalSite | SlurmSite | PbsSite | FluxSite, Field(discriminator="kind")]


def usable_cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
