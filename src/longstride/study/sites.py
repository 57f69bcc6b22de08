"""The configuration of Parsl that a study's site stands for."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from longstride.errors import ConfigError
from longstride.study.site import FluxSite, LocalSite, PbsSite, Site, SlurmSite

if TYPE_CHECKING:
    from parsl.config import Config

LABEL = "runs"
"""Parsl's name for the executor."""


def require_parsl() -> None:
    """Refuse to go on without Parsl.

    Raises:
        ConfigError: it is not installed.
    """
    try:
        import parsl  # noqa: F401
    except ImportError:
        raise ConfigError(
            "'longstride sweep' needs Parsl, which is not installed; install it with:"
            " pip install 'longstride[sweep]'"
        ) from None


def parsl_config(site: Site, folder: Path) -> "Config":
    """Parsl's configuration of a site.

    Local runs are processes that threads of this one wait for. On a cluster, Parsl's pilot jobs
    take whole blocks of nodes and make runs in them one after the other (Babuji et al., Proc. HPDC
    2019, 25, doi:10.1145/3307681.3325400).

    Args:
        site: where the runs are made.
        folder: for Parsl's own records.

    Raises:
        ConfigError: Parsl is not installed.
    """
    require_parsl()
    from parsl.config import Config

    return Config(
        executors=[_executor(site, folder)],
        run_dir=str(folder),
        # A failed run is reported, and tried again when the user says so.
        retries=0,
        strategy="none" if isinstance(site, LocalSite) else "simple",
        initialize_logging=not isinstance(site, LocalSite),
        usage_tracking=0,
    )


def _executor(site: Site, folder: Path) -> Any:
    if isinstance(site, LocalSite):
        from parsl.executors import ThreadPoolExecutor

        return ThreadPoolExecutor(label=LABEL, max_threads=site.n_workers)
    if isinstance(site, FluxSite):
        from parsl.executors import FluxExecutor

        # Flux itself finds place for the runs; it must be told how large each is.
        return FluxExecutor(label=LABEL, working_dir=str(folder), flux_path=site.flux)
    from parsl.executors import HighThroughputExecutor

    return HighThroughputExecutor(
        label=LABEL,
        provider=_slurm(site) if isinstance(site, SlurmSite) else _pbs(site),
        cores_per_worker=site.threads,
        max_workers_per_node=site.workers_per_node,
        # Runs are long, and none should wait behind another that is at work.
        prefetch_capacity=0,
        cpu_affinity="block",
    )


def _slurm(site: SlurmSite) -> Any:
    from parsl.launchers import SrunLauncher
    from parsl.providers import SlurmProvider

    return SlurmProvider(
        partition=site.partition,
        account=site.account,
        qos=site.qos,
        constraint=site.constraint,
        exclusive=site.exclusive,
        nodes_per_block=site.nodes_per_block,
        cores_per_node=site.cores_per_node,
        init_blocks=1,
        max_blocks=site.blocks,
        walltime=site.walltime,
        scheduler_options=site.directives,
        worker_init=site.setup,
        launcher=SrunLauncher(),
    )


def _pbs(site: PbsSite) -> Any:
    from parsl.launchers import MpiExecLauncher, SingleNodeLauncher
    from parsl.providers import PBSProProvider

    one = site.nodes_per_block == 1
    return PBSProProvider(
        account=site.account,
        queue=site.queue,
        scheduler_options=site.directives,
        select_options=site.select,
        worker_init=site.setup,
        nodes_per_block=site.nodes_per_block,
        cpus_per_node=site.cores_per_node,
        init_blocks=1,
        max_blocks=site.blocks,
        walltime=site.walltime,
        launcher=SingleNodeLauncher() if one else MpiExecLauncher(),
    )
