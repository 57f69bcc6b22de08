"""What docs/peers.md says around its numbers."""

HEAD = """# Beside its peers

FlashMD [1] has the same aim: a network that takes atoms from one phase point to another a long
stride later. Here it is trained on the data of `al`, for as many minutes of one core, and both are
put before the same judge and the same clock, with LAMMPS in longer steps beside them. Written by
`python benchmarks/peers/compare.py page` from `benchmarks/results/peers/`.
"""

MAIN = """{table}

Aluminium at 600 K, the EAM of Mendelev et al. *Minutes* are those of one core that the training
took. *d / w*: errors after 60 fs on held-out frames ([theory.md](theory.md)). *Baths*: checks of
`longstride validate --rollout` that a run of {time:g} ps passes, in Langevin baths of 1 ps, as our
validation has them, and of 0.1 ps, FlashMD's default. *T*: how far the kinetic temperature is from
that of the first bath; *free*, what it is in the second half of a run at constant energy from a
point near 600 K. *Cost*: of an atom and a picosecond on one core, in a bath, {atoms:,} atoms.

A tight bath may hide what a map does wrong to energies, and leaves its mark on everyone's dynamics.
FlashMD's authors recommend a Langevin bath, and that of 0.1 ps is their default. Other
temperatures are below.

{ratios}
"""

SETTINGS = """## How FlashMD was trained

{table}

- **Data.** The trajectories of `recipes/al.yaml`, the runs that `al` is validated on held out from
  both. A window is a frame and the one a stride later, windows of a run {spacing:g} fs apart, with
  their time-reversed twins, as FlashMD's tutorial recommends. `compare.py convert` writes the
  arrays that metatrain maps into memory.
- **Minutes.** Processor time of metatrain's trainer on one thread: fits of scales, epochs,
  validation. Its seconds for a window are measured first, and windows and epochs chosen to fill the
  minutes; its schedule (warm-up, cosine down to nothing) is then as long as the training. The epoch
  that is kept is the best on held-out windows. `al` took {own_steps:,} steps of {own_windows}
  windows in its minutes.
- **Size.** metatrain's default, widths of 128 and 512 and six attention layers, is made for days on
  GPUs; a smaller one was taken. How many windows make a step was chosen by {tried} trainings of
  {pilot:g} minutes and their errors on the validation windows:
{pilots}
- **Everything else** is metatrain's default: cutoff 4.5 Å, attention over neighbours, rotations
  and inversions drawn at random for every window (the network is not equivariant and learns them),
  momenta predicted as such, Adam, gradients clipped, mean square error of positions and momenta,
  each scaled to its spread.
- **Integrators** are those of FlashMD {flashmd}: its `Langevin`, which its authors recommend
  because energy may leave equipartition, without rescaling, once with and once without random
  rotations; at constant energy its `VelocityVerlet`, with and without `rescale_energy` (its default
  there), the energy by the same EAM. Total momentum and the flight of the centre of mass are set
  right after every stride, as its integrators always do.
"""

ONESTEP = """## One stride

Root mean square errors of d and w after 60 fs, relative, in %, on {windows} windows of held-out
runs at each temperature (`recipes/al-test.yaml`: {atoms} atoms, other seeds, and 450, 750 and 900 K
were not trained on). A stride of 30 fs is taken twice.

{table}
"""

ROLLOUT = """## In a bath

Runs of {time:g} ps, {discard:g} ps before them left out, 500 atoms, beside {references} runs of
LAMMPS in steps of 2 fs in the same bath. `longstride validate --rollout` judges temperature,
potential energy (by the reference's potential), equipartition over wavevectors, structure and
dynamics; the columns show some of its values. FlashMD named `turned` took every stride in a frame
turned at random.

{table}

A run that broke down has its length in the place of its verdict. A value is failed where it is
**bold**. Checks that others than FlashMD fail:

{failures}

Frames are 60 fs apart, so that the fastest vibrations (9.3 THz, [train.md](train.md)) are beyond
the 8.3 THz that such frames resolve; [accuracy.md](accuracy.md) and the suite look at `al` every
20 fs. A bath of 100 fs acts at the ends of strides, of `al` and of FlashMD alike, and 60 fs are no
small part of 100.
"""

NVE = """## At constant energy

From the same phase points, {time:g} ps: mean kinetic temperature of the first tenth and of the
second half of the run, and drift of the total energy (kinetic and, by the reference's potential,
potential) in meV per atom and ps. FlashMD named `rescaled` held the energy by scaling momenta.

{table}
"""

TIME = """## Time

One core, {atoms:,} atoms at {temperature:g} K in a Langevin bath, {rounds} rounds in turns: medians
and ranges. All are processor time, which other work on the machine hardly touches: for FlashMD
after {warm_up} strides in which TorchScript optimises itself, for LAMMPS by the difference of two
runs.

{table}
"""

