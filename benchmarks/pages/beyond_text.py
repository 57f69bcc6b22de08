"""Words of docs/beyond.md that do not depend on numbers, and what the numbers mean."""

HEAD = """# Beyond the perfect crystal

What happens where there is more, or less, than bulk fcc aluminium: liquids, a vacancy, surfaces,
strains, a stacking fault, grain boundaries, a melt that freezes and a crystal that melts, other
sizes and temperatures.
Two models that ship, side by side: `al`, trained on bulk crystals alone
([al-model.yaml](../recipes/al-model.yaml)), and `al-broad`, the same settings trained on the same
data and on that of [recipes/al-broad](../recipes/al-broad)
([al-broad-model.yaml](../recipes/al-broad-model.yaml)). Made by `python benchmarks/beyond.py run`
and `pages`; the potential is that of `al`, and melts at 926 K.

Every case has runs and seeds of its own, in cells of the recipes (never their trajectories): two
runs of LAMMPS (2 fs), whose difference is the noise floor, and a third that the strides and the
first states of rollouts are taken from. All are in a Langevin bath of 0.5 ps, at the volume of the
potential itself. Crystal and melt side by side are made by LAMMPS
([coexistence.py](../benchmarks/measurements/coexistence.py)): of 2,400 atoms on a lattice of the
temperature's own constant, 24 cells long, half are melted while the others are held, and the long
axis relaxes at no stress. Atoms are crystalline where their q6, averaged over neighbours (Lechner
and Dellago, J. Chem. Phys. 129, 114707, 2008), is above 0.29, which lies between the two peaks of
crystal and melt.
"""

RUNS = """## Rollouts

Differences from the mean of the two runs of LAMMPS, and in brackets the difference of those two.
Energies of model frames are those of the reference's potential. g(r): mean |Δg| over mean g, up to
7 Å or half the cell.
"""

TAIL = """## What it means, and what falls short

- `al` was trained on bulk crystals and says so: its guard finds every look at a slab and at a
  liquid of 1,400 K outside, and three in four at 1,000 K. It is right to: at 1,400 K two atoms
  came to overlap in the first picoseconds, and slabs live but are 3 % too thin, and off in
  energy. A liquid at 1,000 K it gets nearly right all the same, and a vacancy at 850 K it neither
  flags nor gets wrong: the rate of its jumps agrees with LAMMPS inside the error of 12 %, which
  is that of some sixty counted jumps on either side.
- `al-broad` was trained for five minutes of one core, less than half of what `al` had (the
  learning rate of its first steps was that of a longer budget, so that the recipe gives a model
  like it, not the same), and pays
  for its breadth in the perfect crystal: one stride is off by 1.15 (900 K) to 1.4 times (300 K)
  as much.
- Statistics are thin: two runs of LAMMPS of 20 to 30 ps (400 ps with a vacancy) and one rollout
  (two with a vacancy). The temperature of the bath alone is then uncertain by 5 to 10 K, more
  than most of the differences in the table.
- The guard of `al-broad` is blunter than that of `al`. A limit is that of whichever validation
  run of a temperature is the highest, so a crystal at 300 K may stray as far as a surface is from
  the crystal before it is flagged. Only crystals were calibrated on at 250 K: below 300 K
  surfaces and defects may be flagged without cause, and the perfect crystal at 150 K, where the
  model is right, is in one look of four.
- The two grain boundaries of the small cell grow together in LAMMPS, too, at a time of its own in
  each run: fractions of fcc atoms there, and energies, compare only roughly. At 900 K the cell is
  disordered on either side.
- Sizes do not matter where cells hold the neighbourhood: `al-small`, which has seen 108 atoms, is
  as good at 4,000 and 32,000 as at 500.
- A model extrapolates smoothly, and its guard knows how far: `al-cold`, which has seen 300 to 600
  K alone and was trained for half a minute after its ridge start, is off in w by 1.2 % at 750 K
  and by 1.7 % at 900 K (`al`: 0.9 and 1.2 %). At 750 K the guard finds one look in eight outside,
  at 900 K every one; at 150 K, where the error is that of 300 K, none.
- Not measured: solid beside liquid, and, for `al-broad`, runs at constant energy and constant
  pressure; its speed is that of `al`, since the settings are. Rows that a table above lacks were
  not measured either: the same command makes them.
"""
