"""The words of docs/sweep.md; its numbers are put in by ``pages.sweep``."""

HEAD = """# Many runs

`longstride sweep STUDY.yaml` makes every combination of some axes: temperatures, strains or
pressures, structures, models and seeds. Each is one `longstride run`, `generate` or `validate` in a
folder of its own. It goes on where it was stopped or killed, reports what failed without stopping
for it, and merges everything into one table, fits and a page. It rides on
[Parsl](https://parsl-project.org) (Babuji et al., Proc. HPDC 2019, 25):

```console
$ pip install 'longstride[sweep]'
$ longstride sweep al-npt.yaml --dry-run
$ longstride sweep al-npt.yaml -o al-npt
```

This page is written by `python benchmarks/sweep.py page` from `benchmarks/results/sweep/`.

## A study

[`recipes/studies/al-npt.yaml`](../recipes/studies/al-npt.yaml):

```yaml
{study}```

- `kind`: `run`, `generate` or `validate`.
- `models`: shipped names or folders; of `run` and `validate`.
- `recipe`: of `generate`, a recipe with one group of runs, whose temperatures, strains and seeds
  the study replaces; of `validate`, structure and potential, where they are not the model's own.
- `structures`: files, or by name a file or a lattice as in a recipe ([generate.md](generate.md)).
- `temperatures` in K; `seeds`.
- `strains`: linear strains of the structure (`run`) or of the relaxed cell (`generate`), each one
  number or three.
- `pressures` in GPa, of the barostat or of the relaxed cells.
- `options` of the command, by their long names with `_` for `-`; checked before anything runs.
- `analysis`: `skip`, the share of a rollout that is left out at its start (0.2); `diffusion`, the
  lags of the line through the mean square displacement in parts of the length ([0.1, 0.4]).
- `where`: this machine or a cluster, see below.

Unknown keys, values given twice and runs of one name are refused in one line.

## What comes out

- `sweep.csv`: a line a run: its axes, and every quantity with its standard error.
- `sweep.json`: the same, means over the seeds at every condition, fits, and why runs failed.
- `sweep.html`: figures against temperature, fits and means on one page that needs no network.
- `runs/NAME/`: the run's own files, `output.txt` (what the command said), `inputs.json` and
  `journal.jsonl` (every start and end of the command).

Rollouts give temperature, energies and pressure (with an energy head), volume and the constant of a
cubic lattice at constant pressure, and the diffusion coefficient; reference runs the same but for
the pressure; validations how many checks failed. The error of a mean over time comes from the
series' own correlation time ([analysis.md](analysis.md)). Means over seeds take it along, with χ²
of the seeds beside it; where χ² refutes these errors (runs at constant energy keep the energy that
they drew), and for diffusion coefficients (atoms of one run are not independent), the error is the
scatter over seeds, from three on. Diffusion coefficients of three temperatures
or more are fitted by the Arrhenius law, lattice constants by a line, weighted by their errors; a
point that is not above zero by three errors lets no Arrhenius law be fitted, and the result says
so.

## Going on

The same command goes on. A run is finished when everything its command writes is there under its
final name, by inputs with the same fingerprint: SHA-256 of command, options, point, and of the
contents of model, structure, recipe and potential files, wherever they lie. Finished runs are never
started again; a rollout with a restart point goes on from it, a generation and a validation from
their finished parts. More seeds or temperatures are just made. Where an input of an existing run
has changed, the study is refused, or these runs alone are made anew (`--redo-changed`).

Ctrl-C and SIGTERM give the commands at work time for an orderly end. After `kill -9` the next call
finds the truth on disk; a command that outlived its sweep holds the lock of its folder, and is
waited for instead of being started twice. A failed run is tried again by the next call; the exit
code is 1 as long as one fails.
"""

KILLED = """## Killed twice on its way

The study above, {runs} runs, {workers} at a time. The first kill (SIGKILL of the process group:
the sweep and the run at work) came when {first} runs were finished, the second (the sweep alone)
at {second}, both in the middle of a run, which had a restart point. The same command then came to
its end with exit code {exit_code}.

{table}

Of the runs finished before a kill, {repeated} were started again or differ by a byte.
*`python benchmarks/sweep.py killed`*
"""

NOT_KILLED = """## Killed on its way

Studies of four runs are killed in `tests/study/test_kills.py`, everything or the sweep alone, and a
rollout in the middle, which goes on from its restart point. The run of 24
(`python benchmarks/sweep.py killed`) is not measured.
"""

LATTICE = """## Lattice constant against temperature

`al` at zero pressure, 108 atoms, {time} each, four seeds: a demonstration, whose runs are
short. {law} Longer runs beside the reference are in
[constant-pressure.md](constant-pressure.md).

{table}
"""

LIQUID = """## Diffusion in the liquid

[`recipes/studies/al-liquid.yaml`](../recipes/studies/al-liquid.yaml): 24 reference runs of 256
atoms, four seeds each, 20 ps at the density of zero pressure. {law}

{table}

*`python benchmarks/sweep.py liquid`*
"""

CLUSTERS = """## Where

Local by default, with as many runs at a time as fit the cores: `where: {kind: local, workers: 2,
threads: 1}`, or `--workers`. Each run is a process of its own, and no library takes more threads
than `threads`.

```yaml
where:
  kind: slurm               # or pbs
  account: metals
  partition: cpu            # pbs: queue
  walltime: "12:00:00"      # of a block
  nodes_per_block: 1
  blocks: 4                 # at a time, at most
  cores_per_node: 64
  threads: 2                # 32 runs at a time on a node
  setup: source ~/venv/bin/activate
  directives: "#SBATCH --mem=64G"
```

Further keys: `qos`, `constraint`, `exclusive` of Slurm, `select` of PBS. Parsl's pilot jobs take
whole blocks, so runs do not wait in the queue one by one; a run that a walltime cuts is reported
as failed, and goes on with the next call. `where: {kind: flux, threads: 2}` inside of a Flux
instance makes a Flux job of each run; it needs Flux's own Python module. The study's folder, the
models and structures must be on a file system that all nodes share and that knows `flock` between
them.

`setup` and `directives` become part of a shell script: a study with a cluster is code that you
trust. Parsl talks to its workers by encrypted messages of pickled calls, and Flux' by such files in
the study's `parsl/`; results are read from none of them but by Parsl itself.
"""

SHORT = """## What falls short

- Clusters are tested as far as that goes without one: Parsl's configuration and the job that
  `sbatch` gets; no job has run.
- Runs of `generate` at several seeds relax the same cell once each.
- `validate` takes no strains; its runs at several seeds share nothing.
- Lattice constants are told of cubic lattices that the study names, not of structure files.
- Measuring reads whole trajectories, one after the other, in the sweep's own process at its end.
- On a cluster the table knows of a run's start by its journal: a file system that tells late makes
  the table late.
"""
