"""Words of docs/beyond.md that do not depend on numbers, and what the numbers mean."""

HEAD = """# Beyond the perfect crystal

What happens where there is more, or less, than bulk fcc aluminium: liquids, a vacancy, surfaces,
strains, a stacking fault, grain boundaries, solid beside liquid, other sizes and temperatures.
Two models side by side: `al` as shipped, trained on bulk crystals alone
([al-model.yaml](../recipes/al-model.yaml)), and `al-broad`, the same settings trained on the same
data and on that of [recipes/al-broad](../recipes/al-broad)
([al-broad-model.yaml](../recipes/al-broad-model.yaml)). Made by `python benchmarks/beyond.py run`
and `pages`; the potential is that of `al`, and melts at about 930 K.

Every case has runs and seeds of its own, in cells of the recipes (never their trajectories): two
runs of LAMMPS (2 fs), whose difference is the noise floor, and a third that the strides and the
first states of rollouts are taken from. All are in a Langevin bath of 0.5 ps, at the volume of the
potential itself.
"""

RUNS = """## Rollouts

Differences from the mean of the two runs of LAMMPS, and in brackets the difference of those two.
Energies of model frames are those of the reference's potential. g(r): mean |Δg| over mean g, up to
7 Å or half the cell.
"""

TAIL = ""
"""What falls short is written when it is known."""
