"""Sentences of docs/transfer.md that no number decides."""

HEAD = """# Training from a model that is there

```console
$ longstride train recipes/metals/model.yaml --data cu.h5 --from {parent} -o cu
```

What becomes of the parts of a model:

- Stage times, substeps, kicks and network are the model's; a recipe that contradicts is refused.
- Cutoff and innermost radial function, too. Where the data has other elements, both are scaled with
  the edge of an atom's share of the volume, so that the same shells are inside.
- Species are as many as the model's; other elements take their places in the list, in order, with
  the masses of the data.
- Hidden layers and the lengths of the drifts are the model's.
- Whitening is measured on the new data; ridge read-out and first layer are turned with it, and the
  sums of the first layer keep the mean and the spread that they had on the model's own data. Else
  many are beyond their bound, where nothing behind them learns.
- The change of the ridge read-out and of the last layer is fitted in closed form, on two thirds of
  the windows of the start. Where the model as it was moves the last third better, it stays.
- The learning rate is that from scratch; a recipe may give another.
- Energy head, guard and residuals are fitted anew at the end, as after any training.

## Learning curves

`python benchmarks/transfer.py run`: trainings on a few segments of 0.6 ps, 256 atoms, with the same
budget of {minutes:g} minutes of processor time and the closed-form fits on {windows} windows, from
scratch with the settings that the other takes over, and from `{parent}`. Errors after one stride of
60 fs, relative, root mean squares over three temperatures of runs that were not trained on. *Ridge*
is the closed-form solution alone, *start* the model with its read-outs fitted, before any step of
training; its errors are those of fewer windows. At this budget training evaluates at its two ends
only, so hardly anything is chosen by the held-out runs.
"""

SECTION = "### {title}"

TAIL = """## What falls short

- In `{parent}` itself, all that training added to the closed-form solution was a quarter to a half
  of its error (see its card); more than that no start can bring along.
- Smaller learning rates were only tried by hand: no study of them is kept.
- Between potentials the weights of the hidden layers are worth little or nothing at this budget:
  most is done by the closed-form fit, which a training from scratch has too. What `--from` saves is
  the choice of the map and, where little changes between the data sets, as from round to round of
  [active training](active.md), what the model knows already.
- The script offers 2, 8, 32 and 128 segments; what is not in the tables is not measured yet.
- One seed, one budget, one parent: differences of a few percent between the two trainings are not
  told from chance.
- Weights go from so many species to as many. An alloy does not start from a pure metal.
- The cutoff of the model is taken even where another would suit the crystal better; staged maps are
  taken over as they are, with nothing fitted at the start.
"""
