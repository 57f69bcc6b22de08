"""The words of docs/interop.md; its numbers are put in by ``pages.interop``."""

HEAD = """# Other programs

`longstride export SOURCE -o OUT` makes what other programs read, and the ending of OUT says what:

| OUT | SOURCE | is |
| --- | --- | --- |
| `.pt` | a shipped model or a model folder | a metatomic model, for engines that host them |
| `.extxyz`, `.xyz` | a trajectory, `.h5` | extended XYZ |
| `.gsd` | | GSD, schema `hoomd` (extra `io`) |
| `.h5md` | | H5MD of one group, as MDAnalysis reads it |
| `.lammpstrj`, `.dump` | | LAMMPS text dump, units metal |
| `.data`, `.lmp` | | one frame as a LAMMPS data file, units metal |

One command does both, because a file's ending already says which is meant; an option of the other
kind is refused. This page is written by `python benchmarks/interop.py page` from
`benchmarks/results/interop/`.

## Models for engines of metatomic

```console
$ pip install 'longstride[metatomic]'
$ longstride export al -o al.pt                      # arithmetic and state in float32
$ longstride export al -o al.pt --precision float64
```

[metatomic](https://docs.metatensor.org/metatomic) is an interface between atomistic models and
programs that run them. FlashMD [1] uses it for models that give `positions` and `momenta` one
stride later; an exported model gives the same (under metatomic's present names, `position` and
`momentum`, which it translates), so that FlashMD's integrators run it as one of their own:

```python
import ase.units
from flashmd.ase.langevin import Langevin
from metatomic.torch import load_atomistic_model

model = load_atomistic_model("al.pt")
dynamics = Langevin(
    atoms,
    timestep=60 * ase.units.fs,  # the model's stride, model.module.timestep
    temperature_K=600,
    model=model,
    time_constant=500 * ase.units.fs,
)
dynamics.run(1000)
```

- **The same function.** The scalar whose gradient is a kick is not written again: its definition
  ([`scalars.py`](../src/longstride/model/scalars.py)) is traced to TorchScript with the weights in
  it, checked at other numbers of atoms and neighbours. Kicks and drifts around it are a page of
  TorchScript ([`stride.py`](../src/longstride/engines/metatomic/stride.py)).
- **Neighbours.** Kicks inside a stride see moved atoms. Engines are asked once for the full list
  inside cutoff plus a skin of 4 Å (`--skin`), and its vectors move with the atoms; before every
  kick, pairs outside the cutoff are dropped. A pair that is not on the list cannot come inside the
  cutoff before two atoms have approached by the skin. The sum of the two largest displacements,
  relative to the mean, bounds that approach; it is looked at after every drift, and above the skin
  the stride is an error. No pair is missed silently.
- **Units.** Lengths in Å, momenta in ASE's (eV u)^½, masses in u, all declared, so that engines
  that name units get theirs. FlashMD's name none and use these.
- **Refused** are species that the model does not know, masses that differ from the model's by more
  than a thousandth, staged maps, and strides that move atoms too far.
- **Positions** are not wrapped. The total momentum is conserved to rounding.
- **Trust.** TorchScript is code: load only files from whom you trust. Models are kept and passed on
  as `model.safetensors` and `model.json` ([formats.md](formats.md)).
"""

APPROACH = """### How near atoms come

The skin must cover the sum of the two largest displacements since the start of a stride. In a
Langevin bath at the highest temperature of each model, in Å:

{table}

From the median stride to the largest of all, the sum grows by up to {growth:.2f} Å for every
tenfold of strides. The default skin of 4 Å leaves room for that, in models with strides like these;
a stride beyond it is an error that says what to do.

*`python benchmarks/interop.py approach`.* {origin}
"""

HOSTED = """### The same run, here and there: `{name}`

{atoms} atoms of {material} at 600 K and constant energy, {strides} strides of {stride:g} fs: here
by `longstride`'s compiled kernel, and the exported model by {engines}. Root mean square distance
between the atoms of two runs, in Å, after so many strides:

{table}

After the last stride the float32 run in ASE is {ratio} times as far from the one here as that is
from its nudged self.

In FlashMD's `Langevin` with a time constant of {friction:g} fs, the kinetic temperature is
{temperature} K over {bath} strides of float32, for a bath of 600 K. The two largest displacements
within a stride add up to {approach:.2f} Å at most (exported with a skin of {skin:g} Å). The model
takes {float32} µs of one core per atom and stride in float32, {float64} µs in float64, FlashMD's
own work included.

*`python benchmarks/interop.py hosted`.* {origin}
"""

