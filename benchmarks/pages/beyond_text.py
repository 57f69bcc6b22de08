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
  liquid of 1,200 K or more outside, and three in four at 1,000 K. It is right to: at 1,400 K two
  atoms came to overlap within 5 ps in three runs of four, and slabs live but are 3 % too thin, and
  off in energy. Liquids at 1,000 and 1,200 K it gets nearly right all the same, and a vacancy at
  850 K it neither flags nor gets wrong.
- `al-broad` was trained for as long as `al`, twelve minutes of one core, and pays for its breadth
  in the perfect crystal: one stride is off by 1.13 (900 K), 1.17 (600 K) and 1.26 times (300 K)
  as much. Asked for was no more than 1.2. (Its regime was narrowed after the training, by
  `longstride train --resume`, which calibrates the guard anew and leaves the weights.)
- Diffusion in liquids is asked to be within 10 %, and is in the runs that lived: that of
  `al-broad` is off by −0.2 ± 2.0 % at 1,000 K and −4.6 ± 1.8 % at 1,400 K. But at 1,400 K one of
  its four runs ended after 27 ps with two atoms that overlap, and its guard had not seen it
  coming. The regime on its card therefore ends at 1,200 K, where all four lived, although its data
  goes on to 1,400 K and, for a few runs, to 1,800 K: that is too little of the close encounters of
  hot atoms. Runs of nanoseconds were not tried in any liquid.
- Vacancies: in 0.8 ns `al` counts 66 jumps, `al-broad` 73 and LAMMPS 58, which is 0.7 and 1.3
  standard errors of such a difference apart. An error of 20 % would not be seen.
- Crystal and melt, which neither model was trained on side by side: both models freeze at 880 K,
  melt at 980 K and stay at 926 K, as LAMMPS does. Their fronts move as fast as those of LAMMPS or
  somewhat faster: but for `al-broad` at 880 K (41 beside 23 m/s) and `al` at 926 K, where nothing
  should move, the difference is not more than that of the two runs of LAMMPS. It is no better than
  that: runs of one model differ by up to 40 m/s (926 K), far more than the errors of single
  slopes, since fronts of 21 Å by 21 Å fluctuate. After 24 ps `al-broad` has fewer crystalline
  atoms than LAMMPS at every temperature: at 880 K it stops freezing half way, at 980 K one of its
  two crystals was gone. By these runs it melts a little too early. `al` has not this error,
  although it is outside of its regime there, which its guard says at 980 K in nearly every look;
  the guard of `al-broad` is silent, as the interface is like the melt and the crystal that it
  knows. Data with an interface in it was not tried. Model runs start a picosecond later than those
  of LAMMPS, hence with fewer crystalline atoms at 980 K.
- At constant volume fronts make pressure that slows them down: the velocities are of the first
  9.6 ps, and not kinetic coefficients at zero pressure.
- Statistics are thin: two runs of LAMMPS of 20 to 30 ps (400 ps with a vacancy) and one rollout
  (two with a vacancy or a front, four of liquids). The temperature of the bath alone is then
  uncertain by 5 to 10 K, more than most of the differences in the table.
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
- At constant energy `al-broad` is no worse than `al`: off by less than 1 % of the kinetic energy in
  100 ps at 300 to 900 K.
- Not measured: `al-broad` at constant pressure; its speed is that of `al`, since the settings are.
"""
