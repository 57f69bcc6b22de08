"""The sections on the kernel and on start-up and size of docs/performance.md."""

from typing import Any

from pages.text import table

KERNEL = """## The kernel

A kick is the gradient of a learned scalar of the neighbourhoods. A kick-drift map without
attention runs in C++ (`src/longstride/kernels/cpp`), in one pass over the atoms. A block is as
many atoms as a register holds numbers, one in every lane of a vector; from the vectors to the
neighbours to the slopes by them everything stays in cache, and no array of edges is ever in memory.
Every instruction set has a module of its own (above); `longstride bench` and reports say which ran.
Without a compiler the package installs all the same, and torch computes.

What made it fast, each measured on one thread at 4,000 atoms, cutoff 6.2 Å, 9 radial functions and
(but for the first) a width of 48, µs per atom and kick:

| step | µs |
| --- | ---: |
| three passes compiled with Numba, with attention, width 96 | 18.3 |
| no attention, C++, atoms in lanes | 1.7 |
| empty slots beyond the cutoff instead of at it (they made denormal numbers) | 1.39 |
| whitening and first layer as one matrix | 1.29 |
| whole vectors of neighbours, moments in registers, no divisions | 0.85 |

- **Why no attention.** It costs more than half of a kick, and maps trained for the same time with
  and without are equally accurate or better without (see [maps](maps.md)).
- **Why the first layer is bounded, not its input.** Bounding the whitened invariants needs their
  144 × 144 matrix (9 functions) forwards and backwards in every kick. Letting the perceptron see
  only the 48 whitened invariants of the largest variance was cheap and bad: what varies little
  matters.
- **Why many functions and a narrow network.** Cost grows with both; the error falls fast with the
  radial functions and hardly with the width (see the Pareto front below): 11 functions and a width
  of 16 are cheaper than 9 and 32, and more accurate.
- **Neighbour lists** have a skin of 3 Å and are made in threads; a hot crystal then keeps one
  list for nanoseconds. Positions are integers on a grid of 2⁻²⁴ Å (double precision: 2⁻³⁶ Å), so
  that sums and differences of them and of lattice vectors are exact: results depend on neither the
  age of the list nor the image an atom is in, bit for bit.
"""

MEANS = """
### Why C++

One kick of `al`, and of the same network with attention, without the making of lists, in every way
there is, in turns: {atoms:,} atoms, {threads} thread(s), µs per atom.

{rows}

Inductor compiles the gradient as one graph and fuses what is elementwise; arrays of edges stay in
memory. Attention, which no shipped model has, is computed by torch.
*`python benchmarks/performance.py means`.*
"""

STARTUP = """## Start-up and size

{startup}

{million}
"""


def kernel_section(means: dict[str, Any] | None) -> str:
    """The kernel, and the ways to compute a kick where they were measured."""
    if means is None:
        return KERNEL
    times = means["us_per_atom_kick"]
    rows = [
        [name, f"{t['median']:.2f}", f"{t['lowest']:.2f} to {t['highest']:.2f}"]
        for name, t in times.items()
    ]
    return KERNEL + MEANS.format(
        atoms=means["atoms"],
        threads=means["threads"],
        rows=table(("network: means", "median", "range"), rows),
    )


def startup_section(startup: dict[str, Any] | None, million: dict[str, Any] | None) -> str:
    """Seconds until something happens, and the largest system that was run."""
    if startup is None and million is None:
        return ""
    lines = {"startup": "", "million": ""}
    if startup is not None:
        seconds = {name: times["median"] for name, times in startup["seconds"].items()}
        refusal = (
            "`longstride run` refuses a temperature off the model's card, which is read without "
            f"torch, {seconds['refusal']:.2f} s; "
            # Earlier results do not have it.
            if "refusal" in seconds
            else ""
        )
        lines["startup"] = (
            f"Fresh processes, medians: `longstride --help` {seconds['help']:.2f} s; {refusal}"
            "imports, model, neighbour list and first stride of 4,000 atoms "
            f"{seconds['first_stride']:.2f} s. *`python benchmarks/performance.py startup`.*"
        )
    if million is not None:
        lines["million"] = "\n".join(
            f"- {run['atoms']:,} atoms: {run['us_per_atom_stride']:.2f} µs per atom and stride, "
            f"{1e-3 * run['peak_rss_mb']:.1f} GB."
            for run in million["runs"]
        )
    return STARTUP.format(**lines)
