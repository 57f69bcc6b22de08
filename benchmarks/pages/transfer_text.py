"""Sentences of docs/transfer.md that no number decides."""

HEAD = """# Training from a model that is there

```console
$ longstride train recipes/metals/model.yaml --data cu.h5 --from {parent} -o cu
```

What is taken over and what is fitted anew, and why:

| part | of a training from a model |
| --- | --- |
| stage times, substeps, kicks, network | the model's; a recipe that contradicts is refused |
| cutoff, innermost radial function | the model's; where the data has other elements, scaled with the edge of an atom's share of the volume, so that the same shells are inside |
| species | as many as the model's; other elements take their places in the list, in order |
| masses | the data's |
| hidden layers, lengths of the drifts | the model's |
| whitening | measured on the new data; ridge read-out and first layer are turned with it, so that the map stays what it was |
| ridge read-out, last layer | their change is fitted in closed form, on two thirds of the windows of the start |
| all of it | stays the model's, where that moves the last third of the windows better |
| learning rate | that from scratch: half and a quarter of it were worse after half a minute on nine segments of copper |
| energy head, guard, residuals | fitted anew at the end, as after any training |

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

- Between potentials the weights of the hidden layers are worth little: the closed-form fit alone
  comes close to what both trainings reach, and takes less data than either. Where potentials differ
  as here, `{parent}` as it is was off by a fifth, so a fit is needed in any case.
- One seed, one budget, one parent: differences of a few percent between the two trainings are not
  told from chance.
- Weights go from so many species to as many. An alloy does not start from a pure metal.
- The cutoff of the model is taken even where another would suit the crystal better; staged maps are
  taken over as they are, with nothing fitted at the start.
"""
