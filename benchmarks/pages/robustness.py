"""docs/robustness.md from the pieces of ``benchmarks/robustness.py``."""

from typing import Any

from pages.load import Results
from pages.text import NOT_MEASURED, measured, table

INTRODUCTION = """# Robustness

What is promised when a command is killed, the disk is full, or a file is not what it says, and how
that is tested. Counts are from `benchmarks/results/robustness/`; this page is written by
`python benchmarks/robustness.py page`.

## What is promised

- **Killed at any moment** (`kill -9`, a crash of the machine's scheduler): every frame up to the
  last restart point is in `OUTPUT.partial`, which opens. `longstride run --resume -o OUTPUT`,
  `longstride train RECIPE -o RUN --resume` and the same `longstride generate` command go on, and
  give the same arrays as an uninterrupted command, to the last bit.
- **Ctrl-C and SIGTERM**: open files are closed, programs that were started are ended, one line says
  how to go on, and the exit code is 130 or 143. Signals of the next ten seconds are ignored, so
  that a second Ctrl-C does not disturb the end.
- **Full disk**: one line that names the file, exit code 2. What was written stays and the work goes
  on once there is room. HDF5 cannot close a file that it failed to write to, and crashes with the
  process, so room for the data and the index is taken (`posix_fallocate`) before it begins.
- **Files of others**: accepted with finite numbers of the right shapes, or refused in one line. No
  code of a file is run, none waits for a pipe or a device, none takes memory out of proportion to
  its size, and no output is left that looks whole.
"""

LIMITS = """## Limits

- Power failure: restart points and checkpoints are brought to the disk before they get their names;
  frames since the last of them are not promised.
- Bits are the same on the same machine with the same versions and as many threads.
- `run` loses the strides since its last restart point (100 strides) and repeats them; `train` the
  steps since its last checkpoint; `generate` the runs that were at work.
- The engine `ase` of a recipe of `generate` imports the calculator that the recipe names: a recipe
  of that kind is code that you trust.
- A damaged number that is still a number cannot be told: a trajectory has no checksum of its own.
- Structures are read in the formats listed in `trajectory/structure.py`; others are refused, as
  some of ASE's readers wait for a line that never comes.
- Gzipped trajectories that unpack to more than fifty times their size are refused; YAML ends at
  256 kB, JSON at 64 MB; aliases count as what they stand for.
- HDF5's own code is fed damaged files in the same process. The campaign saw no crash of it; it
  proves none.
"""


def text(results: Results) -> str:
    """The page."""
    parts = [INTRODUCTION, _kills(results), _fuzz(results), _memory(results), _gate(), LIMITS]
    return "\n".join(part.strip("\n") + "\n" for part in parts)


def _kills(results: Results) -> str:
    pieces = sorted(results.of("kills"), key=lambda piece: piece["job"])
    if not pieces:
        return f"## Kills\n\n{NOT_MEASURED}"
    rows = []
    for piece in pieces:
        result = piece["result"]
        left = ", ".join(f"{count} {what}" for what, count in result["left"].items())
        rows.append(
            [
                result["job"],
                str(piece["seed"]),
                f"{result['seconds_uninterrupted']:.1f}",
                str(result["kills"]),
                left,
                str(result["results_compared"]),
                str(len(result["failures"])),
            ]
        )
    header = ["job", "seed", "s", "kills", "left behind", "results compared", "different or stuck"]
    return f"""## Kills

`kill -9` at moments drawn uniformly over the time of the uninterrupted command, start-up and the
very end included; half of the kills hit the command alone, half all that it had started. What is
left is checked, the command goes on, and may be killed again, up to four times. Then every dataset,
record, weight and text file is compared with that of an uninterrupted command.

{table(header, rows)}

*`python benchmarks/robustness.py kills --job all --count 50 --seed 1`*
"""


def _fuzz(results: Results) -> str:
    pieces = sorted(results.of("fuzz"), key=lambda piece: piece["reader"])
    if not pieces:
        return f"## Hostile files\n\n{NOT_MEASURED}"
    rows = [_fuzz_row(piece) for piece in pieces]
    header = ["reader", "seed", "inputs", "accepted, sane", "refused", "violations", "slowest, s"]
    return f"""## Hostile files

Valid files of every kind are mutated: cut, bits flipped, blocks moved, numbers replaced by NaN,
infinity, or counts of 10^12 atoms, lines lost or doubled; links out of HDF5 files, loops of them,
datasets that declare terabytes, compressed bombs; headers of safetensors and NumPy that lie; YAML
that multiplies or nests without end; names that lead to pipes and devices. Each input has 30 s; a
process may grow by 1 GiB, and may neither start programs, nor unpickle, nor write elsewhere.

{table(header, rows)}

The time is that of reading one input, on a machine that was busy with other work (in the pieces of
the first runs the making of the input counts too). `relaxed-cell` is a cache: what is damaged is
made anew.

*`python benchmarks/robustness.py fuzz --reader all --count 10000 --seed 1`*
"""


def _fuzz_row(piece: dict[str, Any]) -> list[str]:
    result = piece["result"]
    outcomes = dict(result["outcomes"])
    fine = [outcomes.pop("accepted", 0), outcomes.pop("refused", 0)]
    bad = ", ".join(f"{count} {kind}" for kind, count in outcomes.items()) or "0"
    numbers = [str(piece["seed"]), f"{result['inputs']:,}", *(f"{count:,}" for count in fine)]
    return [piece["reader"], *numbers, bad, f"{result['slowest_input_seconds']:.1f}"]


def _memory(results: Results) -> str:
    pieces = sorted(results.of("memory"), key=lambda piece: piece["every"])
    if not pieces:
        return f"## Memory of a long run\n\n{NOT_MEASURED}"
    result = pieces[0]["result"]
    rows = [_memory_row(piece["result"]) for piece in pieces]
    header = [
        "a frame every",
        "half way, MiB",
        "at the end, MiB",
        "KiB in 1,000 strides",
        "per frame",
    ]
    return f"""## Memory of a long run

`longstride run` of {result["atoms"]} atoms of `{pieces[0]["model"]}` in a Langevin bath,
{result["strides"]:,} strides: resident size, and its slope over the second half. What grows is the
index of the frames. HDF5 is kept from writing it between two flushes, so that a killed program
leaves a file that opens, and holds it in memory until the file is closed.

{table(header, rows)}

*`python benchmarks/robustness.py memory --strides {result["strides"]} --every N`*
"""


def _memory_row(result: dict[str, Any]) -> list[str]:
    sizes, every = result["resident_mib"], result["frames_every"]
    slope, error = result["slope_kib_per_1000_strides"], result["slope_error"]
    frames = 1000 / every
    return [
        f"{every:,} strides",
        f"{sizes[len(sizes) // 2]:.1f}",
        f"{sizes[-1]:.1f}",
        measured(slope, error),
        f"{measured(1024 * slope / frames, 1024 * error / frames)} B",
    ]


def _gate() -> str:
    return """## In the tests

`tests/robustness/` draws some hundred of the same mutations for every reader, the same ones every
time; fills a disk by a limit on the size of files, for trajectories, runs, imports, models and text
files; and kills a rollout twice. `tests/training` and `tests/reference` kill the other commands,
`tests/cli/test_interruption.py` stops every long one by either signal.
"""
