"""What docs/guard.md says between its numbers."""

HEAD = """# The regime guard

A learned map is right where it was trained. `longstride run` therefore looks, every ten strides by
default (`--guard-every`), how unlike the training data the neighbourhood of every atom is, and acts
where one is farther out than the data ever was (`--on-leave`).

```console
$ longstride run -m al -s al.h5 --temperature 600 --time 100ps -o out.h5
$ longstride run --resume --on-leave warn -o out.h5      # where it stopped, with exit code 3
$ longstride run -m al -s al.h5 --temperature 300:1500 --force --on-leave reference \\
    --time 60ps -o melted.h5
```

Where an atom is outside,

- `stop` ends the run with one line that names the atom, the time, the signal and its limit, and
  with exit code 3. Frames, record and restart point are whole, and `--resume` goes on from there.
- `warn` goes on, says so once, and counts the looks that found atoms outside at the end.
- `reference` lets LAMMPS, with the potential on the model's card, do the strides (velocity Verlet
  at 2 fs, inside the same thermostat) until ten looks in a row, one a stride, found every signal
  below 0.9 of its limit. The record and the summary tell how many strides it did.

`stop` is the default: a stopped run loses nothing, since one word lets it go on, while a wrong one
may be believed. With `--force` the default is `warn`: who leaves the regime on purpose wants to be
told, not stopped. All three are deterministic, and a killed run is resumed to the same bits. At
constant pressure `reference` is refused, because the barostat would go on with the model's stress.
On the ranks of [LAMMPS](mpi.md) each looks at its own atoms; `stop` and `warn` are there.

Every look is a line of `.thermo.csv`: the largest and the mean of each signal, the number of atoms
outside, and the strides that the reference did so far; between two looks the first are empty.

## Signals

All are read in float64 from what the kicks are computed from
([`novelty.py`](../src/longstride/model/novelty.py); in C++ where kicks are).

- `distance`: Mahalanobis distance of an atom's whitened invariants to the training data, species by
  species, over the root of their number. Every temperature of the data counts the same in the
  covariance, or the hottest atoms would decide alone.
- `neighbourhood`: mean distance of an atom and all its neighbours inside the cutoff. The distance
  of one atom has heavy tails in a hot crystal, that of a whole neighbourhood has not: it sees what
  is common to neighbours.
- `disagreement_eV`: difference of two energies of the atom, read out by two closed-form fits to
  disjoint halves of the training data.

## Limits

Hot atoms are far from the mean of the data, so limits are functions of the temperature: a limit is
the level that an atom exceeds in one look with a probability of 10⁻⁸, at each temperature of the
validation data, in whichever of its runs it is the highest. No validation data is that large, so
the tail above the 99th percentile is fitted (generalised Pareto distribution, peaks over threshold,
[`tail.py`](../src/longstride/training/tail.py)) and read beyond the data. In a run, the limits are
those of the kinetic temperature, read three of its standard deviations higher, because it
fluctuates and the structure does not follow.

256 atoms for a nanosecond of 60 fs strides, with a look every ten, are 4 × 10⁵ looks at atoms: one
such run in eighty alarms by chance, at one of three signals, if the tails are what they were fitted
to be.
"""

TAIL = """## What falls short

- The limits hold for conditions like those of the validation data: for `al` and `al-fast` bulk
  crystals at rest and at ±2 % of strain (`recipes/al-guard.yaml`, never trained on), for `cu-snap`
  those of its recipe.
- The tail of `distance` is heavy, so its limits, read six decades beyond the 99th percentile, are
  high in a hot crystal, and only a violent event such as two colliding atoms exceeds them.
  `neighbourhood` fired first in every other case; `disagreement_eV` did in none.
- Hot crystals hide small defects: a vacancy touches the limit now and then at 300 K and stays well
  inside at 600 K. Energy and g(r) of these rollouts did not go wrong, which says nothing about the
  rate at which a vacancy moves.
- Strain that changes the shape alone adds nothing of first order to invariants, so it is seen late.
- Heated, the reference's own runs melt at different times; while they do, their differences are
  large, and so is what a rollout may be off by before it is called wrong.
- There is no limit on the mean over all atoms, which is only recorded.
- The data of `cu-snap` is unstrained inside of its regime: at one temperature, the density of a
  much hotter crystal is outside, although the regime on its card allows it.
- Models with attention are read by torch, which is slower; staged maps have no guard.

## From Python

```python
from longstride.dynamics import Watch, start_run

watch = Watch(propagator.gauge, every=10, stops=True)  # propagator of load_propagator(folder)
start_run(ensemble, state, rng, plan, out, observers=[watch])
print(watch.findings)
```

A watch is an observer: anything with its methods can add columns to `.thermo.csv`, keep a memory in
the restart file, and end a run ([`observer.py`](../src/longstride/dynamics/observer.py)).

## Adding a guard to a model

`model.guard: true` in a recipe makes `longstride train` measure and calibrate one at its end, from
training and validation part. `python benchmarks/attach_guard.py MODEL DATA...` does so for a model
that was trained before, and leaves its weights as they are.
"""

RULES = """`python benchmarks/guard.py run`: the model, looking every stride and not stopped, beside
six runs of LAMMPS under the same protocol, in a Langevin bath of 0.5 ps. A rollout is wrong where
the energy of its frames by the reference's potential is off from the mean of the six, or their g(r)
from the nearest, both over windows of 2.4 ps, by more than three times what two of the reference
runs differ by (root mean square over all pairs and eleven windows), or where it breaks down. Times
in ps."""