ROUNDING = """The lower lines of a table are what a rounding does to one and the same program; the
coordinate that is nudged is near zero, so it takes some strides until float32 sees it. An engine
with float32 rounds all positions and momenta every stride, while runs here keep the state in
float64 and round inside of the network alone; chaos then lets the runs drift apart at one rate.
FlashMD's stepper of i-PI converts units with constants of eight digits, which is where its float64
line starts. What is exported is the plain torch definition: engines cannot load the compiled
kernel of `longstride run`, whose far lower cost is in [performance.md](performance.md).
"""

TRAJECTORIES = """## Trajectories

```console
$ longstride export out.h5 -o out.extxyz --frames ::10
$ longstride export out.h5 -o last.data
$ longstride export data.h5 -o one.gsd --segment 600K-0
```

Frames are read and written a few at a time, so memory does not grow with the file; what has its
final name is whole.

| format | lengths | velocities | time |
| --- | --- | --- | --- |
| extended XYZ | Å, unwrapped | `momenta` in ASE's unit | `time`, fs |
| GSD | Å, in the box with images, float32 | Å/fs, float32 | `log/time_fs`; the step is the frame |
| H5MD | Å, unwrapped | Å/fs | fs, and units in the file |
| LAMMPS dump | Å, unwrapped (`xu yu zu`) | Å/ps | the step is the time in fs |
| LAMMPS data | Å, in the box with images | Å/ps | |

LAMMPS, HOOMD and MDAnalysis want the first cell vector along x and the second in the plane of x and
y. Other cells are turned, positions and velocities with them (and mirrored where the vectors are
left-handed); extended XYZ keeps every cell as it is. `longstride import` reads dumps
(`--units metal --timestep 1`) and extended XYZ back.
"""

READERS = """### Opened by

By `tests/trajectory/test_other_programs.py`, which compares every frame, with a triclinic cell and
with one turned in space. OVITO's wheels have 300 MB, so its tests run where it is installed.

{table}

*`python benchmarks/interop.py readers`.* {origin}

- The trajectory file itself is H5MD too, but MDAnalysis wants text attributes of another kind and
  the box in every frame: export to `.h5md`. OVITO has no reader of H5MD; give it GSD.
- MDAnalysis reads symbols and positions of extended XYZ only. It takes the tilts of a GSD box for
  something else, so GSD is compared with an orthogonal cell there, and velocities of a LAMMPS data
  file for Å/fs, whatever its units.
- A dump names types, not elements, to OVITO.
"""

HUB = """## Models of other people

```console
$ pip install 'longstride[hub]'
$ longstride models RUN/model --push lab/metals/al
$ longstride models --pull lab/metals/al -o al-of-the-lab --sha256 5f…
$ longstride run -m al-of-the-lab …
```

A model on the [Hugging Face hub](https://huggingface.co) is a folder of a repository with
`model.safetensors`, `model.json`, `card.md` and `sha256.json`, the checksums of the others. Only
these are ever asked for; none can hold code. The files get their folder when every SHA-256 holds
and the description is that of a model, else nothing is left. Checksums that lie beside the files
tell damage, not who made them: `--push` says the checksum of the model, and `--sha256` demands it.
`--revision` takes a branch, tag or commit. Access is the client's own (`hf auth login`).
"""

SHORT = """## What falls short

- The exported model has no regime guard: an engine that hosts it is not told when atoms leave the
  training data. The temperatures and densities of the card are in the file's metadata, as text.
- It gives no energy, so FlashMD's `rescale_energy` needs another model.
- An engine that divides space needs a halo of the interaction range (`capabilities`), which for
  some ten kicks is beyond 100 Å: metatomic's engines can host it on one process.
- CUDA is declared, and nothing in the file is bound to a device, but it was run on processors only.
- The hub is tested against a folder that stands for it, and the signatures of its client, not over
  the network.

## References

1. F. Bigi, S. Chong, A. Kristiadi, M. Ceriotti, FlashMD: long-stride, universal prediction of
   molecular dynamics, Advances in Neural Information Processing Systems (2025), arXiv:2505.19350.
"""