RESPA = """## LAMMPS in longer steps, and r-RESPA

The step of {step:.3g} fs is the longest at which LAMMPS passes what `al` is judged by
([performance.md](performance.md#at-matched-fidelity)).

r-RESPA [4] does not apply. It gains where forces that change fast are cheap and those that change
slowly are dear: bonds and long-range electrostatics, or near and far pairs. In an EAM the force of
a pair is φ'(r) + (F'(ρᵢ) + F'(ρⱼ)) f'(r), and the densities ρ are sums over all neighbours: the
near part cannot be had without the whole, and an fcc metal has no fast mode apart from the others.
LAMMPS has no split of `{potential}` either; asked for one, it says “{said}”.
"""

QUOTED = """## Quoted, not measured

Other maps of long strides, in the words of their abstracts; neither was run here, and their systems
are others.

- TrajCast [2]: “forecast intervals up to 30× larger than traditional MD time-steps, generating over
  15 ns of trajectory data per day for a solid with more than 4,000 atoms”.
- Hamiltonian Flow Maps [3], trained on independent phase points without trajectories: “comparable
  training and inference cost, but support significantly larger integration timesteps”; the abstract
  gives no number.
"""

BETTER = """## What would make FlashMD better

- **A GPU and days.** Its tutorial calls 1,000 to 10,000 epochs production; here it had
  {epochs}. Its network is made for GPUs, `al` for one core. Its error was still falling when
  the time was up; position on the validation windows, Å, by epoch: {falling}.
- **Its universal models.** `flashmd.get_pretrained` has them for strides of 1 to 128 fs, trained on
  r2SCAN, to start from or to fine-tune, which its tutorial recommends over training from scratch.
  The package ships none: they are downloaded from the Hugging Face hub, which could not be reached
  where this was measured.
- **Breadth.** Its aim is one model for all elements, temperatures and phases. `al` is one metal's,
  with its masses, over one range of temperatures, and equivariance and conservation laws built
  in for crystals like its data. Elsewhere FlashMD works where `al` refuses.
- Its symplectic variant (a second network and a fixed-point iteration every stride) was not tried.
"""

SHORT = """## What falls short

- One training of each FlashMD and one run of every kind, from one phase point: differences between
  trainings are unknown. Sizes and schedule of FlashMD come from a few short trials; its authors
  would choose better ones.
- Training was asked for minutes by a calibration of 48 windows, which the table's core-minutes miss
  by some percent.
- Bulk fcc aluminium alone, where `al` was made to be good.
- The longer training that FlashMD is made for was not run: on one core it would take hours.
"""

AGAIN = """## Making it again

```console
$ python -m venv peer && peer/bin/pip install -r benchmarks/peers/requirements.txt
$ longstride generate recipes/al.yaml -o al.h5
$ longstride generate recipes/al-test.yaml -o al-test.h5
$ peers="--work WORK --peer peer/bin/python"
$ for lag in 60 30; do
    python benchmarks/peers/compare.py train --data al.h5 $peers --name flashmd-${lag}fs --lag $lag
  done
$ for part in onestep rollout time; do
    python benchmarks/peers/compare.py $part --test al-test.h5 $peers \\
      --names flashmd-60fs flashmd-30fs
  done
$ python benchmarks/peers/compare.py page
```

FlashMD's environment is its own; its pins need not fit ours. Its processes are started from here
and give files back: windows and starting points go there as arrays, trajectories come back as ASE's
and through `longstride import`. Two faults of metatrain 2026.3.1 are stepped around: its reader of
memory-mapped windows attaches momenta twice, which `guest_train.py` mends, and it stumbles over
`masses` given by atomic number, so that the data must have ASE's.
"""

REFERENCES = """## References

1. F. Bigi, S. Chong, A. Kristiadi, M. Ceriotti, FlashMD: long-stride, universal prediction of
   molecular dynamics, Advances in Neural Information Processing Systems (2025), arXiv:2505.19350.
2. F. L. Thiemann, T. Reschützegger, M. Esposito, T. Taddese, J. D. Olarte-Plata, F. Martelli,
   Force-free molecular dynamics through autoregressive equivariant networks, arXiv:2503.23794.
3. W. Ripken, M. Plainer, G. Lied, J. T. Frank, O. T. Unke, S. Chmiela, F. Noé, K.-R. Müller,
   Learning Hamiltonian flow maps: mean flow consistency for large-timestep molecular dynamics,
   arXiv:2601.22123.
4. M. Tuckerman, B. J. Berne, G. J. Martyna, Reversible multiple time scale molecular dynamics,
   J. Chem. Phys. 97, 1990 (1992).
"""
