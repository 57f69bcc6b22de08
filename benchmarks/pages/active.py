"""docs/active.md, from benchmarks/results/active alone."""

from pathlib import Path

from longstride.files import write_text
from pages.load import Piece, Results
from pages.text import NOT_MEASURED, table

HEAD = """# Training that finds its own data

```console
$ longstride train RECIPE.yaml --active 3 -o RUN
```

trains, rolls the model out, lets its [guard](guard.md) pick the frames that are outside of the
data, has the engine that made the data cross them (short runs at constant energy), and trains on
from the last weights with what came out beside the data; three times over. What a round found and
the errors before and after it are printed and kept in `RUN/active.json`, the labels in
`RUN/active-K.h5`, every training in `RUN/round-K`, the last model in `RUN/model`. `--resume`
repeats nothing that is finished.

The section `active` of a recipe says where to look
([`active_config.py`](../src/longstride/training/active_config.py)):

| key | meaning | default |
| --- | --- | --- |
| `temperatures` | of the rollouts, K | the regime's, and 1.15 times the highest |
| `strains` | of the cells that they start in | 0 |
| `time` | of a rollout, fs | 3000 |
| `frames` | labelled in a round, at most | 24 |
| `segment_length` | of the reference's run from each, fs | 300 |
| `seed` | of starting frames and baths | 0 |

Rollouts start from frames of the training data at the nearest temperature. Frames are kept 240 fs
apart, those first that came first in their rollout; what is more than five limits out is left, as
a frame that mechanics would not make. A quarter of the new segments joins the validation part, so
that the guard is calibrated on them. The budget is that of every round. The data must come from
`longstride generate`, whose files record their engine, and the potential must be the same file.

## What the guard's choice is worth
"""

MEASURED = """`python benchmarks/active.py run`: a model with the settings of `al-fast`, trained for
{first:g} minutes of processor time on {cold} (four segments of two runs each), rolled out at
{hot} K, cells at rest and stretched by 2 %. {frames} frames chosen by the guard, and as many drawn
at random out of the same rollouts, are labelled and trained on for {second:g} minutes each.
"""

BELOW = """
Errors are those after one stride of 60 fs, relative, on frames that none of the models was trained
or validated on; alarms are looks that found an atom outside, one a stride, in rollouts at 900 K
from six frames of the reference, by the limits of each model's own guard.
"""

TAIL = """## What falls short

- The choice matters little here: most of the gain comes from rolling out where the data is not,
  and random frames of those rollouts have it, too. One seed of everything, so no error bar.
- Limits for the new conditions are calibrated on the held-out quarter of few, short segments, so
  they are rougher than those of a model trained on long runs; the rate that the guard states for
  them is not tested here.
- Frames are chosen by novelty alone: nothing keeps two of them from being alike.
- With `data.split.by: time`, the last part of every new run is held out in place of a quarter.
- ASE calculators are taken from a data file only where they are ASE's own, since a calculator is
  code.
"""

ROWS = {"before": "before", "random": "random frames", "guard": "frames of the guard"}


def write(results: Path, docs: Path) -> Path:
    """Write the page; returns its path."""
    found = Results.read(results)
    parts = [HEAD]
    for piece in found.of("active"):
        parts += _measured(piece)
    if len(parts) == 1:
        parts.append(NOT_MEASURED)
    parts += [*found.provenance("active"), TAIL]
    path = docs / "active.md"
    write_text(path, "\n\n".join(part.strip("\n") for part in parts) + "\n")
    return path


def _measured(piece: Piece) -> list[str]:
    """Sentences and the table of the comparison."""
    settings, result = piece["settings"], piece["result"]
    head = MEASURED.format(
        first=settings["minutes"][0],
        second=settings["minutes"][1],
        cold="aluminium at 250 to 600 K",
        hot=", ".join(f"{t:g}" for t in settings["temperatures"]),
        frames=result["guard"]["frames"],
    )
    sets = list(result["before"]["errors"])
    header = [
        "trained on",
        "frames outside",
        *(f"{name}, d / w %" for name in sets),
        "alarms at 900 K",
        "broke down",
    ]
    told = (
        f"{result['flagged']} of {result['looks']} looks of the rollouts were outside. By the "
        f"temperature of their rollout the guard chose {_spread(result['guard'])}, chance "
        f"{_spread(result['random'])}."
    )
    rows = [_row(kind, result, sets) for kind in ROWS]
    return [head, told, table(header, rows), BELOW]


def _spread(choice: Piece) -> str:
    return ", ".join(f"{count} at {t} K" for t, count in choice["temperatures"].items())


def _row(kind: str, result: Piece, sets: list[str]) -> list[str]:
    own = result[kind]
    errors = [own["errors"][name] for name in sets]
    cells = [f"{100 * e['d']:.2f} / {100 * e['w']:.2f}" for e in errors]
    alarms = own["alarms"]
    outside = "–" if kind == "before" else f"{own['outside']} of {own['frames']}"
    return [
        ROWS[kind],
        outside,
        *cells,
        f"{alarms['outside']} of {alarms['looks']}",
        str(alarms["broke"]),
    ]
